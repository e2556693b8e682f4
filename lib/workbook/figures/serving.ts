import type { Endpoint } from "../../cloud/endpoints.js";
import { formatNumber } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** One purchase, decided twice. */
export interface DecisionPair {
  readonly transaction_id: string;
  /** Normalized distance by SQL. */
  readonly sql: number;
  /** Normalized distance from the endpoint's answer. */
  readonly online: number;
  readonly truth: boolean | null;
}

/** Online against SQL, all rows: on the diagonal they agree. */
export function agreement(pairs: readonly DecisionPair[], threshold: number): Figure {
  const agreeing = pairs.filter(({ sql, online }) => sql > threshold === online > threshold).length;
  const greatest = pairs.reduce((most, { sql, online }) => Math.max(most, Math.abs(sql - online)), 0);
  const values = pairs.flatMap(({ sql, online }) => [sql, online]).filter((value) => value > 0);
  const low = values.reduce((least, value) => Math.min(least, value), 1);
  const high = values.reduce((most, value) => Math.max(most, value), 1);
  return {
    title: `Endpoint and SQL decide alike on ${formatNumber(agreeing)} of ${formatNumber(pairs.length)} purchases; their scores differ by ${greatest === 0 ? "nothing" : `at most ${greatest.toExponential(0)}`}`,
    height: 440,
    data: [
      {
        type: "scatter",
        mode: "lines",
        name: "equal",
        x: [low, high],
        y: [low, high],
        line: { color: "#9aa0a6", width: 1 },
        hoverinfo: "skip",
      },
      ...[false, true].map((anomalous) => {
        const rows = pairs.filter(({ truth }) => (truth === true) === anomalous);
        return {
          type: "scattergl",
          mode: "markers",
          name: anomalous ? "anomalous" : "honest",
          x: rows.map(({ sql }) => sql),
          y: rows.map(({ online }) => online),
          customdata: rows.map(({ transaction_id }) => transaction_id),
          marker: { color: anomalous ? colors.anomaly : colors.normal, size: anomalous ? 7 : 4, opacity: 0.7 },
          hovertemplate: "%{customdata}: SQL %{x:.4f}, endpoint %{y:.4f}<extra></extra>",
        };
      }),
    ],
    layout: {
      margin: { l: 64, r: 24, t: 84, b: 52 },
      xaxis: { type: "log", title: { text: "normalized distance by SQL" } },
      yaxis: { type: "log", title: { text: "normalized distance from the endpoint" } },
      shapes: [
        {
          type: "line",
          x0: threshold,
          x1: threshold,
          yref: "paper",
          y0: 0,
          y1: 1,
          line: { color: colors.threshold, width: 1, dash: "dash" },
        },
        {
          type: "line",
          y0: threshold,
          y1: threshold,
          xref: "paper",
          x0: 0,
          x1: 1,
          line: { color: colors.threshold, width: 1, dash: "dash" },
        },
      ],
    },
  };
}

/** Who gets which share of an endpoint's requests. */
export function trafficSplit(endpoint: Endpoint): Figure {
  const models = endpoint.deployedModels;
  const all = models.reduce((sum, { traffic }) => sum + traffic, 0);
  const shares = models.map(({ displayName, traffic }) =>
    traffic === 0 ? `${displayName} is ready at 0 %` : `${displayName} answers ${traffic} %`,
  );
  return {
    title:
      models.length === 0
        ? `Endpoint ${endpoint.displayName} has no model: it can answer nothing`
        : models.length === 1
          ? `${shares[0]} of the requests to ${endpoint.displayName}`
          : `Of the requests to ${endpoint.displayName}, ${shares.join(", ")}`,
    height: 210,
    data: models.map(({ displayName, version, traffic, machineType }, index) => ({
      type: "bar",
      orientation: "h",
      name: displayName,
      y: ["traffic"],
      x: [traffic],
      text: [traffic === 0 ? "" : `version ${version} on ${machineType}: ${traffic} %`],
      textposition: "inside",
      insidetextanchor: "middle",
      marker: { color: colors.clusters[index % colors.clusters.length] },
      hovertemplate: `${traffic} %<extra>${displayName}</extra>`,
    })),
    layout: {
      barmode: "stack",
      showlegend: models.length > 1,
      xaxis: { title: { text: "share of the requests" }, range: [0, Math.max(100, all)], ticksuffix: " %" },
      yaxis: { showticklabels: false, showgrid: false },
      margin: { l: 24, r: 24, t: models.length > 1 ? 76 : 56, b: 52 },
    },
  };
}
