/** Traffic splits: DeployedModel id to percent (endpoint.proto Endpoint.traffic_split, endpoint_service.proto). Pure. */

import type { FieldViolation } from "../platform/transport/handler.js";

export type TrafficSplit = Readonly<Record<string, number>>;

/** In a DeployModel request, the key of the model that is being deployed and has no id yet. */
export const DEPLOYING_KEY = "0";

/**
 * What is wrong with a split; undefined when nothing is. The empty split is right: no traffic is accepted then.
 * @param deployedIds keys that the split may have.
 */
export function splitProblem(
  split: TrafficSplit,
  deployedIds: readonly string[],
  field = "traffic_split",
): FieldViolation | undefined {
  const entries = Object.entries(split);
  if (entries.length === 0) return undefined;
  const unknown = entries.find(([id]) => !deployedIds.includes(id));
  if (unknown) {
    const known = deployedIds.length === 0 ? "none is deployed" : `deployed: ${deployedIds.join(", ")}`;
    return { field, description: `DeployedModel ID "${unknown[0]}" is not deployed to the Endpoint (${known}).` };
  }
  const bad = entries.find(([, percent]) => !Number.isInteger(percent) || percent < 0 || percent > 100);
  if (bad) {
    return { field, description: `The percentage of "${bad[0]}" must be between 0 and 100; it is ${bad[1]}.` };
  }
  const sum = entries.reduce((total, [, percent]) => total + percent, 0);
  if (sum !== 100) {
    return { field, description: `The traffic percentage values must add up to 100; they add up to ${sum}.` };
  }
  return undefined;
}

/** The split after a deployment: untouched when the request brought none; "0" becomes the new model's id. */
export function splitAfterDeploy(current: TrafficSplit, requested: TrafficSplit, newId: string): TrafficSplit {
  if (Object.keys(requested).length === 0) return current;
  return Object.fromEntries(
    Object.entries(requested).map(([id, percent]) => [id === DEPLOYING_KEY ? newId : id, percent]),
  );
}

/** The split after an undeployment; the last model's leaving always empties it. */
export function splitAfterUndeploy(
  current: TrafficSplit,
  requested: TrafficSplit,
  removedId: string,
  remainingIds: readonly string[],
): TrafficSplit {
  if (remainingIds.length === 0) return {};
  const base = Object.keys(requested).length === 0 ? current : requested;
  return Object.fromEntries(Object.entries(base).filter(([id]) => id !== removedId));
}

/**
 * The DeployedModel that takes a request: weighted by percent.
 * @param deployedIds in the order in which the shares are laid end to end.
 * @param random uniform in [0, 1)
 * @returns undefined when no model has traffic.
 */
export function chooseDeployedModel(
  split: TrafficSplit,
  deployedIds: readonly string[],
  random: () => number,
): string | undefined {
  const shares = deployedIds.map((id) => ({ id, percent: split[id] ?? 0 })).filter(({ percent }) => percent > 0);
  const total = shares.reduce((sum, { percent }) => sum + percent, 0);
  let mark = random() * total;
  for (const { id, percent } of shares) {
    mark -= percent;
    if (mark < 0) return id;
  }
  return shares.at(-1)?.id;
}
