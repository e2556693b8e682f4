import { ActivateError } from "../../cloud/errors.js";
import type { Row } from "../../cloud/rows.js";
import { type VersionRecord, versionRecord } from "../../cloud/versionRecord.js";
import type { ContainerClock } from "../host.js";
import type { Versions } from "./predictor.js";

/** A threshold that is changed is noticed within a minute. */
const KEPT_MS = 60_000;
/** A version that nobody knows is looked for once a second, however many purchases wait for it. */
const MISSING_MS = 1_000;

/** Table `model_version`, read whole and kept for a minute. */
export class VersionTable implements Versions {
  readonly #read: () => Promise<readonly Row[]>;
  readonly #clock: ContainerClock;
  #rows: Promise<readonly Row[]> | undefined;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #records = new Map<string, VersionRecord>();

  constructor(read: () => Promise<readonly Row[]>, clock: ContainerClock) {
    this.#read = read;
    this.#clock = clock;
  }

  async get(modelId: string, version: string): Promise<VersionRecord> {
    const known = this.#records.get(`${modelId}@${version}`);
    const age = this.#clock.now() - this.#readAtMs;
    if (known && age < KEPT_MS) return known;
    const rows = await this.#refresh(age);
    const row = rows.find((one) => one.registry_model === modelId && one.version === version);
    if (row === undefined) {
      throw new ActivateError(
        "NOT_FOUND",
        `Table model_version has no row for version ${version} of ${modelId}, so its threshold is not known. Notebook 01 writes it.`,
        "NOT_FOUND",
      );
    }
    const record = versionRecord(row);
    this.#records.set(`${modelId}@${version}`, record);
    return record;
  }

  #refresh(ageMs: number): Promise<readonly Row[]> {
    if (this.#rows && ageMs < MISSING_MS) return this.#rows;
    this.#readAtMs = this.#clock.now();
    this.#records = new Map();
    const rows = this.#read();
    this.#rows = rows;
    rows.catch(() => {
      if (this.#rows !== rows) return;
      this.#rows = undefined;
      this.#readAtMs = Number.NEGATIVE_INFINITY;
    });
    return rows;
  }
}
