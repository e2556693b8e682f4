import type { Worker } from "node:worker_threads";
import { type Fit, fitKMeans, prepareWorkspace, type TrainingInput } from "../../ml/kmeans/fit.js";
import { StepQueue } from "./stepQueue.js";
import type { TrainerAssignment } from "./trainerThread.js";
import type { TrainerThreads } from "./trainerThreads.js";

/** Trainings of fewer distance terms a pass than this run at once where they are: a thread would cost more to start. */
const INLINE_TERMS_MAX = 500_000;

/** One training. `warmUp` may be called while the rows are still being read; `close` always. */
export class Trainer {
  readonly #pool: TrainerThreads;
  #threads: readonly Worker[] = [];
  #areDone = true;

  constructor(pool: TrainerThreads) {
    this.#pool = pool;
  }

  /** Takes threads, which takes some tens of milliseconds when they must be started, without waiting for them. */
  warmUp(): void {
    if (this.#threads.length === 0) this.#threads = this.#pool.take();
  }

  /** @throws the signal's reason when aborted; whatever the training threw. */
  async train(input: TrainingInput, signal: AbortSignal): Promise<Fit> {
    signal.throwIfAborted();
    const memory = prepareWorkspace(input);
    if (input.rowCount * memory.width * input.options.numClusters <= INLINE_TERMS_MAX) {
      return fitKMeans(input, () => performance.now(), memory);
    }
    this.warmUp();
    this.#areDone = false;
    const queue = new StepQueue();
    const [lead] = this.#threads;
    if (!lead) throw new Error("A training needs a thread.");
    const ended = new AbortController();
    try {
      return await new Promise<Fit>((resolve, reject) => {
        const { signal: listening } = ended;
        signal.addEventListener("abort", () => reject(signal.reason), { signal: listening });
        for (const thread of this.#threads) {
          for (const failure of ["error", "messageerror"] as const) {
            thread.on(failure, reject);
            listening.addEventListener("abort", () => thread.off(failure, reject));
          }
        }
        lead.once("message", (fit: Fit) => {
          this.#areDone = true;
          resolve(fit);
        });
        this.#threads.forEach((thread, index) => {
          const role = index === 0 ? "lead" : "help";
          thread.postMessage({ role, input, memory, queue: queue.memory } satisfies TrainerAssignment);
        });
      });
    } finally {
      ended.abort();
    }
  }

  /** Gives the threads back; ends them when the training has not ended. */
  async close(): Promise<void> {
    const threads = this.#threads;
    this.#threads = [];
    if (this.#areDone) this.#pool.giveBack(threads);
    else await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
