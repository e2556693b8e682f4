import type { DuckDBConnection, DuckDBDataChunk } from "@duckdb/node-api";
import type { TrainingFeature } from "../../ml/kmeans/fit.js";
import type { SparseRows } from "../../ml/kmeans/rows.js";
import { quoteIdentifier } from "../engine/duckTypes.js";
import { invalidQuery } from "../errors.js";
import { MarkedRows, NumberBuffer, SparseBuffer, VectorBuffer } from "./columnBuffers.js";
import { type FeatureSource, featureSql } from "./columns.js";

/** A training query's rows in memory, and what is known of them before training. */
export interface TrainingData {
  readonly rowCount: number;
  readonly features: readonly TrainingFeature[];
  /** Raw numbers in feature order, NULL as NaN; shared memory. */
  readonly columns: readonly Float64Array[];
  readonly sparse?: SparseRows;
  /** NULLs of each feature that is not numeric. */
  readonly nullCounts: readonly number[];
  /** Rows whose KMEANS_INIT_COL is TRUE, in the order of the query. */
  readonly initialRows: readonly number[];
}

type Buffer = NumberBuffer | SparseBuffer | VectorBuffer;

/**
 * Runs a query and takes its features out of DuckDB column by column.
 *
 * @param sql a complete SELECT whose columns the sources name.
 * @param initColumn a BOOL column that marks initial centroids.
 * @param onRows told the number of rows read so far, after each chunk.
 * @throws CloudError invalidQuery for a NaN or an infinity in a feature; the signal's reason when aborted.
 */
export async function readTrainingData(
  connection: DuckDBConnection,
  sql: string,
  sources: readonly FeatureSource[],
  initColumn: string | undefined,
  signal: AbortSignal,
  onRows: (count: number) => void,
): Promise<TrainingData> {
  const selected = sources.map((source) => featureSql(source));
  if (initColumn !== undefined) selected.push(`coalesce(${quoteIdentifier(initColumn)}, FALSE)`);
  const buffers = sources.map(newBuffer);
  const init = initColumn === undefined ? undefined : new MarkedRows();
  const result = await connection.stream(`SELECT ${selected.join(", ")} FROM (${sql})`);
  let rowCount = 0;
  // DuckDB makes the next chunk on a thread of its own while this one is taken over.
  let next = result.fetchChunk();
  try {
    for (let chunk = await next; chunk && chunk.rowCount > 0; chunk = await next) {
      next = result.fetchChunk();
      signal.throwIfAborted();
      for (const [column, buffer] of buffers.entries()) append(buffer, chunk, column, sources[column]);
      init?.append(chunk, sources.length, rowCount);
      rowCount += chunk.rowCount;
      onRows(rowCount);
    }
  } finally {
    await next.catch(() => undefined);
  }
  return assemble(rowCount, sources, buffers, init);
}

function newBuffer(source: FeatureSource): Buffer {
  if (source.kind === "numeric") return new NumberBuffer();
  return source.kind === "vector" ? new VectorBuffer() : new SparseBuffer();
}

function append(buffer: Buffer, chunk: DuckDBDataChunk, column: number, source: FeatureSource | undefined): void {
  if (buffer instanceof NumberBuffer) {
    try {
      buffer.append(chunk, column);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      throw invalidQuery(
        `Column ${source?.name} of the training query contains ${thrown.message}: a feature must be finite or NULL.`,
      );
    }
  } else if (buffer instanceof VectorBuffer) buffer.append(chunk, column);
  else if (source?.kind === "multiHot") buffer.appendCategoryLists(chunk, column);
  else if (source?.kind === "sparseVector") buffer.appendPairs(chunk, column);
  else buffer.appendCategories(chunk, column);
}

function assemble(
  rowCount: number,
  sources: readonly FeatureSource[],
  buffers: readonly Buffer[],
  init: MarkedRows | undefined,
): TrainingData {
  const columns: Float64Array[] = [];
  const sparse: { readonly buffer: SparseBuffer; readonly places: Int32Array; readonly start: number }[] = [];
  let sparseWidth = 0;
  const features = buffers.map((buffer, index): TrainingFeature => {
    const name = sources[index]?.name ?? "";
    if (buffer instanceof NumberBuffer) {
      columns.push(buffer.values);
      return { kind: "numeric", name };
    }
    if (buffer instanceof VectorBuffer) {
      const positions = buffer.columns();
      columns.push(...positions);
      return { kind: "vector", name, dimension: positions.length };
    }
    const { texts, places } = buffer.vocabulary.sorted();
    sparse.push({ buffer, places, start: sparseWidth });
    sparseWidth += texts.length;
    const kind = sources[index]?.kind;
    if (kind === "sparseVector") return { kind, name, indices: texts.map(Number) };
    return { kind: "categorical", name, multiple: kind === "multiHot", categories: texts };
  });
  return {
    rowCount,
    features,
    columns,
    ...(sparse.length > 0 ? { sparse: mergeSparse(rowCount, sparse) } : {}),
    nullCounts: buffers.map((buffer) => {
      if (buffer instanceof SparseBuffer) return buffer.nullCount;
      return buffer instanceof VectorBuffer ? buffer.rows.filter((row) => row === null).length : 0;
    }),
    initialRows: init?.rows ?? [],
  };
}

/** All sparse features' entries row by row, in shared memory; each feature's columns start at its `start`. */
function mergeSparse(
  rowCount: number,
  features: readonly { readonly buffer: SparseBuffer; readonly places: Int32Array; readonly start: number }[],
): SparseRows {
  const total = features.reduce((sum, { buffer }) => sum + buffer.codes.length, 0);
  const offsets = new Uint32Array(new SharedArrayBuffer((rowCount + 1) * 4));
  const columns = new Int32Array(new SharedArrayBuffer(total * 4));
  const hasValues = features.some(({ buffer }) => buffer.values.length > 0);
  const values = hasValues ? new Float64Array(new SharedArrayBuffer(total * 8)) : undefined;
  const parts = features.map(({ buffer, places, start }) => ({
    places,
    start,
    ends: buffer.ends.values,
    codes: buffer.codes.values,
    values: buffer.values.length > 0 ? buffer.values.values : undefined,
  }));
  let at = 0;
  for (let row = 0; row < rowCount; row++) {
    for (const part of parts) {
      const end = part.ends[row] as number;
      for (let entry = row === 0 ? 0 : (part.ends[row - 1] as number); entry < end; entry++) {
        columns[at] = part.start + (part.places[part.codes[entry] as number] as number);
        if (values) values[at] = part.values ? (part.values[entry] as number) : 1;
        at++;
      }
    }
    offsets[row + 1] = at;
  }
  return { offsets, columns, ...(values ? { values } : {}) };
}
