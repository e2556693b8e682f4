import type { Random } from "../../random.js";
import type { Matrix } from "../columns.js";

/** A tree in arrays: node 0 is the root, the children of a node stand next to one another, the one for `value <= split` first. */
export interface Tree {
  /** Place of the feature by which a node splits; -1 in a leaf. */
  readonly features: Int32Array;
  readonly splits: Float64Array;
  /** The first child of a node; 0 in a leaf. */
  readonly children: Int32Array;
  /** Training rows that came to the node. */
  readonly sizes: Int32Array;
}

/**
 * Grows a tree on these rows: at each node a random feature among those that differ there, and a split between its least and greatest value,
 * down to the depth at which `rows.length` rows are apart on average (Liu, Ting and Zhou, "Isolation forest", 2008, algorithm 2).
 */
export function growTree(matrix: Matrix, rows: Int32Array, random: Random): Tree {
  const width = matrix.features.length;
  const { values } = matrix;
  const depthMax = Math.ceil(Math.log2(Math.max(rows.length, 2)));
  const features: number[] = [];
  const splits: number[] = [];
  const children: number[] = [];
  const sizes: number[] = [];
  const add = (size: number): number => {
    features.push(-1);
    splits.push(0);
    children.push(0);
    return sizes.push(size) - 1;
  };
  const lows = new Float64Array(width);
  const highs = new Float64Array(width);
  const differing = new Int32Array(width);

  const split = (node: number, from: number, to: number, depth: number): void => {
    if (depth >= depthMax || to - from < 2) return;
    lows.fill(Number.POSITIVE_INFINITY);
    highs.fill(Number.NEGATIVE_INFINITY);
    for (let i = from; i < to; i += 1) {
      const start = (rows[i] as number) * width;
      for (let place = 0; place < width; place += 1) {
        const value = values[start + place] as number;
        if (value < (lows[place] as number)) lows[place] = value;
        if (value > (highs[place] as number)) highs[place] = value;
      }
    }
    let count = 0;
    for (let place = 0; place < width; place += 1) {
      if ((lows[place] as number) < (highs[place] as number)) differing[count++] = place;
    }
    if (count === 0) return;
    const feature = differing[random.integer(0, count - 1)] as number;
    const low = lows[feature] as number;
    const high = highs[feature] as number;
    const share = random.unit();
    // Two products rather than a difference, which could overflow. Below `high`, so that both sides have rows.
    const drawn = low * (1 - share) + high * share;
    const at = drawn >= low && drawn < high ? drawn : low;
    let middle = from;
    for (let i = from; i < to; i += 1) {
      const row = rows[i] as number;
      if ((values[row * width + feature] as number) > at) continue;
      rows[i] = rows[middle] as number;
      rows[middle] = row;
      middle += 1;
    }
    features[node] = feature;
    splits[node] = at;
    const first = add(middle - from);
    add(to - middle);
    children[node] = first;
    split(first, from, middle, depth + 1);
    split(first + 1, middle, to, depth + 1);
  };
  split(add(rows.length), 0, rows.length, 0);
  return {
    features: Int32Array.from(features),
    splits: Float64Array.from(splits),
    children: Int32Array.from(children),
    sizes: Int32Array.from(sizes),
  };
}

const EULER = 0.5772156649015329;

/** Mean depth at which a search in a binary tree of `size` rows ends without success (the paper, equation 1). */
export function meanDepth(size: number): number {
  if (size <= 1) return 0;
  if (size === 2) return 1;
  return 2 * (Math.log(size - 1) + EULER) - (2 * (size - 1)) / size;
}
