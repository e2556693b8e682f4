import { ActivateError, statusOf } from "../../cloud/errors.js";
import type { ContainerClock } from "../host.js";

/** After these another attempt makes sense at once: nobody answered, or the one who did was busy. */
const PASSING: ReadonlySet<string> = new Set([
  "UNAVAILABLE",
  "RESOURCE_EXHAUSTED",
  "ABORTED",
  "DEADLINE_EXCEEDED",
  "INTERNAL",
  // A connection that was refused or broke has no status.
  "UNKNOWN",
]);

const PAUSE_MS_MIN = 100;
/** Short, for a pause keeps one of few flights, and with it all that waits, after the service is back. */
const PAUSE_MS_MAX = 1_000;
/** A reason made once: `abort()` alone makes an exception with its stack. */
const ANSWERED = new Error("answered");

export interface Persistence {
  readonly clock: ContainerClock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Told of each failure that is followed by another attempt. */
  readonly failed: (reason: ActivateError, pauseMs: number) => void;
}

/**
 * Attempts until one succeeds, fails for good, or the next would come too late; the last failure is thrown. Before attempt
 * n + 1 it waits between 0 and 100 ms * 2^(n-1), 1 s at most ("full jitter": AWS Architecture Blog, "Exponential Backoff And
 * Jitter"). No attempt outlives the deadline: its answer, should one come, is not waited for.
 * @param deadlineMs by the clock.
 * @param attempt is given the milliseconds that are left.
 * @throws ActivateError
 */
export async function persist<Result>(
  { clock, random, failed }: Persistence,
  deadlineMs: number,
  attempt: (leftMs: number) => Promise<Result>,
): Promise<Result> {
  for (let made = 1; ; made += 1) {
    const leftMs = deadlineMs - clock.now();
    try {
      return await within(clock, leftMs, attempt(leftMs));
    } catch (thrown) {
      const reason = asActivateError(thrown);
      const pauseMs = random() * Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 2 ** (made - 1));
      if (!PASSING.has(statusOf(reason)) || clock.now() + pauseMs >= deadlineMs) throw reason;
      failed(reason, pauseMs);
      await clock.sleep(pauseMs);
    }
  }
}

async function within<Result>(clock: ContainerClock, leftMs: number, attempt: Promise<Result>): Promise<Result> {
  const answered = new AbortController();
  const late = clock.sleep(Math.max(0, leftMs), answered.signal).then(
    () => {
      throw new ActivateError("UNAVAILABLE", "No answer came before the push's deadline.", "DEADLINE_EXCEEDED");
    },
    () => attempt,
  );
  try {
    return await Promise.race([attempt, late]);
  } finally {
    answered.abort(ANSWERED);
  }
}

function asActivateError(thrown: unknown): ActivateError {
  if (thrown instanceof ActivateError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ActivateError("REFUSED", message, undefined, { cause: thrown });
}
