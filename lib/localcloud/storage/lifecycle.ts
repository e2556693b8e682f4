import { invalid } from "./errors.js";
import { LIFECYCLE_RULES_MAX } from "./limits.js";
import type { LifecycleRule, ObjectRecord } from "./records.js";

/** Object lifecycle management (docs.cloud.google.com/storage/docs/lifecycle). */

const DAY_MS = 24 * 3600 * 1000;
const ACTIONS = ["Delete", "SetStorageClass", "AbortIncompleteMultipartUpload"];
const CONDITIONS = [
  "age",
  "createdBefore",
  "customTimeBefore",
  "daysSinceCustomTime",
  "daysSinceNoncurrentTime",
  "isLive",
  "matchesPrefix",
  "matchesSuffix",
  "matchesStorageClass",
  "noncurrentTimeBefore",
  "numNewerVersions",
];

/** @throws CloudError invalid */
export function checkLifecycle(rules: readonly LifecycleRule[]): void {
  if (rules.length > LIFECYCLE_RULES_MAX) {
    throw invalid(`A lifecycle configuration has at most ${LIFECYCLE_RULES_MAX} rules, not ${rules.length}.`);
  }
  for (const { action, condition } of rules) {
    if (!action?.type) throw invalid("A lifecycle rule needs an action.");
    if (!ACTIONS.includes(action.type)) throw invalid(`Invalid lifecycle action: '${action.type}'`);
    if (action.type === "SetStorageClass" && !action.storageClass) {
      throw invalid("A SetStorageClass action needs a storageClass.");
    }
    const names = Object.keys(condition ?? {});
    if (names.length === 0) throw invalid("A lifecycle rule needs at least one condition.");
    const unknown = names.find((name) => !CONDITIONS.includes(name));
    if (unknown) throw invalid(`Lifecycle condition '${unknown}' is not supported by the local Cloud Storage.`);
  }
}

/**
 * What the rules do to an object now: Delete wins over a change of class.
 * @param newer how many generations of its name are newer.
 */
export function actionFor(
  rules: readonly LifecycleRule[],
  object: ObjectRecord,
  isLive: boolean,
  newer: number,
  now: number,
): { readonly type: "Delete" } | { readonly type: "SetStorageClass"; readonly storageClass: string } | undefined {
  const met = rules.filter((rule) => isMet(rule, object, isLive, newer, now));
  if (met.some(({ action }) => action?.type === "Delete")) return { type: "Delete" };
  const to = met.find(({ action }) => action?.type === "SetStorageClass")?.action?.storageClass;
  return to === undefined || to === object.fields.storageClass
    ? undefined
    : { type: "SetStorageClass", storageClass: to };
}

function isMet(
  { condition = {} }: LifecycleRule,
  object: ObjectRecord,
  isLive: boolean,
  newer: number,
  now: number,
): boolean {
  const { fields, name } = object;
  const custom = fields.customTime === undefined ? undefined : Date.parse(fields.customTime);
  const tests: Readonly<Record<string, () => boolean>> = {
    age: () => now - object.timeCreated >= (condition.age ?? 0) * DAY_MS,
    createdBefore: () => object.timeCreated < Date.parse(condition.createdBefore ?? ""),
    customTimeBefore: () => custom !== undefined && custom < Date.parse(condition.customTimeBefore ?? ""),
    daysSinceCustomTime: () => custom !== undefined && now - custom >= (condition.daysSinceCustomTime ?? 0) * DAY_MS,
    daysSinceNoncurrentTime: () =>
      object.timeDeleted !== undefined && now - object.timeDeleted >= (condition.daysSinceNoncurrentTime ?? 0) * DAY_MS,
    isLive: () => condition.isLive === isLive,
    matchesPrefix: () => condition.matchesPrefix?.some((prefix) => name.startsWith(prefix)) ?? false,
    matchesSuffix: () => condition.matchesSuffix?.some((suffix) => name.endsWith(suffix)) ?? false,
    matchesStorageClass: () => condition.matchesStorageClass?.includes(fields.storageClass ?? "STANDARD") ?? false,
    noncurrentTimeBefore: () =>
      object.timeDeleted !== undefined && object.timeDeleted < Date.parse(condition.noncurrentTimeBefore ?? ""),
    numNewerVersions: () => newer >= (condition.numNewerVersions ?? 0),
  };
  return Object.keys(condition).every((key) => tests[key]?.() ?? false);
}
