import { ActivateError } from "./errors.js";

/** What a prediction takes and gives: plain JSON. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** `google.protobuf.Value` as the gRPC client wants it. */
export interface ValueMessage {
  nullValue?: 0;
  numberValue?: number;
  stringValue?: string;
  boolValue?: boolean;
  listValue?: { values: ValueMessage[] };
  structValue?: { fields: Record<string, ValueMessage> };
}

/** What stopped a conversion, and where: a message names the place, and a value that converts pays nothing for it. */
class Inconvertible extends Error {
  path = "";

  /** @param reason follows the path in the message. */
  constructor(readonly reason: string) {
    super(reason);
  }
}

/** Runs a conversion. @throws ActivateError INVALID_ARGUMENT with the path of what is inconvertible. */
function converted<From, To>(convert: (from: From) => To, from: From, path: string): To {
  try {
    return convert(from);
  } catch (thrown) {
    if (!(thrown instanceof Inconvertible)) throw thrown;
    throw new ActivateError("INVALID_ARGUMENT", `${path}${thrown.path} ${thrown.reason}`);
  }
}

function convertFields<From, To>(fields: Readonly<Record<string, From>>, convert: (from: From) => To) {
  let key = "";
  try {
    const entries: [string, To][] = [];
    for (key of Object.keys(fields)) entries.push([key, convert(fields[key] as From)]);
    return Object.fromEntries(entries);
  } catch (thrown) {
    if (thrown instanceof Inconvertible) thrown.path = `.${key}${thrown.path}`;
    throw thrown;
  }
}

function convertItems<From, To>(items: readonly From[], convert: (from: From) => To): To[] {
  const found: To[] = [];
  try {
    for (let index = 0; index < items.length; index += 1) found.push(convert(items[index] as From));
    return found;
  } catch (thrown) {
    if (thrown instanceof Inconvertible) thrown.path = `[${found.length}]${thrown.path}`;
    throw thrown;
  }
}

/**
 * JSON as `google.protobuf.Value`. The client's own helpers lose dates, typed arrays and undefined without a word, hence ours.
 * @param path where the value is, for the message.
 * @throws ActivateError INVALID_ARGUMENT for what JSON cannot hold: undefined, NaN, infinity, bigint, a class instance.
 * @example toValue({ tax: 4.9 }) // { structValue: { fields: { tax: { numberValue: 4.9 } } } }
 */
export const toValue = (json: unknown, path = "value"): ValueMessage => converted(messageOf, json, path);

/** `google.protobuf.Value` as JSON. @throws ActivateError INVALID_ARGUMENT for a value without kind. */
export const fromValue = (message: object, path = "value"): Json => converted(jsonOf, message, path);

function messageOf(json: unknown): ValueMessage {
  if (json === null) return { nullValue: 0 };
  if (typeof json === "string") return { stringValue: json };
  if (typeof json === "boolean") return { boolValue: json };
  if (typeof json === "number" && Number.isFinite(json)) return { numberValue: json };
  if (Array.isArray(json)) return { listValue: { values: convertItems(json, messageOf) } };
  if (typeof json === "object" && isPlain(json)) {
    return { structValue: { fields: convertFields(json as Readonly<Record<string, unknown>>, messageOf) } };
  }
  const given = typeof json === "object" ? (json.constructor?.name ?? "object") : String(json);
  throw new Inconvertible(
    `is ${given}, which JSON cannot hold. Give a number, text, true, false, null, a list or an object.`,
  );
}

function jsonOf(message: object): Json {
  const value: { [Key in keyof ValueMessage]?: ValueMessage[Key] | null | string } = message;
  // A field that is not set is null, or on the prototype: own and not null means set.
  const has = (key: keyof ValueMessage): boolean => Object.hasOwn(value, key) && value[key] !== null;
  if (has("numberValue")) return Number(value.numberValue);
  if (has("stringValue")) return String(value.stringValue);
  if (has("boolValue")) return value.boolValue === true;
  if (has("nullValue")) return null;
  if (has("listValue")) return convertItems((value.listValue as { values?: object[] | null }).values ?? [], jsonOf);
  if (has("structValue")) {
    return convertFields((value.structValue as { fields?: Record<string, object> | null }).fields ?? {}, jsonOf);
  }
  throw new Inconvertible("has no kind: it is no google.protobuf.Value.");
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
