import { duckType, quoteIdentifier, structField } from "./engine/duckTypes.js";
import { invalid } from "./errors.js";
import type { FieldSchema, ScalarKind, SqlType } from "./schema.js";

/** How columns are stored in DuckDB, and the way between REST schemas and GoogleSQL types. */

const KIND_BY_REST_TYPE: Readonly<Record<string, ScalarKind>> = {
  STRING: "STRING",
  BYTES: "BYTES",
  INTEGER: "INT64",
  INT64: "INT64",
  FLOAT: "FLOAT64",
  FLOAT64: "FLOAT64",
  BOOLEAN: "BOOL",
  BOOL: "BOOL",
  NUMERIC: "NUMERIC",
  DECIMAL: "NUMERIC",
  BIGNUMERIC: "BIGNUMERIC",
  BIGDECIMAL: "BIGNUMERIC",
  TIMESTAMP: "TIMESTAMP",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "DATETIME",
  GEOGRAPHY: "GEOGRAPHY",
  JSON: "JSON",
  INTERVAL: "INTERVAL",
};

/** REST spelling of each kind: the legacy one, which clients expect (contracts 2.3). */
const REST_TYPE_BY_KIND: Readonly<Record<ScalarKind, string>> = {
  STRING: "STRING",
  BYTES: "BYTES",
  INT64: "INTEGER",
  FLOAT64: "FLOAT",
  BOOL: "BOOLEAN",
  NUMERIC: "NUMERIC",
  BIGNUMERIC: "BIGNUMERIC",
  TIMESTAMP: "TIMESTAMP",
  DATE: "DATE",
  TIME: "TIME",
  DATETIME: "DATETIME",
  GEOGRAPHY: "GEOGRAPHY",
  JSON: "JSON",
  INTERVAL: "INTERVAL",
};

/** The kind that a REST type names, in either spelling; undefined for RECORD, RANGE and what is no type. */
export function scalarKind(restType: string): ScalarKind | undefined {
  return KIND_BY_REST_TYPE[restType.toUpperCase()];
}

export function isRecord(restType: string): boolean {
  const upper = restType.toUpperCase();
  return upper === "RECORD" || upper === "STRUCT";
}

/** The type of a column, ARRAY when it is REPEATED. */
export function columnType(field: FieldSchema): SqlType {
  const element = elementType(field);
  return field.mode === "REPEATED" ? { kind: "ARRAY", element } : element;
}

/** The type of one value of a column, whatever its mode. */
export function elementType(field: FieldSchema): SqlType {
  if (isRecord(field.type)) {
    return {
      kind: "STRUCT",
      fields: (field.fields ?? []).map((inner) => ({ name: inner.name, type: columnType(inner) })),
    };
  }
  if (field.type.toUpperCase() === "RANGE") {
    const kind = scalarKind(field.rangeElementType?.type ?? "");
    if (!kind) throw invalid(`Field ${field.name} is of type RANGE and needs rangeElementType.`);
    return { kind: "RANGE", element: { kind } };
  }
  const kind = scalarKind(field.type);
  if (!kind) throw invalid(`Invalid value for type: ${field.type} is not a valid value`, field.name);
  return { kind };
}

/** The REST field of a column or of a query's output. */
export function fieldOf(name: string, type: SqlType, mode: "NULLABLE" | "REQUIRED" = "NULLABLE"): FieldSchema {
  if (type.kind === "ARRAY") return { ...fieldOf(name, type.element), mode: "REPEATED" };
  if (type.kind === "STRUCT") {
    return { name, type: "RECORD", mode, fields: type.fields.map((inner) => fieldOf(inner.name, inner.type)) };
  }
  if (type.kind === "RANGE") {
    return { name, type: "RANGE", mode, rangeElementType: { type: type.element.kind } };
  }
  return { name, type: REST_TYPE_BY_KIND[type.kind], mode };
}

/** The column as it stands in CREATE TABLE. An ARRAY is never NULL in BigQuery: it reads as empty. */
export function columnDefinition(field: FieldSchema): string {
  const type = columnType(field);
  const constraint = type.kind === "ARRAY" ? " DEFAULT []" : field.mode === "REQUIRED" ? " NOT NULL" : "";
  return `${quoteIdentifier(field.name)} ${duckType(type)}${constraint}`;
}

/**
 * SQL that brings a value of `from` into the shape of `to`, which may have further fields at any depth: they are NULL,
 * or empty where repeated.
 */
export function reshape(expression: string, from: FieldSchema, to: FieldSchema, depth = 0): string {
  if (!isRecord(to.type)) return expression;
  const pack = (value: string, inner: number): string => {
    const fields = (to.fields ?? []).map((field, index) => {
      const old = (from.fields ?? []).findIndex((other) => other.name.toLowerCase() === field.name.toLowerCase());
      const before = from.fields?.[old];
      if (before) {
        const part = reshape(`struct_extract(${value}, '${structField(old)}')`, before, field, inner);
        return `${structField(index)} := ${part}`;
      }
      const type = duckType(columnType(field));
      return `${structField(index)} := CAST(${field.mode === "REPEATED" ? "[]" : "NULL"} AS ${type})`;
    });
    return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(", ")}) END`;
  };
  if (to.mode !== "REPEATED") return pack(expression, depth);
  const item = `x${depth}`;
  return `list_transform(${expression}, lambda ${item}: ${pack(item, depth + 1)})`;
}
