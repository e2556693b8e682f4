import type { Contract, MethodContract } from "../contract/contract.js";
import type { CloudError } from "../errors.js";
import type { JsonObject } from "./protoJson.js";

/**
 * Request and response of each method, by "Service.Method": proto3 JSON form (camelCase, int64 as text, enums by name,
 * timestamps as RFC 3339 text, bytes as base64), fields of default value left out.
 */
export type MethodTypes = Readonly<Record<string, { readonly request: object; readonly response: object }>>;

/** What a handler may know of the call besides the request; the same for gRPC and REST. */
export interface CallContext {
  readonly method: MethodContract;
  /** Milliseconds since 1970 at which the caller stops waiting; undefined when it said nothing. */
  readonly deadlineMs: number | undefined;
  /** Aborted when the caller cancels, hangs up, or the deadline passes. */
  readonly signal: AbortSignal;
  /** gRPC metadata or HTTP headers, names in lower case, binary values left out. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Size of the request as it came over the wire. */
  readonly requestBytes: number;
  /** Sends a header with the answer (gRPC: initial metadata). */
  setHeader(name: string, value: string): void;
}

/** A method of the contract. Knows neither gRPC nor REST. @throws CloudError */
export type Handler<Types extends MethodTypes, Key extends keyof Types> = (
  request: Types[Key]["request"],
  context: CallContext,
) => Types[Key]["response"] | Promise<Types[Key]["response"]>;

/** A method without a handler answers UNIMPLEMENTED and names itself. */
export type Handlers<Types extends MethodTypes> = { readonly [Key in keyof Types]?: Handler<Types, Key> };

/** A handler whose types the dispatcher no longer knows; requests and answers are checked against the contract. */
export type UntypedHandler = (request: never, context: CallContext) => object | Promise<object>;

/**
 * A method in the binary form of its messages, for those that carry many or large payloads: nothing is turned into JSON
 * and back on gRPC. Undefined: it leaves this request to the method's ordinary handler. @throws CloudError
 */
export type BinaryHandler = (
  request: Buffer,
  context: CallContext,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/**
 * A method in the JSON form of its messages, for those that carry many or large payloads: REST alone, where its request
 * is not turned into a message and back. It gets the request as it was sent, unchecked, and what it answers is printed
 * as it is. Undefined: it leaves this request to the method's ordinary handler. @throws CloudError
 */
export type JsonHandler = (request: JsonObject, context: CallContext) => Promise<object> | undefined;

/** What a stream's handler may do with its caller. */
export interface StreamPeer {
  /** gRPC metadata, names in lower case, binary values left out. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Sends one message. False: no more until `drained`. */
  send(message: Uint8Array): boolean;
  /** Ends the stream with OK. */
  end(): void;
  /** Ends the stream with an error. */
  fail(error: CloudError): void;
}

/** What a stream's handler is told by its caller. What `message` throws ends the stream. */
export interface StreamReceiver {
  message(request: Buffer): void | Promise<void>;
  drained(): void;
  /** The caller will send no more. */
  halfClosed(): void;
  /** The stream is gone, for whatever reason. */
  closed(): void;
}

/** A method with streams both ways, in the binary form of its messages; gRPC only. */
export type StreamHandler = (peer: StreamPeer) => StreamReceiver;

export interface FieldViolation {
  /** Path in the spelling of the proto: "deployed_model.dedicated_resources". */
  readonly field: string;
  readonly description: string;
}

/** A contract with the functions that serve it. */
export interface ServedContract {
  readonly contract: Contract;
  readonly handlers: Readonly<Record<string, UntypedHandler | undefined>>;
  /** Methods served in binary form, by the same keys. On gRPC they come first; on REST an ordinary handler does. */
  readonly binary?: Readonly<Record<string, BinaryHandler | undefined>>;
  /** Methods served in JSON form, by the same keys; on REST they come first. */
  readonly json?: Readonly<Record<string, JsonHandler | undefined>>;
  readonly streams?: Readonly<Record<string, StreamHandler | undefined>>;
  /** How this service words a request in which required fields are missing. */
  readonly fieldError: (violations: readonly FieldViolation[]) => CloudError;
  /** ErrorInfo's domain: "aiplatform.googleapis.com". */
  readonly domain: string;
}
