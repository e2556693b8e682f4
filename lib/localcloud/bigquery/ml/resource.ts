import type { KMeansModel } from "../../ml/kmeans/model.js";
import type { IterationReport } from "../../ml/kmeans/train.js";
import type { Column } from "../engine/modelHook.js";
import type { SqlType } from "../schema.js";
import type { KMeansCreateOptions } from "./options.js";
import type { ModelState, RegistrationState, TransformState } from "./state.js";
import { centroidValues } from "./tableFunctions/centroids.js";

/** The REST Model of contracts 1.8 (docs.cloud.google.com/bigquery/docs/reference/rest/v2/models); int64 as text. */
export type ModelResource = Readonly<Record<string, unknown>>;

/** `IterationResult` of the REST API. */
export function iterationResults(iterations: readonly IterationReport[]): Readonly<Record<string, unknown>>[] {
  return iterations.map(({ loss, durationMs, clusters }, index) => ({
    index,
    durationMs: String(Math.round(durationMs)),
    trainingLoss: loss,
    clusterInfos: clusters.map(({ radius, size }, k) => ({
      centroidId: String(k + 1),
      clusterRadius: radius,
      clusterSize: String(size),
    })),
  }));
}

/** `TrainingRun` of the REST API, options given and defaulted alike. */
export function trainingRun(
  options: KMeansCreateOptions,
  model: KMeansModel,
  state: ModelState,
  startMs: number,
): Readonly<Record<string, unknown>> {
  const method = options.initMethod === "KMEANS++" ? "KMEANS_PLUS_PLUS" : options.initMethod;
  return {
    startTime: new Date(startMs).toISOString(),
    trainingOptions: {
      maxIterations: String(options.maxIterations),
      minRelativeProgress: options.minRelativeProgress,
      earlyStop: options.earlyStop,
      warmStart: options.warmStart,
      distanceType: options.distanceType,
      numClusters: String(model.centroids.length),
      kmeansInitializationMethod: method,
      ...(options.initColumn === undefined ? {} : { kmeansInitializationColumn: options.initColumn }),
      standardizeFeatures: options.standardizeFeatures,
      ...(options.tuning
        ? {
            numTrials: String(options.tuning.numTrials),
            maxParallelTrials: String(options.tuning.maxParallelTrials),
            hparamTuningObjectives: ["DAVIES_BOULDIN_INDEX"],
          }
        : {}),
      ...(options.registration ? { modelRegistry: "VERTEX_AI" } : {}),
      ...(options.registration?.vertexModelId === undefined
        ? {}
        : { vertexAiModelId: options.registration.vertexModelId }),
      ...(options.registration && options.registration.versionAliases.length > 0
        ? { vertexAiModelVersionAliases: options.registration.versionAliases }
        : {}),
    },
    results: iterationResults(model.iterations),
    evaluationMetrics: { clusteringMetrics: clusteringMetrics(state) },
  };
}

const CATEGORIES_MAX = 10;

function clusteringMetrics(state: ModelState): Readonly<Record<string, unknown>> {
  const iterations = state.runs[state.runs.length - 1] ?? [];
  const sizes = iterations[iterations.length - 1]?.clusters.map((cluster) => cluster.size) ?? [];
  const values = centroidValues(state, false);
  return {
    daviesBouldinIndex: state.daviesBouldinIndex,
    meanSquaredDistance: state.meanSquaredDistance,
    clusters: state.centroids.map((_, k) => ({
      centroidId: String(k + 1),
      count: String(sizes[k] ?? 0),
      featureValues: values
        .filter((value) => value.centroidId === k + 1)
        .map(({ feature, value, categories }) => ({
          featureColumn: feature,
          ...(value === null
            ? { categoricalValue: { categoryCounts: categoryCounts(categories, state.memberCounts[k] ?? 0) } }
            : { numericalValue: value }),
        })),
    })),
  };
}

/** Rows of each category; beyond ten the top ten and `_OTHER_`. */
function categoryCounts(
  categories: readonly { readonly category: string; readonly value: number }[],
  rows: number,
): { category: string; count: string }[] {
  const counted = categories
    .map(({ category, value }) => ({ category, count: Math.round(value * rows) }))
    .sort((a, b) => b.count - a.count);
  const others = counted.slice(CATEGORIES_MAX).reduce((sum, { count }) => sum + count, 0);
  const shown = [...counted.slice(0, CATEGORIES_MAX), ...(others > 0 ? [{ category: "_OTHER_", count: others }] : [])];
  return shown.map(({ category, count }) => ({ category, count: String(count) }));
}

/** `StandardSqlField` of each column. */
export function standardFields(columns: readonly Column[]): { name: string; type: unknown }[] {
  return columns.map(({ name, type }) => ({ name, type: standardType(type) }));
}

/** `TransformColumn` of each output of a TRANSFORM clause. */
export function transformColumns(transform: TransformState): { name: string; type: unknown; transformSql: string }[] {
  return transform.outputs.map(({ name, type, sql }) => ({ name, type: standardType(type), transformSql: sql }));
}

function standardType(type: SqlType): Readonly<Record<string, unknown>> {
  if (type.kind === "ARRAY") return { typeKind: "ARRAY", arrayElementType: standardType(type.element) };
  if (type.kind === "STRUCT") return { typeKind: "STRUCT", structType: { fields: standardFields(type.fields) } };
  return { typeKind: type.kind };
}

/** The resource with what the registry says about the last training run. */
export function withRegistration(resource: ModelResource, registration: RegistrationState): ModelResource {
  const runs = [...((resource.trainingRuns as Readonly<Record<string, unknown>>[] | undefined) ?? [])];
  const last = runs.pop() ?? {};
  const { vertexModelId, versionId } = registration;
  const registered = {
    ...last,
    vertexAiModelId: vertexModelId,
    ...(versionId === undefined ? {} : { vertexAiModelVersion: versionId }),
  };
  return { ...resource, trainingRuns: [...runs, registered] };
}
