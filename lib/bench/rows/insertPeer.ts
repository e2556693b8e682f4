import type { BigQuery } from "@google-cloud/bigquery";
import { simulateClickstream, toSinkRow } from "../../anomaly/index.js";
import type { Bench } from "../bench.js";
import { DATASET, plain, statement } from "../clickstream.js";
import { alternate, digest, timed } from "../measure.js";
import { bigQueryClient, startBqemulator, startOurs } from "../servers.js";

export const insertPeer: Bench = {
  name: "insert-peer",
  what: "one insertAll of 1,000 nested events through Google's client, durable when acknowledged, against bqemulator (in memory)",
  async run(context) {
    const { rows, rounds } = context.scale === "full" ? { rows: 1000, rounds: 15 } : { rows: 50, rounds: 2 };
    const events = simulateClickstream({ seed: "bench", events: rows, days: 2 }).events.map(toSinkRow);
    const peer = await bigQueryClient(await startBqemulator(context));
    const ours = await bigQueryClient(await startOurs(context));
    for (const client of [peer, ours]) {
      await client.createDataset(DATASET);
      await client.query(statement("tables/events.sql", { events: "events" }));
    }
    const insert = (client: BigQuery) => timed(() => client.dataset(DATASET).table("events").insert(events));
    const found = await alternate(
      { rounds },
      () => insert(ours),
      () => insert(peer),
    );
    const [summary] = await ours.query(
      `SELECT COUNT(*) AS events, SUM(ecommerce.purchase.value) AS value FROM ${DATASET}.events`,
    );
    return { unit: "ms", ...found, peerName: "bqemulator 1.4.0", hash: digest(plain(summary)) };
  },
};
