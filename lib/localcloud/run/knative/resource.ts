/** Services and revisions in the shapes of Cloud Run's older API (run v1, Knative's serving.knative.dev/v1), which gcloud reads. */

import type { Container, Probe, RevisionTemplate } from "../contract/messages.js";
import { addressOf, CALLER, isReconciling } from "../resource.js";
import type { RevisionRecord, RunStore, ServiceRecord } from "../store.js";
import { timeoutSeconds } from "../template.js";

const API = "serving.knative.dev/v1";

export function toKnativeService(store: RunStore, record: ServiceRecord): object {
  const { project } = store.names;
  const { serving, spec } = record;
  const url = addressOf(record.port);
  const isReady = serving.failure === undefined;
  const latestReady = record.latestReady ?? "";
  return {
    apiVersion: API,
    kind: "Service",
    metadata: {
      name: record.service,
      namespace: project.number,
      selfLink: `/apis/${API}/namespaces/${project.number}/services/${record.service}`,
      uid: record.uid,
      resourceVersion: String(record.generation),
      generation: record.generation,
      creationTimestamp: record.createTime,
      labels: { ...spec.labels, "cloud.googleapis.com/location": record.location },
      annotations: {
        ...spec.annotations,
        "serving.knative.dev/creator": CALLER,
        "serving.knative.dev/lastModifier": CALLER,
        "run.googleapis.com/ingress": ingressWord(spec.ingress),
        "run.googleapis.com/ingress-status": ingressWord(spec.ingress),
        "run.googleapis.com/urls": JSON.stringify([url]),
        ...(spec.client === undefined ? {} : { "run.googleapis.com/client-name": spec.client }),
        ...(spec.description === undefined ? {} : { "run.googleapis.com/description": spec.description }),
      },
    },
    spec: {
      template: toKnativeTemplate(spec.template),
      traffic: (spec.traffic ?? []).map(({ revision, percent = 0, tag }) => ({
        ...(revision ? { revisionName: revision } : { latestRevision: true }),
        percent,
        ...(tag ? { tag } : {}),
      })),
    },
    status: {
      observedGeneration: serving.generation,
      conditions: ["Ready", "ConfigurationsReady", "RoutesReady"].map((type) => ({
        type,
        status: isReconciling(record) ? "Unknown" : isReady ? "True" : "False",
        lastTransitionTime: serving.time,
        ...(isReady ? {} : { reason: "HealthCheckContainerError", message: serving.failure }),
      })),
      latestCreatedRevisionName: record.latestCreated,
      ...(latestReady === "" ? {} : { latestReadyRevisionName: latestReady }),
      traffic: serving.traffic.map(({ revision, percent, tag, latest }) => ({
        revisionName: revision,
        percent,
        ...(latest ? { latestRevision: true } : {}),
        ...(tag === undefined ? {} : { tag, url: addressOf(record.tagPorts[tag] ?? 0) }),
      })),
      url,
      address: { url },
    },
  };
}

export function toKnativeRevision(store: RunStore, record: RevisionRecord): object {
  const { project } = store.names;
  const { metadata, spec } = toKnativeTemplate(record.template);
  const { outcome } = record;
  const service = store.findService(record);
  const isActive = service?.serving.traffic.some(({ revision }) => revision === record.revision) ?? false;
  const status = outcome === undefined ? "Unknown" : outcome.ready ? "True" : "False";
  const failure = outcome?.ready === false ? { reason: "HealthCheckContainerError", message: outcome.message } : {};
  const condition = (type: string, value: string): object => ({
    type,
    status: value,
    lastTransitionTime: record.updateTime,
  });
  return {
    apiVersion: API,
    kind: "Revision",
    metadata: {
      name: record.revision,
      namespace: project.number,
      selfLink: `/apis/${API}/namespaces/${project.number}/revisions/${record.revision}`,
      uid: record.uid,
      resourceVersion: "1",
      generation: 1,
      creationTimestamp: record.createTime,
      labels: {
        ...record.template.labels,
        "serving.knative.dev/service": record.service,
        "serving.knative.dev/configuration": record.service,
        "serving.knative.dev/configurationGeneration": String(record.generation),
        "cloud.googleapis.com/location": record.location,
      },
      annotations: { ...metadata.annotations, "serving.knative.dev/creator": CALLER },
    },
    spec,
    status: {
      observedGeneration: 1,
      conditions: [
        { ...condition("Ready", status), ...failure },
        condition("Active", isActive ? "True" : "False"),
        { ...condition("ContainerHealthy", status), ...failure },
      ],
    },
  };
}

interface KnativeTemplate {
  readonly metadata: { readonly name?: string; readonly annotations: Readonly<Record<string, string>> };
  readonly spec: object;
}

function toKnativeTemplate(template: RevisionTemplate): KnativeTemplate {
  const { minInstanceCount: min, maxInstanceCount: max } = template.scaling ?? {};
  return {
    metadata: {
      ...(template.revision === undefined ? {} : { name: template.revision }),
      annotations: {
        ...template.annotations,
        ...(min ? { "autoscaling.knative.dev/minScale": String(min) } : {}),
        ...(max ? { "autoscaling.knative.dev/maxScale": String(max) } : {}),
      },
    },
    spec: {
      containerConcurrency: template.maxInstanceRequestConcurrency,
      timeoutSeconds: timeoutSeconds(template),
      serviceAccountName: template.serviceAccount,
      containers: (template.containers ?? []).map(toKnativeContainer),
    },
  };
}

function toKnativeContainer({ resources, startupProbe, livenessProbe, ...container }: Container): object {
  return {
    ...container,
    ...(resources?.limits ? { resources: { limits: resources.limits } } : {}),
    ...(startupProbe ? { startupProbe: toKnativeProbe(startupProbe) } : {}),
    ...(livenessProbe ? { livenessProbe: toKnativeProbe(livenessProbe) } : {}),
  };
}

const toKnativeProbe = ({ grpc: _, ...probe }: Probe): object => probe;

/** "INGRESS_TRAFFIC_INTERNAL_ONLY" is "internal" there. */
function ingressWord(ingress: string | undefined): string {
  switch (ingress) {
    case "INGRESS_TRAFFIC_INTERNAL_ONLY":
      return "internal";
    case "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER":
      return "internal-and-cloud-load-balancing";
    case "INGRESS_TRAFFIC_NONE":
      return "none";
    default:
      return "all";
  }
}
