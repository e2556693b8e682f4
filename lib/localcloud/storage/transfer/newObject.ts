import type { JsonObject } from "../../platform/discovery.js";
import type { Blob } from "../blobs.js";
import type { Call, StorageState } from "../call.js";
import { type Conditions, readConditions } from "../conditions.js";
import { keyOf } from "../customerKeys.js";
import { GCP_INSTEAD, invalid, notSupported, required, uniformAccess } from "../errors.js";
import { aclOf } from "../handlers/objects.js";
import { settableFields } from "../objectFields.js";
import type { AclEntry, ObjectRecord } from "../records.js";

/** An upload as it was announced: kept with a resumable session, since what follows brings bytes only. */
export interface Announced {
  readonly bucket: string;
  readonly name: string;
  readonly fields: JsonObject;
  readonly acl?: readonly AclEntry[];
  readonly conditions: Conditions;
  readonly keySha256?: string;
  /** Checksums that the bytes must have, base64. */
  readonly crc32c?: string;
  readonly md5Hash?: string;
  /** Shape of the answer. */
  readonly full: boolean;
}

/**
 * Reads what an upload says of its object, and refuses what would be refused at its end.
 * @param call its body is the object's metadata, as far as there is any.
 * @param contentType of the bytes, where the metadata does not say.
 */
export function announce(call: Call, state: StorageState, contentType: string | undefined): Announced {
  const { params, query, headers, body } = call;
  const sent = body as { readonly name?: string; readonly crc32c?: string; readonly md5Hash?: string };
  const name = query.get("name") ?? sent.name;
  if (!name) throw required("name");
  if (query.get("kmsKeyName")) throw notSupported("Parameter 'kmsKeyName'", GCP_INSTEAD);
  const conditions = readConditions(query);
  const bucket = state.objects.checkInsert(params.bucket ?? "", name, conditions);
  const acl = aclOf(call, state);
  if (acl && bucket.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled) {
    throw uniformAccess("insert legacy ACL for an object");
  }
  const keySha256 = keyOf(headers);
  const encoding = query.get("contentEncoding");
  const declared = declaredHashes(headers["x-goog-hash"]);
  const { crc32c = declared.crc32c, md5Hash = declared.md5 } = sent;
  const fields: JsonObject = {
    ...(contentType ? { contentType } : {}),
    ...(encoding ? { contentEncoding: encoding } : {}),
    ...settableFields(body),
  };
  return {
    bucket: bucket.name,
    name,
    fields: fields.contentType === undefined ? { ...fields, contentType: "application/octet-stream" } : fields,
    ...(acl ? { acl } : {}),
    conditions,
    ...(keySha256 === undefined ? {} : { keySha256 }),
    ...(crc32c ? { crc32c } : {}),
    ...(md5Hash ? { md5Hash } : {}),
    full: query.get("projection") === "full" || (query.get("projection") === null && acl !== undefined),
  };
}

/** Of a header `crc32c=…,md5=…`. */
function declaredHashes(header: string | undefined): { readonly crc32c?: string; readonly md5?: string } {
  const pairs = [...(header ?? "").matchAll(/(crc32c|md5)=([A-Za-z0-9+/=]+)/g)];
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value]));
}

/** Checks the bytes that arrived and makes the object of them; bytes that are wrong are removed. @throws CloudError */
export async function finish(state: StorageState, announced: Announced, blob: Blob): Promise<ObjectRecord> {
  const wrong = mismatch(announced, blob);
  if (wrong) {
    await state.blobs.remove(blob.id);
    throw wrong;
  }
  const { bucket, name, fields, acl, keySha256, conditions } = announced;
  return state.objects.insert(bucket, name, { content: blob, fields, acl, keySha256 }, conditions);
}

function mismatch({ crc32c, md5Hash }: Announced, blob: Blob): Error | undefined {
  if (crc32c !== undefined && crc32c !== blob.crc32c) {
    return invalid(`Provided CRC32C "${crc32c}" doesn't match calculated CRC32C "${blob.crc32c}".`);
  }
  if (md5Hash !== undefined && md5Hash !== blob.md5Hash) {
    return invalid(`Provided MD5 hash "${md5Hash}" doesn't match calculated MD5 hash "${blob.md5Hash}".`);
  }
  return undefined;
}
