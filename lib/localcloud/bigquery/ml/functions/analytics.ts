import { quoteText } from "../../engine/duckTypes.js";
import type { Preprocessing } from "../../engine/modelHook.js";
import type { ScalarCall } from "../../functions/call.js";
import { double } from "../state.js";
import { choiceAt, flagAt, integerAt, sqlAt } from "./arguments.js";
import { bucketSql, formatAt } from "./buckets.js";

/**
 * Preprocessing functions that look at every row (`… OVER ()`): an aggregate over the rows, which CREATE MODEL freezes,
 * and the row's value by it. Sources as in `scalars.ts`.
 *
 * Which standard deviation ML.STANDARD_SCALER divides by: Google's page shows the sample one in a query, Google's recorded
 * answers of models with TRANSFORM the population one.
 */
export const ANALYTICS: Readonly<Record<string, (call: ScalarCall, use: "query" | "transform") => Preprocessing>> = {
  "ml.standard_scaler": (call, use) => {
    const x = sqlAt(call, 0);
    // Sorted, so that the sums' last bits do not depend on how the rows were shared out among threads.
    const deviation = use === "query" ? "stddev_samp" : "stddev_pop";
    return {
      statistic: `[avg(${x} ORDER BY ${x}), ${deviation}(${x} ORDER BY ${x})]`,
      apply: (found) => ratio(x, `${x} - ${found}[1]`, `${found}[2]`),
    };
  },
  "ml.min_max_scaler": (call) => {
    const x = sqlAt(call, 0);
    return {
      statistic: `[min(${x}), max(${x})]`,
      apply: (found) => {
        const scaled = ratio(x, `${x} - ${found}[1]`, `${found}[2] - ${found}[1]`);
        return `(CASE WHEN ${x} IS NULL THEN NULL ELSE greatest(0e0, least(1e0, ${scaled})) END)`;
      },
    };
  },
  "ml.max_abs_scaler": (call) => {
    const x = sqlAt(call, 0);
    return { statistic: `[max(abs(${x}))]`, apply: (found) => ratio(x, x, `${found}[1]`) };
  },
  "ml.robust_scaler": robustScaler,
  "ml.quantile_bucketize": (call) => {
    const x = sqlAt(call, 0);
    const buckets = integerAt(call, 1, { min: 2, max: 10_000 });
    const format = formatAt(call, 2);
    const cuts = Array.from({ length: buckets - 1 }, (_, index) => `${index + 1} / ${buckets}`);
    return {
      statistic: `quantile_disc(${x}, [${cuts.join(", ")}])`,
      apply: (found) => bucketSql(x, found, format),
    };
  },
  "ml.label_encoder": (call) => ({
    statistic: vocabularySql(`histogram(${sqlAt(call, 0)})`, call, 1),
    apply: (found) => `CAST(${position(found, sqlAt(call, 0))} AS BIGINT)`,
  }),
  "ml.one_hot_encoder": oneHotEncoder,
  "ml.multi_hot_encoder": (call) => {
    const array = sqlAt(call, 0);
    // A category counts once a row.
    const histogram = `list_aggregate(flatten(list(list_distinct(${array}))), 'histogram')`;
    return {
      statistic: vocabularySql(histogram, call, 1),
      apply: (found) => {
        const indices = `list_transform(v.a, lambda e: ${position("v.k", "e")})`;
        const distinct = `list_filter(v.i, lambda e, n: list_position(v.i, e) = n)`;
        const withIndices = `list_transform([{'a': ${array}, 'k': ${found}}], lambda v: {'i': ${indices}})`;
        return `(list_transform(${withIndices}, lambda v: list_transform(${distinct}, lambda e: {'_1': CAST(e AS BIGINT), '_2': 1e0}))[1])`;
      },
    };
  },
  "ml.imputer": imputer,
};

/** ML.ROBUST_SCALER(x [, quantile_range] [, with_median] [, with_quantile_range]); quantiles without interpolation. */
function robustScaler(call: ScalarCall): Preprocessing {
  const x = sqlAt(call, 0);
  const range = call.args.length > 1 ? sqlAt(call, 1) : "[25, 75]";
  const quantile = (index: number): string => `quantile_disc(${x}, CAST((${range})[${index}] AS DOUBLE) / 100)`;
  const center = flagAt(call, 2, true) ? `quantile_disc(${x}, 0.5e0)` : "0e0";
  const scale = flagAt(call, 3, true) ? `${quantile(2)} - ${quantile(1)}` : "1e0";
  return {
    statistic: `[${center}, ${scale}]`,
    apply: (found) => ratio(x, `${x} - ${found}[1]`, `${found}[2]`),
  };
}

