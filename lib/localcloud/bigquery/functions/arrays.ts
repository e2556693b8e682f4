import { duckType } from "../engine/duckTypes.js";
import { kindOf, named, sqlOf } from "./arithmetic.js";
import type { Argument, Family, ScalarWriter } from "./call.js";
import { MICROSECONDS, MONTHS } from "./dateArithmetic.js";

/** ARRAY functions. A NULL array gives NULL, an empty one its own answer. */

const makeArray: ScalarWriter = (call) => {
  const list = `[${call.args.map((arg) => arg.sql).join(", ")}]`;
  return call.args.every((arg) => arg.literal === null) ? `CAST(${list} AS ${duckType(call.returnType)})` : list;
};

const at =
  (macro: string): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "ARRAY" ? `${macro}(${sqlOf(call, 0)}, ${sqlOf(call, 1)})` : undefined;

const concatenation: ScalarWriter = (call) =>
  call.args.map((arg) => arg.sql).reduce((left, right) => `bq_array_concat(${left}, ${right})`);

const generateArray: ScalarWriter = (call) => {
  const [from, to] = [sqlOf(call, 0), sqlOf(call, 1)];
  const step = call.args[2]?.sql ?? "1";
  if (call.returnType.kind !== "ARRAY") return undefined;
  switch (call.returnType.element.kind) {
    case "INT64":
      return `bq_generate_array(${from}, ${to}, ${step})`;
    case "FLOAT64":
      return `bq_generate_array_float(${from}, ${to}, CAST(${step} AS DOUBLE))`;
    case "NUMERIC":
      return `bq_generate_array_numeric(${from}, ${to}, CAST(${step} AS DECIMAL(38,9)))`;
    default:
      return undefined;
  }
};

function partOf(arg: Argument | undefined): string {
  return typeof arg?.literal === "string" ? arg.literal : "DAY";
}

const generateDates: ScalarWriter = (call) => {
  const [from, to] = [sqlOf(call, 0), sqlOf(call, 1)];
  const count = call.args[2]?.sql ?? "1";
  const part = partOf(call.args[3]);
  const months = MONTHS[part];
  if (months !== undefined) return `bq_generate_dates_by_month(${from}, ${to}, ${count} * ${months})`;
  return part === "DAY" || part === "WEEK"
    ? `bq_generate_dates(${from}, ${to}, ${count} * ${part === "WEEK" ? 7 : 1})`
    : undefined;
};

const generateTimestamps: ScalarWriter = (call) => {
  const [from, to, count] = [sqlOf(call, 0), sqlOf(call, 1), sqlOf(call, 2)];
  const micros = MICROSECONDS[partOf(call.args[3])];
  return micros === undefined ? undefined : `bq_generate_timestamps(${from}, ${to}, ${count} * ${micros})`;
};

const elementKind = (arg: Argument | undefined) => (arg?.type.kind === "ARRAY" ? arg.type.element.kind : "");

const total: ScalarWriter = (call) => {
  const kind = call.returnType.kind;
  return ["INT64", "FLOAT64", "NUMERIC"].includes(kind)
    ? `CAST(list_sum(${sqlOf(call, 0)}) AS ${duckType(call.returnType)})`
    : undefined;
};

const ofOrdered =
  (name: string): ScalarWriter =>
  (call) =>
    ["INT64", "NUMERIC", "STRING", "DATE", "DATETIME", "TIMESTAMP", "TIME", "BOOL"].includes(elementKind(call.args[0]))
      ? `${name}(${sqlOf(call, 0)})`
      : undefined;

const lambda =
  (name: string): ScalarWriter =>
  (call) => {
    const body = call.args[1];
    if (!body?.lambda) return undefined;
    const parameters = body.lambda.length === 1 ? body.lambda[0] : `(${body.lambda.join(", ")})`;
    return body.lambda.length === 1 ? `${name}(${sqlOf(call, 0)}, ${parameters} -> ${body.sql})` : undefined;
  };

