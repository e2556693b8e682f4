import type { DuckDBConnection } from "@duckdb/node-api";
import type { AnalyticCall, ScalarCall } from "../functions/call.js";
import type { ModelReference, SqlType, TableReference } from "../schema.js";

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

/** A TRANSFORM clause. */
export interface TransformClause {
  /** Between its brackets, as written. */
  readonly text: string;
  /** What it gives. */
  readonly columns: readonly Column[];
  /** Columns of the training query that it may read. */
  readonly inputs: readonly Column[];
  /**
   * DuckDB expressions of `columns`. `input` names `inputs[index]` in them; each `ML.…(…) OVER ()` is written by
   * `analytic`, its arguments DuckDB SQL already. May be called again and again.
   */
  write(input: (index: number) => string, analytic: (call: AnalyticCall) => string): readonly string[];
}

export interface CreateModelRequest {
  readonly reference: ModelReference;
  readonly mode: "CREATE" | "CREATE_OR_REPLACE" | "CREATE_IF_NOT_EXISTS";
  /** Names in upper case. */
  readonly options: readonly { readonly name: string; readonly value: OptionValue; readonly type: SqlType }[];
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
  /** Analytic functions of TRANSFORM (`ML.STANDARD_SCALER(x) OVER ()`), as the analyzer's FunctionProto. */
  readonly scalarFunctions: readonly Readonly<Record<string, unknown>>[];
  /** DuckDB SQL of a call of a scalar or analytic `ML.*` function outside TRANSFORM. @throws CloudError. */
  writeFunction?(call: ScalarCall | AnalyticCall): string;
  /**
   * The output columns of a call, known before the query around it is analyzed.
   * @throws CloudError in BigQuery's words: a missing feature column, a wrong contamination …
   */
  outputColumns(name: string, args: readonly TableFunctionArgument[]): readonly Column[];
  /** DuckDB SQL (a complete SELECT, columns as `outputColumns`) of a call; `relations` in the order of the arguments. */
  write(name: string, args: readonly TableFunctionArgument[], relations: readonly Relation[]): string;
  create(request: CreateModelRequest): Promise<CreateModelResult>;
  alter(reference: ModelReference, options: CreateModelRequest["options"], ifExists: boolean): Promise<void>;
  /** @returns false when it was not there and IF EXISTS was given. */
  drop(reference: ModelReference, ifExists: boolean): Promise<boolean>;
  exportModel(reference: ModelReference, options: CreateModelRequest["options"]): Promise<void>;
}

/** A table that a model was trained from, for statistics. */
export interface TrainingSource {
  readonly tables: readonly TableReference[];
}
