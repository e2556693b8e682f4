import { averagePrecision, precisionRecallCurve, type Scored } from "../../anomaly/index.js";
import type { Row } from "../../cloud/rows.js";
import { formatNumber } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** One epoch of a training. */
export interface Epoch {
  readonly epoch: number;
  readonly epochs?: number;
  readonly loss: number;
  readonly validationLoss?: number | undefined;
}

/** How a training learns, epoch by epoch; drawn again while it goes on. */
export function lossCurve(curve: readonly Epoch[], name = "The model"): Figure {
  const last = curve.at(-1);
  const first = curve[0];
  const validated = curve.filter(({ validationLoss }) => validationLoss !== undefined);
  const line = (label: string, points: readonly Epoch[], y: (epoch: Epoch) => number, color: string) => ({
    type: "scatter",
    mode: "lines+markers",
    name: label,
    x: points.map(({ epoch }) => epoch),
    y: points.map((point) => Number(y(point).toPrecision(5))),
    line: { color, width: 2 },
    marker: { size: 5 },
    hovertemplate: `epoch %{x}: %{y:.4g}<extra>${label}</extra>`,
  });
  return {
    title:
      last === undefined || first === undefined
        ? `${name} has not begun to learn`
        : `${name}: loss from ${formatNumber(first.loss)} to ${formatNumber(last.loss)} in ${formatNumber(curve.length)} epochs`,
    height: 300,
    data: [
      line("training", curve, ({ loss }) => loss, colors.clusters[0]),
      line("validation", validated, ({ validationLoss }) => validationLoss ?? 0, colors.clusters[1]),
    ],
    layout: {
      xaxis: { title: { text: "epoch" }, rangemode: "tozero" },
      yaxis: { type: "log", title: { text: "loss (logarithmic)" } },
    },
  };
}

/** How features move together: Pearson's correlation of each pair, -1 to 1. @param columns of each feature, in their order. */
export function correlationMatrix(features: readonly string[], columns: readonly (readonly number[])[]): Figure {
  const z = columns.map((left) => columns.map((right) => correlation(left, right)));
  const pairs = features.flatMap((one, row) =>
    features.slice(0, row).map((other, column) => ({ one, other, value: z[row]?.[column] ?? 0 })),
  );
  const strongest = pairs.reduce(
    (most, pair) => (Math.abs(pair.value) > Math.abs(most.value) ? pair : most),
    pairs[0] ?? { one: "", other: "", value: 0 },
  );
  return {
    title: `${strongest.one} and ${strongest.other} move together most: correlation ${strongest.value.toFixed(2)}`,
    height: 130 + 40 * features.length,
    data: [
      {
        type: "heatmap",
        x: features,
        y: features,
        z,
        text: z.map((row) => row.map((value) => value.toFixed(2))),
        texttemplate: "%{text}",
        zmin: -1,
        zmax: 1,
        colorscale: [
          [0, "#b2182b"],
          [0.5, "#f7f7f7"],
          [1, "#2166ac"],
        ],
        xgap: 2,
        ygap: 2,
        showscale: false,
        hovertemplate: "%{y} and %{x}: %{z:.3f}<extra></extra>",
      },
    ],
    layout: {
      margin: { l: 130, r: 24, t: 56, b: 80 },
      xaxis: { showgrid: false },
      yaxis: { showgrid: false, autorange: "reversed" },
    },
  };
}

/** Pearson's r; 0 for a constant column. */
function correlation(left: readonly number[], right: readonly number[]): number {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const [meanLeft, meanRight] = [mean(left), mean(right)];
  let [both, squaresLeft, squaresRight] = [0, 0, 0];
  for (const [index, value] of left.entries()) {
    const [a, b] = [value - meanLeft, (right[index] ?? 0) - meanRight];
    both += a * b;
    squaresLeft += a * a;
    squaresRight += b * b;
  }
  const size = Math.sqrt(squaresLeft * squaresRight);
  return size > 0 ? both / size : 0;
}

/** What a small study found: a value for each pair of settings, the best one named. */
export function studyGrid(
  rows: readonly Row[],
  names: { readonly x: string; readonly y: string; readonly value: string },
): Figure {
  const xs = [...new Set(rows.map((row) => String(row[names.x])))];
  const ys = [...new Set(rows.map((row) => String(row[names.y])))];
  const at = (x: string, y: string) =>
    Number(rows.find((row) => String(row[names.x]) === x && String(row[names.y]) === y)?.[names.value] ?? Number.NaN);
  const best = rows.reduce(
    (most, row) => (Number(row[names.value]) > Number(most[names.value]) ? row : most),
    rows[0] ?? {},
  );
  const z = ys.map((y) => xs.map((x) => at(x, y)));
  return {
    title: `Best of ${rows.length}: ${names.x} ${String(best[names.x])}, ${names.y} ${String(best[names.y])} (${names.value} ${Number(best[names.value]).toFixed(3)})`,
    height: 120 + 60 * ys.length,
    data: [
      {
        type: "heatmap",
        x: xs.map((x) => `${names.x} ${x}`),
        y: ys.map((y) => `${names.y} ${y}`),
        z,
        text: z.map((row) => row.map((value) => (Number.isNaN(value) ? "" : value.toFixed(3)))),
        texttemplate: "%{text}",
        colorscale: [
          [0, "#f4f8fc"],
          [1, "#2f78b7"],
        ],
        showscale: false,
        xgap: 3,
        ygap: 3,
        hovertemplate: `%{x}, %{y}: %{z:.4f}<extra></extra>`,
      },
    ],
    layout: { margin: { l: 150, r: 24, t: 56, b: 40 }, xaxis: { showgrid: false }, yaxis: { showgrid: false } },
  };
}

