import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FEATURES, loadDetector, purchaseFeatures, simulate } from "activate/anomaly";
import {
  addressOf,
  BatchPredictions,
  CloudRun,
  CloudStorage,
  Connections,
  configFrom,
  Endpoints,
  type Job,
  Jobs,
  ModelRegistry,
  numberIn,
  Predictions,
  type Row,
  Warehouse,
} from "activate/cloud";
import { repositoryRoot } from "activate/cloud/paths.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";

interface Scored {
  readonly score: number;
  readonly isAnomaly: boolean;
}

/** The image that is shipped, with the real trainer and predictor. */
describe("a model of our own, from the job to its predictions", function () {
  this.timeout(120_000);
  let cloud: LocalCloud;
  let connections: Connections;
  let jobs: Jobs;
  let storage: CloudStorage;
  let warehouse: Warehouse;
  let rows: Row[];
  let bucket: string;
  const words = "--table purchases --detector autoencoder --epochs 30 --hidden-units 24 --patience 30".split(" ");

  before(async () => {
    const bundled = spawnSync(process.execPath, [join(repositoryRoot(), "lib/bin/images.mjs")], { encoding: "utf8" });
    assert.equal(bundled.status, 0, bundled.stderr);
    cloud = await startLocalCloud({ operationStageMs: 5 });
    const config = configFrom({});
    connections = new Connections(
      config,
      addressOf(config, { ACTIVATE_LOCAL_REST: cloud.rest, ACTIVATE_LOCAL_GRPC: cloud.grpc }),
    );
    bucket = config.bucket;
    jobs = new Jobs(connections);
    storage = new CloudStorage(connections);
    warehouse = new Warehouse(connections);
    await storage.ensureBucket();
    await warehouse.ensureDataset();
    const columns = FEATURES.map((feature) => `${feature} FLOAT64`).join(", ");
    await warehouse.rows(`CREATE TABLE purchases (transaction_id STRING, ${columns})`);
    const purchases: object[] = [];
    for (const { event, label } of simulate({ events: 6000, days: 3, anomalyShare: 0.03 })) {
      if (label === undefined || !("purchase" in event.ecommerce)) continue;
      purchases.push({ transaction_id: label.transaction_id, ...purchaseFeatures(event.ecommerce.purchase) });
    }
    await warehouse.load("purchases", purchases);
    rows = await warehouse.rows("SELECT * FROM purchases ORDER BY transaction_id");
    assert.ok(rows.length > 100);
  });
  after(async () => {
    await connections.close();
    await cloud.stop();
  });

  const train = async (run: string, report?: (job: Job, epoch: number) => void): Promise<Job> => {
    const job = await jobs.submit({
      displayName: run,
      args: ["trainer", ...words],
      outputFolder: `gs://${bucket}/${run}`,
    });
    return await jobs.follow(job.name, {
      pauseMsMax: 50,
      report: ({ job, curve }) => report?.(job, curve.at(-1)?.epoch ?? 0),
    });
  };
  const text = (run: string, file: string): Promise<string> => storage.read(`gs://${bucket}/${run}/model/${file}`);

  it("is scored alike by the detector, the endpoint and a batch prediction, every row", async () => {
    await train("first");
    const detector = loadDetector(await text("first", "model.json"));
    const features = (row: Row) => Object.fromEntries(FEATURES.map((name) => [name, numberIn(row, name)]));
    const columns = FEATURES.map((name) => [name, Float64Array.from(rows, (row) => numberIn(row, name))] as const);
    const scores = detector.score(Object.fromEntries(columns));
    const alike = ({ score, isAnomaly }: Scored, row: number): void => {
      const wanted = scores[row] ?? Number.NaN;
      assert.ok(Math.abs(score - wanted) <= 1e-6, `row ${row}: ${score}, not ${wanted}`);
      assert.equal(isAnomaly, wanted > detector.threshold);
    };

    const registry = new ModelRegistry(connections);
    const endpoints = new Endpoints(connections);
    const { model, version } = await registry.register({ modelId: "own", artifactUri: `gs://${bucket}/first/model/` });
    const endpoint = await endpoints.deploy({
      endpoint: await endpoints.ensure({ displayName: "own" }),
      model,
      version,
    });
    const answers = await new Predictions(connections).predict(endpoint.name, rows.map(features));
    assert.equal(answers.length, rows.length);
    for (const [row, answer] of answers.entries()) alike(answer as unknown as Scored, row);

    const batches = new BatchPredictions(connections);
    const job = await batches.submit({
      displayName: "all",
      model: `${model}@${version}`,
      input: { table: `${connections.config.dataset}.purchases` },
      output: { table: `${connections.config.dataset}.predicted` },
      fields: FEATURES,
    });
    const done = await batches.follow(job.name);
    assert.deepEqual([done.successful, done.failed], [rows.length, 0]);
    const predicted = await warehouse.rows("SELECT * FROM predicted");
    const key = (row: Row): string => FEATURES.map((name) => numberIn(row, name)).join();
    const byRow = new Map(predicted.map((row) => [key(row), JSON.parse(String(row.prediction)) as Scored]));
    for (const [row, source] of rows.entries())
      alike(byRow.get(key(source)) ?? { score: Number.NaN, isAnomaly: false }, row);
  });

  it("is not deployed to Cloud Run without its artifacts, and the reason is in the revision's lines", async () => {
    const environment = { AIP_STORAGE_URI: `gs://${bucket}/nowhere` };
    const run = new CloudRun(connections);
    await assert.rejects(run.deploy({ service: "hollow", program: "predictor", environment }), /failed to start/);
    const logs = await fetch(`${cloud.rest}/_activate/run/${connections.config.region}/hollow/logs`);
    assert.match(await logs.text(), /No model to serve: there is no model\.json in gs:\/\/.*\/nowhere/);
  });

  it("killed mid-way and submitted again goes on from its checkpoint, to the metrics of an undisturbed job", async () => {
    let killed = 0;
    await assert.rejects(
      train("disturbed", (_, epoch) => {
        if (epoch < 5 || epoch >= 29 || killed > 0) return;
        killed = epoch;
        for (const pid of trainers(cloud.grpc)) process.kill(pid, "SIGKILL");
      }),
      /disturbed.*did not succeed/s,
    );
    assert.ok(killed >= 5);
    assert.equal(await storage.exists(`gs://${bucket}/disturbed/model/model.json`), false);
    const epochs: number[] = [];
    const again = await jobs.submit({
      displayName: "again",
      args: ["trainer", ...words],
      outputFolder: `gs://${bucket}/disturbed`,
    });
    await jobs.follow(again.name, {
      pauseMsMax: 50,
      report: ({ curve }) => epochs.splice(0, epochs.length, ...curve.map(({ epoch }) => epoch)),
    });
    assert.ok((epochs[0] ?? 0) > 1, `began anew at epoch ${epochs[0]}`);
    assert.equal(epochs.at(-1), 30);
    assert.equal(await text("disturbed", "metrics.json"), await text("first", "metrics.json"));
    assert.equal(await text("disturbed", "model.json"), await text("first", "model.json"));
  });
});

/** Process ids of the trainers that a local cloud runs; Linux. */
function trainers(grpc: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOurs = readFileSync(`/proc/${pid}/environ`, "utf8").includes(grpc);
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("\0trainer\0") ? [Number(pid)] : [];
      } catch {
        return [];
      }
    });
}
