import { Arena } from "../../../webassembly/arena.js";
import { type ColumnStatistics, columnStatistics } from "../statistics.js";
import { assignBlock, type BlockSums, type CentroidTable, type DistanceType, normalizeBlock } from "./assign.js";
import { type DenseKernels, denseKernels, hasDenseKernels } from "./denseKernels.js";
import { hashBlock } from "./initialize.js";
import { type DenseColumn, encodeDense, type SparseRows, sharedFloat64Array, type TrainingRows } from "./rows.js";
import { blockBounds } from "./train.js";

/** The parallel steps of a training. Each is a number of independent tasks, named by the step and an index. */
export const STEP = { statistics: 0, encode: 1, hash: 2, assign: 3, normalize: 4 } as const;
export type Step = (typeof STEP)[keyof typeof STEP];

/** Runs the tasks 0 .. count-1 of a step and returns when all are done: in a loop, or on several threads. */
export type StepRunner = (step: Step, count: number) => void;

/** All memory of a training, shared between threads; may be sent to a worker as it is. */
export interface WorkspaceMemory {
  readonly rowCount: number;
  readonly width: number;
  readonly numClusters: number;
  readonly distanceType: DistanceType;
  /** Raw columns of numbers, NULL as NaN. */
  readonly columns: readonly Float64Array[];
  readonly sparse?: SparseRows;
  /** 7 numbers a column, as `ColumnStatistics` lists them. */
  readonly statistics: Float64Array;
  /** Mean, scale and fill of each column. */
  readonly scaling: Float64Array;
  readonly dense: Float64Array;
  /** Of each row's content. */
  readonly hashes: Uint32Array;
  readonly centroids: Float64Array;
  readonly radii: Float64Array;
  readonly assignment: Uint8Array;
  readonly blocks: Float64Array;
  readonly normalized: Float64Array;
  /** What `dense` and the arrays of its kernels lie in, where these are used. */
  readonly kernelMemory?: WebAssembly.Memory<SharedArrayBuffer>;
}

/** Distance terms of a pass from which on compiling kernels pays. */
const KERNEL_TERMS_MIN = 50_000;

export function allocateWorkspace(input: {
  readonly rowCount: number;
  readonly columns: readonly Float64Array[];
  readonly sparse?: SparseRows;
  readonly sparseWidth: number;
  readonly numClusters: number;
  readonly distanceType: DistanceType;
}): WorkspaceMemory {
  const { rowCount, columns, numClusters, distanceType } = input;
  const width = columns.length + input.sparseWidth;
  const lengths = {
    dense: rowCount * columns.length,
    centroids: numClusters * width,
    blocks: blockBounds(rowCount, numClusters, width).length * numClusters * (width + 2),
  };
  const hasKernels =
    distanceType === "EUCLIDEAN" &&
    !input.sparse &&
    hasDenseKernels(width, numClusters) &&
    rowCount * width * numClusters >= KERNEL_TERMS_MIN;
  const doubles = [lengths.dense, lengths.centroids, numClusters, lengths.blocks, rowCount];
  const arena = new Arena([...doubles.map((length) => length * Float64Array.BYTES_PER_ELEMENT), rowCount], hasKernels);
  return {
    rowCount,
    width,
    numClusters,
    distanceType,
    columns,
    ...(input.sparse ? { sparse: input.sparse } : {}),
    statistics: sharedFloat64Array(columns.length * 7),
    scaling: sharedFloat64Array(columns.length * 3),
    dense: arena.doubles(lengths.dense),
    hashes: new Uint32Array(new SharedArrayBuffer(rowCount * Uint32Array.BYTES_PER_ELEMENT)),
    centroids: arena.doubles(lengths.centroids),
    radii: arena.doubles(numClusters),
    assignment: arena.bytes(rowCount),
    blocks: arena.doubles(lengths.blocks),
    normalized: arena.doubles(rowCount),
    ...(arena.memory ? { kernelMemory: arena.memory } : {}),
  };
}

/** The tasks over a workspace's memory, and its contents in readable form. */
export class Workspace {
  readonly memory: WorkspaceMemory;
  readonly bounds: readonly (readonly [from: number, to: number])[];
  readonly rows: TrainingRows;
  readonly #kernels: DenseKernels | undefined;

  constructor(memory: WorkspaceMemory) {
    this.memory = memory;
    this.bounds = blockBounds(memory.rowCount, memory.numClusters, memory.width);
    this.rows = {
      count: memory.rowCount,
      denseCount: memory.columns.length,
      width: memory.width,
      dense: memory.dense,
      ...(memory.sparse ? { sparse: memory.sparse } : {}),
    };
    this.#kernels = memory.kernelMemory && denseKernels(memory.kernelMemory, memory.width, memory.numClusters);
  }

  run(step: Step, index: number): void {
    if (step === STEP.statistics) this.#computeStatistics(index);
    const bounds = this.bounds[index];
    if (step === STEP.statistics || !bounds) return;
    const [from, to] = bounds;
    const { dense, sparse, hashes, assignment, normalized, centroids, radii, columns } = this.memory;
    const kernels = this.#kernels;
    if (step === STEP.encode) encodeDense(this.denseColumns(), dense, columns.length, from, to);
    else if (step === STEP.hash) hashBlock(this.denseColumns(), sparse, hashes, from, to);
    else if (step === STEP.assign) {
      if (kernels) kernels.assign(dense, centroids, assignment, this.block(index), bounds);
      else assignBlock(this.rows, this.table(), assignment, this.block(index), from, to);
    } else if (kernels) kernels.normalize(dense, centroids, radii, normalized, bounds);
    else normalizeBlock(this.rows, this.table(), radii, normalized, from, to);
  }

  table(): CentroidTable {
    const { numClusters, width, centroids, distanceType } = this.memory;
    return { count: numClusters, width, values: centroids, distanceType };
  }

  denseColumns(): DenseColumn[] {
    const { columns, scaling } = this.memory;
    return columns.map((values, column) => ({
      values,
      mean: scaling[column * 3] ?? 0,
      scale: scaling[column * 3 + 1] ?? 0,
      fill: scaling[column * 3 + 2] ?? 0,
    }));
  }

  block(index: number): BlockSums {
    const { numClusters, width, blocks } = this.memory;
    const start = index * numClusters * (width + 2);
    const counts = start + numClusters * width;
    return {
      sums: blocks.subarray(start, counts),
      counts: blocks.subarray(counts, counts + numClusters),
      squares: blocks.subarray(counts + numClusters, counts + 2 * numClusters),
    };
  }

  statistics(column: number): ColumnStatistics {
    const [count = 0, nullCount = 0, min = 0, max = 0, mean = 0, median = 0, standardDeviation = 0] =
      this.memory.statistics.subarray(column * 7, column * 7 + 7);
    return { count, nullCount, min, max, mean, median, standardDeviation };
  }

  #computeStatistics(column: number): void {
    const values = this.memory.columns[column];
    if (!values) return;
    const { count, nullCount, min, max, mean, median, standardDeviation } = columnStatistics(values);
    this.memory.statistics.set([count, nullCount, min, max, mean, median, standardDeviation], column * 7);
  }
}
