import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BigQuery } from "@google-cloud/bigquery";
import { simulateClickstream, toSinkRow } from "../anomaly/index.js";
import { ROOT } from "../cli/paths.js";
import { readSql, renderSql } from "../cloud/sql.js";
import { PROJECT } from "./servers.js";

export const DATASET = "bench";

/** A statement of `sql/` on the bench's own tables. */
export function statement(path: string, names: Readonly<Record<string, string | number>> = {}): string {
  return renderSql(readSql(path), { project: PROJECT, dataset: DATASET, ...names });
}

/** The ten questions of `sql/bench`. */
export function questions(): { readonly name: string; readonly sql: string }[] {
  const files = readdirSync(join(ROOT, "sql", "bench")).sort();
  return files.map((file) => ({
    name: file.replace(".sql", ""),
    sql: statement(`bench/${file}`, { events: "clickstream" }),
  }));
}

/** Events as NDJSON in a file, as the sink table takes them. */
export function writeEvents(file: string, events: number): void {
  const rows = simulateClickstream({ seed: "bench", events }).events.map((event) => JSON.stringify(toSinkRow(event)));
  writeFileSync(file, rows.join("\n"));
}

/**
 * Makes the table `clickstream`: the events of a file loaded by a load job, then `copies` times, each a month earlier and by
 * other users. All in SQL that both sides take.
 */
export async function loadClickstream(client: BigQuery, file: string, copies: number): Promise<void> {
  await client.createDataset(DATASET);
  await client.query(statement("tables/events.sql", { events: "events" }));
  await client.dataset(DATASET).table("events").load(file, { sourceFormat: "NEWLINE_DELIMITED_JSON" });
  await client.query(`
    CREATE TABLE ${DATASET}.clickstream AS
    SELECT
      TIMESTAMP_SUB(event_datetime, INTERVAL 30 * copy DAY) AS event_datetime,
      event,
      CONCAT(user_id, '-', CAST(copy AS STRING)) AS user_id,
      client_id,
      page,
      page_previous,
      weekday,
      ecommerce
    FROM ${DATASET}.events, UNNEST(GENERATE_ARRAY(0, ${copies - 1})) AS copy`);
}

/** Rows as plain JSON: the client's date and time objects by their text. */
export function plain(rows: unknown): unknown {
  return JSON.parse(JSON.stringify(rows));
}
