/**
 * Every error that Pub/Sub gives here, as a list. Wordings marked (recorded) were seen on the real service by others
 * (contracts 4.8); the rest are ours, with the code that the service documents.
 */

import { CloudError, type CloudErrorDetails } from "../platform/errors.js";
import type { FieldViolation } from "../platform/transport/handler.js";

export const DOMAIN = "pubsub.googleapis.com";

function invalid(message: string, details: CloudErrorDetails = {}): CloudError {
  return new CloudError("INVALID_ARGUMENT", message, details);
}

/** (recorded) @param name in full; the text has the id only. */
export function notFound(name: string): CloudError {
  const resource = name.slice(name.lastIndexOf("/") + 1);
  return new CloudError("NOT_FOUND", `Resource not found (resource=${resource}).`, {
    reason: "RESOURCE_NOT_FOUND",
    metadata: { resource: name },
  });
}

/** (recorded) */
export function alreadyExists(name: string): CloudError {
  const resource = name.slice(name.lastIndexOf("/") + 1);
  return new CloudError("ALREADY_EXISTS", `Resource already exists in the project (resource=${resource}).`, {
    reason: "RESOURCE_ALREADY_EXISTS",
    metadata: { resource: name },
  });
}

/** (recorded) */
export function invalidName(name: string): CloudError {
  return invalid(
    `Invalid resource name given (name=${name}). Refer to https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names for more information.`,
    { reason: "INVALID_RESOURCE_NAME", metadata: { name } },
  );
}

/** Required fields that are missing, in the words in which the service names a bad argument. */
export function missingFields(violations: readonly FieldViolation[]): CloudError {
  return invalid(
    `You have passed an invalid argument to the service (argument=${violations.map(({ field }) => field).join(", ")}).`,
    { fieldViolations: violations },
  );
}

/** (recorded) */
export function invalidArgument(argument: string): CloudError {
  return invalid(`You have passed an invalid argument to the service (argument=${argument}).`);
}

/** (recorded) */
export function tooSmall(what: string, given: string | number, limit: string | number): CloudError {
  return invalid(
    `The value for ${what} is too small. You passed ${given} in the request, but the minimum value is ${limit}.`,
  );
}

/** (recorded) */
export function tooLarge(what: string, given: string | number, limit: string | number): CloudError {
  return invalid(
    `The value for ${what} is too large. You passed ${given} in the request, but the maximum value is ${limit}.`,
  );
}

/** (recorded) */
export function payloadTooLarge(limit: number): CloudError {
  return invalid(`Request payload size exceeds the limit: ${limit} bytes.`);
}

/** (recorded) */
export function emptyMessage(): CloudError {
  return invalid(
    "One or more messages in the publish request is empty. Each message must contain either non-empty data, or at least one attribute.",
  );
}

export function badAttributeKey(key: string): CloudError {
  return invalid(
    key === ""
      ? "One or more messages in the publish request has an attribute with an empty key."
      : `One or more messages in the publish request has the attribute key "${key}": keys must not begin with "goog".`,
  );
}

/** The code is recorded; the words are ours. */
export function mixedOrderingKeys(): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    "In a single publish request, all messages must have no ordering key or they must all have the same ordering key.",
  );
}

/** (recorded) */
export function ackDeadline(given: number, minimum: number): CloudError {
  return invalid(
    `Invalid ack deadline given (ack_deadline=${given}). The ack deadline must be between ${minimum} and 600 seconds.`,
  );
}

/** (recorded) */
export function noAckIds(): CloudError {
  return invalid("You have not specified an ack ID in the request.");
}

/** (recorded) */
export function invalidAckId(ackId: string): CloudError {
  return invalid(`You have passed an invalid ack ID to the service (ack_id=${ackId}).`);
}

/** Exactly-once delivery: the result of each ID that was not taken (contracts 4.4). */
export function ackIdsFailed(failures: ReadonlyMap<string, string>): CloudError {
  const permanent = [...failures.values()].every((failure) => failure.startsWith("PERMANENT"));
  return new CloudError(
    // A retryable code for a failure that may pass; the client judges the IDs that are not listed by it.
    permanent ? "FAILED_PRECONDITION" : "ABORTED",
    "Some acknowledgement IDs in the request were invalid. This could be because the acknowledgement IDs have expired or the acknowledgement IDs were malformed.",
    { reason: "EXACTLY_ONCE_ACKID_FAILURE", metadata: Object.fromEntries(failures) },
  );
}

/** (recorded) */
export function retention(what: string, given: string): CloudError {
  return invalid(
    `The value for ${what} is out of bounds. You passed ${given} in the request, but the value must be between 10m and 744h.`,
  );
}

/** (recorded) */
export function pushEndpoint(endpoint: string): CloudError {
  return invalid(
    `Invalid push endpoint given (endpoint=${endpoint}). Refer to https://cloud.google.com/pubsub/subscriber#create for more information.`,
  );
}

/** (recorded) */
export function noMask(method: string): CloudError {
  return invalid(`The update_mask in the ${method}Request must be set, and must contain a non-empty paths list.`);
}

/** (recorded) */
export function notMutable(method: string, field: string, resource: string): CloudError {
  return invalid(
    `Invalid update_mask provided in the ${method}Request: the '${field}' field in the ${resource} is not mutable.`,
  );
}

export function unknownMaskPath(method: string, field: string, resource: string): CloudError {
  return invalid(
    `Invalid update_mask provided in the ${method}Request: '${field}' is not a known ${resource} field. Note that field paths must be of the form 'push_config' rather than 'pushConfig'.`,
  );
}

/** (recorded) */
export function wrongType(): CloudError {
  return new CloudError("FAILED_PRECONDITION", "This method is not supported for this subscription type.", {
    reason: "UNSUPPORTED_SUBSCRIPTION_TYPE",
  });
}

/** A code after which clients come back. */
export function stopping(): CloudError {
  return new CloudError("UNAVAILABLE", "The local cloud is being stopped.");
}

export function detached(): CloudError {
  return new CloudError("FAILED_PRECONDITION", "Subscription is detached from its topic. Its messages are gone.", {
    reason: "SUBSCRIPTION_DETACHED",
  });
}

export function invalidFilter(filter: string, why: string): CloudError {
  return invalid(`You have passed an invalid argument to the service (argument=filter: ${why} in "${filter}").`);
}

export function snapshotTooShort(): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    "The subscription's oldest unacknowledged message is too old: the snapshot would expire within an hour.",
    { reason: "SNAPSHOT_TOO_SHORT" },
  );
}

export function schemasNotSupported(schema: string): CloudError {
  return new CloudError(
    "UNIMPLEMENTED",
    `The local cloud does not keep Pub/Sub schemas, so topics cannot be bound to one (schema=${schema}). Leave schema_settings out, or run this step on Google Cloud.`,
    { reason: "FIELD_NOT_SUPPORTED", metadata: { fields: "schema_settings", schema } },
  );
}

export function quota(what: string, limit: number): CloudError {
  return new CloudError("RESOURCE_EXHAUSTED", `The project has ${limit} ${what}, which is the limit.`, {
    reason: "RATE_LIMIT_EXCEEDED",
    metadata: { limit: String(limit) },
  });
}
