/**
 * The proto3 JSON mapping at the boundary. Parsing, printing and the binary form are `@bufbuild/protobuf`'s, which
 * passes Google's conformance suite; what is added here are the error texts of Google's JSON front end, either spelling
 * of field mask paths, and a diagnosis of values that JSON cannot carry.
 */

import {
  type DescField,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  ScalarType,
} from "@bufbuild/protobuf";
import { isReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import { CloudError } from "../errors.js";
import type { FieldViolation } from "./handler.js";

export type JsonObject = { [name: string]: JsonValue };

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "updateMask" and "update_mask" name one field; answers with undefined for an unknown name. */
export function findField(message: DescMessage, name: string): DescField | undefined {
  return message.fields.find((field) => field.jsonName === name || field.name === name);
}

/**
 * A request body as parsed JSON, checked against the message and respelled: JSON names, masks in lowerCamelCase.
 * @throws CloudError INVALID_ARGUMENT in the words of Google's JSON front end, every violation named.
 */
export function checkJson(message: DescMessage, json: unknown): JsonObject {
  const violations: FieldViolation[] = [];
  const checked = checkMessage(message, json, "", violations);
  if (violations.length > 0) {
    throw new CloudError("INVALID_ARGUMENT", violations.map((violation) => violation.description).join("\n"), {
      fieldViolations: violations,
    });
  }
  return checked as JsonObject;
}

/** Messages whose JSON is any JSON. */
const FREE_FORM = new Set(["google.protobuf.Struct", "google.protobuf.Value", "google.protobuf.ListValue"]);

function checkMessage(message: DescMessage, json: unknown, path: string, violations: FieldViolation[]): JsonValue {
  if (message.typeName === "google.protobuf.FieldMask" && typeof json === "string") return camelMask(json);
  if (message.typeName.startsWith("google.protobuf.") && message.typeName !== "google.protobuf.Empty") {
    if (message.typeName === "google.protobuf.Value") return json as JsonValue;
    return parses(message, json)
      ? (json as JsonValue)
      : reject(violations, path, `type.googleapis.com/${message.typeName}`, json);
  }
  if (!isObject(json)) return reject(violations, path, `type.googleapis.com/${message.typeName}`, json);
  const checked: JsonObject = {};
  for (const [name, value] of Object.entries(json)) {
    const field = findField(message, name);
    if (!field) {
      const where = path === "" ? "" : ` at '${path}'`;
      violations.push({
        field: path,
        description: `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`,
      });
      continue;
    }
    const fieldPath = path === "" ? field.name : `${path}.${field.name}`;
    const isNullValue = field.message?.typeName === "google.protobuf.Value" && field.fieldKind === "message";
    if (value === null && !isNullValue) continue;
    const other = field.oneof?.fields.find((sibling) => sibling !== field && checked[sibling.jsonName] !== undefined);
    if (other && field.oneof) {
      violations.push({
        field: fieldPath,
        description: `Invalid value at '${path}' (oneof), oneof field '${field.oneof.name}' is already set. Cannot set '${field.jsonName}'`,
      });
      continue;
    }
    checked[field.jsonName] = checkField(field, value, fieldPath, violations);
  }
  return checked;
}

function checkField(field: DescField, json: unknown, path: string, violations: FieldViolation[]): JsonValue {
  if (field.fieldKind === "list") {
    // Google's front end takes a lone value for a list of one.
    const items = Array.isArray(json) ? json : [json];
    return items.map((item, index) => checkSingle(field, item, `${path}[${index}]`, violations));
  }
  if (field.fieldKind === "map") {
    if (!isObject(json)) return reject(violations, path, "map", json);
    return Object.fromEntries(
      Object.entries(json).map(([key, value], index) => [
        key,
        checkSingle(field, value, `${path}[${index}].value`, violations),
      ]),
    );
  }
  return checkSingle(field, json, path, violations);
}

function checkSingle(field: DescField, json: unknown, path: string, violations: FieldViolation[]): JsonValue {
  if (field.message) return checkMessage(field.message, json, path, violations);
  if (field.enum) {
    const known =
      typeof json === "number" ? Number.isInteger(json) : field.enum.values.some((value) => value.name === json);
    return known ? (json as JsonValue) : reject(violations, path, `type.googleapis.com/${field.enum.typeName}`, json);
  }
  const scalar = field.scalar ?? ScalarType.STRING;
  return isScalar(scalar, json) ? (json as JsonValue) : reject(violations, path, `TYPE_${ScalarType[scalar]}`, json);
}

const INTEGER_RANGES: Partial<Record<ScalarType, readonly [bigint, bigint]>> = {
  [ScalarType.INT32]: [-(2n ** 31n), 2n ** 31n - 1n],
  [ScalarType.UINT32]: [0n, 2n ** 32n - 1n],
  [ScalarType.INT64]: [-(2n ** 63n), 2n ** 63n - 1n],
  [ScalarType.UINT64]: [0n, 2n ** 64n - 1n],
};

function isScalar(scalar: ScalarType, json: unknown): boolean {
  switch (scalar) {
    case ScalarType.STRING:
      return typeof json === "string";
    case ScalarType.BOOL:
      return typeof json === "boolean";
    case ScalarType.BYTES:
      return typeof json === "string" && /^[A-Za-z0-9+/_-]*={0,2}$/.test(json);
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return (
        typeof json === "number" || (typeof json === "string" && /^(NaN|-?Infinity|-?[\d.]+(e[+-]?\d+)?)$/i.test(json))
      );
    default: {
      const text = typeof json === "number" || typeof json === "string" ? String(json) : "";
      if (!/^-?\d+$/.test(text)) return false;
      const range = INTEGER_RANGES[scalar];
      return range === undefined || (BigInt(text) >= range[0] && BigInt(text) <= range[1]);
    }
  }
}

function parses(message: DescMessage, json: unknown): boolean {
  if (FREE_FORM.has(message.typeName)) return typeof json === "object" && json !== null;
  if (message.typeName === "google.protobuf.Any") return isObject(json);
  try {
    fromJson(message, json as JsonValue);
    return true;
  } catch {
    return false;
  }
}

function reject(violations: FieldViolation[], path: string, type: string, json: unknown): JsonValue {
  violations.push({ field: path, description: `Invalid value at '${path}' (${type}), ${JSON.stringify(json)}` });
  return null;
}

/** "traffic_split,displayName" is "trafficSplit,displayName": clients send either spelling (AIP-161). */
export function camelMask(mask: string): string {
  return mask
    .split(",")
    .map((path) => path.trim().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
    .filter((path) => path !== "")
    .join(",");
}

/**
 * Where a decoded message holds what JSON cannot carry: a Value without kind, NaN or infinity.
 * Searched only after printing has failed, so a good request pays nothing.
 */
export function findUnprintable(description: DescMessage, message: Message): FieldViolation | undefined {
  const reflected = reflect(description, message);
  for (const field of reflected.fields) {
    if (!reflected.isSet(field)) continue;
    const value: unknown = reflected.get(field);
    const found = searchValue(value, field.name);
    if (found) return found;
  }
  return undefined;
}

function searchValue(value: unknown, path: string): FieldViolation | undefined {
  if (isReflectMessage(value)) {
    if (value.desc.typeName === "google.protobuf.Value") return searchProtobufValue(value.message, path);
    const inner = findUnprintable(value.desc, value.message);
    return inner && { ...inner, field: `${path}.${inner.field}` };
  }
  if (isIterable(value)) {
    let index = 0;
    for (const item of value) {
      const found = searchValue(item, `${path}[${index}]`);
      if (found) return found;
      index++;
    }
  }
  return undefined;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value && !(value instanceof Uint8Array);
}

/** `google.protobuf.Value` as bufbuild holds it. */
interface ProtobufValue {
  readonly kind?: { readonly case?: string; readonly value?: unknown };
}

function searchProtobufValue(value: unknown, path: string): FieldViolation | undefined {
  const kind = (value as ProtobufValue).kind;
  switch (kind?.case) {
    case undefined:
      return {
        field: path,
        description: `${path}: a google.protobuf.Value without kind was sent. Wrap plain objects with helpers.toValue() of @google-cloud/aiplatform (Python: json_format.ParseDict) before calling.`,
      };
    case "numberValue":
      return Number.isFinite(kind.value)
        ? undefined
        : { field: path, description: `${path}: ${String(kind.value)} is not representable in JSON.` };
    case "structValue": {
      const fields = (kind.value as { readonly fields: Readonly<Record<string, unknown>> }).fields;
      for (const [name, item] of Object.entries(fields)) {
        const found = searchProtobufValue(item, `${path}.${name}`);
        if (found) return found;
      }
      return undefined;
    }
    case "listValue": {
      const { values } = kind.value as { readonly values: readonly unknown[] };
      for (const [index, item] of values.entries()) {
        const found = searchProtobufValue(item, `${path}[${index}]`);
        if (found) return found;
      }
      return undefined;
    }
    default:
      return undefined;
  }
}
