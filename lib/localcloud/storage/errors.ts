import { CloudError } from "../platform/errors.js";

/** Cloud Storage's errors in its own words (contracts 5.8; docs.cloud.google.com/storage/docs/json_api/v1/status-codes). */

export function invalid(message: string, location?: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", message, {
    reason: "invalid",
    ...(location === undefined ? {} : { location, locationType: "parameter" }),
  });
}

export function required(parameter: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", `Required parameter: ${parameter}`, {
    reason: "required",
    location: parameter,
    locationType: "parameter",
  });
}

/** @param advice what to do instead. */
export function notSupported(what: string, advice: string): CloudError {
  return new CloudError("UNIMPLEMENTED", `${what} is not supported by the local Cloud Storage. ${advice}`, {
    reason: "notImplemented",
  });
}

export const GCP_INSTEAD = "Leave it out, or run this on Google Cloud (ACTIVATE_TARGET=gcp).";

export function bucketNotFound(): CloudError {
  return new CloudError("NOT_FOUND", "The specified bucket does not exist.", { reason: "notFound" });
}

export function objectNotFound(bucket: string, name: string): CloudError {
  return new CloudError("NOT_FOUND", `No such object: ${bucket}/${name}`, { reason: "notFound" });
}

/** Access controls, notifications, keys: what has no words of its own. */
export function notFound(): CloudError {
  return new CloudError("NOT_FOUND", "Not Found", { reason: "notFound" });
}

export function bucketExists(): CloudError {
  return new CloudError(
    "ALREADY_EXISTS",
    "Your previous request to create the named bucket succeeded and you already own it.",
    { reason: "conflict" },
  );
}

export function bucketNotEmpty(): CloudError {
  return new CloudError("ALREADY_EXISTS", "The bucket you tried to delete is not empty.", { reason: "conflict" });
}

export function conditionNotMet(
  message = "At least one of the pre-conditions you specified did not hold.",
  location = "If-Match",
): CloudError {
  return new CloudError("FAILED_PRECONDITION", message, {
    reason: "conditionNotMet",
    httpStatus: 412,
    location,
    locationType: "header",
  });
}

/** 304 with an empty body: an `if…NotMatch` condition did not hold. */
export function notModified(): CloudError {
  return new CloudError("FAILED_PRECONDITION", "Not Modified", { reason: "notModified", httpStatus: 304 });
}

export function forbidden(message: string, reason = "forbidden"): CloudError {
  return new CloudError("PERMISSION_DENIED", message, { reason });
}

export function rangeNotSatisfiable(): CloudError {
  return new CloudError("OUT_OF_RANGE", "The requested range cannot be satisfied.", {
    reason: "requestedRangeNotSatisfiable",
    httpStatus: 416,
    location: "Range",
    locationType: "header",
  });
}

export function publicAccessPrevented(): CloudError {
  return conditionNotMet(
    "The member bindings allUsers and allAuthenticatedUsers are not allowed since public access prevention is enforced.",
  );
}

/** @param deed "get legacy ACL for an object", "insert legacy ACL for an object" … */
export function uniformAccess(deed: string): CloudError {
  return invalid(
    `Cannot ${deed} when uniform bucket-level access is enabled. Read more at https://cloud.google.com/storage/docs/uniform-bucket-level-access`,
  );
}

/** Body of an error; message and the list's first message must be equal (contracts 5.8). */
export function errorBody(error: CloudError): string {
  const { reason = "internalError", location, locationType } = error.details;
  const where = location === undefined ? {} : { locationType: locationType ?? "parameter", location };
  const first = { message: error.message, domain: "global", reason, ...where };
  return JSON.stringify({ error: { code: error.httpStatus, message: error.message, errors: [first] } });
}
