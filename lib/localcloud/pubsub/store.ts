/**
 * What Pub/Sub keeps: resources, messages by sequence, and marks (what a subscription knows of a message). LMDB; what is
 * written in one turn of the event loop is one transaction, and transactions that come close together share one flush.
 *
 * A message is kept while somebody refers to it. A subscription's backlog is not written down: it is every message of
 * its topic behind `after` that its filter lets through and that it has not marked. So a publish writes one record
 * whatever the number of subscriptions, and the last acknowledgement removes one.
 */

import { mkdirSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";

export type ResourceCollection = "topic" | "subscription" | "snapshot" | "policy" | "counter";

/** `true`: acknowledged, while the message is kept for others. Else: attempts, last lease, its deadline (0: none). */
export type Mark = true | readonly [attempts: number, lease: number, deadlineMs: number];

export class PubsubStore {
  readonly #root: RootDatabase<unknown, [string, string]>;
  readonly #messages: Database<Buffer, number>;
  readonly #marks: Database<Mark, [number, number]>;
  #last: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true });
    this.#root = open({ path: folder, encoding: "msgpack" });
    this.#messages = this.#root.openDB({ name: "messages", encoding: "binary" });
    this.#marks = this.#root.openDB({ name: "marks", encoding: "msgpack" });
  }

  resource<T>(collection: ResourceCollection, key: string): T | undefined {
    return this.#root.get([collection, key]) as T | undefined;
  }

  *resources<T>(collection: ResourceCollection): IterableIterator<readonly [key: string, value: T]> {
    for (const { key, value } of this.#root.getRange({ start: [collection, ""], end: [collection, "\uffff"] })) {
      yield [key[1], value as T];
    }
  }

  message(sequence: number): Buffer | undefined {
    return this.#messages.get(sequence);
  }

  /** In order. @param after exclusive */
  *messages(after = 0): IterableIterator<readonly [sequence: number, record: Buffer]> {
    for (const { key, value } of this.#messages.getRange({ start: after + 1 })) yield [key, value];
  }

  *marks(owner: number): IterableIterator<readonly [sequence: number, mark: Mark]> {
    for (const { key, value } of this.#marks.getRange({ start: [owner, 0], end: [owner + 1, 0] }))
      yield [key[1], value];
  }

  mark(owner: number, sequence: number): Mark | undefined {
    return this.#marks.get([owner, sequence]);
  }

  putResource(collection: ResourceCollection, key: string, value: unknown): void {
    this.#wrote(value === undefined ? this.#root.remove([collection, key]) : this.#root.put([collection, key], value));
  }

  putMessage(sequence: number, record: Buffer): void {
    this.#wrote(this.#messages.put(sequence, record));
  }

  removeMessage(sequence: number): void {
    this.#wrote(this.#messages.remove(sequence));
  }

  putMark(owner: number, sequence: number, mark: Mark): void {
    this.#wrote(this.#marks.put([owner, sequence], mark));
  }

  removeMark(owner: number, sequence: number): void {
    this.#wrote(this.#marks.remove([owner, sequence]));
  }

  removeMarks(owner: number): void {
    for (const [sequence] of this.marks(owner)) this.removeMark(owner, sequence);
  }

  /** Resolves when everything written so far is on disk. @throws Error when any write has failed (a full disk). */
  async durable(): Promise<void> {
    await this.#last;
    await this.#root.flushed;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#root.close();
  }

  #wrote(written: Promise<unknown>): void {
    this.#last = written;
    written.catch((cause: unknown) => {
      this.#failure ??= cause;
    });
  }
}