export const arrays: Family = {
  scalars: {
    $make_array: makeArray,
    array_length: (call) => `len(${sqlOf(call, 0)})`,
    $array_at_offset: at("bq_at_offset"),
    $array_at_ordinal: at("bq_at_ordinal"),
    $safe_array_at_offset: at("bq_safe_at_offset"),
    $safe_array_at_ordinal: at("bq_safe_at_ordinal"),
    array_concat: concatenation,
    array_reverse: named("list_reverse"),
    array_first: (call) => `bq_array_first(${sqlOf(call, 0)})`,
    array_last: (call) => `bq_array_last(${sqlOf(call, 0)})`,
    array_slice: named("bq_array_slice"),
    array_first_n: (call) => `bq_array_first_n(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    array_last_n: (call) => `bq_array_last_n(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    array_remove_first_n: (call) => `bq_array_remove_first_n(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    array_remove_last_n: (call) => `bq_array_remove_last_n(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    array_sum: total,
    array_avg: (call) =>
      call.returnType.kind === "FLOAT64"
        ? `list_avg(${sqlOf(call, 0)})`
        : call.returnType.kind === "NUMERIC"
          ? `bq_numeric_average(list_sum(${sqlOf(call, 0)}), list_count(${sqlOf(call, 0)}))`
          : undefined,
    array_min: ofOrdered("list_min"),
    array_max: ofOrdered("list_max"),
    array_is_distinct: (call) =>
      ["STRUCT", "ARRAY", "JSON", ""].includes(elementKind(call.args[0]))
        ? undefined
        : `bq_array_is_distinct(${sqlOf(call, 0)})`,
    array_transform: lambda("list_transform"),
    array_filter: lambda("list_filter"),
    generate_array: generateArray,
    generate_date_array: generateDates,
    generate_timestamp_array: generateTimestamps,
  },
  macros: [
    "bq_at_offset(list, i) AS CASE WHEN i >= 0 AND i < len(list) THEN list[i + 1] WHEN i IS NULL OR list IS NULL THEN NULL ELSE bq_error('Array index ' || i || ' is out of bounds') END",
    "bq_at_ordinal(list, i) AS CASE WHEN i >= 1 AND i <= len(list) THEN list[i] WHEN i IS NULL OR list IS NULL THEN NULL ELSE bq_error('Array index ' || i || ' is out of bounds') END",
    "bq_safe_at_offset(list, i) AS CASE WHEN i >= 0 THEN list[i + 1] END",
    "bq_safe_at_ordinal(list, i) AS CASE WHEN i >= 1 THEN list[i] END",
    "bq_array_concat(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN list_concat(a, b) END",
    "bq_array_first(list) AS CASE WHEN len(list) = 0 THEN bq_error('ARRAY_FIRST cannot get the first element of an empty array') ELSE list[1] END",
    "bq_array_last(list) AS CASE WHEN len(list) = 0 THEN bq_error('ARRAY_LAST cannot get the last element of an empty array') ELSE list[len(list)] END",
    "bq_array_slice(list, a, b) AS CASE WHEN list IS NULL OR a IS NULL OR b IS NULL THEN NULL WHEN (CASE WHEN b < 0 THEN b + len(list) ELSE b END) < 0 THEN list[1:0] ELSE list[greatest(CASE WHEN a < 0 THEN a + len(list) ELSE a END, 0) + 1 : CASE WHEN b < 0 THEN b + len(list) ELSE b END + 1] END",
    "bq_array_first_n(list, n) AS CASE WHEN n < 0 THEN bq_error('ARRAY_FIRST_N: n must not be negative') WHEN n IS NULL THEN NULL ELSE list[1:n] END",
    "bq_array_last_n(list, n) AS CASE WHEN n < 0 THEN bq_error('ARRAY_LAST_N: n must not be negative') WHEN n IS NULL THEN NULL ELSE list[greatest(len(list) - n, 0) + 1 : len(list)] END",
    "bq_array_remove_first_n(list, n) AS CASE WHEN n < 0 THEN bq_error('ARRAY_REMOVE_FIRST_N: n must not be negative') WHEN n IS NULL THEN NULL ELSE list[n + 1 : len(list)] END",
    "bq_array_remove_last_n(list, n) AS CASE WHEN n < 0 THEN bq_error('ARRAY_REMOVE_LAST_N: n must not be negative') WHEN n IS NULL THEN NULL ELSE list[1 : greatest(len(list) - n, 0)] END",
    "bq_array_is_distinct(list) AS (len(list) = len(list_distinct(list)) + CASE WHEN len(list) > list_count(list) THEN 1 ELSE 0 END)",
    "bq_step(step) AS CASE WHEN step = 0 THEN bq_error('Sequence step cannot be 0.') ELSE step END",
    "bq_generate_array(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE generate_series(a, b, bq_step(step)) END",
    "bq_generate_array_float(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE list_transform(range(0, CAST(floor((b - a) / bq_step(step)) AS BIGINT) + 1), i -> a + i * step) END",
    "bq_generate_array_numeric(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE list_transform(range(0, CAST(floor(bq_numeric_divide(b - a, bq_step(step))) AS BIGINT) + 1), i -> CAST(a + CAST(i AS DECIMAL(18,0)) * step AS DECIMAL(38,9))) END",
    "bq_generate_dates(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE list_transform(generate_series(0, b - a, bq_step(step)), i -> a + CAST(i AS INTEGER)) END",
    // Each date is the one before plus the step, as in GoogleSQL: from January 31st a month on is February 29th, then March 29th.
    "bq_generate_dates_by_month(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE list_transform(generate_series(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), to_months(CAST(bq_step(step) AS INTEGER))), t -> CAST(t AS DATE)) END",
    "bq_generate_timestamps(a, b, step) AS CASE WHEN a IS NULL OR b IS NULL OR step IS NULL THEN NULL ELSE list_transform(generate_series(epoch_us(a), epoch_us(b), bq_step(step)), t -> make_timestamptz(t)) END",
  ],
};
