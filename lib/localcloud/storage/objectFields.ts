import type { JsonObject } from "../platform/discovery.js";
import { checkStorageClass } from "./bucketFields.js";
import { forbidden, invalid } from "./errors.js";
import { checkCustomMetadata } from "./names.js";
import type { BucketRecord, ObjectFields, ObjectRecord } from "./records.js";

const SETTABLE: readonly (keyof ObjectFields)[] = [
  "contentType",
  "contentEncoding",
  "contentLanguage",
  "contentDisposition",
  "cacheControl",
  "storageClass",
  "customTime",
  "metadata",
  "temporaryHold",
  "eventBasedHold",
  "retention",
];

/** Of a body, what a caller may set; null means removal. */
export function settableFields(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => SETTABLE.some((settable) => settable === name)));
}

/**
 * Fields without removals and empty values, checked.
 * @throws CloudError invalid
 */
export function completeFields(wanted: JsonObject, bucket: BucketRecord): ObjectFields {
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (value !== null && value !== undefined) fields[name] = value;
  }
  const { metadata, retention, storageClass } = fields as ObjectFields;
  if (metadata) {
    const kept = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null));
    checkCustomMetadata(kept);
    if (Object.keys(kept).length === 0) delete fields.metadata;
    else fields.metadata = kept;
  }
  if (retention?.mode === undefined && retention?.retainUntilTime === undefined) delete fields.retention;
  else checkRetention(retention, bucket);
  if (typeof fields.contentType === "string" && fields.contentType === "") delete fields.contentType;
  fields.storageClass = checkStorageClass(storageClass ?? bucket.fields.storageClass ?? "STANDARD");
  return fields as ObjectFields;
}

function checkRetention({ mode, retainUntilTime }: NonNullable<ObjectFields["retention"]>, bucket: BucketRecord): void {
  if (bucket.fields.objectRetention?.mode !== "Enabled") {
    throw invalid("Object retention cannot be set on an object in a bucket that has not enabled object retention.");
  }
  if (mode !== "Unlocked" && mode !== "Locked") throw invalid(`Invalid retention mode: '${mode ?? ""}'`);
  if (retainUntilTime === undefined) throw invalid("Object retention needs a retainUntilTime.");
}

/**
 * A retention that is under way may be lengthened; shortened or removed only while it is unlocked and the caller says
 * `overrideUnlockedRetention`.
 * @throws CloudError forbidden
 */
export function checkRetentionChange(before: ObjectFields, after: ObjectFields, override: boolean): void {
  const old = before.retention;
  if (!old) return;
  const next = after.retention;
  const lengthened =
    next !== undefined &&
    Date.parse(next.retainUntilTime ?? "") >= Date.parse(old.retainUntilTime ?? "") &&
    !(old.mode === "Locked" && next.mode !== "Locked");
  if (lengthened) return;
  if (old.mode === "Locked") throw forbidden("Cannot reduce or remove the retention of an object in Locked mode.");
  if (!override) {
    throw forbidden(
      "Cannot reduce or remove the retention of an object without the parameter overrideUnlockedRetention=true.",
    );
  }
}

/** Until when the object may be neither deleted nor overwritten, by its bucket's policy; undefined: no policy. */
export function retentionExpiration(record: ObjectRecord, bucket: BucketRecord): number | undefined {
  const seconds = bucket.fields.retentionPolicy?.retentionPeriod;
  if (seconds === undefined || record.fields.eventBasedHold) return undefined;
  return record.retentionFrom + Number(seconds) * 1000;
}

/** @throws CloudError forbidden while holds or retention keep the object. */
export function checkUnretained(record: ObjectRecord, bucket: BucketRecord, now: number): void {
  const { temporaryHold, eventBasedHold, retention } = record.fields;
  const object = `Object '${record.bucket}/${record.name}'`;
  const hold = temporaryHold ? "Temporary" : eventBasedHold ? "Event-Based" : undefined;
  if (hold) {
    throw forbidden(
      `${object} is under active ${hold} hold and cannot be deleted, overwritten or archived until hold is removed.`,
    );
  }
  const until = Math.max(
    retentionExpiration(record, bucket) ?? 0,
    retention?.retainUntilTime ? Date.parse(retention.retainUntilTime) : 0,
  );
  if (until > now) {
    throw forbidden(
      `${object} is subject to bucket's retention policy or object retention and cannot be deleted or overwritten until ${new Date(until).toISOString()}`,
      "retentionPolicyNotMet",
    );
  }
}
