import { DistanceKernel, type DistanceType } from "./assign.js";
import { type DenseColumn, fullRow, type SparseRows, type TrainingRows } from "./rows.js";

/**
 * Hashes of the content of the rows from `from` to `to`, 32 bits each: the only randomness of a training. They depend on the
 * values alone, so the same rows in another order draw the same initial centroids.
 */
export function hashBlock(
  columns: readonly DenseColumn[],
  sparse: SparseRows | undefined,
  into: Uint32Array,
  from: number,
  to: number,
): void {
  into.fill(0x5bd1e995, from, to);
  for (const { values } of columns) {
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
    for (let i = from; i < to; i++)
      into[i] = mix((into[i] as number) ^ (words[2 * i] as number), words[2 * i + 1] as number);
  }
  if (!sparse) return;
  for (let i = from; i < to; i++) {
    for (let at = sparse.offsets[i] as number; at < (sparse.offsets[i + 1] as number); at++) {
      const value = sparse.values ? Math.trunc((sparse.values[at] as number) * 1048573) : 1;
      into[i] = mix((into[i] as number) ^ (sparse.columns[at] as number), value);
    }
  }
}

/** The finalizer of MurmurHash3 over two words. */
function mix(a: number, b: number): number {
  let h = Math.imul(a ^ Math.imul(b, 0xcc9e2d51), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  h = Math.imul(h ^ b, 0x85ebca6b);
  return h ^ (h >>> 15);
}

/** RANDOM: the `count` distinct rows of the lowest hashes, in that order; repeats the first where there are not enough. */
export function drawRandomRows(hashes: Uint32Array, count: number): number[] {
  const drawn: number[] = [];
  let limit = Number.POSITIVE_INFINITY;
  for (let i = 0; i < hashes.length; i++) {
    const hash = hashes[i] as number;
    if (hash >= limit || drawn.some((row) => hashes[row] === hash)) continue;
    drawn.push(i);
    drawn.sort((a, b) => (hashes[a] as number) - (hashes[b] as number));
    if (drawn.length > count) drawn.pop();
    if (drawn.length === count) limit = hashes[drawn[count - 1] as number] as number;
  }
  while (drawn.length < count) drawn.push(drawn[0] as number);
  return drawn;
}

/**
 * KMEANS++ (Arthur and Vassilvitskii 2007): each next centroid is a row drawn with probability proportional to its squared
 * distance to the nearest one so far. The draw is an exponential race, `-ln(u) / distance`, least wins, with u from the row's
 * hash: the same distribution as a walk over cumulative sums, without depending on the order of the rows.
 */
export function drawPlusPlusRows(
  rows: TrainingRows,
  hashes: Uint32Array,
  count: number,
  distanceType: DistanceType,
): number[] {
  const drawn = drawRandomRows(hashes, 1);
  const nearest = new Float64Array(rows.count).fill(Number.POSITIVE_INFINITY);
  const distance = new Float64Array(1);
  while (drawn.length < count) {
    const last = drawn[drawn.length - 1] as number;
    const table = { count: 1, width: rows.width, values: fullRow(rows, last), distanceType };
    const kernel = new DistanceKernel(rows, table);
    let winner = drawn[0] as number;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < rows.count; i++) {
      kernel.squaredDistances(i, distance);
      if ((distance[0] as number) < (nearest[i] as number)) nearest[i] = distance[0] as number;
      if (nearest[i] === 0) continue;
      const uniform = ((mix(hashes[i] as number, drawn.length) >>> 0) + 0.5) / 2 ** 32;
      const time = -Math.log(uniform) / (nearest[i] as number);
      if (time < least) {
        least = time;
        winner = i;
      }
    }
    drawn.push(winner);
  }
  return drawn;
}

/** The encoded rows of these numbers, one after the other: centroids to start from. */
export function rowsAsCentroids(rows: TrainingRows, drawn: readonly number[]): Float64Array {
  const centroids = new Float64Array(drawn.length * rows.width);
  drawn.forEach((row, k) => {
    centroids.set(fullRow(rows, row), k * rows.width);
  });
  return centroids;
}
