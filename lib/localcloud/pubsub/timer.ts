import type { Clock } from "../platform/clock.js";

/** A reason made once: `abort()` alone makes an exception with its stack. */
const CALLED_OFF = new Error("called off");

/**
 * One alarm that can be set earlier or later; by the injected clock. Most are set later and later, with each message: then
 * the sleep that runs goes on, and the rest is slept after it.
 */
export class Timer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #atMs: number | undefined;
  #sleeping: AbortController | undefined;
  /** When the sleep that runs is over. */
  #wakesAtMs = 0;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings once at `atMs`; undefined: not at all. What was set before is forgotten. */
  set(atMs: number | undefined): void {
    if (atMs === undefined) {
      this.cancel();
      return;
    }
    this.#atMs = atMs;
    if (this.#sleeping && this.#wakesAtMs <= atMs) return;
    this.#sleeping?.abort(CALLED_OFF);
    this.#sleep(atMs);
  }

  /** Rings at `atMs` at the latest. */
  setNoLater(atMs: number): void {
    if (this.#atMs === undefined || atMs < this.#atMs) this.set(atMs);
  }

  cancel(): void {
    this.#sleeping?.abort(CALLED_OFF);
    this.#sleeping = undefined;
    this.#atMs = undefined;
  }

  #sleep(untilMs: number): void {
    const sleeping = new AbortController();
    this.#sleeping = sleeping;
    this.#wakesAtMs = untilMs;
    this.#clock.sleep(Math.max(0, untilMs - this.#clock.now()), sleeping.signal).then(
      () => {
        if (this.#sleeping !== sleeping) return;
        this.#sleeping = undefined;
        const atMs = this.#atMs;
        if (atMs !== undefined && atMs > untilMs) {
          this.#sleep(atMs);
          return;
        }
        this.#atMs = undefined;
        this.#ring();
      },
      () => undefined,
    );
  }
}
