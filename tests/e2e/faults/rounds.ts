import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openShop, type Shop } from "activate/bench/shop.js";
import { type Publisher, PubSubResources, type Row, type Warehouse } from "activate/cloud";
import { PipelineResources } from "activate/cloud/pipeline.js";
import { freePort } from "activate/localcloud/platform/containers";
import { Program } from "./programs.js";
import { type Kill, type Sent, storyOf, type Victim } from "./story.js";

/** What a round showed of the messages that Pub/Sub acknowledged to the publisher. */
export interface FaultRound {
  readonly round: number;
  readonly killed: readonly Victim[];
  /** Messages acknowledged. */
  readonly published: number;
  readonly poison: number;
  /** Ids that are neither in the tables that they belong to, nor, with a reason, among the dead letters. */
  readonly lost: readonly string[];
  /** Ids that a reader of the views would count twice. */
  readonly duplicated: readonly string[];
  /** Rows that were written more than once, which the views hide: what the faults cost. */
  readonly redelivered: number;
  /** From the first publish to the last answer, kills and restarts included; and what the rest took to arrive. */
  readonly seconds: { readonly publishing: number; readonly draining: number };
}

const PROJECT = "fault-rounds";
const CHUNK = 100;
const DRAIN_MS_MAX = 120_000;
/** Short pauses, so that a round takes seconds. */
const DELIVERY = {
  ackDeadlineSeconds: 10,
  maxDeliveryAttempts: 50,
  retry: { minimumBackoffSeconds: 0, maximumBackoffSeconds: 1 },
};

/**
 * Publishes events, poison among them, while the scorer, the local cloud or both are killed with SIGKILL at moments drawn from
 * the seed; starts them again, waits until nothing is under way, and compares BigQuery with what was published.
 */
