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
