import type { DuckDBConnection } from "@duckdb/node-api";
import type { Database } from "./engine/database.js";
import type { JobReference, StoredJob } from "./jobs.js";

/** Jobs on disk at most; the oldest go. */
const KEPT = 1_000;
/** Writes between two prunings. */
const PRUNE_EVERY = 200;

/**
 * The jobs that changed something, written in the transaction of the change: after a crash a repeat with the same job id
 * or request id finds the first outcome. Jobs that only read are not written.
 */
export class JobLog {
  readonly #database: Database;
  #writes = 0;

  private constructor(database: Database) {
    this.#database = database;
  }

  static async open(database: Database): Promise<JobLog> {
    await database.write(async (connection) => {
      await connection.run(
        `CREATE TABLE IF NOT EXISTS _activate.job (
          project VARCHAR NOT NULL, id VARCHAR NOT NULL, created BIGINT NOT NULL, record VARCHAR NOT NULL)`,
      );
    });
    return new JobLog(database);
  }

  /** Oldest first. */
  async read(): Promise<readonly StoredJob[]> {
    return this.#database.read(async (connection) => {
      const rows = await connection.runAndReadAll(
        `SELECT record FROM (SELECT record, created, rowid FROM _activate.job ORDER BY created DESC, rowid DESC LIMIT ${KEPT})
         ORDER BY created, rowid`,
      );
      return rows.getRowsJS().map(([record]) => JSON.parse(String(record)) as StoredJob);
    });
  }

  async write(connection: DuckDBConnection, job: StoredJob): Promise<void> {
    const { projectId, jobId } = job.reference;
    await this.remove(connection, job.reference);
    await connection.run("INSERT INTO _activate.job VALUES (?, ?, ?, ?)", [
      projectId,
      jobId,
      BigInt(job.creationTime),
      JSON.stringify(job),
    ]);
    this.#writes += 1;
    if (this.#writes % PRUNE_EVERY !== 0) return;
    await connection.run(
      `DELETE FROM _activate.job WHERE rowid NOT IN (
         SELECT rowid FROM _activate.job ORDER BY created DESC, rowid DESC LIMIT ${KEPT})`,
    );
  }

  async remove(connection: DuckDBConnection, { projectId, jobId }: JobReference): Promise<void> {
    await connection.run("DELETE FROM _activate.job WHERE project = ? AND id = ?", [projectId, jobId]);
  }
}
