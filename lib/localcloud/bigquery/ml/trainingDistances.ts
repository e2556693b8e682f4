import { BIGINT, DOUBLE, type DuckDBConnection, DuckDBDataChunk, LIST, VARCHAR } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { quoteText } from "../engine/duckTypes.js";
import { double, type ModelState } from "./state.js";

/**
 * The training rows' normalised distances, from which anomaly thresholds are read: table `_activate.model_distance`, sorted,
 * in blocks of a list each. Ranks count from 0 over all training rows; those below the median are not kept, as contamination
 * is at most 0.5. They change in the transaction of the model's record.
 */
const TABLE = "_activate.model_distance";
const BLOCK = 16_384;

/** Replaces what is kept for `trainingId`. @param sorted the larger half of the distances, ascending. */
export async function writeDistances(
  connection: DuckDBConnection,
  trainingId: string,
  trainingRowCount: number,
  sorted: Float64Array,
): Promise<void> {
  await connection.run(
    `CREATE TABLE IF NOT EXISTS ${TABLE} (training_id VARCHAR NOT NULL, first_rank BIGINT NOT NULL, distances DOUBLE[] NOT NULL)`,
  );
  const appender = await connection.createAppender("model_distance", "_activate");
  for (let start = 0; start < sorted.length; start += BLOCK) {
    const block = sorted.slice(start, start + BLOCK);
    const chunk = DuckDBDataChunk.create([VARCHAR, BIGINT, LIST(DOUBLE)], 1);
    chunk.setColumnValues(0, [trainingId]);
    chunk.setColumnValues(1, [BigInt(trainingRowCount - sorted.length + start)]);
    // Whole blocks of numbers go in through the bindings: the API would box each of them.
    const list = duckdb.data_chunk_get_vector(chunk.chunk, 2);
    duckdb.list_vector_reserve(list, block.length);
    duckdb.list_vector_set_size(list, block.length);
    duckdb.copy_data_to_vector(duckdb.list_vector_get_child(list), 0, block.buffer, block.byteOffset, block.byteLength);
    const entry = BigUint64Array.of(0n, BigInt(block.length));
    duckdb.copy_data_to_vector(list, 0, entry.buffer, entry.byteOffset, entry.byteLength);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** Forgets the distances of trainings; the table may not be there yet. */
export async function deleteDistances(connection: DuckDBConnection, trainingIds: readonly string[]): Promise<void> {
  if (trainingIds.length === 0 || !(await tableExists(connection))) return;
  await connection.run(`DELETE FROM ${TABLE} WHERE training_id IN (${trainingIds.map(quoteText).join(", ")})`);
}

/** Forgets the distances of every training that is not among `trainingIds`. */
export async function keepDistances(connection: DuckDBConnection, trainingIds: readonly string[]): Promise<void> {
  if (!(await tableExists(connection))) return;
  const kept = trainingIds.length > 0 ? ` WHERE training_id NOT IN (${trainingIds.map(quoteText).join(", ")})` : "";
  await connection.run(`DELETE FROM ${TABLE}${kept}`);
}

async function tableExists(connection: DuckDBConnection): Promise<boolean> {
  const found = await connection.runAndReadAll(
    "SELECT 1 FROM duckdb_tables() WHERE schema_name = '_activate' AND table_name = 'model_distance'",
  );
  return found.currentRowCount > 0;
}

/**
 * A DuckDB scalar subquery: the normalised distance beyond which a row is an anomaly, the (1 - contamination) quantile of
 * the training rows, linearly interpolated; `upperQuantile` in `ml/statistics.ts` computes the same.
 */
export function thresholdSql(state: ModelState, contamination: number): string {
  const { trainingRowCount, trainingId } = state;
  const lowest = Math.floor((trainingRowCount - 1) / 2);
  const position = (trainingRowCount - 1) * (1 - contamination);
  const low = Math.max(lowest, Math.floor(position));
  const at = (rank: number): string => {
    const first = lowest + Math.floor((rank - lowest) / BLOCK) * BLOCK;
    return `(SELECT distances[${rank - first + 1}] FROM ${TABLE} WHERE training_id = ${quoteText(trainingId)} AND first_rank = ${first})`;
  };
  if (position === low) return at(low);
  const high = Math.min(low + 1, trainingRowCount - 1);
  const interpolated = `below + (above - below) * ${double(position - low)}`;
  return `(SELECT CASE WHEN below = above THEN below ELSE ${interpolated} END FROM (SELECT ${at(low)} AS below, ${at(high)} AS above))`;
}
