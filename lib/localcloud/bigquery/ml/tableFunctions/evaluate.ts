import { layOut } from "../../../ml/features.js";
import { DistanceKernel } from "../../../ml/kmeans/assign.js";
import { centroidTable } from "../../../ml/kmeans/model.js";
import { DISTANCES, distancesSql, indexOfLeast } from "../distances.js";
import { double, type ModelState } from "../state.js";
import { bindFeatures, FLOAT64, relationColumns, settings, type TableFunction } from "./inputs.js";

const OUTPUT = [
  { name: "davies_bouldin_index", type: FLOAT64 },
  { name: "mean_squared_distance", type: FLOAT64 },
];

/** ML.EVALUATE of a KMEANS model: on the given rows, or the metrics of training. Formulas: `clusteringMetrics` in `ml/`. */
export const evaluate: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    if (relationColumns(call)) bindFeatures(call);
    return OUTPUT;
  },
  write: (call, input) => {
    const { state } = call;
    if (!relationColumns(call)) {
      return `SELECT ${double(state.daviesBouldinIndex)} AS davies_bouldin_index, ${double(state.meanSquaredDistance)} AS mean_squared_distance`;
    }
    const features = bindFeatures(call);
    const rows = distancesSql(state, features.sources, features.relation(input));
    const nearest = `SELECT ${indexOfLeast(DISTANCES)} AS k, list_min(${DISTANCES}) ** 2 AS square FROM (${rows})`;
    const spreads = state.centroids.map((_, k) => `coalesce(sqrt(avg(square) FILTER (k = ${k + 1})), 0e0)`);
    const ids = `range(1, ${state.centroids.length + 1})`;
    const ratio = "CASE WHEN d[i][j] = 0 THEN 0e0 ELSE (s[i] + s[j]) / d[i][j] END";
    const index = `list_avg(list_transform(${ids}, lambda i: list_max(list_transform(${ids}, lambda j: ${ratio}))))`;
    return `SELECT CASE WHEN m IS NULL THEN NULL ELSE ${index} END AS davies_bouldin_index, m AS mean_squared_distance FROM (SELECT [${spreads.join(", ")}] AS s, avg(square) AS m, ${betweenSql(state)} AS d FROM (${nearest}))`;
  },
};

/** Distances between the centroids, 0 on the diagonal. */
function betweenSql(state: ModelState): string {
  const { width } = layOut(state.encodings);
  const table = centroidTable(
    state.centroids.map((centroid) => Float64Array.from(centroid)),
    width,
    state.distanceType,
  );
  const kernel = new DistanceKernel({ count: table.count, denseCount: width, width, dense: table.values }, table);
  const squares = new Float64Array(table.count);
  const rows = state.centroids.map((_, k) => {
    kernel.squaredDistances(k, squares);
    return `[${Array.from(squares, (square, j) => (j === k ? "0e0" : double(Math.sqrt(square)))).join(", ")}]`;
  });
  return `[${rows.join(", ")}]`;
}
