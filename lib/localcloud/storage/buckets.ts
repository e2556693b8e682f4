import type { Clock } from "../platform/clock.js";
import { type JsonObject, mergeDeep } from "../platform/discovery.js";
import type { Project } from "../platform/service.js";
import { isPublicEntity, predefined } from "./acl.js";
import type { BlobStore } from "./blobs.js";
import { completeFields } from "./bucketFields.js";
import type { Catalog, Change } from "./catalog.js";
import { type Conditions, checkConditions } from "./conditions.js";
import { bucketExists, bucketNotEmpty, bucketNotFound, publicAccessPrevented, uniformAccess } from "./errors.js";
import type { SharedLocks } from "./locks.js";
import { checkBucketName } from "./names.js";
import type { AclEntry, Binding, BucketFields, BucketRecord } from "./records.js";

interface Dependencies {
  readonly project: Project;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly locks: SharedLocks;
}

export interface BucketChange {
  readonly fields?: JsonObject;
  /** Nothing may shorten the retention policy from now on. */
  readonly lockRetention?: boolean;
  /** All fields anew; what is not given goes back to its default. */
  readonly replace?: boolean;
  readonly acl?: readonly AclEntry[] | undefined;
  readonly defaultObjectAcl?: readonly AclEntry[] | undefined;
  readonly policy?: BucketRecord["policy"];
  readonly notifications?: Pick<BucketRecord, "notifications" | "nextNotification">;
}

/** Buckets: every change of one has it alone, while objects come and go beside one another. */
export class Buckets {
  readonly #of: Dependencies;

  constructor(dependencies: Dependencies) {
    this.#of = dependencies;
  }

  create(
    name: string,
    projectId: string,
    fields: JsonObject,
    access: {
      readonly acl?: readonly AclEntry[] | undefined;
      readonly defaultObjectAcl?: readonly AclEntry[] | undefined;
    },
    objectRetention: boolean,
  ): Promise<BucketRecord> {
    checkBucketName(name);
    const { catalog, clock, locks, project } = this.#of;
    return locks.alone(name, async () => {
      if (catalog.findBucket(name)) throw bucketExists();
      const now = clock.now();
      const complete = completeFields(undefined, mergeDeep<BucketFields>({}, fields), now);
      const uniform = complete.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
      if (uniform && (access.acl || access.defaultObjectAcl)) throw uniformAccess("set legacy ACL for a bucket");
      const record: BucketRecord = {
        name,
        generation: catalog.nextGeneration(),
        metageneration: 1,
        projectId,
        timeCreated: now,
        updated: now,
        fields: objectRetention ? { ...complete, objectRetention: { mode: "Enabled" } } : complete,
        acl: access.acl ?? predefined("bucket", "projectPrivate", project),
        defaultObjectAcl: access.defaultObjectAcl ?? predefined("object", "projectPrivate", project),
        policy: { version: 1, revision: 1, bindings: defaultBindings(projectId, uniform) },
        notifications: [],
        nextNotification: 1,
      };
      checkPublic(record);
      await catalog.putBucket(record);
      return record;
    });
  }

  /** @param change what becomes of it; nothing at all is no change. */
  update(name: string, conditions: Conditions, change: (record: BucketRecord) => BucketChange): Promise<BucketRecord> {
    const { catalog, clock, locks } = this.#of;
    return locks.alone(name, async () => {
      const before = catalog.bucket(name);
      checkConditions(conditions, before);
      const { fields, replace, lockRetention, acl, defaultObjectAcl, policy, notifications } = change(before);
      const unchanged = !lockRetention && (!fields || (Object.keys(fields).length === 0 && !replace));
      if (unchanged && !acl && !defaultObjectAcl && !policy && !notifications) return before;
      const now = clock.now();
      const base: BucketFields = replace ? { location: before.fields.location ?? "US" } : before.fields;
      const merged = fields ? completeFields(before.fields, mergeDeep(base, fields), now) : before.fields;
      const { retentionPolicy } = merged;
      const next = lockRetention ? { ...merged, retentionPolicy: { ...retentionPolicy, isLocked: true } } : merged;
      const { objectRetention } = before.fields;
      const after: BucketRecord = {
        ...before,
        fields: objectRetention ? { ...next, objectRetention } : next,
        acl: acl ?? before.acl,
        defaultObjectAcl: defaultObjectAcl ?? before.defaultObjectAcl,
        policy: policy ?? before.policy,
        ...(notifications ?? {}),
        metageneration: notifications ? before.metageneration : before.metageneration + 1,
        updated: now,
      };
      const uniform = after.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
      if (uniform && (acl || defaultObjectAcl)) throw uniformAccess("update legacy ACL for a bucket");
      if (acl || defaultObjectAcl || policy) checkPublic(after);
      await catalog.putBucket(after);
      return after;
    });
  }

