import { z } from "zod";
import { Random } from "../../random.js";
import { type Matrix, rowOf } from "../columns.js";
import type { Scorer } from "../detector.js";
import { growTree, meanDepth, type Tree } from "./tree.js";

/**
 * Isolation Forest (Liu, Ting and Zhou, 2008): random cuts set a remarkable row apart early. The score is 2 to the power of minus
 * (mean depth / mean depth of any row): 0.5 for an ordinary row, towards 1 for one that is alone. It sees rows that are far out in some features;
 * it is nearly blind for values that are ordinary each and odd together, and for dense clusters of anomalies.
 */
export function fitForest(
  matrix: Matrix,
  settings: { readonly trees: number; readonly sampleSize: number },
  seed: string,
): Scorer {
  const random = Random.derived(seed, "isolation-forest");
  const sampleSize = Math.min(settings.sampleSize, matrix.rows);
  const trees: Tree[] = [];
  for (let tree = 0; tree < settings.trees; tree += 1) {
    trees.push(growTree(matrix, sample(matrix.rows, sampleSize, random), random));
  }
  return forest(trees, sampleSize, matrix.features.length);
}

/** `size` different rows (Floyd's algorithm; Bentley, "A sample of brilliance", 1987). */
function sample(rows: number, size: number, random: Random): Int32Array {
  const chosen = new Set<number>();
  for (let last = rows - size; last < rows; last += 1) {
    const drawn = random.integer(0, last);
    chosen.add(chosen.has(drawn) ? last : drawn);
  }
  return Int32Array.from(chosen);
}

const ORDINARY = 0.5;

function forest(trees: readonly Tree[], sampleSize: number, width: number): Scorer {
  const usual = meanDepth(sampleSize);
  /** Of a forest of single rows every row is ordinary. */
  const alone = sampleSize < 2;
  const expectations = trees.map(expectedDepths);

  /** Adds what each split on the row's way takes off the depth that was expected before. @returns the sum. */
  const walk = (row: Float64Array, parts: Float64Array | undefined): number => {
    let sum = 0;
    for (const [index, tree] of trees.entries()) {
      const expected = expectations[index] as Float64Array;
      let node = 0;
      for (let feature = tree.features[0] as number; feature >= 0; feature = tree.features[node] as number) {
        const child =
          (tree.children[node] as number) + ((row[feature] as number) <= (tree.splits[node] as number) ? 0 : 1);
        if (parts !== undefined) {
          parts[feature] = (parts[feature] as number) + (expected[node] as number) - (expected[child] as number);
        }
        node = child;
      }
      sum += (expected[0] as number) - (expected[node] as number);
    }
    return sum / trees.length;
  };

  const scoreOf = (shortened: number): number => (alone ? ORDINARY : ORDINARY * 2 ** (shortened / usual));

  return {
    baseline: ORDINARY,
    score: (matrix) => {
      const scores = new Float64Array(matrix.rows);
      for (let row = 0; row < matrix.rows; row += 1) scores[row] = scoreOf(walk(rowOf(matrix, row), undefined));
      return scores;
    },
    explain: (matrix) => {
      const scores = new Float64Array(matrix.rows);
      const contributions = new Float64Array(matrix.rows * width);
      for (let row = 0; row < matrix.rows; row += 1) {
        const parts = contributions.subarray(row * width, (row + 1) * width);
        const mean = walk(rowOf(matrix, row), parts);
        const sum = mean * trees.length;
        const score = scoreOf(mean);
        scores[row] = score;
        // The score bends what the splits add up to: each takes its share. Where they add up to nothing, the slope there.
        const slope = Math.abs(sum) > 1e-9 ? (score - ORDINARY) / sum : (ORDINARY * Math.LN2) / usual / trees.length;
        for (let place = 0; place < width; place += 1) parts[place] = alone ? 0 : (parts[place] as number) * slope;
      }
      return { scores, contributions };
    },
    parameters: () => ({
      sampleSize,
      trees: trees.map(({ features, splits, children, sizes }) => ({
        features: [...features],
        splits: [...splits],
        children: [...children],
        sizes: [...sizes],
      })),
    }),
  };
}

/** Depth at which a row that came to a node is expected to end: that of the node, and the mean depth of a tree of its rows. */
function expectedDepths({ features, children, sizes }: Tree): Float64Array {
  const depths = new Float64Array(features.length);
  for (let node = 0; node < features.length; node += 1) {
    if ((features[node] as number) < 0) continue;
    const first = children[node] as number;
    depths[first] = (depths[node] as number) + 1;
    depths[first + 1] = (depths[node] as number) + 1;
  }
  return depths.map((depth, node) => depth + meanDepth(sizes[node] as number));
}

const schema = z.strictObject({
  sampleSize: z.int().min(1),
  trees: z
    .array(
      z.strictObject({
        features: z.array(z.int()),
        splits: z.array(z.number()),
        children: z.array(z.int()),
        sizes: z.array(z.int()),
      }),
    )
    .min(1),
});

/** @throws Error when these are not the parameters of a forest over these features. */
export function readForest(parameters: unknown, features: readonly string[]): Scorer {
  const { sampleSize, trees } = schema.parse(parameters);
  const read = trees.map((tree, index): Tree => {
    const nodes = tree.features.length;
    const lists = [tree.splits, tree.children, tree.sizes];
    // A child always stands behind its parent: a walk ends.
    const sound = tree.features.every((feature, node) => {
      const child = tree.children[node] ?? 0;
      return feature === -1 || (feature >= 0 && feature < features.length && child > node && child + 1 < nodes);
    });
    if (nodes === 0 || !sound || lists.some(({ length }) => length !== nodes))
      throw new Error(`tree ${index} is not a tree`);
    return {
      features: Int32Array.from(tree.features),
      splits: Float64Array.from(tree.splits),
      children: Int32Array.from(tree.children),
      sizes: Int32Array.from(tree.sizes),
    };
  });
  return forest(read, sampleSize, features.length);
}
