import type { Value } from "../googlesql/contract/resolved.js";
import type { SqlType } from "../schema.js";
import { duckType, quoteText, structField } from "./duckTypes.js";
import type { WireValue } from "./engine.js";

/** Values as DuckDB expressions of `duckType(type)`: GoogleSQL's `ValueProto`s, and values in the REST API's wire form. */

export function nullSql(type: SqlType): string {
  return `CAST(NULL AS ${duckType(type)})`;
}

export function int64Sql(value: bigint | number | string): string {
  return `CAST(${value} AS BIGINT)`;
}

export function float64Sql(value: number): string {
  if (Number.isNaN(value)) return "CAST('NaN' AS DOUBLE)";
  if (!Number.isFinite(value)) return `CAST('${value > 0 ? "" : "-"}Infinity' AS DOUBLE)`;
  if (Object.is(value, -0)) return "(-0e0)";
  const text = String(value);
  const written = text.includes("e") ? text : `${text}e0`;
  return value < 0 ? `(${written})` : written;
}

export function bytesSql(value: Uint8Array): string {
  return `unhex('${Buffer.from(value).toString("hex")}')`;
}

export function arraySql(elements: readonly string[], element: SqlType): string {
  return `CAST([${elements.join(", ")}] AS ${duckType(element)}[])`;
}

export function structSql(fields: readonly string[]): string {
  return `struct_pack(${fields.map((field, index) => `${structField(index)} := ${field}`).join(", ")})`;
}

/** @throws TypeError for a kind of value that BigQuery does not have. */
export function valueSql(value: Value, type: SqlType): string {
  switch (type.kind) {
    case "INT64":
      if (value.int64_value !== undefined) return int64Sql(value.int64_value);
      return value.int32_value === undefined ? nullSql(type) : int64Sql(value.int32_value);
    case "FLOAT64":
      return value.double_value === undefined ? nullSql(type) : float64Sql(value.double_value);
    case "BOOL":
      return value.bool_value === undefined ? nullSql(type) : String(value.bool_value);
    case "STRING":
      return value.string_value === undefined ? nullSql(type) : quoteText(value.string_value);
    case "JSON":
      return value.json_value === undefined ? nullSql(type) : quoteText(value.json_value);
    case "BYTES":
      return value.bytes_value === undefined ? nullSql(type) : bytesSql(value.bytes_value);
    case "ARRAY": {
      const array = value.array_value;
      if (!array) return nullSql(type);
      return arraySql(
        array.element.map((element) => valueSql(element, type.element)),
        type.element,
      );
    }
    case "STRUCT": {
      const struct = value.struct_value;
      if (!struct) return nullSql(type);
      return structSql(type.fields.map((field, index) => valueSql(struct.field[index] ?? {}, field.type)));
    }
    case "RANGE": {
      const range = value.range_value;
      if (!range) return nullSql(type);
      const bound = (part: Value | undefined) => valueSql(part ?? {}, type.element);
      return `struct_pack("start" := ${bound(range.start)}, "end" := ${bound(range.end)})`;
    }
    case "GEOGRAPHY":
      // The analyzer makes no value of it but NULL.
      return nullSql(type);
    default: {
      const text = valueText(value, type);
      return text === undefined ? nullSql(type) : textSql(text, type);
    }
  }
}

/** The text that the wire form has for a scalar value that is not NULL (TIMESTAMP in integer microseconds). */
export function valueText(value: Value, type: SqlType): string | undefined {
  switch (type.kind) {
    case "DATE":
      return value.date_value === undefined ? undefined : dateText(value.date_value);
    case "TIMESTAMP": {
      const at = value.timestamp_value;
      return at === undefined
        ? undefined
        : String(BigInt(at.seconds) * 1_000_000n + BigInt(Math.floor(at.nanos / 1000)));
    }
    case "DATETIME": {
      const at = value.datetime_value;
      return at === undefined ? undefined : datetimeText(at.bit_field_datetime_seconds, at.nanos);
    }
    case "TIME":
      return value.time_value === undefined ? undefined : timeText(value.time_value);
    case "NUMERIC":
      return value.numeric_value === undefined ? undefined : decimalText(value.numeric_value, 9);
    case "BIGNUMERIC":
      return value.bignumeric_value === undefined ? undefined : decimalText(value.bignumeric_value, 38);
    case "INTERVAL":
      return value.interval_value === undefined ? undefined : intervalText(value.interval_value);
    default:
      throw new TypeError(`no text is known for a value of type ${type.kind}`);
  }
}

/** A value in wire form as a DuckDB expression. */
export function wireSql(value: WireValue, type: SqlType): string {
  if (value === null) return nullSql(type);
  if (type.kind === "ARRAY" && Array.isArray(value)) {
    const items = value as readonly { readonly v: WireValue }[];
    return arraySql(
      items.map((item) => wireSql(item.v, type.element)),
      type.element,
    );
  }
  if (type.kind === "STRUCT" && typeof value === "object" && "f" in value) {
    return structSql(type.fields.map((field, index) => wireSql(value.f[index]?.v ?? null, field.type)));
  }
  if (typeof value !== "string") throw new TypeError(`a value of type ${type.kind} cannot be ${JSON.stringify(value)}`);
  return textSql(value, type);
}

