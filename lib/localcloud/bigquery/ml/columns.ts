import { quoteIdentifier, structField } from "../engine/duckTypes.js";
import type { Column } from "../engine/modelHook.js";
import { invalidQuery } from "../errors.js";
import type { ScalarKind, SqlType } from "../schema.js";
import { TIMESTAMP_PARTS, type TimestampPart, timestampFeatureSql } from "./timestampParts.js";

/**
 * How BigQuery ML takes a column by its type (docs.cloud.google.com/bigquery/docs/auto-preprocessing and
 * /input-feature-types): numbers as numbers, the other scalars as categories, a STRUCT as one feature a field, arrays of
 * numbers as vectors, arrays of categories multi-hot, ARRAY<STRUCT<INT64, number>> as sparse vectors; a TIMESTAMP as several features (`timestampParts.ts`).
 */
export interface FeatureSource {
  /** `column`, or `struct_field`; of a part of a TIMESTAMP `_TS_<part>_` before it. */
  readonly name: string;
  readonly kind: "numeric" | "categorical" | "multiHot" | "vector" | "sparseVector";
  /** The type of the column or field. */
  readonly type: SqlType;
  /** The input column, and the field's position where the feature is a field of a STRUCT. */
  readonly column: string;
  readonly field?: number;
  /** Set where the feature is a part of a TIMESTAMP. */
  readonly part?: TimestampPart;
}

const NUMERIC: ReadonlySet<string> = new Set<ScalarKind>(["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"]);
const CATEGORICAL: ReadonlySet<string> = new Set<ScalarKind>(["BOOL", "STRING", "BYTES", "DATE", "DATETIME", "TIME"]);

export const isNumeric = (type: SqlType): boolean => NUMERIC.has(type.kind);

/**
 * The features of training columns, in order.
 * @throws CloudError invalidQuery for a type that a k-means model does not take.
 */
export function featureSources(columns: readonly Column[]): FeatureSource[] {
  return columns.flatMap((column) => {
    if (column.type.kind !== "STRUCT") return scalarSources(column.name, column.type, column.name);
    return column.type.fields.flatMap((field, index) =>
      scalarSources(`${column.name}_${field.name}`, field.type, column.name).map((source) => ({
        ...source,
        field: index,
      })),
    );
  });
}

function scalarSources(name: string, type: SqlType, column: string): FeatureSource[] {
  const kind = kindOf(type);
  if (!kind) {
    throw invalidQuery(
      `Column ${name} of type ${typeName(type)} cannot be a feature of a KMEANS model. ${ADVICE[type.kind] ?? "Leave it out of the training query."}`,
    );
  }
  if (type.kind !== "TIMESTAMP") return [{ name, kind, type, column }];
  const parts = TIMESTAMP_PARTS.map(
    (part): FeatureSource => ({ name: `_TS_${part}_${name}`, kind: "categorical", type, column, part }),
  );
  return [{ name, kind, type, column }, ...parts];
}

/** The name of what a feature is made of, `column` or `struct_field`: several for a TIMESTAMP have one. */
export const inputName = ({ name, part }: FeatureSource): string =>
  part === undefined ? name : name.slice(`_TS_${part}_`.length);

/** Whether a column of the type can be a feature. */
export const isFeature = (type: SqlType): boolean => kindOf(type) !== undefined;

const ADVICE: Readonly<Record<string, string>> = {
  JSON: "Take the values out of it with JSON_VALUE or LAX_FLOAT64.",
  STRUCT: "A field of a STRUCT may not be a STRUCT itself: select its fields.",
  INTERVAL: "Select EXTRACT(HOUR FROM it) or a similar number.",
};

