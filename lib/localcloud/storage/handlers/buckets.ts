import type { JsonObject } from "../../platform/discovery.js";
import { predefined, readAcl } from "../acl.js";
import { locationType, settableFields } from "../bucketFields.js";
import { type Call, type Handler, isTrue, parameter, type StorageState, viewOf } from "../call.js";
import { checkConditions, readConditions } from "../conditions.js";
import { forbidden, invalid, required } from "../errors.js";
import { pageOf } from "../paging.js";
import type { AclEntry } from "../records.js";
import { bucketResource } from "../resources.js";

/** Access that a body or a `predefined…` parameter gives; undefined where neither speaks. */
function accessOf(call: Call, { project }: StorageState) {
  const read = (kind: "bucket" | "object", named: string, field: string): readonly AclEntry[] | undefined => {
    const name = call.query.get(named);
    if (name) return predefined(kind, name, project);
    return call.body[field] ? readAcl(kind, call.body[field]) : undefined;
  };
  return {
    acl: read("bucket", "predefinedAcl", "acl"),
    defaultObjectAcl: read("object", "predefinedDefaultObjectAcl", "defaultObjectAcl"),
  };
}

/** The project that a request names, by id or by number. @throws CloudError required */
function projectOf(call: Call, { project }: StorageState): string {
  const named = call.query.get("project");
  if (!named) throw required("project");
  return named === project.number ? project.id : named;
}

const insert: Handler = async (call, state) => {
  const projectId = projectOf(call, state);
  const name = call.body.name;
  if (typeof name !== "string") throw required("name");
  const access = accessOf(call, state);
  const objectRetention = isTrue(call, "enableObjectRetention");
  const record = await state.buckets.create(name, projectId, settableFields(call.body), access, objectRetention);
  return bucketResource(record, viewOf(call, state, access.acl !== undefined || access.defaultObjectAcl !== undefined));
};

const get: Handler = (call, state) => {
  const name = parameter(call, "bucket");
  if (isTrue(call, "softDeleted")) {
    const generation = call.query.get("generation");
    if (!generation) throw required("generation");
    return bucketResource(state.buckets.softDeleted(name, generation), viewOf(call, state));
  }
  const record = state.catalog.bucket(name);
  checkConditions(readConditions(call.query), record);
  return bucketResource(record, viewOf(call, state));
};

const list: Handler = (call, state) => {
  const projectId = projectOf(call, state);
  const prefix = call.query.get("prefix") ?? "";
  const all = isTrue(call, "softDeleted") ? state.catalog.deletedBuckets() : state.catalog.buckets();
  const matching = all.filter((record) => record.projectId === projectId && record.name.startsWith(prefix));
  const { items, nextPageToken } = pageOf(call, matching, ({ name, generation }) => `${name}/${generation}`);
  return {
    kind: "storage#buckets",
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(items.length === 0 ? {} : { items: items.map((record) => bucketResource(record, viewOf(call, state))) }),
  };
};

const change =
  (replace: boolean): Handler =>
  async (call, state) => {
    const access = accessOf(call, state);
    const fields: JsonObject = settableFields(call.body);
    const record = await state.buckets.update(parameter(call, "bucket"), readConditions(call.query), () => ({
      fields,
      replace,
      ...access,
    }));
    return bucketResource(record, viewOf(call, state, access.acl !== undefined));
  };

const remove: Handler = async (call, state) => {
  await state.buckets.remove(parameter(call, "bucket"), readConditions(call.query));
};

const restore: Handler = async (call, state) => {
  const generation = call.query.get("generation");
  if (!generation) throw required("generation");
  return bucketResource(await state.buckets.restore(parameter(call, "bucket"), generation), viewOf(call, state));
};

const lockRetentionPolicy: Handler = async (call, state) => {
  if (!call.query.get("ifMetagenerationMatch")) throw required("ifMetagenerationMatch");
  const record = await state.buckets.update(parameter(call, "bucket"), readConditions(call.query), ({ fields }) => {
    if (!fields.retentionPolicy) throw invalid("The bucket has no retention policy to lock.");
    if (fields.retentionPolicy.isLocked) throw forbidden("The bucket's retention policy is locked already.");
    return { lockRetention: true, fields: {} };
  });
  return bucketResource(record, viewOf(call, state));
};

const getStorageLayout: Handler = (call, { catalog }) => {
  const { name, fields } = catalog.bucket(parameter(call, "bucket"));
  return {
    kind: "storage#storageLayout",
    bucket: name,
    location: fields.location,
    locationType: locationType(fields),
    hierarchicalNamespace: { enabled: false },
    ...(fields.customPlacementConfig ? { customPlacementConfig: fields.customPlacementConfig } : {}),
  };
};

/** None can be made here, so there are none; gcloud asks before it removes a bucket. */
const listManagedFolders: Handler = (call, { catalog }) => {
  catalog.bucket(parameter(call, "bucket"));
  return { kind: "storage#managedFolders" };
};

export const buckets: Readonly<Record<string, Handler>> = {
  "buckets.insert": insert,
  "buckets.get": get,
  "buckets.list": list,
  "buckets.patch": change(false),
  "buckets.update": change(true),
  "buckets.delete": remove,
  "buckets.restore": restore,
  "buckets.lockRetentionPolicy": lockRetentionPolicy,
  "buckets.getStorageLayout": getStorageLayout,
  "managedFolders.list": listManagedFolders,
};
