import type { BigQuery } from "@google-cloud/bigquery";
import type { Bench } from "../bench.js";
import { DATASET, plain } from "../clickstream.js";
import { digest, median, timed } from "../measure.js";
import { bigQueryClient, startBqemulator, startOurs } from "../servers.js";

const BLOCK = 20;

export const sqlSmall: Bench = {
  name: "sql-small",
  what: "a small query through Google's client, warm, its text new each time (p50), against bqemulator",
  async run(context) {
    const queries = context.scale === "full" ? 300 : 20;
    const peer = await bigQueryClient(await startBqemulator(context));
    const ours = await bigQueryClient(await startOurs(context));
    for (const client of [peer, ours]) {
      await client.createDataset(DATASET);
      await client.query(`
        CREATE TABLE ${DATASET}.small AS
        SELECT n, MOD(n, 7) AS weekday, CONCAT('name ', CAST(n AS STRING)) AS name, n / 8 AS amount
        FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS n`);
    }
    const ask = async (client: BigQuery, from: number) => {
      const [rows] = await client.query(`
        SELECT weekday, COUNT(*) AS names, SUM(amount) AS amount, MAX(name) AS last
        FROM ${DATASET}.small WHERE n > ${from} GROUP BY weekday ORDER BY weekday`);
      return rows;
    };
    const results: unknown[] = [];
    const times = { ours: [] as number[], peer: [] as number[] };
    // The first block of each side is warm-up.
    for (let first = 0; first < queries + BLOCK; first += BLOCK) {
      for (let from = first; from < first + BLOCK; from += 1) {
        times.ours.push(await timed(async () => results.push(await ask(ours, from))));
      }
      for (let from = first; from < first + BLOCK; from += 1) {
        times.peer.push(await timed(() => ask(peer, from)));
      }
    }
    return {
      unit: "ms",
      ours: median(times.ours.slice(BLOCK)),
      peer: median(times.peer.slice(BLOCK)),
      peerName: "bqemulator 1.4.0",
      hash: digest(plain(results)),
    };
  },
};
