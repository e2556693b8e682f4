import { type DuckDBConnection, DuckDBDataChunk, type DuckDBValue } from "@duckdb/node-api";
import duckdb from "@duckdb/node-bindings";
import { writeVector } from "./vectorWriter.js";

/** Rows of a chunk of DuckDB. */
const CHUNK_ROWS = 2_048;

/** Appends rows (values in the order of the table's columns) within the connection's transaction. */
export async function appendRows(
  connection: DuckDBConnection,
  physicalName: string,
  rows: readonly (readonly DuckDBValue[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(physicalName, "main");
  try {
    const types = Array.from({ length: appender.columnCount }, (_, index) => appender.columnType(index));
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const part = rows.slice(start, start + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, part.length);
      types.forEach((type, column) => {
        const values = part.map((row) => row[column]);
        writeVector(duckdb.data_chunk_get_vector(chunk.chunk, column), type, values);
      });
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
