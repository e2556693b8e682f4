/** Models on endpoints. Contract: google.cloud.aiplatform.v1.EndpointService, gRPC and REST alike. */

import { parseFieldMask } from "../../platform/fieldMask.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { DedicatedResources, DeployedModel, Methods } from "../contract/messages.js";
import { checkDeploy, checkUndeploy } from "../effects.js";
import { deployedModelNotFound, invalidField, invalidFields, notDeployable, resourcesNotSupported } from "../errors.js";
import { DEPLOYED_MODEL_ID, isMachineType, MACHINE_TYPE_DEFAULT, REPLICAS_MAX } from "../limits.js";
import { isDeployable } from "../messages.js";
import { endpointName, parseModelName, parseName } from "../names.js";
import type { DeployedModelRecord, ModelRecord, ModelVersion } from "../store.js";
import { describedProblems, type Vertex } from "../vertex.js";

const DEDICATED = "deployedModel.dedicatedResources";

/** Fields of a deployment that are honoured or given back; scaling has no meaning on one machine and changes no answer. */
const HONOURED = [
  "endpoint",
  "trafficSplit",
  "deployedModel.id",
  "deployedModel.model",
  "deployedModel.modelVersionId",
  "deployedModel.displayName",
  `${DEDICATED}.machineSpec.machineType`,
  `${DEDICATED}.minReplicaCount`,
  `${DEDICATED}.maxReplicaCount`,
];
const GIVEN_BACK = [
  `${DEDICATED}.requiredReplicaCount`,
  `${DEDICATED}.autoscalingMetricSpecs`,
  "deployedModel.disableContainerLogging",
  "deployedModel.serviceAccount",
];

const MUTABLE = [
  "dedicated_resources.min_replica_count",
  "dedicated_resources.max_replica_count",
  "dedicated_resources.required_replica_count",
  "dedicated_resources.autoscaling_metric_specs",
  "disable_container_logging",
];

export function deploymentHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, operations } = vertex;
  const { project } = store;
  return {
    /**
     * Everything that can be known at once is refused at once; the effect comes with the operation's end.
     * @throws INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION for an image that is not here.
     */
    "EndpointService.DeployModel": (request) => {
      const { location, endpoint: endpointId } = parseName(project, endpointName, request.endpoint, "endpoint");
      const endpoint = store.endpoint(location, endpointId);
      const given = request.deployedModel ?? {};
      const reference = parseModelName(project, given.model, "deployed_model.model");
      if (reference.location !== location) {
        throw invalidField(
          "deployed_model.model",
          `The Model is in ${reference.location} and the Endpoint in ${location}: they must be in the same location.`,
        );
      }
      const model = store.model(reference);
      const version = store.version(model, reference.version ?? (given.modelVersionId || undefined));
      const name = store.modelName(location, model.modelId);
      refuseOtherResources(given, name);
      refuseUnsupported(request, { honoured: HONOURED, ignored: GIVEN_BACK });
      refuseUndeployable(vertex, version, name);
      const resources = given.dedicatedResources ?? {};
      const violations = [
        ...describedProblems("deployed_model", { displayName: given.displayName }),
        ...resourceProblems(resources),
      ];
      if (given.id !== undefined && !DEPLOYED_MODEL_ID.test(given.id)) {
        violations.push({ field: "deployed_model.id", description: "Must be 1 to 10 digits." });
      }
      const isTaken = (id: string): boolean => endpoint.deployedModels.some((deployed) => deployed.id === id);
      if (given.id !== undefined && isTaken(given.id)) {
        violations.push({ field: "deployed_model.id", description: `"${given.id}" is in use on this Endpoint.` });
      }
      if (violations.length > 0) throw invalidFields(violations);
      const trafficSplit = request.trafficSplit ?? {};
      checkDeploy(endpoint, trafficSplit);
      const deployed = toRecord(given, given.id ?? vertex.ids.next(isTaken), model, version);
      return operations.start("deployModel", store.endpointName(location, endpointId), {
        location,
        endpointId,
        deployed,
        trafficSplit,
      });
    },

    /** @throws FAILED_PRECONDITION while the model has traffic that the request does not move elsewhere. */
    "EndpointService.UndeployModel": (request) => {
      const { location, endpoint: endpointId } = parseName(project, endpointName, request.endpoint, "endpoint");
      const deployedModelId = request.deployedModelId ?? "";
      const trafficSplit = request.trafficSplit ?? {};
      checkUndeploy(store, store.endpoint(location, endpointId), deployedModelId, trafficSplit);
      return operations.start("undeployModel", store.endpointName(location, endpointId), {
        location,
        endpointId,
        deployedModelId,
        trafficSplit,
      });
    },

    /** Replica counts and the like. @throws INVALID_ARGUMENT for another field in the mask. */
    "EndpointService.MutateDeployedModel": (request) => {
      const { location, endpoint: endpointId } = parseName(project, endpointName, request.endpoint, "endpoint");
      const endpoint = store.endpoint(location, endpointId);
      const given = request.deployedModel ?? {};
      const current = endpoint.deployedModels.find(({ id }) => id === given.id);
      if (!current) throw deployedModelNotFound(store.endpointName(location, endpointId), given.id ?? "");
      const paths = parseFieldMask(request.updateMask, MUTABLE);
      const deployed = mutated(current, given, paths);
      const violations = resourceProblems(deployed.resource.dedicatedResources ?? {});
      if (violations.length > 0) throw invalidFields(violations);
      return operations.start("mutateDeployedModel", store.endpointName(location, endpointId), {
        location,
        endpointId,
        deployed,
      });
    },
  };
}

