import type { DuckDBConnection } from "@duckdb/node-api";
import type { AnalyticCall, ScalarCall } from "../functions/call.js";
import type { Proto } from "../googlesql/analyzer.js";
import type { DatasetReference, ModelReference, SqlType, TableReference } from "../schema.js";

/** What the engine asks of BigQuery ML, and what it gives it. Implemented in `bigquery/ml/`. */

export interface Column {
  readonly name: string;
  readonly type: SqlType;
}

/** A relation as DuckDB SQL: `sql` is a complete SELECT whose result columns are named and ordered as `columns`. */
export interface Relation {
  readonly sql: string;
  readonly columns: readonly Column[];
}

/** Rows of a relation, column by column, for training: a chunk at a time. */
export interface RelationReader {
  readonly columns: readonly Column[];
  /** On a read connection of its own; `sql` may be any DuckDB SQL over the relation's text. */
  readonly connection: DuckDBConnection;
  readonly relation: Relation;
}

/** INT64 bigint, FLOAT64 number, other scalars as the text of the wire form (TIMESTAMP in microseconds). */
export type LiteralValue = string | number | bigint | boolean | null;

/** An option or a struct argument as written: literals only; a STRUCT's fields by name, an array's elements in order. */
export type OptionValue = LiteralValue | readonly OptionValue[] | { readonly [name: string]: OptionValue };

/** An option of CREATE or ALTER MODEL, its name in upper case. */
export interface ModelOption {
  readonly name: string;
  readonly value: OptionValue;
  readonly type: SqlType;
  /** Where it is written, from 1. */
  readonly place?: { readonly line: number; readonly column: number };
}

/** The DuckDB name by which a TRANSFORM's expressions read their input number `index`. */
export const transformInput = (index: number): string => `" x${index}"`;

/** A TRANSFORM clause as DuckDB SQL over its inputs, each under the name that `transformInput` gives it. */
export interface TransformClause {
  /** As written, without the brackets. */
  readonly text: string;
  /** The columns of the training query that the list reads. */
  readonly inputs: readonly Column[];
  readonly outputs: readonly (Column & {
    /** As written; of a column of `*` its name. */
    readonly sql: string;
    /** An input under its own name. */
    readonly passesThrough: boolean;
  })[];
  /** Aggregates over all rows, one for each `… OVER ()` of the list. */
  readonly statistics: readonly string[];
  /** The outputs' expressions, given the statistics' values as DuckDB SQL. */
  write(statistics: readonly string[]): readonly string[];
}

/** How a preprocessing function that looks at every row is computed. */
export interface Preprocessing {
  /** DuckDB aggregate over all rows. */
  readonly statistic: string;
  /** The function's value for a row, given the statistic's value as DuckDB SQL. */
  apply(statistic: string): string;
}

/** The preprocessing functions of BigQuery ML (`ML.STANDARD_SCALER(x) OVER ()`). */
export interface PreprocessingHook {
  /** `FunctionProto` of each function whose result type is known without its call. */
  readonly functions: readonly Proto[];
  /** `FunctionProto` of functions without `ML.` that write an option's value (`HPARAM_RANGE(2, 10)`). */
  readonly optionFunctions: readonly Proto[];
  /** Functions, in upper case without `ML.`, whose result is a STRUCT with fields named after their argument's. */
  readonly structFunctions: readonly string[];
  /**
   * `FunctionProto` of one call of those, under a name of its own.
   * @throws CloudError invalidQuery.
   */
  structFunction(call: {
    readonly name: string;
    readonly alias: string;
    readonly fields: readonly string[];
    /** NaN when it is no literal. */
    readonly degree: number | undefined;
  }): Proto;
  /** DuckDB SQL of a call; names as "ml.bucketize". @throws CloudError invalidQuery. */
  writeScalar(call: ScalarCall): string;
  /** @throws CloudError invalidQuery. */
  writeAnalytic(call: AnalyticCall, use: "query" | "transform"): Preprocessing;
}

export interface CreateModelRequest {
  readonly reference: ModelReference;
  readonly mode: "CREATE" | "CREATE_OR_REPLACE" | "CREATE_IF_NOT_EXISTS";
  readonly options: readonly ModelOption[];
  /** The training query; with TRANSFORM still its raw input columns. Undefined without AS. */
  readonly training: RelationReader | undefined;
  readonly transform: TransformClause | undefined;
  readonly sql: string;
  readonly signal: AbortSignal;
}

export interface CreateModelResult {
  readonly operation: "CREATE" | "REPLACE" | "SKIP";
  /** `mlStatistics` of the job. */
  readonly mlStatistics?: unknown;
}

/** One argument of an `ML.*` table function call. */
export type TableFunctionArgument =
  | { readonly kind: "model"; readonly reference: ModelReference }
  | { readonly kind: "relation"; readonly columns: readonly Column[] }
  | { readonly kind: "scalar"; readonly value: OptionValue; readonly type: SqlType; readonly name?: string };

export interface ModelHook {
  /** `undefined` when no such model is there: the analyzer then says so itself. */
  hasModel(reference: ModelReference): boolean;
  /** Names in upper case without `ML.`: PREDICT, DETECT_ANOMALIES, CENTROIDS … */
  readonly tableFunctions: readonly string[];
  readonly preprocessing: PreprocessingHook;
  /**
   * The output columns of a call, known before the query around it is analyzed.
   * @throws CloudError in BigQuery's words: a missing feature column, a wrong contamination …
   */
  outputColumns(name: string, args: readonly TableFunctionArgument[]): readonly Column[];
  /** DuckDB SQL (a complete SELECT, columns as `outputColumns`) of a call; `relations` in the order of the arguments. */
  write(name: string, args: readonly TableFunctionArgument[], relations: readonly Relation[]): string;
  create(request: CreateModelRequest): Promise<CreateModelResult>;
  alter(reference: ModelReference, options: readonly ModelOption[], ifExists: boolean): Promise<void>;
  /** @returns false when it was not there and IF EXISTS was given. */
  drop(reference: ModelReference, ifExists: boolean): Promise<boolean>;
  /** Drops every model of a dataset. @throws CloudError, and drops none, while one of them is deployed. */
  dropAll(dataset: DatasetReference): Promise<void>;
  exportModel(reference: ModelReference, options: readonly ModelOption[]): Promise<void>;
}

/** A table that a model was trained from, for statistics. */
export interface TrainingSource {
  readonly tables: readonly TableReference[];
}
