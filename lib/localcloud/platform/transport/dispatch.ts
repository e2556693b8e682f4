import {
  create,
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import type { MethodContract } from "../contract/contract.js";
import { CloudError } from "../errors.js";
import type { BinaryHandler, CallContext, FieldViolation, ServedContract } from "./handler.js";
import { camelMask, checkJson, findUnprintable, isObject, type JsonObject } from "./protoJson.js";

/**
 * The life of a call, the same for both transports: decode, drop what only the server may set, ask for what is
 * required, run the handler, check its answer against the contract. Transports add only their framing.
 */
export async function dispatch(served: ServedContract, request: JsonObject, context: CallContext): Promise<Message> {
  const { method } = context;
  const handler = served.handlers[method.key];
  if (!handler) throw unimplemented(method.key);
  dropOutputOnly(served, method.input, request);
  const missing = missingRequired(served, method, request);
  if (missing.length > 0) throw served.fieldError(missing);
  context.signal.throwIfAborted();
  const response = await handler(request as never, context);
  return encodeResponse(served, method, response);
}

/** The life of a call in binary form. Undefined: the method has no handler of that kind, or it leaves this request. */
export function dispatchBinary(
  served: ServedContract,
  request: Buffer,
  context: CallContext,
): ReturnType<BinaryHandler> {
  const handler = served.binary?.[context.method.key];
  if (!handler) return undefined;
  context.signal.throwIfAborted();
  return handler(request, context);
}

/** The same for a request that came as JSON; its answer as a message. */
export async function dispatchBinaryJson(
  served: ServedContract,
  request: JsonObject,
  context: CallContext,
): Promise<Message | undefined> {
  const { method } = context;
  if (!served.binary?.[method.key] || served.handlers[method.key]) return undefined;
  const { registry } = served.contract;
  const bytes = toBinary(method.input, fromJson(method.input, request, { registry }));
  const answer = await dispatchBinary(served, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), context);
  return answer && fromBinary(method.output, answer);
}

/** Is there anything that answers this method? */
export function isServed(served: ServedContract, key: string): boolean {
  return [served.handlers, served.binary, served.streams].some((handlers) => handlers?.[key] !== undefined);
}

export function unimplemented(key: string): CloudError {
  return new CloudError("UNIMPLEMENTED", `The local cloud does not implement ${key}.`, {
    reason: "METHOD_NOT_IMPLEMENTED",
    metadata: { method: key },
  });
}

/** @throws CloudError INVALID_ARGUMENT for bytes that are no such message or hold what JSON cannot carry. */
export function decodeBinary(served: ServedContract, description: DescMessage, bytes: Uint8Array): JsonObject {
  let message: Message;
  try {
    message = fromBinary(description, bytes);
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", `The request is not a ${description.typeName} message.`, { cause });
  }
  respellMasks(description, message);
  try {
    return toJson(description, message, { registry: served.contract.registry }) as JsonObject;
  } catch (cause) {
    const found = findUnprintable(description, message);
    if (found) throw new CloudError("INVALID_ARGUMENT", found.description, { fieldViolations: [found], cause });
    throw new CloudError("INVALID_ARGUMENT", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** @throws CloudError INVALID_ARGUMENT */
export function decodeJson(served: ServedContract, description: DescMessage, json: unknown): JsonObject {
  const checked = checkJson(description, json);
  const registry = served.contract.registry;
  try {
    // Through the message and back: one spelling of numbers, enums and times for the handlers.
    return toJson(description, fromJson(description, checked, { registry }), { registry }) as JsonObject;
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

export function printJson(
  served: ServedContract,
  method: MethodContract,
  message: Message,
  enumAsInteger: boolean,
): JsonValue {
  return toJson(method.output, message, { registry: served.contract.registry, enumAsInteger });
}

/** A handler's answer that breaks the contract is our fault, and is told as such. */
function encodeResponse(served: ServedContract, method: MethodContract, response: object): Message {
  if (Object.keys(response).length === 0) return create(method.output);
  try {
    return fromJson(method.output, withoutUndefined(response), { registry: served.contract.registry });
  } catch (cause) {
    throw new CloudError("INTERNAL", `The answer of ${method.key} breaks its contract: ${String(cause)}`, { cause });
  }
}

/** Handlers may set a field to undefined instead of leaving it out. */
function withoutUndefined(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (!isObject(value)) return value as JsonValue;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([name, child]) => [name, withoutUndefined(child)]),
  );
}

/** JSON has masks in lowerCamelCase only; over gRPC clients send either spelling. */
function respellMasks(description: DescMessage, message: Message): void {
  for (const field of description.fields) {
    if (field.message?.typeName !== "google.protobuf.FieldMask" || field.fieldKind !== "message") continue;
    const mask = (message as unknown as Record<string, unknown>)[field.localName];
    if (!isObject(mask) || !Array.isArray(mask.paths)) continue;
    mask.paths = mask.paths.map((path) =>
      camelMask(String(path)).replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    );
  }
}

/** Output-only fields are ignored on input, except the name by which an update finds its resource (AIP-203, AIP-134). */
function dropOutputOnly(served: ServedContract, description: DescMessage, json: JsonObject): void {
  for (const field of description.fields) {
    const value = json[field.jsonName];
    if (value === undefined) continue;
    const behaviors = served.contract.behaviors(description.typeName, field.jsonName);
    if (behaviors.includes("OUTPUT_ONLY") && field.jsonName !== "name") {
      delete json[field.jsonName];
      continue;
    }
    const { message } = field;
    if (!message || message.typeName.startsWith("google.protobuf.")) continue;
    const children = Array.isArray(value) ? value : field.fieldKind === "map" ? Object.values(value ?? {}) : [value];
    for (const child of children) if (isObject(child)) dropOutputOnly(served, message, child as JsonObject);
  }
}

/** Required fields that are absent; inside the resource of an update only what is sent counts. */
function missingRequired(served: ServedContract, method: MethodContract, json: JsonObject): FieldViolation[] {
  const isUpdate = findMask(method.input) !== undefined;
  const missing: FieldViolation[] = [];
  const visit = (description: DescMessage, object: JsonObject, path: string): void => {
    for (const field of description.fields) {
      const value = object[field.jsonName];
      const fieldPath = path === "" ? field.name : `${path}.${field.name}`;
      if (value === undefined) {
        const behaviors = served.contract.behaviors(description.typeName, field.jsonName);
        if (behaviors.includes("REQUIRED") && !behaviors.includes("OUTPUT_ONLY")) {
          missing.push({ field: fieldPath, description: "Required field is not set." });
        }
        continue;
      }
      const { message } = field;
      if (!message || isUpdate || message.typeName.startsWith("google.protobuf.")) continue;
      if (Array.isArray(value)) {
        value.forEach((item, index) => {
          if (isObject(item)) visit(message, item as JsonObject, `${fieldPath}[${index}]`);
        });
      } else if (isObject(value) && field.fieldKind === "message") {
        visit(message, value as JsonObject, fieldPath);
      }
    }
  };
  visit(method.input, json, "");
  return missing;
}

function findMask(input: DescMessage): string | undefined {
  return input.fields.find((field) => field.message?.typeName === "google.protobuf.FieldMask")?.jsonName;
}
