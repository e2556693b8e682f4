import type { JsonObject } from "../platform/discovery.js";
import { labelProblem } from "../platform/labels.js";
import { conditionNotMet, forbidden, invalid } from "./errors.js";
import { checkLifecycle } from "./lifecycle.js";
import { RETENTION_SECONDS_MAX, SOFT_DELETE_SECONDS_DEFAULT, SOFT_DELETE_SECONDS_MAX } from "./limits.js";
import type { BucketFields } from "./records.js";
import { timestamp } from "./times.js";

const STORAGE_CLASSES = [
  "STANDARD",
  "NEARLINE",
  "COLDLINE",
  "ARCHIVE",
  "MULTI_REGIONAL",
  "REGIONAL",
  "DURABLE_REDUCED_AVAILABILITY",
];

const MULTI_REGIONS = ["US", "EU", "ASIA"];
/** docs.cloud.google.com/storage/docs/locations */
const DUAL_REGIONS = ["ASIA1", "EUR4", "EUR5", "EUR7", "EUR8", "NAM4", "IN"];
/** Uniform access can be taken back for this long. */
const UNIFORM_LOCK_MS = 90 * 24 * 3600 * 1000;

/** Fields that a caller may set; whatever else a body holds is the service's own. */
const SETTABLE: readonly (keyof BucketFields)[] = [
  "location",
  "customPlacementConfig",
  "storageClass",
  "rpo",
  "versioning",
  "labels",
  "lifecycle",
  "cors",
  "website",
  "logging",
  "billing",
  "retentionPolicy",
  "softDeletePolicy",
  "iamConfiguration",
  "autoclass",
  "defaultEventBasedHold",
];

/** @throws CloudError invalid */
export function checkStorageClass(name: string): string {
  const upper = name.toUpperCase();
  if (!STORAGE_CLASSES.includes(upper)) throw invalid(`Invalid storage class "${name}"`);
  return upper;
}

export function settableFields(body: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(body).filter(([name]) => SETTABLE.some((settable) => settable === name)));
}

/**
 * What a bucket's fields become, completed by defaults and by the times of what changed.
 * @param before undefined for a new bucket.
 * @param wanted the fields as the caller wants them, merged.
 * @throws CloudError invalid, forbidden, conditionNotMet
 */
export function completeFields(before: BucketFields | undefined, wanted: BucketFields, now: number): BucketFields {
  const location = placeOf(before, wanted);
  const labels = Object.fromEntries(Object.entries(wanted.labels ?? {}).filter(([, value]) => value !== null));
  const problem = labelProblem(labels, ["goog"]);
  if (problem) throw invalid(problem);
  checkLifecycle(wanted.lifecycle?.rule ?? []);
  const retentionPolicy = retentionOf(before, wanted, now);
  const autoclass = autoclassOf(before, wanted, now);
  const { cors, lifecycle, customPlacementConfig, ...rest } = wanted;
  const complete: BucketFields = {
    ...rest,
    ...(customPlacementConfig
      ? {
          customPlacementConfig: {
            dataLocations: customPlacementConfig.dataLocations?.map((at) => at.toUpperCase()) ?? [],
          },
        }
      : {}),
    location,
    storageClass: checkStorageClass(wanted.storageClass ?? "STANDARD"),
    labels,
    ...(cors && cors.length > 0 ? { cors } : {}),
    ...(lifecycle?.rule && lifecycle.rule.length > 0 ? { lifecycle } : {}),
    softDeletePolicy: softDeleteOf(before, wanted, now),
    iamConfiguration: accessOf(before, wanted, now),
    ...(retentionPolicy ? { retentionPolicy } : {}),
    ...(autoclass ? { autoclass } : {}),
  };
  const { rpo } = complete;
  if (rpo !== undefined && !["DEFAULT", "ASYNC_TURBO"].includes(rpo)) throw invalid(`Invalid rpo: '${rpo}'`);
  if (rpo === "ASYNC_TURBO" && locationType(complete) !== "dual-region") {
    throw invalid("Turbo replication (rpo ASYNC_TURBO) is available for dual-region buckets only.");
  }
  return without(complete, [
    ...(Object.keys(labels).length === 0 ? (["labels"] as const) : []),
    ...(retentionPolicy ? [] : (["retentionPolicy"] as const)),
    ...(autoclass ? [] : (["autoclass"] as const)),
  ]);
}

function without(fields: BucketFields, names: readonly (keyof BucketFields)[]): BucketFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.some((other) => other === name)));
}

/** "multi-region", "dual-region" or "region". */
export function locationType({ location = "US", customPlacementConfig }: BucketFields): string {
  if (customPlacementConfig?.dataLocations?.length) return "dual-region";
  if (MULTI_REGIONS.includes(location)) return "multi-region";
  return DUAL_REGIONS.includes(location) ? "dual-region" : "region";
}

