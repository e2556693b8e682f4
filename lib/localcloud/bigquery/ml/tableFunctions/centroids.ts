import { decodeNumber, type FeatureEncoding, layOut } from "../../../ml/features.js";
import { quoteText } from "../../engine/duckTypes.js";
import { invalidFunction } from "../columns.js";
import { double, type ModelState } from "../state.js";
import { array, type Call, FLOAT64, INT64, STRING, settings, struct, type TableFunction } from "./inputs.js";

const OUTPUT = [
  { name: "centroid_id", type: INT64 },
  { name: "feature", type: STRING },
  { name: "numerical_value", type: FLOAT64 },
  {
    name: "categorical_value",
    type: array(struct({ name: "category", type: STRING }, { name: "value", type: FLOAT64 })),
  },
];

/** A row of ML.CENTROIDS: `value` of a number in the column's own unit, shares of the cluster's rows of categories. */
export interface CentroidValue {
  readonly centroidId: number;
  readonly feature: string;
  readonly value: number | null;
  /** Only those that occur in the cluster. */
  readonly categories: readonly { readonly category: string; readonly value: number }[];
}

/** @param standardize numbers as z-scores instead of the column's own unit. */
export function centroidValues(state: ModelState, standardize: boolean): CentroidValue[] {
  const layout = layOut(state.encodings);
  return state.centroids.flatMap((centroid, k) =>
    state.encodings.map((encoding, feature) => {
      const start = layout.starts[feature] ?? 0;
      const at = (offset: number): number => centroid[start + offset] ?? 0;
      const entries = namesOf(encoding).map((category, offset) => ({ category, value: at(offset) }));
      const number = encoding.kind === "numeric" ? (standardize ? at(0) : decodeNumber(encoding, at(0))) : null;
      return {
        centroidId: k + 1,
        feature: encoding.name,
        value: number,
        categories: entries.filter((entry) => entry.value !== 0),
      };
    }),
  );
}

/** Categories, or for vectors the positions. */
function namesOf(encoding: FeatureEncoding): readonly string[] {
  switch (encoding.kind) {
    case "categorical":
      return encoding.categories;
    case "sparseVector":
      return encoding.indices.map(String);
    case "vector":
      return Array.from({ length: encoding.dimension }, (_, position) => String(position));
    case "numeric":
      return [];
  }
}

/** ML.CENTROIDS: one row a centroid and feature. */
export const centroids: TableFunction = {
  outputColumns: (call) => {
    isStandardized(call);
    return OUTPUT;
  },
  write: (call) => {
    const rows = centroidValues(call.state, isStandardized(call)).map(({ centroidId, feature, value, categories }) => {
      const list = categories.map((entry) => `{'_1': ${quoteText(entry.category)}, '_2': ${double(entry.value)}}`);
      return `(${centroidId}::BIGINT, ${quoteText(feature)}, ${value === null ? "NULL" : double(value)}::DOUBLE, [${list.join(", ")}]::STRUCT(_1 VARCHAR, _2 DOUBLE)[])`;
    });
    return `SELECT * FROM (VALUES ${rows.join(", ")}) AS v(centroid_id, feature, numerical_value, categorical_value)`;
  },
};

function isStandardized(call: Call): boolean {
  const value = settings(call, ["standardize"]).get("standardize") ?? false;
  if (typeof value !== "boolean") throw invalidFunction(call.name, "The setting standardize must be a BOOL.");
  return value;
}
