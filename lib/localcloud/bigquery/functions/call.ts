import type { SqlType } from "../schema.js";
import type { Unchecked } from "./overflow.js";

/**
 * The seam between the writer of resolved trees and the function library: a call whose arguments are already DuckDB SQL.
 * Names are the resolved ones without the group: "$add", "substr", "net.host", "hll_count.init".
 */

/** A literal's value: enums (date parts) by their name ("WEEK_MONDAY"); dates, times, NUMERIC, BYTES … have none. */
export type Literal = string | bigint | number | boolean | null;

export interface Argument {
  /** DuckDB SQL of the argument; for a lambda, of its body. Empty for enum arguments. */
  readonly sql: string;
  readonly type: SqlType | { readonly kind: "ENUM"; readonly name: string };
  /** Present when the argument is a literal of a kind that `Literal` holds. */
  readonly literal?: Literal;
  /** A lambda's parameters as DuckDB names; then `sql` is its body and `type` the body's type. */
  readonly lambda?: readonly string[];
  /** Not the same at each evaluation (RAND, GENERATE_UUID): must not be written twice. */
  readonly volatile?: boolean;
  /** FLOAT64 operators without their check for overflow, for operators around them. */
  readonly unchecked?: Unchecked;
}

export interface ScalarCall {
  readonly name: string;
  readonly args: readonly Argument[];
  readonly returnType: SqlType;
  /** Called as `SAFE.f(…)`. */
  readonly safe: boolean;
}

export interface AggregateCall extends ScalarCall {
  readonly distinct: boolean;
  readonly nulls?: "IGNORE" | "RESPECT";
  /** DuckDB `ORDER BY` terms without the keywords, each with direction and NULLS placement. */
  readonly orderBy: readonly string[];
  readonly limit?: string;
  /** `HAVING MAX|MIN expression`. */
  readonly having?: { readonly kind: "MAX" | "MIN"; readonly sql: string };
  /** DuckDB condition under which a row takes part. */
  readonly where?: string;
  /** The aggregate runs over a window: its text between the brackets of `OVER (…)`. */
  readonly window?: string;
}

export interface AnalyticCall extends ScalarCall {
  readonly distinct: boolean;
  readonly nulls?: "IGNORE" | "RESPECT";
  /** The window without `OVER`: `PARTITION BY … ORDER BY … ROWS …`. */
  readonly window: string;
  /** The window's parts, for functions that must be written otherwise. */
  readonly partitionBy: readonly string[];
  readonly orderBy: readonly string[];
  readonly frame?: string;
}

export interface CastCall {
  readonly arg: Argument & { readonly type: SqlType };
  readonly to: SqlType;
  /** SAFE_CAST. */
  readonly safe: boolean;
  /** `FORMAT …`. */
  readonly format?: Argument;
  /** `AT TIME ZONE …`. */
  readonly timeZone?: Argument;
  /** Parameters of the target type, as in NUMERIC(10, 2) or STRING(5). */
  readonly typeParameters?: readonly number[];
}

/** How a call was written; "exact": Google's evaluator behind a DuckDB function. */
export interface Written {
  readonly sql: string;
  readonly route: "native" | "exact";
  readonly unchecked?: Unchecked;
}

/** DuckDB SQL of a call, or undefined when this form of it is not written natively. */
export type ScalarWriter = (call: ScalarCall) => string | undefined;
export type AggregateWriter = (call: AggregateCall) => string | undefined;
export type AnalyticWriter = (call: AnalyticCall) => string | undefined;

/** Functions of one subject. */
export interface Family {
  readonly scalars?: Readonly<Record<string, ScalarWriter>>;
  readonly aggregates?: Readonly<Record<string, AggregateWriter>>;
  readonly analytics?: Readonly<Record<string, AnalyticWriter>>;
  /** `name(parameters) AS expression`, as `CREATE MACRO` takes it. */
  readonly macros?: readonly string[];
  readonly javascript?: readonly JavaScriptFunction[];
}

/**
 * Value kinds that cross between DuckDB and a JavaScript scalar function. "numeric" is NUMERIC as an integer of
 * billionths; "interval" is `{ months, days, micros }`; "bytes" is Uint8Array.
 */
export type Crossing =
  | "bigint"
  | "number"
  | "boolean"
  | "string"
  | "bytes"
  | "numeric"
  | "interval"
  | "strings"
  | "bigints"
  | "bytesList"
  | "nothing";

/** A DuckDB scalar function in JavaScript. Called with no NULL among its arguments unless `nulls`. */
export interface JavaScriptFunction {
  readonly name: string;
  readonly parameters: readonly Crossing[];
  readonly returns: Crossing;
  readonly nulls?: boolean;
  /** @throws Error whose message becomes the query's error. */
  readonly call: (...args: readonly never[]) => unknown;
}

/**
 * Stands in written SQL where the statement's time in microseconds since 1970 (BIGINT) goes: replaced each time the
 * statement runs, so that a cached plan does not keep an old time.
 */
export const NOW_MICROS = "\u0000now\u0000";

/** Values of options and parameters: INT64 bigint, FLOAT64 number, dates days since 1970, other kinds GoogleSQL's text. */
export type LiteralValue = string | number | bigint | boolean | null | Uint8Array | readonly LiteralValue[];
