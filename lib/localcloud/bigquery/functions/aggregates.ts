import { duckType } from "../engine/duckTypes.js";
import { kindOf, sqlOf } from "./arithmetic.js";
import type { AggregateCall, AggregateWriter, Family } from "./call.js";
import { bignumericOperation, bignumericText, divideRounded, parseBignumeric } from "./numeric.js";

/** Aggregate functions, also over windows. */

/** `name(DISTINCT args ORDER BY …) FILTER (…) OVER (…)`. `condition` is a further one. */
function aggregate(call: AggregateCall, name: string, args: string, condition?: string): string {
  const distinct = call.distinct ? "DISTINCT " : "";
  const order = call.orderBy.length > 0 ? ` ORDER BY ${call.orderBy.join(", ")}` : "";
  const conditions = [call.where, condition].filter((sql) => sql !== undefined);
  const filter = conditions.length > 0 ? ` FILTER (WHERE ${conditions.join(" AND ")})` : "";
  const over = call.window === undefined ? "" : ` OVER (${call.window})`;
  return `${name}(${distinct}${args}${order})${filter}${over}`;
}

const simple =
  (name: string, cast = false): AggregateWriter =>
  (call) => {
    if (call.having || call.limit !== undefined) return undefined;
    const sql = aggregate(call, name, call.args.map((arg) => arg.sql).join(", "));
    return cast ? `CAST(${sql} AS ${duckType(call.returnType)})` : sql;
  };

/** Statistics of FLOAT64; NUMERIC arguments are made DOUBLE first. */
const statistics =
  (name: string): AggregateWriter =>
  (call) => {
    if (call.having || call.limit !== undefined) return undefined;
    return aggregate(call, name, call.args.map((arg) => `CAST(${arg.sql} AS DOUBLE)`).join(", "));
  };

/** Of fewer than two pairs NULL; where one side does not vary NaN, as DuckDB has it for both. */
const correlation: AggregateWriter = (call) => {
  const value = statistics("corr")(call);
  const pairs = statistics("regr_count")(call);
  return value && `CASE WHEN ${pairs} >= 2 THEN ${value} END`;
};

const sum: AggregateWriter = (call) => {
  if (call.having || call.limit !== undefined) return undefined;
  const x = sqlOf(call, 0);
  switch (call.returnType.kind) {
    case "INT64":
      return `CAST(${aggregate(call, "sum", x)} AS BIGINT)`;
    case "BIGNUMERIC":
      return `bq_bignumeric_sum(${aggregate(call, "list", x)})`;
    default:
      return aggregate(call, "sum", x);
  }
};

const average: AggregateWriter = (call) => {
  if (call.having || call.limit !== undefined) return undefined;
  const x = sqlOf(call, 0);
  switch (call.returnType.kind) {
    case "FLOAT64":
      return aggregate(call, "avg", x);
    case "NUMERIC":
      return `bq_numeric_average(${aggregate(call, "sum", x)}, ${aggregate(call, "count", x)})`;
    case "BIGNUMERIC":
      return `bq_bignumeric_average(${aggregate(call, "list", x)})`;
    default:
      return undefined;
  }
};

const extreme =
  (name: "min" | "max"): AggregateWriter =>
  (call) => {
    if (call.limit !== undefined) return undefined;
    const x = sqlOf(call, 0);
    const plain = { ...call, distinct: false, orderBy: [] };
    if (call.having) return undefined;
    switch (kindOf(call, 0)) {
      case "FLOAT64":
        // In GoogleSQL one NaN makes the result NaN; for DuckDB it is the greatest number.
        return name === "max"
          ? aggregate(plain, "max", x)
          : `CASE WHEN ${aggregate(plain, "bool_or", `isnan(${x})`)} THEN CAST('NaN' AS DOUBLE) ELSE ${aggregate(plain, "min", x)} END`;
      case "BIGNUMERIC":
        return aggregate(plain, `arg_${name}`, `${x}, bignumeric_key(${x})`);
      default:
        return aggregate(plain, name, x);
    }
  };

