import type { PubsubStore } from "./store.js";

/** So many are set aside at once: one write a million messages. */
const BLOCK = 1_000_000;

/**
 * Rising numbers that are never given twice, also after a crash: a block is set aside on disk before its first number is
 * used, in the transaction of the message that uses it. The first of all comes from the time, so that a cloud that was reset does not repeat
 * the message IDs that its tables may still hold.
 */
export class Sequences {
  readonly #store: PubsubStore;
  #next: number;
  #reserved: number;

  constructor(store: PubsubStore, nowMs: number) {
    this.#store = store;
    this.#reserved = store.resource<number>("counter", "sequence") ?? Math.trunc(nowMs) * 1000;
    this.#next = this.#reserved + 1;
  }

  next(): number {
    const sequence = this.#next++;
    if (sequence > this.#reserved) {
      this.#reserved += BLOCK;
      this.#store.putResource("counter", "sequence", this.#reserved);
    }
    return sequence;
  }
}

/** Seventeen digits, as production's. */
export function messageIdOf(sequence: number): string {
  return `1${String(sequence).padStart(16, "0")}`;
}
