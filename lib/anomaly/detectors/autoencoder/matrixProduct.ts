import {
  type Code,
  FunctionWriter,
  f64x2,
  i32,
  type Local,
  moduleOf,
  repeatWhile,
  TYPE,
} from "../../../webassembly/writer.js";

/**
 * What a product works on. All arrays lie in the memory that the products were made for; each has whole tiles of rows and columns, see `padded`.
 */
export interface Factors {
  /** rows × terms: the element of a row and a term is at `row * rowStep + term * termStep`, so that a matrix may be read transposed. */
  readonly left: Float64Array;
  readonly rowStep: number;
  readonly termStep: number;
  /** terms × columns, a row after the other. */
  readonly right: Float64Array;
  /** What the sums of each column start from. */
  readonly start: Float64Array;
  /** rows × columns, a row after the other. */
  readonly into: Float64Array;
  readonly rows: number;
  readonly terms: number;
  readonly columns: number;
}

export interface MatrixProducts {
  /** into = start + left × right */
  multiply(factors: Factors): void;
  /** The same, and 0 instead of what is less. */
  multiplyRectified(factors: Factors): void;
}

const TILE_ROWS = 4;
const TILE_PAIRS = 2;
/** Rows and columns come in multiples of this. */
const TILE = 4;
const DOUBLE = Float64Array.BYTES_PER_ELEMENT;
const PAIR = 2 * DOUBLE;

export const padded = (size: number): number => Math.ceil(size / TILE) * TILE;

let compiled: WebAssembly.Module | undefined;

/**
 * Products of matrices in WebAssembly: a tile of the result at a time, two columns in one variable. Every sum is added up in the order of its
 * terms, in 64-bit floats: the result is the same to the last bit on every machine, and for a row alone as in a batch.
 */
export function matrixProducts(memory: WebAssembly.Memory<SharedArrayBuffer>): MatrixProducts {
  compiled ??= new WebAssembly.Module(moduleOf([product("multiply", false), product("multiplyRectified", true)]));
  const { exports } = new WebAssembly.Instance(compiled, { host: { memory } });
  const called =
    (name: keyof MatrixProducts) =>
    ({ left, rowStep, termStep, right, start, into, rows, terms, columns }: Factors): void => {
      if (rows === 0) return;
      const rowBytes = columns * DOUBLE;
      (exports[name] as (...parameters: number[]) => void)(
        left.byteOffset,
        rowStep * DOUBLE,
        termStep * DOUBLE,
        right.byteOffset,
        right.byteOffset + terms * rowBytes,
        start.byteOffset,
        into.byteOffset,
        into.byteOffset + rows * rowBytes,
        rowBytes,
      );
    };
  return { multiply: called("multiply"), multiplyRectified: called("multiplyRectified") };
}

const PARAMETERS = [
  "left",
  "rowStep",
  "termStep",
  "right",
  "rightEnd",
  "start",
  "into",
  "intoEnd",
  "rowBytes",
] as const;

function product(name: keyof MatrixProducts, rectified: boolean): FunctionWriter {
  const writer = new FunctionWriter(name, PARAMETERS);
  const [left, rowStep, termStep] = [
    writer.parameter("left"),
    writer.parameter("rowStep"),
    writer.parameter("termStep"),
  ];
  const [right, rightEnd] = [writer.parameter("right"), writer.parameter("rightEnd")];
  const [into, rowBytes] = [writer.parameter("into"), writer.parameter("rowBytes")];
  const [column, term, end] = [writer.local(TYPE.i32), writer.local(TYPE.i32), writer.local(TYPE.i32)];
  const [leftAt, at] = [writer.local(TYPE.i32), writer.local(TYPE.i32)];
  const value = writer.local(TYPE.v128);
  const pairs = Array.from({ length: TILE_PAIRS }, () => writer.local(TYPE.v128));
  const sums = Array.from({ length: TILE_ROWS }, () => pairs.map(() => writer.local(TYPE.v128)));

  const advance = (local: Local, by: Code) => local.set(i32.add(local.get, by));
  const times = (local: Local, factor: number) => i32.mul(local.get, i32.const(factor));
  const finished = (sum: Local) => (rectified ? f64x2.greatest(sum.get, f64x2.const(0, 0)) : sum.get);

  const addTerm = [
    ...pairs.map((pair, index) => pair.set(f64x2.load(term.get, index * PAIR))),
    at.set(leftAt.get),
    ...sums.flatMap((row) => [
      value.set(f64x2.loadBoth(at.get)),
      advance(at, rowStep.get),
      ...row.map((sum, index) => sum.set(f64x2.add(sum.get, f64x2.mul(value.get, (pairs[index] as Local).get)))),
    ]),
    advance(leftAt, termStep.get),
    advance(term, rowBytes.get),
  ];
  const tile = [
    at.set(i32.add(writer.parameter("start").get, column.get)),
    ...sums.flatMap((row) => row.map((sum, index) => sum.set(f64x2.load(at.get, index * PAIR)))),
    leftAt.set(left.get),
    term.set(i32.add(right.get, column.get)),
    end.set(i32.add(rightEnd.get, column.get)),
    repeatWhile(addTerm, i32.lessUnsigned(term.get, end.get)),
    at.set(i32.add(into.get, column.get)),
    ...sums.flatMap((row) => [
      ...row.map((sum, index) => f64x2.store(at.get, finished(sum), index * PAIR)),
      advance(at, rowBytes.get),
    ]),
    advance(column, i32.const(TILE_PAIRS * PAIR)),
  ];
  const rows = [
    column.set(i32.const(0)),
    repeatWhile(tile, i32.lessUnsigned(column.get, rowBytes.get)),
    advance(left, times(rowStep, TILE_ROWS)),
    advance(into, times(rowBytes, TILE_ROWS)),
  ];
  writer.write(repeatWhile(rows, i32.lessUnsigned(into.get, writer.parameter("intoEnd").get)));
  return writer;
}
