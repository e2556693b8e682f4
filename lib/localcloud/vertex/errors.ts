/**
 * Every error that Vertex AI gives here, as a list. Wordings marked (recorded) were seen on the real service by others
 * (contracts 3.7); the rest are ours, with the code that the service documents or is known to give.
 */

import { CloudError, type StatusWord } from "../platform/errors.js";
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

export function jobNotFound(kind: string, name: string, elsewhere: readonly string[]): CloudError {
  return notFound(kind, name, elsewhere);
}

export function jobRunning(kind: string, name: string, state: string): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `The ${kind} ${name} is in state ${state}: cancel it, or wait until it has ended, before deleting it.`,
    { reason: "JOB_RUNNING", metadata: { resource: name, state } },
  );
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

export function payloadTooLarge(what: "request" | "response", bytes: number, limit: number): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    `The ${what} payload has ${bytes} bytes; online prediction on shared public endpoints takes at most ${limit}. Send fewer instances a call.`,
    { reason: "PAYLOAD_TOO_LARGE", metadata: { bytes: String(bytes), limit: String(limit) } },
  );
}

/** The first sentence and its code are recorded; the lines replace the link to the logs. */
export function modelServerNeverReady(model: string, route: string, seconds: number, lines: string): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `Model server never became ready. Please validate that your model file or container configuration are valid. Model ${model}: GET ${route} was not answered with 200 within ${seconds} s.${lines}`,
    { reason: "MODEL_SERVER_NOT_READY", metadata: { model, route, seconds: String(seconds) } },
  );
}

/** The first sentence is recorded. */
export function modelServerExited(model: string, status: number, lines: string): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `Model server exited unexpectedly. Model ${model}: its container ended with status ${status} before it was healthy.${lines}`,
    { reason: "MODEL_SERVER_EXITED", metadata: { model, status: String(status) } },
  );
}

export function noReadyReplica(model: string): CloudError {
  return new CloudError("UNAVAILABLE", `No replica of Model ${model} is ready. Try again.`, {
    reason: "NO_READY_REPLICA",
    metadata: { model },
  });
}

export function replicaLost(model: string, cause: unknown): CloudError {
  return new CloudError("UNAVAILABLE", `A replica of Model ${model} ended before it had answered. Try again.`, {
    reason: "REPLICA_LOST",
    metadata: { model },
    cause,
  });
}

export function deadlineExceeded(model: string, seconds: number): CloudError {
  return new CloudError("DEADLINE_EXCEEDED", `Model ${model} did not answer within ${seconds} s.`, {
    reason: "PREDICTION_TIMEOUT",
    metadata: { model, seconds: String(seconds) },
  });
}

/** Status words of what a container may answer instead of predictions; of others the first digit decides. */
const STATUS_OF_HTTP: Readonly<Record<number, StatusWord>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ABORTED",
  429: "RESOURCE_EXHAUSTED",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** The container's own words are the message; beyond this many characters they are cut. */
const ANSWER_CHARACTERS_MAX = 2000;

/** A container's answer that is no success: its status mapped, its body in the message (contracts 3.8). */
export function modelServerAnswer(model: string, status: number, body: string): CloudError {
  const word = STATUS_OF_HTTP[status] ?? (status >= 400 && status < 500 ? "INVALID_ARGUMENT" : "INTERNAL");
  const text = body.trim().slice(0, ANSWER_CHARACTERS_MAX);
  return new CloudError(word, text === "" ? `The model server of ${model} answered with status ${status}.` : text, {
    reason: "MODEL_SERVER_ERROR",
    httpStatus: status >= 400 ? status : 500,
    metadata: { model, status: String(status) },
  });
}

export function unreadableAnswer(model: string, why: string, cause?: unknown): CloudError {
  return new CloudError("INTERNAL", `The answer of the model server of ${model} ${why}.`, {
    reason: "MODEL_SERVER_ANSWER",
    metadata: { model },
    cause,
  });
}

export function artifactsNotFound(uri: string, why: string): CloudError {
  return new CloudError("NOT_FOUND", `The artifacts of the Model were not found at ${uri}: ${why}.`, {
    reason: "ARTIFACTS_NOT_FOUND",
    metadata: { uri },
  });
}

export function outputBucketNotFound(bucket: string): CloudError {
  return new CloudError("NOT_FOUND", `The bucket ${bucket} of base_output_directory does not exist: create it first.`, {
    reason: "BUCKET_NOT_FOUND",
    metadata: { bucket },
  });
}
