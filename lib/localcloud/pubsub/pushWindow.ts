/**
 * How many push requests may be under way, and when none may begin (docs.cloud.google.com/pubsub/docs/push):
 * slow start, doubling with each round that succeeds, halved by failures; after a failure the whole subscription
 * pauses for 100 ms to 60 s, doubling. Pure state; the numbers that Google does not publish are ours.
 */

const WINDOW_START = 8;
const WINDOW_MIN = 1;
const WINDOW_MAX = 500;
const PAUSE_MS_MIN = 100;
const PAUSE_MS_MAX = 60_000;

export class PushWindow {
  #size = WINDOW_START;
  #failures = 0;
  #pausedUntilMs = 0;
  #lastFailureMs = Number.NEGATIVE_INFINITY;

  /** How many requests may be under way. */
  size(nowMs: number): number {
    return nowMs < this.#pausedUntilMs ? 0 : Math.floor(this.#size);
  }

  /** When it opens again; undefined while it is open. */
  opensAtMs(nowMs: number): number | undefined {
    return nowMs < this.#pausedUntilMs ? this.#pausedUntilMs : undefined;
  }

  succeeded(startedMs: number): void {
    if (startedMs < this.#lastFailureMs) return;
    this.#failures = 0;
    this.#size = Math.min(WINDOW_MAX, this.#size + 1);
  }

  /** Requests that were under way when an earlier one failed tell nothing new. */
  failed(startedMs: number, nowMs: number): void {
    if (startedMs < this.#lastFailureMs) return;
    this.#lastFailureMs = nowMs;
    this.#failures += 1;
    this.#size = Math.max(WINDOW_MIN, this.#size / 2);
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** Math.min(this.#failures - 1, 20));
    this.#pausedUntilMs = nowMs + pauseMs;
  }
}
