import { averagePrecision } from "../metrics.js";
import { Random } from "../random.js";
import { type Columns, columnOf, type Matrix, toMatrix } from "./columns.js";
import type { Detector } from "./detector.js";
import { standardization } from "./standardization.js";

/** Validation rows with anomalies among them, known ones or planted ones. */
export interface Trial {
  readonly columns: Columns;
  readonly truth: readonly boolean[];
}

/** The average precision of each detector in a trial, in the order of the detectors. */
export function judge(detectors: readonly Detector[], { columns, truth }: Trial): number[] {
  return detectors.map((detector) => averagePrecision({ scores: Array.from(detector.score(columns)), truth }));
}

const PLANTED_SHARE = 0.05;

/**
 * A trial where nobody knows the anomalies: a twentieth as many rows again, each a copy of a row that was spoilt in one of three ways in turn. One
 * value moves by two to six standard deviations; or one value is taken from another row, so that it no longer goes with the rest; or all values move two to
 * four times as far from the mean. A detector that tells these from the rest sees both rare values and broken relations.
 */
export function plantAnomalies(columns: Columns, features: readonly string[], seed: number | string): Trial {
  const matrix = toMatrix(columns, features);
  const random = Random.derived(seed, "planted anomalies");
  const planted = Math.max(3, Math.round(matrix.rows * PLANTED_SHARE));
  const scaling = features.map((_, place) => standardization(columnOf(matrix, place)));
  const spoilt = Array.from({ length: planted }, (_, index) => spoil(matrix, scaling, index, random));
  const all = features.map((feature, place) => {
    const column = [...columnOf(matrix, place), ...spoilt.map((row) => row[place] as number)];
    return [feature, column] as const;
  });
  const truth = Array.from({ length: matrix.rows + planted }, (_, row) => row >= matrix.rows);
  return { columns: Object.fromEntries(all), truth };
}

function spoil(
  { rows, features, values }: Matrix,
  scaling: readonly { readonly mean: number; readonly scale: number }[],
  index: number,
  random: Random,
): Float64Array {
  const width = features.length;
  const start = random.integer(0, rows - 1) * width;
  const row = values.slice(start, start + width);
  const place = random.integer(0, width - 1);
  const { scale = 1 } = scaling[place] ?? {};
  const far = random.between(2, 6) * (random.chance(0.5) ? 1 : -1);
  const stretch = random.between(2, 4);
  const other = values[random.integer(0, rows - 1) * width + place] as number;
  if (index % 3 === 0) row[place] = (row[place] as number) + far * scale;
  else if (index % 3 === 1) row[place] = other;
  else for (const [at, { mean }] of scaling.entries()) row[at] = mean + ((row[at] as number) - mean) * stretch;
  return row;
}
