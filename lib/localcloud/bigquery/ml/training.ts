import { randomUUID } from "node:crypto";
import type { Fit, InitialCentroids } from "../../ml/kmeans/fit.js";
import type { KMeansModel } from "../../ml/kmeans/model.js";
import { readAhead } from "../engine/database.js";
import type { Column, CreateModelRequest, RelationReader } from "../engine/modelHook.js";
import { invalidQuery, modelNotFound } from "../errors.js";
import type { ModelRecord } from "../resources.js";
import { type FeatureSource, featureSources, typeName } from "./columns.js";
import { featureInfo, inputInfo } from "./featureInfo.js";
import type { KMeansCreateOptions } from "./options.js";
import { readTrainingData, type TrainingData } from "./readTraining.js";
import { type ModelState, stateOf } from "./state.js";
import { Trainer } from "./trainer.js";
import type { TrainerThreads } from "./trainerThreads.js";
import { freezeTransform, neededInputs } from "./transform.js";
import { trialClusters, trialsOf } from "./tuning.js";

/** Rows read before it is worth having threads ready. */
const WARM_UP_ROWS = 50_000;
const CLUSTERS_MAX = 100;

export interface Trained {
  readonly model: KMeansModel;
  readonly state: ModelState;
  /** The columns that are features; with TRANSFORM those that it reads. */
  readonly inputs: readonly Column[];
}

/**
 * Runs the training query (through its TRANSFORM clause, if there is one) and trains a k-means model on its rows.
 * @throws CloudError invalidQuery; the signal's reason when aborted.
 */
export async function train(
  request: CreateModelRequest,
  training: RelationReader,
  options: KMeansCreateOptions,
  existing: ModelRecord | undefined,
  threads: TrainerThreads,
): Promise<Trained> {
  const frozen = request.transform && (await freezeTransform(request.transform, training, options.initColumn));
  const relation = frozen?.relation ?? training.relation;
  const initColumn = findInitColumn(relation.columns, options.initColumn);
  const features = relation.columns.filter((column) => column.name !== initColumn);
  if (features.length === 0) throw invalidQuery("The training query has no feature columns.");
  const sources = featureSources(features);
  const warm = options.warmStart ? warmStart(request, existing, sources) : undefined;
  const trainer = new Trainer(threads);
  try {
    const { connection } = training;
    const startThreads = (rows: number) => {
      if (rows > WARM_UP_ROWS) trainer.warmUp();
    };
    const data = await readAhead(connection, () =>
      readTrainingData(connection, relation.sql, sources, initColumn, request.signal, startThreads),
    );
    const { tuning } = options;
    const numClusters = warm?.centroids.length ?? options.numClusters ?? defaultNumClusters(data.rowCount);
    const tried = tuning ? trialClusters(tuning) : [numClusters];
    checkRows(data, Math.max(...tried));
    const fits: Fit[] = [];
    for (const count of tried) {
      const input = {
        ...data,
        standardize: options.standardizeFeatures,
        initial: initialCentroids(options, data, count, warm),
        options: {
          numClusters: count,
          distanceType: options.distanceType,
          maxIterations: options.maxIterations,
          earlyStop: options.earlyStop,
          minRelativeProgress: options.minRelativeProgress,
        },
      };
      fits.push(await trainer.train(input, request.signal));
    }
    const { trials, best } = trialsOf(fits.map((each) => each.model));
    const fit = fits[best];
    if (!fit) throw new RangeError("a training without a trial");
    const { model } = fit;
    return {
      model,
      inputs: frozen ? neededInputs(frozen.state).map(({ column }) => column) : features,
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
        featureInfo: frozen
          ? await inputInfo(
              training,
              neededInputs(frozen.state).map(({ column }) => column),
              request.signal,
            )
          : featureInfo(data, sources, fit.statistics),
        ...(tuning ? { trials, optimalTrialId: best + 1 } : {}),
        ...(frozen ? { transform: frozen.state } : {}),
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
