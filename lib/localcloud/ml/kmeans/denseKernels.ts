import {
  type Code,
  FunctionWriter,
  f64,
  f64x2,
  i32,
  i64x2,
  type Local,
  moduleOf,
  repeatWhile,
  TYPE,
} from "../../../webassembly/writer.js";
import type { BlockSums } from "./assign.js";

/**
 * The inner loops over rows of numbers in WebAssembly, written out for one width and one number of clusters, two clusters at a
 * time. Operation by operation they are the loops of `assign.ts`, so their results are the same to the last bit, in a third
 * of the time and without the JIT's warm-up (a million rows of 5 columns, 4 clusters: 9 ms to assign, 12 to normalize).
 * All arrays lie in the memory that the kernels were made for.
 */
export interface DenseKernels {
  /** Nearest centroid of each row (ties: the lowest), and the sums, counts and squares of the block. */
  assign(dense: Float64Array, centroids: Float64Array, assignment: Uint8Array, block: BlockSums, range: Range): void;
  /** Least `distance / radius` of each row. */
  normalize(dense: Float64Array, centroids: Float64Array, radii: Float64Array, into: Float64Array, range: Range): void;
}

/** Rows from the first to before the second. */
export type Range = readonly [from: number, to: number];

/** More variables than this only burden the compiler. */
const TERMS_MAX = 128;

export const hasDenseKernels = (width: number, clusters: number): boolean =>
  width > 0 && clusters > 1 && width * clusters <= TERMS_MAX;

const modules = new Map<string, WebAssembly.Module>();

export function denseKernels(
  memory: WebAssembly.Memory<SharedArrayBuffer>,
  width: number,
  clusters: number,
): DenseKernels {
  const key = `${width}x${clusters}`;
  let module = modules.get(key);
  if (!module) {
    module = new WebAssembly.Module(moduleOf([assignment(width, clusters), normalization(width, clusters)]));
    modules.set(key, module);
  }
  const { exports } = new WebAssembly.Instance(module, { host: { memory } });
  const assign = exports.assign as (...addresses: number[]) => void;
  const normalize = exports.normalize as (...addresses: number[]) => void;
  const rowAt = (dense: Float64Array, row: number) => dense.byteOffset + row * width * DOUBLE;
  return {
    assign: (dense, centroids, nearest, { sums, counts, squares }, [from, to]) => {
      sums.fill(0);
      counts.fill(0);
      squares.fill(0);
      if (from >= to) return;
      assign(
        rowAt(dense, from),
        rowAt(dense, to),
        centroids.byteOffset,
        nearest.byteOffset + from,
        sums.byteOffset,
        counts.byteOffset,
        squares.byteOffset,
      );
    },
    normalize: (dense, centroids, radii, into, [from, to]) => {
      if (from >= to) return;
      normalize(
        rowAt(dense, from),
        rowAt(dense, to),
        centroids.byteOffset,
        radii.byteOffset,
        into.byteOffset + from * DOUBLE,
      );
    },
  };
}

const DOUBLE = Float64Array.BYTES_PER_ELEMENT;

function assignment(width: number, clusters: number): FunctionWriter {
  const names = ["row", "end", "centroids", "nearest", "sums", "counts", "squares"] as const;
  const writer = new FunctionWriter("assign", names);
  const [row, end, centroids] = [writer.parameter("row"), writer.parameter("end"), writer.parameter("centroids")];
  const nearestAt = writer.parameter("nearest");
  const distances = new PairedDistances(writer, { row, centroids }, width, clusters);
  const least = writer.local(TYPE.v128);
  const ids = writer.local(TYPE.v128);
  const [low, high] = [writer.local(TYPE.f64), writer.local(TYPE.f64)];
  const [nearest, at, centroid] = [writer.local(TYPE.i32), writer.local(TYPE.i32), writer.local(TYPE.i32)];

  const pairs = distances.squares.map((square, pair) => {
    const pairIds = i64x2.const(pair, pair + distances.pairs);
    if (pair === 0) return [least.set(square.get), ids.set(pairIds)];
    const isLess = f64x2.less(square.get, least.get);
    return [ids.set(f64x2.choose(isLess, pairIds, ids.get)), least.set(f64x2.least(least.get, square.get))];
  });
  const addTo = (array: Local, value: Code) => [
    at.set(i32.add(array.get, i32.mul(nearest.get, i32.const(DOUBLE)))),
    f64.store(at.get, f64.add(f64.load(at.get), value)),
  ];
  // The lower half of the clusters lies in the first lane: it wins ties, as the lower id must.
  const winner = [
    low.set(f64x2.lane(least.get, 0)),
    high.set(f64x2.lane(least.get, 1)),
    nearest.set(i32.select(f64.less(high.get, low.get), i64x2.lane(ids.get, 1), i64x2.lane(ids.get, 0))),
    i32.store8(nearestAt.get, nearest.get),
    nearestAt.set(i32.add(nearestAt.get, i32.const(1))),
    ...addTo(writer.parameter("counts"), f64.const(1)),
    ...addTo(writer.parameter("squares"), f64.min(low.get, high.get)),
  ];
  const bytes = width * DOUBLE;
  const differences = [
    nearest.set(i32.mul(nearest.get, i32.const(bytes))),
    at.set(i32.add(writer.parameter("sums").get, nearest.get)),
    centroid.set(i32.add(centroids.get, nearest.get)),
  ];
  for (let offset = 0; offset < bytes; offset += 2 * DOUBLE) {
    const over = offset + DOUBLE === bytes ? f64 : f64x2;
    const difference = over.sub(over.load(row.get, offset), over.load(centroid.get, offset));
    differences.push(over.store(at.get, over.add(over.load(at.get, offset), difference), offset));
  }
  writer.write(
    ...distances.prepare,
    repeatWhile(
      [...distances.compute, ...pairs.flat(), ...winner, ...differences, row.set(i32.add(row.get, i32.const(bytes)))],
      i32.lessUnsigned(row.get, end.get),
    ),
  );
  return writer;
}

