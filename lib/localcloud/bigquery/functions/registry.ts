import type { DuckDBConnection } from "@duckdb/node-api";
import type { GoogleSql } from "../googlesql/analyzer.js";
import type { AnalyzedType } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";

/**
 * The seam between the writer (scans, statements) and the functions: a resolved function call whose arguments are already
 * DuckDB SQL becomes DuckDB SQL, or a verdict why not.
 */

export interface FunctionCall {
  /** GoogleSQL's own name in lower case: "$add", "substr", "sum", "net.host", "$count_star", "safe_divide". */
  readonly name: string;
  readonly kind: "scalar" | "aggregate" | "analytic";
  /** Called with the SAFE. prefix: a run-time error becomes NULL. */
  readonly safe: boolean;
  readonly arguments: readonly WrittenArgument[];
  readonly result: SqlType;
  /** Aggregate and analytic functions only. */
  readonly modifiers?: AggregateModifiers;
  /** Analytic functions only: `OVER (PARTITION BY … ORDER BY … ROWS …)`, to be put behind the call. */
  readonly over?: string;
  /** Analytic functions only: does the window have an ORDER BY, and a frame of its own? */
  readonly window?: { readonly ordered: boolean; readonly framed: boolean };
}

export interface WrittenArgument {
  /** A DuckDB expression of `duckType(type)`, safe to put anywhere (bracketed where it needs to be). */
  readonly sql: string;
  readonly type: AnalyzedType;
  /** Present when the argument is a literal: its value, NULL as null (`Literal` of `engine/literals.ts`). */
  readonly literal?: { readonly value: LiteralValue };
  /** Present when the argument is a lambda (`ARRAY_TRANSFORM(a, e -> …)`): DuckDB lambda text, `sql` is empty then. */
  readonly lambda?: string;
}

/** INT64 bigint; FLOAT64 number; dates days since 1970; other kinds as GoogleSQL's text; enums (date parts) their name. */
export type LiteralValue = string | number | bigint | boolean | null | Uint8Array | readonly LiteralValue[];

export interface AggregateModifiers {
  readonly distinct: boolean;
  readonly nullHandling: "default" | "ignore" | "respect";
  /** Complete `ORDER BY` items, GoogleSQL's NULL and NaN order written out; empty without. */
  readonly orderBy: readonly string[];
  readonly limit?: string;
  /** `HAVING MAX x`: only rows where `sql` is greatest (least) count. */
  readonly having?: { readonly kind: "max" | "min"; readonly sql: string };
  /** `WHERE` inside the call, a DuckDB condition. */
  readonly where?: string;
}

export interface CastCall {
  readonly sql: string;
  readonly from: SqlType;
  readonly to: SqlType;
  /** SAFE_CAST. */
  readonly safe: boolean;
  /** CAST(x AS STRING FORMAT 'YYYY' AT TIME ZONE 'UTC'). */
  readonly format?: string;
  readonly timeZone?: string;
  /** NUMERIC(p, s), STRING(n): limits of a parameterised type. */
  readonly parameters?: readonly number[];
  readonly literal?: { readonly value: LiteralValue };
}

export type Verdict =
  /** DuckDB's own functions or macros, proved equal. */
  | { readonly route: "native"; readonly sql: string }
  /** A DuckDB scalar function that hands chunks to Google's evaluator stands in `sql`; `reason` names the function. */
  | { readonly route: "exact"; readonly sql: string; readonly reason: string }
  /** Cannot be written; the evaluator may run the whole query while its inputs are small. */
  | { readonly route: "whole"; readonly reason: string }
  /** Neither: a sentence that names what is not supported and what to do. */
  | { readonly route: "refused"; readonly reason: string };

export interface FunctionLibrary {
  write(call: FunctionCall): Verdict;
  cast(call: CastCall): Verdict;
  /** Called once for each connection that is opened, before the configuration is locked: TEMP macros and the like. */
  prepare(connection: DuckDBConnection): Promise<void>;
  /** Called once for the database: the exact route's scalar functions, which live as long as the instance. */
  register(connection: DuckDBConnection, googleSql: GoogleSql): void;
}

/**
 * Stands in written SQL where the statement's time in microseconds since 1970 (BIGINT) goes: replaced each time the
 * statement runs, so that a cached plan does not keep an old time. CURRENT_TIMESTAMP() is `make_timestamptz(NOW_MICROS)`.
 */
export const NOW_MICROS = "\u0000now\u0000";
