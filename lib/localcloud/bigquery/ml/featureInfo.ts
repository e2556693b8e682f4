import type { DuckDBConnection } from "@duckdb/node-api";
import { type ColumnStatistics, columnStatistics } from "../../ml/statistics.js";
import { quoteIdentifier } from "../engine/duckTypes.js";
import type { Column, RelationReader } from "../engine/modelHook.js";
import { type FeatureSource, featureSources, isFeature } from "./columns.js";
import { readTrainingData, type TrainingData } from "./readTraining.js";
import type { FeatureInfo } from "./state.js";

/** ML.FEATURE_INFO of a training query's columns: read as they are, or before TRANSFORM. */

/** @param sources of the data's features; a TIMESTAMP, however many features it makes, is one input without statistics. */
export function featureInfo(
  data: TrainingData,
  sources: readonly FeatureSource[],
  statistics: readonly ColumnStatistics[],
): FeatureInfo[] {
  let column = 0;
  return data.features.flatMap((feature, index) => {
    const source = sources[index];
    if (source?.part !== undefined) return [];
    const numbers = statistics[column];
    column += feature.kind === "numeric" ? 1 : feature.kind === "vector" ? feature.dimension : 0;
    const none = { min: null, max: null, mean: null, median: null, stddev: null };
    const known = (value: number | undefined): number | null =>
      value === undefined || Number.isNaN(value) ? null : value;
    const isNumber = feature.kind === "numeric" && source?.type.kind !== "TIMESTAMP";
    const info = {
      input: feature.name,
      ...(isNumber
        ? {
            min: known(numbers?.min),
            max: known(numbers?.max),
            mean: known(numbers?.mean),
            median: known(numbers?.median),
            stddev: known(numbers?.standardDeviation),
          }
        : none),
      categoryCount:
        feature.kind === "categorical" ? feature.categories.length - (data.nullCounts[index] ? 1 : 0) : null,
      nullCount: feature.kind === "numeric" ? (numbers?.nullCount ?? 0) : (data.nullCounts[index] ?? 0),
      dimension: feature.kind === "vector" ? feature.dimension : null,
    };
    return [info];
  });
}

/** The same of the columns that a TRANSFORM clause reads, which may be of types that are no features. */
export async function inputInfo(
  training: RelationReader,
  inputs: readonly Column[],
  signal: AbortSignal,
): Promise<FeatureInfo[]> {
  const { connection, relation } = training;
  const sources = featureSources(inputs.filter((input) => isFeature(input.type)));
  const data = await readTrainingData(connection, relation.sql, sources, undefined, signal, () => undefined);
  const found = new Map(
    featureInfo(data, sources, data.columns.map(columnStatistics)).map((info) => [info.input, info] as const),
  );
  const others = inputs.filter((input) => !found.has(input.name));
  for (const info of await nullCounts(connection, relation.sql, others)) found.set(info.input, info);
  return inputs.flatMap((input) => found.get(input.name) ?? []);
}

async function nullCounts(
  connection: DuckDBConnection,
  sql: string,
  columns: readonly Column[],
): Promise<FeatureInfo[]> {
  if (columns.length === 0) return [];
  const counts = columns.map(({ name }) => `count(*) - count(${quoteIdentifier(name)})`);
  const result = await connection.runAndReadAll(`SELECT ${counts.join(", ")} FROM (${sql})`);
  const [row] = result.getRows();
  return columns.map(({ name }, index) => ({
    input: name,
    min: null,
    max: null,
    mean: null,
    median: null,
    stddev: null,
    categoryCount: null,
    nullCount: Number(row?.[index] ?? 0),
    dimension: null,
  }));
}
