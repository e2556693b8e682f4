import { averagePrecision, metricsAtThreshold, metricsByKind, rocAuc, type Scored } from "../anomaly/index.js";
import type { Row } from "../cloud/rows.js";
import type { ScoredPurchase } from "./purchases.js";

/** A detector with its scores of the purchases of a contest, in their order. */
export interface Judged {
  readonly name: string;
  readonly scores: readonly number[];
  /** A purchase is anomalous when its score is greater. */
  readonly threshold: number;
}

/** Detectors judged on the same purchases. */
export interface Contest {
  /** How many purchases they were judged on. */
  readonly purchases: number;
  /** Names, the best first. */
  readonly detectors: readonly string[];
  /** Scores and truth of each, for curves. */
  readonly scored: Readonly<Record<string, Scored>>;
  /** One row a detector: areas, precision and recall at its own threshold. */
  readonly summary: readonly Row[];
  /** One row a kind of anomaly: how many there are, and the area under each detector's curve for this kind alone. */
  readonly kinds: readonly Row[];
  /** Anomalies that exactly one detector flags. */
  readonly foundByOne: readonly Row[];
}

/** Judges detectors on the purchases whose truth is known. @throws RangeError when none of them is anomalous. */
export function judge(purchases: readonly ScoredPurchase[], judged: readonly Judged[]): Contest {
  const known = purchases.flatMap(({ truth }, index) => (truth === null ? [] : [index]));
  const at = (index: number): ScoredPurchase | undefined => purchases[index];
  const truth = known.map((index) => at(index)?.truth === true);
  const kinds = known.map((index) => at(index)?.kind ?? null);
  const ordered = judged
    .map(({ name, scores, threshold }) => {
      const scored = { scores: known.map((index) => scores[index] ?? Number.NaN), truth };
      return { name, threshold, scored, area: averagePrecision(scored) };
    })
    .sort((left, right) => right.area - left.area);
  return {
    purchases: known.length,
    detectors: ordered.map(({ name }) => name),
    scored: Object.fromEntries(ordered.map(({ name, scored }) => [name, scored])),
    summary: ordered.map(({ name, threshold, scored, area }) => {
      const { precision, recall, f1Score } = metricsAtThreshold(scored, threshold);
      const areas = { "area under PR curve": area, "area under ROC curve": rocAuc(scored) };
      return { detector: name, ...areas, precision, recall, F1: f1Score };
    }),
    kinds: kindRows(ordered, kinds),
    foundByOne: known.flatMap((purchase, index) => {
      if (truth[index] !== true) return [];
      const finders = ordered.filter(({ scored, threshold }) => (scored.scores[index] ?? 0) > threshold);
      const [only] = finders;
      if (only === undefined || finders.length > 1) return [];
      const { transaction_id = "", kind = null, value = 0, goods = 0 } = at(purchase) ?? {};
      return [{ "found only by": only.name, transaction_id, kind, value, goods }];
    }),
  };
}

function kindRows(
  detectors: readonly { readonly name: string; readonly scored: Scored; readonly threshold: number }[],
  kinds: readonly (string | null)[],
): Row[] {
  const metrics = detectors.map(({ name, scored, threshold }) => ({
    name,
    byKind: metricsByKind(scored.scores, kinds, threshold),
  }));
  const present = metrics[0]?.byKind ?? [];
  return present.map(({ kind, anomalies }) => ({
    kind,
    anomalies,
    ...Object.fromEntries(
      metrics.map(({ name, byKind }) => [name, byKind.find((one) => one.kind === kind)?.averagePrecision ?? 0]),
    ),
  }));
}
