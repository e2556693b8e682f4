import assert from "node:assert/strict";
import { join } from "node:path";
import { v1 } from "@google-cloud/aiplatform";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { clientOptions, failureOf, PARENT, TRANSPORTS, until } from "./clients.js";
import { TestImages, TRAINER_IMAGE } from "./images.js";

/** job_state.proto, by number (gRPC) or name (REST). */
const STATES = ["", "QUEUED", "PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLING", "CANCELLED"];
const stateOf = (job: { state?: unknown }): string =>
  typeof job.state === "number" ? (STATES[job.state] ?? "") : String(job.state).replace("JOB_STATE_", "");

interface Options {
  readonly environment?: Readonly<Record<string, string>>;
  readonly spec?: object;
  readonly pool?: object;
  readonly container?: object;
  readonly job?: object;
}

function customJob({ environment = {}, spec, pool, container, job }: Options = {}) {
  return {
    displayName: "training",
    jobSpec: {
      workerPoolSpecs: [
        {
          machineSpec: { machineType: "n1-standard-4" },
          replicaCount: 1,
          containerSpec: {
            imageUri: TRAINER_IMAGE,
            env: Object.entries(environment).map(([name, value]) => ({ name, value })),
            ...container,
          },
          ...pool,
        },
      ],
      ...spec,
    },
    ...job,
  };
}

