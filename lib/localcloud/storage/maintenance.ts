import type { Clock } from "../platform/clock.js";
import { CloudError } from "../platform/errors.js";
import type { StorageState } from "./call.js";
import { actionFor } from "./lifecycle.js";
import type { BucketRecord, ObjectRecord } from "./records.js";
import type { Storage } from "./service.js";

/** The real service takes up to a day to act upon a rule. */
const PERIOD_MS = 3600 * 1000;

/** What nobody asks for: orphans of a crash go at the start; from time to time what has expired, and lifecycle rules. */
export class Maintenance {
  readonly #storage: Storage;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(storage: Storage, clock: Clock) {
    this.#storage = storage;
    this.#clock = clock;
  }

  async start(): Promise<void> {
    const { blobs, catalog } = this.#storage.state;
    blobs.sweep(new Set([...catalog.blobs(), ...this.#storage.multipart.blobs()]));
    this.#storage.sessions.sweepFiles();
    this.#running = this.#repeat();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #repeat(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await tidy(this.#storage.state, this.#clock.now());
      await this.#storage.sessions.expire();
      await this.#storage.multipart.expire();
      await this.#clock.sleep(PERIOD_MS, signal).catch(() => undefined);
    }
  }
}

/** One round. An object that may not go (a hold, a retention) stays. */
export async function tidy(state: StorageState, now: number): Promise<void> {
  const { catalog, buckets, objects } = state;
  for (const bucket of catalog.buckets()) {
    await objects.expire(bucket, now);
    if (bucket.fields.lifecycle?.rule) await applyRules(state, bucket, now);
  }
  await buckets.expire(now);
}

async function applyRules({ catalog, objects }: StorageState, bucket: BucketRecord, now: number): Promise<void> {
  const rules = bucket.fields.lifecycle?.rule ?? [];
  const act = async (record: ObjectRecord, isLive: boolean, newer: number): Promise<void> => {
    const action = actionFor(rules, record, isLive, newer, now);
    const conditions = { generationMatch: record.generation };
    if (action?.type === "Delete") {
      await objects.remove(bucket.name, record.name, isLive ? null : record.generation, conditions);
    } else if (action) {
      await objects.setStorageClass(bucket.name, record.name, record.generation, action.storageClass);
    }
  };
  const later = (thrown: unknown): void => {
    if (!(thrown instanceof CloudError)) throw thrown;
  };
  for (const record of [...catalog.objects("live", bucket)]) await act(record, true, 0).catch(later);
  const kept = [...catalog.objects("noncurrent", bucket)];
  for (const record of kept) {
    const newer =
      kept.filter(({ name, generation }) => name === record.name && Number(generation) > Number(record.generation))
        .length + (catalog.live(bucket, record.name) ? 1 : 0);
    await act(record, false, newer).catch(later);
  }
}
