import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What a round of kills showed: rows that were acknowledged and are missing, or stand there more than once. */
export interface KillRound {
  readonly round: number;
  readonly acknowledged: number;
  readonly lost: readonly number[];
  readonly duplicated: readonly number[];
}

const PROJECT = "kill-rounds";
const ROWS_A_REQUEST = 20;
/** The kill comes between these many milliseconds after the first acknowledged insert. */
const KILL_AFTER_MS = { min: 20, max: 400 };

/**
 * Streams rows into one table while the local cloud is killed with SIGKILL at a moment drawn from `seed`; restarts it on
 * the same state and compares what was acknowledged with what is there. Same seed, same moments.
 */
export async function* killRounds(rounds: number, seed: number): AsyncGenerator<KillRound> {
  const stateDir = mkdtempSync(join(tmpdir(), "activate-kill-"));
  const random = mulberry32(seed);
  const acknowledged = new Set<number>();
  let next = 0;
  try {
    for (let round = 1; round <= rounds; round++) {
      const cloud = await startServer(stateDir);
      await createTable(cloud.rest);
      const killed = once(cloud.process, "exit");
      const killAt = KILL_AFTER_MS.min + random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min);
      let timer: NodeJS.Timeout | undefined;
      for (;;) {
        const ids = Array.from({ length: ROWS_A_REQUEST }, () => next++);
        const stored = await insert(cloud.rest, ids).catch(() => false);
        if (!stored) break;
        for (const id of ids) acknowledged.add(id);
        timer ??= setTimeout(() => cloud.process.kill("SIGKILL"), killAt);
      }
      await killed;
      clearTimeout(timer);

      const again = await startServer(stateDir);
      const counts = await countRows(again.rest);
      again.process.kill("SIGTERM");
      await once(again.process, "exit");
      yield {
        round,
        acknowledged: acknowledged.size,
        lost: [...acknowledged].filter((id) => !counts.has(id)),
        duplicated: [...counts].filter(([, count]) => count > 1).map(([id]) => id),
      };
    }
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** The server program itself, as a child, so that the kill meets the process that holds the data. */
async function startServer(stateDir: string): Promise<{ rest: string; process: ChildProcess }> {
  const program = `
    const { startLocalCloud } = require("activate/localcloud");
    startLocalCloud({ stateDir: ${JSON.stringify(stateDir)}, project: ${JSON.stringify(PROJECT)} }).then((cloud) => {
      console.log(cloud.rest);
      process.once("SIGTERM", () => cloud.stop().then(() => process.exit(0)));
    });`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  if (!child.stdout) throw new Error("The server has no stdout.");
  const lines = createInterface({ input: child.stdout });
  const [rest] = (await Promise.race([
    once(lines, "line"),
    once(child, "exit").then(([code]) =>
      Promise.reject(new Error(`The server ended with ${code} before it answered.`)),
    ),
  ])) as [string];
  return { rest, process: child };
}

const table = "d/tables/kept";

async function createTable(rest: string): Promise<void> {
  const base = `${rest}/bigquery/v2/projects/${PROJECT}/datasets`;
  await post(base, { datasetReference: { datasetId: "d", projectId: PROJECT } }, [200, 409]);
  await post(
    `${base}/d/tables`,
    {
      tableReference: { projectId: PROJECT, datasetId: "d", tableId: "kept" },
      schema: { fields: [{ name: "id", type: "INTEGER", mode: "REQUIRED" }] },
    },
    [200, 409],
  );
}

async function insert(rest: string, ids: readonly number[]): Promise<boolean> {
  const answer = await post(`${rest}/bigquery/v2/projects/${PROJECT}/datasets/${table}/insertAll`, {
    rows: ids.map((id) => ({ insertId: `row-${id}`, json: { id } })),
  });
  return !("insertErrors" in answer);
}

async function countRows(rest: string): Promise<Map<number, number>> {
  const counts = new Map<number, number>();
  let pageToken: string | undefined;
  do {
    const query = pageToken ? `?pageToken=${encodeURIComponent(pageToken)}` : "";
    const response = await fetch(`${rest}/bigquery/v2/projects/${PROJECT}/datasets/${table}/data${query}`);
    const page = (await response.json()) as { rows?: { f: { v: string }[] }[]; pageToken?: string };
    for (const row of page.rows ?? []) {
      const id = Number(row.f[0]?.v);
      counts.set(id, (counts.get(id) ?? 0) + 1);
    }
    pageToken = page.pageToken;
  } while (pageToken);
  return counts;
}

async function post(url: string, body: unknown, accepted: readonly number[] = [200]): Promise<object> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as object;
  if (!accepted.includes(response.status))
    throw new Error(`${url} answered ${response.status}: ${JSON.stringify(answer)}`);
  return answer;
}

/** Tommy Ettinger's mulberry32: 32 bits of state, good enough to draw moments. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
