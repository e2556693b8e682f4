import type { Clock } from "../platform/clock.js";
import type { DocumentStore } from "../platform/store.js";
import { bucketNotFound } from "./errors.js";
import type { BucketRecord, ObjectRecord } from "./records.js";

const BUCKETS = "storage/buckets";
const DELETED_BUCKETS = "storage/deletedBuckets";

/** Where an object's generation is: the live one of its name, one that versioning keeps, or one that may be restored. */
export type Place = "live" | "noncurrent" | "softDeleted";

const COLLECTIONS: Readonly<Record<Place, string>> = {
  live: "storage/objects/live",
  noncurrent: "storage/objects/noncurrent",
  softDeleted: "storage/objects/softDeleted",
};

export interface Change {
  readonly collection: string;
  readonly key: string;
  readonly value: unknown;
}

/** Names hold no line break, so a name's generations stand together and before every longer name. */
const SEPARATOR = "\n";

/** The records of buckets and objects, in name order (UTF-8 bytes). The only file that knows keys. */
export class Catalog {
  readonly #store: DocumentStore;
  readonly #clock: Clock;
  readonly #buckets = new Map<string, BucketRecord>();
  #lastGeneration = 0;

  constructor(store: DocumentStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    for (const { key, value } of store.list<BucketRecord>(BUCKETS)) this.#buckets.set(key, value);
  }

  /** About the microseconds since 1970, and rising, also above `atLeast`. */
  nextGeneration(atLeast = "0"): string {
    this.#lastGeneration = Math.max(this.#lastGeneration, this.#clock.now() * 1000, Number(atLeast)) + 1;
    return String(this.#lastGeneration);
  }

  findBucket(name: string): BucketRecord | undefined {
    return this.#buckets.get(name);
  }

  /** @throws CloudError bucketNotFound */
  bucket(name: string): BucketRecord {
    const found = this.#buckets.get(name);
    if (!found) throw bucketNotFound();
    return found;
  }

  buckets(): readonly BucketRecord[] {
    return [...this.#buckets.values()].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  }

  deletedBuckets(): readonly BucketRecord[] {
    return this.#store.list<BucketRecord>(DELETED_BUCKETS).map(({ value }) => value);
  }

  live(bucket: BucketRecord, name: string): ObjectRecord | undefined {
    return this.#store.get(COLLECTIONS.live, liveKey(bucket, name));
  }

  /** The generation of a name that is live or kept by versioning. */
  generation(bucket: BucketRecord, name: string, generation: string): ObjectRecord | undefined {
    const live = this.live(bucket, name);
    if (live?.generation === generation) return live;
    return this.#store.get(COLLECTIONS.noncurrent, keptKey(bucket, name, generation));
  }

  softDeleted(bucket: BucketRecord, name: string, generation: string): ObjectRecord | undefined {
    return this.#store.get(COLLECTIONS.softDeleted, keptKey(bucket, name, generation));
  }

  /** From the name `start` (included) on, while names begin with `prefix`; read as it is asked for. */
  *objects(place: Place, bucket: BucketRecord, prefix = "", start = ""): Iterable<ObjectRecord> {
    const from = Buffer.compare(Buffer.from(start), Buffer.from(prefix)) > 0 ? start : prefix;
    const bounds = { start: liveKey(bucket, from), end: `${bucket.generation}0` };
    for (const { value } of this.#store.range<ObjectRecord>(COLLECTIONS[place], bounds)) {
      if (!value.name.startsWith(prefix)) return;
      yield value;
    }
  }

  hasObjects(bucket: BucketRecord): boolean {
    for (const place of ["live", "noncurrent"] as const) {
      for (const _ of this.objects(place, bucket)) return true;
    }
    return false;
  }

  /** Names of every file that a record names. */
  blobs(): Set<string> {
    const names = new Set<string>();
    for (const collection of Object.values(COLLECTIONS)) {
      for (const { value } of this.#store.range<ObjectRecord>(collection, { start: "" })) names.add(value.blob);
    }
    return names;
  }

  put(place: Place, bucket: BucketRecord, record: ObjectRecord): Change {
    return { collection: COLLECTIONS[place], key: keyIn(place, bucket, record), value: record };
  }

  drop(place: Place, bucket: BucketRecord, record: ObjectRecord): Change {
    return { collection: COLLECTIONS[place], key: keyIn(place, bucket, record), value: undefined };
  }

  /** All or nothing; durable when it resolves. */
  async write(changes: readonly Change[]): Promise<void> {
    await this.#store.write(changes);
  }

  async putBucket(record: BucketRecord): Promise<void> {
    await this.#store.write([{ collection: BUCKETS, key: record.name, value: record }]);
    this.#buckets.set(record.name, record);
  }

  /** @param kept what may be restored of it; undefined when nothing may. */
  async dropBucket(name: string, kept: BucketRecord | undefined): Promise<void> {
    const changes: Change[] = [{ collection: BUCKETS, key: name, value: undefined }];
    if (kept) changes.push({ collection: DELETED_BUCKETS, key: keptBucketKey(kept), value: kept });
    await this.#store.write(changes);
    this.#buckets.delete(name);
  }

  /** Brings a soft-deleted bucket back. */
  async restoreBucket(kept: BucketRecord, record: BucketRecord): Promise<void> {
    await this.#store.write([
      { collection: DELETED_BUCKETS, key: keptBucketKey(kept), value: undefined },
      { collection: BUCKETS, key: record.name, value: record },
    ]);
    this.#buckets.set(record.name, record);
  }

  forgetBucket(kept: BucketRecord): Change {
    return { collection: DELETED_BUCKETS, key: keptBucketKey(kept), value: undefined };
  }
}

const liveKey = (bucket: BucketRecord, name: string): string => `${bucket.generation}/${name}`;

const keptKey = (bucket: BucketRecord, name: string, generation: string): string =>
  `${bucket.generation}/${name}${SEPARATOR}${generation.padStart(20, "0")}`;

const keyIn = (place: Place, bucket: BucketRecord, { name, generation }: ObjectRecord): string =>
  place === "live" ? liveKey(bucket, name) : keptKey(bucket, name, generation);

const keptBucketKey = ({ name, generation }: BucketRecord): string => `${name}/${generation}`;
