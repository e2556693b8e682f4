/** From distances to a decision: the same rule for SQL, endpoints, scorers and streams. Higher scores are more anomalous. */

/** A cluster as `ML.TRAINING_INFO` reports it. */
export interface Cluster {
  readonly centroid_id: number;
  /** Root mean square of the distances of its training rows, in standardized units. */
  readonly cluster_radius: number;
}

/** What an endpoint with a k-means model of BigQuery ML answers for one instance. */
export interface CentroidDistances {
  readonly centroid_ids: readonly number[];
  /** In standardized units, in the order of `centroid_ids`. */
  readonly centroid_distances: readonly number[];
}

export interface Score {
  /** The cluster in whose units the distance is least. */
  readonly centroidId: number;
  readonly normalizedDistance: number;
}

/** Distances and radii up to here are rounding, not distance (standardized units). */
const NOTHING = 1e-9;

/**
 * The normalized distance: the least of distance / radius over all clusters (the definition of `ML.DETECT_ANOMALIES`).
 * A cluster of radius zero (all of its rows alike) does not divide: a row upon its centroid has distance 0 from it, any other
 * row is infinitely far from it, so that the other clusters decide. Ties go to the lower id.
 * @throws RangeError when ids and distances differ in number, a radius is missing, or a number is not one.
 * @example normalizedDistance({ centroid_ids: [1, 2], centroid_distances: [0.5, 3] },
 *   [{ centroid_id: 1, cluster_radius: 2 }, { centroid_id: 2, cluster_radius: 1 }]) // { centroidId: 1, normalizedDistance: 0.25 }
 */
export function normalizedDistance(distances: CentroidDistances, clusters: readonly Cluster[]): Score {
  const { centroid_ids: ids, centroid_distances: values } = distances;
  if (ids.length === 0 || ids.length !== values.length) {
    throw new RangeError(`expected a distance for each centroid, got ${ids.length} ids and ${values.length} distances`);
  }
  let best: Score | undefined;
  for (const [index, centroidId] of ids.entries()) {
    const distance = values[index] ?? Number.NaN;
    const radius = clusters.find((cluster) => cluster.centroid_id === centroidId)?.cluster_radius;
    if (radius === undefined) throw new RangeError(`no radius is known for centroid ${centroidId}`);
    if (!(distance >= 0))
      throw new RangeError(`distance from centroid ${centroidId} must be at least 0, got ${distance}`);
    if (!(radius >= 0)) throw new RangeError(`radius of centroid ${centroidId} must be at least 0, got ${radius}`);
    const normalized = scaled(distance, radius);
    const nearer =
      best === undefined ||
      normalized < best.normalizedDistance ||
      (normalized === best.normalizedDistance && centroidId < best.centroidId);
    if (nearer) best = { centroidId, normalizedDistance: normalized };
  }
  if (best === undefined) throw new RangeError("expected a distance for each centroid, got none");
  return best;
}

function scaled(distance: number, radius: number): number {
  if (radius > NOTHING) return distance / radius;
  return distance <= NOTHING ? 0 : Number.POSITIVE_INFINITY;
}

/**
 * Whether a score is an anomaly: strictly greater than the threshold, as in BigQuery ML.
 * @throws RangeError when one of the two is not a number.
 */
export function isAnomalous(score: number, threshold: number): boolean {
  if (Number.isNaN(score) || Number.isNaN(threshold)) throw new RangeError("score and threshold must be numbers");
  return score > threshold;
}

/**
 * A quantile of the values with linear interpolation: definition 7 of Hyndman and Fan, "Sample quantiles in statistical
 * packages" (1996), as in R, NumPy and `PERCENTILE_CONT`.
 * @param q 0 … 1
 * @throws RangeError when there are no values, one is NaN, or q is out of range.
 * @example quantile([1, 2, 3, 4], 0.5) // 2.5
 */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) throw new RangeError("a quantile needs at least one value");
  if (!(q >= 0 && q <= 1)) throw new RangeError(`a quantile is between 0 and 1, got ${q}`);
  if (values.some(Number.isNaN)) throw new RangeError("a quantile needs numbers, got NaN");
  const sorted = Float64Array.from(values).sort();
  const place = (sorted.length - 1) * q;
  const below = Math.floor(place);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN;
  return place === below || low === high ? low : low + (high - low) * (place - below);
}

/**
 * The threshold above which the given share of the training rows lies.
 * @param share 0 … 1; 0.02 flags one row in fifty.
 * @throws RangeError as `quantile`.
 */
export function thresholdFromTraining(scores: readonly number[], share: number): number {
  return quantile(scores, 1 - share);
}
