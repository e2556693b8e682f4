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

/**
 * JSON as `google.protobuf.Value`. The client's own helpers lose dates, typed arrays and undefined without a word, hence ours.
 * @param path where the value is, for the message.
 * @throws ActivateError INVALID_ARGUMENT for what JSON cannot hold: undefined, NaN, infinity, bigint, a class instance.
 * @example toValue({ tax: 4.9 }) // { structValue: { fields: { tax: { numberValue: 4.9 } } } }
 */
export function toValue(json: unknown, path = "value"): ValueMessage {
  if (json === null) return { nullValue: 0 };
  if (typeof json === "string") return { stringValue: json };
  if (typeof json === "boolean") return { boolValue: json };
  if (typeof json === "number" && Number.isFinite(json)) return { numberValue: json };
  if (Array.isArray(json)) {
    return { listValue: { values: Array.from(json, (item, index) => toValue(item, `${path}[${index}]`)) } };
  }
  if (typeof json === "object" && isPlain(json)) {
    const fields = Object.entries(json).map(([key, item]) => [key, toValue(item, `${path}.${key}`)] as const);
    return { structValue: { fields: Object.fromEntries(fields) } };
  }
  const given = typeof json === "object" ? (json.constructor?.name ?? "object") : String(json);
  throw new ActivateError(
    "INVALID_ARGUMENT",
    `${path} is ${given}, which JSON cannot hold. Give a number, text, true, false, null, a list or an object.`,
  );
}

/** `google.protobuf.Value` as JSON. @throws ActivateError INVALID_ARGUMENT for a value without kind. */
export function fromValue(message: object, path = "value"): Json {
  const value: { [Key in keyof ValueMessage]?: ValueMessage[Key] | null | string } = message;
  // A field that is not set is null, or on the prototype: own and not null means set.
  const has = (key: keyof ValueMessage): boolean => Object.hasOwn(value, key) && value[key] !== null;
  if (has("numberValue")) return Number(value.numberValue);
  if (has("stringValue")) return String(value.stringValue);
  if (has("boolValue")) return value.boolValue === true;
  if (has("nullValue")) return null;
  if (has("listValue")) {
    const { values } = value.listValue as { values?: object[] | null };
    return (values ?? []).map((item, index) => fromValue(item, `${path}[${index}]`));
  }
  if (has("structValue")) {
    const { fields } = value.structValue as { fields?: Record<string, object> | null };
    return Object.fromEntries(
      Object.entries(fields ?? {}).map(([key, item]) => [key, fromValue(item, `${path}.${key}`)]),
    );
  }
  throw new ActivateError("INVALID_ARGUMENT", `${path} has no kind: it is no google.protobuf.Value.`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
