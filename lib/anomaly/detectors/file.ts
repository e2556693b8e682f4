import { z } from "zod";
import { readAutoencoder } from "./autoencoder/autoencoder.js";
import { readCopod } from "./copod/copod.js";
import { type Detector, makeDetector, type Scorer } from "./detector.js";
import { readEnsemble } from "./ensemble/ensemble.js";
import { readHistograms } from "./hbos/hbos.js";
import { readForest } from "./isolationForest/isolationForest.js";
import { DETECTOR_KINDS, type DetectorKind, type DetectorSettings } from "./settings.js";

/** The file format of every detector, version 2: JSON, numbers with all of their digits. */
export interface DetectorFile {
  readonly format: "activate-detector";
  readonly version: 2;
  readonly kind: DetectorKind;
  readonly features: readonly string[];
  readonly threshold: number;
  readonly settings: DetectorSettings;
  readonly seed: string;
  readonly trainingRows: number;
  /** Of the kind: scaling, weights, trees, histograms. */
  readonly parameters: unknown;
}

/** A text that is no detector that this version can read; says why. */
export class DetectorFormatError extends Error {
  override readonly name = "DetectorFormatError";
}

export function saveDetector(detector: Detector): string {
  return `${JSON.stringify(detector.toFile())}\n`;
}

const FORMAT = "activate-detector";
const VERSION = 2;
/** Of the files that `saveDetector` writes. */
export const DETECTOR_FILE_VERSION: number = VERSION;

const schema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  kind: z.enum(DETECTOR_KINDS),
  features: z.array(z.string().min(1)).min(1),
  threshold: z.number(),
  settings: z.record(z.string(), z.number()),
  seed: z.string(),
  trainingRows: z.int().min(1),
  parameters: z.unknown(),
});

/** The scorer of a kind, from the parameters that it gave. @throws Error when they are not its own, or of other features. */
function readScorer(kind: DetectorKind, parameters: unknown, features: readonly string[]): Scorer {
  const readers = {
    autoencoder: (own: unknown) => readAutoencoder(own, features),
    "isolation-forest": (own: unknown) => readForest(own, features),
    hbos: (own: unknown) => readHistograms(own, features),
    copod: (own: unknown) => readCopod(own, features),
  };
  return kind === "ensemble" ? readEnsemble(parameters, readers) : readers[kind](parameters);
}

/**
 * The detector of a text that `saveDetector` made: its scores are those of the saved one, bit by bit.
 * @throws DetectorFormatError when the text is truncated, not a detector, or of another version.
 */
export function loadDetector(text: string): Detector {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    const begins = text.trimStart().startsWith("{");
    throw new DetectorFormatError(
      begins ? `the file is truncated or damaged: ${cause}` : `the file is not a detector: ${cause}`,
      { cause: error },
    );
  }
  if (typeof parsed !== "object" || parsed === null || !("format" in parsed) || parsed.format !== FORMAT) {
    throw new DetectorFormatError(`the file is not a detector: its "format" is not "${FORMAT}"`);
  }
  const version: unknown = "version" in parsed ? parsed.version : undefined;
  if (version !== VERSION) {
    throw new DetectorFormatError(
      `the file is of format version ${JSON.stringify(version)}, this program reads version ${VERSION}: train the model again with this program, or serve it with the program that trained it`,
    );
  }
  try {
    const { parameters, ...file } = schema.parse(parsed);
    if (new Set(file.features).size !== file.features.length) throw new Error("a feature is named twice");
    return makeDetector({ ...file, scorer: readScorer(file.kind, parameters, file.features) });
  } catch (error) {
    throw new DetectorFormatError(`the file is damaged: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0];
    return `${issue?.path.join(".") || "the file"}: ${issue?.message ?? "invalid"}`;
  }
  return error instanceof Error ? error.message : String(error);
}
