import type { FeatureEncoding } from "../../ml/features.js";
import { layOut, NULL_CATEGORY, sparseWidth } from "../../ml/features.js";
import { quoteIdentifier, quoteText } from "../engine/duckTypes.js";
import type { Relation } from "../engine/modelHook.js";
import { type FeatureSource, featureSql } from "./columns.js";
import { double, type ModelState, radiiOf } from "./state.js";

/** Columns that the generated SQL adds to a relation; no GoogleSQL name can collide with them (they hold a space). */
export const DISTANCES = '" distances"';
export const NORMALIZED = '" normalized"';
/** The row's encoded dense columns, a DOUBLE[] without NULLs. */
const DENSE = '" dense"';

/** A feature whose encoded columns are mostly zero: where its codes are, and its first column in a centroid. */
interface SparseFeature {
  readonly encoding: FeatureEncoding;
  readonly name: string;
  readonly start: number;
}

/**
 * The relation's columns and `DISTANCES`, a DOUBLE[] with the row's distance to each centroid in the order of their ids:
 * the same operations in the same order as `DistanceKernel` in `ml/kmeans/assign.ts`, so that SQL and endpoints agree.
 *
 * @param sources where the model's features are found in the relation.
 */
export function distancesSql(state: ModelState, sources: readonly FeatureSource[], relation: Relation): string {
  const layout = layOut(state.encodings);
  const joins: string[] = [];
  /** Expressions of the encoded dense columns, in order. */
  const dense: string[] = [];
  const sparse: (SparseFeature & { readonly codes: string })[] = [];
  state.encodings.forEach((encoding, feature) => {
    const source = sources[feature];
    if (!source) return;
    const value = featureSql(source, "i");
    if (encoding.kind === "numeric") dense.push(numericSql(encoding, value));
    else if (encoding.kind === "vector") {
      for (let at = 1; at <= encoding.dimension; at++) dense.push(`coalesce(${value}[${at}], 0e0)`);
    } else if (sparseWidth(encoding) > 0) {
      const codes = codesSql(encoding, value, feature, joins);
      sparse.push({ encoding, name: `" c${feature}"`, start: layout.starts[feature] ?? 0, codes });
    }
  });

  const write = state.distanceType === "COSINE" ? cosineSql : euclideanSql;
  const distances = state.centroids.map((centroid) => write(centroid, dense.length, sparse));
  const encoded = [
    ...(dense.length > 0 ? [`[${dense.join(", ")}]::DOUBLE[] AS ${DENSE}`] : []),
    ...sparse.map(({ name, codes }) => `${codes} AS ${name}`),
  ];
  const inner = `SELECT i.*${encoded.map((column) => `, ${column}`).join("")} FROM (${relation.sql}) AS i${joins.join("")}`;
  const outputs = relation.columns.map((column) => `${quoteIdentifier(column.name)}, `).join("");
  return `SELECT ${outputs}[${distances.join(", ")}] AS ${DISTANCES} FROM (${inner})`;
}

/** The same with `NORMALIZED`, each distance divided by its cluster's radius; on the centroid 0, beyond radius 0 Infinity. */
export function normalizedSql(state: ModelState, sources: readonly FeatureSource[], relation: Relation): string {
  const ratios = radiiOf(state).map((radius, k) => {
    const distance = `${DISTANCES}[${k + 1}]`;
    const ratio = radius === 0 ? double(Number.POSITIVE_INFINITY) : `${distance} / ${double(radius)}`;
    return `CASE WHEN ${distance} = 0 THEN 0e0 ELSE ${ratio} END`;
  });
  return `SELECT *, [${ratios.join(", ")}] AS ${NORMALIZED} FROM (${distancesSql(state, sources, relation)})`;
}

/** 1-based position of the least element; ties: the first. */
export const indexOfLeast = (list: string): string => `list_position(${list}, list_min(${list}))`;

function numericSql(encoding: FeatureEncoding & { kind: "numeric" }, value: string): string {
  const { mean, standardDeviation, standardize } = encoding;
  if (!standardize) return `coalesce(${value}, ${double(mean)})`;
  if (standardDeviation === 0) return "0e0";
  return `coalesce((${value} - ${double(mean)}) / ${double(standardDeviation)}, 0e0)`;
}

/** Vocabularies up to this size are written as a CASE, larger ones are joined. */
const CASE_CATEGORIES_MAX = 24;

