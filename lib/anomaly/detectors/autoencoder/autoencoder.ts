import { z } from "zod";
import type { Matrix } from "../columns.js";
import type { Scorer } from "../detector.js";
import { Network } from "./network.js";

/** All that a trained autoencoder scores with. Lists have an entry a feature. */
export interface AutoencoderParts {
  readonly network: Network;
  readonly means: Float64Array;
  readonly scales: Float64Array;
  /** Standardized values are cut to these limits before the network sees them. */
  readonly lows: Float64Array;
  readonly highs: Float64Array;
}

/** Rows that go through the network at a time: the buffers stay within the processor's cache. */
const ROWS_AT_ONCE = 256;
/** Standardized values end here, so that no square overflows. */
const FARTHEST = 1e100;

/**
 * The scorer of a denoising autoencoder: the network pulls a row to where rows usually are (the mean of all rows that noise could have moved here;
 * Alain and Bengio, "What regularized auto-encoders learn from the data-generating distribution", 2014), and the score is the way that it
 * pulled: the root mean square over the features, in standard deviations. It never saw values beyond `lows` and `highs`, so it is shown the nearest
 * ones that it knows and what lies beyond counts in full.
 */
export function autoencoder({ network, means, scales, lows, highs }: AutoencoderParts): Scorer {
  const width = means.length;
  const known = new Float64Array(ROWS_AT_ONCE * width);
  const standardized = new Float64Array(ROWS_AT_ONCE * width);

  /** Calls `each` with the squared deviations of a few rows at a time, from row `first` on. */
  const deviations = (matrix: Matrix, each: (squares: Float64Array, first: number, rows: number) => void): void => {
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
      for (let i = 0; i < count; i += 1) standardized[i] = ((standardized[i] as number) - (restored[i] as number)) ** 2;
      each(standardized, first, rows);
    }
  };

  const scoreOf = (squares: Float64Array, row: number): number => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i += 1) sum += squares[i] as number;
    return Math.sqrt(sum / width);
  };

  return {
    baseline: 0,
    score: (matrix) => {
      const scores = new Float64Array(matrix.rows);
      deviations(matrix, (squares, first, rows) => {
        for (let row = 0; row < rows; row += 1) scores[first + row] = scoreOf(squares, row);
      });
      return scores;
    },
    explain: (matrix) => {
      const scores = new Float64Array(matrix.rows);
      const contributions = new Float64Array(matrix.rows * width);
      deviations(matrix, (squares, first, rows) => {
        for (let row = 0; row < rows; row += 1) {
          const score = scoreOf(squares, row);
          scores[first + row] = score;
          if (score === 0) continue;
          for (let place = 0; place < width; place += 1) {
            contributions[(first + row) * width + place] = (squares[row * width + place] as number) / width / score;
          }
        }
      });
      return { scores, contributions };
    },
    parameters: () => ({
      layers: network.sizes,
      weights: [...network.parameters],
      means: [...means],
      scales: [...scales],
      lows: [...lows],
      highs: [...highs],
    }),
  };
}

function limited(value: number, low: number, high: number): number {
  return value < low ? low : Math.min(value, high);
}

const numbers = z.array(z.number()).transform((list) => Float64Array.from(list));
const schema = z.strictObject({
  layers: z.array(z.int().min(1)).min(2),
  weights: z.array(z.number()),
  means: numbers,
  scales: numbers,
  lows: numbers,
  highs: numbers,
});

/** @throws Error when these are not the parameters of an autoencoder over these features. */
export function readAutoencoder(parameters: unknown, features: readonly string[]): Scorer {
  const { layers, weights, ...scaling } = schema.parse(parameters);
  const width = features.length;
  if (layers[0] !== width || layers.at(-1) !== width) {
    throw new Error(`${width} features and layers of ${layers.join(", ")} units`);
  }
  for (const [name, list] of Object.entries(scaling)) {
    if (list.length !== width) throw new Error(`${width} features and ${list.length} ${name}`);
  }
  if (scaling.scales.some((scale) => !(scale > 0))) throw new Error("a scale is not greater than 0");
  return autoencoder({ network: new Network(layers, weights), ...scaling });
}
