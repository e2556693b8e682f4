import {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBListValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  type DuckDBValue,
} from "@duckdb/node-api";
import { structField } from "./engine/duckTypes.js";
import { parseBigNumeric, parseFloat64, parseInt64, parseNumeric } from "./numbers.js";
import type { FieldSchema, ScalarKind } from "./schema.js";
import { isRecord, scalarKind } from "./storage.js";
import { parseDate, parseDatetime, parseTime, parseTimestamp, secondsToMicros } from "./times.js";

/** What is wrong with a value, and at which field (dotted path). */
export interface ValueProblem {
  readonly location: string;
  readonly message: string;
}

/** How texts of problems differ between tabledata.insertAll and load jobs. */
export interface ProblemTexts {
  unknownField(path: string): ValueProblem;
  missingRequired(paths: readonly string[]): ValueProblem;
  badValue(kind: ScalarKind, path: string, value: unknown): ValueProblem;
  arrayForScalar(path: string): ValueProblem;
  scalarForArray(path: string): ValueProblem;
  notARecord(path: string): ValueProblem;
  nullInRequired(path: string): ValueProblem;
}

export interface RowReader {
  /** The row's values in the order of the schema, or what is wrong with it. */
  read(row: unknown): readonly DuckDBValue[] | ValueProblem;
}

export interface RowOptions {
  /** Unknown fields are dropped, also inside records. */
  readonly ignoreUnknownValues: boolean;
  /** JSON columns take any JSON value as it stands (load jobs); otherwise JSON text (insertAll). */
  readonly jsonValues?: boolean;
}

class Problem extends Error {
  constructor(readonly problem: ValueProblem) {
    super(problem.message);
  }
}

/** Reads JSON rows into the shape of a table. Column names match whatever their case, as BigQuery's do. */
export function rowReader(fields: readonly FieldSchema[], texts: ProblemTexts, options: RowOptions): RowReader {
  const readRecord = recordReader(fields, texts, options, "");
  return {
    read: (row) => {
      try {
        return readRecord(row);
      } catch (thrown) {
        if (thrown instanceof Problem) return thrown.problem;
        throw thrown;
      }
    },
  };
}

type Reader = (value: unknown) => DuckDBValue;

const EMPTY_LIST = new DuckDBListValue([]);

/** `prefix` is the dotted path of the record itself; positions in lists are no part of a path. */
function recordReader(
  fields: readonly FieldSchema[],
  texts: ProblemTexts,
  options: RowOptions,
  prefix: string,
): (value: unknown) => DuckDBValue[] {
  const readers = fields.map((field) => fieldReader(field, texts, options, join(prefix, field.name)));
  const empty = fields.map((field): DuckDBValue => (field.mode === "REPEATED" ? EMPTY_LIST : null));
  const exact = new Map(fields.map((field, index) => [field.name, index]));
  const folded = new Map(fields.map((field, index) => [field.name.toLowerCase(), index]));
  const required = fields.flatMap((field, index) => (field.mode === "REQUIRED" ? [index] : []));
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value))
      throw new Problem(texts.notARecord(prefix));
    const values = empty.slice();
    const record = value as Readonly<Record<string, unknown>>;
    // JSON.parse makes plain objects: every enumerable name is their own.
    for (const name in record) {
      const index = exact.get(name) ?? folded.get(name.toLowerCase());
      const read = index === undefined ? undefined : readers[index];
      if (index === undefined || read === undefined) {
        if (options.ignoreUnknownValues) continue;
        throw new Problem(texts.unknownField(join(prefix, name)));
      }
      values[index] = read(record[name]);
    }
    for (const index of required) {
      if (values[index] === null) throw missingRequired(values, fields, texts, prefix);
    }
    return values;
  };
}

function missingRequired(
  values: readonly DuckDBValue[],
  fields: readonly FieldSchema[],
  texts: ProblemTexts,
  prefix: string,
): Problem {
  const missing = fields.filter((field, index) => field.mode === "REQUIRED" && values[index] === null);
  return new Problem(texts.missingRequired(missing.map((field) => join(prefix, field.name))));
}

