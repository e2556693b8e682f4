import { mkdirSync } from "node:fs";
import { open, type RootDatabase } from "lmdb";
import { refuseFullDisk } from "./freeSpace.js";

/**
 * Small durable documents by key, for resources that are not table rows (endpoints, models, topics).
 * LMDB: one file, memory-mapped, a commit is on disk when the promise resolves; many writes share one commit.
 */
export interface DocumentStore {
  get<T>(collection: string, key: string): T | undefined;
  /** In key order. */
  list<T>(collection: string): { readonly key: string; readonly value: T }[];
  /** Part of a collection, in key order: from `start` (included) to `end` (excluded), read as it is asked for. */
  range<T>(
    collection: string,
    bounds: { readonly start: string; readonly end?: string },
  ): Iterable<{ readonly key: string; readonly value: T }>;
  /** All or nothing; durable when it resolves. An undefined value removes the key. @throws CloudError when the disk is full. */
  write(changes: readonly { collection: string; key: string; value: unknown }[]): Promise<void>;
  close(): Promise<void>;
}

export function openDocumentStore(folder: string): DocumentStore {
  mkdirSync(folder, { recursive: true });
  const database: RootDatabase<unknown, [string, string]> = open({ path: folder, encoding: "msgpack" });
  return {
    get: <T>(collection: string, key: string) => database.get([collection, key]) as T | undefined,
    list: <T>(collection: string) =>
      Array.from(database.getRange({ start: [collection, ""], end: [collection, "\uffff"] }), (entry) => ({
        key: entry.key[1],
        value: entry.value as T,
      })),
    range: <T>(collection: string, { start, end }: { readonly start: string; readonly end?: string }) =>
      database
        .getRange({ start: [collection, start], end: [collection, end ?? "\uffff"] })
        .map((entry) => ({ key: entry.key[1], value: entry.value as T })),
    write: async (changes) => {
      refuseFullDisk(folder);
      await database.transaction(() => {
        for (const { collection, key, value } of changes) {
          if (value === undefined) void database.remove([collection, key]);
          else void database.put([collection, key], value);
        }
      });
      await database.flushed;
    },
    close: () => database.close(),
  };
}
