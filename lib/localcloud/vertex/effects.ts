/** Effects of Vertex AI's long-running operations: what is written together with an operation's end. */

import type { Clock } from "../platform/clock.js";
import type { ContainerHost } from "../platform/containers/index.js";
import type { OperationEffect, OperationKind } from "../platform/operations.js";
import { timestamp } from "../platform/time.js";
import type { BatchPredictionJob, CustomJob } from "./contract/messages.js";
import {
  deployedModelNotFound,
  endpointInUse,
  invalidFields,
  modelDeployed,
  onlyVersion,
  undeployWithTraffic,
} from "./errors.js";
import type { JobRunner } from "./jobs/runner.js";
import { toEndpoint } from "./messages.js";
import type { ModelServers } from "./serving/modelServers.js";
import type { DeployedModelRecord, EndpointRecord, ModelRecord, VertexStore } from "./store.js";
import { DEPLOYING_KEY, splitAfterDeploy, splitAfterUndeploy, splitProblem, type TrafficSplit } from "./traffic.js";
import { type NewVersion, withoutVersion, withVersion } from "./versions.js";

interface EndpointKey {
  readonly location: string;
  readonly endpointId: string;
}
interface ModelKey {
  readonly location: string;
  readonly modelId: string;
}
interface JobKey {
  readonly location: string;
  readonly jobId: string;
}

/** Arguments of each kind of operation, kept with it until it ends. */
export type OperationArguments = {
  readonly createEndpoint: EndpointRecord;
  readonly deleteEndpoint: EndpointKey;
  readonly deployModel: EndpointKey & { readonly deployed: DeployedModelRecord; readonly trafficSplit: TrafficSplit };
  readonly undeployModel: EndpointKey & { readonly deployedModelId: string; readonly trafficSplit: TrafficSplit };
  readonly mutateDeployedModel: EndpointKey & { readonly deployed: DeployedModelRecord };
  readonly uploadModel: { readonly model: ModelRecord; readonly version: NewVersion };
  readonly deleteModel: ModelKey;
  readonly deleteModelVersion: ModelKey & { readonly versionId: string };
  readonly deleteCustomJob: JobKey;
  readonly deleteBatchPredictionJob: JobKey;
};

type Kinds = { readonly [Kind in keyof OperationArguments]: OperationKind<OperationArguments[Kind]> };

const V1 = "google.cloud.aiplatform.v1.";

/** deployment_stage.proto, in the order in which a deployment passes them (contracts 3.5). */
const DEPLOYMENT_STAGES = [
  "STARTING_DEPLOYMENT",
  "PREPARING_MODEL",
  "CREATING_SERVING_CLUSTER",
  "ADDING_NODES_TO_CLUSTER",
  "GETTING_CONTAINER_IMAGE",
  "STARTING_MODEL_SERVER",
  "FINISHING_UP",
];

const STARTING_MODEL_SERVER = DEPLOYMENT_STAGES.indexOf("STARTING_MODEL_SERVER");

const SINGLE_STAGE: readonly object[] = [{}];

export interface EffectContext {
  readonly store: VertexStore;
  readonly clock: Clock;
  readonly containers: ContainerHost;
  readonly servers: ModelServers;
  readonly customJobs: JobRunner<CustomJob>;
  readonly batchPredictionJobs: JobRunner<BatchPredictionJob>;
}

