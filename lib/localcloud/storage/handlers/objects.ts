import { predefined, readAcl, withOwner } from "../acl.js";
import { type Call, type Handler, isTrue, parameter, type StorageState, viewOf } from "../call.js";
import { checkConditions, readConditions } from "../conditions.js";
import { keyOf } from "../customerKeys.js";
import { objectNotFound, required, uniformAccess } from "../errors.js";
import { listObjects } from "../listing.js";
import { settableFields } from "../objectFields.js";
import type { AclEntry, BucketRecord, ObjectRecord } from "../records.js";
import { objectResource } from "../resources.js";
import { download } from "../transfer/download.js";

const at = (call: Call): readonly [bucket: string, object: string] => [
  parameter(call, "bucket"),
  parameter(call, "object"),
];

/** Access that a body or the parameter gives to an object; undefined where neither speaks. */
export function aclOf(call: Call, { project }: StorageState, named = "predefinedAcl"): readonly AclEntry[] | undefined {
  const name = call.query.get(named);
  if (name) return withOwner(predefined("object", name, project));
  return call.body.acl ? withOwner(readAcl("object", call.body.acl)) : undefined;
}

export function show(call: Call, state: StorageState, record: ObjectRecord, bucket: BucketRecord): object {
  const asked = call.query.has("predefinedAcl") || call.body.acl !== undefined;
  const keyed = record.keySha256 !== undefined && keyOf(call.headers) === record.keySha256;
  return objectResource(record, bucket, viewOf(call, state, asked), keyed);
}

const get: Handler = async (call, state) => {
  const [bucketName, name] = at(call);
  const generation = call.query.get("generation");
  if (isTrue(call, "softDeleted")) {
    if (!generation) throw required("generation");
    const bucket = state.catalog.bucket(bucketName);
    const record = state.catalog.softDeleted(bucket, name, generation);
    if (!record) throw objectNotFound(bucketName, name);
    return show(call, state, record, bucket);
  }
  const { record, bucket } = state.objects.find(bucketName, name, generation);
  checkConditions(readConditions(call.query), record);
  if (call.query.get("alt") === "media") return download(state, record, bucket, call.headers);
  return show(call, state, record, bucket);
};

const change =
  (replace: boolean): Handler =>
  async (call, state) => {
    const [bucketName, name] = at(call);
    const { record, bucket } = await state.objects.update(
      bucketName,
      name,
      call.query.get("generation"),
      readConditions(call.query),
      (_, owner) => {
        const acl = aclOf(call, state);
        if (acl && owner.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled) {
          throw uniformAccess("update legacy ACL for an object");
        }
        return {
          fields: settableFields(call.body),
          replace,
          overrideRetention: isTrue(call, "overrideUnlockedRetention"),
          ...(acl ? { acl } : {}),
        };
      },
    );
    return show(call, state, record, bucket);
  };

const remove: Handler = async (call, state) => {
  const [bucketName, name] = at(call);
  await state.objects.remove(bucketName, name, call.query.get("generation"), readConditions(call.query));
};

const restore: Handler = async (call, state) => {
  const [bucketName, name] = at(call);
  const generation = call.query.get("generation");
  if (!generation) throw required("generation");
  const conditions = readConditions(call.query);
  const record = await state.objects.restore(bucketName, name, generation, conditions, isTrue(call, "copySourceAcl"));
  return show(call, state, record, state.catalog.bucket(bucketName));
};

export const objects: Readonly<Record<string, Handler>> = {
  "objects.get": get,
  "objects.list": (call, state) => listObjects(call, state, (record, bucket) => show(call, state, record, bucket)),
  "objects.patch": change(false),
  "objects.update": change(true),
  "objects.delete": remove,
  "objects.restore": restore,
};
