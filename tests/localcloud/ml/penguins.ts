import { readFileSync } from "node:fs";
import { NULL_CATEGORY } from "activate/localcloud/ml/features.js";
import type { TrainingInput } from "activate/localcloud/ml/kmeans/fit.js";

export interface Penguin {
  readonly culmen_length_mm?: number;
  readonly culmen_depth_mm?: number;
  readonly flipper_length_mm?: number;
  readonly sex?: string;
}

export const NUMERIC = ["culmen_length_mm", "culmen_depth_mm", "flipper_length_mm"] as const;

export function readFixture(name: string): string {
  return readFileSync(`tests/localcloud/ml/fixtures/${name}`, "utf8");
}

export function readPenguins(): Penguin[] {
  return readFixture("penguins.jsonl")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Penguin);
}

/** The rows of contracts 1.3 as training data: three numeric columns and one categorical. */
export function penguinInput(
  rows: readonly Penguin[],
  over: Partial<TrainingInput> & { readonly options?: TrainingInput["options"] } = {},
): TrainingInput {
  const categories = [...new Set(rows.map((row) => row.sex ?? NULL_CATEGORY))].sort();
  return {
    rowCount: rows.length,
    features: [
      ...NUMERIC.map((name) => ({ kind: "numeric" as const, name })),
      { kind: "categorical", name: "sex", multiple: false, categories },
    ],
    columns: NUMERIC.map((name) => Float64Array.from(rows, (row) => row[name] ?? Number.NaN)),
    sparse: {
      offsets: Uint32Array.from({ length: rows.length + 1 }, (_, i) => i),
      columns: Int32Array.from(rows, (row) => categories.indexOf(row.sex ?? NULL_CATEGORY)),
    },
    standardize: true,
    initial: { method: "CUSTOM", rows: [239, 305, 308] },
    options: {
      numClusters: 3,
      distanceType: "EUCLIDEAN",
      maxIterations: 20,
      earlyStop: true,
      minRelativeProgress: 0.01,
    },
    ...over,
  };
}
