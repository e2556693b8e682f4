import type { SqlType } from "../schema.js";

/**
 * BigQuery's types as DuckDB keeps them, in tables and between the operators of a query.
 *
 * Fields of a STRUCT are named by position (`_1`, `_2`, …), because DuckDB's are case-insensitive, unique and matched by
 * name in casts, and GoogleSQL's may be empty, may repeat and are matched by position. Their real names live in `SqlType`.
 * JSON is its text; BIGNUMERIC is its canonical text (no type of DuckDB holds 76 digits). GEOGRAPHY is its WKT: tables
 * may hold it and give it back, functions over it are refused.
 */
export function duckType(type: SqlType): string {
  switch (type.kind) {
    case "ARRAY":
      return `${duckType(type.element)}[]`;
    case "STRUCT":
      return `STRUCT(${type.fields.map((field, index) => `${structField(index)} ${duckType(field.type)}`).join(", ")})`;
    case "RANGE":
      return `STRUCT("start" ${duckType(type.element)}, "end" ${duckType(type.element)})`;
    default:
      return SCALARS[type.kind];
  }
}

/** The name that DuckDB knows a struct's field by; `index` counts from 0. */
export function structField(index: number): string {
  return `_${index + 1}`;
}

/** A name as DuckDB reads it, whatever characters it has. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as a DuckDB expression of type VARCHAR; NUL cannot stand in SQL text and becomes chr(0). */
export function quoteText(text: string): string {
  if (!text.includes("\u0000")) return `'${text.replaceAll("'", "''")}'`;
  return `(${text
    .split("\u0000")
    .map((part) => quoteText(part))
    .join(" || chr(0) || ")})`;
}

const SCALARS = {
  INT64: "BIGINT",
  FLOAT64: "DOUBLE",
  BOOL: "BOOLEAN",
  STRING: "VARCHAR",
  BYTES: "BLOB",
  DATE: "DATE",
  DATETIME: "TIMESTAMP",
  TIME: "TIME",
  TIMESTAMP: "TIMESTAMPTZ",
  NUMERIC: "DECIMAL(38,9)",
  BIGNUMERIC: "VARCHAR",
  JSON: "VARCHAR",
  INTERVAL: "INTERVAL",
  GEOGRAPHY: "VARCHAR",
} as const;
