import { z } from "zod";
import { columnOf, type Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import { standardization } from "../standardization.js";

/**
 * Copula-based outlier detection (Li, Zhao, Botta, Ionescu and Hu, "COPOD: copula-based outlier detection", 2020): how improbable a value as far
 * out is, by how many training rows are, as minus the logarithm of that share. A feature counts by the tail that it is skewed to, or by the mean of both when that
 * is more; the score is the sum. No chance, no settings; blind for values that are ordinary each and odd together.
 */
export function fitCopod(matrix: Matrix): Scorer {
  return copod(
    matrix.features.map((_, place) => tails(columnOf(matrix, place))),
    matrix.rows,
  );
}

/** The training values of a feature, and how many rows lie on either side. */
interface Tails {
  /** Rising, each once. */
  readonly values: Float64Array;
  /** Rows that have at most this value. */
  readonly upTo: Float64Array;
  /** Rows that have at least this value. */
  readonly from: Float64Array;
  /** To which side the tail is longer: 1, -1, or 0 for neither. */
  readonly skew: number;
}

/** Values beyond these many on each side are all kept, of those between so many: tails matter. */
const TAIL_KEPT = 500;
const MIDDLE_KEPT = 1000;
/** Rows that are said to lie where none does. */
const UNSEEN = 0.5;

function tails(column: Float64Array): Tails {
  const sorted = column.slice().sort();
  const places: number[] = [];
  for (let row = 0; row < sorted.length; row += 1) if (sorted[row] !== sorted[row - 1]) places.push(row);
  const kept = places.filter((_, index) => isKept(index, places.length));
  const ends = new Map(places.map((start, index) => [start, places[index + 1] ?? sorted.length]));
  return {
    values: Float64Array.from(kept, (start) => sorted[start] as number),
    upTo: Float64Array.from(kept, (start) => ends.get(start) ?? sorted.length),
    from: Float64Array.from(kept, (start) => sorted.length - start),
    skew: skewOf(column),
  };
}

function isKept(index: number, count: number): boolean {
  const between = count - 2 * TAIL_KEPT;
  const inner = index - TAIL_KEPT;
  if (between <= MIDDLE_KEPT || inner < 0 || inner >= between) return true;
  return Math.floor(((inner + 1) * MIDDLE_KEPT) / between) > Math.floor((inner * MIDDLE_KEPT) / between);
}

function skewOf(column: Float64Array): number {
  const { mean, scale } = standardization(column);
  let sum = 0;
  for (const value of column) sum += (value / scale - mean / scale) ** 3;
  return Math.abs(sum) < 1e-9 * column.length ? 0 : Math.sign(sum);
}

function copod(all: readonly Tails[], rows: number): Scorer {
  const width = all.length;
  const improbable = (count: number): number => -Math.log(Math.max(count, UNSEEN) / rows);
  const partOf = (value: number, place: number): number => {
    const { values, upTo, from, skew } = all[place] as Tails;
    // The first that is not less.
    let first = 0;
    for (let last = values.length; first < last; ) {
      const middle = (first + last) >> 1;
      if ((values[middle] as number) < value) first = middle + 1;
      else last = middle;
    }
    const known = values[first] === value;
    const right = improbable(first < values.length ? (from[first] as number) : 0);
    const left = improbable(known ? (upTo[first] as number) : first > 0 ? (upTo[first - 1] as number) : 0);
    const skewed = skew > 0 ? right : skew < 0 ? left : left + right;
    return Math.max(skewed, (left + right) / 2);
  };
  const explain = (matrix: Matrix) => {
    const contributions = new Float64Array(matrix.rows * width);
    const scores = new Float64Array(matrix.rows);
    for (let at = 0; at < contributions.length; at += 1) {
      const part = partOf(matrix.values[at] as number, at % width);
      const row = Math.floor(at / width);
      contributions[at] = part;
      scores[row] = (scores[row] as number) + part;
    }
    return { scores, contributions };
  };
  return {
    baseline: 0,
    score: (matrix) => explain(matrix).scores,
    explain,
    parameters: () => ({
      rows,
      tails: all.map(({ values, upTo, from, skew }) => ({
        values: [...values],
        upTo: [...upTo],
        from: [...from],
        skew,
      })),
    }),
  };
}

const numbers = z.array(z.number()).min(1);
const schema = z.strictObject({
  rows: z.int().min(1),
  tails: z.array(z.strictObject({ values: numbers, upTo: numbers, from: numbers, skew: z.int().min(-1).max(1) })),
});

/** @throws Error when these are not the tails of these features. */
export function readCopod(parameters: unknown, features: readonly string[]): Scorer {
  const { rows, tails: read } = schema.parse(parameters);
  if (read.length !== features.length) throw new Error(`${features.length} features and ${read.length} tails`);
  const all = read.map(({ values, upTo, from, skew }, index): Tails => {
    if (upTo.length !== values.length || from.length !== values.length) throw new Error(`tail ${index} has gaps`);
    const rising = values.every((value, at) => at === 0 || value > (values[at - 1] as number));
    if (!rising) throw new Error(`the values of tail ${index} do not rise`);
    return {
      values: Float64Array.from(values),
      upTo: Float64Array.from(upTo),
      from: Float64Array.from(from),
      skew,
    };
  });
  return copod(all, rows);
}
