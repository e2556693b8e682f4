import { z } from "zod";
import { Random } from "../../random.js";
import { quantile } from "../../scoring.js";
import { columnOf, evenly, type Matrix, rowsOf } from "../columns.js";
import type { DetectorSettings } from "../settings.js";
import { middleStandardization, standardization } from "../standardization.js";
import { Adam } from "./adam.js";
import { Ensemble, type Member } from "./autoencoder.js";
import { Network } from "./network.js";
import { normalDraws } from "./noise.js";
import { typicalSpacing } from "./spacing.js";

/** The least noise, in deviations of the rows as they are scaled; and the most of all. */
const NOISE_MIN = { all: 0.1, middle: 0.2 } as const;
const NOISE_MAX = 6;
/** Noise for each unit of the typical spacing: chosen on public labelled sets, see README. */
const NOISE_PER_SPACING = 8;
/** When, as a share of the epochs, the rows with the highest scores are left out. */
const TRIMS = [0.3, 0.6] as const;
/** The network is shown values up to this quantile of the rows that it learns from, and half a deviation further. */
const LIMIT_QUANTILE = 0.002;
const LIMIT_MARGIN = 0.5;
/** Of the validation rows the share with the highest loss does not count: it may be what the detector is to find. */
const VALIDATION_TRIM = 0.05;

/** Farther values are learnt from as if they were here, in deviations: a few of them shall not be all that there is to learn. */
const FARTHEST_LEARNT = 1000;
/** Rows by which a residual is called large or small, at most. */
const ROWS_MEASURED = 20_000;

/** By which deviation the values are divided: that of all rows, or of the middle ones of each feature, without its outliers. */
export type Scaling = "all" | "middle";

export interface MemberOptions {
  readonly settings: DetectorSettings;
  readonly seed: string;
  readonly epochs: number;
  readonly scaling: Scaling;
}

/**
 * Training of a denoising autoencoder (Vincent et al., "Extracting and composing robust features with denoising autoencoders", 2008):
 * noise is added to standardized rows and the network learns to take it away. Twice the rows that it restores worst are left out of the rest, so that
 * anomalies among the training rows do not teach it that they are usual. Chance is drawn anew for each epoch from seed and epoch, so that a training
 * that resumes from a checkpoint takes the same way.
 */
export class MemberTraining {
  readonly #options: MemberOptions;
  readonly #width: number;
  readonly #means: Float64Array;
  readonly #scales: Float64Array;
  readonly #given: Matrix;
  readonly #rows: Matrix;
  readonly #validation: Matrix | undefined;
  readonly #noise: number;
  readonly #network: Network;
  readonly #adam: Adam;
  #lows = new Float64Array();
  #highs = new Float64Array();
  /** Indices of the rows that it learns from. */
  #kept: Int32Array;
  #epoch = 0;
  #keptWeights: Float64Array | undefined;

