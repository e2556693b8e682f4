import type { CatalogTransaction } from "../catalog.js";
import type { DatasetReference, FieldSchema, ModelReference, SqlType, TableReference } from "../schema.js";
import type { TableRead } from "./reads.js";

/** How a statement was answered: DuckDB alone; with Google's evaluator behind a function; wholly by the evaluator. */
export type Route = "native" | "exact" | "whole";

/** Runs GoogleSQL. Knows nothing of HTTP, jobs or paging. */
export interface Engine {
  /** One statement or a script. @throws CloudError with BigQuery's reason, text and position. */
  run(request: RunRequest): Promise<RunResult>;
  close(): Promise<void>;
}

export interface RunRequest {
  readonly projectId: string;
  readonly sql: string;
  readonly parameters: readonly QueryParameter[];
  readonly parameterMode: "named" | "positional";
  readonly defaultDataset?: DatasetReference;
  readonly dryRun: boolean;
  readonly destination?: QueryDestination;
  /** Rows of a statement that yields any are handed here, a batch at a time, before `run` resolves. */
  readonly sink: (statement: number) => RowSink;
  /**
   * Called inside the transaction of each statement that changes anything, just before it commits, so that the job's
   * outcome is recorded together with its effect and a repeat after a crash finds it. `isScript` as in `RunResult`.
   */
  readonly beforeCommit?: (
    transaction: CatalogTransaction,
    result: StatementResult,
    isScript: boolean,
  ) => Promise<void>;
  /** Where the job runs ("US"): a dataset of another location is not found there; CREATE SCHEMA without one is made there. */
  readonly location?: string;
  /** The session that keeps temporary tables and variables between queries; one that is new begins with this. */
  readonly session?: { readonly id: string; readonly isNew: boolean };
  readonly signal: AbortSignal;
}

/** `QueryParameter` of the REST API. */
export interface QueryParameter {
  readonly name?: string;
  readonly parameterType: QueryParameterType;
  readonly parameterValue?: QueryParameterValue;
}
export interface QueryParameterType {
  readonly type: string;
  readonly arrayType?: QueryParameterType;
  readonly structTypes?: readonly { readonly name?: string; readonly type: QueryParameterType }[];
  readonly rangeElementType?: QueryParameterType;
}
export interface QueryParameterValue {
  readonly value?: string | number | boolean | null;
  readonly arrayValues?: readonly QueryParameterValue[];
  readonly structValues?: Readonly<Record<string, QueryParameterValue>>;
  readonly rangeValue?: { readonly start?: QueryParameterValue; readonly end?: QueryParameterValue };
}

/** Where a query job writes its rows. */
export interface QueryDestination {
  readonly table: TableReference;
  readonly createDisposition: "CREATE_IF_NEEDED" | "CREATE_NEVER";
  readonly writeDisposition: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE" | "WRITE_TRUNCATE_DATA";
  readonly timePartitioning?: unknown;
  readonly rangePartitioning?: unknown;
  readonly clustering?: unknown;
  readonly schemaUpdateOptions?: readonly string[];
}

/** A cell as the REST API writes it inside `{"v": …}`: text for scalars (TIMESTAMP in integer microseconds), null, lists, records. */
export type WireValue =
  | string
  | null
  | readonly { readonly v: WireValue }[]
  | { readonly f: readonly { readonly v: WireValue }[] };

/** Takes the rows of one statement. */
export interface RowSink {
  /** Called once, before any row. */
  begin(columns: readonly { readonly name: string; readonly type: SqlType }[]): void;
  rows(batch: readonly { readonly f: readonly { readonly v: WireValue }[] }[]): Promise<void> | void;
}

export interface RunResult {
  /** More than one statement, or control flow: BigQuery calls the job a SCRIPT and each statement a child job. */
  readonly isScript: boolean;
  readonly statements: readonly StatementResult[];
}

export interface StatementResult {
  /** What EXPORT DATA wrote. */
  readonly exportStats?: { readonly fileCount: number; readonly rowCount: number };
  /** SELECT, INSERT, CREATE_TABLE_AS_SELECT, CREATE_MODEL … (contracts 2.5). */
  readonly statementType: string;
  readonly route: Route;
  /** Why the route is not native: the functions or the construct, by name. */
  readonly routeReason?: string;
  /** Present when the statement yields rows (and for a dry run of one that would). */
  readonly schema?: readonly FieldSchema[];
  readonly totalRows?: number;
  readonly dmlStats?: {
    readonly insertedRowCount: number;
    readonly updatedRowCount: number;
    readonly deletedRowCount: number;
  };
  readonly ddlOperation?: "CREATE" | "REPLACE" | "SKIP" | "DROP" | "ALTER";
  readonly ddlTargetTable?: TableReference;
  readonly ddlTargetDataset?: DatasetReference;
  readonly ddlTargetModel?: ModelReference;
  readonly ddlTargetRoutine?: DatasetReference & { readonly routineId: string };
  readonly referencedTables: readonly TableReference[];
  /** Which columns of which stored tables are read; unknown where no plan was made. */
  readonly reads?: readonly TableRead[];
  readonly bytesProcessed: number;
  /** `mlStatistics` of the job resource, for CREATE MODEL. */
  readonly mlStatistics?: unknown;
  readonly undeclaredParameters?: readonly QueryParameter[];
  /** Where the statement stands in a script; 1-based. */
  readonly span: {
    readonly startLine: number;
    readonly startColumn: number;
    readonly endLine: number;
    readonly endColumn: number;
    readonly text: string;
  };
  readonly evaluationKind: "STATEMENT" | "EXPRESSION";
  readonly startMs: number;
  readonly endMs: number;
}
