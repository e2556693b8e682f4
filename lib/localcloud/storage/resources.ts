import { createHash } from "node:crypto";
import type { Project } from "../platform/service.js";
import { CALLER, entryDetails } from "./acl.js";
import { locationType } from "./bucketFields.js";
import { retentionExpiration } from "./objectFields.js";
import type { AclEntry, BucketRecord, NotificationRecord, ObjectRecord } from "./records.js";
import { timestamp } from "./times.js";

/** Records as the API shows them (contracts 5.7). */

export function shortEtag(...parts: readonly unknown[]): string {
  return createHash("sha1").update(JSON.stringify(parts)).digest("base64").slice(0, 12);
}

const at = (origin: string, ...segments: readonly string[]): string =>
  `${origin}/storage/v1/b/${segments.map((segment) => encodeURIComponent(segment)).join("/")}`;

export interface View {
  readonly origin: string;
  readonly project: Project;
  /** With `acl` and `owner`. */
  readonly full: boolean;
}

export function bucketResource(record: BucketRecord, { origin, project, full }: View): object {
  const { name, fields } = record;
  const uniform = fields.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
  return {
    kind: "storage#bucket",
    selfLink: at(origin, name),
    id: name,
    name,
    projectNumber: project.number,
    generation: record.generation,
    metageneration: String(record.metageneration),
    etag: shortEtag(record.generation, record.metageneration),
    timeCreated: timestamp(record.timeCreated),
    updated: timestamp(record.updated),
    ...fields,
    locationType: locationType(fields),
    ...(locationType(fields) === "region" ? {} : { rpo: fields.rpo ?? "DEFAULT" }),
    ...times(record),
    ...(full && !uniform
      ? {
          acl: record.acl.map((entry) => bucketAcl(record, entry, origin)),
          defaultObjectAcl: record.defaultObjectAcl.map((entry) => defaultAcl(record, entry)),
          owner: { entity: `project-owners-${project.number}` },
        }
      : {}),
  };
}

const times = ({ softDeleteTime, hardDeleteTime }: BucketRecord | ObjectRecord): object => ({
  ...(softDeleteTime === undefined ? {} : { softDeleteTime: timestamp(softDeleteTime) }),
  ...(hardDeleteTime === undefined ? {} : { hardDeleteTime: timestamp(hardDeleteTime) }),
});

/** @param keyed whether the caller has shown the object's own key: its checksums are told to nobody else. */
export function objectResource(record: ObjectRecord, bucket: BucketRecord, view: View, keyed = false): object {
  const { origin, full } = view;
  const { name, generation, fields, keySha256 } = record;
  const uniform = bucket.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled === true;
  const address = at(origin, bucket.name, "o", name);
  const expiration = retentionExpiration(record, bucket);
  const hashes = {
    ...(record.md5Hash === undefined ? {} : { md5Hash: record.md5Hash }),
    crc32c: record.crc32c,
  };
  return {
    kind: "storage#object",
    id: `${bucket.name}/${name}/${generation}`,
    selfLink: address,
    mediaLink: `${address.replace("/storage/v1/", "/download/storage/v1/")}?generation=${generation}&alt=media`,
    name,
    bucket: bucket.name,
    generation,
    metageneration: String(record.metageneration),
    ...fields,
    size: String(record.size),
    ...(keySha256 === undefined || keyed ? hashes : {}),
    ...(keySha256 === undefined ? {} : { customerEncryption: { encryptionAlgorithm: "AES256", keySha256 } }),
    ...(record.componentCount === undefined ? {} : { componentCount: record.componentCount }),
    etag: etagOf(record),
    timeCreated: timestamp(record.timeCreated),
    updated: timestamp(record.updated),
    timeStorageClassUpdated: timestamp(record.timeStorageClassUpdated),
    timeFinalized: timestamp(record.timeCreated),
    ...(record.timeDeleted === undefined ? {} : { timeDeleted: timestamp(record.timeDeleted) }),
    ...times(record),
    ...(expiration === undefined ? {} : { retentionExpirationTime: timestamp(expiration) }),
    ...(full && !uniform
      ? {
          owner: { entity: `user-${CALLER}` },
          acl: record.acl.map((entry) => objectAcl(record, entry, origin)),
        }
      : {}),
  };
}

export function etagOf({ generation, metageneration }: ObjectRecord): string {
  return shortEtag(generation, metageneration);
}

export function bucketAcl({ name, metageneration }: BucketRecord, entry: AclEntry, origin: string): object {
  return {
    kind: "storage#bucketAccessControl",
    id: `${name}/${entry.entity}`,
    selfLink: at(origin, name, "acl", entry.entity),
    bucket: name,
    ...entry,
    ...entryDetails(entry),
    etag: shortEtag(metageneration),
  };
}

export function defaultAcl({ metageneration }: BucketRecord, entry: AclEntry): object {
  return {
    kind: "storage#objectAccessControl",
    ...entry,
    ...entryDetails(entry),
    etag: shortEtag(metageneration),
  };
}

export function objectAcl(record: ObjectRecord, entry: AclEntry, origin: string): object {
  const { bucket, name, generation } = record;
  return {
    kind: "storage#objectAccessControl",
    id: `${bucket}/${name}/${generation}/${entry.entity}`,
    selfLink: at(origin, bucket, "o", name, "acl", entry.entity),
    bucket,
    object: name,
    generation,
    ...entry,
    ...entryDetails(entry),
    etag: etagOf(record),
  };
}

export function notificationResource(bucket: string, record: NotificationRecord, origin: string): object {
  return {
    kind: "storage#notification",
    selfLink: at(origin, bucket, "notificationConfigs", record.id),
    ...record,
    etag: record.id,
  };
}
