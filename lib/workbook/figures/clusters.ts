import type { Cluster } from "../../cloud/bqml.js";
import { numberIn, type Row, textIn } from "../../cloud/rows.js";
import type { ScoredPurchase } from "../purchases.js";
import { counted, formatNumber, formatPercent } from "../show/format.js";
import type { Figure } from "../show/plot.js";
import { colors } from "../show/theme.js";

/** Who lies in which cluster: honest and anomalous purchases, and how wide the cluster is. */
export function clusterMembers(scored: readonly ScoredPurchase[], clusters: readonly Cluster[]): Figure {
  const members = clusters.map(({ centroid_id, cluster_radius }) => {
    const inside = scored.filter((purchase) => purchase.centroid_id === centroid_id);
    const anomalous = inside.filter(({ truth }) => truth === true).length;
    return { centroid_id, cluster_radius, anomalous, honest: inside.length - anomalous };
  });
  const share = (one: { anomalous: number; honest: number }) => one.anomalous / Math.max(1, one.anomalous + one.honest);
  const worst = members.reduce(
    (most, one) => (share(one) > share(most) ? one : most),
    members[0] ?? { centroid_id: 0, cluster_radius: 0, anomalous: 0, honest: 1 },
  );
  const label = members.map(
    ({ centroid_id, cluster_radius }) => `cluster ${centroid_id}<br>radius ${cluster_radius.toFixed(2)}`,
  );
  const bar = (name: string, y: number[], color: string) => ({
    type: "bar",
    name,
    x: label,
    y,
    text: y.map((count) => (count === 0 ? "" : String(count))),
    textposition: "outside",
    cliponaxis: false,
    marker: { color },
    hovertemplate: `%{y} ${name} purchases<extra></extra>`,
  });
  const excused = share(worst) > 0.5;
  const unknown = scored.every(({ truth }) => truth === null);
  return {
    title: unknown
      ? `${formatNumber(scored.length)} purchases in ${counted(clusters.length, "cluster")}; nobody knows which of them are wrong`
      : excused
        ? `Cluster ${worst.centroid_id} is ${formatPercent(share(worst))} anomalies: they are each other's neighbours, so none of them is far from its centre`
        : `No cluster belongs to the anomalies: even the worst, cluster ${worst.centroid_id}, is ${formatPercent(1 - share(worst))} honest purchases`,
    data: [
      bar(
        unknown ? "unjudged" : "honest",
        members.map(({ honest }) => honest),
        colors.normal,
      ),
      bar(
        "anomalous",
        members.map(({ anomalous }) => anomalous),
        colors.anomaly,
      ),
    ],
    layout: {
      barmode: "group",
      margin: { l: 64, r: 24, t: 84, b: 60 },
      yaxis: { type: "log", title: { text: "purchases (logarithmic)" }, dtick: 1 },
    },
  };
}

