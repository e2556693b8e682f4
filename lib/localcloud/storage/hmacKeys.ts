import { randomBytes } from "node:crypto";
import type { Clock } from "../platform/clock.js";
import type { DocumentStore } from "../platform/store.js";
import { invalid, notFound } from "./errors.js";

const COLLECTION = "storage/hmacKeys";

/** An HMAC key of a service account (docs.cloud.google.com/storage/docs/authentication/hmackeys); times in ms. */
export interface HmacKeyRecord {
  readonly accessId: string;
  readonly secret: string;
  readonly projectId: string;
  readonly serviceAccountEmail: string;
  readonly state: string;
  readonly revision: number;
  readonly timeCreated: number;
  readonly updated: number;
}

export class HmacKeys {
  readonly #store: DocumentStore;
  readonly #clock: Clock;

  constructor(store: DocumentStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async create(projectId: string, serviceAccountEmail: string): Promise<HmacKeyRecord> {
    const now = this.#clock.now();
    const record: HmacKeyRecord = {
      accessId: `GOOG1E${base32(randomBytes(34)).slice(0, 55)}`,
      secret: randomBytes(30).toString("base64"),
      projectId,
      serviceAccountEmail,
      state: "ACTIVE",
      revision: 1,
      timeCreated: now,
      updated: now,
    };
    await this.#put(record);
    return record;
  }

  /** @throws CloudError notFound */
  get(projectId: string, accessId: string): HmacKeyRecord {
    const found = this.#store.get<HmacKeyRecord>(COLLECTION, accessId);
    if (!found || found.projectId !== projectId) throw notFound();
    return found;
  }

  list(projectId: string): readonly HmacKeyRecord[] {
    return this.#store
      .list<HmacKeyRecord>(COLLECTION)
      .map(({ value }) => value)
      .filter((record) => record.projectId === projectId);
  }

  /** @throws CloudError invalid for a state that cannot follow */
  async setState(record: HmacKeyRecord, state: string): Promise<HmacKeyRecord> {
    if (record.state === "DELETED") throw invalid("Cannot change the state of a deleted HMAC key.");
    if (state === "DELETED" && record.state === "ACTIVE") {
      throw invalid("Cannot delete key in 'ACTIVE' state.");
    }
    if (!["ACTIVE", "INACTIVE", "DELETED"].includes(state)) throw invalid(`Invalid state: '${state}'`);
    const after = { ...record, state, revision: record.revision + 1, updated: this.#clock.now() };
    await this.#put(after);
    return after;
  }

  async #put(record: HmacKeyRecord): Promise<void> {
    await this.#store.write([{ collection: COLLECTION, key: record.accessId, value: record }]);
  }
}

function base32(bytes: Uint8Array): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return [...bytes].map((byte) => `${alphabet[byte >> 3]}${alphabet[byte & 31]}`).join("");
}