function kindOf(type: SqlType): FeatureSource["kind"] | undefined {
  // A TIMESTAMP's first feature is its seconds.
  if (isNumeric(type) || type.kind === "TIMESTAMP") return "numeric";
  if (CATEGORICAL.has(type.kind)) return "categorical";
  if (type.kind !== "ARRAY") return undefined;
  const { element } = type;
  if (isNumeric(element)) return "vector";
  if (CATEGORICAL.has(element.kind)) return "multiHot";
  const isPair =
    element.kind === "STRUCT" &&
    element.fields.length === 2 &&
    element.fields[0]?.type.kind === "INT64" &&
    element.fields[1] !== undefined &&
    isNumeric(element.fields[1].type);
  return isPair ? "sparseVector" : undefined;
}

/** A type as GoogleSQL writes it, for messages. */
export function typeName(type: SqlType): string {
  if (type.kind === "ARRAY" || type.kind === "RANGE") return `${type.kind}<${typeName(type.element)}>`;
  if (type.kind === "STRUCT") {
    return `STRUCT<${type.fields.map((field) => `${field.name} ${typeName(field.type)}`.trim()).join(", ")}>`;
  }
  return type.kind;
}

/** The feature's value as a DuckDB expression: DOUBLE, VARCHAR, DOUBLE[], VARCHAR[], STRUCT(_1 BIGINT, _2 DOUBLE)[]. */
export function featureSql(source: FeatureSource, relation?: string): string {
  const column = `${relation ? `${relation}.` : ""}${quoteIdentifier(source.column)}`;
  const value = source.field === undefined ? column : `struct_extract(${column}, '${structField(source.field)}')`;
  if (source.type.kind === "TIMESTAMP") return timestampFeatureSql(value, source.part);
  switch (source.kind) {
    case "numeric":
      return source.type.kind === "FLOAT64" ? value : `CAST(${value} AS DOUBLE)`;
    case "categorical":
      return categoryText(value, source.type);
    case "vector":
      return `CAST(${value} AS DOUBLE[])`;
    case "multiHot":
      return `list_transform(${value}, lambda e: ${categoryText("e", source.type.kind === "ARRAY" ? source.type.element : source.type)})`;
    case "sparseVector":
      return `CAST(${value} AS STRUCT(_1 BIGINT, _2 DOUBLE)[])`;
  }
}

/** A category as text; BYTES in base64, as the REST API writes them. */
function categoryText(value: string, type: SqlType): string {
  if (type.kind === "STRING") return value;
  if (type.kind === "BYTES") return `to_base64(${value})`;
  return `CAST(${value} AS VARCHAR)`;
}

/**
 * Finds the features of a model among the columns of a function's input.
 * @throws CloudError in the real service's words when one is missing (seen, contracts 1.9); ours when its type differs.
 */
export function matchFeatures(
  functionName: string,
  sources: readonly FeatureSource[],
  columns: readonly Column[],
): FeatureSource[] {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  return sources.map((source) => {
    const column = byName.get(source.column.toLowerCase());
    if (!column) {
      throw invalidFunction(
        functionName,
        `Column ${source.column} is not found in the input data to the ${functionName} function.`,
      );
    }
    const type =
      source.field === undefined || column.type.kind !== "STRUCT"
        ? column.type
        : column.type.fields[source.field]?.type;
    if (!type || !isSameFeature(type, source)) {
      throw invalidFunction(
        functionName,
        `Column ${source.column} has type ${typeName(column.type)}, but the model was trained with ${typeName(source.type)}.`,
      );
    }
    return { ...source, column: column.name, type };
  });
}

function isSameFeature(type: SqlType, source: FeatureSource): boolean {
  const trained = source.type.kind;
  if (trained === "TIMESTAMP" || type.kind === "TIMESTAMP") return type.kind === trained;
  return kindOf(type) === source.kind && (source.kind !== "categorical" || type.kind === trained);
}

/** `Invalid table-valued function ML.PREDICT` and the cause, as the real service begins these errors. */
export const invalidFunction = (functionName: string, cause: string) =>
  invalidQuery(`Invalid table-valued function ML.${functionName}\n${cause}`);
