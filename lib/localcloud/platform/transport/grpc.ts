import { toBinary } from "@bufbuild/protobuf";
import {
  Metadata,
  type MethodDefinition,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { MethodContract } from "../contract/contract.js";
import { CloudError } from "../errors.js";
import type { GrpcBinding } from "../service.js";
import { decodeBinary, dispatch, dispatchBinary } from "./dispatch.js";
import { statusDetails } from "./errorBody.js";
import type { CallContext, ServedContract, StreamHandler } from "./handler.js";
import { resourceMatcher } from "./resources.js";

/** The gRPC services of a contract: bytes in, bytes out; decoding is ours, so that a bad message gets a good error. */
export function createGrpc(served: ServedContract): GrpcBinding[] {
  const services = new Map<string, MethodContract[]>();
  for (const method of served.contract.methods) {
    // A stream without a handler: grpc-js itself answers UNIMPLEMENTED with the method's path.
    if (method.streaming && !served.streams?.[method.key]) continue;
    const methods = services.get(method.service);
    if (methods) methods.push(method);
    else services.set(method.service, [method]);
  }
  return [...services.values()].map((methods) => {
    const owners = new Map(methods.map((method) => [method.name, resourceMatcher(method)]));
    return {
      owns: (method, request) => owners.get(method)?.(request) ?? false,
      definition: Object.fromEntries(methods.map((method) => [method.name, definition(method)])),
      implementation: Object.fromEntries(methods.map((method) => [method.name, implementation(served, method)])),
    };
  });
}

type Bytes = Buffer;

function definition(method: MethodContract): MethodDefinition<Bytes, Bytes> {
  return {
    path: `/${method.service}/${method.name}`,
    requestStream: method.streaming,
    responseStream: method.streaming,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: (bytes) => bytes,
    responseDeserialize: (bytes) => bytes,
  };
}

function implementation(served: ServedContract, method: MethodContract): UntypedServiceImplementation[string] {
  const handler = served.streams?.[method.key];
  return method.streaming && handler ? duplex(served, handler) : unary(served, method);
}

function unary(served: ServedContract, method: MethodContract): UntypedServiceImplementation[string] {
  return (call: ServerUnaryCall<Bytes, Bytes>, callback: sendUnaryData<Bytes>): void => {
    answer(served, method, call).then(
      (bytes) => callback(null, bytes),
      (thrown: unknown) => callback(statusOf(served, thrown)),
    );
  };
}

function duplex(served: ServedContract, handler: StreamHandler): UntypedServiceImplementation[string] {
  return (call: ServerDuplexStream<Bytes, Bytes>): void => {
    let open = true;
    const fail = (thrown: unknown): void => {
      if (!open) return;
      open = false;
      call.emit("error", statusOf(served, thrown));
      receiver.closed();
    };
    const receiver = handler({
      metadata: textMetadata(call.metadata),
      send: (message) => open && call.write(asBuffer(message)),
      end: () => {
        if (!open) return;
        open = false;
        call.end();
        receiver.closed();
      },
      fail,
    });
    call.on("data", (request: Bytes) => {
      if (!open) return;
      try {
        Promise.resolve(receiver.message(request)).catch(fail);
      } catch (thrown) {
        fail(thrown);
      }
    });
    call.on("drain", () => open && receiver.drained());
    call.on("end", () => open && receiver.halfClosed());
    const gone = (): void => {
      if (!open) return;
      open = false;
      receiver.closed();
    };
    call.on("cancelled", gone);
    call.on("close", gone);
    // A caller that vanished: told by `cancelled`; without a listener the error would end the process.
    call.on("error", gone);
  };
}

function statusOf(served: ServedContract, thrown: unknown): { code: number; details: string; metadata: Metadata } {
  const error = CloudError.from(thrown);
  const metadata = new Metadata();
  const details = statusDetails(error, served.domain);
  if (details) metadata.set("grpc-status-details-bin", Buffer.from(details));
  return { code: error.grpcCode, details: error.message, metadata };
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
  const binary = await dispatchBinary(served, call.request, context);
  const bytes =
    binary ??
    toBinary(method.output, await dispatch(served, decodeBinary(served, method.input, call.request), context));
  if (Object.keys(headers.getMap()).length > 0) call.sendMetadata(headers);
  return asBuffer(bytes);
}

/** The same memory. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textMetadata(metadata: Metadata): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata.getMap()).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
