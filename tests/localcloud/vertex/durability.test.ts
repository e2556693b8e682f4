import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROUNDS = 4;
const PARENT = "v1/projects/activate-local/locations/europe-west1";

const PROGRAM = `
const { startLocalCloud } = require("activate/localcloud");
const { createVertexAi } = require("activate/localcloud/vertex/index.js");
startLocalCloud({ stateDir: process.argv[1], services: [createVertexAi], operationStageMs: Number(process.argv[2]) })
  .then((cloud) => console.log(cloud.rest));
`;

/** A cloud in a process of its own, so that it can be killed. */
class KillableCloud {
  #process: ChildProcess | undefined;
  rest = "";

  async start(stateDir: string, operationStageMs: number): Promise<void> {
    const child = spawn(process.execPath, ["-e", PROGRAM, stateDir, String(operationStageMs)], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: __dirname,
    });
    this.#process = child;
    assert.ok(child.stdout);
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    this.rest = line;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async post(path: string, body: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${this.rest}/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (response.status !== 200) throw new Error(await response.text());
    return (await response.json()) as Record<string, unknown>;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.rest}/${path}`)).json()) as T;
  }
}

interface Operation {
  readonly name: string;
  readonly done?: boolean;
  readonly error?: object;
}

describe("Vertex AI killed with SIGKILL", () => {
  let folder: string;
  const cloud = new KillableCloud();
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "killed-"));
  });
  afterEach(async () => {
    await cloud.kill();
    rmSync(folder, { recursive: true });
  });

  it("has every endpoint that it acknowledged, in every round", async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await cloud.start(folder, 0);
      const writers = Array.from({ length: 3 }, (_, writer) =>
        (async () => {
          for (let index = 0; ; index++) {
            const endpointId = `r${round}-w${writer}-i${index}`;
            await cloud.post(`${PARENT}/endpoints?endpointId=${endpointId}`, { displayName: endpointId });
            acknowledged.push(endpointId);
            if (acknowledged.length >= (round + 1) * 10) await cloud.kill();
          }
        })(),
      );
      // Each writer ends when the connection breaks under it.
      await Promise.allSettled(writers);
    }
    await cloud.start(folder, 0);
    const { endpoints } = await cloud.get<{ endpoints: { displayName: string }[] }>(
      `${PARENT}/endpoints?pageSize=1000`,
    );
    const names = new Set(endpoints.map((endpoint) => endpoint.displayName));
    assert.ok(acknowledged.length >= ROUNDS * 10);
    assert.deepEqual(
      acknowledged.filter((name) => !names.has(name)),
      [],
    );
    assert.equal(names.size, endpoints.length);
  });

  it("finishes after the next start what was running", async () => {
    await cloud.start(folder, 600_000);
    const operation = await cloud.post(`${PARENT}/endpoints?endpointId=slow`, { displayName: "slow" });
    assert.equal((await cloud.get<Operation>(`v1/${String(operation.name)}`)).done, undefined);
    await cloud.kill();
    await cloud.start(folder, 1);
    const waited = (await cloud.post(`v1/${String(operation.name)}:wait`, { timeout: "10s" })) as unknown as Operation;
    assert.equal(waited.done, true);
    assert.equal(waited.error, undefined);
    const endpoint = await cloud.get<{ displayName: string }>(`${PARENT}/endpoints/slow`);
    assert.equal(endpoint.displayName, "slow");
  });
});
