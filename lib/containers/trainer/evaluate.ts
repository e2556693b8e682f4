import { averagePrecision, type Detector, metricsAtThreshold, metricsByKind, rocAuc } from "../../anomaly/index.js";
import type { KeyedRows, Label } from "./rows.js";

/** How a detector does on validation rows whose truth is known. */
export interface LabelledMetrics {
  readonly rows: number;
  readonly anomalies: number;
  readonly averagePrecision: number;
  readonly rocAuc: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1Score: number;
  readonly byKind: readonly {
    readonly kind: string;
    readonly anomalies: number;
    readonly recall: number;
    readonly averagePrecision: number;
    readonly rocAuc: number;
  }[];
}

/** The labelled ones of the rows; undefined unless there are both anomalies and others among them. */
export function labelledRows(rows: KeyedRows, labels: ReadonlyMap<string, Label>) {
  const known = Array.from(rows.keys.keys()).filter((row) => labels.has(rows.keys[row] ?? ""));
  const found = known.map((row) => labels.get(rows.keys[row] ?? "") ?? { anomaly: false, kind: null });
  const truth = found.map(({ anomaly }) => anomaly);
  if (!truth.includes(true) || !truth.includes(false)) return undefined;
  const entries = Object.entries(rows.columns).map(([name, column]) => [
    name,
    known.map((row) => column[row] ?? Number.NaN),
  ]);
  const kinds = found.map(({ anomaly, kind }) => (anomaly ? (kind ?? "anomaly") : null));
  return { columns: Object.fromEntries(entries) as Record<string, number[]>, truth, kinds };
}

export function evaluate(detector: Detector, labelled: NonNullable<ReturnType<typeof labelledRows>>): LabelledMetrics {
  const scores = Array.from(detector.score(labelled.columns));
  const scored = { scores, truth: labelled.truth };
  const { precision, recall, f1Score } = metricsAtThreshold(scored, detector.threshold);
  return {
    rows: scores.length,
    anomalies: labelled.truth.filter(Boolean).length,
    averagePrecision: averagePrecision(scored),
    rocAuc: rocAuc(scored),
    precision,
    recall,
    f1Score,
    byKind: metricsByKind(scores, labelled.kinds, detector.threshold),
  };
}