/** The feature as a position in the vocabulary, a list of positions, or a list of {c: position, v: value}. */
function codesSql(encoding: FeatureEncoding, value: string, feature: number, joins: string[]): string {
  if (encoding.kind === "sparseVector") {
    const indices = `[${encoding.indices.join(", ")}]::BIGINT[]`;
    return `list_filter(list_transform(coalesce(${value}, []), lambda e: {'c': list_position(${indices}, e._1), 'v': coalesce(e._2, 0e0)}), lambda e: e.c > 0)`;
  }
  if (encoding.kind !== "categorical") return "NULL";
  const vocabulary = `[${encoding.categories.map(quoteText).join(", ")}]`;
  const present = (text: string) => `coalesce(${text}, ${quoteText(NULL_CATEGORY)})`;
  if (encoding.multiple) {
    const texts = `list_distinct(list_transform(coalesce(${value}, []), lambda t: ${present("t")}))`;
    return `list_filter(list_transform(${texts}, lambda t: list_position(${vocabulary}, t)), lambda c: c > 0)`;
  }
  if (encoding.categories.length <= CASE_CATEGORIES_MAX) {
    const cases = encoding.categories.map((category, index) => `WHEN ${quoteText(category)} THEN ${index + 1}`);
    return `CASE ${present(value)} ${cases.join(" ")} END`;
  }
  const codes = `range(1, ${encoding.categories.length + 1})`;
  joins.push(
    ` LEFT JOIN (SELECT unnest(${vocabulary}) AS t, unnest(${codes}) AS c) AS v${feature} ON v${feature}.t = ${present(value)}`,
  );
  return `v${feature}.c`;
}

/** The sum of `formula(v, m)` over a sparse feature's entries: v the entry's value, m the centroid's in its column. */
function sumOverEntries(
  { encoding, name, start }: SparseFeature,
  centroid: readonly number[],
  formula: Formula,
): string {
  const weights = centroid.slice(start, start + sparseWidth(encoding));
  if (encoding.kind === "sparseVector") {
    const list = `[${weights.map(double).join(", ")}]`;
    return `coalesce(list_sum(list_transform(${name}, lambda e: ${formula.sql("e.v", `${list}[e.c]`)})), 0e0)`;
  }
  const terms = `[${weights.map((weight) => double(formula.value(1, weight))).join(", ")}]`;
  return encoding.kind === "categorical" && encoding.multiple
    ? `coalesce(list_sum(list_transform(${name}, lambda c: ${terms}[c])), 0e0)`
    : `coalesce(${terms}[${name}], 0e0)`;
}

interface Formula {
  readonly value: (v: number, m: number) => number;
  readonly sql: (v: string, m: string) => string;
}
const SQUARE_DIFFERENCE: Formula = { value: (v, m) => v * (v - 2 * m), sql: (v, m) => `${v} * (${v} - 2 * ${m})` };
const PRODUCT: Formula = { value: (v, m) => v * m, sql: (v, m) => `${v} * ${m}` };
const SQUARE: Formula = { value: (v) => v * v, sql: (v) => `${v} * ${v}` };

const listOf = (values: readonly number[]): string => `[${values.map(double).join(", ")}]::DOUBLE[]`;
const squaredNorm = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);

function euclideanSql(centroid: readonly number[], denseCount: number, sparse: readonly SparseFeature[]): string {
  const dense = denseCount > 0 ? `list_distance(${DENSE}, ${listOf(centroid.slice(0, denseCount))})` : undefined;
  if (sparse.length === 0) return dense ?? "0e0";
  const terms = sparse.map((feature) => sumOverEntries(feature, centroid, SQUARE_DIFFERENCE));
  const rest = `greatest(${[double(squaredNorm(centroid.slice(denseCount))), ...terms].join(" + ")}, 0e0)`;
  return dense ? `sqrt(${dense} * ${dense} + ${rest})` : `sqrt(${rest})`;
}

function cosineSql(centroid: readonly number[], denseCount: number, sparse: readonly SparseFeature[]): string {
  const product = (other: string) => (denseCount > 0 ? [`list_inner_product(${DENSE}, ${other})`] : []);
  const dots = [
    ...product(listOf(centroid.slice(0, denseCount))),
    ...sparse.map((feature) => sumOverEntries(feature, centroid, PRODUCT)),
  ];
  const norms = [...product(DENSE), ...sparse.map((feature) => sumOverEntries(feature, centroid, SQUARE))];
  const scale = `(sqrt(${norms.join(" + ")}) * ${double(Math.sqrt(squaredNorm(centroid)))})`;
  return `sqrt(CASE WHEN ${scale} = 0 THEN 1e0 ELSE greatest(0e0, 1 - (${dots.join(" + ")}) / ${scale}) END)`;
}