function normalization(width: number, clusters: number): FunctionWriter {
  const writer = new FunctionWriter("normalize", ["row", "end", "centroids", "radii", "into"]);
  const [row, end, centroids] = [writer.parameter("row"), writer.parameter("end"), writer.parameter("centroids")];
  const [radii, into] = [writer.parameter("radii"), writer.parameter("into")];
  const distances = new PairedDistances(writer, { row, centroids }, width, clusters);
  const pairRadii = distances.squares.map(() => writer.local(TYPE.v128));
  const least = writer.local(TYPE.v128);

  const ratios = distances.squares.map((square, pair) => {
    const quotient = f64x2.div(f64x2.sqrt(square.get), (pairRadii[pair] as Local).get);
    // 0 / 0 would be NaN: a row on the centroid is at 0, whatever the radius.
    const ratio = f64x2.and(quotient, f64x2.differs(square.get, f64x2.const(0, 0)));
    return least.set(pair === 0 ? ratio : f64x2.least(least.get, ratio));
  });
  writer.write(
    ...distances.prepare,
    ...pairRadii.map((pairRadius, pair) => pairRadius.set(distances.pairOf(radii, pair, 1, 0, 1))),
    repeatWhile(
      [
        ...distances.compute,
        ...ratios,
        f64.store(into.get, f64.min(f64x2.lane(least.get, 0), f64x2.lane(least.get, 1))),
        into.set(i32.add(into.get, i32.const(DOUBLE))),
        row.set(i32.add(row.get, i32.const(width * DOUBLE))),
      ],
      i32.lessUnsigned(row.get, end.get),
    ),
  );
  return writer;
}

/** Squared distances of a row to all centroids: cluster k and cluster k + pairs in the two lanes of one variable. */
class PairedDistances {
  readonly pairs: number;
  /** What `compute` leaves for the row; the lane of a cluster that does not exist is infinite. */
  readonly squares: readonly Local[];
  /** Before the loop: the centroids into variables. */
  readonly prepare: readonly Code[];
  readonly compute: readonly Code[];
  readonly #clusters: number;

  constructor(
    writer: FunctionWriter,
    { row, centroids }: { readonly row: Local; readonly centroids: Local },
    width: number,
    clusters: number,
  ) {
    this.#clusters = clusters;
    this.pairs = Math.ceil(clusters / 2);
    const v128 = () => writer.local(TYPE.v128);
    const columns = Array.from({ length: width }, (_, column) => column);
    const held = Array.from({ length: this.pairs }, () => ({ square: v128(), values: columns.map(v128) }));
    this.squares = held.map(({ square }) => square);
    const [value, difference] = [v128(), v128()];
    this.prepare = held.flatMap(({ values }, pair) =>
      values.map((each, column) => each.set(this.pairOf(centroids, pair, width, column, Number.POSITIVE_INFINITY))),
    );
    this.compute = columns.flatMap((column) => [
      value.set(f64x2.loadBoth(row.get, column * DOUBLE)),
      ...held.map(({ square, values }) => {
        const apart = f64x2.sub(value.get, (values[column] as Local).get);
        const squared = f64x2.mul(difference.tee(apart), difference.get);
        return square.set(column === 0 ? squared : f64x2.add(square.get, squared));
      }),
    ]);
  }

  /** Column `column` of a table of `width` columns and a row a cluster, for both clusters of a pair. */
  pairOf(table: Local, pair: number, width: number, column: number, absent: number): Code {
    const offset = (cluster: number) => (cluster * width + column) * DOUBLE;
    const other = pair + this.pairs;
    if (other < this.#clusters) {
      return f64x2.loadLane(table.get, f64x2.loadBoth(table.get, offset(pair)), 1, offset(other));
    }
    return f64x2.loadLane(table.get, f64x2.const(absent, absent), 0, offset(pair));
  }
}
