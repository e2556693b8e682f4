/** Which revisions get how much (google/cloud/run/v2/traffic_target.proto). */

import type { FieldViolation } from "../platform/transport/handler.js";
import type { TrafficTarget } from "./contract/messages.js";
import { TAG_AND_SERVICE_LENGTH_MAX } from "./limits.js";
import type { TrafficShare } from "./store.js";

const LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST";
const REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION";

/** "If traffic is empty or not provided, defaults to 100% traffic to the latest Ready Revision." */
export function completeTraffic(targets: readonly TrafficTarget[] | undefined): readonly TrafficTarget[] {
  if (!targets || targets.length === 0) return [{ type: LATEST, percent: 100 }];
  return targets.map((target) => ({ ...target, type: target.type ?? (target.revision ? REVISION : LATEST) }));
}

/** @param exists is there a revision of that short name? */
export function trafficProblems(
  targets: readonly TrafficTarget[],
  serviceId: string,
  exists: (revision: string) => boolean,
): FieldViolation[] {
  const problems: FieldViolation[] = [];
  targets.forEach(({ type, revision, percent = 0, tag }, index) => {
    const field = `service.traffic[${index}]`;
    if (type === LATEST && revision) {
      problems.push({ field: `${field}.revision`, description: "revision must be empty when type is LATEST." });
    }
    if (type === REVISION && !exists(revision ?? "")) {
      problems.push({ field: `${field}.revision`, description: `Revision '${revision ?? ""}' does not exist.` });
    }
    if (percent < 0 || percent > 100) {
      problems.push({ field: `${field}.percent`, description: "must be between 0 and 100." });
    }
    if (tag && !isTag(tag, serviceId)) {
      problems.push({
        field: `${field}.tag`,
        description: `"${tag}" is no tag: lowercase letters, digits and hyphens, a letter first, with the service's name at most ${TAG_AND_SERVICE_LENGTH_MAX} characters.`,
      });
    }
  });
  const tags = targets.flatMap(({ tag }) => (tag ? [tag] : []));
  const twice = tags.find((tag, index) => tags.indexOf(tag) !== index);
  if (twice) problems.push({ field: "service.traffic", description: `tag "${twice}" is given more than once.` });
  const sum = targets.reduce((total, { percent = 0 }) => total + percent, 0);
  if (sum !== 100) {
    problems.push({
      field: "service.traffic",
      description: `traffic percentages must sum to 100; they sum to ${sum}.`,
    });
  }
  return problems;
}

function isTag(tag: string, serviceId: string): boolean {
  return /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(tag) && tag.length + serviceId.length <= TAG_AND_SERVICE_LENGTH_MAX;
}

/** @returns undefined when it leads to the latest ready revision and there is none. */
export function resolveTraffic(
  targets: readonly TrafficTarget[],
  latestReady: string | undefined,
): TrafficShare[] | undefined {
  const shares: TrafficShare[] = [];
  for (const { type, revision, percent = 0, tag } of targets) {
    const latest = type !== REVISION;
    const target = latest ? latestReady : revision;
    if (target === undefined) return undefined;
    shares.push({ revision: target, percent, latest, ...(tag ? { tag } : {}) });
  }
  return shares;
}

/** @param chance uniform in [0, 1): the request's lot. */
export function pickRevision(shares: readonly TrafficShare[], chance: number): string | undefined {
  let left = chance * 100;
  for (const { revision, percent } of shares) {
    if (left < percent) return revision;
    left -= percent;
  }
  return shares.find(({ percent }) => percent > 0)?.revision;
}
