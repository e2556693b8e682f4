import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const PROGRAM = `
const { startLocalCloud } = require("activate/localcloud");
const { bigquery } = require("activate/localcloud/bigquery");
startLocalCloud({ stateDir: process.argv[1], services: [bigquery] }).then((cloud) => console.log(cloud.rest));
`;

interface Body {
  readonly jobReference: { readonly jobId: string };
  readonly totalRows?: string;
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  readonly status?: { readonly state: string };
  readonly statistics?: { readonly query?: { readonly numDmlAffectedRows?: string } };
  readonly error?: { readonly code: number; readonly message: string };
}

describe("what BigQuery has acknowledged", function () {
  this.timeout(120_000);
  let stateDir: string;
  let child: ChildProcess | undefined;
  let rest = "";

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ["-e", PROGRAM, stateDir], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: __dirname,
    });
    assert.ok(child.stdout);
    [rest] = (await once(createInterface(child.stdout), "line")) as [string];
  };
  const kill = async (): Promise<void> => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const call = async (method: string, path: string, body?: object): Promise<Body> => {
    const response = await fetch(`${rest}/bigquery/v2/projects/activate-local/${path}`, {
      method,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return (await response.json()) as Body;
  };
  const query = (sql: string, more: object = {}) =>
    call("POST", "queries", { query: sql, useLegacySql: false, ...more });

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), "activate-durable-"));
  });
  afterEach(async () => {
    await kill();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("is there after kill -9: schema, streamed rows, SQL's changes, views", async () => {
    await start();
    await call("POST", "datasets", { datasetReference: { datasetId: "d" }, description: "kept" });
    await query("CREATE TABLE d.t (id INT64, tags ARRAY<STRING>)");
    await call("POST", "datasets/d/tables/t/insertAll", { rows: [{ json: { id: 1, tags: ["a"] } }] });
    await query("INSERT d.t VALUES (2, ['b', 'c'])");
    await query("CREATE VIEW d.v AS SELECT id FROM d.t WHERE ARRAY_LENGTH(tags) = 2");
    await kill();
    await start();
    assert.deepEqual((await call("GET", "datasets/d/tables/t/data")).rows, [
      { f: [{ v: "1" }, { v: [{ v: "a" }] }] },
      { f: [{ v: "2" }, { v: [{ v: "b" }, { v: "c" }] }] },
    ]);
    assert.deepEqual((await query("SELECT id FROM d.v")).rows, [{ f: [{ v: "2" }] }]);
  });

  it("is not done twice when a client repeats it after kill -9", async () => {
    await start();
    await call("POST", "datasets", { datasetReference: { datasetId: "d" } });
    await query("CREATE TABLE d.t (id INT64)");
    const requestId = "0f1c0000-aaaa-bbbb-cccc-000000000001";
    const first = await query("INSERT d.t VALUES (1)", { requestId });
    const job = {
      jobReference: { jobId: "insert-2" },
      configuration: { query: { query: "INSERT d.t VALUES (2)", useLegacySql: false } },
    };
    await call("POST", "jobs", job);
    await kill();
    await start();
    const again = await query("INSERT d.t VALUES (1)", { requestId });
    assert.equal(again.jobReference.jobId, first.jobReference.jobId);
    assert.equal((await call("POST", "jobs", job)).error?.code, 409);
    const found = await call("GET", "jobs/insert-2");
    assert.deepEqual([found.status?.state, found.statistics?.query?.numDmlAffectedRows], ["DONE", "1"]);
    assert.deepEqual((await query("SELECT id FROM d.t ORDER BY id")).rows, [{ f: [{ v: "1" }] }, { f: [{ v: "2" }] }]);
  });
});
