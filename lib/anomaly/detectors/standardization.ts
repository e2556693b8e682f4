import { quantile } from "../scoring.js";

/** How a column is brought to mean 0 and standard deviation 1. */
export interface Standardization {
  readonly mean: number;
  /** Greater than 0: 1 for a column whose values are all alike. */
  readonly scale: number;
}

/** Mean and standard deviation (of the population) of a column, without overflow for values up to the largest number. */
export function standardization(column: Float64Array): Standardization {
  const largest = column.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0) return { mean: 0, scale: 1 };
  let mean = 0;
  for (const value of column) mean += value / largest / column.length;
  let variance = 0;
  for (const value of column) variance += (value / largest - mean) ** 2 / column.length;
  const deviation = Math.sqrt(variance);
  // Rounding alone leaves a deviation of the last digits: a column of equal values is constant all the same.
  const scale = deviation > 1e-12 ? deviation * largest : 1;
  return { mean: mean * largest, scale };
}

/** Share of the rows that is in the middle. */
const MIDDLE = 0.98;

/** Mean and standard deviation of the rows of a column without the fiftieth that is farthest from its median; of all when those are all alike. */
export function middleStandardization(column: Float64Array): Standardization {
  const median = quantile(Array.from(column), 0.5);
  const distances = column.map((value) => Math.abs(value - median));
  const limit = quantile(Array.from(distances), MIDDLE);
  const middle = column.filter((_, row) => (distances[row] as number) <= limit);
  return standardization(middle.some((value) => value !== middle[0]) ? middle : column);
}

/** Where scores lie and how far they are spread, whatever a few of them are: the median, and the median distance from it. */
export function robustScale(scores: Float64Array): { readonly median: number; readonly scale: number } {
  const median = quantile(Array.from(scores), 0.5);
  const spread = quantile(
    Array.from(scores, (score) => Math.abs(score - median)),
    0.5,
  );
  return { median, scale: spread > 0 ? NORMAL * spread : standardization(scores).scale };
}

/** Deviations of a normal distribution in its median distance from the median. */
const NORMAL = 1.4826;
