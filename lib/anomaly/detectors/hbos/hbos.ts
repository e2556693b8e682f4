import { z } from "zod";
import { columnOf, type Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import { standardization } from "../standardization.js";

/**
 * Histogram-based outlier score (Goldstein and Dengel, "Histogram-based outlier score (HBOS)", 2012): the sum over the features of the logarithm
 * of how much rarer the row's bin is than the fullest one. Fast, and easy to explain; blind for values that are ordinary each and odd together.
 */
export function fitHistograms(matrix: Matrix, settings: { readonly bins?: number }): Scorer {
  return histograms(
    matrix.features.map((_, place) => {
      const column = columnOf(matrix, place);
      const { mean, scale } = standardization(column);
      return histogram(
        column.map((value) => (value - mean) / scale),
        settings.bins,
        mean,
        scale,
      );
    }),
  );
}

interface Histogram {
  readonly mean: number;
  readonly scale: number;
  /** Of the standardized values: where the first bin begins, and how wide each is. */
  readonly low: number;
  readonly width: number;
  /** What a row in the bin adds to the score. */
  readonly penalties: Float64Array;
}

/** Added to each height (the fullest bin has 1), so that an empty bin is finitely rare: ten doublings. */
const FLOOR = 0.001;
const EMPTY = Math.log2((1 + FLOOR) / FLOOR);
/** A value that is at most half a bin beside the histogram counts to its outermost bin (PyOD's `tol`). */
const BESIDE = 0.5;

function histogram(standardized: Float64Array, bins: number | undefined, mean: number, scale: number): Histogram {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of standardized) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(high > low)) {
    // All alike: a bin of width 1 around the value, as in NumPy.
    low -= 0.5;
    high = low + 1;
  }
  const count = bins ?? bestNumberOfBins(standardized, low, high);
  const width = (high - low) / count;
  const rows = counts(standardized, low, width, count);
  const fullest = rows.reduce((most, inBin) => Math.max(most, inBin), 0);
  const penalties = rows.map((inBin) => Math.log2((1 + FLOOR) / (inBin / fullest + FLOOR)));
  return { mean, scale, low, width, penalties };
}

function counts(values: Float64Array, low: number, width: number, bins: number): Float64Array {
  const found = new Float64Array(bins);
  for (const value of values) {
    const bin = Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)));
    found[bin] = (found[bin] as number) + 1;
  }
  return found;
}

/**
 * The number of bins with the greatest penalized likelihood (Birgé and Rozenholc, "How many bins should be put in a regular histogram", 2006), in the
 * form of PyOD's `n_bins="auto"`, which takes the penalty once a bin and so prefers few.
 */
function bestNumberOfBins(values: Float64Array, low: number, high: number): number {
  let best = BINS_MIN;
  let most = Number.NEGATIVE_INFINITY;
  const binsMax = Math.min(BINS_MAX, Math.floor(Math.sqrt(values.length)) - 1);
  for (let bins = BINS_MIN; bins <= binsMax; bins += 1) {
    let likelihood = -bins * (bins - 1 + Math.log(bins) ** 2.5);
    for (const count of counts(values, low, (high - low) / bins, bins)) {
      likelihood += count * Math.log((bins * count) / values.length + 1);
    }
    if (likelihood > most) {
      most = likelihood;
      best = bins;
    }
  }
  return best;
}

/** One bin would tell nothing. */
const BINS_MIN = 2;
const BINS_MAX = 200;

function histograms(all: readonly Histogram[]): Scorer {
  const width = all.length;
  const penaltyOf = (value: number, place: number): number => {
    const { mean, scale, low, width: binWidth, penalties } = all[place] as Histogram;
    const bin = ((value - mean) / scale - low) / binWidth;
    if (bin < -BESIDE || bin > penalties.length + BESIDE) return EMPTY;
    return penalties[Math.min(penalties.length - 1, Math.max(0, Math.floor(bin)))] as number;
  };
  const penaltiesOf = ({ rows, values }: Matrix): Float64Array => {
    const found = new Float64Array(rows * width);
    for (let at = 0; at < found.length; at += 1) found[at] = penaltyOf(values[at] as number, at % width);
    return found;
  };
  const sums = (parts: Float64Array, rows: number): Float64Array => {
    const scores = new Float64Array(rows);
    for (let at = 0, row = 0; row < rows; row += 1) {
      let sum = 0;
      for (let place = 0; place < width; place += 1, at += 1) sum += parts[at] as number;
      scores[row] = sum;
    }
    return scores;
  };
  return {
    baseline: 0,
    score: (matrix) => sums(penaltiesOf(matrix), matrix.rows),
    explain: (matrix) => {
      const contributions = penaltiesOf(matrix);
      return { scores: sums(contributions, matrix.rows), contributions };
    },
    parameters: () => ({
      histograms: all.map(({ penalties, ...rest }) => ({ ...rest, penalties: [...penalties] })),
    }),
  };
}

const schema = z.strictObject({
  histograms: z.array(
    z.strictObject({
      mean: z.number(),
      scale: z.number().positive(),
      low: z.number(),
      width: z.number().positive(),
      penalties: z.array(z.number()).min(1),
    }),
  ),
});

/** @throws Error when these are not the histograms of these features. */
export function readHistograms(parameters: unknown, features: readonly string[]): Scorer {
  const { histograms: read } = schema.parse(parameters);
  if (read.length !== features.length) throw new Error(`${features.length} features and ${read.length} histograms`);
  return histograms(read.map((histogram) => ({ ...histogram, penalties: Float64Array.from(histogram.penalties) })));
}
