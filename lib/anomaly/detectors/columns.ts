/** Rows as columns: a list of numbers a feature, all of one length. Columns that a detector does not know are left alone. */
export type Columns = Readonly<Record<string, ArrayLike<number>>>;

/** Rows of the features in a given order, one row after the other. */
export interface Matrix {
  readonly features: readonly string[];
  readonly rows: number;
  /** `rows` × `features.length` finite numbers. */
  readonly values: Float64Array;
}

/** A value or column that no detector can take; says which. */
export class FeatureError extends RangeError {
  override readonly name = "FeatureError";

  constructor(
    message: string,
    readonly feature: string,
    /** Index of the row, when one is to blame. */
    readonly row?: number,
  ) {
    super(message);
  }
}

/**
 * The features of all rows, in the order of `features`, whatever the order of the columns.
 * @throws FeatureError naming the column that is missing or shorter than the first, or the row whose value is not finite.
 */
export function toMatrix(columns: Columns, features: readonly string[]): Matrix {
  const width = features.length;
  const rows = columns[features[0] ?? ""]?.length ?? 0;
  const values = new Float64Array(rows * width);
  for (const [place, feature] of features.entries()) {
    const column = Object.hasOwn(columns, feature) ? columns[feature] : undefined;
    if (column === undefined) throw new FeatureError(`column ${feature} is missing`, feature);
    if (column.length !== rows) {
      throw new FeatureError(`column ${feature} has ${column.length} rows, column ${features[0]} has ${rows}`, feature);
    }
    for (let row = 0, at = place; row < rows; row += 1, at += width) {
      const value: unknown = column[row];
      if (typeof value !== "number" || !Number.isFinite(value)) {
        throw new FeatureError(
          `column ${feature} holds ${shown(value)} in row ${row}; it must be a finite number`,
          feature,
          row,
        );
      }
      values[at] = value;
    }
  }
  return { features, rows, values };
}

/** The columns of rows that are objects. A missing field becomes `undefined`, which `toMatrix` refuses by name. */
export function toColumns<Name extends string>(
  rows: readonly Readonly<Record<Name, number>>[],
  features: readonly Name[],
): Record<Name, number[]> {
  const entries = features.map((feature) => [feature, rows.map((row) => row[feature])] as const);
  return Object.fromEntries(entries) as Record<Name, number[]>;
}

/** A row of a matrix, as a view. */
export function rowOf({ features, values }: Matrix, row: number): Float64Array {
  return values.subarray(row * features.length, (row + 1) * features.length);
}

/** One feature of all rows, as a copy. */
export function columnOf({ features, rows, values }: Matrix, place: number): Float64Array {
  const column = new Float64Array(rows);
  for (let row = 0, at = place; row < rows; row += 1, at += features.length) column[row] = values[at] as number;
  return column;
}

/** The rows with these indices, in that order. */
export function rowsOf(matrix: Matrix, indices: ArrayLike<number>): Matrix {
  const width = matrix.features.length;
  const values = new Float64Array(indices.length * width);
  for (let row = 0; row < indices.length; row += 1) values.set(rowOf(matrix, indices[row] as number), row * width);
  return { features: matrix.features, rows: indices.length, values };
}

/** All rows, or so many of them, evenly taken. */
export function evenly(matrix: Matrix, most: number): Matrix {
  if (matrix.rows <= most) return matrix;
  return rowsOf(
    matrix,
    Array.from({ length: most }, (_, index) => Math.floor((index * matrix.rows) / most)),
  );
}

const shown = (value: unknown): string => (typeof value === "string" ? JSON.stringify(value) : String(value));
