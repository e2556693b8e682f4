import { RETENTION_SECONDS_MAX } from "./limits.js";

/** Retention is kept to this precision. */
const STEP_MS = 10_000;

/** Which messages were published when, roughly: one note in ten seconds in which something was published. */
export class Timeline {
  #notes: { readonly sequence: number; readonly atMs: number }[] = [];

  note(sequence: number, atMs: number): void {
    const last = this.#notes.at(-1);
    if (last && atMs < last.atMs + STEP_MS) return;
    this.#notes.push({ sequence, atMs });
  }

  /** The last message that is certain to have been published before `atMs`; 0 for none. */
  through(atMs: number): number {
    let low = 0;
    let high = this.#notes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#notes[middle]?.atMs ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return this.#notes[low - 1]?.sequence ?? 0;
  }

  prune(nowMs: number): void {
    const oldestMs = nowMs - 1000 * RETENTION_SECONDS_MAX - STEP_MS;
    const first = this.#notes.findIndex(({ atMs }) => atMs >= oldestMs);
    // The last old one still says what is older.
    if (first > 1) this.#notes = this.#notes.slice(first - 1);
  }
}
