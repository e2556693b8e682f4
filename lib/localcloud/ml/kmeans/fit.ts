import { type FeatureEncoding, layOut } from "../features.js";
import { type ColumnStatistics, upperHalf } from "../statistics.js";
import type { BlockSums } from "./assign.js";
import { drawPlusPlusRows, drawRandomRows, rowsAsCentroids } from "./initialize.js";
import { clusteringMetrics, type KMeansModel } from "./model.js";
import type { SparseRows } from "./rows.js";
import { type KMeansOptions, trainCentroids } from "./train.js";
import { allocateWorkspace, STEP, type StepRunner, Workspace, type WorkspaceMemory } from "./workspace.js";

/** A feature as training data: what is known of it before anything was computed. */
export type TrainingFeature =
  | { readonly kind: "numeric"; readonly name: string }
  | {
      readonly kind: "categorical";
      readonly name: string;
      readonly multiple: boolean;
      readonly categories: readonly string[];
    }
  | { readonly kind: "vector"; readonly name: string; readonly dimension: number }
  | { readonly kind: "sparseVector"; readonly name: string; readonly indices: readonly number[] };

/** Where a training starts. */
export type InitialCentroids =
  | { readonly method: "RANDOM" | "KMEANS++" }
  /** These rows, in this order. */
  | { readonly method: "CUSTOM"; readonly rows: readonly number[] }
  /** Encoded centroids of an earlier model over the same encodings. */
  | {
      readonly method: "WARM_START";
      readonly encodings: readonly FeatureEncoding[];
      readonly centroids: readonly Float64Array[];
    };

export interface TrainingInput {
  readonly rowCount: number;
  readonly features: readonly TrainingFeature[];
  /** Raw numbers of every numeric feature and vector position, in feature order, NULL as NaN; in shared memory. */
  readonly columns: readonly Float64Array[];
  /** Entries of categorical and sparse vector features, their columns counted in feature order; in shared memory. */
  readonly sparse?: SparseRows;
  readonly standardize: boolean;
  readonly initial: InitialCentroids;
  readonly options: KMeansOptions;
}

export interface Fit {
  readonly model: KMeansModel;
  /** Of each column of `input.columns`. */
  readonly statistics: readonly ColumnStatistics[];
}

export function prepareWorkspace(input: TrainingInput): WorkspaceMemory {
  const sparseWidth = input.features.reduce(
    (sum, feature) =>
      sum +
      (feature.kind === "categorical" ? feature.categories.length : 0) +
      (feature.kind === "sparseVector" ? feature.indices.length : 0),
    0,
  );
  const { rowCount, columns, sparse, options } = input;
  const { numClusters, distanceType } = options;
  return allocateWorkspace({
    rowCount,
    columns,
    ...(sparse ? { sparse } : {}),
    sparseWidth,
    numClusters,
    distanceType,
  });
}

/**
 * Trains a k-means model: statistics, encoding, initial draw, rounds, metrics.
 * Deterministic: the same rows give the same model, on any number of threads.
 *
 * @param runSteps defaults to a plain loop on this thread.
 */
export function fitKMeans(
  input: TrainingInput,
  now: () => number,
  memory: WorkspaceMemory = prepareWorkspace(input),
  runSteps?: StepRunner,
): Fit {
  const workspace = new Workspace(memory);
  const run: StepRunner =
    runSteps ??
    ((step, count) => {
      for (let index = 0; index < count; index++) workspace.run(step, index);
    });
  run(STEP.statistics, input.columns.length);
  const statistics = input.columns.map((_, column) => workspace.statistics(column));
  const encodings = encodingsOf(input, statistics);
  setScaling(memory, encodings);
  run(STEP.encode, workspace.bounds.length);

  const assign = (centroids: Float64Array): BlockSums[] => {
    memory.centroids.set(centroids);
    run(STEP.assign, workspace.bounds.length);
    return workspace.bounds.map((_, block) => workspace.block(block));
  };
  const trained = trainCentroids(
    workspace.rows,
    input.options,
    initialCentroids(input, workspace, run),
    (table) => assign(table.values),
    now,
  );
  const last = trained.iterations[trained.iterations.length - 1];
  const clusters = last?.clusters ?? [];
  memory.radii.set(clusters.map((cluster) => cluster.radius));
  run(STEP.normalize, workspace.bounds.length);

  const centroids = Array.from({ length: input.options.numClusters }, (_, k) =>
    trained.centroids.slice(k * memory.width, (k + 1) * memory.width),
  );
  const { distanceType } = input.options;
  const metrics = clusteringMetrics(centroids, distanceType, {
    counts: Float64Array.from(clusters, (cluster) => cluster.size),
    squares: Float64Array.from(clusters, (cluster) => cluster.size * cluster.radius ** 2),
  });
  return {
    statistics,
    model: {
      encodings,
      distanceType,
      centroids,
      memberCounts: trained.memberCounts,
      iterations: trained.iterations,
      trainingRowCount: input.rowCount,
      daviesBouldinIndex: metrics.daviesBouldinIndex,
      meanSquaredDistance: last?.loss ?? Number.NaN,
      normalizedDistances: upperHalf(memory.normalized),
    },
  };
}

function encodingsOf(input: TrainingInput, statistics: readonly ColumnStatistics[]): FeatureEncoding[] {
  if (input.initial.method === "WARM_START") return [...input.initial.encodings];
  let column = 0;
  return input.features.map((feature) => {
    const of = statistics[column];
    column += feature.kind === "numeric" ? 1 : feature.kind === "vector" ? feature.dimension : 0;
    if (feature.kind !== "numeric") return feature;
    return {
      kind: "numeric",
      name: feature.name,
      mean: of && of.count > 0 ? of.mean : 0,
      standardDeviation: of?.standardDeviation ?? 0,
      standardize: input.standardize,
    };
  });
}

/** How each raw column becomes a dense one; the counterpart of `encodeRow` for whole columns. */
function setScaling(memory: WorkspaceMemory, encodings: readonly FeatureEncoding[]): void {
  let column = 0;
  for (const encoding of encodings) {
    if (encoding.kind === "vector") {
      for (let i = 0; i < encoding.dimension; i++) memory.scaling.set([0, 1, 0], 3 * column++);
    } else if (encoding.kind === "numeric") {
      const { mean, standardDeviation, standardize } = encoding;
      memory.scaling.set(standardize ? [mean, standardDeviation, 0] : [0, 1, mean], 3 * column++);
    }
  }
}

function initialCentroids(input: TrainingInput, workspace: Workspace, run: StepRunner): Float64Array {
  const { initial, options } = input;
  if (initial.method === "WARM_START") {
    const { width } = layOut(initial.encodings);
    const centroids = new Float64Array(options.numClusters * width);
    initial.centroids.forEach((centroid, k) => {
      centroids.set(centroid, k * width);
    });
    return centroids;
  }
  if (initial.method === "CUSTOM") return rowsAsCentroids(workspace.rows, initial.rows);
  run(STEP.hash, workspace.bounds.length);
  const { hashes } = workspace.memory;
  const drawn =
    initial.method === "RANDOM"
      ? drawRandomRows(hashes, options.numClusters)
      : drawPlusPlusRows(workspace.rows, hashes, options.numClusters, options.distanceType);
  return rowsAsCentroids(workspace.rows, drawn);
}