function placeOf(before: BucketFields | undefined, wanted: BucketFields): string {
  const location = (wanted.location || "US").toUpperCase();
  if (before && location !== before.location) {
    throw invalid(`Cannot change the location of a bucket from ${before.location} to ${location}.`);
  }
  const known = MULTI_REGIONS.includes(location) || DUAL_REGIONS.includes(location);
  if (!known && !/^[A-Z]+-[A-Z]+\d+(-[A-Z])?$/.test(location)) {
    throw invalid("The specified location constraint is not valid.");
  }
  return location;
}

function retentionOf(
  before: BucketFields | undefined,
  { retentionPolicy: wanted }: BucketFields,
  now: number,
): BucketFields["retentionPolicy"] {
  const old = before?.retentionPolicy;
  const seconds = Number(wanted?.retentionPeriod ?? 0);
  if (old?.isLocked && seconds < Number(old.retentionPeriod)) {
    throw forbidden("Cannot reduce retention duration of a locked Retention Policy for bucket.");
  }
  if (!wanted || seconds === 0) return undefined;
  if (seconds < 0 || seconds > RETENTION_SECONDS_MAX) {
    throw invalid(`Invalid retention period: ${seconds} is not between 1 and ${RETENTION_SECONDS_MAX} seconds.`);
  }
  const same = old?.retentionPeriod === String(seconds);
  return {
    retentionPeriod: String(seconds),
    effectiveTime: same && old?.effectiveTime ? old.effectiveTime : timestamp(now),
    ...(old?.isLocked ? { isLocked: true } : {}),
  };
}

function softDeleteOf(
  before: BucketFields | undefined,
  { softDeletePolicy: wanted }: BucketFields,
  now: number,
): NonNullable<BucketFields["softDeletePolicy"]> {
  const seconds = Number(wanted?.retentionDurationSeconds ?? SOFT_DELETE_SECONDS_DEFAULT);
  if (seconds !== 0 && (seconds < SOFT_DELETE_SECONDS_DEFAULT || seconds > SOFT_DELETE_SECONDS_MAX)) {
    throw invalid(
      `Soft delete policy retention duration must be 0 or between ${SOFT_DELETE_SECONDS_DEFAULT} and ${SOFT_DELETE_SECONDS_MAX} seconds, not ${seconds}.`,
    );
  }
  const old = before?.softDeletePolicy;
  const same = old?.retentionDurationSeconds === String(seconds);
  return {
    retentionDurationSeconds: String(seconds),
    effectiveTime: same && old?.effectiveTime ? old.effectiveTime : timestamp(now),
  };
}

function accessOf(
  before: BucketFields | undefined,
  { iamConfiguration: wanted }: BucketFields,
  now: number,
): NonNullable<BucketFields["iamConfiguration"]> {
  const old = before?.iamConfiguration?.uniformBucketLevelAccess;
  // The older name of the same switch: whichever the caller changed counts.
  const [uniform, former] = [wanted?.uniformBucketLevelAccess?.enabled, wanted?.bucketPolicyOnly?.enabled];
  const enabled = (uniform !== undefined && uniform !== (old?.enabled ?? false) ? uniform : former) ?? uniform ?? false;
  if (old?.enabled && !enabled && old.lockedTime && Date.parse(old.lockedTime) <= now) {
    throw conditionNotMet("Uniform bucket-level access can no longer be disabled: its lock time has passed.");
  }
  const lockedTime = old?.enabled && old.lockedTime ? old.lockedTime : timestamp(now + UNIFORM_LOCK_MS);
  const state = enabled ? { enabled, lockedTime } : { enabled: false };
  const prevention = wanted?.publicAccessPrevention ?? "inherited";
  if (!["inherited", "enforced", "unspecified"].includes(prevention)) {
    throw invalid(`Invalid public access prevention: '${prevention}'`);
  }
  return {
    bucketPolicyOnly: state,
    uniformBucketLevelAccess: state,
    publicAccessPrevention: prevention === "enforced" ? "enforced" : "inherited",
  };
}

function autoclassOf(
  before: BucketFields | undefined,
  { autoclass: wanted }: BucketFields,
  now: number,
): BucketFields["autoclass"] {
  if (!wanted) return undefined;
  const old = before?.autoclass;
  if (!wanted.enabled) return { enabled: false };
  const terminalStorageClass = wanted.terminalStorageClass ?? old?.terminalStorageClass ?? "NEARLINE";
  if (!["NEARLINE", "ARCHIVE"].includes(terminalStorageClass)) {
    throw invalid(`Invalid terminal storage class "${terminalStorageClass}"`);
  }
  const sameClass = old?.terminalStorageClass === terminalStorageClass && old.terminalStorageClassUpdateTime;
  return {
    enabled: true,
    toggleTime: old?.enabled && old.toggleTime ? old.toggleTime : timestamp(now),
    terminalStorageClass,
    terminalStorageClassUpdateTime: sameClass ? sameClass : timestamp(now),
  };
}
