import { averagePrecision } from "../metrics.js";
import type { Columns } from "./columns.js";
import type { Detector } from "./detector.js";

/** Rows, and which of them are anomalies. */
export interface Trial {
  readonly columns: Columns;
  readonly truth: readonly boolean[];
}

/** The average precision of each detector in a trial, in the order of the detectors. */
export function judge(detectors: readonly Detector[], { columns, truth }: Trial): number[] {
  return detectors.map((detector) => averagePrecision({ scores: Array.from(detector.score(columns)), truth }));
}
