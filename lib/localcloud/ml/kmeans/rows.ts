/**
 * Training rows in shared memory, so that several threads work on them without a copy.
 * Numbers lie row by row in `dense`; categories and sparse vectors are index lists per row (compressed sparse rows).
 */
export interface TrainingRows {
  readonly count: number;
  readonly denseCount: number;
  /** Dense and sparse columns together. */
  readonly width: number;
  /** `count` x `denseCount`, row-major. */
  readonly dense: Float64Array;
  readonly sparse?: SparseRows;
}

export interface SparseRows {
  /** `count + 1` positions into `columns`. */
  readonly offsets: Uint32Array;
  /** Column numbers counted from the first sparse column. */
  readonly columns: Int32Array;
  /** Absent: every entry is 1. */
  readonly values?: Float64Array;
}

export function sharedFloat64Array(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}

/** How one raw column of numbers becomes a dense column: `(x - mean) / scale`, and `fill` where x is NULL (NaN). */
export interface DenseColumn {
  readonly values: Float64Array;
  readonly mean: number;
  /** 0: the whole column is 0 (a constant). */
  readonly scale: number;
  readonly fill: number;
}

/** Rows that are written together: as many as stay in the processor's cache, since a column is written row by row. */
const STRIP = 512;

/** Writes the rows from `from` to `to` of every column into `dense`. */
export function encodeDense(
  columns: readonly DenseColumn[],
  dense: Float64Array,
  denseCount: number,
  from: number,
  to: number,
): void {
  for (let first = from; first < to; first += STRIP) {
    const end = Math.min(first + STRIP, to);
    columns.forEach((column, place) => {
      encodeColumn(column, dense, first * denseCount + place, denseCount, first, end);
    });
  }
}

function encodeColumn(
  { values, mean, scale, fill }: DenseColumn,
  dense: Float64Array,
  start: number,
  stride: number,
  from: number,
  to: number,
): void {
  for (let i = from, at = start; i < to; i++, at += stride) {
    const value = values[i] as number;
    dense[at] = Number.isNaN(value) ? fill : scale === 0 ? 0 : (value - mean) / scale;
  }
}

/** Row `row` with all its columns written out. */
export function fullRow(rows: TrainingRows, row: number): Float64Array {
  const full = new Float64Array(rows.width);
  full.set(rows.dense.subarray(row * rows.denseCount, (row + 1) * rows.denseCount));
  const { sparse } = rows;
  if (sparse) {
    for (let at = sparse.offsets[row] as number; at < (sparse.offsets[row + 1] as number); at++) {
      full[rows.denseCount + (sparse.columns[at] as number)] = sparse.values ? (sparse.values[at] as number) : 1;
    }
  }
  return full;
}
