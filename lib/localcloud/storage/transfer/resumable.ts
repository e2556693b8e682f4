import { randomBytes } from "node:crypto";
import { constants, createReadStream, mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Clock } from "../../platform/clock.js";
import { CloudError } from "../../platform/errors.js";
import { Mutex } from "../../platform/mutex.js";
import type { DocumentStore } from "../../platform/store.js";
import { syncFolder, writeAll } from "../blobs.js";
import { Hasher } from "../checksums.js";
import { invalid } from "../errors.js";
import { UPLOAD_SESSION_MS, UPLOAD_STEP_BYTES } from "../limits.js";
import type { Announced } from "./newObject.js";

const COLLECTION = "storage/uploads";

/** A resumable session as it is kept (contracts 5.3): it lives a week, through restarts. */
export interface SessionRecord {
  readonly id: string;
  readonly announced: Announced;
  /** Bytes of the whole, where the opening said so. */
  readonly total?: number;
  readonly opened: number;
  readonly end?: "cancelled" | "refused" | { readonly generation: string };
}

/** The bytes of a session so far. */
interface Progress {
  readonly mutex: Mutex;
  hasher: Hasher;
  /** Ends a request that still sends on this session when a newer one comes. */
  interrupt: (() => void) | undefined;
}

/** What a request of a session brings; undefined `first`: nothing but the question how far it is. */
export interface Piece {
  readonly first?: number;
  /** Last byte's position; undefined: the piece goes to the end of the body. */
  readonly last?: number;
  /** Bytes of the whole; undefined: not said yet. */
  readonly total?: number;
  /** The end of the body is the end of the object. */
  readonly open: boolean;
}

export class Sessions {
  readonly #folder: string;
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #progress = new Map<string, Progress>();

  constructor(folder: string, store: DocumentStore, clock: Clock) {
    this.#folder = folder;
    this.#store = store;
    this.#clock = clock;
    mkdirSync(folder, { recursive: true });
  }

