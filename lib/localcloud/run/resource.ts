/** Records as the Admin API shows them. */

import { createHash } from "node:crypto";
import type { Condition, ConditionState, Revision, Service, TrafficTargetStatus } from "./contract/messages.js";
import type { RevisionRecord, RunStore, ServiceRecord, TrafficShare } from "./store.js";

/** The one caller of a local cloud. */
export const CALLER = "local@activate.invalid";

export const addressOf = (port: number): string => `http://127.0.0.1:${port}`;

/** A service's own address first, then those of its tags. */
export function urlsOf(service: ServiceRecord): string[] {
  return [addressOf(service.port), ...Object.values(service.tagPorts).map(addressOf)];
}

export function isReconciling(service: ServiceRecord): boolean {
  return service.serving.generation < service.generation;
}

export function toService(store: RunStore, record: ServiceRecord): Service {
  const { names } = store;
  const { serving, spec } = record;
  const revisionName = (revision: string): string => names.revision({ ...record, revision });
  const reconciling = isReconciling(record);
  const state: ConditionState = reconciling
    ? "CONDITION_RECONCILING"
    : serving.failure === undefined
      ? "CONDITION_SUCCEEDED"
      : "CONDITION_FAILED";
  const created = store.findRevision({ ...record, revision: record.latestCreated });
  const hasFailed = created?.outcome?.ready === false;
  const configurations: ConditionState = reconciling
    ? "CONDITION_RECONCILING"
    : hasFailed
      ? "CONDITION_FAILED"
      : "CONDITION_SUCCEEDED";
  return {
    ...spec,
    name: names.service(record),
    uid: record.uid,
    generation: String(record.generation),
    observedGeneration: String(serving.generation),
    createTime: record.createTime,
    updateTime: record.updateTime,
    creator: CALLER,
    lastModifier: CALLER,
    latestCreatedRevision: revisionName(record.latestCreated),
    ...(record.latestReady === undefined ? {} : { latestReadyRevision: revisionName(record.latestReady) }),
    trafficStatuses: serving.traffic.map((share) => toTrafficStatus(record, share)),
    terminalCondition: condition("Ready", state, serving.time, serving.failure),
    conditions: [
      condition("RoutesReady", state, serving.time, serving.failure),
      condition("ConfigurationsReady", configurations, serving.time, hasFailed ? serving.failure : undefined),
    ],
    uri: addressOf(record.port),
    urls: [addressOf(record.port)],
    ...(reconciling ? { reconciling } : {}),
    etag: serviceEtag(store, record),
  };
}

function toTrafficStatus(
  service: ServiceRecord,
  { revision, percent, tag, latest }: TrafficShare,
): TrafficTargetStatus {
  const port = tag === undefined ? undefined : service.tagPorts[tag];
  return {
    type: latest ? "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" : "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION",
    ...(latest ? {} : { revision }),
    ...(percent === 0 ? {} : { percent }),
    ...(tag === undefined ? {} : { tag }),
    ...(port === undefined ? {} : { uri: addressOf(port) }),
  };
}

export function toRevision(store: RunStore, record: RevisionRecord): Revision {
  const { template, outcome } = record;
  const { revision: _, healthCheckDisabled: __, ...copied } = template;
  const service = store.findService(record);
  const isServing = service?.serving.traffic.some(({ revision }) => revision === record.revision) ?? false;
  const state: ConditionState =
    outcome === undefined ? "CONDITION_RECONCILING" : outcome.ready ? "CONDITION_SUCCEEDED" : "CONDITION_FAILED";
  const failure = outcome?.ready === false ? outcome.message : undefined;
  return {
    ...copied,
    name: store.names.revision(record),
    uid: record.uid,
    generation: "1",
    observedGeneration: "1",
    createTime: record.createTime,
    updateTime: record.updateTime,
    launchStage: "GA",
    service: record.service,
    creator: CALLER,
    ...(outcome === undefined ? { reconciling: true } : {}),
    conditions: [
      condition("Ready", state, record.updateTime, failure),
      {
        ...condition("Active", isServing ? "CONDITION_SUCCEEDED" : "CONDITION_FAILED", record.updateTime, undefined),
        ...(isServing ? {} : { severity: "INFO", message: "Revision retired.", revisionReason: "RETIRED" }),
      },
      condition("ContainerHealthy", state, record.updateTime, failure),
    ],
    scalingStatus: { desiredMinInstanceCount: isServing ? (template.scaling?.minInstanceCount ?? 0) : 0 },
    etag: etag([record.updateTime, outcome], store.names.revision(record)),
  };
}

function condition(type: string, state: ConditionState, time: string, failure: string | undefined): Condition {
  return {
    type,
    state,
    lastTransitionTime: time,
    ...(failure === undefined ? {} : { message: failure, ...failureReason(failure) }),
  };
}

function failureReason(failure: string): Pick<Condition, "reason" | "revisionReason"> {
  if (/ Image '.*' not found\./.test(failure)) return { reason: "CONTAINER_MISSING" };
  return { revisionReason: "HEALTH_CHECK_CONTAINER_ERROR" };
}

/** With inner quotes, an opaque part and the resource's path, as Cloud Run writes them (contracts 6.3). */
export function serviceEtag(store: RunStore, record: ServiceRecord): string {
  return etag([record.generation, record.serving], store.names.service(record));
}

function etag(content: unknown, name: string): string {
  const opaque = createHash("sha256").update(JSON.stringify(content)).digest("base64").slice(0, 12);
  return `"${opaque}/${Buffer.from(name).toString("base64")}"`;
}
