import type { ScalarCall } from "../../functions/call.js";
import { choiceAt } from "./arguments.js";

/** Buckets of ML.BUCKETIZE and ML.QUANTILE_BUCKETIZE: half-open intervals [lower, upper), numbered from 1. */

const FORMATS = ["bucket_names", "bucket_ranges", "bucket_ranges_json"] as const;
export type BucketFormat = (typeof FORMATS)[number];

/** The `output_format` argument at `index`. @throws CloudError invalidQuery. */
export const formatAt = (call: ScalarCall, index: number): BucketFormat =>
  choiceAt(call, index, FORMATS, "bucket_names");

/**
 * The bucket of a number as DuckDB SQL; NULL stays NULL.
 *
 * @param value a DOUBLE.
 * @param points a DOUBLE[] in ascending order.
 */
export function bucketSql(value: string, points: string, format: BucketFormat): string {
  const row = `{'x': ${value}, 'p': ${points}}`;
  // The points that are not above the value: the bucket's number less one.
  const below = "len(list_filter(b.p, lambda p: p <= b.x))";
  const bucket = `{'n': ${below}, 'p': b.p}`;
  const text = `list_transform(list_transform([${row}], lambda b: ${bucket}), lambda b: ${bucketText(format)})[1]`;
  return `(CASE WHEN ${value} IS NULL THEN NULL ELSE ${text} END)`;
}

function bucketText(format: BucketFormat): string {
  if (format === "bucket_names") return "'bin_' || (b.n + 1)";
  const isFirst = "b.n = 0";
  const isLast = "b.n = len(b.p)";
  const lower = numberText("b.p[b.n]");
  const upper = numberText("b.p[b.n + 1]");
  if (format === "bucket_ranges") {
    const start = `CASE WHEN ${isFirst} THEN '(-inf' ELSE '[' || ${lower} END`;
    return `${start} || ', ' || CASE WHEN ${isLast} THEN '+inf' ELSE ${upper} END || ')'`;
  }
  const start = `CASE WHEN ${isFirst} THEN '-Infinity' ELSE ${lower} END`;
  const end = `CASE WHEN ${isLast} THEN 'Infinity' ELSE ${upper} END`;
  return `'{"start": "' || ${start} || '", "end": "' || ${end} || '"}'`;
}

/** 2.0 as "2", 2.5 as "2.5". */
const numberText = (value: string): string => `regexp_replace(CAST(${value} AS VARCHAR), '\\.0$', '')`;
