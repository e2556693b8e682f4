import { quoteIdentifier } from "../../engine/duckTypes.js";
import { DISTANCES, distancesSql, indexOfLeast } from "../distances.js";
import { array, bindFeatures, FLOAT64, INT64, requireColumns, settings, struct, type TableFunction } from "./inputs.js";

/** Upper case, as the real service's schema has them (seen, contracts 1.2). */
const OUTPUT = [
  { name: "CENTROID_ID", type: INT64 },
  {
    name: "NEAREST_CENTROIDS_DISTANCE",
    type: array(struct({ name: "CENTROID_ID", type: INT64 }, { name: "DISTANCE", type: FLOAT64 })),
  },
];
const NEAREST_MAX = 5;

/** ML.PREDICT of a KMEANS model: the nearest centroid, the nearest five with their distances, then every input column. */
export const predict: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    bindFeatures(call);
    return [...OUTPUT, ...requireColumns(call)];
  },
  write: (call, input) => {
    const features = bindFeatures(call);
    const relation = features.relation(input);
    // Structs compare field by field: by distance, ties by id.
    const pairs = call.state.centroids.map((_, k) => `{'_2': ${DISTANCES}[${k + 1}], '_1': ${k + 1}::BIGINT}`);
    const nearest = `list_transform(list_sort([${pairs.join(", ")}])[:${NEAREST_MAX}], lambda e: {'_1': e._1, '_2': e._2})`;
    const columns = relation.columns.map((column) => `, ${quoteIdentifier(column.name)}`).join("");
    return `SELECT ${indexOfLeast(DISTANCES)}::BIGINT AS "CENTROID_ID", ${nearest} AS "NEAREST_CENTROIDS_DISTANCE"${columns} FROM (${distancesSql(call.state, features.sources, relation)})`;
  },
};