/** ML.ONE_HOT_ENCODER(text [, drop] [, top_k] [, frequency_threshold]); the dropped category has the value 0. */
function oneHotEncoder(call: ScalarCall): Preprocessing {
  const text = sqlAt(call, 0);
  const drop = choiceAt(call, 1, ["none", "most_frequent"], "none");
  const vocabulary = vocabularySql(`histogram(${text})`, call, 2);
  if (drop === "none") {
    return { statistic: vocabulary, apply: (found) => `[{'_1': CAST(${position(found, text)} AS BIGINT), '_2': 1e0}]` };
  }
  return {
    statistic: `list_prepend(${mostFrequentSql(text)}, ${vocabulary})`,
    apply: (found) => {
      const value = `CASE WHEN ${text} = ${found}[1] THEN 0e0 ELSE 1e0 END`;
      return `[{'_1': CAST(${position(`${found}[2:]`, text)} AS BIGINT), '_2': ${value}}]`;
    },
  };
}

/** ML.IMPUTER(x, strategy) */
function imputer(call: ScalarCall): Preprocessing {
  const x = sqlAt(call, 0);
  const strategies =
    call.args[0]?.type.kind === "STRING"
      ? (["most_frequent"] as const)
      : (["mean", "median", "most_frequent"] as const);
  const strategy = choiceAt<"mean" | "median" | "most_frequent">(call, 1, strategies);
  const value = {
    mean: `avg(${x} ORDER BY ${x})`,
    median: `quantile_disc(${x}, 0.5e0)`,
    most_frequent: mostFrequentSql(x),
  }[strategy];
  return { statistic: `[${value}]`, apply: (found) => `coalesce(${x}, ${found}[1])` };
}

/** A quotient; where the divisor is 0 (a constant column) it is 0. NULL stays NULL. */
function ratio(x: string, dividend: string, divisor: string): string {
  return `(CASE WHEN ${x} IS NULL THEN NULL WHEN ${divisor} > 0 THEN (${dividend}) / (${divisor}) ELSE 0e0 END)`;
}

/** Position in a vocabulary from 1; 0 for NULL and for what is not in it. */
const position = (vocabulary: string, text: string): string => `coalesce(list_position(${vocabulary}, ${text}), 0)`;

/** A histogram's entries, the most frequent first, ties in alphabetical order. */
const ranked = (histogram: string): string =>
  `list_sort(list_transform(map_entries(${histogram}), lambda e: {'n': -CAST(e.value AS BIGINT), 'k': e.key}))`;

const mostFrequentSql = (x: string): string => `${ranked(`histogram(${x})`)}[1].k`;

const TOP_K = { min: 1, max: 999_999 };
const THRESHOLD = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** The vocabulary, in alphabetical order: up to `top_k` categories that occur at least `frequency_threshold` times. */
function vocabularySql(histogram: string, call: ScalarCall, index: number): string {
  const topK = integerAt(call, index, TOP_K, 32_000);
  const threshold = integerAt(call, index + 1, THRESHOLD, 5);
  const frequent = `list_filter(${ranked(histogram)}, lambda e: -e.n >= ${threshold})[1:${topK}]`;
  return `coalesce(list_sort(list_transform(${frequent}, lambda e: e.k)), CAST([] AS VARCHAR[]))`;
}

/** A statistic's value as a constant of DuckDB. @throws TypeError for a kind that no statistic has. */
export function constantSql(value: unknown): string {
  if (value === null || value === undefined) return "NULL";
  if (typeof value === "bigint") return `${value}::BIGINT`;
  if (typeof value === "string") return quoteText(value);
  if (typeof value === "number") return double(value);
  if (Array.isArray(value)) {
    const isText = value.length === 0 || value.some((item) => typeof item === "string");
    return `CAST([${value.map(constantSql).join(", ")}] AS ${isText ? "VARCHAR" : "DOUBLE"}[])`;
  }
  throw new TypeError(`a statistic of type ${typeof value}`);
}
