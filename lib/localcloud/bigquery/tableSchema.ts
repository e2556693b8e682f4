import { invalid, notSupported, tableName } from "./errors.js";
import {
  COLUMN_DESCRIPTION_CHARACTERS_MAX,
  COLUMN_NAME_CHARACTERS_MAX,
  SCHEMA_COLUMNS_MAX,
  SCHEMA_DEPTH_MAX,
} from "./limits.js";
import type { RangePartitioning, TableResource, TimePartitioning } from "./resources.js";
import type { FieldSchema, ScalarKind, TableReference } from "./schema.js";
import { elementType, isRecord, scalarKind } from "./storage.js";

/** The rules for schemas: what a table may have, and how an existing one may change (contracts 2.3). */

const CANONICAL_TYPE: Partial<Readonly<Record<ScalarKind, string>>> = {
  INT64: "INTEGER",
  FLOAT64: "FLOAT",
  BOOL: "BOOLEAN",
};

/** Names that BigQuery keeps for itself (docs.cloud.google.com/bigquery/docs/schemas). */
const RESERVED_PREFIXES = ["_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__", "_COLIDENTIFIER"];

/** Checks the fields and gives types their first spelling; what was not sent stays absent. @throws CloudError invalid */
export function readFields(fields: readonly FieldSchema[], depth = 1): readonly FieldSchema[] {
  if (depth > SCHEMA_DEPTH_MAX) throw invalid(`A schema is nested at most ${SCHEMA_DEPTH_MAX} levels deep.`);
  const names = new Set<string>();
  const read = fields.map((field) => {
    const name = checkColumnName(field.name);
    if (names.has(name.toLowerCase())) throw invalid(`Duplicate field name ${name} in schema`, name);
    names.add(name.toLowerCase());
    return readField({ ...field, name }, depth);
  });
  if (depth === 1 && countColumns(read) > SCHEMA_COLUMNS_MAX) {
    throw invalid(`Too many columns: ${countColumns(read)}. A table has at most ${SCHEMA_COLUMNS_MAX}.`);
  }
  return read;
}