export function operationKinds({
  store,
  clock,
  containers,
  servers,
  customJobs,
  batchPredictionJobs,
}: EffectContext): Kinds {
  return {
    createEndpoint: {
      responseType: `${V1}Endpoint`,
      metadataType: `${V1}CreateEndpointOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async (endpoint) => ({
        response: toEndpoint(store, endpoint),
        changes: [store.endpointChange(endpoint)],
      }),
    },
    deleteEndpoint: {
      responseType: "google.protobuf.Empty",
      metadataType: `${V1}DeleteOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async ({ location, endpointId }) => {
        const endpoint = store.endpoint(location, endpointId);
        if (endpoint.deployedModels.length > 0) throw endpointInUse(store.endpointName(location, endpointId));
        return { response: {}, changes: [store.endpointRemoval(location, endpointId)] };
      },
    },
    deployModel: {
      responseType: `${V1}DeployModelResponse`,
      metadataType: `${V1}DeployModelOperationMetadata`,
      stages: DEPLOYMENT_STAGES.map((deploymentStage) => ({ deploymentStage })),
      doneMetadata: { deploymentStage: "SUCCESSFULLY_DEPLOYED" },
      failedMetadata: { deploymentStage: "FAILED_TO_DEPLOY" },
      work: async (args, stage, signal) => {
        if (stage < STARTING_MODEL_SERVER) return;
        // Again at the last stage: after a restart in between nothing runs.
        await servers.ensure(args, signal);
      },
      finish: async (args) => deploy(store, clock, args),
      abandon: async ({ endpointId, deployed }) => servers.remove(endpointId, deployed.id),
    },
    undeployModel: {
      responseType: `${V1}UndeployModelResponse`,
      metadataType: `${V1}UndeployModelOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async (args) => undeploy(store, clock, args),
      completed: async ({ endpointId, deployedModelId }) => servers.remove(endpointId, deployedModelId),
    },
    mutateDeployedModel: {
      responseType: `${V1}MutateDeployedModelResponse`,
      metadataType: `${V1}MutateDeployedModelOperationMetadata`,
      stages: SINGLE_STAGE,
      work: async (args, _, signal) => servers.ensure(args, signal),
      finish: async (args) => mutate(store, clock, args),
    },
    uploadModel: {
      responseType: `${V1}UploadModelResponse`,
      metadataType: `${V1}UploadModelOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async ({ model, version }) => {
        const { location, modelId } = model;
        // A further version of a model that was deleted meanwhile must not bring it back.
        const isNew = model.versions.length === 0;
        const current = isNew ? model : store.model({ location, modelId, version: undefined });
        const { model: changed, versionId } = withVersion(current, version, timestamp(clock.now()));
        return {
          response: { model: store.modelName(location, modelId), modelVersionId: versionId },
          changes: [store.modelChange(changed)],
        };
      },
    },
    deleteModel: {
      responseType: "google.protobuf.Empty",
      metadataType: `${V1}DeleteOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async ({ location, modelId }) => {
        refuseDeployed(store, store.model({ location, modelId, version: undefined }));
        return { response: {}, changes: [store.modelRemoval(location, modelId)] };
      },
    },
    deleteModelVersion: {
      responseType: "google.protobuf.Empty",
      metadataType: `${V1}DeleteOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async ({ location, modelId, versionId }) => {
        const model = store.model({ location, modelId, version: undefined });
        store.version(model, versionId);
        refuseDeployed(store, model, versionId);
        const remaining = withoutVersion(model, versionId, timestamp(clock.now()));
        if (!remaining) throw onlyVersion(`${store.modelName(location, modelId)}@${versionId}`);
        return { response: {}, changes: [store.modelChange(remaining)] };
      },
    },
    deleteCustomJob: {
      responseType: "google.protobuf.Empty",
      metadataType: `${V1}DeleteOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async (job) => ({ response: {}, changes: [customJobs.removal(job)] }),
      completed: async ({ jobId }) => containers.removeLogs(`customJobs/${jobId}`),
    },
    deleteBatchPredictionJob: {
      responseType: "google.protobuf.Empty",
      metadataType: `${V1}DeleteOperationMetadata`,
      stages: SINGLE_STAGE,
      finish: async (job) => ({ response: {}, changes: [batchPredictionJobs.removal(job)] }),
      completed: async ({ jobId }) => containers.removeLogs(`endpoints/${jobId}`),
    },
  };
}

/** @throws CloudError FAILED_PRECONDITION while an endpoint has the model, or that version of it. */
export function refuseDeployed(store: VertexStore, model: ModelRecord, versionId?: string): void {
  const endpoints = store
    .deployments(model, versionId)
    .map(({ endpoint }) => store.endpointName(endpoint.location, endpoint.endpointId));
  if (endpoints.length === 0) return;
  const name = store.modelName(model.location, model.modelId);
  throw modelDeployed(versionId === undefined ? name : `${name}@${versionId}`, [...new Set(endpoints)]);
}

function deploy(store: VertexStore, clock: Clock, args: OperationArguments["deployModel"]): OperationEffect {
  const { location, endpointId, deployed, trafficSplit } = args;
  const endpoint = store.endpoint(location, endpointId);
  store.version(store.model({ location, modelId: deployed.modelId, version: undefined }), deployed.versionId);
  checkDeploy(endpoint, trafficSplit);
  const createTime = timestamp(clock.now());
  const ready: DeployedModelRecord = {
    ...deployed,
    resource: {
      ...deployed.resource,
      createTime,
      status: {
        lastUpdateTime: createTime,
        availableReplicaCount: deployed.resource.dedicatedResources?.minReplicaCount ?? 1,
      },
    },
  };
  const changed: EndpointRecord = {
    ...endpoint,
    resource: { ...endpoint.resource, updateTime: createTime },
    deployedModels: [...endpoint.deployedModels, ready],
    trafficSplit: splitAfterDeploy(endpoint.trafficSplit, trafficSplit, deployed.id),
  };
  return {
    response: { deployedModel: toEndpoint(store, changed).deployedModels?.at(-1) },
    changes: [store.endpointChange(changed)],
  };
}

/** The split that a deployment asks for must fit the endpoint as it is. @throws CloudError INVALID_ARGUMENT */
export function checkDeploy(endpoint: EndpointRecord, trafficSplit: TrafficSplit): void {
  const ids = [DEPLOYING_KEY, ...endpoint.deployedModels.map(({ id }) => id)];
  const problem = splitProblem(trafficSplit, ids);
  if (problem) throw invalidFields([problem]);
}

function undeploy(store: VertexStore, clock: Clock, args: OperationArguments["undeployModel"]): OperationEffect {
  const { location, endpointId, deployedModelId, trafficSplit } = args;
  const endpoint = store.endpoint(location, endpointId);
  checkUndeploy(store, endpoint, deployedModelId, trafficSplit);
  const remaining = endpoint.deployedModels.filter(({ id }) => id !== deployedModelId);
  const changed: EndpointRecord = {
    ...endpoint,
    resource: { ...endpoint.resource, updateTime: timestamp(clock.now()) },
    deployedModels: remaining,
    trafficSplit: splitAfterUndeploy(
      endpoint.trafficSplit,
      trafficSplit,
      deployedModelId,
      remaining.map(({ id }) => id),
    ),
  };
  return { response: {}, changes: [store.endpointChange(changed)] };
}

/** @throws CloudError NOT_FOUND, FAILED_PRECONDITION while it has traffic that the request does not move, INVALID_ARGUMENT for a bad split. */
export function checkUndeploy(store: VertexStore, endpoint: EndpointRecord, id: string, requested: TrafficSplit): void {
  const ids = endpoint.deployedModels.map((deployed) => deployed.id);
  if (!ids.includes(id)) throw deployedModelNotFound(store.endpointName(endpoint.location, endpoint.endpointId), id);
  const problem = splitProblem(requested, ids);
  if (problem) throw invalidFields([problem]);
  const split = Object.keys(requested).length === 0 ? endpoint.trafficSplit : requested;
  const percent = split[id] ?? 0;
  if (ids.length > 1 && percent > 0) throw undeployWithTraffic(id, percent);
}

function mutate(store: VertexStore, clock: Clock, args: OperationArguments["mutateDeployedModel"]): OperationEffect {
  const { location, endpointId, deployed } = args;
  const endpoint = store.endpoint(location, endpointId);
  const index = endpoint.deployedModels.findIndex(({ id }) => id === deployed.id);
  if (index < 0) throw deployedModelNotFound(store.endpointName(location, endpointId), deployed.id);
  const changed: EndpointRecord = {
    ...endpoint,
    resource: { ...endpoint.resource, updateTime: timestamp(clock.now()) },
    deployedModels: endpoint.deployedModels.map((other) => (other.id === deployed.id ? deployed : other)),
  };
  return {
    response: { deployedModel: toEndpoint(store, changed).deployedModels?.[index] },
    changes: [store.endpointChange(changed)],
  };
}
