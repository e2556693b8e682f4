/**
 * What a model keeps of its input columns, and how a value becomes numbers.
 * Numbers are z-scored with mean and *sample* standard deviation of the training values that are not NULL, NULL is the mean;
 * categories are 0/1 columns, neither centred nor scaled, NULL a category of its own, an unseen one all zeros.
 * Source: docs.cloud.google.com/bigquery/docs/auto-preprocessing; the digits: contracts 1.3.
 */
export type FeatureEncoding = NumericEncoding | CategoricalEncoding | VectorEncoding | SparseVectorEncoding;

export interface NumericEncoding {
  readonly kind: "numeric";
  readonly name: string;
  /** Over the training values that are not NULL; 0 when there is none. */
  readonly mean: number;
  /** Sample standard deviation; 0 for a constant column, which is then encoded as 0. */
  readonly standardDeviation: number;
  /** False: the number itself, only NULL is replaced by the mean. */
  readonly standardize: boolean;
}

/** One value a row, or (`multiple`) an array of values: one 0/1 column for each category seen in training. */
export interface CategoricalEncoding {
  readonly kind: "categorical";
  readonly name: string;
  readonly multiple: boolean;
  readonly categories: readonly string[];
}

/** ARRAY of numbers: a column for each position, untransformed; a missing array or element is 0. */
export interface VectorEncoding {
  readonly kind: "vector";
  readonly name: string;
  readonly dimension: number;
}

/** ARRAY<STRUCT<index INT64, value FLOAT64>>: a column for each index seen in training, untransformed. */
export interface SparseVectorEncoding {
  readonly kind: "sparseVector";
  readonly name: string;
  readonly indices: readonly number[];
}

/** The category that stands for NULL (seen in ML.CENTROIDS of the real service). */
export const NULL_CATEGORY = "_null_filler";

/** One value of a feature, free of SQL types: numbers, category text, arrays of either, index/value pairs. */
export type FeatureValue =
  | number
  | string
  | null
  | readonly (number | null)[]
  | readonly (string | null)[]
  | readonly { readonly index: number; readonly value: number }[];

/** z-score of a number by a frozen encoding. */
export function encodeNumber(encoding: NumericEncoding, value: number | null): number {
  if (!encoding.standardize) return value ?? encoding.mean;
  if (value === null || encoding.standardDeviation === 0) return 0;
  return (value - encoding.mean) / encoding.standardDeviation;
}

/** Back from the encoded number to the column's own unit. */
export function decodeNumber(encoding: NumericEncoding, encoded: number): number {
  return encoding.standardize ? encoded * encoding.standardDeviation + encoding.mean : encoded;
}

/** Number of encoded columns of a feature that are dense (a number in every row). */
export function denseWidth(encoding: FeatureEncoding): number {
  if (encoding.kind === "numeric") return 1;
  return encoding.kind === "vector" ? encoding.dimension : 0;
}

/** Number of encoded columns of a feature that are mostly zero. */
export function sparseWidth(encoding: FeatureEncoding): number {
  if (encoding.kind === "categorical") return encoding.categories.length;
  return encoding.kind === "sparseVector" ? encoding.indices.length : 0;
}

/** Where each feature's encoded columns start. Dense columns come first, then the sparse ones, both in feature order. */
export interface FeatureLayout {
  readonly encodings: readonly FeatureEncoding[];
  /** First encoded column of each feature, counted over all columns. */
  readonly starts: readonly number[];
  readonly denseCount: number;
  /** Dense and sparse columns together: the length of a centroid. */
  readonly width: number;
}

export function layOut(encodings: readonly FeatureEncoding[]): FeatureLayout {
  const denseCount = encodings.reduce((sum, encoding) => sum + denseWidth(encoding), 0);
  let dense = 0;
  let sparse = denseCount;
  const starts = encodings.map((encoding) => {
    const isDense = encoding.kind === "numeric" || encoding.kind === "vector";
    const start = isDense ? dense : sparse;
    dense += denseWidth(encoding);
    sparse += sparseWidth(encoding);
    return start;
  });
  return { encodings, starts, denseCount, width: sparse };
}

/** Encodes one row, all columns written out (predictions of a few rows; training has its own columnar path). */
export function encodeRow(layout: FeatureLayout, values: readonly FeatureValue[]): Float64Array {
  const row = new Float64Array(layout.width);
  layout.encodings.forEach((encoding, feature) => {
    const value = values[feature] ?? null;
    const start = layout.starts[feature] ?? 0;
    if (encoding.kind === "numeric") {
      row[start] = encodeNumber(encoding, typeof value === "number" ? value : null);
    } else if (encoding.kind === "vector") {
      if (!Array.isArray(value)) return;
      for (let i = 0; i < encoding.dimension; i++) row[start + i] = Number(value[i] ?? 0);
    } else if (encoding.kind === "categorical") {
      for (const category of categoriesOf(encoding, value)) {
        const index = encoding.categories.indexOf(category);
        if (index >= 0) row[start + index] = 1;
      }
    } else if (Array.isArray(value)) {
      for (const entry of value as readonly { index: number; value: number }[]) {
        const index = encoding.indices.indexOf(entry.index);
        if (index >= 0) row[start + index] = entry.value;
      }
    }
  });
  return row;
}

function categoriesOf(encoding: CategoricalEncoding, value: FeatureValue): readonly string[] {
  if (!encoding.multiple) return [value === null ? NULL_CATEGORY : String(value)];
  return Array.isArray(value) ? value.map((item) => (item === null ? NULL_CATEGORY : String(item))) : [];
}
