import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { v2 } from "@google-cloud/run";
import type { LocalCloud } from "activate/localcloud";
import { gone, ROOT, TemporaryFolder } from "../../cli/activate.js";
import { until } from "../../until.js";
import { PROBE_IMAGE, type ProbeAnswer, ProbeImages } from "../containers/images.js";
import { clientOptions, PARENT, SERVICE } from "./clients.js";

/** A local cloud in a process of its own, to be killed. */
class KilledCloud {
  readonly process: ChildProcess;
  readonly ready: Promise<LocalCloud>;

  constructor(stateDir: string, imagesFolder: string) {
    const options = JSON.stringify({ stateDir, imagesFolder, operationStageMs: 5 });
    const script = `
      const { startLocalCloud } = require("activate/localcloud");
      const { createRun } = require("activate/localcloud/run/index.js");
      startLocalCloud({ ...${options}, services: [createRun] }).then((cloud) => console.log(JSON.stringify(cloud)));`;
    this.process = spawn(process.execPath, ["-e", script], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    this.ready = new Promise((resolve, reject) => {
      this.process.once("exit", () => reject(new Error("The cloud ended.")));
      this.process.stdout?.once("data", (chunk: Buffer) => resolve(JSON.parse(chunk.toString("utf8")) as LocalCloud));
    });
  }

  async kill(): Promise<void> {
    const ended = new Promise((done) => this.process.once("exit", done));
    this.process.kill("SIGKILL");
    await ended;
  }
}

describe("Cloud Run after kill -9 of its cloud", function () {
  this.timeout(20_000);
  let images: ProbeImages;
  let state: TemporaryFolder;
  let cloud: KilledCloud;

  beforeEach(() => {
    images = new ProbeImages();
    state = new TemporaryFolder();
    cloud = new KilledCloud(state.path, images.folder);
  });
  afterEach(async () => {
    await cloud.kill();
    images.remove();
    state.remove();
  });

  const template = (env: Record<string, string> = {}) => ({
    containers: [{ image: PROBE_IMAGE, env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
  });

  async function within<T>(task: (services: v2.ServicesClient) => Promise<T>): Promise<T> {
    const services = new v2.ServicesClient(clientOptions(await cloud.ready, "gRPC"));
    try {
      return await task(services);
    } finally {
      await services.close();
    }
  }

  async function restart(): Promise<void> {
    await cloud.kill();
    cloud = new KilledCloud(state.path, images.folder);
    await cloud.ready;
  }

  /** What the service's containers said of "before" and "after", as the cloud that runs now reads it out. */
  async function said(): Promise<string[]> {
    const logs = await fetch(`${(await cloud.ready).rest}/_activate/run/europe-west1/scorer/logs`);
    const { lines } = (await logs.json()) as { lines: { text: string }[] };
    return lines.map(({ text }) => text).filter((text) => text === "before" || text === "after");
  }

  it("has its services, policies, traffic and lines, at the same addresses; the old instances are gone", async () => {
    const uri = await within(async (services) => {
      const [operation] = await services.createService({
        parent: PARENT,
        serviceId: "scorer",
        service: { template: template() },
      });
      const [created] = await operation.promise();
      const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
      await services.setIamPolicy({ resource: SERVICE, policy: { bindings } });
      return created.uri ?? "";
    });
    const before = (await (await fetch(`${uri}/?say=before`)).json()) as ProbeAnswer;
    // A line that was read out is kept; one that the container has only just written may go with a killed cloud.
    await until(said, (texts) => texts.includes("before"));
    await restart();
    await gone(before.pid);
    const after = (await (await fetch(`${uri}/?say=after`)).json()) as ProbeAnswer;
    assert.notEqual(after.pid, before.pid);
    assert.equal(after.env.K_REVISION, before.env.K_REVISION);
    assert.deepEqual(await until(said, (texts) => texts.includes("after")), ["before", "after"]);
  });

  it("takes up a deployment that was under way, and finishes its operation", async () => {
    const name = await within(async (services) => {
      // The container neither ends nor listens: its deployment is under way when the cloud is killed.
      const startupProbe = { periodSeconds: 1, failureThreshold: 2, httpGet: { path: "/" } };
      const containers = template({ PROBE_SILENT: "yes" }).containers.map((one) => ({ ...one, startupProbe }));
      const [operation] = await services.createService({
        parent: PARENT,
        serviceId: "scorer",
        service: { template: { containers } },
      });
      return operation.name ?? "";
    });
    await restart();
    await within(async (services) => {
      const operation = await services.checkCreateServiceProgress(name);
      await assert.rejects(operation.promise(), /is not ready and cannot serve traffic/);
      const [service] = await services.getService({ name: SERVICE });
      assert.equal(service.terminalCondition?.state, "CONDITION_FAILED");
    });
  });

  it("moves to another port when somebody has taken its own, and says where it is", async () => {
    const uri = await within(async (services) => {
      const [operation] = await services.createService({
        parent: PARENT,
        serviceId: "scorer",
        service: { template: template() },
      });
      return (await operation.promise())[0].uri ?? "";
    });
    await cloud.kill();
    const { createServer } = await import("node:http");
    const squatter = createServer((_, response) => response.end("squatter"));
    await new Promise<void>((done) => squatter.listen(Number(new URL(uri).port), "127.0.0.1", done));
    cloud = new KilledCloud(state.path, images.folder);
    const [service] = await within((services) => services.getService({ name: SERVICE }));
    squatter.close();
    assert.notEqual(service.uri, uri);
    assert.equal((await fetch(service.uri ?? "")).status, 403);
  });
});
