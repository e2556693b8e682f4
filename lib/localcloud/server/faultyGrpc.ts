import type { ServerDuplexStream, ServerUnaryCall, sendUnaryData, UntypedServiceImplementation } from "@grpc/grpc-js";
import { CloudError } from "../platform/errors.js";
import type { Faults } from "../platform/faults.js";
import type { GrpcBinding } from "../platform/service.js";

type Unary = (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => void;
type Duplex = (call: ServerDuplexStream<Buffer, Buffer>) => void;

/** The binding of a service whose calls may meet a planned fault. */
export function faultyBinding(faults: Faults, service: string, binding: GrpcBinding): GrpcBinding {
  const implementation: UntypedServiceImplementation = {};
  for (const [name, definition] of Object.entries(binding.definition)) {
    const answer = binding.implementation[name];
    if (!answer) continue;
    // "/google.pubsub.v1.Publisher/Publish" is "Publisher.Publish".
    const method = definition.path.replace(/^\/(?:.*\.)?([^./]+)\/([^/]+)$/, "$1.$2");
    implementation[name] = definition.responseStream
      ? duplex(faults, service, method, answer as Duplex)
      : unary(faults, service, method, answer as Unary);
  }
  return { ...binding, implementation };
}

function unary(faults: Faults, service: string, method: string, answer: Unary): Unary {
  return (call, callback) => {
    const fault = faults.take(service, method);
    if (!fault) {
      answer(call, callback);
      return;
    }
    const broken: sendUnaryData<Buffer> = (error, value) => {
      const length = value?.byteLength ?? 0;
      if (error || fault.breakAfterBytes === undefined || length <= fault.breakAfterBytes) callback(error, value);
      else callback(statusOf(brokenOff(fault.breakAfterBytes)));
    };
    fault.before().then(
      () => answer(call, broken),
      (thrown: unknown) => callback(statusOf(thrown)),
    );
  };
}

function duplex(faults: Faults, service: string, method: string, answer: Duplex): Duplex {
  return (call) => {
    const fault = faults.take(service, method);
    if (!fault) {
      answer(call);
      return;
    }
    const { breakAfterBytes } = fault;
    if (breakAfterBytes !== undefined) {
      let sent = 0;
      const write = call.write.bind(call);
      call.write = (message: Buffer): boolean => {
        sent += message.byteLength;
        if (sent <= breakAfterBytes) return write(message);
        call.emit("error", statusOf(brokenOff(breakAfterBytes)));
        return false;
      };
    }
    // What arrives while the fault is waited out stays in the stream: nobody listens yet.
    fault.before().then(
      () => answer(call),
      (thrown: unknown) => call.emit("error", statusOf(thrown)),
    );
  };
}

function brokenOff(bytes: number): CloudError {
  return new CloudError("UNAVAILABLE", `Planned fault: the connection broke after ${bytes} bytes.`);
}

function statusOf(thrown: unknown): { code: number; details: string } {
  const error = CloudError.from(thrown);
  return { code: error.grpcCode, details: error.message };
}
