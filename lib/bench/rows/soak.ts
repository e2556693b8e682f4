import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BigQuery } from "@google-cloud/bigquery";
import { simulateClickstream, toSinkRow } from "../../anomaly/index.js";
import type { Bench } from "../bench.js";
import { DATASET, plain, statement } from "../clickstream.js";
import { digest, median } from "../measure.js";
import { residentMegabytes } from "../processes.js";
import { bigQueryClient, startOurs } from "../servers.js";
import { deployClusters } from "../vertexEndpoint.js";

export const soak: Bench = {
  name: "soak",
  what: "100,000 small requests (queries, inserts, reads, predictions): p50 of the last thousand, against the first thousand after warm-up",
  async run(context) {
    const { requests, window } =
      context.scale === "full" ? { requests: 100_000, window: 1000 } : { requests: 300, window: 60 };
    const server = await startOurs(context);
    const client = await bigQueryClient(server);
    await client.createDataset(DATASET, { location: "europe-west1" });
    await client.query(statement("tables/events.sql", { events: "events" }));
    const predict = await deployClusters(client, server);
    const events = simulateClickstream({ seed: "soak", events: 5000, days: 10 }).events.map(toSinkRow);
    const request = (place: number) => send(client, predict, events, place);

    let place = 0;
    const run = async (count: number): Promise<number[]> => {
      const times: number[] = [];
      for (const end = place + count; place < end; place += 1) {
        const begin = performance.now();
        await request(place);
        times.push(performance.now() - begin);
      }
      return times;
    };
    await run(window);
    const first = median(await run(window));
    const memory = residentMegabytes(server.pid);
    const disk = megabytes(join(context.folder, "state"));
    const report = Math.max(window, Math.floor((requests - 2 * window) / 10));
    let latest: number[] = [];
    while (place < requests) {
      latest = (await run(Math.min(report, requests - place))).slice(-window);
      context.log(
        `${place} requests: p50 ${median(latest).toFixed(2)} ms (first ${first.toFixed(2)}), ` +
          `${residentMegabytes(server.pid).toFixed(0)} MB resident (${memory.toFixed(0)} after warm-up), ` +
          `${megabytes(join(context.folder, "state")).toFixed(0)} MB on disk (${disk.toFixed(0)})`,
      );
    }
    const [rows] = await client.query(
      `SELECT event, COUNT(*) AS events FROM ${DATASET}.events GROUP BY event ORDER BY event`,
    );
    return {
      unit: "ms",
      ours: median(latest),
      peer: first,
      peerName: `the first ${window} after warm-up`,
      hash: digest(plain(rows)),
    };
  },
};

/** Half queries, the other half shared by inserts, reads and predictions. */
async function send(
  client: BigQuery,
  predict: (instances: readonly object[]) => Promise<unknown>,
  events: readonly object[],
  place: number,
): Promise<void> {
  const table = client.dataset(DATASET).table("events");
  switch (place % 6) {
    case 0:
      await table.insert([events[place % events.length]]);
      return;
    case 1:
      await table.getMetadata();
      return;
    case 2:
      await predict([{ a: place % 10, b: place % 7 }]);
      return;
    default:
      await client.query(`SELECT ${place} AS place, name FROM ${DATASET}.small WHERE n = ${place % 100}`);
  }
}

function megabytes(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (found?.isFile()) bytes += found.blocks * 512;
  }
  return bytes / 1024 ** 2;
}
