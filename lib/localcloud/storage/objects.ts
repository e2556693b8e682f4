import type { Clock } from "../platform/clock.js";
import { type JsonObject, mergeDeep } from "../platform/discovery.js";
import type { Project } from "../platform/service.js";
import { isPublicEntity, predefined, withOwner } from "./acl.js";
import type { Blob, BlobStore } from "./blobs.js";
import type { Catalog, Change } from "./catalog.js";
import { type Conditions, checkConditions } from "./conditions.js";
import { invalid, objectNotFound, publicAccessPrevented, uniformAccess } from "./errors.js";
import type { SharedLocks } from "./locks.js";
import { checkObjectName } from "./names.js";
import { checkRetentionChange, checkUnretained, completeFields } from "./objectFields.js";
import type { AclEntry, BucketRecord, ObjectRecord } from "./records.js";

/** What an object is made of; what is absent comes from the bucket. */
export interface NewObject {
  readonly content: Omit<Blob, "md5Hash"> & { readonly md5Hash?: string };
  readonly fields: JsonObject;
  readonly acl?: readonly AclEntry[] | undefined;
  readonly keySha256?: string | undefined;
  readonly componentCount?: number | undefined;
}

export type EventType = "OBJECT_FINALIZE" | "OBJECT_METADATA_UPDATE" | "OBJECT_DELETE" | "OBJECT_ARCHIVE";

/** Told of every change once it is durable. */
export type Listener = (
  type: EventType,
  record: ObjectRecord,
  bucket: BucketRecord,
  /** The generation that this one replaces, or that replaces this one. */
  other?: string,
) => Promise<void>;

interface Dependencies {
  readonly project: Project;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly locks: SharedLocks;
  readonly listener: Listener;
}

