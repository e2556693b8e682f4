import { quantile } from "../scoring.js";
import type { Columns, Matrix } from "./columns.js";
import { toMatrix } from "./columns.js";
import type { DetectorFile } from "./file.js";
import type { DetectorKind, DetectorSettings } from "./settings.js";

/** A fitted detector. It scores rows alone: the score of a row never depends on the rows beside it. */
export interface Detector {
  readonly kind: DetectorKind;
  /** What it scores by, in the order of their names. */
  readonly featureNames: readonly string[];
  /** A row is anomalous when its score is strictly greater. */
  readonly threshold: number;
  readonly settings: DetectorSettings;
  /**
   * A score a row; higher is more anomalous.
   * @throws FeatureError naming column and row of what is missing or not finite.
   */
  score(columns: Columns): Float64Array;
  /** The scores, and why: what each feature of a row adds to its score. @throws FeatureError as `score`. */
  explain(columns: Columns): Explanation;
  /** What is written to `model.json`. */
  toFile(): DetectorFile;
}

export interface Explanation {
  /** Exactly those of `score`. */
  readonly scores: Float64Array;
  /** Score of a row of which nothing is remarkable; scores are this plus the contributions. */
  readonly baseline: number;
  /** In the order of `featureNames`; `values` has one number a row. */
  readonly contributions: readonly { readonly feature: string; readonly values: Float64Array }[];
}

/** What is particular to a kind: the mathematics, on a checked matrix whose features are in the detector's order. */
export interface Scorer {
  readonly baseline: number;
  score(matrix: Matrix): Float64Array;
  /** The scores, and row by row, as the matrix, the contributions of the features. */
  explain(matrix: Matrix): { readonly scores: Float64Array; readonly contributions: Float64Array };
  /** As plain JSON. */
  parameters(): unknown;
}

export interface DetectorParts {
  readonly kind: DetectorKind;
  readonly features: readonly string[];
  readonly threshold: number;
  readonly settings: DetectorSettings;
  readonly seed: string;
  readonly trainingRows: number;
  readonly scorer: Scorer;
}

/** A detector around the mathematics of its kind. */
export function makeDetector(parts: DetectorParts): Detector {
  const { kind, features, threshold, settings, seed, trainingRows, scorer } = parts;
  return {
    kind,
    featureNames: features,
    threshold,
    settings,
    score: (columns) => scorer.score(toMatrix(columns, features)),
    explain: (columns) => {
      const matrix = toMatrix(columns, features);
      const { scores, contributions: byRow } = scorer.explain(matrix);
      const contributions = features.map((feature, place) => {
        const values = new Float64Array(matrix.rows);
        for (let row = 0; row < matrix.rows; row += 1) values[row] = byRow[row * features.length + place] as number;
        return { feature, values };
      });
      return { scores, baseline: scorer.baseline, contributions };
    },
    toFile: () => ({
      format: "activate-detector",
      version: 2,
      kind,
      features: [...features],
      threshold,
      settings,
      seed,
      trainingRows,
      parameters: scorer.parameters(),
    }),
  };
}

/** The threshold above which the share `contamination` of these rows lies. */
export function thresholdOf(scorer: Scorer, rows: Matrix, contamination: number): number {
  return quantile(Array.from(scorer.score(rows)), 1 - contamination);
}
