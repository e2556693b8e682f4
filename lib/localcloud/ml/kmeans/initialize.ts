import { DistanceKernel, type DistanceType } from "./assign.js";
import { type DenseColumn, fullRow, type SparseRows, type TrainingRows } from "./rows.js";

/**
 * A hash of each row's content, uniform in [0, 1): the only randomness of a training. It depends on the values alone, so the
 * same rows in another order draw the same initial centroids.
 */
export function hashRows(count: number, columns: readonly DenseColumn[], sparse: SparseRows | undefined): Float64Array {
  const high = new Int32Array(count).fill(0x1b873593);
  const low = new Int32Array(count).fill(0x5bd1e995);
  for (const { values } of columns) {
    const words = new Int32Array(values.buffer, values.byteOffset, count * 2);
    for (let i = 0; i < count; i++) {
      const a = words[2 * i] as number;
      const b = words[2 * i + 1] as number;
      high[i] = mix((high[i] as number) ^ a, b);
      low[i] = mix((low[i] as number) ^ b, a ^ 0x27d4eb2f);
    }
  }
  if (sparse) {
    for (let i = 0; i < count; i++) {
      for (let at = sparse.offsets[i] as number; at < (sparse.offsets[i + 1] as number); at++) {
        const column = sparse.columns[at] as number;
        const value = sparse.values ? Math.trunc((sparse.values[at] as number) * 1048573) : 1;
        high[i] = mix((high[i] as number) ^ column, value);
        low[i] = mix((low[i] as number) ^ value, column ^ 0x27d4eb2f);
      }
    }
  }
  const hashes = new Float64Array(count);
  for (let i = 0; i < count; i++)
    hashes[i] = uniform(mix(high[i] as number, 0x2545f491), mix(low[i] as number, 0x632be5ab));
  return hashes;
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

/** 53 bits as a number in [0, 1). */
function uniform(high: number, low: number): number {
  return ((high >>> 0) * 0x200000 + (low >>> 11)) / 2 ** 53;
}

/** RANDOM: the `count` distinct rows of the lowest hashes, in that order; repeats the first where there are not enough. */
export function drawRandomRows(hashes: Float64Array, count: number): number[] {
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
  hashes: Float64Array,
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
      const bits = Math.trunc((hashes[i] as number) * 2 ** 32) | 0;
      const fresh = uniform(mix(bits, drawn.length), mix(bits ^ 0x68e31da4, drawn.length));
      const time = -Math.log(fresh + 2 ** -54) / (nearest[i] as number);
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
