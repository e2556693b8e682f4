import type { DocumentStore } from "./store.js";

/** Documents remembered; beyond that the oldest is forgotten. */
const REMEMBERED_MAX = 1000;

/**
 * Keeps what was read as it was read: a document that every request needs is not decoded each time. All writes of the
 * collections that are read through it must go through it; documents are never changed in place.
 */
export class RememberingStore implements DocumentStore {
  readonly #store: DocumentStore;
  readonly #remembered = new Map<string, unknown>();
  /** Keys whose write is under way: what is read now may be the old document. */
  readonly #writing = new Map<string, number>();

  constructor(store: DocumentStore) {
    this.#store = store;
  }

  get<T>(collection: string, key: string): T | undefined {
    const id = `${collection}\n${key}`;
    const known = this.#remembered.get(id);
    if (known !== undefined) return known as T;
    const value = this.#store.get<T>(collection, key);
    if (value === undefined || this.#writing.has(id)) return value;
    this.#remembered.set(id, value);
    if (this.#remembered.size > REMEMBERED_MAX) {
      const [oldest] = this.#remembered.keys();
      if (oldest !== undefined) this.#remembered.delete(oldest);
    }
    return value;
  }

  list<T>(collection: string): { readonly key: string; readonly value: T }[] {
    return this.#store.list<T>(collection);
  }

  range<T>(collection: string, bounds: { readonly start: string; readonly end?: string }) {
    return this.#store.range<T>(collection, bounds);
  }

  async write(changes: readonly { collection: string; key: string; value: unknown }[]): Promise<void> {
    const ids = changes.map(({ collection, key }) => `${collection}\n${key}`);
    for (const id of ids) {
      this.#remembered.delete(id);
      this.#writing.set(id, (this.#writing.get(id) ?? 0) + 1);
    }
    try {
      await this.#store.write(changes);
    } finally {
      for (const id of ids) {
        const others = (this.#writing.get(id) ?? 1) - 1;
        if (others === 0) this.#writing.delete(id);
        else this.#writing.set(id, others);
      }
    }
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
