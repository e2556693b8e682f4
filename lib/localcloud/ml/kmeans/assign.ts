import type { TrainingRows } from "./rows.js";

export type DistanceType = "EUCLIDEAN" | "COSINE";

/** Centroids as the inner loops want them: `count` x `width`, row-major, with what depends on the centroid alone. */
export interface CentroidTable {
  readonly count: number;
  readonly width: number;
  readonly values: Float64Array;
  readonly distanceType: DistanceType;
}

/**
 * What one block of rows contributes to a round: for each cluster its rows' sums by column, their number, and the sum of
 * their squared distances. Blocks are added in order, so the result does not depend on who computed which.
 */
export interface BlockSums {
  /**
   * clusters x width. Of dense columns the sums of the differences to the centroid: they lose no digits to a large offset,
   * and rows that coincide end with a centroid that is exactly theirs. Of sparse columns the plain sums.
   */
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  readonly squares: Float64Array;
}

/**
 * Squared distances of one row to every centroid.
 * Euclidean: the plain sum over dense columns, and for a sparse entry v in column c: `v(v - 2m)` on top of the squared norm
 * of the centroid's sparse part, so that a row costs its entries and not the vocabulary. Cosine: `1 - x.y / (|x||y|)`,
 * whose root is the distance (docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-kmeans).
 */
export class DistanceKernel {
  readonly #rows: TrainingRows;
  readonly #centroids: CentroidTable;
  /** Squared norm of each centroid's sparse part (Euclidean) or of the whole (cosine). */
  readonly #norms: Float64Array;

  constructor(rows: TrainingRows, centroids: CentroidTable) {
    this.#rows = rows;
    this.#centroids = centroids;
    const from = centroids.distanceType === "COSINE" ? 0 : rows.denseCount;
    this.#norms = new Float64Array(centroids.count);
    for (let k = 0; k < centroids.count; k++) {
      let norm = 0;
      for (let j = from; j < centroids.width; j++) norm += (centroids.values[k * centroids.width + j] as number) ** 2;
      this.#norms[k] = norm;
    }
  }

  /** Writes the squared distances of `row` into `into`. */
  squaredDistances(row: number, into: Float64Array): void {
    if (this.#centroids.distanceType === "COSINE") this.#cosine(row, into);
    else this.#euclidean(row, into);
  }

  #euclidean(row: number, into: Float64Array): void {
    const { denseCount, dense, sparse } = this.#rows;
    const { count, width, values } = this.#centroids;
    const base = row * denseCount;
    for (let k = 0, centroid = 0; k < count; k++, centroid += width) {
      let square = 0;
      for (let j = 0; j < denseCount; j++) {
        const difference = (dense[base + j] as number) - (values[centroid + j] as number);
        square += difference * difference;
      }
      into[k] = square;
    }
    if (!sparse) return;
    // SQL has the dense part as a distance and squares it; the same here, or a row's two distances differ in the last bit.
    if (denseCount > 0) for (let k = 0; k < count; k++) into[k] = Math.sqrt(into[k] as number) ** 2;
    const first = sparse.offsets[row] as number;
    const end = sparse.offsets[row + 1] as number;
    for (let k = 0, centroid = denseCount; k < count; k++, centroid += width) {
      let square = this.#norms[k] as number;
      for (let at = first; at < end; at++) {
        const value = sparse.values ? (sparse.values[at] as number) : 1;
        square += value * (value - 2 * (values[centroid + (sparse.columns[at] as number)] as number));
      }
      // Rounding may leave a zero distance a hair below zero.
      into[k] = (into[k] as number) + Math.max(square, 0);
    }
  }

  #cosine(row: number, into: Float64Array): void {
    const { denseCount, dense, sparse } = this.#rows;
    const { count, width, values } = this.#centroids;
    const base = row * denseCount;
    const first = sparse ? (sparse.offsets[row] as number) : 0;
    const end = sparse ? (sparse.offsets[row + 1] as number) : 0;
    let norm = 0;
    for (let j = 0; j < denseCount; j++) norm += (dense[base + j] as number) ** 2;
    for (let at = first; at < end; at++) norm += sparse?.values ? (sparse.values[at] as number) ** 2 : 1;
    for (let k = 0, centroid = 0; k < count; k++, centroid += width) {
      let dot = 0;
      for (let j = 0; j < denseCount; j++) dot += (dense[base + j] as number) * (values[centroid + j] as number);
      if (sparse) {
        for (let at = first; at < end; at++) {
          const value = sparse.values ? (sparse.values[at] as number) : 1;
          dot += value * (values[centroid + denseCount + (sparse.columns[at] as number)] as number);
        }
      }
      const scale = Math.sqrt(norm) * Math.sqrt(this.#norms[k] as number);
      into[k] = scale === 0 ? 1 : Math.max(0, 1 - dot / scale);
    }
  }
}

/** Assigns the rows from `from` to `to` to their nearest centroid (ties: the lowest) and adds them up. */
export function assignBlock(
  rows: TrainingRows,
  centroids: CentroidTable,
  assignment: Uint8Array,
  block: BlockSums,
  from: number,
  to: number,
): void {
  block.sums.fill(0);
  block.counts.fill(0);
  block.squares.fill(0);
  const kernel = new DistanceKernel(rows, centroids);
  const distances = new Float64Array(centroids.count);
  const { denseCount, dense, sparse, width } = rows;
  for (let i = from; i < to; i++) {
    kernel.squaredDistances(i, distances);
    let nearest = 0;
    for (let k = 1; k < centroids.count; k++) {
      if ((distances[k] as number) < (distances[nearest] as number)) nearest = k;
    }
    assignment[i] = nearest;
    block.counts[nearest] = (block.counts[nearest] as number) + 1;
    block.squares[nearest] = (block.squares[nearest] as number) + (distances[nearest] as number);
    const sum = nearest * width;
    for (let j = 0; j < denseCount; j++) {
      const difference = (dense[i * denseCount + j] as number) - (centroids.values[sum + j] as number);
      block.sums[sum + j] = (block.sums[sum + j] as number) + difference;
    }
    if (!sparse) continue;
    for (let at = sparse.offsets[i] as number; at < (sparse.offsets[i + 1] as number); at++) {
      const column = sum + denseCount + (sparse.columns[at] as number);
      block.sums[column] = (block.sums[column] as number) + (sparse.values ? (sparse.values[at] as number) : 1);
    }
  }
}

/** Normalised distance of the rows from `from` to `to`: the least `distance / radius` (contracts 1.3). */
export function normalizeBlock(
  rows: TrainingRows,
  centroids: CentroidTable,
  radii: Float64Array,
  into: Float64Array,
  from: number,
  to: number,
): void {
  const kernel = new DistanceKernel(rows, centroids);
  const distances = new Float64Array(centroids.count);
  for (let i = from; i < to; i++) {
    kernel.squaredDistances(i, distances);
    let least = Number.POSITIVE_INFINITY;
    for (let k = 0; k < centroids.count; k++) {
      const square = distances[k] as number;
      // 0 / 0 would be NaN: a row on the centroid is at 0, whatever the radius.
      const ratio = square === 0 ? 0 : Math.sqrt(square) / (radii[k] as number);
      if (ratio < least) least = ratio;
    }
    into[i] = least;
  }
}
