import type { Clock } from "../platform/clock.js";

/** One alarm that can be set earlier or later; by the injected clock. */
export class Timer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs: number | undefined;
  #sleeping: AbortController | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once at `atMs`; undefined: not at all. What was set before is forgotten. */
  set(atMs: number | undefined): void {
    if (atMs === this.#atMs) return;
    this.cancel();
    if (atMs === undefined) return;
    this.#atMs = atMs;
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    this.#clock.sleep(Math.max(0, atMs - this.#clock.now()), sleeping.signal).then(
      () => {
        if (this.#sleeping !== sleeping) return;
        this.#atMs = undefined;
        this.#sleeping = undefined;
        this.#ring();
      },
      () => undefined,
    );
  }

  /** Rings at `atMs` at the latest. */
  setNoLater(atMs: number): void {
    if (this.#atMs === undefined || atMs < this.#atMs) this.set(atMs);
  }

  cancel(): void {
    this.#sleeping?.abort();
    this.#sleeping = undefined;
    this.#atMs = undefined;
  }
}
