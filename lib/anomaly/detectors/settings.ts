import { nearestName } from "../nearestName.js";

export const DETECTOR_KINDS = ["autoencoder", "isolation-forest", "hbos", "ensemble"] as const;
export type DetectorKind = (typeof DETECTOR_KINDS)[number];

/** One number that changes how a detector is fitted. */
export interface Setting {
  readonly what: string;
  /** Without one the detector decides by the data, as `what` says. */
  readonly fallback?: number;
  readonly low: number;
  readonly high: number;
  readonly whole: boolean;
}

const CONTAMINATION: Setting = {
  what: "share of the rows that the threshold flags",
  fallback: 0.02,
  low: 0,
  high: 0.5,
  whole: false,
};

const MEMBERS = {
  autoencoder: {
    contamination: CONTAMINATION,
    epochs: {
      what: "passes over the training rows, at most; by default as many as make 2,500 batches, from 10 to 500",
      low: 1,
      high: 10_000,
      whole: true,
    },
    batchSize: { what: "rows of one step", fallback: 128, low: 1, high: 8192, whole: true },
    learningRate: {
      what: "Adam's rate at the start; it falls to almost nothing along a cosine",
      fallback: 0.003,
      low: 1e-6,
      high: 1,
      whole: false,
    },
    hiddenUnits: { what: "units of each of the two hidden layers", fallback: 48, low: 1, high: 512, whole: true },
    noise: {
      what: "deviation of the noise that is added to standardized values, to be taken away by the network; by default eight times what lies between neighbouring rows, from 0.1 (of every second network 0.2) to 6",
      low: 0,
      high: 100,
      whole: false,
    },
    trim: {
      what: "share of the rows with the highest scores that is left out of the rest of the training, twice",
      fallback: 0.05,
      low: 0,
      high: 0.4,
      whole: false,
    },
    networks: {
      what: "networks whose scores are averaged; every second one sees values in deviations of the middle rows",
      fallback: 2,
      low: 1,
      high: 16,
      whole: true,
    },
    patience: {
      what: "epochs without a lower loss on validation rows after which training stops",
      fallback: 10,
      low: 1,
      high: 10_000,
      whole: true,
    },
  },
  "isolation-forest": {
    contamination: CONTAMINATION,
    trees: { what: "number of trees", fallback: 200, low: 1, high: 10_000, whole: true },
    sampleSize: {
      what: "rows from which a tree is grown, at most",
      fallback: 256,
      low: 2,
      high: 1_000_000,
      whole: true,
    },
  },
  hbos: {
    contamination: CONTAMINATION,
    bins: {
      what: "bins of each histogram; by default as many as describe the column best, at most the square root of its rows",
      low: 2,
      high: 10_000,
      whole: true,
    },
  },
} as const;

/** The settings of each kind of detector: the flags of the trainer, the keys of `FitOptions.settings`. */
export const DETECTOR_SETTINGS = {
  ...MEMBERS,
  ensemble: { ...MEMBERS.autoencoder, ...MEMBERS["isolation-forest"], ...MEMBERS.hbos },
} as const satisfies Readonly<Record<DetectorKind, Readonly<Record<string, Setting>>>>;

export type DetectorSettings = Readonly<Record<string, number>>;

/** A setting that does not exist, or whose value is out of range; says which and what would be right. */
export class SettingError extends RangeError {
  override readonly name = "SettingError";

  constructor(
    message: string,
    readonly setting: string,
  ) {
    super(message);
  }
}

/**
 * All settings of a kind: those given, the defaults of the others. Settings without a default that are not given stay absent.
 * @throws SettingError
 */
export function resolveSettings(kind: DetectorKind, given: DetectorSettings = {}): DetectorSettings {
  const known: Readonly<Record<string, Setting>> = DETECTOR_SETTINGS[kind];
  const resolved: Record<string, number> = {};
  for (const [name, { fallback }] of Object.entries(known)) if (fallback !== undefined) resolved[name] = fallback;
  for (const [name, value] of Object.entries(given)) {
    const setting = Object.hasOwn(known, name) ? known[name] : undefined;
    if (setting === undefined) {
      const near = nearestName(name, Object.keys(known));
      const hint = near === undefined ? `It has ${Object.keys(known).join(", ")}.` : `Did you mean ${near}?`;
      throw new SettingError(`detector ${kind} has no setting ${name}. ${hint}`, name);
    }
    resolved[name] = checkSetting(name, setting, value);
  }
  return resolved;
}

/** @throws SettingError */
export function checkSetting(name: string, { low, high, whole }: Setting, value: number): number {
  if (value >= low && value <= high && (!whole || Number.isInteger(value))) return value;
  throw new SettingError(`${name} must be a ${whole ? "whole " : ""}number from ${low} to ${high}, got ${value}`, name);
}

/** @throws SettingError when there is no such kind. */
export function detectorKind(name: string): DetectorKind {
  const found = DETECTOR_KINDS.find((kind) => kind === name);
  if (found !== undefined) return found;
  const near = nearestName(name, DETECTOR_KINDS);
  const hint = near === undefined ? "" : ` Did you mean ${near}?`;
  throw new SettingError(`detector must be ${DETECTOR_KINDS.join(", ")}, got "${name}".${hint}`, "detector");
}
