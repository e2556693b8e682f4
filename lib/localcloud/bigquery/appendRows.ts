import { type DuckDBConnection, DuckDBDataChunk, type DuckDBValue } from "@duckdb/node-api";

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
      const chunk = DuckDBDataChunk.create(types);
      chunk.setColumns(types.map((_, column) => part.map((row) => row[column] ?? null)));
      appender.appendDataChunk(chunk);
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
}