/** Precision against recall of several detectors on the same rows. */
export function detectorCurves(detectors: Readonly<Record<string, Scored>>): Figure {
  const curves = Object.entries(detectors)
    .filter(([, { truth }]) => truth.includes(true))
    .map(([name, scored]) => ({ name, area: averagePrecision(scored), curve: thin(precisionRecallCurve(scored)) }))
    .sort((left, right) => right.area - left.area);
  const [best] = curves;
  const worst = curves.at(-1);
  if (best === undefined || worst === undefined) {
    return {
      title: "Nobody knows which of these purchases are wrong: precision and recall need ground truth",
      data: [],
    };
  }
  return {
    title:
      curves.length === 1
        ? `${best.name}: area under the precision-recall curve ${best.area.toFixed(3)}`
        : `On the same purchases ${best.name} has an area of ${best.area.toFixed(3)}, ${worst.name} ${worst.area.toFixed(3)}`,
    height: 440,
    data: curves.map(({ name, area, curve }, index) => ({
      type: "scatter",
      mode: "lines",
      name: `${name} (${area.toFixed(3)})`,
      x: curve.map(({ recall }) => recall),
      y: curve.map(({ precision }) => precision),
      line: { shape: "hv", width: index === 0 ? 3 : 2, color: colors.clusters[index % colors.clusters.length] },
      hovertemplate: `recall %{x:.0%}, precision %{y:.0%}<extra>${name}</extra>`,
    })),
    layout: {
      margin: { l: 64, r: 24, t: 84, b: 52 },
      xaxis: { title: { text: "recall: share of anomalies that are found" }, range: [0, 1.01], tickformat: ".0%" },
      yaxis: { title: { text: "precision: share of flags that are right" }, range: [0, 1.03], tickformat: ".0%" },
    },
  };
}

/** How well each detector tells each kind of anomaly. @param rows with kind, anomalies, and a column a detector. */
export function kindsByDetector(rows: readonly Row[], detectors: readonly string[]): Figure {
  const z = rows.map((row) => detectors.map((name) => Number(row[name])));
  const sums = detectors.map((_, index) => z.reduce((sum, row) => sum + (row[index] ?? 0), 0));
  const best = detectors[sums.indexOf(Math.max(...sums))] ?? "";
  const hardest = rows.reduce((least, row) => (Number(row[best]) < Number(least[best]) ? row : least), rows[0] ?? {});
  return {
    title: `${best} is best over all ${rows.length} kinds; hardest for it is ${String(hardest.kind)} (${Number(hardest[best]).toFixed(2)})`,
    height: 110 + 38 * rows.length,
    data: [
      {
        type: "heatmap",
        x: detectors,
        y: rows.map((row) => `${String(row.kind)} (${String(row.anomalies)})`),
        z,
        text: z.map((row) => row.map((value) => value.toFixed(2))),
        texttemplate: "%{text}",
        zmin: 0,
        zmax: 1,
        colorscale: [
          [0, "#fdf3ec"],
          [0.5, "#f6b26b"],
          [1, "#2f78b7"],
        ],
        xgap: 2,
        ygap: 2,
        colorbar: { title: { text: "area under<br>PR curve" }, thickness: 12 },
        hovertemplate: "%{y}, %{x}: %{z:.3f}<extra></extra>",
      },
    ],
    layout: {
      margin: { l: 190, r: 24, t: 64, b: 40 },
      xaxis: { showgrid: false },
      yaxis: { showgrid: false, autorange: "reversed" },
    },
  };
}

/** What made a purchase anomalous: the score, split among the features. */
export function contributions(of: string, parts: Readonly<Record<string, number>>): Figure {
  const ordered = Object.entries(parts).sort(([, left], [, right]) => left - right);
  const all = ordered.reduce((sum, [, value]) => sum + value, 0);
  const [name = "nothing", most = 0] = ordered.at(-1) ?? [];
  return {
    title: `${of}: ${name} makes ${Math.round((100 * most) / Math.max(Math.abs(all), 1e-12))} % of its score of ${formatNumber(all)}`,
    height: 90 + 32 * ordered.length,
    data: [
      {
        type: "bar",
        orientation: "h",
        y: ordered.map(([feature]) => feature),
        x: ordered.map(([, value]) => value),
        marker: { color: ordered.map(([feature]) => (feature === name ? colors.anomaly : colors.normal)) },
        hovertemplate: "%{y}: %{x:.3f}<extra></extra>",
      },
    ],
    layout: {
      margin: { l: 150, r: 24, t: 56, b: 44 },
      xaxis: { title: { text: "contribution to the score" } },
      yaxis: { showgrid: false },
    },
  };
}

/** At most 300 points: the eye sees no more, and the notebook stays small. */
export function thin<Point>(points: readonly Point[]): Point[] {
  const step = Math.max(1, Math.ceil(points.length / 300));
  return points.filter((_, index) => index % step === 0 || index === points.length - 1);
}
