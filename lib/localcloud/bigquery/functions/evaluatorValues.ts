import {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBType,
  type DuckDBValue,
  INTERVAL,
  LIST,
  STRUCT,
  TIME,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import { structField } from "../engine/duckTypes.js";
import type { Value } from "../googlesql/contract/resolved.js";
import { plainValue } from "../googlesql/plainValues.js";
import type { SqlType } from "../schema.js";
import { bignumericText, parseBignumeric } from "./numeric.js";

/** Values between DuckDB's vectors and GoogleSQL's `ValueProto`. */

const SCALARS: Readonly<Record<string, DuckDBType>> = {
  INT64: BIGINT,
  FLOAT64: DOUBLE,
  BOOL: BOOLEAN,
  STRING: VARCHAR,
  BYTES: BLOB,
  DATE,
  DATETIME: TIMESTAMP,
  TIME,
  TIMESTAMP: TIMESTAMPTZ,
  NUMERIC: DECIMAL(38, 9),
  BIGNUMERIC: VARCHAR,
  JSON: VARCHAR,
  INTERVAL,
};

/** The vector type for values of a GoogleSQL type; undefined for GEOGRAPHY and for structs without fields. */
export function vectorType(type: SqlType): DuckDBType | undefined {
  switch (type.kind) {
    case "ARRAY": {
      const element = vectorType(type.element);
      return element && LIST(element);
    }
    case "RANGE": {
      const element = vectorType(type.element);
      return element && STRUCT({ start: element, end: element });
    }
    case "STRUCT": {
      const entries: Record<string, DuckDBType> = {};
      for (const [index, field] of type.fields.entries()) {
        const inner = vectorType(field.type);
        if (!inner) return undefined;
        entries[structField(index)] = inner;
      }
      return type.fields.length === 0 ? undefined : STRUCT(entries);
    }
    default:
      return SCALARS[type.kind];
  }
}

type Proto = Readonly<Record<string, unknown>>;

/** A DuckDB value as `ValueProto`; NULL is the empty message. */
export function toProto(value: DuckDBValue, type: SqlType): Proto {
  if (value === null) return {};
  switch (type.kind) {
    case "INT64":
      return { int64_value: String(value) };
    case "FLOAT64":
      return { double_value: value };
    case "BOOL":
      return { bool_value: value };
    case "STRING":
      return { string_value: value };
    case "JSON":
      return { json_value: value };
    case "BIGNUMERIC":
      return { bignumeric_value: littleEndian(parseBignumeric(String(value))) };
    default:
      return objectToProto(value, type);
  }
}

function objectToProto(value: DuckDBValue, type: SqlType): Proto {
  if (value instanceof DuckDBBlobValue) return { bytes_value: value.bytes };
  if (value instanceof DuckDBDateValue) return { date_value: value.days };
  if (value instanceof DuckDBDecimalValue) return { numeric_value: littleEndian(value.value) };
  if (value instanceof DuckDBTimeValue) return { time_value: packedClock(value.micros).toString() };
  if (value instanceof DuckDBTimestampTZValue) {
    const seconds = floorDivide(value.micros, 1_000_000n);
    return {
      timestamp_value: { seconds: seconds.toString(), nanos: Number(value.micros - seconds * 1_000_000n) * 1000 },
    };
  }
  if (value instanceof DuckDBTimestampValue) return { datetime_value: packedDatetime(value.micros) };
  if (value instanceof DuckDBIntervalValue) return { interval_value: packedInterval(value) };
  if (value instanceof DuckDBListValue && type.kind === "ARRAY") {
    return { array_value: { element: value.items.map((item) => toProto(item, type.element)) } };
  }
  if (value instanceof DuckDBStructValue && type.kind === "STRUCT") {
    const fields = type.fields.map((field, index) => toProto(value.entries[structField(index)] ?? null, field.type));
    return { struct_value: { field: fields } };
  }
  if (value instanceof DuckDBStructValue && type.kind === "RANGE") {
    const bound = (name: string) => toProto(value.entries[name] ?? null, type.element);
    return { range_value: { start: bound("start"), end: bound("end") } };
  }
  throw new TypeError(`a value of type ${type.kind} cannot be handed to GoogleSQL's evaluator`);
}

/** `ValueProto` as a DuckDB value. */
export function fromProto(value: Value, type: SqlType): DuckDBValue {
  const plain = plainValue(value, type.kind);
  if (plain !== undefined) return plain;
  switch (type.kind) {
    case "BYTES":
      return value.bytes_value === undefined ? null : new DuckDBBlobValue(value.bytes_value);
    case "DATE":
      return value.date_value === undefined ? null : new DuckDBDateValue(value.date_value);
    case "NUMERIC":
      return value.numeric_value === undefined
        ? null
        : new DuckDBDecimalValue(fromLittleEndian(value.numeric_value), 38, 9);
    case "BIGNUMERIC":
      return value.bignumeric_value === undefined ? null : bignumericText(fromLittleEndian(value.bignumeric_value));
    case "ARRAY":
      return value.array_value
        ? new DuckDBListValue(value.array_value.element.map((element) => fromProto(element, type.element)))
        : null;
    case "STRUCT":
      return value.struct_value ? structOf(value.struct_value.field, type.fields) : null;
    case "RANGE": {
      const range = value.range_value;
      if (!range) return null;
      const bound = (end: Value | undefined) => fromProto(end ?? {}, type.element);
      return new DuckDBStructValue({ start: bound(range.start), end: bound(range.end) });
    }
    default:
      return timeFromProto(value, type);
  }
}

function structOf(values: readonly Value[], fields: readonly { readonly type: SqlType }[]): DuckDBStructValue {
  const entries: Record<string, DuckDBValue> = {};
  for (const [index, field] of fields.entries())
    entries[structField(index)] = fromProto(values[index] ?? {}, field.type);
  return new DuckDBStructValue(entries);
}

function timeFromProto(value: Value, type: SqlType): DuckDBValue {
  switch (type.kind) {
    case "TIMESTAMP": {
      const at = value.timestamp_value;
      return at
        ? new DuckDBTimestampTZValue(BigInt(at.seconds) * 1_000_000n + BigInt(Math.floor(at.nanos / 1000)))
        : null;
    }
    case "DATETIME": {
      const at = value.datetime_value;
      return at ? new DuckDBTimestampValue(datetimeMicros(BigInt(at.bit_field_datetime_seconds), at.nanos)) : null;
    }
    case "TIME":
      return value.time_value === undefined ? null : new DuckDBTimeValue(timeMicros(BigInt(value.time_value)));
    case "INTERVAL":
      return value.interval_value === undefined ? null : intervalOf(value.interval_value);
    default:
      throw new TypeError(`GoogleSQL's evaluator answered a value of type ${type.kind}, which has no place in DuckDB`);
  }
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

/** Two's complement in as few bytes as hold it, least significant first. */
function littleEndian(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push(Number(rest & 0xffn));
    rest >>= 8n;
  } while (!((rest === 0n && (bytes.at(-1) ?? 0) < 128) || (rest === -1n && (bytes.at(-1) ?? 0) >= 128)));
  return Uint8Array.from(bytes);
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index -= 1) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  return BigInt.asIntN(bytes.length * 8, value);
}

