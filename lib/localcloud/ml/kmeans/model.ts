import { encodeRow, type FeatureEncoding, type FeatureLayout, type FeatureValue, layOut } from "../features.js";
import { upperQuantile } from "../statistics.js";
import { type CentroidTable, DistanceKernel, type DistanceType } from "./assign.js";
import { clusterReports, type IterationReport } from "./train.js";

/** A trained k-means model: everything that SQL functions and endpoints compute with. */
export interface KMeansModel {
  readonly encodings: readonly FeatureEncoding[];
  readonly distanceType: DistanceType;
  /** One encoded centroid a cluster; cluster ids count from 1. */
  readonly centroids: readonly Float64Array[];
  /** How many rows each centroid is the mean of. */
  readonly memberCounts: readonly number[];
  readonly iterations: readonly IterationReport[];
  readonly trainingRowCount: number;
  readonly daviesBouldinIndex: number;
  readonly meanSquaredDistance: number;
  /** The larger half of the training rows' normalised distances, ascending. */
  readonly normalizedDistances: Float64Array;
}

/** Radius of each cluster, as the last iteration reported it. */
export function clusterRadii(model: KMeansModel): number[] {
  return model.iterations[model.iterations.length - 1]?.clusters.map((cluster) => cluster.radius) ?? [];
}

/**
 * The normalised distance beyond which a row is an anomaly when `contamination` (0..0.5) of the training rows are:
 * their (1 - contamination) quantile, linearly interpolated.
 */
export function anomalyThreshold(model: KMeansModel, contamination: number): number {
  return upperQuantile(model.normalizedDistances, model.trainingRowCount, 1 - contamination);
}

export interface RowPrediction {
  /** Distance to each centroid, in the order of their ids. */
  readonly distances: readonly number[];
  /** Id of the nearest centroid, from 1; ties: the lowest. */
  readonly centroidId: number;
  readonly normalizedDistance: number;
  /** Id of the centroid of the least normalised distance. */
  readonly normalizedCentroidId: number;
}

/** Predicts rows one at a time; build once, use for many. */
export class KMeansPredictor {
  readonly layout: FeatureLayout;
  readonly #table: CentroidTable;
  readonly #radii: readonly number[];

  constructor(model: KMeansModel) {
    this.layout = layOut(model.encodings);
    this.#table = centroidTable(model.centroids, this.layout.width, model.distanceType);
    this.#radii = clusterRadii(model);
  }

  /** @param values one a feature, in the order of the model's encodings. */
  predict(values: readonly FeatureValue[]): RowPrediction {
    const row = encodeRow(this.layout, values);
    const squares = squaredDistances([row], this.#table)[0] ?? new Float64Array();
    const distances = Array.from(squares, Math.sqrt);
    const normalized = distances.map((distance, k) => normalize(distance, this.#radii[k] ?? 0));
    const nearest = indexOfLeast(distances);
    const nearestNormalized = indexOfLeast(normalized);
    return {
      distances,
      centroidId: nearest + 1,
      normalizedDistance: normalized[nearestNormalized] ?? Number.NaN,
      normalizedCentroidId: nearestNormalized + 1,
    };
  }
}

/** What a deployed BigQuery ML k-means model answers for an instance: scalars wrapped in arrays (contracts 3.8). */
export function servingForm(prediction: Pick<RowPrediction, "centroidId" | "distances">): {
  centroid_distances: readonly number[];
  centroid_ids: number[];
  nearest_centroid_id: number[];
} {
  return {
    centroid_distances: prediction.distances,
    centroid_ids: prediction.distances.map((_, k) => k + 1),
    nearest_centroid_id: [prediction.centroidId],
  };
}

function normalize(distance: number, radius: number): number {
  return distance === 0 ? 0 : distance / radius;
}

function indexOfLeast(values: readonly number[]): number {
  let least = 0;
  for (let k = 1; k < values.length; k++) if ((values[k] ?? 0) < (values[least] ?? 0)) least = k;
  return least;
}

export function centroidTable(
  centroids: readonly Float64Array[],
  width: number,
  distanceType: DistanceType,
): CentroidTable {
  const values = new Float64Array(centroids.length * width);
  centroids.forEach((centroid, k) => {
    values.set(centroid, k * width);
  });
  return { count: centroids.length, width, values, distanceType };
}

/** Squared distances of fully written rows to every centroid. */
function squaredDistances(rows: readonly Float64Array[], table: CentroidTable): Float64Array[] {
  const dense = new Float64Array(rows.length * table.width);
  rows.forEach((row, i) => {
    dense.set(row, i * table.width);
  });
  const kernel = new DistanceKernel({ count: rows.length, denseCount: table.width, width: table.width, dense }, table);
  return rows.map((_, i) => {
    const squares = new Float64Array(table.count);
    kernel.squaredDistances(i, squares);
    return squares;
  });
}

export interface ClusteringMetrics {
  readonly daviesBouldinIndex: number;
  readonly meanSquaredDistance: number;
}

/** Per cluster of an evaluated set: how many rows it was given, and the sum of their squared distances. */
export interface ClusterSums {
  readonly counts: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Davies-Bouldin index and mean squared distance of rows assigned to a model's centroids.
 * The index is the mean over all clusters of `max over j != k of (S_k + S_j) / d(c_k, c_j)`, S the root mean square distance
 * of the evaluated rows (contracts 1.3; scikit-learn takes the plain mean). Centroids that coincide are not compared.
 */
export function clusteringMetrics(
  centroids: readonly Float64Array[],
  distanceType: DistanceType,
  sums: ClusterSums,
): ClusteringMetrics {
  const spreads = clusterReports(sums).map((cluster) => cluster.radius);
  const width = centroids[0]?.length ?? 0;
  const between = squaredDistances(centroids, centroidTable(centroids, width, distanceType));
  let total = 0;
  centroids.forEach((_, k) => {
    let worst = 0;
    centroids.forEach((_, j) => {
      const distance = Math.sqrt(between[k]?.[j] ?? 0);
      if (j !== k && distance > 0) worst = Math.max(worst, ((spreads[k] ?? 0) + (spreads[j] ?? 0)) / distance);
    });
    total += worst;
  });
  const rowCount = sums.counts.reduce((sum, count) => sum + count, 0);
  return {
    daviesBouldinIndex: total / centroids.length,
    meanSquaredDistance: sums.squares.reduce((sum, square) => sum + square, 0) / rowCount,
  };
}
