import { type AclKind, findEntry, putEntry, readEntry, withOwner } from "../acl.js";
import { type Call, type Handler, parameter, type StorageState } from "../call.js";
import { notFound, uniformAccess } from "../errors.js";
import type { AclEntry, BucketRecord, ObjectRecord } from "../records.js";
import { bucketAcl, defaultAcl, objectAcl } from "../resources.js";

/** Access controls of buckets, of objects, and of the objects to come: the same six methods for each. */

interface AclOwner {
  readonly kind: AclKind;
  readonly listKind: string;
  /** "get legacy ACL for an object" */
  readonly deed: string;
  read(call: Call, state: StorageState): { bucket: BucketRecord; entries: readonly AclEntry[]; show: Show };
  write(
    call: Call,
    state: StorageState,
    change: (entries: readonly AclEntry[]) => readonly AclEntry[],
  ): Promise<{ entries: readonly AclEntry[]; show: Show }>;
}

type Show = (entry: AclEntry) => object;

const ofBucket: AclOwner = {
  kind: "bucket",
  listKind: "storage#bucketAccessControls",
  deed: "get legacy ACL for a bucket",
  read: (call, { catalog }) => {
    const bucket = catalog.bucket(parameter(call, "bucket"));
    return { bucket, entries: bucket.acl, show: (entry) => bucketAcl(bucket, entry, call.origin) };
  },
  write: async (call, { buckets }, change) => {
    const after = await buckets.update(parameter(call, "bucket"), {}, (before) => ({ acl: change(before.acl) }));
    return { entries: after.acl, show: (entry) => bucketAcl(after, entry, call.origin) };
  },
};

const ofNewObjects: AclOwner = {
  kind: "object",
  listKind: "storage#objectAccessControls",
  deed: "get legacy ACL for a bucket",
  read: (call, { catalog }) => {
    const bucket = catalog.bucket(parameter(call, "bucket"));
    return { bucket, entries: bucket.defaultObjectAcl, show: (entry) => defaultAcl(bucket, entry) };
  },
  write: async (call, { buckets }, change) => {
    const after = await buckets.update(parameter(call, "bucket"), {}, (before) => ({
      defaultObjectAcl: change(before.defaultObjectAcl),
    }));
    return { entries: after.defaultObjectAcl, show: (entry) => defaultAcl(after, entry) };
  },
};

const ofObject: AclOwner = {
  kind: "object",
  listKind: "storage#objectAccessControls",
  deed: "get legacy ACL for an object",
  read: (call, { objects }) => {
    const [name, generation] = [parameter(call, "object"), call.query.get("generation")];
    const { bucket, record } = objects.find(parameter(call, "bucket"), name, generation);
    return { bucket, entries: record.acl, show: shower(record, call) };
  },
  write: async (call, { objects }, change) => {
    const { record } = await objects.update(
      parameter(call, "bucket"),
      parameter(call, "object"),
      call.query.get("generation"),
      {},
      (before) => ({ acl: withOwner(change(before.acl)) }),
    );
    return { entries: record.acl, show: shower(record, call) };
  },
};

const shower =
  (record: ObjectRecord, call: Call): Show =>
  (entry) =>
    objectAcl(record, entry, call.origin);

function methods(resource: string, owner: AclOwner): Record<string, Handler> {
  const read: AclOwner["read"] = (call, state) => {
    const found = owner.read(call, state);
    if (found.bucket.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled) throw uniformAccess(owner.deed);
    return found;
  };
  const put: Handler = async (call, state) => {
    read(call, state);
    const sent = call.body as { readonly entity?: string; readonly role?: string };
    const entry = readEntry(owner.kind, call.params.entity ?? sent.entity, sent.role);
    const { show } = await owner.write(call, state, (entries) => putEntry(entries, entry));
    return show(entry);
  };
  return {
    [`${resource}.list`]: (call, state) => {
      const { entries, show } = read(call, state);
      return { kind: owner.listKind, ...(entries.length === 0 ? {} : { items: entries.map(show) }) };
    },
    [`${resource}.get`]: (call, state) => {
      const { entries, show } = read(call, state);
      return show(findEntry(entries, parameter(call, "entity")));
    },
    [`${resource}.insert`]: put,
    [`${resource}.update`]: put,
    [`${resource}.patch`]: async (call, state) => {
      const before = findEntry(read(call, state).entries, parameter(call, "entity"));
      const { role = before.role } = call.body as { readonly role?: string };
      return put({ ...call, body: { ...call.body, role } }, state);
    },
    [`${resource}.delete`]: async (call, state) => {
      const entity = parameter(call, "entity");
      if (!read(call, state).entries.some((entry) => entry.entity === entity)) throw notFound();
      await owner.write(call, state, (entries) => entries.filter((entry) => entry.entity !== entity));
    },
  };
}

export const acls: Readonly<Record<string, Handler>> = {
  ...methods("bucketAccessControls", ofBucket),
  ...methods("defaultObjectAccessControls", ofNewObjects),
  ...methods("objectAccessControls", ofObject),
};
