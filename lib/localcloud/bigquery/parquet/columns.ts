import {
  type DuckDBDecimalType,
  type DuckDBListType,
  type DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from "@duckdb/node-api";
import { duckType, quoteIdentifier, quoteText, structField } from "../engine/duckTypes.js";
import { invalid, notSupported } from "../errors.js";
import type { FieldSchema } from "../schema.js";
import { columnType, elementType, isRecord } from "../storage.js";

/**
 * Columns of a Parquet file as BigQuery's
 * (docs.cloud.google.com/bigquery/docs/loading-data-cloud-storage-parquet#parquet_conversions).
 */

export interface ParquetOptions {
  readonly enableListInference?: boolean | null;
}

export interface ParquetColumn {
  readonly field: FieldSchema;
  /** SQL of the value as BigQuery's tables keep it. */
  readonly sql: string;
}

export interface Reading {
  readonly lists: boolean;
  /** `decimalTargetTypes`: which kinds a DECIMAL may become. */
  readonly decimals: readonly string[];
}

const SCALARS: Partial<Readonly<Record<DuckDBTypeId, string>>> = {
  [DuckDBTypeId.BOOLEAN]: "BOOLEAN",
  [DuckDBTypeId.TINYINT]: "INTEGER",
  [DuckDBTypeId.SMALLINT]: "INTEGER",
  [DuckDBTypeId.INTEGER]: "INTEGER",
  [DuckDBTypeId.BIGINT]: "INTEGER",
  [DuckDBTypeId.UTINYINT]: "INTEGER",
  [DuckDBTypeId.USMALLINT]: "INTEGER",
  [DuckDBTypeId.UINTEGER]: "INTEGER",
  [DuckDBTypeId.UBIGINT]: "INTEGER",
  [DuckDBTypeId.FLOAT]: "FLOAT",
  [DuckDBTypeId.DOUBLE]: "FLOAT",
  [DuckDBTypeId.VARCHAR]: "STRING",
  [DuckDBTypeId.BLOB]: "BYTES",
  [DuckDBTypeId.DATE]: "DATE",
  [DuckDBTypeId.TIME]: "TIME",
  [DuckDBTypeId.TIMESTAMP_TZ]: "TIMESTAMP",
  [DuckDBTypeId.TIMESTAMP]: "DATETIME",
  [DuckDBTypeId.TIMESTAMP_S]: "DATETIME",
  [DuckDBTypeId.TIMESTAMP_MS]: "DATETIME",
  [DuckDBTypeId.TIMESTAMP_NS]: "DATETIME",
};

/** What a column may become where the table or the job says so, beside its own type. */
const CONVERSIONS: Readonly<Record<string, readonly string[]>> = {
  STRING: ["JSON", "GEOGRAPHY"],
  INTEGER: ["NUMERIC", "BIGNUMERIC", "FLOAT"],
  NUMERIC: ["BIGNUMERIC"],
  DATETIME: ["TIMESTAMP"],
  TIMESTAMP: ["DATETIME"],
};

/**
 * @param wanted the column of the table or of the job's schema, if there is one of this name.
 * @throws CloudError notImplemented for a type that BigQuery's cannot hold here.
 */
export function readColumn(
  name: string,
  type: DuckDBType,
  wanted: FieldSchema | undefined,
  reading: Reading,
): ParquetColumn {
  const { field, sql } = convert(name, type, quoteIdentifier(name), wanted, reading, 0);
  return { field: wanted?.mode === "REQUIRED" ? { ...field, mode: "REQUIRED" } : field, sql };
}

function convert(
  name: string,
  type: DuckDBType,
  value: string,
  wanted: FieldSchema | undefined,
  reading: Reading,
  depth: number,
): ParquetColumn {
  if (type.typeId === DuckDBTypeId.STRUCT) {
    return convertStruct(name, type as DuckDBStructType, value, wanted, reading, depth);
  }
  if (type.typeId === DuckDBTypeId.LIST) {
    return convertList(name, (type as DuckDBListType).valueType, value, wanted, reading, depth);
  }
  const own = type.typeId === DuckDBTypeId.DECIMAL ? decimalKind(name, type, reading) : SCALARS[type.typeId];
  if (own === undefined) {
    throw notSupported(`A Parquet column of type ${type} (${name})`, "Write it as another type.");
  }
  const kind = wanted && CONVERSIONS[own]?.includes(wanted.type) ? wanted.type : own;
  const field: FieldSchema = { name, type: kind };
  return { field, sql: cast(value, field) };
}

function cast(value: string, field: FieldSchema): string {
  const text = `CAST(${value} AS VARCHAR)`;
  // A BIGNUMERIC is its canonical text, without zeros at the end of a fraction.
  if (field.type === "BIGNUMERIC") {
    return `CASE WHEN contains(${text}, '.') THEN rtrim(rtrim(${text}, '0'), '.') ELSE ${text} END`;
  }
  return `CAST(${value} AS ${duckType(elementType(field))})`;
}

function decimalKind(name: string, type: DuckDBType, { decimals }: Reading): string {
  const { width, scale } = type as DuckDBDecimalType;
  const fits: Readonly<Record<string, boolean>> = {
    NUMERIC: scale <= 9 && width - scale <= 29,
    BIGNUMERIC: true,
    STRING: true,
  };
  const kind = ["NUMERIC", "BIGNUMERIC", "STRING"].find((one) => decimals.includes(one) && fits[one]);
  if (kind) return kind;
  throw invalid(
    `Error while reading data, error message: DECIMAL(${width}, ${scale}) of column ${name} is beyond NUMERIC; name BIGNUMERIC in decimalTargetTypes.`,
  );
}

function convertStruct(
  name: string,
  type: DuckDBStructType,
  value: string,
  wanted: FieldSchema | undefined,
  reading: Reading,
  depth: number,
): ParquetColumn {
  const inner = type.entryNames.map((entry, index) => {
    const part = `struct_extract(${value}, ${quoteText(entry)})`;
    return convert(entry, type.entryTypes[index] as DuckDBType, part, find(wanted?.fields, entry), reading, depth);
  });
  const packed = inner.map(({ sql }, index) => `${structField(index)} := ${sql}`).join(", ");
  return {
    field: { name, type: "RECORD", fields: inner.map(({ field }) => field) },
    sql: `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${packed}) END`,
  };
}

/** A LIST is an ARRAY where that is asked for; otherwise a RECORD that spells out the levels of the file. */
function convertList(
  name: string,
  type: DuckDBType,
  value: string,
  wanted: FieldSchema | undefined,
  reading: Reading,
  depth: number,
): ParquetColumn {
  if (type.typeId === DuckDBTypeId.LIST && reading.lists) {
    throw invalid(`Error while reading data, error message: column ${name} is a list of lists.`);
  }
  const item = `x${depth}`;
  if (reading.lists) {
    const element = convert(name, type, item, wanted, reading, depth + 1);
    return {
      field: { ...element.field, mode: "REPEATED" },
      sql: `coalesce(list_transform(${value}, lambda ${item}: ${element.sql}), [])`,
    };
  }
  const element = convert("element", type, item, undefined, reading, depth + 1);
  const list: FieldSchema = { name: "list", type: "RECORD", mode: "REPEATED", fields: [element.field] };
  const packed = `list_transform(${value}, lambda ${item}: struct_pack(${structField(0)} := ${element.sql}))`;
  return {
    field: { name, type: "RECORD", fields: [list] },
    sql: `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${structField(0)} := ${packed}) END`,
  };
}

export function find(fields: readonly FieldSchema[] | undefined, name: string): FieldSchema | undefined {
  return fields?.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

/** A column of a table as a Parquet file has it: fields by their names. @throws CloudError notImplemented */
export function writeColumn(field: FieldSchema): string {
  return `${rename(quoteIdentifier(field.name), field, 0)} AS ${quoteIdentifier(field.name)}`;
}

function rename(value: string, field: FieldSchema, depth: number): string {
  if (field.mode === "REPEATED") {
    if (!isRecord(field.type)) return value;
    const item = `x${depth}`;
    return `list_transform(${value}, lambda ${item}: ${rename(item, { ...field, mode: "NULLABLE" }, depth + 1)})`;
  }
  if (!isRecord(field.type)) {
    if (["BIGNUMERIC", "INTERVAL", "RANGE"].includes(field.type)) {
      throw notSupported(`Exporting a ${field.type} (${field.name}) to PARQUET`, "Cast it to a STRING first.");
    }
    return value;
  }
  const fields = (field.fields ?? []).map((inner, index) => {
    const part = `struct_extract(${value}, '${structField(index)}')`;
    return `${quoteIdentifier(inner.name)} := ${rename(part, inner, depth)}`;
  });
  return `CASE WHEN ${value} IS NULL THEN NULL ELSE struct_pack(${fields.join(", ")}) END`;
}

/** The table of the exchange that takes rows as BigQuery's keeps them. */
export function stagingColumns(fields: readonly FieldSchema[]): string {
  return fields.map((field) => `${quoteIdentifier(field.name)} ${duckType(columnType(field))}`).join(", ");
}
