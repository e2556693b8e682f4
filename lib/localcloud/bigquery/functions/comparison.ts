import { kindOf, sqlOf } from "./arithmetic.js";
import type { Argument, Family, ScalarCall, ScalarWriter } from "./call.js";

/**
 * Comparison and boolean operators. Where DuckDB differs: NaN (equal to itself and greatest in DuckDB, equal to nothing in
 * GoogleSQL), BIGNUMERIC (text here), structs and arrays (DuckDB holds NULL fields equal).
 */

type Kind = Argument["type"];

/** Whether values compare in DuckDB as they do in GoogleSQL, NaN apart. */
function comparesNatively(type: Kind): boolean {
  return !["STRUCT", "ARRAY", "RANGE", "BIGNUMERIC", "JSON", "GEOGRAPHY"].includes(type.kind);
}

const isFloat = (arg: Argument | undefined) => arg?.type.kind === "FLOAT64";
const canBeNaN = (arg: Argument | undefined) => isFloat(arg) && typeof arg?.literal !== "number";

/** The SQL of an equality of two values of one type; NULL fields give NULL. Undefined for JSON, which has none. */
export function equality(a: string, b: string, type: Kind): string | undefined {
  switch (type.kind) {
    case "JSON":
    case "GEOGRAPHY":
      return undefined;
    case "FLOAT64":
      return `bq_float_equal(${a}, ${b})`;
    case "STRUCT": {
      const fields = type.fields.map((field, index) =>
        equality(`(${a})._${index + 1}`, `(${b})._${index + 1}`, field.type),
      );
      if (fields.includes(undefined)) return undefined;
      return fields.length === 0 ? "TRUE" : `(${fields.join(" AND ")})`;
    }
    default:
      return `(${a} = ${b})`;
  }
}

const equal: ScalarWriter = (call) => {
  const type = call.args[0]?.type;
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (type === undefined) return undefined;
  // One side that is surely no NaN is enough: DuckDB then answers as GoogleSQL.
  if (type.kind === "FLOAT64") return call.args.every(canBeNaN) ? `bq_float_equal(${a}, ${b})` : `(${a} = ${b})`;
  return equality(a, b, type);
};

const notEqual: ScalarWriter = (call) => {
  const sql = equal(call);
  if (sql === undefined) return undefined;
  return comparesNatively(call.args[0]?.type ?? { kind: "STRING" }) && !call.args.every(canBeNaN)
    ? `(${sqlOf(call, 0)} <> ${sqlOf(call, 1)})`
    : `(NOT ${sql})`;
};

const ordered =
  (operator: "<" | "<=" | ">" | ">="): ScalarWriter =>
  (call) => {
    const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
    const kind = kindOf(call, 0);
    if (kind === "BIGNUMERIC") return `(bignumeric_key(${a}) ${operator} bignumeric_key(${b}))`;
    if (["STRUCT", "ARRAY", "RANGE", "JSON", "GEOGRAPHY"].includes(kind)) return undefined;
    // In DuckDB NaN is the greatest value, in GoogleSQL every comparison with it is false.
    const greater = operator.startsWith(">") ? call.args[0] : call.args[1];
    const other = operator.startsWith(">") ? call.args[1] : call.args[0];
    const plain = `(${a} ${operator} ${b})`;
    if (!canBeNaN(greater)) return plain;
    return canBeNaN(other)
      ? `(${plain} AND NOT isnan(${a}) AND NOT isnan(${b}))`
      : `(${plain} AND NOT isnan(${greater?.sql}))`;
  };

function pair(call: ScalarCall, first: Argument, second: Argument): ScalarCall {
  return { ...call, args: [first, second] };
}

const between: ScalarWriter = (call) => {
  const [value, low, high] = call.args;
  if (!value || !low || !high) return undefined;
  if (comparesNatively(value.type) && !isFloat(value)) return `(${value.sql} BETWEEN ${low.sql} AND ${high.sql})`;
  const from = ordered(">=")(pair(call, value, low));
  const to = ordered("<=")(pair(call, value, high));
  return from === undefined || to === undefined ? undefined : `(${from} AND ${to})`;
};

const inList: ScalarWriter = (call) => {
  const [value, ...items] = call.args;
  if (!value) return undefined;
  if (comparesNatively(value.type) && (!isFloat(value) || items.every((item) => !canBeNaN(item)))) {
    return `(${value.sql} IN (${items.map((item) => item.sql).join(", ")}))`;
  }
  const tests = items.map((item) => equality(value.sql, item.sql, value.type));
  return tests.includes(undefined) ? undefined : `(${tests.join(" OR ")})`;
};