function checkColumnName(name: unknown): string {
  if (typeof name !== "string" || name === "") throw invalid("Field name is missing in schema");
  const reserved = RESERVED_PREFIXES.find((prefix) => name.toUpperCase().startsWith(prefix));
  if (reserved)
    throw invalid(
      `Invalid field name "${name}". Field names are not allowed to start with the (case-insensitive) prefix ${reserved}.`,
    );
  if (name.length > COLUMN_NAME_CHARACTERS_MAX || !/^[\p{L}_][\p{L}\p{M}\p{N}_ &%=+:'<>#|-]*$/u.test(name)) {
    throw invalid(
      `Invalid field name "${name}". Fields must contain only letters, numbers, and underscores, start with a letter or underscore, and be at most ${COLUMN_NAME_CHARACTERS_MAX} characters long.`,
    );
  }
  return name;
}

function readField(field: FieldSchema, depth: number): FieldSchema {
  const { name } = field;
  if (typeof field.type !== "string") throw invalid(`Field type is missing in schema for field ${name}`, name);
  const mode = field.mode === undefined ? undefined : (field.mode.toUpperCase() as FieldSchema["mode"]);
  if (mode !== undefined && !["NULLABLE", "REQUIRED", "REPEATED"].includes(mode)) {
    throw invalid(`Invalid value for mode: ${mode} is not a valid value`, name);
  }
  if ((field.description?.length ?? 0) > COLUMN_DESCRIPTION_CHARACTERS_MAX) {
    throw invalid(
      `The description for field ${name} is too long. The maximum length is ${COLUMN_DESCRIPTION_CHARACTERS_MAX} characters.`,
    );
  }
  const common = { ...dropNulls(field), ...(mode === undefined ? {} : { mode }) };
  if (isRecord(field.type)) {
    if (!field.fields || field.fields.length === 0)
      throw invalid(`Field ${name} is type RECORD but has no schema`, name);
    return { ...common, type: "RECORD", fields: readFields(field.fields, depth + 1) };
  }
  if (field.fields && field.fields.length > 0) {
    throw invalid(`Field ${name} is of type ${field.type} and cannot have fields.`, name);
  }
  elementType(field);
  const kind = scalarKind(field.type);
  checkPrecision(field);
  const upper = field.type.toUpperCase();
  const { fields: _, ...scalar } = common;
  return { ...scalar, type: kind === undefined ? upper : (CANONICAL_TYPE[kind] ?? kind) };
}

function checkPrecision({ name, timestampPrecision }: FieldSchema): void {
  if (timestampPrecision === "12")
    throw notSupported(`Picoseconds in a column (${name}, timestampPrecision 12)`, "Leave it out for microseconds.");
  if (timestampPrecision && timestampPrecision !== "6")
    throw invalid(`Invalid value for timestampPrecision: ${timestampPrecision} is neither 6 nor 12`, name);
}

function dropNulls(field: FieldSchema): FieldSchema {
  return Object.fromEntries(Object.entries(field).filter(([, value]) => value !== null)) as unknown as FieldSchema;
}

function countColumns(fields: readonly FieldSchema[]): number {
  return fields.reduce((sum, field) => sum + 1 + countColumns(field.fields ?? []), 0);
}

export interface Evolution {
  readonly additions: boolean;
  readonly relaxations: boolean;
}

/**
 * The schema after an update: kept columns in their place, new ones behind them.
 * @throws CloudError invalid when the change is none that BigQuery allows, or not among `allow`.
 */
export function evolveFields(
  table: TableReference,
  before: readonly FieldSchema[],
  after: readonly FieldSchema[],
  allow: Evolution = { additions: true, relaxations: true },
  path = "",
): readonly FieldSchema[] {
  const mismatch = (text: string) => invalid(`Provided Schema does not match Table ${tableName(table)}. ${text}`);
  const kept = before.map((field) => {
    const at = path + field.name;
    const next = after.find((other) => other.name.toLowerCase() === field.name.toLowerCase());
    if (!next) throw mismatch(`Field ${at} is missing in new schema`);
    if (next.type !== field.type) throw mismatch(`Field ${at} has changed type from ${field.type} to ${next.type}`);
    const [was, is] = [field.mode ?? "NULLABLE", next.mode ?? "NULLABLE"];
    if (was !== is && !(was === "REQUIRED" && is === "NULLABLE" && allow.relaxations)) {
      throw mismatch(`Field ${at} has changed mode from ${was} to ${is}`);
    }
    if (!isRecord(field.type)) return { ...next, name: field.name };
    return {
      ...next,
      name: field.name,
      fields: evolveFields(table, field.fields ?? [], next.fields ?? [], allow, `${at}.`),
    };
  });
  const added = after.filter((field) => !before.some((old) => old.name.toLowerCase() === field.name.toLowerCase()));
  for (const field of added) {
    if (!allow.additions) throw mismatch(`Cannot add fields (field: ${path}${field.name})`);
    if (field.mode === "REQUIRED")
      throw mismatch(`Cannot add required fields to an existing schema. (field: ${path}${field.name})`);
  }
  return [...kept, ...added];
}

const PARTITION_TYPES = ["DAY", "HOUR", "MONTH", "YEAR"];
const CLUSTERABLE: readonly ScalarKind[] = [
  "STRING",
  "INT64",
  "BOOL",
  "DATE",
  "DATETIME",
  "TIMESTAMP",
  "NUMERIC",
  "BIGNUMERIC",
  "GEOGRAPHY",
];

/** Partitioning and clustering name columns of the schema, of types that can carry them. @throws CloudError invalid */
export function checkLayout(
  resource: Pick<TableResource, "timePartitioning" | "rangePartitioning" | "clustering" | "requirePartitionFilter">,
  fields: readonly FieldSchema[],
): void {
  if (resource.requirePartitionFilter || resource.timePartitioning?.requirePartitionFilter) checkFilterable(resource);
  const column = (name: string): FieldSchema | undefined =>
    fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
  if (resource.timePartitioning) checkTimePartitioning(resource.timePartitioning, column);
  if (resource.rangePartitioning) checkRangePartitioning(resource.rangePartitioning, column);
  if (resource.timePartitioning && resource.rangePartitioning) {
    throw invalid("Only one of timePartitioning and rangePartitioning can be specified.");
  }
  const clustering = resource.clustering?.fields ?? [];
  if (clustering.length > 4)
    throw invalid(`Cannot cluster by more than 4 fields, but ${clustering.length} were given.`);
  for (const name of clustering) {
    const field = column(name.split(".")[0] ?? "");
    if (!field) throw invalid("The field specified for clustering cannot be found in the schema.");
    const kind = scalarKind(field.type);
    if (!name.includes(".") && (field.mode === "REPEATED" || !kind || !CLUSTERABLE.includes(kind))) {
      throw invalid(`Entity ${name} is of type ${field.type} and cannot be used for clustering.`);
    }
  }
}

/** A filter can be required of queries only where there is a column to filter. */
function checkFilterable({
  timePartitioning,
  rangePartitioning,
}: Pick<TableResource, "timePartitioning" | "rangePartitioning">): void {
  if (timePartitioning?.field !== undefined || rangePartitioning) return;
  if (!timePartitioning) throw invalid("requirePartitionFilter can only be set for partitioned tables.");
  throw notSupported(
    "A required filter on the time of ingestion (requirePartitionFilter without a partitioning column)",
    "Name the column to partition by (timePartitioning.field).",
  );
}

type FindColumn = (name: string) => FieldSchema | undefined;

function checkTimePartitioning(partitioning: TimePartitioning, column: FindColumn): void {
  if (!PARTITION_TYPES.includes(partitioning.type)) {
    throw invalid(
      `Invalid value for timePartitioning.type: ${partitioning.type} is none of ${PARTITION_TYPES.join(", ")}`,
    );
  }
  if (partitioning.field === undefined) {
    if (partitioning.expirationMs === undefined) return;
    throw notSupported(
      "Partition expiration by ingestion time",
      "Name the column to partition by (timePartitioning.field).",
    );
  }
  const field = column(partitioning.field);
  if (!field) throw invalid("The field specified for partitioning cannot be found in the schema.");
  const allowed = partitioning.type === "HOUR" ? ["TIMESTAMP", "DATETIME"] : ["TIMESTAMP", "DATETIME", "DATE"];
  if (field.mode === "REPEATED" || !allowed.includes(field.type)) {
    throw invalid(
      `The field specified for time partitioning can only be of type ${allowed.join(", ")}. The type found is: ${field.type}.`,
    );
  }
}

function checkRangePartitioning(partitioning: RangePartitioning, column: FindColumn): void {
  const field = column(partitioning.field);
  if (!field) throw invalid("The field specified for partitioning cannot be found in the schema.");
  if (field.type !== "INTEGER" || field.mode === "REPEATED") {
    throw invalid(
      `The field specified for range partitioning can only be of type INTEGER. The type found is: ${field.type}.`,
    );
  }
  const { start, end, interval } = partitioning.range;
  if (!(Number(start) < Number(end)) || !(Number(interval) > 0)) {
    throw invalid(
      `Range partitioning needs start < end and a positive interval, but has start ${start}, end ${end}, interval ${interval}.`,
    );
  }
}