/** Packed civil time (googlesql/public/civil_time.h): hour 5 bits, minute 6, second 6, then 30 of nanoseconds. */
function packedClock(micros: bigint): bigint {
  return (clockBits(micros / 1_000_000n) << 30n) | ((micros % 1_000_000n) * 1000n);
}

function clockBits(seconds: bigint): bigint {
  return ((seconds / 3600n) << 12n) | (((seconds / 60n) % 60n) << 6n) | (seconds % 60n);
}

function timeMicros(packed: bigint): bigint {
  const bits = packed >> 30n;
  const seconds = ((bits >> 12n) & 31n) * 3600n + ((bits >> 6n) & 63n) * 60n + (bits & 63n);
  return seconds * 1_000_000n + (packed & ((1n << 30n) - 1n)) / 1000n;
}

const DAY_SECONDS = 86_400n;

function packedDatetime(micros: bigint): Proto {
  const seconds = floorDivide(micros, 1_000_000n);
  const day = floorDivide(seconds, DAY_SECONDS);
  const date = new Date(Number(day) * 86_400_000);
  const ymd = BigInt((date.getUTCFullYear() * 16 + date.getUTCMonth() + 1) * 32 + date.getUTCDate());
  return {
    bit_field_datetime_seconds: ((ymd << 17n) | clockBits(seconds - day * DAY_SECONDS)).toString(),
    nanos: Number(micros - seconds * 1_000_000n) * 1000,
  };
}

function datetimeMicros(bits: bigint, nanos: number): bigint {
  const seconds = ((bits >> 12n) & 31n) * 3600n + ((bits >> 6n) & 63n) * 60n + (bits & 63n);
  const date = new Date(0);
  date.setUTCFullYear(Number(bits >> 26n), Number((bits >> 22n) & 15n) - 1, Number((bits >> 17n) & 31n));
  return (BigInt(date.getTime() / 1000) + seconds) * 1_000_000n + BigInt(Math.floor(nanos / 1000));
}

/** Microseconds (8 bytes), days (4), then months and nanosecond fractions in one word (googlesql/public/interval_value.h). */
function packedInterval({ months, days, micros }: DuckDBIntervalValue): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(16));
  bytes.setBigInt64(0, micros, true);
  bytes.setInt32(8, days, true);
  const size = Math.abs(months);
  bytes.setUint32(12, ((months < 0 ? 0x80000000 : 0) | (size << 13)) >>> 0, true);
  return new Uint8Array(bytes.buffer);
}

function intervalOf(bytes: Uint8Array): DuckDBIntervalValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = view.getUint32(12, true);
  const months = (word >>> 13) & 0x3ffff;
  return new DuckDBIntervalValue(
    word & 0x80000000 ? -months : months,
    view.getInt32(8, true),
    view.getBigInt64(0, true),
  );
}
