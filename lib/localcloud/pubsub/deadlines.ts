import { Heap } from "./heap.js";

/** Width of a bucket: a deadline is told at most this much too late, and many are told at once. */
const BUCKET_MS = 20;

interface Bucket<Item> {
  readonly index: number;
  readonly items: Set<Item>;
}

/** Deadlines that mostly are moved or cancelled before they come: both take constant time and leave nothing behind. */
export class Deadlines<Item extends { dueMs: number }> {
  readonly #buckets = new Map<number, Bucket<Item>>();
  /** Indexes of buckets, some of which are gone. */
  readonly #order = new Heap<number>((a, b) => a - b);

  set(item: Item, dueMs: number): void {
    this.cancel(item);
    item.dueMs = dueMs;
    const index = Math.floor(dueMs / BUCKET_MS);
    let bucket = this.#buckets.get(index);
    if (!bucket) {
      bucket = { index, items: new Set() };
      this.#buckets.set(index, bucket);
      this.#order.push(index);
    }
    bucket.items.add(item);
  }

  cancel(item: Item): void {
    if (item.dueMs === 0) return;
    const index = Math.floor(item.dueMs / BUCKET_MS);
    const bucket = this.#buckets.get(index);
    bucket?.items.delete(item);
    if (bucket?.items.size === 0) this.#buckets.delete(index);
    item.dueMs = 0;
  }

  /** What has become due, its deadline cleared. */
  takeDue(nowMs: number): Item[] {
    const due: Item[] = [];
    for (;;) {
      const bucket = this.#first();
      if (!bucket || bucket.index * BUCKET_MS > nowMs) return due;
      const before = due.length;
      for (const item of bucket.items) if (item.dueMs <= nowMs) due.push(item);
      for (let index = before; index < due.length; index++) this.cancel(due[index] as Item);
      if (this.#buckets.has(bucket.index)) return due;
    }
  }

  /** When to ask next; undefined for never. */
  get nextMs(): number | undefined {
    const bucket = this.#first();
    return bucket && (bucket.index + 1) * BUCKET_MS;
  }

  clear(): void {
    for (const bucket of this.#buckets.values()) for (const item of bucket.items) item.dueMs = 0;
    this.#buckets.clear();
    this.#order.clear();
  }

  #first(): Bucket<Item> | undefined {
    for (;;) {
      const index = this.#order.peek();
      if (index === undefined) return undefined;
      const bucket = this.#buckets.get(index);
      if (bucket) return bucket;
      this.#order.pop();
    }
  }
}
