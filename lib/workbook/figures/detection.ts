import { averagePrecision, precisionRecallCurve, quantile } from "../../anomaly/index.js";
import type { ScoredPurchase } from "../purchases.js";
import { formatNumber, formatPercent } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";
import { thin } from "./detectors.js";

/** Scores and truth of the purchases whose truth is known. */
export function scoresOf(scored: readonly ScoredPurchase[]): { scores: number[]; truth: boolean[] } {
  const known = scored.filter(({ truth }) => truth !== null);
  return { scores: known.map((row) => row.normalized_distance), truth: known.map((row) => row.truth === true) };
}

/** Precision against recall of several models over all thresholds. The last one is the one that is argued for. */
export function precisionRecall(models: Readonly<Record<string, readonly ScoredPurchase[]>>): Figure {
  if (!Object.values(models).some((scored) => scored.some(({ truth }) => truth === true))) {
    return {
      title: "Nobody knows which of these purchases are wrong: precision and recall need ground truth",
      data: [],
    };
  }
  const curves = Object.entries(models).map(([name, scored], index) => {
    const known = scoresOf(scored);
    return { name, area: averagePrecision(known), curve: precisionRecallCurve(known), index };
  });
  const first = curves[0];
  const last = curves.at(-1);
  const share = (scored: readonly ScoredPurchase[]) =>
    scored.filter(({ truth }) => truth === true).length / Math.max(1, scored.length);
  const chance = share(Object.values(models)[0] ?? []);
  const palette = ["#9aa0a6", colors.accent, colors.clusters[2], colors.clusters[1]];
  return {
    title:
      first === undefined || last === undefined || first === last
        ? `Area under the precision-recall curve: ${(last?.area ?? 0).toFixed(2)}`
        : `${capital(last.name)} lifts the area under the precision-recall curve from ${first.area.toFixed(2)} to ${last.area.toFixed(2)}`,
    data: [
      ...curves.map(({ name, area, curve, index }) => ({
        type: "scatter",
        mode: "lines",
        name: `${name} (${area.toFixed(2)})`,
        x: thin(curve).map(({ recall }) => recall),
        y: thin(curve).map(({ precision }) => precision),
        customdata: thin(curve).map(({ score }) => score),
        line: { shape: "hv", width: 2.5, color: palette[index % palette.length] },
        hovertemplate: "recall %{x:.0%}, precision %{y:.0%} at threshold %{customdata:.2f}<extra></extra>",
      })),
      {
        type: "scatter",
        mode: "lines",
        name: `guessing (${formatPercent(chance)})`,
        x: [0, 1],
        y: [chance, chance],
        line: { dash: "dot", width: 1.5, color: "#5f6368" },
        hoverinfo: "skip",
      },
    ],
    height: 440,
    layout: {
      margin: { l: 64, r: 24, t: 84, b: 52 },
      xaxis: { title: { text: "recall: share of anomalies that are found" }, range: [0, 1.01], tickformat: ".0%" },
      yaxis: { title: { text: "precision: share of flags that are right" }, range: [0, 1.03], tickformat: ".0%" },
    },
  };
}

/** How far each kind of anomaly lies, beside the honest purchases. */
export function distancesByKind(scored: readonly ScoredPurchase[], threshold?: number): Figure {
  const kinds = [...new Set(scored.map(({ kind }) => kind).filter((kind): kind is string => kind !== null))];
  const unknown = scored.every(({ truth }) => truth === null);
  const groups = [unknown ? "purchases" : "honest", ...kinds].map((name) => {
    const distances = scored
      .filter(({ kind, truth }) => (name === "honest" ? truth === false : unknown || kind === name))
      .map(({ normalized_distance }) => normalized_distance);
    return { name, distances, middle: median(distances) };
  });
  const ordered = groups.sort((left, right) => left.middle - right.middle);
  // Without a threshold: that which would leave 98 % of the honest purchases in peace.
  const usual = groups[0]?.distances ?? [];
  const line = threshold ?? (usual.length === 0 ? 1 : quantile(usual, 0.98));
  const beyond = threshold === undefined ? "98 % of the honest purchases" : "the threshold";
  const hidden = ordered.filter(({ name, middle }) => name !== "honest" && middle <= line).map(({ name }) => name);
  return {
    title: unknown
      ? `Nobody knows which of these ${formatNumber(scored.length)} purchases are wrong; 98 % lie within ${formatNumber(line)} radii`
      : hidden.length === 0
        ? `All ${kinds.length} kinds of anomaly lie beyond ${beyond} as a rule`
        : `${kinds.length - hidden.length} of ${kinds.length} kinds of anomaly lie beyond ${beyond} as a rule; ${hidden.join(", ")} ${hidden.length === 1 ? "looks" : "look"} honest`,
    height: 80 + 42 * ordered.length,
    data: ordered.map(({ name, distances }) => ({
      type: "box",
      orientation: "h",
      name,
      x: distances.map((distance) => Number(Math.max(distance, 0.05).toPrecision(4))),
      boxpoints: name === "honest" || unknown ? false : "all",
      jitter: 0.6,
      pointpos: 0,
      marker: { color: name === "honest" || unknown ? colors.normal : colors.anomaly, size: 4, opacity: 0.7 },
      line: { width: 1.2 },
      fillcolor: "rgba(0,0,0,0)",
      showlegend: false,
      hovertemplate: "%{x:.2f}<extra>%{fullData.name}</extra>",
    })),
    layout: {
      margin: { l: 148, r: 24, t: 64, b: 52 },
      xaxis: { type: "log", title: { text: "normalized distance (radii of the cluster, logarithmic)" } },
      yaxis: { showgrid: false },
      shapes: [
        {
          type: "line",
          x0: line,
          x1: line,
          yref: "paper",
          y0: 0,
          y1: 1,
          line: { color: colors.threshold, width: 1.5, dash: "dash" },
        },
      ],
    },
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
