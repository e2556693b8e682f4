import type { Clock } from "../platform/clock.js";
import { INSERT_ID_MEMORY_MS } from "./limits.js";

/** The insertIds of the last minute, by physical table; forgotten after it, as the service does (contracts 2.8). */
export class StreamedIds {
  readonly #clock: Clock;
  /** In order of insertion, so the oldest are first. */
  readonly #seen = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Was a row with this id put into the table within the last minute? */
  has(physicalName: string, insertId: string): boolean {
    this.#forget();
    return this.#seen.has(`${physicalName}\0${insertId}`);
  }

  add(physicalName: string, insertIds: Iterable<string>): void {
    const now = this.#clock.now();
    for (const insertId of insertIds) this.#seen.set(`${physicalName}\0${insertId}`, now);
  }

  #forget(): void {
    const limit = this.#clock.now() - INSERT_ID_MEMORY_MS;
    for (const [key, at] of this.#seen) {
      if (at > limit) break;
      this.#seen.delete(key);
    }
  }
}