const anyValue: AggregateWriter = (call) => {
  const x = sqlOf(call, 0);
  if (!call.having) return aggregate(call, "any_value", x);
  const name = call.having.kind === "MAX" ? "arg_max_null" : "arg_min_null";
  return aggregate({ ...call, orderBy: [] }, name, `${x}, ${call.having.sql}`);
};

/** A row whose y is NULL takes no part. */
const extremeBy =
  (name: "arg_max_null" | "arg_min_null"): AggregateWriter =>
  (call) =>
    call.having ? undefined : aggregate({ ...call, orderBy: [] }, name, `${sqlOf(call, 0)}, ${sqlOf(call, 1)}`);

function limited(call: AggregateCall, list: string): string {
  return call.limit === undefined ? list : `(${list})[1:${call.limit}]`;
}

const arrayAgg: AggregateWriter = (call) => {
  if (call.having) return undefined;
  const x = sqlOf(call, 0);
  return limited(call, aggregate(call, "list", x, call.nulls === "IGNORE" ? `${x} IS NOT NULL` : undefined));
};

const arrayConcatAgg: AggregateWriter = (call) => {
  if (call.having) return undefined;
  const x = sqlOf(call, 0);
  return `flatten(${limited(call, aggregate(call, "list", x, `${x} IS NOT NULL`))})`;
};

const stringAgg: AggregateWriter = (call) => {
  if (call.having || call.returnType.kind !== "STRING") return undefined;
  const x = sqlOf(call, 0);
  const separator = call.args[1]?.sql ?? "','";
  if (call.limit === undefined && !call.distinct && call.window === undefined) {
    return aggregate(call, "string_agg", `${x}, ${separator}`);
  }
  return `array_to_string(${limited(call, aggregate(call, "list", x, `${x} IS NOT NULL`))}, ${separator})`;
};

const approxQuantiles: AggregateWriter = (call) => {
  if (call.having || call.limit !== undefined || call.nulls === "RESPECT" || call.window !== undefined)
    return undefined;
  const count = call.args[1]?.literal;
  if (typeof count !== "bigint" || count < 1n || count > 10_000n) return undefined;
  const x = sqlOf(call, 0);
  return `bq_quantiles(${aggregate({ ...call, orderBy: [] }, "list", x, `${x} IS NOT NULL`)}, ${count})`;
};

const approxTopCount: AggregateWriter = (call) => {
  if (call.having || call.limit !== undefined || call.window !== undefined) return undefined;
  return `bq_top_count(${aggregate(call, "list", `{'v': ${sqlOf(call, 0)}}`)}, ${sqlOf(call, 1)})`;
};

const approxTopSum: AggregateWriter = (call) => {
  if (call.having || call.limit !== undefined || call.window !== undefined) return undefined;
  if (kindOf(call, 1) === "BIGNUMERIC") return undefined;
  const pairs = aggregate(call, "list", `{'v': ${sqlOf(call, 0)}, 'w': ${sqlOf(call, 1)}}`);
  return `bq_top_sum(${pairs}, ${sqlOf(call, 2)})`;
};

/** PERCENTILE_CONT and PERCENTILE_DISC: the ends of the order are the values' own, NULLs left out. */
const percentile =
  (name: "quantile_cont" | "quantile_disc"): AggregateWriter =>
  (call) => {
    if (call.having || call.limit !== undefined || call.nulls === "RESPECT") return undefined;
    const kind = kindOf(call, 0);
    if (name === "quantile_cont" && kind === "NUMERIC") return undefined;
    if (kind === "BIGNUMERIC" || kindOf(call, 1) !== "FLOAT64") return undefined;
    const share = sqlOf(call, 1);
    const quantile = aggregate(call, name, `${sqlOf(call, 0)}, ${share}`);
    if (call.args[1]?.literal !== undefined) return quantile;
    // A parameter: DuckDB takes negative shares for descending order, which GoogleSQL does not know.
    return `CASE WHEN ${share} < 0 THEN error('The second argument to function ${name === "quantile_cont" ? "PERCENTILE_CONT" : "PERCENTILE_DISC"} must be in [0, 1]') ELSE ${quantile} END`;
  };

