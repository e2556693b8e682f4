import { averagePrecision, metricsAtThreshold } from "../../anomaly/index.js";
import { counted, formatDuration, formatNumber, formatPercent } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** A purchase that the scorer has scored. */
export interface LiveScore {
  readonly transaction_id: string;
  /** Seconds from the first purchase until the row could be read. */
  readonly second: number;
  readonly score: number;
  readonly flagged: boolean;
  readonly truth: boolean | null;
  readonly kind: string | null;
}

/** Scores as they arrive. @param sent how many purchases were sent. */
export function liveScores(scores: readonly LiveScore[], sent: number, threshold: number): Figure {
  const flagged = scores.filter((row) => row.flagged).length;
  const group = (name: string, rows: readonly LiveScore[], color: string, symbol: string) => ({
    type: "scatter",
    mode: "markers",
    name,
    x: rows.map(({ second }) => second),
    y: rows.map(({ score }) => Math.max(score, 0.05)),
    customdata: rows.map(({ transaction_id, kind }) => [transaction_id, kind ?? "honest"]),
    marker: { color, size: 8, symbol, opacity: 0.8 },
    hovertemplate: "%{customdata[0]}: %{y:.2f}, %{customdata[1]}<extra></extra>",
  });
  return {
    title: `${formatNumber(scores.length)} of ${formatNumber(sent)} purchases scored, ${formatNumber(flagged)} of them flagged`,
    height: 340,
    data: [
      group(
        "honest",
        scores.filter(({ truth }) => truth !== true),
        colors.normal,
        "circle",
      ),
      group(
        "anomalous",
        scores.filter(({ truth }) => truth === true),
        colors.anomaly,
        "diamond",
      ),
    ],
    layout: {
      xaxis: { title: { text: "seconds after the first was sent" }, rangemode: "tozero" },
      yaxis: { type: "log", title: { text: "normalized distance (logarithmic)" } },
      shapes: [
        {
          type: "line",
          xref: "paper",
          x0: 0,
          x1: 1,
          y0: threshold,
          y1: threshold,
          line: { color: colors.threshold, width: 1.5, dash: "dash" },
        },
      ],
    },
  };
}

/** How good the live decisions were: precision and recall, in a row. */
export function liveJudgement(scores: readonly LiveScore[], threshold: number): Record<string, string | number> {
  const known = scores.filter(({ truth }) => truth !== null);
  const scored = { scores: known.map(({ score }) => score), truth: known.map(({ truth }) => truth === true) };
  const { precision, recall, f1Score, truePositives, falsePositives, falseNegatives } = metricsAtThreshold(
    scored,
    threshold,
  );
  return {
    purchases: known.length,
    anomalies: truePositives + falseNegatives,
    found: truePositives,
    "flagged in vain": falsePositives,
    missed: falseNegatives,
    precision: formatPercent(precision),
    recall: formatPercent(recall),
    F1: Number(f1Score.toFixed(3)),
    "area under the PR curve": scored.truth.includes(true) ? Number(averagePrecision(scored).toFixed(3)) : "–",
  };
}

/** A histogram of latencies: `upToMs` of each bucket, the last without end. */
export interface LatencyBucket {
  readonly upToMs: number;
  readonly count: number;
}

/** From a push's arrival to its answer, as the scorer itself counts. */
export function latencyHistogram(buckets: readonly LatencyBucket[]): Figure {
  const all = buckets.reduce((sum, { count }) => sum + count, 0);
  const within = (share: number): number => {
    let seen = 0;
    for (const { upToMs, count } of buckets) {
      seen += count;
      if (seen >= share * all) return upToMs;
    }
    return Number.POSITIVE_INFINITY;
  };
  const label = (milliseconds: number) =>
    Number.isFinite(milliseconds) ? `≤ ${formatDuration(milliseconds)}` : "more";
  const last = buckets.findLastIndex(({ count }) => count > 0);
  const shown = buckets.slice(0, Math.max(last + 1, 1));
  return {
    title:
      all === 0
        ? "The scorer has answered nothing yet"
        : `${counted(all, "push", "pushes")} answered: half within ${formatDuration(within(0.5))}, 99 % within ${formatDuration(within(0.99))}`,
    height: 280,
    data: [
      {
        type: "bar",
        x: shown.map(({ upToMs }) => label(upToMs)),
        y: shown.map(({ count }) => count),
        text: shown.map(({ count }) => (count === 0 ? "" : formatNumber(count))),
        textposition: "auto",
        marker: { color: colors.clusters[0] },
        hovertemplate: "%{x}: %{y}<extra></extra>",
      },
    ],
    layout: {
      xaxis: { type: "category", title: { text: "from a push's arrival to its answer" } },
      yaxis: { title: { text: "pushes" } },
    },
  };
}
