import { randomUUID } from "node:crypto";
import type { InitialCentroids } from "../../ml/kmeans/fit.js";
import type { KMeansModel } from "../../ml/kmeans/model.js";
import type { ColumnStatistics } from "../../ml/statistics.js";
import type { Catalog } from "../catalog.js";
import type { Column, CreateModelRequest, CreateModelResult, RelationReader } from "../engine/modelHook.js";
import { datasetNotFound, invalidQuery, modelExists, modelNotFound, notSupported, tableExists } from "../errors.js";
import type { ModelRecord } from "../resources.js";
import { type FeatureSource, featureSources, typeName } from "./columns.js";
import { checkVertexModelId, type KMeansCreateOptions, readKMeansOptions } from "./options.js";
import { readTrainingData, type TrainingData } from "./readTraining.js";
import type { Registration } from "./registration.js";
import { iterationResults, standardFields, trainingRun } from "./resource.js";
import { type FeatureInfo, type ModelState, type RegistrationState, stateOf } from "./state.js";
import { Trainer } from "./trainer.js";
import { deleteDistances, writeDistances } from "./trainingDistances.js";

/** Rows read before it is worth having threads ready. */
const WARM_UP_ROWS = 50_000;
const CLUSTERS_MAX = 100;

export interface CreateDependencies {
  readonly catalog: Catalog;
  readonly registration: Registration;
  readonly now: () => number;
}

/**
 * CREATE [OR REPLACE] MODEL [IF NOT EXISTS] of MODEL_TYPE KMEANS: reads the training query, trains on threads of its own,
 * writes record, resource and distances in one transaction, then registers.
 * @throws CloudError duplicate, notFound, invalidQuery, notImplemented; the state is then what it was.
 */
export async function createModel(
  request: CreateModelRequest,
  dependencies: CreateDependencies,
): Promise<CreateModelResult> {
  const { catalog, registration, now } = dependencies;
  const { reference, mode } = request;
  const dataset = catalog.dataset(reference);
  if (!dataset) throw datasetNotFound(reference);
  const table = { ...reference, tableId: reference.modelId };
  if (catalog.table(table)) throw tableExists(table);
  const existing = catalog.model(reference);
  if (existing && mode === "CREATE") throw modelExists(reference);
  if (existing && mode === "CREATE_IF_NOT_EXISTS") {
    await catalog.write(async (transaction) => {
      const resource = { ...existing.resource, lastModifiedTime: transaction.now };
      await transaction.putModel({ ...existing, resource });
    });
    return { operation: "SKIP" };
  }
  const options = readKMeansOptions(request.options);
  if (request.transform) {
    throw notSupported("TRANSFORM", "Put its expressions into the training query, and into the queries that predict.");
  }
  if (!request.training) throw invalidQuery("CREATE MODEL needs a training query: AS SELECT …");
  const registered = registrationOf(request, options);
  if (registered) registration.requireRegistry();
  if (existing) await registration.checkUnregister(existing);

  const startMs = now();
  const trained = await train(request, request.training, options, existing);
  const state: ModelState = {
    ...trained.state,
    ...(registered ? { registration: registered } : {}),
    ...(existing && stateOf(existing).registration
      ? { unregister: [...(stateOf(existing).unregister ?? []), stateOf(existing).trainingId] }
      : {}),
  };
  const run = trainingRun(options, trained.model, state, startMs);
  const earlierRuns = options.warmStart ? ((existing?.resource.trainingRuns as unknown[] | undefined) ?? []) : [];
  await catalog.write(async (transaction) => {
    const replaced = transaction.model(reference);
    if (replaced && mode !== "CREATE_OR_REPLACE") throw modelExists(reference);
    if (replaced) await deleteDistances(transaction.connection, [stateOf(replaced).trainingId]);
    const { description, friendlyName, labels } = options;
    await transaction.putModel({
      reference,
      resource: {
        modelType: "KMEANS",
        location: dataset.resource.location,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
        ...(description === undefined ? {} : { description }),
        ...(friendlyName === undefined ? {} : { friendlyName }),
        ...(labels === undefined ? {} : { labels }),
        featureColumns: standardFields(trained.inputs),
        trainingRuns: [...earlierRuns, run],
      },
      state,
    });
    const { normalizedDistances, trainingRowCount } = trained.model;
    await writeDistances(transaction.connection, state.trainingId, trainingRowCount, normalizedDistances);
  });
  if (state.registration || state.unregister) await settleOrUndo(reference, existing, dependencies);
  return {
    operation: existing ? "REPLACE" : "CREATE",
    mlStatistics: {
      modelType: "KMEANS",
      trainingType: "SINGLE_TRAINING",
      maxIterations: String(options.maxIterations),
      iterationResults: iterationResults(trained.model.iterations),
    },
  };
}

/** A new model that the registry refuses must not stay behind half registered. */
async function settleOrUndo(
  reference: CreateModelRequest["reference"],
  existing: ModelRecord | undefined,
  { catalog, registration }: CreateDependencies,
): Promise<void> {
  try {
    await registration.settle(reference);
  } catch (thrown) {
    if (!existing) {
      await catalog.write(async (transaction) => {
        const created = transaction.model(reference);
        if (!created) return;
        await transaction.dropModel(reference);
        await deleteDistances(transaction.connection, [stateOf(created).trainingId]);
      });
    }
    throw thrown;
  }
}