export async function* faultRounds(options: {
  readonly rounds: number;
  readonly events: number;
  readonly seed: number;
}): AsyncGenerator<FaultRound> {
  const stateDir = mkdtempSync(join(tmpdir(), "activate-faults-"));
  const [rest, grpc, scorerPort] = [await freePort(), await freePort(), await freePort()];
  const cloud = cloudProgram(stateDir, rest, grpc);
  let scorer: Program | undefined;
  let shop: Shop | undefined;
  try {
    await cloud.start();
    shop = await openShop({ rest: `http://127.0.0.1:${rest}`, grpc: `127.0.0.1:${grpc}`, project: PROJECT });
    scorer = scorerProgram(shop, scorerPort);
    await scorer.start();
    const pipeline = new PipelineResources(shop.connections);
    await pipeline.ensureTables();
    await pipeline.connect(`http://127.0.0.1:${scorerPort}/`, { delivery: DELIVERY });
    const publisher = await new PubSubResources(shop.connections).publisher(await pipeline.ensureTopic());
    for (let round = 1; round <= options.rounds; round += 1) {
      const story = storyOf(options.seed, round, options.events);
      const begin = performance.now();
      const sent = await publishWhileKilling(publisher, story.messages, story.kills, { cloud, scorer });
      const published = performance.now();
      const found = await drained(shop.warehouse, sent);
      const seconds = { publishing: (published - begin) / 1000, draining: (performance.now() - published) / 1000 };
      yield {
        round,
        killed: story.kills.map(({ victim }) => victim),
        published: sent.size,
        poison: [...sent.values()].filter(({ kind }) => kind === "poison").length,
        ...found,
        seconds,
      };
    }
  } finally {
    await shop?.connections.close();
    await scorer?.stop();
    await cloud.kill();
    rmSync(stateDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function cloudProgram(stateDir: string, rest: number, grpc: number): Program {
  const options = JSON.stringify({ stateDir, project: PROJECT, port: rest, grpcPort: grpc });
  const script = `require("activate/localcloud").startLocalCloud(${options}).catch((error) => { console.error(error); process.exit(1); });`;
  return new Program(script, {}, async () => (await fetch(`http://127.0.0.1:${rest}/`)).ok);
}

function scorerProgram(shop: Shop, port: number): Program {
  const script = `
    const { processHost } = require("activate/containers/host.js");
    require("activate/containers/scorer/main.js").run(processHost()).then((code) => process.exit(code));`;
  const environment = {
    ...shop.environment,
    PORT: String(port),
    SCORER_PREDICTOR: shop.endpoint,
    SCORER_ACK_DEADLINE_SECONDS: String(DELIVERY.ackDeadlineSeconds),
    SCORER_DELIVERY_ATTEMPTS_MAX: String(DELIVERY.maxDeliveryAttempts),
  };
  return new Program(script, environment, async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok);
}

/** @returns what was acknowledged, by message id. */
async function publishWhileKilling(
  publisher: Publisher,
  messages: readonly Sent[],
  kills: readonly Kill[],
  { cloud, scorer }: { readonly cloud: Program; readonly scorer: Program },
): Promise<Map<string, Sent>> {
  const acknowledged = new Map<string, Sent>();
  const left = [...kills];
  let killing: Promise<void> = Promise.resolve();
  const kill = async (victim: Victim): Promise<void> => {
    const programs = victim === "both" ? [cloud, scorer] : [victim === "cloud" ? cloud : scorer];
    await Promise.all(programs.map((program) => program.kill()));
    for (const program of programs) await program.start();
  };
  for (let start = 0; start < messages.length; start += CHUNK) {
    await Promise.all(
      messages.slice(start, start + CHUNK).map(async (message) => {
        acknowledged.set(await publisher.publish({ data: message.data }), message);
        const [next] = left;
        if (next === undefined || acknowledged.size < next.afterMessages) return;
        left.shift();
        killing = killing.then(() => kill(next.victim));
      }),
    );
  }
  await killing;
  return acknowledged;
}

async function drained(
  warehouse: Warehouse,
  sent: ReadonlyMap<string, Sent>,
): Promise<Pick<FaultRound, "lost" | "duplicated" | "redelivered">> {
  for (const end = Date.now() + DRAIN_MS_MAX; ; await delay(100)) {
    const found = await compare(warehouse, sent);
    if (found.lost.length === 0 || Date.now() > end) return found;
  }
}

async function compare(
  warehouse: Warehouse,
  sent: ReadonlyMap<string, Sent>,
): Promise<Pick<FaultRound, "lost" | "duplicated" | "redelivered">> {
  const ids = [...sent.keys()];
  const countIn = async (table: string): Promise<Map<string, number>> => {
    const sql = `SELECT message_id, COUNT(*) AS n FROM ${table} WHERE message_id IN UNNEST(@ids) GROUP BY message_id`;
    const rows: readonly Row[] = await warehouse.rows(sql, { params: { ids } });
    return new Map(rows.map(({ message_id, n }) => [String(message_id), Number(n)]));
  };
  const [events, scores, letters, written] = [
    await countIn("cloud_run_once"),
    await countIn("cloud_run_anomaly_once"),
    await countIn("(SELECT message_id FROM dead_letter_once WHERE reason LIKE 'event_%' AND error != '')"),
    await countIn("cloud_run"),
  ];
  const places: Readonly<Record<Sent["kind"], readonly ReadonlyMap<string, number>[]>> = {
    event: [events],
    purchase: [events, scores],
    poison: [letters],
  };
  const lost: string[] = [];
  const duplicated: string[] = [];
  for (const [id, { kind }] of sent) {
    const counts = places[kind].map((place) => place.get(id) ?? 0);
    if (counts.some((count) => count === 0)) lost.push(id);
    // A good message among the dead letters, or a bad one in the tables, would be counted there too.
    const elsewhere = kind === "poison" ? [events, scores] : kind === "event" ? [scores, letters] : [letters];
    if (counts.some((count) => count > 1) || elsewhere.some((place) => place.has(id))) duplicated.push(id);
  }
  const redelivered = [...written.values()].reduce((sum, count) => sum + count - 1, 0);
  return { lost, duplicated, redelivered };
}
