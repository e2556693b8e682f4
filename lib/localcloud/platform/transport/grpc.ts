import { toBinary } from "@bufbuild/protobuf";
import {
  Metadata,
  type MethodDefinition,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { MethodContract } from "../contract/contract.js";
import { CloudError } from "../errors.js";
import type { GrpcBinding } from "../service.js";
import { decodeBinary, dispatch } from "./dispatch.js";
import { statusDetails } from "./errorBody.js";
import type { CallContext, ServedContract } from "./handler.js";

/** The gRPC services of a contract: bytes in, bytes out; decoding is ours, so that a bad message gets a good error. */
export function createGrpc(served: ServedContract): GrpcBinding[] {
  const services = new Map<string, MethodContract[]>();
  for (const method of served.contract.methods) {
    // Streams are not served yet: grpc-js itself answers UNIMPLEMENTED with the method's path.
    if (method.streaming) continue;
    const methods = services.get(method.service);
    if (methods) methods.push(method);
    else services.set(method.service, [method]);
  }
  return [...services.values()].map((methods) => ({
    definition: Object.fromEntries(methods.map((method) => [method.name, definition(method)])),
    implementation: Object.fromEntries(methods.map((method) => [method.name, unary(served, method)])),
  }));
}

type Bytes = Buffer;

function definition(method: MethodContract): MethodDefinition<Bytes, Bytes> {
  return {
    path: `/${method.service}/${method.name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  };
}

function unary(served: ServedContract, method: MethodContract): UntypedServiceImplementation[string] {
  return (call: ServerUnaryCall<Bytes, Bytes>, callback: sendUnaryData<Bytes>): void => {
    answer(served, method, call).then(
      (bytes) => callback(null, bytes),
      (thrown: unknown) => {
        const error = CloudError.from(thrown);
        const metadata = new Metadata();
        const details = statusDetails(error, served.domain);
        if (details) metadata.set("grpc-status-details-bin", Buffer.from(details));
        callback({ code: error.grpcCode, details: error.message, metadata });
      },
    );
  };
}

async function answer(
  served: ServedContract,
  method: MethodContract,
  call: ServerUnaryCall<Bytes, Bytes>,
): Promise<Bytes> {
  const cancelled = new AbortController();
  call.on("cancelled", () => cancelled.abort(new CloudError("CANCELLED", "The caller cancelled the request.")));
  const deadline = call.getDeadline();
  const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
  const headers = new Metadata();
  const context: CallContext = {
    method,
    deadlineMs: Number.isFinite(deadlineMs) ? deadlineMs : undefined,
    signal: cancelled.signal,
    metadata: textMetadata(call.metadata),
    requestBytes: call.request.byteLength,
    setHeader: (name, value) => headers.set(name, value),
  };
  const message = await dispatch(served, decodeBinary(served, method.input, call.request), context);
  if (Object.keys(headers.getMap()).length > 0) call.sendMetadata(headers);
  return Buffer.from(toBinary(method.output, message));
}

function textMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
