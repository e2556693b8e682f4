import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { CloudError } from "../errors.js";
import type { HttpResponse } from "../service.js";

const TYPE_PREFIX = "type.googleapis.com/";

/** Google's JSON error body (AIP-193). */
export function errorBody(error: CloudError, domain?: string): HttpResponse {
  const details: object[] = [];
  const { reason, metadata, fieldViolations } = error.details;
  if (reason !== undefined && domain !== undefined) {
    details.push({
      "@type": `${TYPE_PREFIX}google.rpc.ErrorInfo`,
      reason,
      domain,
      ...(metadata ? { metadata } : {}),
    });
  }
  if (fieldViolations) details.push({ "@type": `${TYPE_PREFIX}google.rpc.BadRequest`, fieldViolations });
  const body = {
    error: {
      code: error.httpStatus,
      message: error.message,
      status: error.status,
      ...(details.length > 0 ? { details } : {}),
    },
  };
  return {
    status: error.httpStatus,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(body, undefined, 2)}\n`,
  };
}

/**
 * `google.rpc.Status` in binary, for the trailer `grpc-status-details-bin`; undefined when there are no details.
 * Field numbers: googleapis/googleapis google/rpc/{status,error_details}.proto, google/protobuf/any.proto. Written by
 * hand because no package that we have carries error_details as a descriptor.
 */
export function statusDetails(error: CloudError, domain: string): Uint8Array | undefined {
  const { reason, metadata, fieldViolations } = error.details;
  const details: { readonly type: string; readonly value: Uint8Array }[] = [];
  if (reason !== undefined) {
    const info = new BinaryWriter();
    text(info, 1, reason);
    text(info, 2, domain);
    for (const [key, value] of Object.entries(metadata ?? {})) {
      const entry = new BinaryWriter();
      text(entry, 1, key);
      text(entry, 2, value);
      bytes(info, 3, entry.finish());
    }
    details.push({ type: "google.rpc.ErrorInfo", value: info.finish() });
  }
  if (fieldViolations) {
    const badRequest = new BinaryWriter();
    for (const violation of fieldViolations) {
      const entry = new BinaryWriter();
      text(entry, 1, violation.field);
      text(entry, 2, violation.description);
      bytes(badRequest, 1, entry.finish());
    }
    details.push({ type: "google.rpc.BadRequest", value: badRequest.finish() });
  }
  if (details.length === 0) return undefined;
  const status = new BinaryWriter();
  status.tag(1, WireType.Varint).int32(error.grpcCode);
  text(status, 2, error.message);
  for (const detail of details) {
    const any = new BinaryWriter();
    text(any, 1, `${TYPE_PREFIX}${detail.type}`);
    bytes(any, 2, detail.value);
    bytes(status, 3, any.finish());
  }
  return status.finish();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function bytes(writer: BinaryWriter, field: number, value: Uint8Array): void {
  writer.tag(field, WireType.LengthDelimited).bytes(value);
}
