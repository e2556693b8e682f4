import { quantile } from "../anomaly/index.js";

/** What came of a number of calls. */
export interface Measured {
  readonly name: string;
  readonly calls: number;
  readonly failed: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Calls a second that were answered. */
  readonly perSecond: number;
  /** Milliseconds of each answered call, in the order in which they were made. */
  readonly latencies: readonly number[];
}

export interface LoadOptions {
  readonly calls: number;
  /** Calls under way at once. Default 1. */
  readonly callers?: number;
  /** Milliseconds since some moment. */
  readonly now?: () => number;
  readonly report?: (done: number) => void;
}

/**
 * Calls again and again and takes the time of each.
 * @param call is given the number of the call, from 0. One that throws counts as failed, and the others go on.
 */
export async function measure(
  name: string,
  call: (index: number) => Promise<unknown>,
  options: LoadOptions,
): Promise<Measured> {
  const now = options.now ?? (() => performance.now());
  const latencies = new Map<number, number>();
  let next = 0;
  let done = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < options.calls; index = next++) {
      const began = now();
      try {
        await call(index);
        latencies.set(index, now() - began);
      } catch {
        // Counted below: what is missing has failed.
      }
      done += 1;
      options.report?.(done);
    }
  };
  const start = now();
  await Promise.all(Array.from({ length: options.callers ?? 1 }, caller));
  const seconds = (now() - start) / 1000;
  const inOrder = [...latencies].sort(([left], [right]) => left - right).map(([, latency]) => latency);
  const at = (q: number) => (inOrder.length === 0 ? Number.NaN : quantile(inOrder, q));
  return {
    name,
    calls: options.calls,
    failed: options.calls - inOrder.length,
    p50: at(0.5),
    p99: at(0.99),
    perSecond: inOrder.length / Math.max(seconds, 1e-9),
    latencies: inOrder,
  };
}
