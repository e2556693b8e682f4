import { bigQueryClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { fromService } from "./errors.js";
import { plainRow, type Row } from "./rows.js";

/**
 * All rows of a small table as they lie, read without a query: free on Google Cloud, and without what the warehouse brings
 * along, for containers that must start fast.
 * @throws ActivateError NOT_FOUND
 */
export async function readTable(connections: Connections, table: string): Promise<Row[]> {
  const client = await bigQueryClient(connections);
  try {
    const [rows] = await client.dataset(connections.config.dataset).table(table).getRows();
    return (rows as Record<string, unknown>[]).map((row) => plainRow(row));
  } catch (thrown) {
    throw fromService(thrown, `Rows of ${table}`);
  }
}
