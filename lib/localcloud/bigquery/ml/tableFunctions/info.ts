import { quoteText } from "../../engine/duckTypes.js";
import { double } from "../state.js";
import { array, FLOAT64, INT64, STRING, settings, struct, type TableFunction } from "./inputs.js";

const TRAINING_OUTPUT = [
  { name: "training_run", type: INT64 },
  { name: "iteration", type: INT64 },
  { name: "loss", type: FLOAT64 },
  { name: "duration_ms", type: INT64 },
  {
    name: "cluster_info",
    type: array(
      struct(
        { name: "centroid_id", type: INT64 },
        { name: "cluster_radius", type: FLOAT64 },
        { name: "cluster_size", type: INT64 },
      ),
    ),
  },
];

/** ML.TRAINING_INFO of a KMEANS model: one row an iteration. */
export const trainingInfo: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    return TRAINING_OUTPUT;
  },
  write: ({ state }) => {
    const rows = state.runs.flatMap((iterations, run) =>
      iterations.map(({ loss, durationMs, clusters }, iteration) => {
        const info = clusters.map(
          ({ radius, size }, k) => `{'_1': ${k + 1}::BIGINT, '_2': ${double(radius)}, '_3': ${size}::BIGINT}`,
        );
        return `(${run}::BIGINT, ${iteration}::BIGINT, ${double(loss)}, ${Math.round(durationMs)}::BIGINT, [${info.join(", ")}])`;
      }),
    );
    return `SELECT * FROM (VALUES ${rows.join(", ")}) AS v(training_run, iteration, loss, duration_ms, cluster_info)`;
  },
};

const FEATURE_OUTPUT = [
  { name: "input", type: STRING },
  { name: "min", type: FLOAT64 },
  { name: "max", type: FLOAT64 },
  { name: "mean", type: FLOAT64 },
  { name: "median", type: FLOAT64 },
  { name: "stddev", type: FLOAT64 },
  { name: "category_count", type: INT64 },
  { name: "null_count", type: INT64 },
  { name: "dimension", type: INT64 },
];

/** ML.FEATURE_INFO: one row a column of the training query; NULL where a statistic does not apply. */
export const featureInfo: TableFunction = {
  outputColumns: (call) => {
    settings(call, []);
    return FEATURE_OUTPUT;
  },
  write: ({ state }) => {
    const number = (value: number | null): string => `${value === null ? "NULL" : double(value)}::DOUBLE`;
    const count = (value: number | null): string => `${value ?? "NULL"}::BIGINT`;
    const rows = state.featureInfo.map((info) =>
      [
        quoteText(info.input),
        ...[info.min, info.max, info.mean, info.median, info.stddev].map(number),
        ...[info.categoryCount, info.nullCount, info.dimension].map(count),
      ].join(", "),
    );
    const names = FEATURE_OUTPUT.map((column) => `"${column.name}"`).join(", ");
    return `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(", ")}) AS v(${names})`;
  },
};
