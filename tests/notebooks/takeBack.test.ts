import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { BatchPredictions } from "activate/cloud";
import type { ChallengeId } from "activate/workbook/challenges.js";
import { Show } from "activate/workbook/show/show.js";
import { build, made, takeBack } from "activate/workbook/steps.js";
import { trainingLabels } from "activate/workbook/training.js";
import { weekLabels } from "activate/workbook/weekPrediction.js";
import { until } from "../until.js";
import { Room } from "./room.js";

type Json = Record<string, unknown>;

/** What is in the project, by service: names, and what of them can be changed by a challenge. */
async function projectOf(rest: string): Promise<Json> {
  const get = async (path: string, method = "GET"): Promise<Json> =>
    (await (await fetch(`${rest}${path}`, { method })).json()) as Json;
  const items = (answer: Json, key: string): Json[] => (answer[key] ?? []) as Json[];
  const here = "projects/activate-local";
  const region = `${here}/locations/europe-west1`;
  const dataset = `/bigquery/v2/${here}/datasets/ecommerce_sink`;
  const tables = items(await get(`${dataset}/tables?maxResults=1000`), "tables");
  const views = tables
    .filter(({ type }) => type === "VIEW")
    .map(({ tableReference }) => (tableReference as Json).tableId);
  const buckets = items(await get("/storage/v1/b?project=activate-local"), "items").map(({ name }) => name);
  const { bindings } = await get(`/v3/${here}:getIamPolicy`, "POST");
  return {
    tables: tables.map(({ tableReference }) => (tableReference as Json).tableId).sort(),
    views: await Promise.all(views.map(async (id) => ((await get(`${dataset}/tables/${id}`)).view as Json).query)),
    models: items(await get(`/v1/${region}/models`), "models").map(({ name, versionAliases }) => [
      name,
      versionAliases,
    ]),
    versions: await Promise.all(
      items(await get(`/v1/${region}/models`), "models").map(async ({ name }) =>
        items(await get(`/v1/${name}:listVersions`), "models").map(({ versionId, versionAliases }) => [
          versionId,
          versionAliases,
        ]),
      ),
    ),
    endpoints: items(await get(`/v1/${region}/endpoints`), "endpoints").map(
      ({ name, labels, deployedModels, trafficSplit }) => [
        name,
        labels,
        ((deployedModels ?? []) as Json[]).map(({ displayName }) => displayName),
        Object.values(trafficSplit ?? {}),
      ],
    ),
    jobs: items(await get(`/v1/${region}/customJobs`), "customJobs").map(({ displayName }) => displayName),
    batches: items(await get(`/v1/${region}/batchPredictionJobs`), "batchPredictionJobs").length,
    services: items(await get(`/v2/${region}/services`), "services").map(({ name }) => name),
    topics: items(await get(`/v1/${here}/topics`), "topics").map(({ name }) => name),
    subscriptions: items(await get(`/v1/${here}/subscriptions`), "subscriptions").map(({ name }) => name),
    objects: await Promise.all(
      buckets.map(async (name) => [
        name,
        items(await get(`/storage/v1/b/${name}/o`), "items").map((object) => object.name),
      ]),
    ),
    accounts: items(await get(`/v1/${here}/serviceAccounts`), "accounts").map(({ email }) => email),
    // Pub/Sub's own agent keeps its role: subscriptions of the chapter before may write by it.
    roles: ((bindings ?? []) as { role: string; members: string[] }[])
      .flatMap(({ role, members }) => members.map((member) => `${role} ${member}`))
      .filter((role) => !role.includes("gcp-sa-pubsub")),
    containers: containers().length,
  };
}

/** Command lines of the container programs that this process's local cloud runs. */
function containers(): string[] {
  const lines = execFileSync("ps", ["-A", "-o", "ppid=,args="], { encoding: "utf8" }).split("\n");
  return lines.filter(
    (line) => Number.parseInt(line, 10) === process.pid && /main\.js (scorer|predictor|trainer)/.test(line),
  );
}

/** What `activate reset --challenge NN` does, after the challenge and all that people try in it. */
describe("taking a challenge back", function () {
  this.timeout(120_000);
  let room: Room;
  let show: Show;
  const services = () => room.challenge("00");

  before(async () => {
    room = await Room.open();
    show = new Show(room.output);
    for (const id of ["00", "01", "02", "03"] as const) await build[id](services(), show);
  });
  after(() => room.close());

  /** Builds it, has it used, takes it back, and once more, which changes nothing. */
  async function leavesNothing(id: ChallengeId, use: () => Promise<unknown>): Promise<void> {
    const before = await projectOf(room.cloud.rest);
    await build[id](services(), show);
    await use();
    assert.notDeepEqual(await made[id](services()), []);
    await takeBack[id](services(), show);
    assert.deepEqual(await projectOf(room.cloud.rest), before);
    assert.deepEqual(await made[id](services()), []);
    await takeBack[id](services(), show);
  }

  it("04: a scorer at work, its topics, tables and accounts; features are read from the events again", async () => {
    await leavesNothing("04", async () => {
      await services().pipeline.metrics();
      assert.equal(containers().length, 1);
    });
    assert.equal((await services().warehouse.rows("SELECT 1 FROM purchase_features LIMIT 1")).length, 1);
  });

  it("05, and on top of it 06 and 08: versions, services, jobs that run, and what they wrote", async () => {
    await leavesNothing("05", async () => {
      await leavesNothing("06", theAccident);
      await leavesNothing("08", async () => {
        const { run, config } = services();
        await run.call(config.predictorService, { path: "/health" });
        assert.equal(containers().length, 1);
      });
      await trainForever();
    });
  });

  /** The bad version is deployed and has all traffic, and a second batch prediction runs. */
  async function theAccident(): Promise<void> {
    const { rollout, config, registry } = services();
    await rollout.predictLastWeek();
    await rollout.breakIt({ requests: 5 });
    const champion = await registry.version(config.customModel, "champion");
    await new BatchPredictions(room.connections).submit({
      displayName: "again",
      model: `${champion?.model}@${champion?.version}`,
      input: { table: `${config.dataset}.week_purchases` },
      output: { table: `${config.dataset}.week_again` },
      labels: weekLabels,
    });
  }

  async function trainForever(): Promise<void> {
    const { jobs, config } = services();
    const flags = { table: `${config.dataset}.training_purchases`, detector: "autoencoder", epochs: "9999" };
    const job = await jobs.submit({
      displayName: "goes-on",
      args: [
        "trainer",
        ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
        "--patience",
        "9999",
      ],
      outputFolder: `gs://${config.bucket}/training/goes-on`,
      labels: trainingLabels,
    });
    await until(
      async () => (await jobs.get(job.name)).state,
      (state) => state === "RUNNING",
    );
    await until(
      async () => containers(),
      ({ length }) => length === 1,
    );
  }
});
