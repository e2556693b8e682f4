import { setTimeout as wait } from "node:timers/promises";
import { statusOf } from "./errors.js";

export interface RetryOptions {
  /** Canonical status words after which another attempt makes sense. Default: UNAVAILABLE, RESOURCE_EXHAUSTED, ABORTED. */
  readonly statuses?: readonly string[];
  /** Attempts in all. Default 6. */
  readonly attempts?: number;
  /** Longest first pause, milliseconds; doubled after each attempt. Default 200. */
  readonly pauseMs?: number;
  /** Longest pause of all, milliseconds. Default 8000. */
  readonly pauseMsMax?: number;
  readonly random?: () => number;
  readonly sleep?: (milliseconds: number) => Promise<unknown>;
}

/**
 * Calls `attempt` until it succeeds, fails for good, or has been called `attempts` times; the last error is thrown as it came.
 * Before attempt n + 1 it waits a random time between 0 and min(pauseMsMax, pauseMs * 2^(n-1)): "full jitter", so that
 * many callers that failed together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * With the defaults the pauses are at most 0.2, 0.4, 0.8, 1.6 and 3.2 s.
 *
 * Only for calls that may be repeated: the Vertex AI client itself never repeats any (contracts 3.1).
 */
export async function retry<Result>(attempt: () => Promise<Result>, options: RetryOptions = {}): Promise<Result> {
  const statuses = options.statuses ?? ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "ABORTED"];
  const attempts = options.attempts ?? 6;
  const random = options.random ?? Math.random;
  const sleep = options.sleep ?? wait;
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (thrown) {
      if (made >= attempts || !statuses.includes(statusOf(thrown))) throw thrown;
      const longest = Math.min(options.pauseMsMax ?? 8000, (options.pauseMs ?? 200) * 2 ** (made - 1));
      await sleep(random() * longest);
    }
  }
}

/** Waits, unless the signal is aborted: then it throws the signal's reason. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  await wait(milliseconds, undefined, signal === undefined ? {} : { signal });
}