/** Our models run on dedicated resources only (supportedDeploymentResourcesTypes). */
function refuseOtherResources(given: DeployedModel, model: string): void {
  if (given.automaticResources !== undefined) throw resourcesNotSupported("automatic_resources", model);
  if (given.sharedResources !== undefined) throw resourcesNotSupported("shared_resources", model);
  if (given.dedicatedResources === undefined) {
    throw invalidField("deployed_model.prediction_resources", "Required field is not set: give dedicated_resources.");
  }
}

/** @throws CloudError FAILED_PRECONDITION for an image that this cloud does not have. */
function refuseUndeployable({ containers }: Vertex, version: ModelVersion, model: string): void {
  if (version.warehouse === undefined) {
    containers.resolve(version.uploaded.containerSpec?.imageUri ?? "");
  } else if (!isDeployable(version)) {
    throw notDeployable(
      model,
      `BigQuery ML models of type ${version.warehouse.modelType} do not support online prediction.`,
    );
  }
}

function resourceProblems(resources: DedicatedResources): { field: string; description: string }[] {
  const violations: { field: string; description: string }[] = [];
  const path = "deployed_model.dedicated_resources";
  const { machineType } = resources.machineSpec ?? {};
  if (machineType !== undefined && !isMachineType(machineType)) {
    violations.push({
      field: `${path}.machine_spec.machine_type`,
      description: `Machine type "${machineType}" is not supported.`,
    });
  }
  const { minReplicaCount = 0, maxReplicaCount, requiredReplicaCount } = resources;
  if (minReplicaCount < 1) {
    violations.push({ field: `${path}.min_replica_count`, description: "Must be at least 1." });
  }
  if (minReplicaCount > REPLICAS_MAX) {
    violations.push({
      field: `${path}.min_replica_count`,
      description: `The local cloud runs at most ${REPLICAS_MAX} replicas of a model, each as a process; these are ${minReplicaCount}.`,
    });
  }
  if (maxReplicaCount !== undefined && maxReplicaCount < minReplicaCount) {
    violations.push({
      field: `${path}.max_replica_count`,
      description: `Must be at least min_replica_count (${minReplicaCount}); it is ${maxReplicaCount}.`,
    });
  }
  if (requiredReplicaCount !== undefined && requiredReplicaCount > minReplicaCount) {
    violations.push({
      field: `${path}.required_replica_count`,
      description: `Must be at most min_replica_count (${minReplicaCount}); it is ${requiredReplicaCount}.`,
    });
  }
  return violations;
}

function toRecord(given: DeployedModel, id: string, model: ModelRecord, version: ModelVersion): DeployedModelRecord {
  const resources = given.dedicatedResources ?? {};
  return {
    id,
    modelId: model.modelId,
    versionId: version.versionId,
    resource: {
      displayName: given.displayName ?? model.displayName,
      dedicatedResources: {
        ...resources,
        machineSpec: { machineType: resources.machineSpec?.machineType ?? MACHINE_TYPE_DEFAULT },
        maxReplicaCount: resources.maxReplicaCount ?? resources.minReplicaCount,
      },
      ...(given.serviceAccount === undefined ? {} : { serviceAccount: given.serviceAccount }),
      ...(given.disableContainerLogging === undefined
        ? {}
        : { disableContainerLogging: given.disableContainerLogging }),
    },
  };
}

function mutated(current: DeployedModelRecord, given: DeployedModel, paths: readonly string[]): DeployedModelRecord {
  const resources = given.dedicatedResources ?? {};
  const has = (field: string): boolean => paths.includes(`dedicated_resources.${field}`);
  return {
    ...current,
    resource: {
      ...current.resource,
      ...(paths.includes("disable_container_logging")
        ? { disableContainerLogging: given.disableContainerLogging }
        : {}),
      dedicatedResources: {
        ...current.resource.dedicatedResources,
        ...(has("min_replica_count") ? { minReplicaCount: resources.minReplicaCount } : {}),
        ...(has("max_replica_count") ? { maxReplicaCount: resources.maxReplicaCount } : {}),
        ...(has("required_replica_count") ? { requiredReplicaCount: resources.requiredReplicaCount } : {}),
        ...(has("autoscaling_metric_specs") ? { autoscalingMetricSpecs: resources.autoscalingMetricSpecs } : {}),
      },
    },
  };
}
