/**
 * Every error of the Admin API, as a list. Sentences marked (recorded) were seen on the real service by others: contracts
 * 6.3; "Violation in" github.com/googleapis/google-cloud-java/issues/11101, GoogleCloudPlatform/magic-modules/pull/10173.
 */

import { CloudError } from "../platform/errors.js";
import type { FieldViolation } from "../platform/transport/handler.js";

export const DOMAIN = "run.googleapis.com";

/** @param request "CreateServiceRequest"; fields of the violations begin below it. (form recorded) */
export function violations(request: string, found: readonly FieldViolation[]): CloudError {
  const worded = found.map(({ field, description }) => ({ field: `Violation in ${request}.${field}`, description }));
  return new CloudError(
    "INVALID_ARGUMENT",
    worded.map(({ field, description }) => `${field}: ${description}`).join("\n"),
    { fieldViolations: worded },
  );
}

/** Required fields that are missing, found before the handler is asked. The request's name is not known there. */
export function missingFields(found: readonly FieldViolation[]): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    found.map(({ field }) => `Violation in request.${field}: required field not present.`).join("\n"),
    { fieldViolations: found.map(({ field }) => ({ field, description: "required field not present." })) },
  );
}

/** (recorded) */
export function notFound(kind: "SERVICE" | "REVISION", id: string, location: string, project: string): CloudError {
  return new CloudError(
    "NOT_FOUND",
    `Resource '${id}' of kind '${kind}' in region '${location}' in project '${project}' does not exist.`,
    { reason: "RESOURCE_NOT_FOUND", metadata: { resource: id, location, project } },
  );
}

/** (recorded) */
export function alreadyExists(id: string): CloudError {
  return new CloudError("ALREADY_EXISTS", `Resource '${id}' already exists.`, {
    reason: "RESOURCE_ALREADY_EXISTS",
    metadata: { resource: id },
  });
}

/** Knative's sentence for a name that another template has. */
export function revisionTaken(id: string): CloudError {
  return new CloudError("ALREADY_EXISTS", `Revision named '${id}' with different configuration already exists.`, {
    reason: "RESOURCE_ALREADY_EXISTS",
    metadata: { resource: id },
  });
}

export function unknownLocation(location: string, project: string): CloudError {
  return new CloudError("PERMISSION_DENIED", `Location ${location} is not found or access is unauthorized.`, {
    reason: "LOCATION_POLICY_VIOLATED",
    metadata: { location, project },
  });
}

export function revisionServes(id: string): CloudError {
  return new CloudError(
    "FAILED_PRECONDITION",
    `Revision '${id}' cannot be deleted: it is the latest one, or traffic or a tag leads to it. Change the traffic first.`,
    { reason: "REVISION_IN_USE", metadata: { revision: id } },
  );
}

export function tooMany(what: string, limit: number): CloudError {
  return new CloudError("RESOURCE_EXHAUSTED", `Quota exceeded: no more than ${limit} ${what}.`, {
    reason: "QUOTA_EXCEEDED",
    metadata: { limit: String(limit) },
  });
}

/** (recorded) of a container that does not take connections. */
export function notListening(revision: string, port: number): string {
  return (
    `Revision '${revision}' is not ready and cannot serve traffic. The user-provided container failed to start and listen on the port ` +
    `defined provided by the PORT=${port} environment variable within the allocated timeout. This can happen when the container port is ` +
    "misconfigured or if the timeout is too short. The health check timeout can be extended. Logs for this revision might contain more information."
  );
}

/** (recorded) */
export function startupProbeFailed(revision: string): string {
  return `Revision '${revision}' is not ready and cannot serve traffic. The user-provided container failed the configured startup probe checks. Logs for this revision might contain more information.`;
}

/** @param sentence why; "Image 'X' not found." … */
export function imageMissing(revision: string, sentence: string): string {
  return `Revision '${revision}' is not ready and cannot serve traffic. ${sentence}`;
}