export const aggregates: Family = {
  aggregates: {
    $count_star: (call) => aggregate(call, "count", "*"),
    count: simple("count"),
    countif: (call) =>
      call.distinct || call.having ? undefined : `CAST(${aggregate(call, "count_if", sqlOf(call, 0))} AS BIGINT)`,
    sum,
    avg: average,
    min: extreme("min"),
    max: extreme("max"),
    any_value: anyValue,
    max_by: extremeBy("arg_max_null"),
    min_by: extremeBy("arg_min_null"),
    array_agg: arrayAgg,
    array_concat_agg: arrayConcatAgg,
    string_agg: stringAgg,
    logical_and: simple("bool_and"),
    logical_or: simple("bool_or"),
    bit_and: simple("bit_and", true),
    bit_or: simple("bit_or", true),
    bit_xor: simple("bit_xor", true),
    // Exact, which an approximation may be.
    approx_count_distinct: (call) =>
      call.having ? undefined : aggregate({ ...call, distinct: true, orderBy: [] }, "count", sqlOf(call, 0)),
    approx_quantiles: approxQuantiles,
    approx_top_count: approxTopCount,
    approx_top_sum: approxTopSum,
    stddev_pop: statistics("stddev_pop"),
    stddev_samp: statistics("stddev_samp"),
    var_pop: statistics("var_pop"),
    var_samp: statistics("var_samp"),
    covar_pop: statistics("covar_pop"),
    covar_samp: statistics("covar_samp"),
    corr: correlation,
    percentile_cont: percentile("quantile_cont"),
    percentile_disc: percentile("quantile_disc"),
    grouping: simple("grouping", true),
  },
  macros: [
    "bq_numeric_average(total, n) AS CASE WHEN n > 0 THEN bq_numeric_divide(total, CAST(n AS DECIMAL(38,9))) END",
    "bq_quantiles(list, n) AS CASE WHEN len(list) > 0 THEN list_transform(range(0, n + 1), i -> list_sort(list)[greatest(CAST(ceil(i * len(list) / n) AS BIGINT), 1)]) END",
    "bq_top_count(list, n) AS list_transform(list_sort(list_transform(list_distinct(list), d -> {'c': -len(list_filter(list, e -> e IS NOT DISTINCT FROM d)), 'v': d.v}))[1:n], e -> {'_1': e.v, '_2': -e.c})",
    "bq_top_sum(list, n) AS list_transform(list_sort(list_transform(list_distinct(list_transform(list, e -> {'v': e.v})), d -> {'c': -list_sum(list_transform(list_filter(list, e -> e.v IS NOT DISTINCT FROM d.v), e -> e.w)), 'v': d.v}))[1:n], e -> {'_1': e.v, '_2': -e.c})",
  ],
  javascript: [
    {
      name: "bq_bignumeric_sum",
      parameters: ["strings"],
      returns: "string",
      call: (values: readonly (string | null)[]) => bignumericSum(values)?.total,
    },
    {
      name: "bq_bignumeric_average",
      parameters: ["strings"],
      returns: "string",
      call: (values: readonly (string | null)[]) => {
        const sum = bignumericSum(values);
        return sum && bignumericText(divideRounded(parseBignumeric(sum.total), BigInt(sum.count)));
      },
    },
  ],
};

function bignumericSum(
  values: readonly (string | null)[],
): { readonly total: string; readonly count: number } | undefined {
  const present = values.filter((value): value is string => value !== null);
  if (present.length === 0) return undefined;
  return { total: present.reduce((left, right) => bignumericOperation(left, "+", right)), count: present.length };
}
