import type { CloudError } from "../../platform/errors.js";
import type { HttpResponse } from "../../platform/service.js";

/** Codes of the XML API by reason (docs.cloud.google.com/storage/docs/xml-api/reference-status). */
const CODES: Readonly<Record<string, readonly [code: string, message?: string]>> = {
  conditionNotMet: ["PreconditionFailed", "At least one of the pre-conditions you specified did not hold."],
  forbidden: ["AccessDenied"],
  retentionPolicyNotMet: ["RetentionPolicyNotMet"],
  invalidPolicyDocument: ["InvalidPolicyDocument"],
  noSuchUpload: ["NoSuchUpload"],
  malformedXml: ["MalformedXML"],
  invalidPart: ["InvalidPart"],
  invalidPartOrder: ["InvalidPartOrder"],
  badDigest: ["BadDigest"],
  entityTooLarge: ["EntityTooLarge"],
  entityTooSmall: ["EntityTooSmall"],
  expired: ["ExpiredToken"],
  invalid: ["InvalidArgument"],
  required: ["InvalidArgument"],
  notImplemented: ["NotImplemented"],
  requestedRangeNotSatisfiable: ["InvalidRange", "The requested range cannot be satisfied."],
};

export function xmlError(error: CloudError): HttpResponse {
  const { reason = "" } = error.details;
  const [code, message] =
    reason === "notFound"
      ? error.message.startsWith("No such object")
        ? ["NoSuchKey", "The specified key does not exist."]
        : ["NoSuchBucket", "The specified bucket does not exist."]
      : (CODES[reason] ?? ["InternalError"]);
  const text = message ?? error.message;
  const details =
    message === undefined || text === error.message ? "" : `<Details>${escapeXml(error.message)}</Details>`;
  return {
    status: error.httpStatus,
    headers: { "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?><Error><Code>${code}</Code><Message>${escapeXml(text)}</Message>${details}</Error>`,
  };
}

export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
