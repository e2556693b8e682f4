import { z } from "zod";
import { quantile } from "../../scoring.js";
import { columnOf, type Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import { robustScale } from "../standardization.js";
import { Network } from "./network.js";

/** How a network sees rows. Lists have an entry a feature. */
export interface View {
  readonly network: Network;
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** Standardized values are cut to these limits before the network sees them. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

/** A network, and which of its residuals are large. */
export interface Member extends View {
  /** Residuals are divided by these, in deviations: what is easily restored may be missed by less. */
  readonly spreads: Float64Array;
  /** How far scores of training rows are spread; it brings the members' scores to one scale. */
  readonly unit: number;
}

/** Rows that go through the network at a time: the buffers stay within the processor's cache. */
const ROWS_AT_ONCE = 256;
/** Standardized values end here, so that no square overflows. */
const FARTHEST = 1e100;
/** A feature's spread is this quantile of its residuals; at least this share of what the features have in the middle. */
const SPREAD_QUANTILE = 0.95;
const SPREAD_MIN = 0.3;

/**
 * The scorer of denoising autoencoders: a network pulls a row to where rows usually are (the mean of all rows that noise could have moved here;
 * Alain and Bengio, "What regularized auto-encoders learn from the data-generating distribution", 2014), and its score is the way that it
 * pulled: the root mean square over the features, in spreads. It never saw values beyond `lows` and `highs`, so it is shown the nearest
 * ones that it knows and what lies beyond counts in full. The score of a row is the mean over the networks, each in its unit.
 */
export class Ensemble implements Scorer {
  readonly baseline = 0;
  readonly #members: readonly Member[];

  constructor(members: readonly Member[]) {
    this.#members = members;
  }

  /** A network with the spreads and the unit that it has on these rows. */
  static measured(view: View, rows: Matrix): Member {
    const width = view.means.length;
    const ones = new Float64Array(width).fill(1);
    const residuals = new Float64Array(rows.rows * width);
    eachBatch({ ...view, spreads: ones, unit: 1 }, rows, (squares, first, count) => {
      for (let i = 0; i < count * width; i += 1) residuals[first * width + i] = Math.sqrt(squares[i] as number);
    });
    const matrix = { ...rows, values: residuals };
    const wide = rows.features.map((_, place) => quantile(Array.from(columnOf(matrix, place)), SPREAD_QUANTILE));
    const least = SPREAD_MIN * quantile(wide, 0.5);
    const spreads = Float64Array.from(wide, (spread) => Math.max(spread, least) || 1);
    const scores = new Ensemble([{ ...view, spreads, unit: 1 }]).score(rows);
    return { ...view, spreads, unit: robustScale(scores).scale };
  }

  score(matrix: Matrix): Float64Array {
    return this.#sum(matrix, () => undefined);
  }

  explain(matrix: Matrix): { readonly scores: Float64Array; readonly contributions: Float64Array } {
    const width = matrix.features.length;
    const contributions = new Float64Array(matrix.rows * width);
    const scores = this.#sum(matrix, (squares, at, row, { score, unit }) => {
      if (score === 0) return;
      for (let place = 0; place < width; place += 1) {
        const to = row * width + place;
        contributions[to] =
          (contributions[to] as number) + (squares[at + place] as number) / width / score / unit / this.#members.length;
      }
    });
    return { scores, contributions };
  }

  parameters(): unknown {
    return {
      networks: this.#members.map(({ network, means, scales, lows, highs, spreads, unit }) => ({
        layers: network.sizes,
        weights: [...network.parameters],
        means: [...means],
        scales: [...scales],
        lows: [...lows],
        highs: [...highs],
        spreads: [...spreads],
        unit,
      })),
    };
  }

  /** The scores; `part` is told the squares of each network for each row, from `at` on, and what they come to. */
  #sum(
    matrix: Matrix,
    part: (squares: Float64Array, at: number, row: number, of: { score: number; unit: number }) => void,
  ): Float64Array {
    const width = matrix.features.length;
    const scores = new Float64Array(matrix.rows);
    for (const member of this.#members) {
      const { unit } = member;
      eachBatch(member, matrix, (squares, first, rows) => {
        for (let row = 0; row < rows; row += 1) {
          let sum = 0;
          for (let i = row * width; i < (row + 1) * width; i += 1) sum += squares[i] as number;
          const score = Math.sqrt(sum / width);
          part(squares, row * width, first + row, { score, unit });
          scores[first + row] = (scores[first + row] as number) + score / unit / this.#members.length;
        }
      });
    }
    return scores;
  }
}

/** Calls `each` with the squared residuals, in spreads, of a few rows at a time, from row `first` on. */
function eachBatch(
  { network, means, scales, lows, highs, spreads }: Member,
  matrix: Matrix,
  each: (squares: Float64Array, first: number, rows: number) => void,
): void {
  const width = means.length;
  const known = new Float64Array(ROWS_AT_ONCE * width);
  const standardized = new Float64Array(ROWS_AT_ONCE * width);
  for (let first = 0; first < matrix.rows; first += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, matrix.rows - first);
    const count = rows * width;
    for (let i = 0; i < count; i += 1) {
      const place = i % width;
      const value =
        ((matrix.values[first * width + i] as number) - (means[place] as number)) / (scales[place] as number);
      standardized[i] = limited(value, -FARTHEST, FARTHEST);
      known[i] = limited(value, lows[place] as number, highs[place] as number);
    }
    const restored = network.forward(known, rows);
    for (let i = 0; i < count; i += 1) {
      const residual = ((standardized[i] as number) - (restored[i] as number)) / (spreads[i % width] as number);
      standardized[i] = residual ** 2;
    }
    each(standardized, first, rows);
  }
}

function limited(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}

const numbers = z.array(z.number()).transform((list) => Float64Array.from(list));
const schema = z.strictObject({
  networks: z
    .array(
      z.strictObject({
        layers: z.array(z.int().min(1)).min(2),
        weights: z.array(z.number()),
        means: numbers,
        scales: numbers,
        lows: numbers,
        highs: numbers,
        spreads: numbers,
        unit: z.number().positive(),
      }),
    )
    .min(1),
});

/** @throws Error when these are not the parameters of autoencoders over these features. */
export function readAutoencoder(parameters: unknown, features: readonly string[]): Scorer {
  const { networks } = schema.parse(parameters);
  const width = features.length;
  return new Ensemble(
    networks.map(({ layers, weights, unit, ...lists }) => {
      if (layers[0] !== width || layers.at(-1) !== width) {
        throw new Error(`${width} features and layers of ${layers.join(", ")} units`);
      }
      for (const [name, list] of Object.entries(lists)) {
        if (list.length !== width) throw new Error(`${width} features and ${list.length} ${name}`);
      }
      if ([...lists.scales, ...lists.spreads].some((scale) => !(scale > 0))) {
        throw new Error("a scale is not greater than 0");
      }
      return { network: new Network(layers, weights), unit, ...lists };
    }),
  );
}
