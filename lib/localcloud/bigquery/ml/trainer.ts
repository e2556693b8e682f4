import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type Fit, fitKMeans, prepareWorkspace, type TrainingInput } from "../../ml/kmeans/fit.js";
import { StepQueue } from "./stepQueue.js";
import type { TrainerAssignment } from "./trainerThread.js";

/** Trainings of fewer distance terms a pass than this run at once where they are: a thread would cost more to start. */
const INLINE_TERMS_MAX = 500_000;
const THREADS_MAX = 8;

/**
 * Threads for one training, apart from the one that answers BigQuery's requests. `warmUp` may be called while the rows are
 * still being read; `close` always.
 */
export class Trainer {
  #threads: Worker[] = [];

  /** Starts the threads, which takes some tens of milliseconds, without waiting for them. */
  warmUp(): void {
    while (this.#threads.length < Math.min(THREADS_MAX, availableParallelism())) {
      this.#threads.push(new Worker(join(__dirname, "trainerThread.js")));
    }
  }

  /** @throws the signal's reason when aborted; whatever the training threw. */
  async train(input: TrainingInput, signal: AbortSignal): Promise<Fit> {
    signal.throwIfAborted();
    const memory = prepareWorkspace(input);
    if (input.rowCount * memory.width * input.options.numClusters <= INLINE_TERMS_MAX) {
      return fitKMeans(input, () => performance.now(), memory);
    }
    this.warmUp();
    const queue = new StepQueue();
    const [lead] = this.#threads;
    if (!lead) throw new Error("A training needs a thread.");
    return new Promise<Fit>((resolve, reject) => {
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort, { once: true });
      for (const thread of this.#threads) {
        thread.once("error", reject);
        thread.once("messageerror", reject);
      }
      lead.once("message", (fit: Fit) => {
        signal.removeEventListener("abort", abort);
        resolve(fit);
      });
      this.#threads.forEach((thread, index) => {
        const role = index === 0 ? "lead" : "help";
        thread.postMessage({ role, input, memory, queue: queue.memory } satisfies TrainerAssignment);
      });
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
    this.#threads = [];
  }
}