function registrationOf(request: CreateModelRequest, options: KMeansCreateOptions): RegistrationState | undefined {
  if (!options.registration) return undefined;
  const { vertexModelId, versionAliases } = options.registration;
  if (vertexModelId === undefined) checkVertexModelId(request.reference.modelId, "The model name");
  return { vertexModelId: vertexModelId ?? request.reference.modelId, versionAliases };
}

interface Trained {
  readonly model: KMeansModel;
  readonly state: ModelState;
  /** The columns that are features. */
  readonly inputs: readonly Column[];
}

async function train(
  request: CreateModelRequest,
  training: RelationReader,
  options: KMeansCreateOptions,
  existing: ModelRecord | undefined,
): Promise<Trained> {
  const initColumn = findInitColumn(training.columns, options.initColumn);
  const inputs = training.columns.filter((column) => column.name !== initColumn);
  if (inputs.length === 0) throw invalidQuery("The training query has no feature columns.");
  const sources = featureSources(inputs);
  const warm = options.warmStart ? warmStart(request, existing, sources) : undefined;
  const trainer = new Trainer();
  try {
    const data = await readTrainingData(
      training.connection,
      training.relation.sql,
      sources,
      initColumn,
      request.signal,
      (rows) => {
        if (rows > WARM_UP_ROWS) trainer.warmUp();
      },
    );
    const numClusters = warm?.centroids.length ?? options.numClusters ?? defaultNumClusters(data.rowCount);
    checkRows(data, numClusters);
    const fit = await trainer.train(
      {
        ...data,
        standardize: options.standardizeFeatures,
        initial: initialCentroids(options, data, numClusters, warm),
        options: {
          numClusters,
          distanceType: options.distanceType,
          maxIterations: options.maxIterations,
          earlyStop: options.earlyStop,
          minRelativeProgress: options.minRelativeProgress,
        },
      },
      request.signal,
    );
    const { model } = fit;
    return {
      model,
      inputs,
      state: {
        trainingId: randomUUID(),
        sources,
        encodings: model.encodings,
        distanceType: model.distanceType,
        centroids: model.centroids.map((centroid) => Array.from(centroid)),
        memberCounts: model.memberCounts,
        runs: [...(warm?.runs ?? []), model.iterations],
        trainingRowCount: model.trainingRowCount,
        daviesBouldinIndex: model.daviesBouldinIndex,
        meanSquaredDistance: model.meanSquaredDistance,
        featureInfo: featureInfo(data, fit.statistics),
      },
    };
  } finally {
    await trainer.close();
  }
}

/** `log10(n)` says Google's page; rounded, and at least two, is ours. */
export function defaultNumClusters(rowCount: number): number {
  return Math.min(CLUSTERS_MAX, Math.max(2, Math.round(Math.log10(Math.max(1, rowCount)))));
}

function checkRows(data: TrainingData, numClusters: number): void {
  if (data.rowCount === 0) throw invalidQuery("The training query returned no rows.");
  if (data.rowCount < numClusters) {
    throw invalidQuery(
      `The training query returned ${data.rowCount} rows, fewer than the ${numClusters} clusters of NUM_CLUSTERS.`,
    );
  }
}

function findInitColumn(columns: readonly Column[], name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const column = columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!column) throw invalidQuery(`Column ${name} of KMEANS_INIT_COL is not found in the training query.`);
  if (column.type.kind !== "BOOL") {
    throw invalidQuery(`Column ${name} of KMEANS_INIT_COL must be a BOOL, it is ${typeName(column.type)}.`);
  }
  return column.name;
}

function initialCentroids(
  options: KMeansCreateOptions,
  data: TrainingData,
  numClusters: number,
  warm: ModelState | undefined,
): InitialCentroids {
  if (warm) {
    const centroids = warm.centroids.map((centroid) => Float64Array.from(centroid));
    return { method: "WARM_START", encodings: warm.encodings, centroids };
  }
  if (options.initMethod !== "CUSTOM") return { method: options.initMethod };
  if (data.initialRows.length !== numClusters) {
    throw invalidQuery(
      `Column ${options.initColumn} of KMEANS_INIT_COL is TRUE in ${data.initialRows.length} rows; it must be in as many as NUM_CLUSTERS, ${numClusters}.`,
    );
  }
  return { method: "CUSTOM", rows: data.initialRows };
}

/** The model to go on from. @throws CloudError when there is none, or its features are others. */
function warmStart(
  request: CreateModelRequest,
  existing: ModelRecord | undefined,
  sources: readonly FeatureSource[],
): ModelState {
  if (!existing) throw modelNotFound(request.reference);
  const state = stateOf(existing);
  if (
    JSON.stringify(state.sources) !== JSON.stringify(sources) ||
    sources.some((source) => source.kind !== "numeric")
  ) {
    throw invalidQuery(
      "WARM_START needs the training query to have the columns and types of the existing model, all of them numeric.",
    );
  }
  return state;
}

function featureInfo(data: TrainingData, statistics: readonly ColumnStatistics[]): FeatureInfo[] {
  let column = 0;
  return data.features.map((feature, index) => {
    const numbers = statistics[column];
    column += feature.kind === "numeric" ? 1 : feature.kind === "vector" ? feature.dimension : 0;
    const none = { min: null, max: null, mean: null, median: null, stddev: null };
    const known = (value: number | undefined): number | null =>
      value === undefined || Number.isNaN(value) ? null : value;
    return {
      input: feature.name,
      ...(feature.kind === "numeric"
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
  });
}