const join = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);

function fieldReader(field: FieldSchema, texts: ProblemTexts, options: RowOptions, path: string): Reader {
  const one = elementReader(field, texts, options, path);
  if (field.mode !== "REPEATED") {
    return (value) => {
      if (value === null || value === undefined) return null;
      if (Array.isArray(value)) throw new Problem(texts.arrayForScalar(path));
      return one(value);
    };
  }
  const item = (value: unknown): DuckDBValue => {
    if (value === null) throw new Problem(texts.nullInRequired(path));
    if (Array.isArray(value)) throw new Problem(texts.arrayForScalar(path));
    return one(value);
  };
  return (value) => {
    if (value === null || value === undefined) return EMPTY_LIST;
    if (!Array.isArray(value)) throw new Problem(texts.scalarForArray(path));
    return new DuckDBListValue(value.map(item));
  };
}

function elementReader(field: FieldSchema, texts: ProblemTexts, options: RowOptions, path: string): Reader {
  if (isRecord(field.type)) {
    const read = recordReader(field.fields ?? [], texts, options, path);
    const names = (field.fields ?? []).map((_, index) => structField(index));
    return (value) => {
      const values = read(value);
      const entries: Record<string, DuckDBValue> = {};
      for (const [index, name] of names.entries()) entries[name] = values[index] ?? null;
      return new DuckDBStructValue(entries);
    };
  }
  if (field.type.toUpperCase() === "RANGE") return rangeReader(field, texts, path);
  const kind = scalarKind(field.type);
  if (!kind) throw new TypeError(`unknown type ${field.type}`);
  const limit = lengthLimit(field, kind);
  if (kind === "JSON") {
    return (value) => {
      if (options.jsonValues) return JSON.stringify(value);
      const read = typeof value === "object" ? undefined : readScalar(kind, value);
      if (read === undefined) throw new Problem(texts.badValue(kind, path, value));
      return read;
    };
  }
  return (value) => {
    const read = readScalar(kind, value);
    if (read === undefined) throw new Problem(texts.badValue(kind, path, value));
    const message = limit?.(read);
    if (message !== undefined) throw new Problem({ location: path, message });
    return read;
  };
}

function rangeReader(field: FieldSchema, texts: ProblemTexts, path: string): Reader {
  const kind = scalarKind(field.rangeElementType?.type ?? "") ?? "DATE";
  const bound = (value: unknown, at: string): DuckDBValue => {
    if (value === null || value === undefined) return null;
    const read = readScalar(kind, value);
    if (read === undefined) throw new Problem(texts.badValue(kind, at, value));
    return read;
  };
  return (value) => {
    const range = typeof value === "string" ? rangeOf(value) : (value as { start?: unknown; end?: unknown });
    if (typeof range !== "object" || range === null) throw new Problem(texts.notARecord(path));
    return new DuckDBStructValue({ start: bound(range.start, `${path}.start`), end: bound(range.end, `${path}.end`) });
  };
}

function rangeOf(text: string): { start: string | null; end: string | null } | null {
  const match = /^\s*\[\s*(.*?)\s*,\s*(.*?)\s*\)\s*$/.exec(text);
  if (!match) return null;
  const bound = (part: string | undefined): string | null =>
    part === undefined || /^(unbounded|null)$/i.test(part) ? null : part;
  return { start: bound(match[1]), end: bound(match[2]) };
}

/** `maxLength` of STRING (characters) and BYTES, and `precision`/`scale` are not silently dropped. */
function lengthLimit(field: FieldSchema, kind: ScalarKind): ((value: DuckDBValue) => string | undefined) | undefined {
  if (field.maxLength === undefined || (kind !== "STRING" && kind !== "BYTES")) return undefined;
  const max = Number(field.maxLength);
  return (value) => {
    const length = value instanceof DuckDBBlobValue ? value.bytes.byteLength : [...String(value)].length;
    return length <= max
      ? undefined
      : `Field ${field.name}: ${kind}(${max}) has maximum length ${max} but got a value with length ${length}`;
  };
}

