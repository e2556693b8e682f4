import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Clock } from "../../platform/clock.js";

const THREADS_MAX = 8;
/** How long threads wait for the next training: a started thread has its loops compiled, which a new one takes 100 ms for. */
const KEPT_MS = 60_000;

/** Threads for trainings, apart from the one that answers BigQuery's requests; kept for a while after use. */
export class TrainerThreads {
  readonly #clock: Pick<Clock, "sleep">;
  #idle: Worker[] = [];
  #uses = 0;

  constructor(clock: Pick<Clock, "sleep">) {
    this.#clock = clock;
  }

  /** As many threads as there are processors, at most 8; whoever takes them gives each back or terminates it. */
  take(): Worker[] {
    this.#uses++;
    const count = Math.min(THREADS_MAX, availableParallelism());
    const taken = this.#idle.splice(0, count);
    while (taken.length < count) taken.push(this.#start());
    for (const thread of taken) thread.ref();
    return taken;
  }

  /** For threads that have ended their assignment. */
  giveBack(threads: readonly Worker[]): void {
    for (const thread of threads) thread.unref();
    this.#idle.push(...threads);
    void this.#endUnlessUsed(this.#uses);
  }

  #start(): Worker {
    const thread = new Worker(join(__dirname, "trainerThread.js"));
    thread.once("exit", () => {
      this.#idle = this.#idle.filter((other) => other !== thread);
    });
    return thread;
  }

  async #endUnlessUsed(use: number): Promise<void> {
    try {
      await this.#clock.sleep(KEPT_MS);
    } catch {
      // The clock is gone with the thread that has it: so is the reason to wait.
    }
    if (use !== this.#uses) return;
    await Promise.all(this.#idle.splice(0).map((thread) => thread.terminate()));
  }
}