/** What is typical of each cluster. @param rows of `bqml/centroids.sql`. */
export function centroidProfiles(rows: readonly Row[]): Figure {
  const clusters = [...new Set(rows.map((row) => numberIn(row, "centroid_id")))].sort((a, b) => a - b);
  const features = [...new Set(rows.map((row) => textIn(row, "feature")))];
  const cell = new Map(rows.map((row) => [`${numberIn(row, "centroid_id")} ${textIn(row, "feature")}`, row]));
  const standardized = clusters.map((id) =>
    features.map((name) => numberIn(cell.get(`${id} ${name}`) ?? { standardized_value: 0 }, "standardized_value")),
  );
  const own = clusters.map((id) =>
    features.map((name) => numberIn(cell.get(`${id} ${name}`) ?? { numerical_value: 0 }, "numerical_value").toFixed(2)),
  );
  const most = rows.reduce(
    (far, row) =>
      Math.abs(numberIn(row, "standardized_value")) > Math.abs(numberIn(far, "standardized_value")) ? row : far,
    rows[0] ?? { centroid_id: 0, feature: "", standardized_value: 0 },
  );
  const deviation = numberIn(most, "standardized_value");
  const limit = Math.max(1, Math.abs(deviation));
  return {
    title: `What sets the clusters apart: cluster ${numberIn(most, "centroid_id")} lies ${Math.abs(deviation).toFixed(1)} standard deviations ${deviation > 0 ? "above" : "below"} the mean in ${textIn(most, "feature")}`,
    height: 90 + 56 * Math.max(3, clusters.length),
    data: [
      {
        type: "heatmap",
        x: features,
        y: clusters.map((id) => `cluster ${id}`),
        z: standardized,
        customdata: own,
        text: standardized.map((row) => row.map((value) => value.toFixed(1))),
        texttemplate: "%{text}",
        zmin: -limit,
        zmax: limit,
        colorscale: [
          [0, "#2166ac"],
          [0.5, "#f7f7f7"],
          [1, "#b2182b"],
        ],
        xgap: 2,
        ygap: 2,
        colorbar: { title: { text: "standard<br>deviations" }, thickness: 12 },
        hovertemplate: "%{y}, %{x}: %{customdata} (%{z:.2f} standard deviations)<extra></extra>",
      },
    ],
    layout: {
      margin: { l: 84, r: 24, t: 76, b: 52 },
      xaxis: { showgrid: false },
      yaxis: { showgrid: false, autorange: "reversed" },
    },
  };
}

/** Every purchase by what its articles cost and what the customer paid; anomalies that leave the diagonal can be seen here. */
export function purchaseMap(scored: readonly ScoredPurchase[], threshold: number): Figure {
  const flagged = scored.filter(({ normalized_distance }) => normalized_distance > threshold);
  const found = flagged.filter(({ truth }) => truth === true).length;
  const anomalies = scored.filter(({ truth }) => truth === true).length;
  const group = (name: string, rows: readonly ScoredPurchase[], marker: Record<string, unknown>) => ({
    // The WebGL trace: ten thousand points stay smooth.
    type: "scattergl",
    mode: "markers",
    name,
    x: rows.map(({ goods }) => Math.max(goods, 0.01)),
    y: rows.map(({ value }) => Math.max(value, 0.01)),
    customdata: rows.map(({ transaction_id, normalized_distance, kind, quantity }) => [
      transaction_id,
      normalized_distance.toFixed(2),
      kind ?? "honest",
      quantity,
    ]),
    marker,
    hovertemplate:
      "%{customdata[0]}: %{x:,.2f} EUR of goods, %{y:,.2f} EUR paid, %{customdata[3]} pieces<br>distance %{customdata[1]}, %{customdata[2]}<extra></extra>",
  });
  const is = (flag: boolean, truth: boolean) =>
    scored.filter(
      (purchase) => purchase.normalized_distance > threshold === flag && (purchase.truth === true) === truth,
    );
  return {
    title: scored.every(({ truth }) => truth === null)
      ? `A threshold of ${threshold.toFixed(2)} flags ${formatNumber(flagged.length)} of ${formatNumber(scored.length)} purchases; nobody knows whether it is right`
      : `A threshold of ${threshold.toFixed(2)} finds ${found} of ${counted(anomalies, "anomaly", "anomalies")}; those that it misses lie among the honest purchases`,
    height: 460,
    data: [
      group("honest", is(false, false), { color: "#b7cde2", size: 4, opacity: 0.6 }),
      group("flagged in vain", is(true, false), {
        color: colors.normal,
        size: 7,
        symbol: "circle-open",
        line: { width: 1.5 },
      }),
      group("anomaly, found", is(true, true), { color: colors.anomaly, size: 8 }),
      group("anomaly, missed", is(false, true), { color: "#111111", size: 8, symbol: "x" }),
    ],
    layout: {
      xaxis: { type: "log", title: { text: "goods (EUR, logarithmic)" } },
      yaxis: { type: "log", title: { text: "value paid (EUR, logarithmic)" } },
    },
  };
}