/** Objects and their generations: every change of them is made here, one at a time for each name. */
export class Objects {
  readonly #of: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#of = dependencies;
  }

  /** @throws CloudError bucketNotFound, objectNotFound */
  find(bucketName: string, name: string, generation?: string | null): { bucket: BucketRecord; record: ObjectRecord } {
    const bucket = this.#of.catalog.bucket(bucketName);
    const record = generation
      ? this.#of.catalog.generation(bucket, name, generation)
      : this.#of.catalog.live(bucket, name);
    if (!record) throw objectNotFound(bucketName, name);
    return { bucket, record };
  }

  /** What would be refused when the object is made: said before its bytes are sent. */
  checkInsert(bucketName: string, name: string, conditions: Conditions): BucketRecord {
    const bucket = this.#of.catalog.bucket(bucketName);
    checkObjectName(name);
    const before = this.#of.catalog.live(bucket, name);
    checkConditions(conditions, before);
    if (before) checkUnretained(before, bucket, this.#of.clock.now());
    return bucket;
  }

  /**
   * Makes a new live generation; the one before is archived, kept for restoring, or gone. The bytes are the object's
   * from now on: they are removed when it is refused.
   */
  async insert(bucketName: string, name: string, made: NewObject, conditions: Conditions): Promise<ObjectRecord> {
    try {
      return await this.#alone(bucketName, [name], async (bucket) => {
        this.checkInsert(bucketName, name, conditions);
        const { change, record, finish } = this.#make(bucket, name, made);
        await this.#of.catalog.write(change);
        await finish();
        return record;
      });
    } catch (thrown) {
      await this.#of.blobs.remove(made.content.id);
      throw thrown;
    }
  }

  /** Renames an object in one step. */
  move(
    bucketName: string,
    from: string,
    to: string,
    sourceConditions: Conditions,
    conditions: Conditions,
  ): Promise<ObjectRecord> {
    return this.#alone(bucketName, [from, to], async (bucket) => {
      const { record: source } = this.find(bucketName, from);
      checkConditions(sourceConditions, source);
      checkUnretained(source, bucket, this.#of.clock.now());
      this.checkInsert(bucketName, to, conditions);
      const { id, ...content } = await this.duplicate(source);
      const { fields, acl, keySha256, componentCount } = source;
      const made = { content: { id, ...content }, fields: { ...fields }, acl, keySha256, componentCount };
      const arrival = this.#make(bucket, to, made);
      const departure = this.#retire(bucket, source, true);
      await this.#of.catalog.write([...departure.change, ...arrival.change]);
      await departure.finish();
      await arrival.finish();
      return arrival.record;
    });
  }

  /** The object's bytes once more, at no cost. */
  async duplicate({ blob, size, crc32c, md5Hash }: ObjectRecord): Promise<NewObject["content"]> {
    const id = await this.#of.blobs.duplicate(blob);
    return { id, size, crc32c, ...(md5Hash === undefined ? {} : { md5Hash }) };
  }

  /**
   * Changes an object's metadata.
   * @param change what becomes of its fields and its access; nothing at all is no change.
   */
  update(
    bucketName: string,
    name: string,
    generation: string | null,
    conditions: Conditions,
    change: (
      record: ObjectRecord,
      bucket: BucketRecord,
    ) => { fields?: JsonObject; replace?: boolean; acl?: readonly AclEntry[]; overrideRetention?: boolean },
  ): Promise<{ record: ObjectRecord; bucket: BucketRecord }> {
    return this.#alone(bucketName, [name], async (bucket) => {
      const { record } = this.find(bucketName, name, generation);
      checkConditions(conditions, record);
      const { fields: patch, replace, acl, overrideRetention } = change(record, bucket);
      if ((!patch || Object.keys(patch).length === 0) && !acl && !replace) return { record, bucket };
      const base: JsonObject = replace ? { storageClass: record.fields.storageClass } : { ...record.fields };
      if (patch?.storageClass !== undefined && patch.storageClass !== record.fields.storageClass) {
        throw invalid("The storage class of an object cannot be changed by a patch: rewrite the object.");
      }
      const fields = completeFields(mergeDeep(base, patch ?? {}), bucket);
      checkRetentionChange(record.fields, fields, overrideRetention === true);
      if (acl) this.#checkAcl(bucket, acl);
      const now = this.#of.clock.now();
      const released = record.fields.eventBasedHold === true && fields.eventBasedHold !== true;
      const after: ObjectRecord = {
        ...record,
        fields,
        acl: acl ?? record.acl,
        metageneration: record.metageneration + 1,
        updated: now,
        retentionFrom: released ? now : record.retentionFrom,
      };
      const place = record.timeDeleted === undefined ? "live" : "noncurrent";
      await this.#of.catalog.write([this.#of.catalog.put(place, bucket, after)]);
      await this.#of.listener("OBJECT_METADATA_UPDATE", after, bucket);
      return { record: after, bucket };
    });
  }

  /** Gives an object another class where it lies, as lifecycle rules do: neither its generation nor its age changes. */
  setStorageClass(bucketName: string, name: string, generation: string, storageClass: string): Promise<void> {
    return this.#alone(bucketName, [name], async (bucket) => {
      const { record } = this.find(bucketName, name, generation);
      const now = this.#of.clock.now();
      const after: ObjectRecord = {
        ...record,
        fields: { ...record.fields, storageClass },
        metageneration: record.metageneration + 1,
        updated: now,
        timeStorageClassUpdated: now,
      };
      const place = record.timeDeleted === undefined ? "live" : "noncurrent";
      await this.#of.catalog.write([this.#of.catalog.put(place, bucket, after)]);
      await this.#of.listener("OBJECT_METADATA_UPDATE", after, bucket);
    });
  }

  /** @param generation that one for good; null: the live one, which versioning keeps. */
  remove(bucketName: string, name: string, generation: string | null, conditions: Conditions): Promise<void> {
    return this.#alone(bucketName, [name], async (bucket) => {
      const { record } = this.find(bucketName, name, generation);
      checkConditions(conditions, record);
      checkUnretained(record, bucket, this.#of.clock.now());
      const { change, finish } = this.#retire(bucket, record, generation !== null);
      await this.#of.catalog.write(change);
      await finish();
    });
  }

  /** Brings a soft-deleted generation back as a new live one. */
  restore(
    bucketName: string,
    name: string,
    generation: string,
    conditions: Conditions,
    copySourceAcl: boolean,
  ): Promise<ObjectRecord> {
    return this.#alone(bucketName, [name], async (bucket) => {
      const kept = this.#of.catalog.softDeleted(bucket, name, generation);
      if (!kept) throw objectNotFound(bucketName, name);
      this.checkInsert(bucketName, name, conditions);
      const { fields, acl, keySha256, componentCount, blob, size, crc32c, md5Hash } = kept;
      const content = { id: blob, size, crc32c, ...(md5Hash === undefined ? {} : { md5Hash }) };
      const made = { content, fields: { ...fields }, acl: copySourceAcl ? acl : undefined, keySha256, componentCount };
      const { change, record, finish } = this.#make(bucket, name, made);
      await this.#of.catalog.write([this.#of.catalog.drop("softDeleted", bucket, kept), ...change]);
      await finish();
      return record;
    });
  }

  /** Removes for good what soft deletion has kept for as long as it promised. */
  async expire(bucket: BucketRecord, now: number): Promise<void> {
    for (const record of [...this.#of.catalog.objects("softDeleted", bucket)]) {
      if ((record.hardDeleteTime ?? 0) > now) continue;
      await this.#of.catalog.write([this.#of.catalog.drop("softDeleted", bucket, record)]);
      await this.#of.blobs.remove(record.blob);
    }
  }

  #alone<T>(bucketName: string, names: readonly string[], task: (bucket: BucketRecord) => Promise<T>): Promise<T> {
    const { locks, catalog } = this.#of;
    const keys = [...new Set(names)].sort().map((name) => `${bucketName}/${name}`);
    const nested = keys.reduceRight<() => Promise<T>>(
      (inner, key) => () => locks.alone(key, inner),
      () => task(catalog.bucket(bucketName)),
    );
    return locks.shared(bucketName, nested);
  }

  #make(bucket: BucketRecord, name: string, made: NewObject): Step & { readonly record: ObjectRecord } {
    const { catalog, clock, listener, project } = this.#of;
    const now = clock.now();
    const before = catalog.live(bucket, name);
    const { content, keySha256, componentCount } = made;
    if (made.acl) this.#checkAcl(bucket, made.acl);
    const fields = completeFields(
      { ...(bucket.fields.defaultEventBasedHold ? { eventBasedHold: true } : {}), ...made.fields },
      bucket,
    );
    const record: ObjectRecord = {
      bucket: bucket.name,
      name,
      generation: catalog.nextGeneration(before?.generation),
      metageneration: 1,
      blob: content.id,
      size: content.size,
      crc32c: content.crc32c,
      ...(content.md5Hash === undefined ? {} : { md5Hash: content.md5Hash }),
      ...(componentCount === undefined ? {} : { componentCount }),
      ...(keySha256 === undefined ? {} : { keySha256 }),
      timeCreated: now,
      updated: now,
      timeStorageClassUpdated: now,
      retentionFrom: now,
      fields,
      acl:
        made.acl ??
        withOwner(
          bucket.defaultObjectAcl.length > 0 ? bucket.defaultObjectAcl : predefined("object", "private", project),
        ),
    };
    const retired = before ? this.#retire(bucket, before, false) : undefined;
    return {
      record,
      change: [...(retired?.change ?? []), catalog.put("live", bucket, record)],
      finish: async () => {
        await retired?.finish(record.generation);
        await listener("OBJECT_FINALIZE", record, bucket, before?.generation);
      },
    };
  }

  /** Takes a generation away. @param forGood not even versioning keeps it. */
  #retire(bucket: BucketRecord, record: ObjectRecord, forGood: boolean): Step {
    const { catalog, clock, listener, blobs } = this.#of;
    const now = clock.now();
    const isLive = record.timeDeleted === undefined;
    const away = catalog.drop(isLive ? "live" : "noncurrent", bucket, record);
    if (isLive && !forGood && bucket.fields.versioning?.enabled) {
      const kept = { ...record, timeDeleted: now };
      return {
        change: [away, catalog.put("noncurrent", bucket, kept)],
        finish: (overwrittenBy) => listener("OBJECT_ARCHIVE", kept, bucket, overwrittenBy),
      };
    }
    const seconds = Number(bucket.fields.softDeletePolicy?.retentionDurationSeconds ?? 0);
    const kept = {
      ...record,
      timeDeleted: record.timeDeleted ?? now,
      softDeleteTime: now,
      hardDeleteTime: now + seconds * 1000,
    };
    return {
      change: seconds > 0 ? [away, catalog.put("softDeleted", bucket, kept)] : [away],
      finish: async (overwrittenBy) => {
        if (seconds === 0) await blobs.remove(record.blob);
        await listener("OBJECT_DELETE", record, bucket, overwrittenBy);
      },
    };
  }

  #checkAcl(bucket: BucketRecord, acl: readonly AclEntry[]): void {
    const access = bucket.fields.iamConfiguration;
    if (access?.uniformBucketLevelAccess?.enabled) throw uniformAccess("insert legacy ACL for an object");
    if (access?.publicAccessPrevention === "enforced" && acl.some(({ entity }) => isPublicEntity(entity))) {
      throw publicAccessPrevented();
    }
  }
}

/** A part of a change: what is written with it, and what follows once it is durable. */
interface Step {
  readonly change: readonly Change[];
  readonly finish: (overwrittenBy?: string) => Promise<void>;
}
