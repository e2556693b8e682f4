import { numberIn, type Row, textIn } from "../../cloud/rows.js";
import { counted, formatNumber, formatPercent } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** One request to an endpoint, and who answered it. */
export interface AnsweredRequest {
  /** Milliseconds since the first. */
  readonly at: number;
  /** Display name of the deployed model; undefined when nobody answered. */
  readonly by: string | undefined;
  readonly milliseconds: number;
  readonly flagged: boolean;
}

/** Who answered the requests, over time. @param marks moments at which the split changed, with what was done. */
export function answeredBy(
  requests: readonly AnsweredRequest[],
  marks: readonly { readonly at: number; readonly what: string }[] = [],
): Figure {
  const names = [...new Set(requests.map(({ by }) => by ?? "nobody"))].sort();
  const failed = requests.filter(({ by }) => by === undefined).length;
  const shares = names.map((name) => {
    const own = requests.filter(({ by }) => (by ?? "nobody") === name);
    const flagged = own.filter((request) => request.flagged).length;
    const answers = `${name} answers ${formatPercent(own.length / requests.length)}`;
    return name === "nobody" ? answers : `${answers} and flags ${formatPercent(flagged / own.length)} of these`;
  });
  return {
    title: `${counted(requests.length, "request")}, ${failed === 0 ? "none lost" : `${formatNumber(failed)} lost`}: ${shares.join(", ")}`,
    height: 340,
    data: names.map((name, index) => {
      const own = requests.filter(({ by }) => (by ?? "nobody") === name);
      return {
        type: "scatter",
        mode: "markers",
        name,
        x: own.map(({ at }) => at / 1000),
        y: own.map(({ milliseconds }) => Math.max(milliseconds, 0.1)),
        marker: {
          color: name === "nobody" ? colors.bad : colors.clusters[index % colors.clusters.length],
          size: 6,
          opacity: 0.7,
          symbol: own.map(({ flagged }) => (flagged ? "diamond" : "circle")),
        },
        hovertemplate: `%{y:.1f} ms<extra>${name}</extra>`,
      };
    }),
    layout: {
      margin: { l: 64, r: 24, t: 112, b: 52 },
      xaxis: { title: { text: "seconds (a diamond: the purchase is flagged)" } },
      yaxis: { type: "log", title: { text: "milliseconds (logarithmic)" }, dtick: 1 },
      shapes: marks.map(({ at }) => ({
        type: "line",
        x0: at / 1000,
        x1: at / 1000,
        yref: "paper",
        y0: 0,
        y1: 1,
        line: { color: colors.threshold, width: 1, dash: "dot" },
      })),
      annotations: marks.map(({ at, what }) => ({
        x: at / 1000,
        yref: "paper",
        y: 1,
        yanchor: "top",
        text: what,
        showarrow: false,
        xanchor: "left",
        font: { size: 11 },
      })),
    },
  };
}

/** What a model flagged on each day. @param rows with day, found, vain, missed, purchases. */
export function flaggedByDay(rows: readonly Row[]): Figure {
  const sum = (name: string) => rows.reduce((total, row) => total + numberIn(row, name), 0);
  const bar = (key: string, name: string, color: string) => ({
    type: "bar",
    name,
    x: rows.map((row) => textIn(row, "day")),
    y: rows.map((row) => numberIn(row, key)),
    marker: { color },
    hovertemplate: `%{x}: %{y}<extra>${name}</extra>`,
  });
  return {
    title: `${formatNumber(sum("purchases"))} purchases in ${counted(rows.length, "day")}: ${formatNumber(sum("found"))} anomalies found, ${formatNumber(sum("missed"))} missed, ${formatNumber(sum("vain"))} flagged in vain`,
    height: 320,
    data: [
      bar("found", "anomaly, found", colors.anomaly),
      bar("missed", "anomaly, missed", "#111111"),
      bar("vain", "flagged in vain", colors.normal),
    ],
    layout: {
      barmode: "stack",
      margin: { l: 64, r: 24, t: 84, b: 40 },
      yaxis: { title: { text: "purchases" } },
    },
  };
}
