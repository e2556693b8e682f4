import { writeFile } from "node:fs/promises";
import type { DuckDBConnection } from "@duckdb/node-api";
import { invalid } from "../errors.js";
import type { FieldSchema } from "../schema.js";
import { find, type ParquetColumn, type ParquetOptions, readColumn } from "./columns.js";
import { exchange, unreadable } from "./exchange.js";

export interface ParquetLoad {
  /** Columns of the job's schema, else of the table: the file's take their types where they can. */
  readonly wanted: readonly FieldSchema[] | undefined;
  /** The job gave `wanted` itself: columns of the file that it lacks are passed over only where `ignoreUnknown`. */
  readonly strict: boolean;
  readonly ignoreUnknown: boolean;
  readonly decimals: readonly string[];
  readonly options: ParquetOptions;
}

/** The table that a file's rows go to, once its columns are known. */
export type Prepare = (fields: readonly FieldSchema[]) => Promise<{
  readonly fields: readonly FieldSchema[];
  readonly physicalName: string;
}>;

/**
 * Appends a Parquet file's rows within the writer's transaction. What the table has beyond the file is NULL, or empty
 * where repeated.
 * @returns how many rows there were.
 * @throws CloudError invalid for a damaged file, for values that the table cannot take
 */
export async function loadParquet(
  content: Uint8Array,
  load: ParquetLoad,
  writer: DuckDBConnection,
  prepare: Prepare,
  signal: AbortSignal,
): Promise<number> {
  return exchange(async ({ connection, path, file }) => {
    await writeFile(path, content);
    const columns = await columnsOf(connection, file, load).catch((thrown: unknown) => {
      throw unreadable(thrown);
    });
    const table = await prepare(columns.map(({ field }) => field));
    const values = table.fields.map((field) => {
      const column = columns.find((other) => other.field.name.toLowerCase() === field.name.toLowerCase());
      return column?.sql ?? (field.mode === "REPEATED" ? "[]" : "NULL");
    });
    try {
      return await append(connection, writer, `SELECT ${values.join(", ")} FROM read_parquet(${file})`, table, signal);
    } catch (thrown) {
      throw unreadable(thrown);
    }
  });
}

async function columnsOf(
  connection: DuckDBConnection,
  file: string,
  { wanted, strict, ignoreUnknown, decimals, options }: ParquetLoad,
): Promise<readonly ParquetColumn[]> {
  const described = await connection.run(`SELECT * FROM read_parquet(${file}) LIMIT 0`);
  const types = described.columnTypes();
  const reading = { lists: options.enableListInference === true, decimals };
  return described.columnNames().flatMap((name, index) => {
    const target = find(wanted, name);
    if (strict && !target) {
      if (ignoreUnknown) return [];
      throw invalid(`Error while reading data, error message: the job's schema has no column ${name}.`, name);
    }
    const type = types[index];
    return type ? [readColumn(target?.name ?? name, type, target, reading)] : [];
  });
}

async function append(
  reader: DuckDBConnection,
  writer: DuckDBConnection,
  sql: string,
  { physicalName }: Awaited<ReturnType<Prepare>>,
  signal: AbortSignal,
): Promise<number> {
  const appender = await writer.createAppender(physicalName, "main");
  let rows = 0;
  try {
    for await (const chunk of await reader.stream(sql)) {
      signal.throwIfAborted();
      appender.appendDataChunk(chunk);
      rows += chunk.rowCount;
    }
    appender.flushSync();
  } finally {
    appender.closeSync();
  }
  return rows;
}