  /** Removes what a crash has left: files that no session names. To be called before there are requests. */
  sweepFiles(): void {
    const named = new Set(
      this.#store
        .list<SessionRecord>(COLLECTION)
        .filter(({ value }) => !value.end)
        .map(({ key }) => key),
    );
    for (const name of readdirSync(this.#folder)) {
      if (!named.has(name)) rmSync(join(this.#folder, name), { force: true });
    }
  }

  /** Forgets sessions whose week is over. */
  async expire(): Promise<void> {
    const limit = this.#clock.now() - UPLOAD_SESSION_MS;
    const all = this.#store.list<SessionRecord>(COLLECTION);
    const old = all.filter(({ value }) => value.opened <= limit);
    if (old.length > 0) {
      await this.#store.write(old.map(({ key }) => ({ collection: COLLECTION, key, value: undefined })));
    }
    for (const { key } of old) {
      this.#progress.delete(key);
      await rm(this.#path(key), { force: true });
    }
  }

  async begin(announced: Announced, total: number | undefined): Promise<SessionRecord> {
    const id = randomBytes(32).toString("base64url");
    const record = { id, announced, ...(total === undefined ? {} : { total }), opened: this.#clock.now() };
    await this.#store.write([{ collection: COLLECTION, key: id, value: record }]);
    return record;
  }

  /** @throws CloudError NOT_FOUND, CANCELLED */
  find(id: string): SessionRecord {
    const record = this.#store.get<SessionRecord>(COLLECTION, id);
    if (!record || record.opened <= this.#clock.now() - UPLOAD_SESSION_MS) {
      throw new CloudError("NOT_FOUND", "Upload session not found: it has expired or never began.", {
        reason: "notFound",
      });
    }
    if (record.end === "cancelled") {
      throw new CloudError("CANCELLED", "The upload was cancelled.", { reason: "clientClosedRequest" });
    }
    if (record.end === "refused") {
      throw new CloudError("NOT_FOUND", "The upload session has ended: its object was refused.", {
        reason: "gone",
        httpStatus: 410,
      });
    }
    return record;
  }

  /** Ends a session: what is sent to it afterwards is answered without its bytes. */
  async end(record: SessionRecord, end: NonNullable<SessionRecord["end"]>): Promise<void> {
    await this.#store.write([{ collection: COLLECTION, key: record.id, value: { ...record, end } }]);
    this.#progress.get(record.id)?.interrupt?.();
    this.#progress.delete(record.id);
    await rm(this.#path(record.id), { force: true });
  }

  /** One request at a time has the session; a newer one breaks the older off, whose client has given up on it. */
  async take<T>(record: SessionRecord, body: { destroy(): unknown }, task: (upload: Upload) => Promise<T>): Promise<T> {
    const progress = this.#progress.get(record.id) ?? {
      mutex: new Mutex(),
      hasher: new Hasher(),
      interrupt: undefined,
    };
    const isNew = !this.#progress.has(record.id);
    this.#progress.set(record.id, progress);
    progress.interrupt?.();
    const interrupt = (): void => void body.destroy();
    progress.interrupt = interrupt;
    return progress.mutex.run(async () => {
      if (isNew) progress.hasher = await rehash(this.#path(record.id));
      try {
        return await task(new Upload(this.#path(record.id), progress));
      } finally {
        if (progress.interrupt === interrupt) progress.interrupt = undefined;
      }
    });
  }

  #path(id: string): string {
    return join(this.#folder, id);
  }
}

/** What a crash has left of a session's file counts in whole steps. */
async function rehash(path: string): Promise<Hasher> {
  const hasher = new Hasher();
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const kept = size - (size % UPLOAD_STEP_BYTES);
  if (kept > 0) for await (const part of createReadStream(path, { end: kept - 1 })) hasher.update(part as Buffer);
  return hasher;
}

/** A session's file while one request has it. */
export class Upload {
  readonly path: string;
  readonly #progress: Progress;

  constructor(path: string, progress: Progress) {
    this.path = path;
    this.#progress = progress;
  }

  /** Bytes that are kept, from the beginning on. */
  get received(): number {
    return this.#progress.hasher.bytes;
  }

  digest() {
    return this.#progress.hasher.digest();
  }

  /**
   * Appends a body's bytes, of which the first stands at `first`; those that are there already are passed over. A body
   * that breaks off leaves what arrived in whole steps.
   * @param max the piece must not be longer.
   * @returns how long the body was.
   * @throws whatever broke the body off; CloudError when it is too long
   */
  async append(body: AsyncIterable<Uint8Array>, first: number, max: number): Promise<number> {
    const file = await this.#open();
    const work = this.#progress.hasher.copy();
    let kept = work.copy();
    let bytes = 0;
    try {
      let skip = this.received - first;
      for await (const part of body) {
        bytes += part.length;
        if (bytes > max)
          throw invalid(
            `Invalid request. There were more than the ${max} byte(s) that the Content-Range header says in the request body.`,
          );
        const fresh = part.subarray(Math.min(skip, part.length));
        skip -= part.length - fresh.length;
        kept = (await write(file, fresh, work)) ?? kept;
      }
      await file.sync();
      this.#progress.hasher = work;
    } catch (thrown) {
      await file.sync();
      this.#progress.hasher = kept;
      throw thrown;
    } finally {
      await file.close();
    }
    return bytes;
  }

  /** Makes the file with the first bytes; its name must survive a crash as they do. */
  async #open(): Promise<FileHandle> {
    const file = await open(this.path, constants.O_RDWR | constants.O_CREAT);
    if (this.received === 0) await syncFolder(dirname(this.path));
    return file;
  }

  async truncate(): Promise<void> {
    const file = await this.#open();
    try {
      await file.truncate(this.received);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}

/** Writes and hashes; answers the state at the last whole step that lies in the part, if one does. */
async function write(file: FileHandle, part: Uint8Array, hasher: Hasher): Promise<Hasher | undefined> {
  await writeAll(file, part, hasher.bytes);
  const end = hasher.bytes + part.length;
  const step = end - (end % UPLOAD_STEP_BYTES);
  const inside = step - hasher.bytes;
  if (inside <= 0) {
    hasher.update(part);
    return undefined;
  }
  hasher.update(part.subarray(0, inside));
  const kept = hasher.copy();
  hasher.update(part.subarray(inside));
  return kept;
}
