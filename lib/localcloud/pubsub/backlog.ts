/** Consumed prefixes shorter than this are not worth a copy. */
const COMPACT_MIN = 4096;

/** Sequences of messages not delivered yet, rising; eight bytes a message. */
export class Backlog {
  #items: number[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  get first(): number | undefined {
    return this.#items[this.#head];
  }

  get last(): number | undefined {
    return this.size === 0 ? undefined : this.#items.at(-1);
  }

  /** `sequence` is larger than `last`. */
  push(sequence: number): void {
    this.#items.push(sequence);
  }

  shift(): number | undefined {
    const first = this.first;
    if (first === undefined) return undefined;
    this.#head += 1;
    if (this.#head >= COMPACT_MIN && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }

  has(sequence: number): boolean {
    let low = this.#head;
    let high = this.#items.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#items[middle] ?? 0) < sequence) low = middle + 1;
      else high = middle;
    }
    return this.#items[low] === sequence;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let index = this.#head; index < this.#items.length; index++) yield this.#items[index] as number;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