/** One present value; undefined when it does not convert. */
export function readScalar(kind: ScalarKind, value: unknown): DuckDBValue | undefined {
  const text = typeof value === "string" ? value : undefined;
  switch (kind) {
    case "INT64":
      if (Number.isSafeInteger(value)) return BigInt(value as number);
      if (typeof value === "number") return Number.isInteger(value) ? parseInt64(BigInt(value).toString()) : undefined;
      return text === undefined ? undefined : parseInt64(text);
    case "FLOAT64":
      if (typeof value === "number") return value;
      return text === undefined ? undefined : parseFloat64(text);
    case "BOOL":
      if (typeof value === "boolean") return value;
      return text === undefined ? undefined : readBool(text);
    case "STRING":
      return text ?? (typeof value === "number" ? String(value) : undefined);
    case "GEOGRAPHY":
      return text;
    case "JSON":
      return text === undefined ? JSON.stringify(value) : canonicalJson(text);
    case "BYTES":
      return text === undefined ? undefined : readBytes(text);
    case "NUMERIC": {
      const scaled = typeof value === "number" || text !== undefined ? parseNumeric(String(value)) : undefined;
      return scaled === undefined ? undefined : new DuckDBDecimalValue(scaled, 38, 9);
    }
    case "BIGNUMERIC":
      return typeof value === "number" || text !== undefined ? parseBigNumeric(String(value)) : undefined;
    case "TIMESTAMP":
      return timestamp(value, text);
    case "DATE": {
      const days = text === undefined ? undefined : parseDate(text);
      return days === undefined ? undefined : new DuckDBDateValue(days);
    }
    case "DATETIME": {
      const micros = text === undefined ? undefined : parseDatetime(text.replace(/Z$/, ""));
      return micros === undefined ? undefined : new DuckDBTimestampValue(micros);
    }
    case "TIME": {
      const micros = text === undefined ? undefined : parseTime(text);
      return micros === undefined ? undefined : new DuckDBTimeValue(micros);
    }
    case "INTERVAL":
      return text === undefined ? undefined : readInterval(text);
  }
}

function readBool(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (word === "true" || word === "t" || word === "1" || word === "yes" || word === "y") return true;
  if (word === "false" || word === "f" || word === "0" || word === "no" || word === "n") return false;
  return undefined;
}

function timestamp(value: unknown, text: string | undefined): DuckDBValue | undefined {
  const seconds =
    typeof value === "number"
      ? value
      : text && /^\s*-?\d+(\.\d*)?([eE][+-]?\d+)?\s*$/.test(text)
        ? Number(text)
        : undefined;
  const micros =
    seconds !== undefined ? secondsToMicros(seconds) : text === undefined ? undefined : parseTimestamp(text);
  return micros === undefined ? undefined : new DuckDBTimestampTZValue(micros);
}

function readBytes(text: string): DuckDBValue | undefined {
  const compact = text.replace(/\s/g, "").replaceAll("-", "+").replaceAll("_", "/");
  return /^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.replace(/=+$/, "").length % 4 !== 1
    ? new DuckDBBlobValue(Buffer.from(compact, "base64"))
    : undefined;
}

/** JSON columns take JSON text; BigQuery keeps it without insignificant space. */
function canonicalJson(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  return text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (token) => (token.startsWith('"') ? token : ""));
}

function readInterval(text: string): DuckDBValue | undefined {
  const match = /^\s*([+-]?)(\d+)-(\d+)\s+([+-]?\d+)\s+([+-]?)(\d+):(\d+):(\d+)(?:\.(\d{1,6}))?\s*$/.exec(text);
  if (!match) return undefined;
  const months = Number(match[2]) * 12 + Number(match[3]);
  const seconds = BigInt(match[6] ?? 0) * 3600n + BigInt(match[7] ?? 0) * 60n + BigInt(match[8] ?? 0);
  const micros = seconds * 1_000_000n + BigInt((match[9] ?? "").padEnd(6, "0"));
  return new DuckDBIntervalValue(
    match[1] === "-" ? -months : months,
    Number(match[4]),
    match[5] === "-" ? -micros : micros,
  );
}
