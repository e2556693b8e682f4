import type { Argument, Family, ScalarCall, ScalarWriter } from "./call.js";
import { addInterval, dayCount, subtractTimes } from "./dateArithmetic.js";
import { floatText } from "./floatText.js";
import { divideNumeric, multiplyNumeric, NUMERIC_ONE, numericText } from "./numeric.js";
import { tried } from "./tried.js";

/** Operators + - * / and their functions. Overflow errors are DuckDB's own, reworded by `errorText`. */

export function kindOf(call: ScalarCall, index: number): string {
  return call.args[index]?.type.kind ?? "";
}

export function sqlOf(call: ScalarCall, index: number): string {
  return call.args[index]?.sql ?? "NULL";
}

/** `f(a, b, …)` with all arguments in order. */
export function named(duckdbName: string): ScalarWriter {
  return (call) => `${duckdbName}(${call.args.map((arg) => arg.sql).join(", ")})`;
}

function isNonzeroLiteral(arg: Argument | undefined): boolean {
  return arg?.literal !== undefined && arg.literal !== null && Number(arg.literal) !== 0;
}

const add: ScalarWriter = (call) => {
  const [left, right] = [kindOf(call, 0), kindOf(call, 1)];
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (right === "INTERVAL") return addInterval(left, a, b, "+");
  if (left === "INTERVAL") return addInterval(right, b, a, "+");
  if (left === "DATE") return `bq_date_add_days(${a}, ${dayCount(b)})`;
  if (right === "DATE") return `bq_date_add_days(${b}, ${dayCount(a)})`;
  if (left === "BIGNUMERIC") return `bq_bignumeric_add(${a}, ${b})`;
  return `(${a} + ${b})`;
};

const subtract: ScalarWriter = (call) => {
  const [left, right] = [kindOf(call, 0), kindOf(call, 1)];
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (right === "INTERVAL") return addInterval(left, a, b, "-");
  if (left === "DATE" && right === "INT64") return `bq_date_add_days(${a}, -(${dayCount(b)}))`;
  if (call.returnType.kind === "INTERVAL") return subtractTimes(left, a, b);
  if (left === "BIGNUMERIC") return `bq_bignumeric_subtract(${a}, ${b})`;
  return `(${a} - ${b})`;
};

const multiply: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  switch (call.returnType.kind) {
    case "NUMERIC":
      return `bq_numeric_multiply(${a}, ${b})`;
    case "BIGNUMERIC":
      return `bq_bignumeric_multiply(${a}, ${b})`;
    case "INTERVAL":
      return kindOf(call, 0) === "INTERVAL" ? `(${a} * ${b})` : `(${b} * ${a})`;
    default:
      return `(${a} * ${b})`;
  }
};

const divide: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  switch (call.returnType.kind) {
    case "FLOAT64":
      return isNonzeroLiteral(call.args[1]) ? `(${a} / ${b})` : `bq_divide(${a}, ${b})`;
    case "NUMERIC":
      return `bq_numeric_divide(${a}, ${b})`;
    case "BIGNUMERIC":
      return `bq_bignumeric_divide(${a}, ${b})`;
    default:
      return undefined;
  }
};

const integerDivide: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (call.returnType.kind === "INT64") return isNonzeroLiteral(call.args[1]) ? `(${a} // ${b})` : `bq_div(${a}, ${b})`;
  if (call.returnType.kind === "NUMERIC") return `bq_numeric_div(${a}, ${b})`;
  return undefined;
};

const modulo: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (call.returnType.kind === "BIGNUMERIC") return undefined;
  return isNonzeroLiteral(call.args[1]) ? `(${a} % ${b})` : `bq_mod(${a}, ${b})`;
};

/** The operator with NULL where it would fail. */
const safeOperator =
  (operator: ScalarWriter): ScalarWriter =>
  (call) => {
    if (call.returnType.kind !== "FLOAT64") return tried(call, operator);
    const sql = operator(call);
    return sql && `bq_finite_or_null(${[sql, ...call.args.map((arg) => arg.sql)].join(", ")})`;
  };

const safeDivide: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (call.returnType.kind === "FLOAT64") return `bq_safe_divide(${a}, ${b})`;
  if (call.returnType.kind === "NUMERIC") return tried(call, divide);
  return undefined;
};

const minus: ScalarWriter = (call) =>
  call.returnType.kind === "BIGNUMERIC"
    ? `bq_bignumeric_subtract('0', ${sqlOf(call, 0)})`
    : call.returnType.kind === "FLOAT64"
      ? `(${sqlOf(call, 0)} * -1)`
      : `(-${sqlOf(call, 0)})`;

export const arithmetic: Family = {
  scalars: {
    $add: add,
    $subtract: subtract,
    $multiply: multiply,
    $divide: divide,
    $unary_minus: minus,
    div: integerDivide,
    mod: modulo,
    safe_add: safeOperator(add),
    safe_subtract: safeOperator(subtract),
    safe_multiply: safeOperator(multiply),
    safe_negate: (call) => tried(call, minus),
    safe_divide: safeDivide,
    ieee_divide: (call) => `(${sqlOf(call, 0)} / ${sqlOf(call, 1)})`,
  },
  macros: [
    "bq_divide(a, b) AS CASE WHEN b = 0 THEN bq_error('division by zero: ' || bq_float64_text(a) || ' / ' || bq_float64_text(b)) ELSE a / b END",
    "bq_safe_divide(a, b) AS CASE WHEN b = 0 THEN NULL ELSE a / b END",
    "bq_div(a, b) AS CASE WHEN b = 0 THEN bq_error('division by zero: ' || a || ' / ' || b) ELSE a // b END",
    "bq_mod(a, b) AS CASE WHEN b = 0 THEN bq_error('division by zero: MOD(' || rtrim(rtrim(a::VARCHAR, '0'), '.') || ', 0)') ELSE a % b END",
    "bq_finite_or_null(result, a, b := 0) AS CASE WHEN isfinite(result) OR NOT isfinite(a) OR NOT isfinite(b) THEN result END",
    // DuckDB's product of two DECIMAL(38,9) has 18 decimals and so room for 20 digits before the point; beyond, JavaScript.
    "bq_numeric_multiply(a, b) AS CASE WHEN abs(CAST(a AS DOUBLE) * CAST(b AS DOUBLE)) < 9e19 THEN CAST(a * b AS DECIMAL(38,9)) ELSE bq_numeric_multiply_wide(a, b) END",
  ],
  javascript: [
    { name: "bq_float64_text", parameters: ["number"], returns: "string", call: (value: number) => floatText(value) },
    {
      name: "bq_numeric_multiply_wide",
      parameters: ["numeric", "numeric"],
      returns: "numeric",
      call: (a: bigint, b: bigint) => multiplyNumeric(a, b),
    },
    {
      name: "bq_numeric_divide",
      parameters: ["numeric", "numeric"],
      returns: "numeric",
      call: (a: bigint, b: bigint) => divideNumeric(a, b),
    },
    {
      name: "bq_numeric_div",
      parameters: ["numeric", "numeric"],
      returns: "numeric",
      call: (a: bigint, b: bigint) => {
        if (b === 0n) throw new Error(`division by zero: DIV(${numericText(a)}, 0)`);
        return (a / b) * NUMERIC_ONE;
      },
    },
  ],
};
