/**
 * Every error that Vertex AI gives here, as a list. Wordings marked (recorded) were seen on the real service by others
 * (contracts 3.7); the rest are ours, with the code that the service documents or is known to give.
 */

import { CloudError } from "../platform/errors.js";
import type { FieldViolation } from "../platform/transport/handler.js";

export const DOMAIN = "aiplatform.googleapis.com";

/** Faults of fields, in the form in which Vertex AI lists them (recorded). */
export function invalidFields(violations: readonly FieldViolation[]): CloudError {
  const list = violations.map(
    ({ field, description }, index) => `${index + 1}.Field: ${field}; Message: ${description}\t`,
  );
  return new CloudError("INVALID_ARGUMENT", `List of found errors:\t${list.join("")}`, { fieldViolations: violations });
}

export function invalidField(field: string, description: string): CloudError {
  return invalidFields([{ field, description }]);
}

/** @param elsewhere other locations that have a resource of this id: who asks in the wrong region is told. */
function notFound(kind: string, name: string, elsewhere: readonly string[]): CloudError {
  const hint = elsewhere.length === 0 ? "" : ` There is one of this ID in ${elsewhere.join(", ")}.`;
  return new CloudError("NOT_FOUND", `${kind} \`${name}\` not found.${hint}`, {
    reason: "RESOURCE_NOT_FOUND",
    metadata: { resource: name, ...(elsewhere.length === 0 ? {} : { elsewhere: elsewhere.join(",") }) },
  });
}

export function modelNotFound(name: string, elsewhere: readonly string[]): CloudError {
  return notFound("Model", name, elsewhere);
}

export function endpointNotFound(name: string, elsewhere: readonly string[]): CloudError {
  return notFound("Endpoint", name, elsewhere);
}

export function deployedModelNotFound(endpoint: string, id: string): CloudError {
  return new CloudError("NOT_FOUND", `Endpoint ${endpoint} has no DeployedModel with ID ${id}.`, {
    reason: "RESOURCE_NOT_FOUND",
    metadata: { resource: endpoint, deployedModelId: id },
  });
}

export function alreadyExists(kind: string, name: string): CloudError {
  return new CloudError("ALREADY_EXISTS", `${kind} ${name} already exists.`, {
    reason: "RESOURCE_ALREADY_EXISTS",
    metadata: { resource: name },
  });
}

/** (recorded) */
export function noTrafficSplit(endpoint: string): CloudError {
  return new CloudError("FAILED_PRECONDITION", `Endpoint ${endpoint} doesn't have traffic_split.`, {
    reason: "NO_TRAFFIC_SPLIT",
    metadata: { endpoint },
  });
}

/** (recorded) */
export function endpointInUse(endpoint: string): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `Endpoint ${endpoint} has deployed or being-deployed DeployedModel(s). Undeploy them before deleting the Endpoint.`,
    { reason: "RESOURCE_IN_USE", metadata: { resource: endpoint } },
  );
}

export function modelDeployed(model: string, endpoints: readonly string[]): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `Model ${model} is deployed to ${endpoints.join(", ")}. Undeploy it there first.`,
    { reason: "RESOURCE_IN_USE", metadata: { resource: model, endpoints: endpoints.join(",") } },
  );
}

export function undeployWithTraffic(id: string, percent: number): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `DeployedModel ${id} still has ${percent}% of the traffic: give a traffic_split that moves it to others.`,
    { reason: "DEPLOYED_MODEL_HAS_TRAFFIC", metadata: { deployedModelId: id, percent: String(percent) } },
  );
}

export function onlyVersion(name: string): CloudError {
  return new CloudError("FAILED_PRECONDITION", `${name} is the only version of its Model: delete the Model instead.`, {
    reason: "ONLY_VERSION",
    metadata: { resource: name },
  });
}

export function resourcesNotSupported(field: string, model: string): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    `'${field}' is not supported for Model "${model}"; use dedicated_resources.`,
    {
      reason: "DEPLOYMENT_RESOURCES_NOT_SUPPORTED",
      metadata: { field, model },
    },
  );
}

export function notDeployable(model: string, why: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", `Model ${model} cannot be deployed: ${why}`, {
    reason: "MODEL_NOT_DEPLOYABLE",
    metadata: { model },
  });
}

export function containerNotSupported(model: string, image: string): CloudError {
  return new CloudError(
    "UNIMPLEMENTED",
    `The local cloud does not run container images, so Model ${model} (image ${image}) cannot be deployed here. Deploy it on Google Cloud (ACTIVATE_TARGET=gcp), or deploy a BigQuery ML model.`,
    { reason: "CONTAINERS_NOT_SUPPORTED", metadata: { model, image } },
  );
}

export function payloadTooLarge(what: "request" | "response", bytes: number, limit: number): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    `The ${what} payload has ${bytes} bytes; online prediction on shared public endpoints takes at most ${limit}. Send fewer instances a call.`,
    { reason: "PAYLOAD_TOO_LARGE", metadata: { bytes: String(bytes), limit: String(limit) } },
  );
}
