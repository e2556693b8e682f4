/** How good scores are against ground truth. Rows with equal scores are never separated. Higher scores are more anomalous. */

/** Scores and truth of the same rows, in the same order. */
export interface Scored {
  readonly scores: readonly number[];
  readonly truth: readonly boolean[];
}

export interface ThresholdMetrics {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
  /** Share of the flagged rows that are anomalies; 0 when nothing is flagged (as scikit-learn's `zero_division=0`). */
  readonly precision: number;
  /** Share of the anomalies that are flagged; 0 when there are none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall; 0 when both are. */
  readonly f1Score: number;
}

/**
 * What a threshold finds: rows whose score is strictly greater are flagged.
 * @throws RangeError when scores and truth differ in length or a score is NaN.
 */
export function metricsAtThreshold(scored: Scored, threshold: number): ThresholdMetrics {
  check(scored);
  let truePositives = 0;
  let falsePositives = 0;
  let falseNegatives = 0;
  for (const [index, score] of scored.scores.entries()) {
    const truth = scored.truth[index] === true;
    if (score > threshold) {
      if (truth) truePositives += 1;
      else falsePositives += 1;
    } else if (truth) falseNegatives += 1;
  }
  const trueNegatives = scored.scores.length - truePositives - falsePositives - falseNegatives;
  return withRatios({ threshold, truePositives, falsePositives, trueNegatives, falseNegatives });
}

/**
 * What every possible threshold finds, from the highest score down: one entry a distinct score, which is the least score flagged.
 * O(n log n).
 * @throws RangeError as `metricsAtThreshold`, or when no row is an anomaly.
 */
export function precisionRecallCurve(
  scored: Scored,
): { readonly score: number; readonly precision: number; readonly recall: number }[] {
  const { steps, positives } = descending(scored);
  if (positives === 0) throw new RangeError("precision and recall need at least one anomaly in the truth");
  return steps.map(({ score, truePositives, falsePositives }) => ({
    score,
    precision: truePositives / (truePositives + falsePositives),
    recall: truePositives / positives,
  }));
}

/**
 * Area under the precision-recall curve as average precision: the sum over distinct scores, from the highest down, of
 * (recall gained) x (precision there); no interpolation (scikit-learn, `average_precision_score`).
 * A detector that guesses has the share of anomalies, a perfect one 1.
 * @throws RangeError as `precisionRecallCurve`.
 * @example averagePrecision({ scores: [0.9, 0.8, 0.1], truth: [true, false, true] }) // 0.8333: 1/2 x 1 + 1/2 x 2/3
 */
export function averagePrecision(scored: Scored): number {
  let area = 0;
  let before = 0;
  for (const { precision, recall } of precisionRecallCurve(scored)) {
    area += (recall - before) * precision;
    before = recall;
  }
  return area;
}

/**
 * The ROC curve, from (0, 0) to (1, 1): one point a distinct score.
 * @throws RangeError as `metricsAtThreshold`, or when truth has only one of the two classes.
 */
export function rocCurve(scored: Scored): { readonly falsePositiveRate: number; readonly truePositiveRate: number }[] {
  const { steps, positives, negatives } = descending(scored);
  if (positives === 0 || negatives === 0)
    throw new RangeError("a ROC curve needs both anomalies and others in the truth");
  return [
    { falsePositiveRate: 0, truePositiveRate: 0 },
    ...steps.map(({ truePositives, falsePositives }) => ({
      falsePositiveRate: falsePositives / negatives,
      truePositiveRate: truePositives / positives,
    })),
  ];
}

/**
 * Area under the ROC curve by the trapezoidal rule, which is the chance that an anomaly scores higher than another row, ties
 * counting half (Hanley and McNeil, "The meaning and use of the area under a ROC curve", Radiology 143, 1982).
 * @throws RangeError as `rocCurve`.
 * @example rocAuc({ scores: [3, 2, 2, 1], truth: [true, true, false, false] }) // 0.875
 */
