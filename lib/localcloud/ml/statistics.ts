import { BINS, type Bins, deviationsOf, rangeOf, valuesInBin } from "./columnKernels.js";

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
  const { count, sum, min, max } = rangeOf(values);
  const nullCount = values.length - count;
  if (count === 0) {
    const none = Number.NaN;
    return { count, nullCount, min: none, max: none, mean: none, median: none, standardDeviation: 0 };
  }
  if (min === max) return { count, nullCount, min, max, mean: min, median: min, standardDeviation: 0 };
  const roughMean = sum / count;
  const scale = BINS / (max - min);
  // A range beyond the largest double, or hardly any, has no bins of finite width.
  const hasBins = scale > 0 && Number.isFinite(scale) && count > 4 * BINS;
  const bins = { min, scale: hasBins ? scale : 0 };
  const { residue, squares, counts } = deviationsOf(values, roughMean, bins);
  const rank = Math.ceil(count / 2) - 1;
  return {
    count,
    nullCount,
    min,
    max,
    mean: roughMean + residue / count,
    median: hasBins ? orderStatistic(values, rank, bins, counts) : (sorted(values)[rank] as number),
    standardDeviation: Math.sqrt(Math.max(0, squares - (residue * residue) / count) / (count - 1)),
  };
}

function sorted(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

/** The value of 0-based rank `rank` among the values that are not NaN, of which the bins have `counts`. */
function orderStatistic(values: Float64Array, rank: number, bins: Bins, counts: Uint32Array): number {
  let before = 0;
  let bin = 0;
  while (before + (counts[bin] as number) <= rank) before += counts[bin++] as number;
  return valuesInBin(values, bins, bin, counts[bin] as number).sort()[rank - before] as number;
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

/** The larger half of `values` (and the middle one), ascending: enough for every quantile from 0.5 to 1. No value is NaN. */
export function upperHalf(values: Float64Array): Float64Array {
  const rank = Math.floor((values.length - 1) / 2);
  const { min, max } = rangeOf(values);
  const bins = Math.min(SORT_BINS_MAX, values.length >> 3);
  const scale = bins / (max - min);
  if (bins < 2 || !(scale > 0) || !Number.isFinite(scale)) return values.slice().sort().subarray(rank);
  // A place for each bin: the values are put there by bin, the bins in order, and then each bin is sorted.
  const ends = new Int32Array(bins + 1);
  for (let i = 0; i < values.length; i++) {
    const bin = (((values[i] as number) - min) * scale) | 0;
    ends[bin] = (ends[bin] as number) + 1;
  }
  let first = 0;
  let before = 0;
  while (before + (ends[first] as number) <= rank) before += ends[first++] as number;
  ends.fill(0, 0, first);
  for (let bin = first, end = 0; bin <= bins; bin++) {
    const start = end;
    end += ends[bin] as number;
    ends[bin] = start;
  }
  const kept = new Float64Array(values.length - before);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    const bin = ((value - min) * scale) | 0;
    if (bin < first) continue;
    const at = ends[bin] as number;
    kept[at] = value;
    ends[bin] = at + 1;
  }
  for (let bin = first, start = 0; bin <= bins; bin++) {
    const end = ends[bin] as number;
    if (end - start > INSERTION_SORT_MAX) kept.subarray(start, end).sort();
    else insertionSort(kept, start, end);
    start = end;
  }
  return kept.subarray(rank - before);
}

const SORT_BINS_MAX = 1 << 16;
const INSERTION_SORT_MAX = 32;

function insertionSort(values: Float64Array, from: number, to: number): void {
  for (let i = from + 1; i < to; i++) {
    const value = values[i] as number;
    let at = i;
    for (; at > from && (values[at - 1] as number) > value; at--) values[at] = values[at - 1] as number;
    values[at] = value;
  }
}
