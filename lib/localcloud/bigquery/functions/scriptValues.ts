import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { structField } from "../engine/duckTypes.js";
import type { SqlType } from "../schema.js";
import { bignumericText, numericText, parseBignumeric, parseNumeric } from "./numeric.js";

/**
 * Values of functions in JavaScript, as they cross into the sandbox and back: JSON, which `DECODE` and `ENCODE` (guest code)
 * turn into what BigQuery documents: DATE and TIMESTAMP are Dates, BYTES base64, STRUCTs objects, and INT64, for which
 * JavaScript has no type, its text (cloud.google.com/bigquery/docs/user-defined-functions#javascript-udf-structure).
 */

export type ScriptValue = string | boolean | null | readonly ScriptValue[] | { readonly [name: string]: ScriptValue };

/** The first part of a type that functions in JavaScript cannot take or give. */
export function withoutScriptValue(type: SqlType): string | undefined {
  switch (type.kind) {
    case "ARRAY":
      return withoutScriptValue(type.element);
    case "STRUCT":
      return type.fields.map((field) => withoutScriptValue(field.type)).find((kind) => kind !== undefined);
    case "DATETIME":
    case "TIME":
    case "INTERVAL":
    case "RANGE":
    case "GEOGRAPHY":
      return type.kind;
    default:
      return undefined;
  }
}

const DAY_MS = 86_400_000;

export function toScript(value: DuckDBValue, type: SqlType): ScriptValue {
  if (value === null) return null;
  if (typeof value === "boolean") return value;
  if (type.kind === "BIGNUMERIC") return decimalNumber(bignumericText(parseBignumeric(String(value))));
  if (value instanceof DuckDBBlobValue) return Buffer.from(value.bytes).toString("base64");
  if (value instanceof DuckDBDateValue) return String(value.days * DAY_MS);
  if (value instanceof DuckDBTimestampTZValue) return String(Number(value.micros) / 1000);
  if (value instanceof DuckDBDecimalValue) return decimalNumber(numericText(value.value));
  if (value instanceof DuckDBListValue && type.kind === "ARRAY") {
    return value.items.map((item) => toScript(item, type.element));
  }
  if (value instanceof DuckDBStructValue && type.kind === "STRUCT") {
    return Object.fromEntries(
      type.fields.map((field, index): [string, ScriptValue] => [
        field.name,
        toScript(value.entries[structField(index)] ?? null, field.type),
      ]),
    );
  }
  return String(value);
}

/** A NUMERIC crosses as a number where that is exact and whole; the mark tells the guest. */
function decimalNumber(text: string): string {
  return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? `#${text}` : text;
}

/** What `ENCODE` made of the function's result, as DuckDB takes it. @throws Error that says what cannot be coerced. */
export function fromScript(value: ScriptValue, type: SqlType): DuckDBValue {
  if (value === null) return null;
  switch (type.kind) {
    case "ARRAY":
      if (!Array.isArray(value)) throw notCoerced(value, type);
      return new DuckDBListValue((value as readonly ScriptValue[]).map((item) => fromScript(item, type.element)));
    case "STRUCT": {
      const fields = value as { readonly [name: string]: ScriptValue };
      const entries: Record<string, DuckDBValue> = {};
      for (const [index, field] of type.fields.entries()) {
        entries[structField(index)] = fromScript(fields[field.name] ?? null, field.type);
      }
      return new DuckDBStructValue(entries);
    }
    case "BOOL":
      if (typeof value !== "boolean") throw notCoerced(value, type);
      return value;
    default:
      return scalarFromScript(String(value), type);
  }
}

function scalarFromScript(text: string, type: SqlType): DuckDBValue {
  switch (type.kind) {
    case "INT64":
      if (!/^[-+]?\d+$/.test(text.trim()) || BigInt.asIntN(64, BigInt(text)) !== BigInt(text)) {
        throw notCoerced(text, type);
      }
      return BigInt(text);
    case "FLOAT64": {
      const number = text.trim() === "" ? Number.NaN : Number(text);
      if (Number.isNaN(number) && text !== "NaN") throw notCoerced(text, type);
      return number;
    }
    case "BYTES":
      return new DuckDBBlobValue(Buffer.from(text, "base64"));
    case "DATE":
      return new DuckDBDateValue(Math.floor(milliseconds(text, type) / DAY_MS));
    case "TIMESTAMP":
      return new DuckDBTimestampTZValue(BigInt(Math.round(milliseconds(text, type) * 1000)));
    case "NUMERIC":
      return new DuckDBDecimalValue(parseNumeric(text), 38, 9);
    case "BIGNUMERIC":
      return bignumericText(parseBignumeric(text));
    default:
      return text;
  }
}

/** A Date comes as its number of milliseconds, anything else as its text. */
function milliseconds(text: string, type: SqlType): number {
  const found = text.startsWith("#")
    ? Number(text.slice(1))
    : Date.parse(/[zZ]|[-+]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(found)) throw notCoerced(text, type);
  return found;
}

function notCoerced(value: ScriptValue, type: SqlType): Error {
  return new Error(`Failed to coerce output value ${JSON.stringify(value)} to type ${type.kind}`);
}

/** Guest code: a function of a type and a crossed value. */
export const DECODE = `function decode(type, value) {
  if (value === null) return null;
  switch (type.kind) {
    case "ARRAY": return value.map((item) => decode(type.element, item));
    case "STRUCT": {
      const struct = {};
      for (const field of type.fields) struct[field.name] = decode(field.type, value[field.name]);
      return struct;
    }
    case "FLOAT64": return Number(value);
    case "NUMERIC": case "BIGNUMERIC": return value[0] === "#" ? Number(value.slice(1)) : value;
    case "DATE": case "TIMESTAMP": return new Date(Number(value));
    case "JSON": return JSON.parse(value);
    default: return value;
  }
}`;

/** Guest code: a function of a type and a result. */
export const ENCODE = `function encode(type, value) {
  if (value === null || value === undefined) return null;
  switch (type.kind) {
    case "ARRAY": return Array.isArray(value) ? value.map((item) => encode(type.element, item)) : String(value);
    case "STRUCT": {
      const struct = {};
      for (const field of type.fields) struct[field.name] = encode(field.type, value[field.name]);
      return struct;
    }
    case "BOOL": return typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : String(value);
    case "DATE": case "TIMESTAMP": return value instanceof Date ? "#" + value.getTime() : String(value);
    case "JSON": return JSON.stringify(value);
    default: return String(value);
  }
}`;