/** Wire text of a scalar (or of a RANGE) as a DuckDB expression. */
export function textSql(text: string, type: SqlType): string {
  switch (type.kind) {
    case "INT64":
      return int64Sql(text);
    case "FLOAT64":
      return float64Sql(Number(text));
    case "BOOL":
      return text === "true" ? "true" : "false";
    case "BYTES":
      return bytesSql(Buffer.from(text, "base64"));
    case "TIMESTAMP":
      return `make_timestamptz(CAST(${text} AS BIGINT))`;
    case "DATETIME":
      return `CAST('${text.replace("T", " ")}' AS TIMESTAMP)`;
    case "DATE":
      return `CAST('${text}' AS DATE)`;
    case "TIME":
      return `CAST('${text}' AS TIME)`;
    case "NUMERIC":
      return `CAST('${text}' AS DECIMAL(38,9))`;
    case "INTERVAL":
      return intervalSql(text);
    case "RANGE": {
      const [start, end] = text.slice(1, -1).split(", ");
      const bound = (part: string | undefined) =>
        part === undefined || part === "UNBOUNDED" ? nullSql(type.element) : textSql(part, type.element);
      return `struct_pack("start" := ${bound(start)}, "end" := ${bound(end)})`;
    }
    default:
      return quoteText(text);
  }
}

/** `Y-M D H:M:S[.f]`, each part with its own sign. */
function intervalSql(text: string): string {
  const match = /^(-?)(\d+)-(\d+) (-?\d+) (-?)(\d+):(\d+):(\d+)(?:\.(\d{1,6})\d*)?$/.exec(text);
  if (!match) throw new TypeError(`'${text}' is no INTERVAL`);
  const [, monthSign, years, months, days, timeSign, hours, minutes, seconds, fraction = ""] = match;
  const allMonths = (Number(years) * 12 + Number(months)) * (monthSign ? -1 : 1);
  const micros =
    ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000_000 + Number(fraction.padEnd(6, "0"));
  return `(to_months(${allMonths}) + to_days(CAST(${days} AS INTEGER)) + to_microseconds(CAST(${timeSign ? -micros : micros} AS BIGINT)))`;
}

function dateText(days: number): string {
  const date = new Date(days * 86_400_000);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** `bit_field_datetime_seconds`: year 14 bits, month 4, day 5, hour 5, minute 6, second 6 (googlesql/public/civil_time.h). */
function datetimeText(bits: number, nanos: number): string {
  let rest = BigInt(bits);
  const take = (width: bigint): number => {
    const part = Number(rest & ((1n << width) - 1n));
    rest >>= width;
    return part;
  };
  const [second, minute, hour, day, month, year] = [take(6n), take(6n), take(5n), take(5n), take(4n), take(14n)];
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clockText(hour, minute, second, nanos)}`;
}

/** Packed time: hour 5 bits, minute 6, second 6, nanoseconds 30. */
function timeText(packed: number): string {
  const bits = BigInt(packed);
  const nanos = Number(bits & ((1n << 30n) - 1n));
  const seconds = Number(bits >> 30n);
  return clockText((seconds >> 12) & 31, (seconds >> 6) & 63, seconds & 63, nanos);
}

function clockText(hour: number, minute: number, second: number, nanos: number): string {
  const micros = Math.floor(nanos / 1000);
  const fraction = micros === 0 ? "" : `.${micros % 1000 === 0 ? pad(micros / 1000, 3) : pad(micros, 6)}`;
  return `${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}${fraction}`;
}

/** Two's complement, little-endian, scaled by 10^scale. */
function decimalText(bytes: Uint8Array, scale: number): string {
  let value = 0n;
  for (let index = bytes.length - 1; index >= 0; index--) value = (value << 8n) | BigInt(bytes[index] ?? 0);
  if (bytes.length > 0 && (bytes[bytes.length - 1] ?? 0) & 0x80) value -= 1n << BigInt(bytes.length * 8);
  const sign = value < 0n ? "-" : "";
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const fraction = digits.slice(-scale).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -scale)}${fraction && `.${fraction}`}`;
}

/** micros int64, days int32, months and nanoseconds in one uint32 (googlesql/public/interval_value.h). */
function intervalText(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const micros = view.getBigInt64(0, true);
  const days = view.getInt32(8, true);
  const packed = view.getUint32(12, true);
  const months = (packed & 0x7fffe000) >>> 13;
  const clock = micros < 0n ? -micros : micros;
  const seconds = clock / 1_000_000n;
  const fraction = clock % 1_000_000n;
  const time = `${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${fraction ? `.${pad(Number(fraction), 6)}` : ""}`;
  const sign = packed & 0x80000000 ? "-" : "";
  return `${sign}${Math.floor(months / 12)}-${months % 12} ${days} ${micros < 0n ? "-" : ""}${time}`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
