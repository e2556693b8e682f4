import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CloudError } from "../../platform/errors.js";
import { quoteText } from "../engine/duckTypes.js";

/** A DuckDB that may touch one file, which BigQuery's own may not: it knows Parquet, and holds nothing afterwards. */
export interface Exchange {
  readonly connection: DuckDBConnection;
  readonly path: string;
  /** The same as a text of SQL. */
  readonly file: string;
}

/** Runs `work` in a room of its own, cleared away whatever happens. */
export async function exchange<T>(work: (room: Exchange) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "activate-parquet-"));
  const instance = await DuckDBInstance.create(":memory:", {
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    threads: "1",
  });
  const connection = await instance.connect();
  try {
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(`SET allowed_directories = [${quoteText(folder)}]`);
    await connection.run("SET enable_external_access = false");
    const path = join(folder, "rows.parquet");
    return await work({ connection, path, file: quoteText(path) });
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What DuckDB says of a file or a value in it, in the words of a load. */
export function unreadable(thrown: unknown): CloudError {
  if (thrown instanceof CloudError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [first = ""] = text.split("\n");
  return new CloudError(
    "INVALID_ARGUMENT",
    `Error while reading data, error message: ${first.replace(/'[^']*rows\.parquet'/, "the Parquet file")}`,
    { reason: "invalid", cause: thrown },
  );
}