/** `x IN UNNEST(array)`. */
const inArray: ScalarWriter = (call) => {
  const [value, array] = [sqlOf(call, 0), sqlOf(call, 1)];
  const type = call.args[0]?.type;
  if (!type || !comparesNatively(type) || type.kind === "FLOAT64") return undefined;
  return `bq_in_array(${value}, ${array})`;
};

const connective =
  (word: "AND" | "OR"): ScalarWriter =>
  (call) =>
    `(${call.args.map((arg) => arg.sql).join(` ${word} `)})`;

/** GREATEST and LEAST: NULL if any is NULL, NaN if any is NaN. */
const extreme =
  (name: "greatest" | "least"): ScalarWriter =>
  (call) => {
    const kind = call.returnType.kind;
    if (["STRUCT", "ARRAY", "BIGNUMERIC", "JSON", "RANGE"].includes(kind)) return undefined;
    const args = call.args.map((arg) => arg.sql);
    if (args.length === 1) return args[0];
    const missing = args.filter((sql) => sql !== "").map((sql) => `${sql} IS NULL`);
    const nan =
      name === "least" && kind === "FLOAT64"
        ? `WHEN ${args.map((sql) => `isnan(${sql})`).join(" OR ")} THEN CAST('NaN' AS DOUBLE) `
        : "";
    return `CASE WHEN ${missing.join(" OR ")} THEN NULL ${nan}ELSE ${name}(${args.join(", ")}) END`;
  };

const distinctFrom =
  (negated: boolean): ScalarWriter =>
  (call) => {
    const kind = kindOf(call, 0);
    if (kind === "JSON" || kind === "GEOGRAPHY") return undefined;
    return `(${sqlOf(call, 0)} IS ${negated ? "NOT " : ""}DISTINCT FROM ${sqlOf(call, 1)})`;
  };

const like: ScalarWriter = (call) => {
  const [text, pattern] = [sqlOf(call, 0), sqlOf(call, 1)];
  if (kindOf(call, 0) !== "STRING") return undefined;
  const literal = call.args[1]?.literal;
  if (typeof literal === "string" && !literal.includes("\\")) return `(${text} LIKE ${pattern})`;
  return `(${text} LIKE ${pattern} ESCAPE '\\')`;
};

/** DuckDB's collations travel with the value as GoogleSQL's do: to comparisons, ORDER BY, GROUP BY and DISTINCT. */
const collate: ScalarWriter = (call) => {
  const name = call.args[1]?.literal;
  if (name === "" || name === "binary") return sqlOf(call, 0);
  return name === "und:ci" ? `(${sqlOf(call, 0)} COLLATE NOCASE)` : undefined;
};

export const comparison: Family = {
  scalars: {
    collate,
    $equal: equal,
    $not_equal: notEqual,
    $less: ordered("<"),
    $less_or_equal: ordered("<="),
    $greater: ordered(">"),
    $greater_or_equal: ordered(">="),
    $between: between,
    $in: inList,
    $in_array: inArray,
    $and: connective("AND"),
    $or: connective("OR"),
    $not: (call) => `(NOT ${sqlOf(call, 0)})`,
    $is_null: (call) => `(${sqlOf(call, 0)} IS NULL)`,
    $is_true: (call) => `(${sqlOf(call, 0)} IS TRUE)`,
    $is_false: (call) => `(${sqlOf(call, 0)} IS FALSE)`,
    $is_distinct_from: distinctFrom(false),
    $is_not_distinct_from: distinctFrom(true),
    $like: like,
    greatest: extreme("greatest"),
    least: extreme("least"),
    is_nan: (call) => `isnan(${sqlOf(call, 0)})`,
    is_inf: (call) => `isinf(${sqlOf(call, 0)})`,
  },
  macros: [
    "bq_float_equal(a, b) AS (a = b AND NOT isnan(a))",
    "bq_in_array(x, list) AS CASE WHEN list IS NULL OR len(list) = 0 THEN FALSE WHEN x IS NULL THEN NULL WHEN list_contains(list, x) THEN TRUE WHEN list_contains(list_transform(list, e -> e IS NULL), TRUE) THEN NULL ELSE FALSE END",
  ],
};
