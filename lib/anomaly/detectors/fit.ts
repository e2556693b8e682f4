import { AutoencoderTraining } from "./autoencoder/train.js";
import { type Columns, type Matrix, toMatrix } from "./columns.js";
import { fitCopod } from "./copod/copod.js";
import { type Detector, makeDetector, type Scorer, thresholdOf } from "./detector.js";
import { fitEnsemble } from "./ensemble/ensemble.js";
import { fitHistograms } from "./hbos/hbos.js";
import { fitForest } from "./isolationForest/isolationForest.js";
import { type DetectorKind, type DetectorSettings, resolveSettings } from "./settings.js";
import type { Epoch, Training } from "./training.js";

export interface FitOptions {
  /** What to score by. Default: all columns. Their order makes no difference. */
  readonly features?: readonly string[];
  /** Equal seeds, rows and settings give equal detectors. Default "activate". */
  readonly seed?: number | string;
  /** See `DETECTOR_SETTINGS`. */
  readonly settings?: DetectorSettings;
  /** Rows that are not learnt from: they decide when to stop, and the threshold. Default: none, the threshold is that of the training rows. */
  readonly validation?: Columns;
  /** Called after each epoch. */
  readonly report?: (epoch: Epoch) => void;
}

/**
 * Fits a detector to rows most of which are usual; nothing needs a label.
 * @throws FeatureError naming the column and row of a missing or unusable value, or when there are no rows; SettingError.
 * @example fitDetector("hbos", { value: [1, 2, 1, 2, 90] }).score({ value: [90] })
 */
export function fitDetector(kind: DetectorKind, columns: Columns, options: FitOptions = {}): Detector {
  const training = startTraining(kind, columns, options);
  while (!training.finished) {
    const epoch = training.step();
    options.report?.(epoch);
  }
  return training.detector();
}

/**
 * As `fitDetector`, an epoch at a time.
 * @param checkpoint of a training of the same kind on the same rows, with the same options: goes on from there.
 * @throws as `fitDetector`; Error when the checkpoint belongs to another training.
 */
export function startTraining(
  kind: DetectorKind,
  columns: Columns,
  options: Omit<FitOptions, "report"> = {},
  checkpoint?: unknown,
): Training {
  const features = [...new Set(options.features ?? Object.keys(columns))].sort();
  if (features.length === 0) throw new RangeError("a detector needs at least one column");
  const settings = resolveSettings(kind, options.settings);
  const rows = toMatrix(columns, features);
  if (rows.rows === 0) throw new RangeError("a detector needs at least one row to learn from");
  const validation = options.validation === undefined ? undefined : toMatrix(options.validation, features);
  const seed = String(options.seed ?? "activate");
  const detector = (scorer: Scorer): Detector => {
    const measured = validation === undefined || validation.rows === 0 ? rows : validation;
    const threshold = thresholdOf(scorer, measured, settings.contamination ?? 0);
    return makeDetector({ kind, features, threshold, settings, seed, trainingRows: rows.rows, scorer });
  };
  if (kind === "isolation-forest") return fittedAtOnce(() => detector(forestOf(rows, settings, seed)));
  if (kind === "hbos") return fittedAtOnce(() => detector(histogramsOf(rows, settings)));
  const training = new AutoencoderTraining(rows, validation, settings, seed);
  if (checkpoint !== undefined) training.restore(checkpoint);
  const scorer = (): Scorer => {
    const autoencoder = training.scorer();
    if (kind === "autoencoder") return autoencoder;
    const isolationForest = forestOf(rows, settings, seed);
    const others = { "isolation-forest": isolationForest, hbos: histogramsOf(rows, settings), copod: fitCopod(rows) };
    return fitEnsemble({ autoencoder, ...others }, rows);
  };
  return {
    epochs: training.epochs,
    get finished() {
      return training.finished;
    },
    step: () => training.step(),
    checkpoint: () => training.checkpoint(),
    detector: () => detector(scorer()),
  };
}

function forestOf(rows: Matrix, { trees = 200, sampleSize = 256 }: DetectorSettings, seed: string): Scorer {
  return fitForest(rows, { trees, sampleSize }, seed);
}

function histogramsOf(rows: Matrix, { bins }: DetectorSettings): Scorer {
  return fitHistograms(rows, bins === undefined ? {} : { bins });
}

function fittedAtOnce(fit: () => Detector): Training {
  return {
    epochs: 0,
    finished: true,
    step: () => {
      throw new Error("the training is finished");
    },
    checkpoint: () => ({}),
    detector: fit,
  };
}
