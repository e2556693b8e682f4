import type { AggregateCall, AnalyticCall, CastCall, ScalarCall, Written } from "../../functions/call.js";
import type { ResolvedFunctionArgument, ResolvedTVFScan } from "../../googlesql/contract/resolved.js";
import type { SqlType, TableReference } from "../../schema.js";
import type { Column, PreprocessingHook, Relation } from "../modelHook.js";
import { Aliases } from "./frame.js";

/** What writing asks of the world: functions, tables, models. */
export interface WriterServices {
  readonly functions: {
    scalar(call: ScalarCall): Written;
    aggregate(call: AggregateCall): Written;
    analytic(call: AnalyticCall): Written;
    cast(call: CastCall): Written;
  };
  /** Functions of BigQuery ML; absent without it. */
  readonly preprocessing: PreprocessingHook | undefined;
  /** The relation that a table scan reads, by the serialization id of the catalog that the statement was analyzed with. */
  table(id: number): StoredTable;
  /** DuckDB SQL of a call of a routine in JavaScript, which stands at this place among the bound names; `isFixed`: as if deterministic. */
  scriptFunction(place: number, args: readonly string[], isFixed: boolean): string;
  /** DuckDB SQL of a table function call. @throws CloudError when there is none of the name. */
  tableFunction(scan: ResolvedTVFScan, relation: (argument: ResolvedFunctionArgument) => Relation): Relation;
}

export type StoredTable =
  | { readonly kind: "table"; readonly name: string; readonly columns: readonly Column[] }
  /** A view, or whatever else is a query: a complete SELECT with columns by name. */
  | { readonly kind: "query"; readonly sql: string; readonly columns: readonly Column[] };

/** State of one statement's writing. */
export class WriterContext {
  readonly services: WriterServices;
  readonly aliases = new Aliases();
  /** WITH queries in reach: DuckDB's name and the columns' names in it. */
  readonly withQueries = new Map<string, { readonly name: string; readonly columns: readonly string[] }>();
  /** The recursive query being written. */
  readonly recursions: { readonly name: string; readonly columns: readonly string[] }[] = [];
  /**
   * Subqueries among a function's arguments are computed beside the call instead of within it: DuckDB's TRY, which some
   * functions are written with, takes none.
   */
  readonly isolatesSubqueries: boolean;
  /** Functions that need Google's evaluator, by name. */
  readonly exact: Set<string>;

  constructor(services: WriterServices, isolatesSubqueries = false, exact = new Set<string>()) {
    this.exact = exact;
    this.isolatesSubqueries = isolatesSubqueries;
    this.services = services;
  }

  written(name: string, written: Written): string {
    if (written.route === "exact") this.exact.add(name);
    return written.sql;
  }
}

/** Columns that an expression may refer to: GoogleSQL's id to DuckDB SQL. */
export type Scope = ReadonlyMap<number, string>;

/** Encloses what differs from run to run; NUL cannot occur in DuckDB SQL otherwise. */
export const MARK = "\u0000";

/** Stands in written SQL for a value that differs from run to run. */
export function parameterMarker(key: string): string {
  return `${MARK}${key}${MARK}`;
}

/** Thrown when a statement cannot be written; the evaluator may run it whole. */
export class CannotWrite extends Error {
  override readonly name = "CannotWrite";
}

export interface ReferencedTable {
  readonly reference: TableReference;
  readonly type: SqlType;
}