  /** @throws CloudError bucketNotEmpty while it has objects, live or noncurrent */
  remove(name: string, conditions: Conditions): Promise<void> {
    const { catalog, clock, locks } = this.#of;
    return locks.alone(name, async () => {
      const record = catalog.bucket(name);
      checkConditions(conditions, record);
      if (catalog.hasObjects(record)) throw bucketNotEmpty();
      const now = clock.now();
      const seconds = Number(record.fields.softDeletePolicy?.retentionDurationSeconds ?? 0);
      const kept = { ...record, softDeleteTime: now, hardDeleteTime: now + seconds * 1000 };
      if (seconds > 0) await catalog.dropBucket(name, kept);
      else {
        await this.#dropContents(record, []);
        await catalog.dropBucket(name, undefined);
      }
    });
  }

  /** Brings a soft-deleted bucket back, with what was soft-deleted in it. */
  restore(name: string, generation: string): Promise<BucketRecord> {
    const { catalog, clock, locks } = this.#of;
    return locks.alone(name, async () => {
      const kept = this.softDeleted(name, generation);
      if (catalog.findBucket(name)) throw bucketExists();
      const { softDeleteTime: _, hardDeleteTime: __, ...rest } = kept;
      const record = { ...rest, metageneration: rest.metageneration + 1, updated: clock.now() };
      await catalog.restoreBucket(kept, record);
      return record;
    });
  }

  /** @throws CloudError bucketNotFound */
  softDeleted(name: string, generation: string): BucketRecord {
    const kept = this.#of.catalog
      .deletedBuckets()
      .find((record) => record.name === name && record.generation === generation);
    if (!kept) throw bucketNotFound();
    return kept;
  }

  /** Removes for good the soft-deleted buckets whose time is over. */
  async expire(now: number): Promise<void> {
    for (const kept of this.#of.catalog.deletedBuckets()) {
      if ((kept.hardDeleteTime ?? 0) <= now) await this.#dropContents(kept, [this.#of.catalog.forgetBucket(kept)]);
    }
  }

  async #dropContents(bucket: BucketRecord, changes: readonly Change[]): Promise<void> {
    const { catalog, blobs } = this.#of;
    const gone = [...catalog.objects("softDeleted", bucket)];
    await catalog.write([...changes, ...gone.map((record) => catalog.drop("softDeleted", bucket, record))]);
    for (const { blob } of gone) await blobs.remove(blob);
  }
}

function checkPublic({ fields, acl, defaultObjectAcl, policy }: BucketRecord): void {
  if (fields.iamConfiguration?.publicAccessPrevention !== "enforced") return;
  const entities = [...acl, ...defaultObjectAcl].map(({ entity }) => entity);
  const members = policy.bindings.flatMap((binding) => binding.members);
  if ([...entities, ...members].some(isPublicEntity)) throw publicAccessPrevented();
}

/** What the project's basic roles may do in a new bucket (docs.cloud.google.com/storage/docs/access-control/iam-roles). */
function defaultBindings(id: string, uniform: boolean): readonly Binding[] {
  const owners = [`projectEditor:${id}`, `projectOwner:${id}`];
  const viewers = [`projectViewer:${id}`];
  const bucket = [
    { role: "roles/storage.legacyBucketOwner", members: owners },
    { role: "roles/storage.legacyBucketReader", members: viewers },
  ];
  if (!uniform) return bucket;
  return [
    ...bucket,
    { role: "roles/storage.legacyObjectOwner", members: owners },
    { role: "roles/storage.legacyObjectReader", members: viewers },
  ];
}
