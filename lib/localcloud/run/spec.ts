/** What a caller may set of a service (google/cloud/run/v2/service.proto). */

import { parseFieldMask } from "../platform/fieldMask.js";
import type { Project } from "../platform/service.js";
import type { FieldViolation } from "../platform/transport/handler.js";
import type { Service } from "./contract/messages.js";
import type { ServiceSpec } from "./store.js";
import { completeTemplate, reservedKey, TEMPLATE_FIELDS, TEMPLATE_FIELDS_KEPT, templateProblems } from "./template.js";
import { completeTraffic, trafficProblems } from "./traffic.js";

const FIELDS = [
  "description",
  "labels",
  "annotations",
  "client",
  "clientVersion",
  "ingress",
  "launchStage",
  "template",
  "traffic",
  "scaling",
  "invokerIamDisabled",
  "customAudiences",
] as const satisfies readonly (keyof ServiceSpec)[];

/** Fields of a request that holds a service. */
export const SERVICE_SUPPORT = {
  honoured: [
    "service.name",
    "service.etag",
    ...FIELDS.filter((field) => field !== "template" && field !== "scaling").map((field) => `service.${field}`),
    "service.scaling.minInstanceCount",
    ...TEMPLATE_FIELDS.map((field) => `service.template.${field}`),
  ],
  ignored: TEMPLATE_FIELDS_KEPT.map((field) => `service.template.${field}`),
};

/** Address of the account that a project's services run as when they name none. */
export const defaultAccount = (project: Project): string => `${project.number}-compute@developer.gserviceaccount.com`;

export function completeSpec(given: Service, project: Project): ServiceSpec {
  const set = Object.fromEntries(
    FIELDS.flatMap((field) => (given[field] === undefined ? [] : [[field, given[field]]])),
  ) as Partial<ServiceSpec>;
  return {
    ...set,
    ingress: given.ingress ?? "INGRESS_TRAFFIC_ALL",
    launchStage: given.launchStage ?? "GA",
    template: completeTemplate(given.template ?? {}, defaultAccount(project)),
    traffic: completeTraffic(given.traffic),
  };
}

export function specProblems(
  spec: ServiceSpec,
  serviceId: string,
  isRevision: (revision: string) => boolean,
): FieldViolation[] {
  const problems: FieldViolation[] = [];
  for (const kind of ["labels", "annotations"] as const) {
    const reserved = reservedKey(spec[kind]);
    if (reserved === undefined) continue;
    problems.push({
      field: `service.${kind}`,
      description: `"${reserved}" is a system ${kind.slice(0, -1)} and cannot be set.`,
    });
  }
  if ((spec.scaling?.minInstanceCount ?? 0) < 0) {
    problems.push({ field: "service.scaling.min_instance_count", description: "must be greater than or equal to 0." });
  }
  const named = (revision: string): boolean => isRevision(revision) || revision === spec.template.revision;
  return [
    ...problems,
    ...templateProblems(spec.template, serviceId),
    ...trafficProblems(spec.traffic ?? [], serviceId, named),
  ];
}

/**
 * The service after an update: without a mask all is replaced, with one what it names ("template.containers" too).
 * @throws CloudError INVALID_ARGUMENT for a path that cannot be updated.
 */
export function mergeSpec(current: ServiceSpec, given: Service, mask: string | undefined): Service {
  if (mask === undefined || mask === "" || mask === "*") return given;
  let merged: Record<string, unknown> = { ...current };
  for (const path of mask.split(",").map((one) => one.trim())) {
    const [first = ""] = path.split(".");
    parseFieldMask(first, FIELDS.map(snakeCase));
    merged = copyPath(merged, given as Record<string, unknown>, path.split(".").map(camelCase));
  }
  return merged as Service;
}

/** `target` with what `source` has at the path: absent there is absent here. */
function copyPath(
  target: Record<string, unknown>,
  source: Record<string, unknown> | undefined,
  [name = "", ...rest]: readonly string[],
): Record<string, unknown> {
  const value = source?.[name];
  if (rest.length === 0) return { ...target, [name]: value };
  return {
    ...target,
    [name]: copyPath(
      (target[name] ?? {}) as Record<string, unknown>,
      value as Record<string, unknown> | undefined,
      rest,
    ),
  };
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
