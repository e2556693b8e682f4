interface Queue {
  /** Tasks under way that share the key. */
  readonly shared: Set<Promise<unknown>>;
  /** The end of the last task that has it alone. */
  alone: Promise<unknown>;
  users: number;
}

/** Many may share a key at once, or one has it alone; in the order of asking. */
export class SharedLocks {
  readonly #queues = new Map<string, Queue>();

  /** Runs beside other shared tasks of the key, never beside one that has it alone. */
  shared<T>(key: string, task: () => Promise<T>): Promise<T> {
    const queue = this.#queue(key);
    const result = queue.alone.then(task);
    const end: Promise<unknown> = this.#settled(key, result).then(() => queue.shared.delete(end));
    queue.shared.add(end);
    return result;
  }

  alone<T>(key: string, task: () => Promise<T>): Promise<T> {
    const queue = this.#queue(key);
    const before = Promise.all([queue.alone, ...queue.shared]);
    const result = before.then(task);
    queue.shared.clear();
    queue.alone = this.#settled(key, result);
    return result;
  }

  #queue(key: string): Queue {
    let queue = this.#queues.get(key);
    if (!queue) {
      queue = { shared: new Set(), alone: Promise.resolve(), users: 0 };
      this.#queues.set(key, queue);
    }
    queue.users++;
    return queue;
  }

  /** Ends when the task does, however; the last one out forgets the key. */
  async #settled(key: string, result: Promise<unknown>): Promise<void> {
    await result.catch(() => undefined);
    const queue = this.#queues.get(key);
    if (queue && --queue.users === 0) this.#queues.delete(key);
  }
}
