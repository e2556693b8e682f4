import { bigQueryClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { fromService } from "./errors.js";
import { plainRow, type Row } from "./rows.js";

/** What a query answers, a page at a time. */
export interface QueryPages {
  readonly columns: readonly string[];
  /** Rows in pages of at most `pageRows`; the next page is asked for when the one before has been taken. */
  readonly pages: AsyncIterable<readonly Row[]>;
}

/**
 * Runs a query whose answer may be larger than the memory: at no time more than two pages of it are held.
 * @param query GoogleSQL; names of tables need no project.
 * @throws ActivateError REFUSED with BigQuery's own sentence and position.
 */
export async function queryPages(connections: Connections, query: string, pageRows = 10_000): Promise<QueryPages> {
  const { project, dataset, region } = connections.config;
  const client = await bigQueryClient(connections);
  try {
    const defaultDataset = { projectId: project, datasetId: dataset };
    const [job] = await client.createQueryJob({ query, location: region, defaultDataset });
    const ask = (pageToken?: string) =>
      job.getQueryResults({ maxResults: pageRows, autoPaginate: false, ...(pageToken ? { pageToken } : {}) });
    let [rows, next, response] = await ask();
    const columns = (response?.schema?.fields ?? []).map(({ name }) => name ?? "");
    const pages = async function* (): AsyncIterable<readonly Row[]> {
      for (;;) {
        yield rows.map((row: Readonly<Record<string, unknown>>) => plainRow(row));
        if (!next?.pageToken) return;
        try {
          [rows, next, response] = await ask(next.pageToken);
        } catch (thrown) {
          throw fromService(thrown, "Query results");
        }
      }
    };
    return { columns, pages: pages() };
  } catch (thrown) {
    throw fromService(thrown, "Query");
  }
}
