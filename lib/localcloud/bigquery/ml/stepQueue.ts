import { STEP, type Step } from "../../ml/kmeans/workspace.js";

/**
 * Tasks of a training step, claimed by several threads through one shared word, so that a thread which is late for a step
 * can never take a task of the next: a ticket holds the step's number in its upper bits and the next task in its lower.
 */
export class StepQueue {
  readonly memory: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(16)) {
    this.memory = memory;
    this.#words = new Int32Array(memory);
  }

  /** Runs a step: publishes it, works along, and returns when every task is done. For one thread only. */
  run(step: Step, count: number, work: (step: Step, index: number) => void): void {
    if (count === 0) return;
    const epoch = (Atomics.load(this.#words, TICKET) >> INDEX_BITS) + 1;
    Atomics.store(this.#words, STEP_AND_COUNT, (count << 8) | step);
    Atomics.store(this.#words, DONE, 0);
    Atomics.store(this.#words, TICKET, epoch << INDEX_BITS);
    Atomics.notify(this.#words, TICKET);
    this.#workOn(epoch, work);
    for (;;) {
      const done = Atomics.load(this.#words, DONE);
      if (done === count) return;
      Atomics.wait(this.#words, DONE, done);
    }
  }

  /** Works on whatever `run` publishes elsewhere, until `close`. Blocks the thread. */
  help(work: (step: Step, index: number) => void): void {
    for (;;) {
      const ticket = Atomics.load(this.#words, TICKET);
      if (Atomics.load(this.#words, CLOSED) === 1) return;
      this.#workOn(ticket >> INDEX_BITS, work);
      Atomics.wait(this.#words, TICKET, Atomics.load(this.#words, TICKET), 50);
    }
  }

  /** Lets every helper return. */
  close(): void {
    Atomics.store(this.#words, CLOSED, 1);
    Atomics.notify(this.#words, TICKET);
  }

  #workOn(epoch: number, work: (step: Step, index: number) => void): void {
    for (;;) {
      const ticket = Atomics.load(this.#words, TICKET);
      const index = ticket & INDEX_MASK;
      const stepAndCount = Atomics.load(this.#words, STEP_AND_COUNT);
      if (ticket >> INDEX_BITS !== epoch || index >= stepAndCount >> 8) return;
      // Fails when another thread was faster or the step has changed in between: then what was read is worthless.
      if (Atomics.compareExchange(this.#words, TICKET, ticket, ticket + 1) !== ticket) continue;
      work(stepOf(stepAndCount & 0xff), index);
      Atomics.add(this.#words, DONE, 1);
      Atomics.notify(this.#words, DONE);
    }
  }
}

const TICKET = 0;
const STEP_AND_COUNT = 1;
const DONE = 2;
const CLOSED = 3;
/** A step has at most 2^10 - 1 tasks (blocks or columns). */
const INDEX_BITS = 10;
const INDEX_MASK = (1 << INDEX_BITS) - 1;

function stepOf(value: number): Step {
  const step = Object.values(STEP).find((candidate) => candidate === value);
  if (step === undefined) throw new RangeError(`No step has the number ${value}.`);
  return step;
}
