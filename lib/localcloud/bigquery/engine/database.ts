import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { CloudError } from "../../platform/errors.js";
import { diskFull, refuseFullDisk } from "../../platform/freeSpace.js";

/** The one DuckDB file: rows in schema `main`, the catalog in schema `_activate`. */
export interface Database {
  /** Runs `work` on a connection of its own for that long; connections are pooled. */
  read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
  /**
   * Runs `work` in a transaction, one writer at a time. Committed, and the log on disk, when it resolves; rolled back
   * when `work` throws. `committed` runs right after the commit, before the next writer's turn.
   */
  write<T>(work: (connection: DuckDBConnection) => Promise<T>, committed?: () => void): Promise<T>;
  /** As `write`, but on a full disk too: for the few bytes without which nothing could be read (see FREE_BYTES_MIN). */
  prepare(work: (connection: DuckDBConnection) => Promise<void>): Promise<void>;
  /** Every connection made from now on is handed to `prepare` first (the engine registers its functions there). */
  onConnect(prepare: (connection: DuckDBConnection) => Promise<void> | void): Promise<void>;
  /** A connection of one's own, open until the database closes. */
  connect(): Promise<DuckDBConnection>;
  /** Waits for readers and the writer, checkpoints, closes. */
  close(): Promise<void>;
}

/**
 * No SQL reaches the file system or the network, and no SQL can change that; how far a stream is read ahead is a
 * connection's own business (`readAhead`). Times are UTC as BigQuery's are.
 */
const SETTINGS = [
  "SET GLOBAL TimeZone = 'UTC'",
  "SET enable_external_access = false",
  "SET allowed_configs = ['streaming_buffer_size']",
  "SET lock_configuration = true",
];

/**
 * Runs `work` with streams of the connection that DuckDB reads further ahead than its 1 MB: with so little its threads stop
 * and start every few thousand rows, which doubles the time of a long read. For results that are taken in as fast as they come.
 */
export async function readAhead<T>(connection: DuckDBConnection, work: () => Promise<T>): Promise<T> {
  await connection.run("SET streaming_buffer_size = '16MB'");
  try {
    return await work();
  } finally {
    await connection.run("RESET streaming_buffer_size");
  }
}

const IDLE_CONNECTIONS_MAX = 8;

/** DuckDB's words. */
const NO_SPACE = /No space left on device|Disk quota exceeded/i;
const GIVEN_UP = /^FATAL Error|database has been invalidated/;
/** What follows the commit failed: the file could not be put in order. The change itself is in the log. */
const DURABLE = /COMMIT succeeded and is durable/;

/** Whether DuckDB's error tells of the disk or of its own end, not of the statement. */
export function isStorageFailure(thrown: unknown): boolean {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return NO_SPACE.test(text) || GIVEN_UP.test(text);
}

function interrupted(cause: unknown): CloudError {
  return new CloudError("UNAVAILABLE", "The local BigQuery was interrupted and starts again; try once more.", {
    reason: "backendError",
    cause,
  });
}

/**
 * @param broken called once when DuckDB gives up (a disk that filled up in the middle of a write, a damaged file): it then
 * refuses everything until it is opened anew, which finds all that was committed.
 * @throws Error of DuckDB when the folder cannot be written or the file is damaged or owned by another process.
 */
export async function openDatabase(folder: string, broken: () => void = () => undefined): Promise<Database> {
  mkdirSync(folder, { recursive: true });
  refuseFullDisk(folder);
  const instance = await DuckDBInstance.create(join(folder, "bigquery.duckdb"), {
    autoinstall_known_extensions: "false",
  });
  const writer = await instance.connect();
  for (const setting of SETTINGS) await writer.run(setting);
  const idle: DuckDBConnection[] = [];
  const preparations: ((connection: DuckDBConnection) => Promise<void> | void)[] = [];
  let queue: Promise<unknown> = Promise.resolve();
  let closed = false;

  const connect = async (): Promise<DuckDBConnection> => {
    const reused = idle.pop();
    if (reused) return reused;
    const connection = await instance.connect();
    for (const prepare of preparations) await prepare(connection);
    return connection;
  };
  const release = (connection: DuckDBConnection): void => {
    if (closed || idle.length >= IDLE_CONNECTIONS_MAX) connection.closeSync();
    else idle.push(connection);
  };
  const exclusive = async <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };

  let isBroken = false;
  const told = (thrown: unknown): unknown => {
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    if (GIVEN_UP.test(text) && !isBroken) {
      isBroken = true;
      broken();
    }
    if (NO_SPACE.test(text)) return diskFull(folder, thrown);
    return GIVEN_UP.test(text) ? interrupted(thrown) : thrown;
  };

  const transaction = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    try {
      await writer.run("BEGIN TRANSACTION");
      const result = await work(writer);
      await writer.run("COMMIT").catch((thrown: unknown) => {
        const error = told(thrown);
        if (!DURABLE.test(String(thrown))) throw error;
      });
      return result;
    } catch (thrown) {
      await writer.run("ROLLBACK").catch(() => undefined);
      throw told(thrown);
    }
  };

  const owned: DuckDBConnection[] = [];
  const readers = new Set<Promise<unknown>>();
  const read = async <T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> => {
    const connection = await connect();
    try {
      return await work(connection);
    } catch (thrown) {
      throw told(thrown);
    } finally {
      release(connection);
    }
  };

  return {
    connect: async () => {
      const connection = await connect();
      owned.push(connection);
      return connection;
    },
    read: (work) => {
      const reading = read(work);
      readers.add(reading);
      const done = () => readers.delete(reading);
      reading.then(done, done);
      return reading;
    },
    write: (work, committed) =>
      exclusive(async () => {
        refuseFullDisk(folder);
        const result = await transaction(work);
        committed?.();
        return result;
      }),
    prepare: (work) => exclusive(() => transaction(work)),
    onConnect: async (prepare) => {
      preparations.push(prepare);
      for (const connection of [writer, ...idle]) await prepare(connection);
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await Promise.allSettled([queue, ...readers]);
      await writer.run("CHECKPOINT").catch(() => undefined);
      for (const connection of [writer, ...idle, ...owned]) connection.closeSync();
      instance.closeSync();
    },
  };
}