for (const transport of TRANSPORTS) {
  describe(`custom jobs over ${transport}`, () => {
    const images = new TestImages();
    let cloud: LocalCloud;
    let jobs: v1.JobServiceClient;
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 5, services: [createVertexAi], imagesFolder: images.folder });
      jobs = new v1.JobServiceClient(clientOptions(cloud, transport));
    });
    after(async () => {
      await jobs.close();
      await cloud.stop();
      images.remove();
    });

    async function create(options: Options = {}) {
      const [job] = await jobs.createCustomJob({ parent: PARENT, customJob: customJob(options) });
      return job;
    }

    async function read(name: string) {
      const [job] = await jobs.getCustomJob({ name });
      return job;
    }

    async function ended(name: string) {
      await until(async () => ["SUCCEEDED", "FAILED", "CANCELLED"].includes(stateOf(await read(name))));
      return await read(name);
    }

    it("are queued, pending, running, and have succeeded when the container exits with 0", async () => {
      const job = await create();
      assert.match(job.name ?? "", /^projects\/\d{12}\/locations\/europe-west1\/customJobs\/\d{19}$/);
      assert.equal(stateOf(job), "QUEUED");
      assert.equal(job.startTime ?? null, null);
      const seen = new Set<string>();
      await until(async () => seen.add(stateOf(await read(job.name ?? ""))).has("SUCCEEDED"));
      assert.deepEqual(
        [...seen].filter((state) => !["QUEUED", "PENDING", "RUNNING", "SUCCEEDED"].includes(state)),
        [],
      );
      const done = await read(job.name ?? "");
      assert.ok(done.startTime && done.endTime && done.updateTime);
      assert.equal(done.error ?? null, null);
      assert.equal(String(done.jobSpec?.workerPoolSpecs?.[0]?.replicaCount), "1");
    });

    it("find the documented variables, their own, and their arguments", async () => {
      const job = await create({
        environment: {
          MODE: "fast",
          MODEL: "$(AIP_MODEL_DIR)$(MODE)",
          LITERAL: "$$(MODE) $(UNKNOWN)",
          EXIT: "1",
          PRINT_ENVIRONMENT: "1",
        },
        container: { args: ["--epochs", "3"] },
        spec: { baseOutputDirectory: { outputUriPrefix: "gs://bucket/runs/7" } },
      });
      const { error } = await ended(job.name ?? "");
      // The program prints its environment as a structured line; the error shows what it is told.
      assert.match(
        error?.message ?? "",
        /exited with a non-zero status of 1\. Termination reason: Error\. Its last lines:\n {2}environment$/,
      );
      const line = await environmentOf(cloud, job.name ?? "");
      assert.deepEqual(line.arguments, ["--epochs", "3"]);
      const { environment } = line;
      assert.equal(environment.AIP_MODEL_DIR, "gs://bucket/runs/7/model/");
      assert.equal(environment.AIP_CHECKPOINT_DIR, "gs://bucket/runs/7/checkpoints/");
      assert.equal(environment.AIP_TENSORBOARD_LOG_DIR, "gs://bucket/runs/7/logs/");
      assert.match(environment.CLOUD_ML_PROJECT_ID ?? "", /^\d{12}$/);
      assert.equal(environment.CLOUD_ML_JOB_ID, (job.name ?? "").split("/").pop());
      assert.equal(environment.MODEL, "gs://bucket/runs/7/model/fast");
      assert.equal(environment.LITERAL, "$(MODE) $(UNKNOWN)");
      assert.equal(environment.TF_CONFIG, undefined);
      const cluster = JSON.parse(environment.CLUSTER_SPEC ?? "{}");
      assert.deepEqual(cluster.task, { type: "workerpool0", index: 0 });
      assert.equal(cluster.environment, "cloud");
      assert.equal(cluster.cluster.workerpool0.length, 1);
      assert.equal(cluster.job.workerPoolSpecs[0].containerSpec.imageUri, TRAINER_IMAGE);
    });

    it("fail with the container's last lines", async () => {
      const job = await create({ environment: { SAY: "reading|no rows in the training query", EXIT: "2" } });
      const { error, ...failed } = await ended(job.name ?? "");
      assert.equal(stateOf(failed), "FAILED");
      assert.equal(error?.code, 3);
      assert.equal(
        error?.message,
        "The replica workerpool0-0 exited with a non-zero status of 2. Termination reason: Error. Its last lines:\n  reading\n  no rows in the training query",
      );
    });

    it("are retried when the program aborts, and succeed when it goes better then", async () => {
      const ABORTS = join(cloud.stateDir, `aborts-${transport}`);
      const job = await create({ environment: { ABORTS, ABORTS_MAX: "2" } });
      assert.equal(stateOf(await ended(job.name ?? "")), "SUCCEEDED");
    });

    it("are not retried when that is switched off", async () => {
      const ABORTS = join(cloud.stateDir, `aborts-once-${transport}`);
      const job = await create({ environment: { ABORTS }, spec: { scheduling: { disableRetries: true } } });
      const { error, ...failed } = await ended(job.name ?? "");
      assert.equal(stateOf(failed), "FAILED");
      assert.match(error?.message ?? "", /status of 134/);
    });

    it("end when they are cancelled, and their containers with them", async () => {
      const job = await create({ environment: { WAIT: "1", SAY: "started" } });
      await until(async () => (await linesOf(cloud, job.name ?? "")).some(({ text }) => text === "started"));
      await jobs.cancelCustomJob({ name: job.name ?? "" });
      const { error, ...cancelled } = await ended(job.name ?? "");
      assert.equal(stateOf(cancelled), "CANCELLED");
      assert.equal(error?.code, 1);
      const lines = await linesOf(cloud, job.name ?? "");
      assert.ok(lines.some(({ text }) => text === "SIGTERM"));
      // Cancelling what has ended changes nothing.
      await jobs.cancelCustomJob({ name: job.name ?? "" });
      assert.equal(stateOf(await read(job.name ?? "")), "CANCELLED");
    });

    it("end when their time is up", async () => {
      const job = await create({
        environment: { WAIT: "1" },
        spec: { scheduling: { timeout: { seconds: 0, nanos: 300_000_000 } } },
      });
      const { error, ...failed } = await ended(job.name ?? "");
      assert.equal(stateOf(failed), "FAILED");
      assert.match(error?.message ?? "", /longer than its timeout of 0\.3 s/);
    });

    it("run every replica of their worker pools until the primary one has ended", async () => {
      const worker = {
        machineSpec: { machineType: "n1-standard-4" },
        replicaCount: 2,
        containerSpec: { imageUri: TRAINER_IMAGE, env: [{ name: "WAIT", value: "1" }] },
      };
      const [primary] = customJob({ environment: { PRINT_ENVIRONMENT: "1" } }).jobSpec.workerPoolSpecs;
      const job = await create({ spec: { workerPoolSpecs: [primary, worker] } });
      assert.equal(stateOf(await ended(job.name ?? "")), "SUCCEEDED");
      const { environment } = await environmentOf(cloud, job.name ?? "");
      const { cluster, task } = JSON.parse(environment.TF_CONFIG ?? "{}");
      assert.deepEqual([cluster.workerpool0.length, cluster.workerpool1.length], [1, 2]);
      assert.deepEqual(task, { type: "workerpool0", index: 0 });
    });

    it("are listed, newest first, by filter and page", async () => {
      const labels = { study: `filters-${transport.toLowerCase()}` };
      const names: string[] = [];
      for (const displayName of ["first", "second", "third"]) {
        names.unshift((await create({ job: { displayName, labels } })).name ?? "");
      }
      for (const name of names) await ended(name);
      const list = async (filter: string, pageSize = 10) => {
        const found: string[] = [];
        for await (const job of jobs.listCustomJobsAsync({ parent: PARENT, filter, pageSize })) {
          found.push(job.name ?? "");
        }
        return found;
      };
      const mine = `labels.study=${labels.study}`;
      assert.deepEqual(await list(mine, 2), names);
      assert.deepEqual(await list(`${mine} AND display_name:"*ir*"`), [names[0], names[2]]);
      assert.deepEqual(await list(`${mine} AND state!="JOB_STATE_SUCCEEDED"`), []);
      assert.equal((await failureOf(list("colour=red"))).status, "INVALID_ARGUMENT");
    });

    it("are deleted once they have ended, not before", async () => {
      const job = await create({ environment: { WAIT: "1" } });
      const name = job.name ?? "";
      const refusal = await failureOf(jobs.deleteCustomJob({ name }));
      assert.equal(refusal.status, "FAILED_PRECONDITION");
      await jobs.cancelCustomJob({ name });
      await ended(name);
      const [operation] = await jobs.deleteCustomJob({ name });
      await operation.promise();
      assert.equal((await failureOf(jobs.getCustomJob({ name }))).status, "NOT_FOUND");
    });

    const refusals: readonly [title: string, options: Options, status: string, message: RegExp][] = [
      [
        "an image that is not here",
        { container: { imageUri: "gcr.io/p/pytorch:2" } },
        "FAILED_PRECONDITION",
        /gcr\.io\/p\/pytorch:2.*no container engine/,
      ],
      ["no display name", { job: { displayName: "" } }, "INVALID_ARGUMENT", /display_name/],
      ["two primary replicas", { pool: { replicaCount: 2 } }, "INVALID_ARGUMENT", /replica_count of 1; it has 2/],
      ["no machine", { pool: { machineSpec: {} } }, "INVALID_ARGUMENT", /machine_type/],
      ["an unknown machine", { pool: { machineSpec: { machineType: "z9" } } }, "INVALID_ARGUMENT", /"z9" is not supp/],
      ["no container", { pool: { containerSpec: undefined } }, "INVALID_ARGUMENT", /container_spec/],
      [
        "an accelerator",
        { pool: { machineSpec: { machineType: "n1-standard-4", acceleratorType: 1, acceleratorCount: 1 } } },
        "UNIMPLEMENTED",
        /accelerator_type/,
      ],
      [
        "an output folder that is none",
        { spec: { baseOutputDirectory: { outputUriPrefix: "/tmp/x" } } },
        "INVALID_ARGUMENT",
        /output_uri_prefix.*gs:\/\//,
      ],
      [
        "arguments that are too long",
        { container: { args: ["x".repeat(100_001)] } },
        "INVALID_ARGUMENT",
        /100000 characters/,
      ],
      ["a network", { spec: { network: "projects/1/global/networks/n" } }, "UNIMPLEMENTED", /job_spec\.network/],
      [
        "a variable without a name",
        { container: { env: [{ name: "A B", value: "1" }] } },
        "INVALID_ARGUMENT",
        /"A B" is no name/,
      ],
    ];
    for (const [title, options, status, message] of refusals) {
      it(`are refused for ${title}, and none is made`, async () => {
        const before = (await jobs.listCustomJobs({ parent: PARENT, pageSize: 1000 }))[0].length;
        const failure = await failureOf(create(options));
        assert.equal(failure.status, status, failure.message);
        assert.match(failure.message, message);
        assert.equal((await jobs.listCustomJobs({ parent: PARENT, pageSize: 1000 }))[0].length, before);
      });
    }

    it("of other kinds are refused by name", async () => {
      const failure = await failureOf(jobs.listHyperparameterTuningJobs({ parent: PARENT }));
      assert.equal(failure.status, "UNIMPLEMENTED");
      assert.match(failure.message, /JobService\.ListHyperparameterTuningJobs/);
    });
  });
}

