import { quoteText } from "../engine/duckTypes.js";
import type { Argument, Family, ScalarCall, ScalarWriter } from "./call.js";

/**
 * FLOAT64 arithmetic fails where finite operands give a result that is not (DuckDB gives infinity). Operators within
 * operators are checked once, at the outermost: what overflowed inside does not become finite again but by a division.
 * Arguments of aggregate functions are not checked: the test would double the work of a large sum.
 */

const OPERATORS: Readonly<Record<string, string>> = { $add: "+", $subtract: "-", $multiply: "*", $divide: "/" };

/** Operators on FLOAT64 without their check. */
export interface Unchecked {
  readonly sql: string;
  /** What the operators rest on, as DuckDB SQL; constants are left out. */
  readonly leaves: readonly string[];
}

export function isFloatOperator(call: ScalarCall): boolean {
  return call.returnType.kind === "FLOAT64" && call.name in OPERATORS;
}

const isCostly = (arg: Argument): boolean => arg.volatile === true || /\bselect\b/i.test(arg.sql);

/** The call with its check; undefined where an operand cannot be written twice. */
export function checkedFloat(
  call: ScalarCall,
  write: ScalarWriter,
): { readonly sql: string; readonly unchecked: Unchecked } | undefined {
  if (call.args.some(isCostly)) return undefined;
  const args = call.args.map((arg) => (arg.unchecked ? { ...arg, sql: arg.unchecked.sql } : arg));
  const sql = write({ ...call, args });
  if (sql === undefined) return undefined;
  const leaves = call.args.flatMap((arg) => arg.unchecked?.leaves ?? (arg.literal === undefined ? [arg.sql] : []));
  const [a, b] = args.map((arg) => arg.sql);
  const finite = leaves.map((leaf) => `isfinite(${leaf})`).join(" AND ") || "true";
  const operator = quoteText(` ${OPERATORS[call.name]} `);
  return {
    sql: `CASE WHEN isfinite(${sql}) THEN ${sql} WHEN ${finite} THEN bq_double_overflow(${a}, ${operator}, ${b}) ELSE ${sql} END`,
    unchecked: { sql, leaves },
  };
}

export const overflow: Family = {
  macros: [
    "bq_double_overflow(a, operator, b) AS CAST(bq_error('double overflow' || CASE WHEN isfinite(a) AND isfinite(b) THEN ': ' || bq_float64_text(a) || operator || bq_float64_text(b) ELSE '' END) AS DOUBLE)",
  ],
};
