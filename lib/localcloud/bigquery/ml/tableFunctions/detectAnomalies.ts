import { quoteIdentifier } from "../../engine/duckTypes.js";
import { invalidFunction } from "../columns.js";
import { indexOfLeast, NORMALIZED, normalizedSql } from "../distances.js";
import { thresholdSql } from "../trainingDistances.js";
import {
  BOOL,
  bindFeatures,
  type Call,
  FLOAT64,
  INT64,
  numberOf,
  requireColumns,
  settings,
  type TableFunction,
} from "./inputs.js";

const OUTPUT = [
  { name: "is_anomaly", type: BOOL },
  { name: "normalized_distance", type: FLOAT64 },
  { name: "CENTROID_ID", type: INT64 },
];

/**
 * ML.DETECT_ANOMALIES of a KMEANS model: a row is an anomaly when its normalised distance is strictly greater than the
 * (1 - contamination) quantile of the training rows'. The centroid is the one of the least normalised distance.
 */
export const detectAnomalies: TableFunction = {
  outputColumns: (call) => {
    contamination(call);
    bindFeatures(call);
    return [...OUTPUT, ...requireColumns(call)];
  },
  write: (call, input) => {
    const features = bindFeatures(call);
    const relation = features.relation(input);
    const columns = relation.columns.map((column) => `, ${quoteIdentifier(column.name)}`).join("");
    const least = `list_min(${NORMALIZED})`;
    return `SELECT ${least} > ${thresholdSql(call.state, contamination(call))} AS is_anomaly, ${least} AS normalized_distance, ${indexOfLeast(NORMALIZED)}::BIGINT AS "CENTROID_ID"${columns} FROM (${normalizedSql(call.state, features.sources, relation)})`;
  },
};

/** @throws CloudError invalidQuery when it is missing or outside 0..0.5. */
function contamination(call: Call): number {
  const value = settings(call, ["contamination"]).get("contamination");
  if (value === undefined) {
    throw invalidFunction(
      call.name,
      "The contamination must be given for a KMEANS model: ML.DETECT_ANOMALIES(MODEL m, STRUCT(0.1 AS contamination), TABLE t).",
    );
  }
  const number = numberOf(value);
  if (!(number >= 0 && number <= 0.5)) {
    throw invalidFunction(call.name, `Invalid value ${String(value)} for contamination: it must be between 0 and 0.5.`);
  }
  return number;
}