interface Line {
  readonly text: string;
  readonly instanceId: string;
}

/** The lines that a job's primary container has written, from the file that the cloud keeps. */
async function linesOf(cloud: LocalCloud, name: string): Promise<Line[]> {
  const { FileLog, logFile } = await import("activate/localcloud/platform/containers/log.js");
  const log = `customJobs/${name.split("/").pop()}/workerpool0-0`;
  return [...(await new FileLog(logFile(join(cloud.stateDir, "containers", "logs"), log)).tail(1000))];
}

async function environmentOf(cloud: LocalCloud, name: string) {
  const lines = await linesOf(cloud, name);
  const { text } = lines.find(({ text }) => text.includes('"environment"')) ?? { text: "{}" };
  return JSON.parse(text) as { environment: Record<string, string>; arguments: string[] };
}

describe("custom jobs and the end of their cloud", () => {
  const images = new TestImages();
  let first: LocalCloud;
  let second: LocalCloud | undefined;
  after(async () => {
    await second?.stop();
    images.remove();
  });

  it("start again with the next one, unless retries are switched off", async () => {
    const { mkdtempSync } = await import("node:fs");
    const { tmpdir } = await import("node:os");
    const stateDir = mkdtempSync(join(tmpdir(), "jobs-"));
    const options = { operationStageMs: 5, services: [createVertexAi], imagesFolder: images.folder, stateDir };
    first = await startLocalCloud(options);
    const client = new v1.JobServiceClient(clientOptions(first, "gRPC"));
    const create = async (given: Options): Promise<string> => {
      const [job] = await client.createCustomJob({ parent: PARENT, customJob: customJob(given) });
      return job.name ?? "";
    };
    const again = await create({ environment: { WAIT: "1", SAY: "started" } });
    const once = await create({ environment: { WAIT: "1" }, spec: { scheduling: { disableRetries: true } } });
    await until(async () =>
      (await client.listCustomJobs({ parent: PARENT }))[0].every((job) => stateOf(job) === "RUNNING"),
    );
    await until(async () => (await linesOf(first, again)).some(({ text }) => text === "started"));
    await client.close();
    await first.stop();
    second = await startLocalCloud(options);
    const later = new v1.JobServiceClient(clientOptions(second, "gRPC"));
    const [lost] = await later.getCustomJob({ name: once });
    assert.equal(stateOf(lost), "FAILED");
    assert.match(lost.error?.message ?? "", /local cloud stopped while the job ran/);
    const cloud = second;
    await until(async () => (await linesOf(cloud, again)).filter(({ text }) => text === "started").length === 2);
    await later.cancelCustomJob({ name: again });
    await until(async () => stateOf((await later.getCustomJob({ name: again }))[0]) === "CANCELLED");
    await later.close();
  });
});
