import assert from "node:assert/strict";
import { assignBlock, normalizeBlock } from "activate/localcloud/ml/kmeans/assign.js";
import { sharedFloat64Array } from "activate/localcloud/ml/kmeans/rows.js";
import { allocateWorkspace, STEP, Workspace } from "activate/localcloud/ml/kmeans/workspace.js";

/** A training whose rows lie on a coarse grid, so that distances tie and rows coincide with centroids. */
function workspaceOf(width: number, numClusters: number): Workspace {
  const rowCount = Math.ceil(50_000 / (width * numClusters)) + 1;
  const columns = Array.from({ length: width }, () => sharedFloat64Array(rowCount));
  const memory = allocateWorkspace({ rowCount, columns, sparseWidth: 0, numClusters, distanceType: "EUCLIDEAN" });
  let state = width * 100 + numClusters;
  const next = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state;
  };
  memory.dense.forEach((_, at) => {
    memory.dense[at] = next() % 3 === 0 ? next() / 2 ** 29 : (next() % 5) - 2;
  });
  memory.centroids.forEach((_, at) => {
    memory.centroids[at] = (next() % 5) - 2;
  });
  memory.radii.forEach((_, k) => {
    memory.radii[k] = k === 0 ? 0 : (next() % 7) / 3 + 0.1;
  });
  return new Workspace(memory);
}

describe("the loops of k-means in WebAssembly", () => {
  for (const [width, clusters] of [
    [1, 2],
    [2, 3],
    [3, 8],
    [5, 4],
    [8, 16],
    [64, 2],
    [42, 3],
  ] as const) {
    it(`give what the plain ones give, to the last bit: ${width} columns, ${clusters} clusters`, () => {
      const workspace = workspaceOf(width, clusters);
      const { memory, rows } = workspace;
      assert.ok(memory.kernelMemory, "kernels are used");
      const expected = {
        sums: new Float64Array(clusters * width),
        counts: new Float64Array(clusters),
        squares: new Float64Array(clusters),
      };
      const nearest = new Uint8Array(memory.rowCount);
      const normalized = new Float64Array(memory.rowCount);
      workspace.bounds.forEach(([from, to], index) => {
        workspace.run(STEP.assign, index);
        assignBlock(rows, workspace.table(), nearest, expected, from, to);
        assert.deepEqual({ ...workspace.block(index) }, expected);
        workspace.run(STEP.normalize, index);
        normalizeBlock(rows, workspace.table(), memory.radii, normalized, from, to);
      });
      assert.deepEqual(memory.assignment, nearest);
      assert.deepEqual(memory.normalized, normalized);
      assert.ok(new Set(nearest).size > 1, "more than one cluster has rows");
    });
  }

  it("are left out where there are too many terms, or too few rows to pay for them", () => {
    const columns = (count: number, rows: number) => Array.from({ length: count }, () => sharedFloat64Array(rows));
    const shape = { sparseWidth: 0, distanceType: "EUCLIDEAN" } as const;
    const wide = allocateWorkspace({ ...shape, rowCount: 10_000, columns: columns(65, 10_000), numClusters: 2 });
    const small = allocateWorkspace({ ...shape, rowCount: 100, columns: columns(5, 100), numClusters: 4 });
    assert.deepEqual([wide.kernelMemory, small.kernelMemory], [undefined, undefined]);
  });
});
