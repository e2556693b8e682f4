import { singleAttemptBigQueryClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { fromService } from "./errors.js";

/** A row to stream. */
export interface StreamedRow {
  /** BigQuery keeps one of several rows with the same id for about a minute, no longer (contracts 2.8). At most 128 characters. */
  readonly insertId: string;
  readonly json: object;
}

/** Streams rows into tables, a request a call: for services with batches, deadlines and repeats of their own. */
export class TableWriter {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * Streams the rows that the table takes; not repeated.
   * @returns why each row that was refused was, by its place. The others are in the table.
   * @throws ActivateError when no row could be written: NOT_FOUND for a table that is missing, UNAVAILABLE …
   */
  async append(table: string, rows: readonly StreamedRow[]): Promise<ReadonlyMap<number, string>> {
    const client = await singleAttemptBigQueryClient(this.#connections);
    try {
      await client
        .dataset(this.#connections.config.dataset)
        .table(table)
        .insert([...rows], { raw: true, partialRetries: 0, skipInvalidRows: true });
      return new Map();
    } catch (thrown) {
      const refused = refusedRows(thrown);
      if (refused.size > 0) return refused;
      throw fromService(thrown, `Insert into ${table}`);
    }
  }
}

/** Of the client's PartialFailureError, whose own list has lost the places of the rows. */
function refusedRows(thrown: unknown): ReadonlyMap<number, string> {
  const { response } = thrown as {
    response?: { insertErrors?: { index?: number; errors?: { message?: string; location?: string }[] }[] };
  };
  return new Map(
    (response?.insertErrors ?? []).map(({ index = 0, errors = [] }) => [
      index,
      errors.map(({ message = "", location = "" }) => (location ? `${location}: ${message}` : message)).join("; "),
    ]),
  );
}
