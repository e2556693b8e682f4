import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { identityOf } from "activate/localcloud/platform/processes.js";
import { until } from "./clients.js";
import { PREDICTOR_IMAGE, TestImages, TRAINER_IMAGE } from "./images.js";

const ROUNDS = 4;
const PARENT = "v1/projects/activate-local/locations/europe-west1";

const PROGRAM = `
const { startLocalCloud } = require("activate/localcloud");
const { createVertexAi } = require("activate/localcloud/vertex/index.js");
const [, stateDir, stageMs, imagesFolder] = process.argv;
startLocalCloud({ stateDir, services: [createVertexAi], operationStageMs: Number(stageMs), imagesFolder })
  .then((cloud) => console.log(cloud.rest));
`;

/** A cloud in a process of its own, so that it can be killed. */
class KillableCloud {
  #process: ChildProcess | undefined;
  rest = "";

  async start(stateDir: string, operationStageMs: number, ...imagesFolder: [string?]): Promise<void> {
    const words = [stateDir, String(operationStageMs), ...imagesFolder.filter((path) => path !== undefined)];
    const child = spawn(process.execPath, ["-e", PROGRAM, ...words], {
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

  it("leaves no container running; the next one serves the model again, and its jobs go on or have failed", async function () {
    this.timeout(30_000);
    const images = new TestImages();
    const finished = async (operation: Promise<Record<string, unknown>>): Promise<Operation> => {
      const { name } = await operation;
      return (await cloud.post(`v1/${String(name)}:wait`, { timeout: "10s" })) as unknown as Operation;
    };
    const stateOf = async (job: string): Promise<Job> => await cloud.get<Job>(`v1/${job}`);
    const predictedBy = async (): Promise<number> => {
      const answer = await cloud.post(`${PARENT}/endpoints/served:predict`, { instances: [{ a: 1 }] });
      return (answer as unknown as { predictions: [{ pid: number }] }).predictions[0].pid;
    };
    const submit = async (disableRetries: boolean): Promise<string> => {
      const containerSpec = { imageUri: TRAINER_IMAGE, env: [{ name: "WAIT", value: "1" }] };
      const workerPoolSpecs = [{ machineSpec: { machineType: "n1-standard-4" }, replicaCount: "1", containerSpec }];
      const jobSpec = { workerPoolSpecs, scheduling: { disableRetries } };
      return String((await cloud.post(`${PARENT}/customJobs`, { displayName: "job", jobSpec })).name);
    };
    try {
      await cloud.start(folder, 0, images.folder);
      await finished(cloud.post(`${PARENT}/endpoints?endpointId=served`, { displayName: "served" }));
      const model = { displayName: "m", containerSpec: { imageUri: PREDICTOR_IMAGE } };
      await finished(cloud.post(`${PARENT}/models:upload?modelId=m`, { modelId: "m", model }));
      const deployedModel = {
        model: `${PARENT.slice(3)}/models/m`,
        dedicatedResources: { machineSpec: {}, minReplicaCount: 1 },
      };
      await finished(
        cloud.post(`${PARENT}/endpoints/served:deployModel`, { deployedModel, trafficSplit: { "0": 100 } }),
      );
      const jobs = [await submit(false), await submit(true)] as const;
      const records = join(folder, "containers", "processes");
      await until(async () =>
        (await Promise.all(jobs.map(stateOf))).every(({ state }) => state === "JOB_STATE_RUNNING"),
      );
      await until(() => readdirSync(records).length === 3);
      const pids = readdirSync(records).map((name) => Number.parseInt(name, 10));
      assert.ok(pids.includes(await predictedBy()));
      assert.deepEqual(pids.filter(isRunning), pids);

      await cloud.kill();
      await until(() => !pids.some(isRunning));

      await cloud.start(folder, 0, images.folder);
      await until(async () => (await predictedBy().catch(() => 0)) !== 0);
      const [again, lost] = jobs;
      const { state, error } = await stateOf(lost);
      assert.equal(state, "JOB_STATE_FAILED");
      assert.match(error?.message ?? "", /local cloud stopped while the job ran/);
      await until(async () => (await stateOf(again)).state === "JOB_STATE_RUNNING");
      await until(() => readdirSync(records).length === 2);
      const later = readdirSync(records).map((name) => Number.parseInt(name, 10));
      assert.ok(later.includes(await predictedBy()));
      assert.deepEqual(
        later.filter((pid) => pids.includes(pid)),
        [],
      );
      await cloud.kill();
      await until(() => !later.some(isRunning));
    } finally {
      await cloud.kill();
      images.remove();
    }
  });
});

interface Job {
  readonly state: string;
  readonly error?: { readonly message: string };
}

const isRunning = (pid: number): boolean => identityOf(pid) !== undefined;