  constructor(rows: Matrix, validation: Matrix | undefined, options: MemberOptions) {
    const { settings, seed, scaling } = options;
    const { hiddenUnits = 48 } = settings;
    this.#options = options;
    this.#width = rows.features.length;
    const scale = scaling === "all" ? standardization : middleStandardization;
    const scales = rows.features.map((_, place) => scale(columnOf(rows, place)));
    this.#means = Float64Array.from(scales, ({ mean }) => mean);
    this.#scales = Float64Array.from(scales, ({ scale }) => scale);
    this.#given = rows;
    this.#rows = this.#standardized(rows);
    this.#validation = validation === undefined || validation.rows === 0 ? undefined : this.#standardized(validation);
    this.#kept = Int32Array.from({ length: rows.rows }, (_, row) => row);
    this.#setLimits();
    this.#noise =
      settings.noise ??
      Math.min(
        NOISE_MAX,
        Math.max(NOISE_MIN[scaling], NOISE_PER_SPACING * typicalSpacing(this.#rows.values, this.#width)),
      );
    this.#network = new Network([this.#width, hiddenUnits, hiddenUnits, this.#width]);
    this.#network.initialize(Random.derived(seed, "weights"));
    this.#adam = new Adam(this.#network.parameters.length);
  }

  /** One more pass over the rows. @returns the mean losses. */
  step(): { readonly loss: number; readonly validationLoss?: number } {
    this.#trim();
    const loss = this.#learn();
    this.#epoch += 1;
    return this.#validation === undefined ? { loss } : { loss, validationLoss: this.#validationLoss(this.#validation) };
  }

  /** The weights as they are now are those of the member, until it is called again. */
  keepWeights(): void {
    this.#keptWeights = this.#network.parameters.slice();
  }

  /** With the weights that were kept, else those of now. */
  member(): Member {
    const network = new Network(this.#network.sizes, this.#keptWeights ?? this.#network.parameters);
    const scaling = { network, means: this.#means, scales: this.#scales, lows: this.#lows, highs: this.#highs };
    return Ensemble.measured(scaling, evenly(this.#given, ROWS_MEASURED));
  }

  checkpoint(): unknown {
    const kept = new Set(this.#kept);
    return {
      rows: this.#rows.rows,
      epoch: this.#epoch,
      weights: [...this.#network.parameters],
      means: [...this.#adam.means],
      squares: [...this.#adam.squares],
      steps: this.#adam.steps,
      leftOut: Array.from({ length: this.#rows.rows }, (_, row) => row).filter((row) => !kept.has(row)),
      ...(this.#keptWeights === undefined ? {} : { keptWeights: [...this.#keptWeights] }),
    };
  }

  /** @throws Error when this is no checkpoint of a training on these rows with these settings. */
  restore(checkpoint: unknown): void {
    const { rows, epoch, weights, means, squares, steps, leftOut, keptWeights } = checkpointSchema.parse(checkpoint);
    const count = this.#network.parameters.length;
    if (rows !== this.#rows.rows || [weights, means, squares].some(({ length }) => length !== count)) {
      throw new Error("the checkpoint belongs to other rows or settings");
    }
    this.#network.parameters.set(weights);
    this.#adam.means.set(means);
    this.#adam.squares.set(squares);
    this.#adam.steps = steps;
    this.#epoch = epoch;
    this.#keptWeights = keptWeights === undefined ? undefined : Float64Array.from(keptWeights);
    const out = new Set(leftOut);
    this.#kept = this.#kept.filter((row) => !out.has(row));
    this.#setLimits();
  }

  #standardized({ features, rows, values }: Matrix): Matrix {
    const width = features.length;
    const standardized = values.map((value, i) => {
      const far = (value - (this.#means[i % width] as number)) / (this.#scales[i % width] as number);
      return Math.max(-FARTHEST_LEARNT, Math.min(FARTHEST_LEARNT, far));
    });
    return { features, rows, values: standardized };
  }

  /** What the network is shown at most, from the rows that it learns from. */
  #setLimits(): void {
    const kept = rowsOf(this.#rows, this.#kept);
    const columns = kept.features.map((_, place) => Array.from(columnOf(kept, place)));
    this.#lows = Float64Array.from(columns, (column) => quantile(column, LIMIT_QUANTILE) - LIMIT_MARGIN);
    this.#highs = Float64Array.from(columns, (column) => quantile(column, 1 - LIMIT_QUANTILE) + LIMIT_MARGIN);
  }

  #trim(): void {
    const { settings, epochs } = this.#options;
    const { trim = 0 } = settings;
    if (trim === 0 || this.#epoch === 0 || !TRIMS.some((share) => this.#epoch === Math.floor(share * epochs))) return;
    const ones = new Float64Array(this.#width).fill(1);
    const scores = new Ensemble([
      {
        network: this.#network,
        means: new Float64Array(this.#width),
        scales: ones,
        lows: this.#lows,
        highs: this.#highs,
        spreads: ones,
        unit: 1,
      },
    ]).score(this.#rows);
    const limit = quantile(Array.from(scores), 1 - trim);
    const kept = Int32Array.from(scores.keys()).filter((row) => (scores[row] as number) <= limit);
    if (kept.length === 0) return;
    this.#kept = kept;
    this.#setLimits();
  }

  /** One pass over the rows in random order. @returns the mean loss. */
  #learn(): number {
    const { batchSize = 128, learningRate = 0.003 } = this.#options.settings;
    const width = this.#width;
    const random = Random.derived(this.#options.seed, `epoch ${this.#epoch}`);
    const normal = normalDraws(random);
    const order = shuffled(this.#kept, random);
    const clean = new Float64Array(batchSize * width);
    const noisy = new Float64Array(batchSize * width);
    const derivatives = new Float64Array(batchSize * width);
    const batches = Math.ceil(order.length / batchSize);
    let total = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      const first = batch * batchSize;
      const rows = Math.min(batchSize, order.length - first);
      this.#spoil(order.subarray(first, first + rows), normal, clean, noisy);
      const restored = this.#network.forward(noisy, rows);
      const count = rows * width;
      for (let i = 0; i < count; i += 1) {
        const error = (restored[i] as number) - (clean[i] as number);
        total += error * error;
        derivatives[i] = (2 * error) / count;
      }
      this.#network.backward(derivatives, rows);
      const done = (this.#epoch + batch / batches) / this.#options.epochs;
      const rate = learningRate * (0.51 + 0.5 * Math.cos(Math.PI * done));
      this.#adam.step(this.#network.parameters, this.#network.gradients, rate);
    }
    return total / (order.length * width);
  }

  #validationLoss(validation: Matrix): number {
    const width = this.#width;
    const normal = normalDraws(Random.derived(this.#options.seed, "validation"));
    const { batchSize = 128 } = this.#options.settings;
    const losses = new Float64Array(validation.rows);
    const clean = new Float64Array(batchSize * width);
    const noisy = new Float64Array(batchSize * width);
    for (let first = 0; first < validation.rows; first += batchSize) {
      const rows = Math.min(batchSize, validation.rows - first);
      this.#spoil(
        Int32Array.from({ length: rows }, (_, row) => first + row),
        normal,
        clean,
        noisy,
        validation,
      );
      const restored = this.#network.forward(noisy, rows);
      for (let i = 0; i < rows * width; i += 1) {
        const row = first + Math.floor(i / width);
        losses[row] = (losses[row] as number) + ((restored[i] as number) - (clean[i] as number)) ** 2 / width;
      }
    }
    losses.sort();
    const counted = losses.subarray(0, Math.max(1, Math.ceil(losses.length * (1 - VALIDATION_TRIM))));
    return counted.reduce((sum, loss) => sum + loss, 0) / counted.length;
  }

  /** Rows within the limits, without and with noise. */
  #spoil(
    rows: Int32Array,
    normal: () => number,
    clean: Float64Array,
    noisy: Float64Array,
    from: Matrix = this.#rows,
  ): void {
    const width = this.#width;
    for (let row = 0, i = 0; row < rows.length; row += 1) {
      let at = (rows[row] as number) * width;
      for (let place = 0; place < width; place += 1, i += 1, at += 1) {
        const value = from.values[at] as number;
        const moved = value + this.#noise * normal();
        const low = this.#lows[place] as number;
        const high = this.#highs[place] as number;
        clean[i] = value < low ? low : Math.min(value, high);
        noisy[i] = moved < low ? low : Math.min(moved, high);
      }
    }
  }
}

/** Fisher and Yates, in place of a copy. */
function shuffled(rows: Int32Array, random: Random): Int32Array {
  const order = rows.slice();
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = random.integer(0, last);
    const moved = order[last] as number;
    order[last] = order[other] as number;
    order[other] = moved;
  }
  return order;
}

const numbers = z.array(z.number());
const checkpointSchema = z.object({
  rows: z.int(),
  epoch: z.int(),
  weights: numbers,
  means: numbers,
  squares: numbers,
  steps: z.int(),
  leftOut: z.array(z.int()),
  keptWeights: numbers.optional(),
});