export function rocAuc(scored: Scored): number {
  let area = 0;
  let previous = { falsePositiveRate: 0, truePositiveRate: 0 };
  for (const point of rocCurve(scored)) {
    area +=
      ((point.falsePositiveRate - previous.falsePositiveRate) * (point.truePositiveRate + previous.truePositiveRate)) /
      2;
    previous = point;
  }
  return area;
}

/**
 * The threshold with the highest F1 score, halfway between the least score flagged and the next below it; the higher one when several are best.
 * @throws RangeError as `precisionRecallCurve`.
 */
export function bestThreshold(scored: Scored): ThresholdMetrics {
  const { steps, positives } = descending(scored);
  if (positives === 0) throw new RangeError("precision and recall need at least one anomaly in the truth");
  let best = 0;
  let bestF1 = -1;
  for (const [index, { truePositives, falsePositives }] of steps.entries()) {
    const f1 = (2 * truePositives) / (truePositives + falsePositives + positives);
    if (f1 > bestF1) {
      best = index;
      bestF1 = f1;
    }
  }
  const flagged = steps[best]?.score ?? 0;
  const below = steps[best + 1]?.score ?? Number.NEGATIVE_INFINITY;
  const middle = below + (flagged - below) / 2;
  return metricsAtThreshold(scored, Number.isFinite(middle) && middle < flagged ? middle : below);
}

/** How well one kind of anomaly is told from honest rows. */
export interface KindMetrics {
  readonly kind: string;
  readonly anomalies: number;
  readonly recall: number;
  readonly averagePrecision: number;
  readonly rocAuc: number;
}

/**
 * The metrics of each kind of anomaly against all honest rows, the other kinds left out; kinds in order of appearance.
 * @param kinds of the same rows, in the same order; null for an honest row.
 * @throws RangeError as `rocCurve`.
 */
export function metricsByKind(
  scores: readonly number[],
  kinds: readonly (string | null)[],
  threshold: number,
): KindMetrics[] {
  if (scores.length !== kinds.length) throw new RangeError(`got ${scores.length} scores and ${kinds.length} kinds`);
  const present = [...new Set(kinds)].filter((kind): kind is string => kind !== null);
  return present.map((kind) => {
    const rows = scores
      .map((score, index) => ({ score, kind: kinds[index] }))
      .filter((row) => row.kind === null || row.kind === kind);
    const scored = { scores: rows.map((row) => row.score), truth: rows.map((row) => row.kind === kind) };
    return {
      kind,
      anomalies: scored.truth.filter(Boolean).length,
      recall: metricsAtThreshold(scored, threshold).recall,
      averagePrecision: averagePrecision(scored),
      rocAuc: rocAuc(scored),
    };
  });
}

interface Step {
  readonly score: number;
  /** Anomalies and others with this score or a higher one. */
  readonly truePositives: number;
  readonly falsePositives: number;
}

function descending(scored: Scored): {
  readonly steps: Step[];
  readonly positives: number;
  readonly negatives: number;
} {
  check(scored);
  const order = Array.from(scored.scores, (score, index) => ({ score, truth: scored.truth[index] === true }));
  order.sort((a, b) => (a.score === b.score ? 0 : b.score > a.score ? 1 : -1));
  const steps: Step[] = [];
  let truePositives = 0;
  let falsePositives = 0;
  for (const [index, { score, truth }] of order.entries()) {
    if (truth) truePositives += 1;
    else falsePositives += 1;
    if (order[index + 1]?.score !== score) steps.push({ score, truePositives, falsePositives });
  }
  return { steps, positives: truePositives, negatives: falsePositives };
}

function check({ scores, truth }: Scored): void {
  if (scores.length !== truth.length) {
    throw new RangeError(`scores and truth must belong to the same rows, got ${scores.length} and ${truth.length}`);
  }
  if (scores.some(Number.isNaN)) throw new RangeError("scores must be numbers, got NaN");
}

function withRatios(counts: Omit<ThresholdMetrics, "precision" | "recall" | "f1Score">): ThresholdMetrics {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    ...counts,
    precision: ratio(truePositives, truePositives + falsePositives),
    recall: ratio(truePositives, truePositives + falseNegatives),
    f1Score: ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives),
  };
}
