/** Statistics of one column of numbers, NULL written as NaN. */
export interface ColumnStatistics {
  /** Values that are not NULL. */
  readonly count: number;
  readonly nullCount: number;
  /** NaN, like the four below it, when every value is NULL. */
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** The lower middle value for an even count, as `APPROX_QUANTILES(x, 2)[OFFSET(1)]`. */
  readonly median: number;
  /** Sample standard deviation (n - 1); 0 for a single value or a constant column. */
  readonly standardDeviation: number;
}

/**
 * Statistics over the values that are not NaN. Two passes, so that a large offset costs no digits.
 * A constant column has a standard deviation of exactly 0.
 */
export function columnStatistics(values: Float64Array): ColumnStatistics {
  let count = 0;
  let sum = 0;
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const nullCount = values.length - count;
  if (count === 0) {
    const none = Number.NaN;
    return { count, nullCount, min: none, max: none, mean: none, median: none, standardDeviation: 0 };
  }
  if (min === max) return { count, nullCount, min, max, mean: min, median: min, standardDeviation: 0 };
  const roughMean = sum / count;
  let residue = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (Number.isNaN(value)) continue;
    const deviation = value - roughMean;
    residue += deviation;
    squares += deviation * deviation;
  }
  return {
    count,
    nullCount,
    min,
    max,
    mean: roughMean + residue / count,
    median: selectOrderStatistic(values, Math.ceil(count / 2) - 1, min, max, count),
    standardDeviation: Math.sqrt(Math.max(0, squares - (residue * residue) / count) / (count - 1)),
  };
}

const BINS = 4096;

/**
 * The value of 0-based rank `rank` among the values that are not NaN, found by counting into equal bins between `min` and
 * `max` and going on inside the bin that holds it: two passes over the data for anything but extreme distributions.
 */
function selectOrderStatistic(values: Float64Array, rank: number, min: number, max: number, count: number): number {
  if (count <= 4 * BINS) {
    const sorted = values.filter((value) => !Number.isNaN(value)).sort();
    return sorted[rank] as number;
  }
  const scale = BINS / (max - min);
  // A range beyond the largest double has no bins of finite width.
  if (!(scale > 0) || !Number.isFinite(scale))
    return values.filter((value) => !Number.isNaN(value)).sort()[rank] as number;
  const counts = new Uint32Array(BINS);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value)) {
      const bin = Math.min(BINS - 1, ((value - min) * scale) | 0);
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
  let before = 0;
  let bin = 0;
  while (before + (counts[bin] as number) <= rank) before += counts[bin++] as number;
  const inside = new Float64Array(counts[bin] as number);
  let filled = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (!Number.isNaN(value) && Math.min(BINS - 1, ((value - min) * scale) | 0) === bin) inside[filled++] = value;
  }
  return inside.sort()[rank - before] as number;
}

/**
 * The quantile of `fraction` (0..1) by linear interpolation between order statistics (Hyndman and Fan's R-7).
 * `sorted` holds the largest values of a sample of `sampleSize`, ascending; the quantile must lie among them.
 *
 * @throws RangeError when the quantile lies below what is kept, or the sample is empty.
 * @example upperQuantile(Float64Array.of(1, 2, 3, 4), 4, 0.5) // 2.5
 */
export function upperQuantile(sorted: Float64Array, sampleSize: number, fraction: number): number {
  const position = (sampleSize - 1) * fraction - (sampleSize - sorted.length);
  const low = Math.floor(position);
  if (sampleSize === 0 || low < 0) throw new RangeError(`The quantile ${fraction} is not among the kept values.`);
  const below = sorted[low] as number;
  const above = sorted[Math.min(low + 1, sorted.length - 1)] as number;
  return below === above ? below : below + (above - below) * (position - low);
}

/** The larger half of `values` (and the middle one), ascending: enough for every quantile from 0.5 to 1. */
export function upperHalf(values: Float64Array): Float64Array {
  const rank = Math.floor((values.length - 1) / 2);
  const { min, max } = rangeOf(values);
  const least = selectOrderStatistic(values, rank, min, max, values.length);
  const kept = new Float64Array(values.length - rank);
  let filled = 0;
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > least) kept[filled++] = values[i] as number;
  return kept.fill(least, filled).sort();
}

function rangeOf(values: Float64Array): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}
