/** The live pipeline as running programs: local cloud, scorers, and a publisher. */

import { setTimeout as delay } from "node:timers/promises";
import { simulate } from "../anomaly/index.js";
import { PipelineResources } from "../cloud/pipeline.js";
import { type Publisher, PubSubResources } from "../cloud/pubsub.js";
import type { ScorerMetrics } from "../containers/scorer/metrics.js";
import { freePort } from "../localcloud/platform/containers/index.js";
import type { BenchContext } from "./bench.js";
import { answers, startProgram } from "./processes.js";
import { startOurs } from "./servers.js";
import { openShop, type Shop } from "./shop.js";

const CONCURRENCY = 80;
/** Calls of `publish` that have not been answered. */
const UNANSWERED_MAX = 2_000;
const POLL_MS = 50;

export interface RunningScorer {
  readonly url: string;
  readonly pid: number;
  metrics(): Promise<ScorerMetrics>;
}

export interface LivePipeline {
  readonly shop: Shop;
  readonly rest: string;
  readonly cloudPid: number;
  /** @param settings beside the usual ones. */
  startScorer(settings?: Readonly<Record<string, string>>): Promise<RunningScorer>;
  /** Points the push subscription at a scorer. */
  connect(scorer: RunningScorer): Promise<void>;
  /** Publishes events as fast as Pub/Sub takes them, or at a rate, until `count` or `forMs`. @returns how many. */
  publish(options: {
    readonly count: number;
    readonly eventsPerSecond?: number;
    readonly seed: string;
  }): Promise<number>;
  /** Waits until so many rows are visible to a reader of the once-view. */
  visible(rows: number): Promise<void>;
  /** Rows that are visible now. */
  rows(): Promise<number>;
  /** What was decided on each transaction, once every purchase that is visible has its decision. */
  decisions(): Promise<readonly object[]>;
}

const UNDECIDED =
  "SELECT COUNT(DISTINCT message_id) AS n FROM cloud_run WHERE event = 'purchase' AND message_id NOT IN (SELECT message_id FROM cloud_run_anomaly)";
const DECISIONS = "SELECT DISTINCT transaction_id, anomaly FROM cloud_run_anomaly ORDER BY transaction_id, anomaly";
const ONCE = "SELECT COUNT(DISTINCT message_id) AS n FROM cloud_run";

export async function startLivePipeline(context: BenchContext): Promise<LivePipeline> {
  const { rest, grpc, pid } = await startOurs(context);
  const shop = await openShop({ rest, grpc, project: "activate-local" });
  context.afterwards(() => shop.connections.close());
  const pipeline = new PipelineResources(shop.connections);
  await pipeline.ensureTables();
  const publisher: Publisher = await new PubSubResources(shop.connections).publisher(await pipeline.ensureTopic());
  const rows = async (): Promise<number> => Number((await shop.warehouse.row(ONCE)).n);
  return {
    shop,
    rest,
    cloudPid: pid,
    startScorer: (settings = {}) => startScorer(context, shop, settings),
    connect: async ({ url }) => {
      await pipeline.connect(`${url}/`, {
        delivery: {
          ackDeadlineSeconds: 60,
          maxDeliveryAttempts: 100,
          retry: { minimumBackoffSeconds: 0, maximumBackoffSeconds: 1 },
        },
      });
    },
    publish: ({ count, eventsPerSecond, seed }) => publish(publisher, count, eventsPerSecond, seed),
    visible: async (wanted) => {
      for (let last = -1, stuck = 0; ; ) {
        const now = await rows();
        if (now >= wanted) return;
        stuck = now === last ? stuck + 1 : 0;
        if (stuck * POLL_MS > 60_000) throw new Error(`${wanted - now} of ${wanted} rows do not arrive`);
        last = now;
        await delay(POLL_MS);
      }
    },
    rows,
    decisions: async () => {
      for (let asked = 0; Number((await shop.warehouse.row(UNDECIDED)).n) > 0; asked += 1) {
        if (asked * POLL_MS > 60_000) throw new Error("purchases without a decision");
        await delay(POLL_MS);
      }
      return shop.warehouse.rows(DECISIONS);
    },
  };
}

async function startScorer(
  context: BenchContext,
  shop: Shop,
  settings: Readonly<Record<string, string>>,
): Promise<RunningScorer> {
  const port = await freePort();
  const script = `
    const { processHost } = require(${JSON.stringify(require.resolve("../containers/host.js"))});
    const { run } = require(${JSON.stringify(require.resolve("../containers/scorer/main.js"))});
    run({ ...processHost(), output: (line) => console.error(line) }).then((code) => process.exit(code));`;
  const environment = {
    ...shop.environment,
    PORT: `${port}`,
    SCORER_PREDICTOR: shop.endpoint,
    SCORER_CONCURRENCY: `${CONCURRENCY}`,
    ...settings,
  };
  const program = await startProgram(process.execPath, ["-e", script], { env: { ...process.env, ...environment } });
  context.afterwards(() => program.stop());
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health`);
  return {
    url,
    pid: program.pid,
    metrics: async () => {
      const answer = await fetch(`${url}/metrics`, { headers: { accept: "application/json" } });
      return (await answer.json()) as ScorerMetrics;
    },
  };
}

async function publish(
  publisher: Publisher,
  count: number,
  eventsPerSecond: number | undefined,
  seed: string,
): Promise<number> {
  const begin = performance.now();
  const unanswered = new Set<Promise<unknown>>();
  let sent = 0;
  for (const { event } of simulate({ seed, events: count, days: 1, end: "2026-03-02" })) {
    const early = eventsPerSecond === undefined ? 0 : (sent / eventsPerSecond) * 1000 - (performance.now() - begin);
    if (early > 5) await delay(early);
    const answer = publisher.publish({ data: Buffer.from(JSON.stringify(event)) });
    unanswered.add(answer);
    answer.finally(() => unanswered.delete(answer)).catch(() => undefined);
    sent += 1;
    if (unanswered.size >= UNANSWERED_MAX) await Promise.race(unanswered);
  }
  await Promise.all(unanswered);
  return sent;
}
