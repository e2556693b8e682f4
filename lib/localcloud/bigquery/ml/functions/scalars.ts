import { structField } from "../../engine/duckTypes.js";
import { invalidQuery } from "../../errors.js";
import type { ScalarCall } from "../../functions/call.js";
import type { SqlType } from "../../schema.js";
import { isNumeric } from "../columns.js";
import { flagAt, integerAt, sqlAt, wrong } from "./arguments.js";
import { bucketSql, formatAt } from "./buckets.js";
import { DEGREE_DEFAULT, FEATURES_MAX, STRUCT_FUNCTIONS } from "./combinations.js";

/**
 * Preprocessing functions that look at one row, as DuckDB SQL
 * (docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-<name>).
 */
export const SCALARS: Readonly<Record<string, (call: ScalarCall) => string>> = {
  "ml.bucketize": bucketize,
  "ml.normalizer": normalizer,
  "ml.ngrams": ngrams,
  "ml.hash_bucketize": hashBucketize,
  "ml.hparam_range": (call) => `{'${structField(0)}': ${sqlAt(call, 0)}, '${structField(1)}': ${sqlAt(call, 1)}}`,
  "ml.hparam_candidates": (call) => `{'${structField(0)}': ${sqlAt(call, 0)}}`,
  "ml.feature_cross": (call) =>
    structOf(
      call,
      (type) => type.kind === "STRING",
      "STRING",
      (values) => values.join(" || '_' || "),
    ),
  "ml.polynomial_expand": (call) =>
    structOf(call, isNumeric, "numeric", (values) => values.map((value) => `CAST(${value} AS DOUBLE)`).join(" * ")),
};

/** ML.BUCKETIZE(x, points [, exclude_boundaries] [, output_format]) */
function bucketize(call: ScalarCall): string {
  const third = call.args[2];
  const hasFlag = third !== undefined && third.type.kind === "BOOL";
  const excludes = hasFlag && flagAt(call, 2, false);
  const format = formatAt(call, hasFlag ? 3 : 2);
  const points = `CAST(${sqlAt(call, 1)} AS DOUBLE[])`;
  const ascending = `CASE WHEN list_sort(${points}) <> ${points} OR list_contains(list_transform(${points}, lambda p: isfinite(p)), false) THEN error('ML.BUCKETIZE: the split points must be finite and in ascending order') ELSE ${points} END`;
  // Without the outermost points the first and the last bucket reach one point further in.
  return bucketSql(sqlAt(call, 0), excludes ? `(${ascending})[2:-2]` : `(${ascending})`, format);
}

/** ML.NORMALIZER(array [, p]): the array divided by its p-norm; an array of zeros stays. */
function normalizer(call: ScalarCall): string {
  const array = `CAST(${sqlAt(call, 0)} AS DOUBLE[])`;
  const p = call.args.length > 1 ? sqlAt(call, 1) : "2e0";
  const norm = [
    "CASE WHEN v.p = 2 THEN sqrt(list_sum(list_transform(v.a, lambda e: e * e)))",
    "WHEN v.p = 0 THEN CAST(len(list_filter(v.a, lambda e: e <> 0)) AS DOUBLE)",
    "WHEN v.p = 'Infinity'::DOUBLE THEN list_max(list_transform(v.a, lambda e: abs(e)))",
    "WHEN v.p >= 1 AND NOT isnan(v.p) THEN pow(list_sum(list_transform(v.a, lambda e: pow(abs(e), v.p))), 1 / v.p)",
    "ELSE error('ML.NORMALIZER: p must be 0, at least 1, or +inf') END",
  ].join(" ");
  const withNorm = `list_transform([{'a': ${array}, 'p': ${p}}], lambda v: {'a': v.a, 'n': ${norm}})`;
  return `(list_transform(${withNorm}, lambda v: list_transform(v.a, lambda e: CASE WHEN v.n = 0 THEN 0e0 ELSE e / v.n END))[1])`;
}

/** ML.NGRAMS(array, range [, separator]): by start, then by length. */
function ngrams(call: ScalarCall): string {
  const range = call.args[1]?.type.kind === "ARRAY" ? sqlAt(call, 1) : `[${sqlAt(call, 1)}, ${sqlAt(call, 1)}]`;
  const separator = call.args.length > 2 ? sqlAt(call, 2) : "' '";
  const row = `{'a': ${sqlAt(call, 0)}, 'r': ${range}, 's': ${separator}}`;
  const checked =
    "CASE WHEN len(v.r) = 2 AND v.r[1] >= 1 AND v.r[1] <= v.r[2] THEN range(v.r[1], v.r[2] + 1) ELSE error('ML.NGRAMS: the range must be [least, greatest] with 1 <= least <= greatest') END";
  const lengths = `list_filter(v.n, lambda n: i + n <= len(v.a))`;
  const gram = "list_reduce(v.a[i + 1:i + n], lambda x, y: x || v.s || y)";
  const withLengths = `list_transform([${row}], lambda v: {'a': v.a, 's': v.s, 'n': ${checked}})`;
  return `(list_transform(${withLengths}, lambda v: flatten(list_transform(range(len(v.a)), lambda i: list_transform(${lengths}, lambda n: ${gram}))))[1])`;
}

/**
 * ML.HASH_BUCKETIZE(text, buckets): FarmHash Fingerprint64 as an unsigned number modulo `buckets`, which is what Google's
 * example shows (the signed FARM_FINGERPRINT is not); 0 buckets: the hash itself.
 */
function hashBucketize(call: ScalarCall): string {
  const buckets = integerAt(call, 1, { min: 0, max: Number.MAX_SAFE_INTEGER });
  const hash = `bq_farm_fingerprint(encode(${sqlAt(call, 0)}))`;
  if (buckets === 0) return hash;
  return `(list_transform([${hash}], lambda h: CAST((CAST(h AS HUGEINT) + CASE WHEN h < 0 THEN 18446744073709551616 ELSE 0 END) % ${buckets} AS BIGINT))[1])`;
}

/** A STRUCT of combined fields; the argument is evaluated once. */
function structOf(
  call: ScalarCall,
  isRight: (type: SqlType) => boolean,
  expected: string,
  combine: (values: readonly string[]) => string,
): string {
  const type = call.args[0]?.type;
  const definition = STRUCT_FUNCTIONS[call.name.slice("ml.".length).toUpperCase()];
  if (type?.kind !== "STRUCT" || !definition) throw wrong(call, 0, `a STRUCT of ${expected} features`);
  if (type.fields.length > FEATURES_MAX) {
    throw invalidQuery(
      `${call.name.toUpperCase()} takes up to ${FEATURES_MAX} features, it was given ${type.fields.length}.`,
    );
  }
  const odd = type.fields.find((field) => !isRight(field.type));
  if (odd) throw wrong(call, 0, `a STRUCT of ${expected} features; ${odd.name} is ${odd.type.kind}`);
  const degree = integerAt(call, 1, definition.degree, DEGREE_DEFAULT);
  const fields = definition.combine(type.fields.length, degree).map((positions, index) => {
    const values = positions.map((position) => `s.${structField(position)}`);
    return `'${structField(index)}': ${combine(values)}`;
  });
  return `(list_transform([${sqlAt(call, 0)}], lambda s: {${fields.join(", ")}})[1])`;
}
