import type { BlockSums, CentroidTable, DistanceType } from "./assign.js";

export interface KMeansOptions {
  /** 2..100 */
  readonly numClusters: number;
  readonly distanceType: DistanceType;
  /** Rounds at most. */
  readonly maxIterations: number;
  readonly earlyStop: boolean;
  /** The relative improvement of the loss below which a round is the last. */
  readonly minRelativeProgress: number;
}

export interface ClusterReport {
  /** Root mean square distance of the cluster's rows to its centroid. */
  readonly radius: number;
  readonly size: number;
}

/** A round, reported from the assignment to the centroids that it made. */
export interface IterationReport {
  /** Mean squared distance to the nearest centroid. */
  readonly loss: number;
  readonly durationMs: number;
  readonly clusters: readonly ClusterReport[];
}

/** What a training must know of its rows' shape. */
export interface RowShape {
  readonly count: number;
  readonly denseCount: number;
  readonly width: number;
}

/** Computes one assignment of all rows. Whoever implements it may use threads; blocks come back in row order. */
export type AssignPass = (centroids: CentroidTable) => readonly BlockSums[];

export interface TrainedCentroids {
  readonly centroids: Float64Array;
  /** How many rows each centroid is the mean of: the sizes of the assignment before the last. */
  readonly memberCounts: readonly number[];
  readonly iterations: readonly IterationReport[];
}

/**
 * Lloyd's algorithm. Costs one pass over the rows for each round and one more for the report of the last.
 *
 * @param initial `numClusters` x `width` encoded centroids.
 * @param now milliseconds, for the durations that are reported.
 */
export function trainCentroids(
  shape: RowShape,
  options: KMeansOptions,
  initial: Float64Array,
  assign: AssignPass,
  now: () => number,
): TrainedCentroids {
  const { numClusters, distanceType } = options;
  const table = (values: Float64Array): CentroidTable => ({
    count: numClusters,
    width: shape.width,
    values,
    distanceType,
  });
  const iterations: IterationReport[] = [];
  let centroids = initial;
  let sums = addBlocks(assign(table(centroids)));
  let loss = meanSquare(sums, shape.count);
  let memberCounts: readonly number[] = [];
  let previousLoss = Number.POSITIVE_INFINITY;
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    const startMs = now();
    // Of the first assignment there is nothing to compare with; a loss of 0 cannot improve.
    const isLast =
      options.earlyStop &&
      (loss === 0 || (previousLoss - loss) / previousLoss < options.minRelativeProgress) &&
      iteration > 0;
    centroids = meansOf(sums, centroids, shape);
    memberCounts = Array.from(sums.counts);
    previousLoss = loss;
    sums = addBlocks(assign(table(centroids)));
    loss = meanSquare(sums, shape.count);
    iterations.push({ loss, durationMs: now() - startMs, clusters: clusterReports(sums) });
    if (isLast) break;
  }
  return { centroids, memberCounts, iterations };
}

function addBlocks(blocks: readonly BlockSums[]): BlockSums {
  const [first, ...others] = blocks;
  if (!first) throw new RangeError("A training needs at least one block of rows.");
  const total = { sums: first.sums.slice(), counts: first.counts.slice(), squares: first.squares.slice() };
  for (const block of others) {
    addTo(total.sums, block.sums);
    addTo(total.counts, block.counts);
    addTo(total.squares, block.squares);
  }
  return total;
}

function addTo(total: Float64Array, part: Float64Array): void {
  for (let i = 0; i < total.length; i++) total[i] = (total[i] as number) + (part[i] as number);
}

function meanSquare({ squares }: BlockSums, rowCount: number): number {
  return squares.reduce((sum, square) => sum + square, 0) / rowCount;
}

/** Each cluster's mean; a cluster without rows keeps its centroid. */
function meansOf({ sums, counts }: BlockSums, previous: Float64Array, { denseCount, width }: RowShape): Float64Array {
  const centroids = previous.slice();
  counts.forEach((count, k) => {
    if (count === 0) return;
    const start = k * width;
    for (let j = start; j < start + denseCount; j++) {
      centroids[j] = (previous[j] as number) + (sums[j] as number) / count;
    }
    for (let j = start + denseCount; j < start + width; j++) centroids[j] = (sums[j] as number) / count;
  });
  return centroids;
}

/** Size and radius (root mean square distance) of each cluster. */
export function clusterReports({ counts, squares }: Pick<BlockSums, "counts" | "squares">): ClusterReport[] {
  return Array.from(counts, (size, k) => ({
    size,
    radius: size === 0 ? 0 : Math.sqrt((squares[k] as number) / size),
  }));
}

/**
 * Blocks in which the rows of a training are worked on: their number depends on the data only, so that results are the same
 * on any number of processors, and is bounded so that the sums of all blocks take at most 64 MB.
 */
export function blockBounds(rowCount: number, numClusters: number, width: number): [from: number, to: number][] {
  const bytesPerBlock = numClusters * (width + 2) * 8;
  const blocks = Math.max(1, Math.min(64, Math.floor((64 << 20) / bytesPerBlock), Math.ceil(rowCount / 4096)));
  return Array.from({ length: blocks }, (_, block) => [
    Math.floor((rowCount * block) / blocks),
    Math.floor((rowCount * (block + 1)) / blocks),
  ]);
}
