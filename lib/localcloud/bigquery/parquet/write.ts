import { readFile } from "node:fs/promises";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { notSupported } from "../errors.js";
import type { FieldSchema } from "../schema.js";
import { stagingColumns, writeColumn } from "./columns.js";
import { exchange } from "./exchange.js";

const CODECS: Readonly<Record<string, string>> = { NONE: "uncompressed", GZIP: "gzip", SNAPPY: "snappy", ZSTD: "zstd" };

/** The codec by DuckDB's name. @throws CloudError notImplemented */
export function parquetCodec(compression: string | null | undefined): string {
  const asked = (compression ?? "NONE").toUpperCase();
  const codec = CODECS[asked];
  if (!codec) throw notSupported(`Compression ${asked} of PARQUET`, "Use SNAPPY, GZIP, ZSTD or NONE.");
  return codec;
}

/** One Parquet file of the rows. @throws CloudError notImplemented for a column that it cannot hold. */
export async function parquetFile(
  fields: readonly FieldSchema[],
  chunks: AsyncIterable<DuckDBDataChunk>,
  codec: string,
): Promise<Uint8Array> {
  const columns = fields.map(writeColumn).join(", ");
  return exchange(async ({ connection, path, file }) => {
    await connection.run(`CREATE TABLE staged (${stagingColumns(fields)})`);
    const appender = await connection.createAppender("staged");
    try {
      for await (const chunk of chunks) appender.appendDataChunk(chunk);
      appender.flushSync();
    } finally {
      appender.closeSync();
    }
    await connection.run(`COPY (SELECT ${columns} FROM staged) TO ${file} (FORMAT parquet, COMPRESSION ${codec})`);
    return readFile(path);
  });
}
