import type { ContainerClock } from "../host.js";

/**
 * When a batch goes: with so many items or bytes, or so long after its first item, unless enough are under way: then it waits
 * for one of them. So batches grow where the service is slow, and what it costs an event falls.
 */
export interface BatchBounds {
  /** Batches under way. */
  readonly flightsMax: number;
  readonly itemsMax: number;
  readonly bytesMax: number;
  readonly waitMs: number;
}

/** Of one item of a batch: its answer, or why it has none. */
export type Settled<Answer> = { readonly answer: Answer } | { readonly failure: unknown };

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (reason: unknown) => void;
}

/** A reason made once: `abort()` alone makes an exception with its stack. */
const GONE = new Error("the batch has gone");

/** Coalesces calls that come together into one. How many items wait is bounded by whoever adds them. */
export class Batcher<Item, Answer> {
  readonly #bounds: BatchBounds;
  readonly #clock: ContainerClock;
  readonly #send: (items: readonly Item[]) => Promise<readonly Settled<Answer>[]>;
  #waiting: Waiting<Item, Answer>[] = [];
  /** When the first of those came. */
  #sinceMs = 0;
  #bytes = 0;
  #flights = 0;
  #timer: AbortController | undefined;

  /** @param send answers for each item, in order; when it throws, that is the answer of all. */
  constructor(
    bounds: BatchBounds,
    clock: ContainerClock,
    send: (items: readonly Item[]) => Promise<readonly Settled<Answer>[]>,
  ) {
    this.#bounds = bounds;
    this.#clock = clock;
    this.#send = send;
  }

  /** Resolves when the batch that the item went with was answered. @param bytes of the item, about. */
  add(item: Item, bytes: number): Promise<Answer> {
    if (this.#bytes + bytes > this.#bounds.bytesMax) this.flush();
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#sinceMs = this.#clock.now();
      this.#waiting.push({ item, resolve, reject });
      this.#bytes += bytes;
      if (this.#waiting.length >= this.#bounds.itemsMax) this.flush();
      else this.#goInTime();
    });
  }

  /** Sends what waits, now. */
  flush(): void {
    this.#timer?.abort(GONE);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const batch = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    this.#flights += 1;
    this.#send(batch.map(({ item }) => item)).then(
      (answers) => {
        this.#landed();
        for (const [index, { resolve, reject }] of batch.entries()) {
          const settled = answers[index];
          if (settled === undefined) reject(new Error("The batch was answered without this item."));
          else if ("answer" in settled) resolve(settled.answer);
          else reject(settled.failure);
        }
      },
      (thrown: unknown) => {
        this.#landed();
        for (const { reject } of batch) reject(thrown);
      },
    );
  }

  #landed(): void {
    this.#flights -= 1;
    this.#goInTime();
  }

  /** Sends what waits once it has waited long enough; whoever landed makes room for companions that are still to come. */
  #goInTime(): void {
    if (this.#timer || this.#waiting.length === 0 || this.#flights >= this.#bounds.flightsMax) return;
    const leftMs = this.#sinceMs + this.#bounds.waitMs - this.#clock.now();
    if (leftMs <= 0) {
      this.flush();
      return;
    }
    const timer = new AbortController();
    this.#timer = timer;
    this.#clock.sleep(leftMs, timer.signal).then(
      () => this.flush(),
      () => undefined,
    );
  }
}
