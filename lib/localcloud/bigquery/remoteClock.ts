import { type Clock, systemClock } from "../platform/clock.js";
import type { Peer } from "./peer.js";

/** The main thread's clock as the worker sees it. */
export interface SharedClock {
  /** Milliseconds since 1970, written by the main thread before each message; absent for the system's clock. */
  readonly now?: SharedArrayBuffer;
}

/** An injected clock lives on the main thread: its time is read from shared memory, its sleeps are asked of it. */
export function remoteClock(shared: SharedClock, main: Peer): Clock {
  if (!shared.now) return systemClock;
  const now = new Float64Array(shared.now);
  return {
    now: () => now[0] ?? 0,
    sleep: async (ms, signal) => {
      await main.call("sleep", ms, signal ? { signal } : {});
    },
  };
}
