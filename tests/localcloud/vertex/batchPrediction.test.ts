import assert from "node:assert/strict";
import { v1 } from "@google-cloud/aiplatform";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { type Clients, clientOptions, createClients, failureOf, PARENT, until } from "./clients.js";
import { TestImages } from "./images.js";
import { serving } from "./serving.js";

interface Row {
  readonly [column: string]: unknown;
}

describe("batch prediction", function () {
  this.timeout(60_000);
  const images = new TestImages();
  let cloud: LocalCloud;
  let clients: Clients;
  let jobs: v1.JobServiceClient;
  let model: string;
  const { upload } = serving(() => clients);
  before(async () => {
    cloud = await startLocalCloud({ operationStageMs: 1, imagesFolder: images.folder });
    clients = createClients(cloud, "gRPC");
    jobs = new v1.JobServiceClient(clientOptions(cloud, "gRPC"));
    model = await upload();
    await post("/storage/v1/b?project=activate-local", { name: "batch" });
    await post("/bigquery/v2/projects/activate-local/datasets", {
      datasetReference: { datasetId: "shop" },
      location: "europe-west1",
    });
    await query(`CREATE TABLE shop.purchases AS SELECT n AS id, n * 0.5 AS value,
      TIMESTAMP '2026-01-02 03:04:05.25+00' AS seen, CONCAT('c', CAST(n AS STRING)) AS customer
      FROM UNNEST(GENERATE_ARRAY(1, 150)) AS n`);
    await query(`CREATE MODEL shop.clusters OPTIONS (MODEL_TYPE = 'KMEANS', NUM_CLUSTERS = 2,
      MODEL_REGISTRY = 'VERTEX_AI', VERTEX_AI_MODEL_ID = 'clusters') AS SELECT value FROM shop.purchases`);
  });
  after(async () => {
    await jobs.close();
    await clients.close();
    await cloud.stop();
    images.remove();
  });

  async function post(path: string, body: unknown): Promise<Row> {
    const response = await fetch(`${cloud.rest}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return JSON.parse(text) as Row;
  }

  async function query(sql: string): Promise<unknown[][]> {
    const answer = await post("/bigquery/v2/projects/activate-local/queries", {
      query: sql,
      useLegacySql: false,
      location: "europe-west1",
      timeoutMs: 60_000,
    });
    const rows = (answer.rows ?? []) as { f: { v: unknown }[] }[];
    return rows.map(({ f }) => f.map(({ v }) => v));
  }

  const put = (name: string, text: string): Promise<Row> =>
    post(`/upload/storage/v1/b/batch/o?uploadType=media&name=${encodeURIComponent(name)}`, text);

  async function read(uri: string): Promise<unknown[]> {
    const name = uri.replace("gs://batch/", "");
    const response = await fetch(`${cloud.rest}/storage/v1/b/batch/o/${encodeURIComponent(name)}?alt=media`);
    const text = await response.text();
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as unknown);
  }

  const fromFile = (name: string) => ({ instancesFormat: "jsonl", gcsSource: { uris: [`gs://batch/${name}`] } });
  const fromTable = (table: string) => ({
    instancesFormat: "bigquery",
    bigquerySource: { inputUri: `bq://activate-local.${table}` },
  });
  const toFolder = { predictionsFormat: "jsonl", gcsDestination: { outputUriPrefix: "gs://batch/out" } };
  const toTable = (name: string) => ({
    predictionsFormat: "bigquery",
    bigqueryDestination: { outputUri: `bq://activate-local.${name}` },
  });
  const MACHINE = { machineSpec: { machineType: "n1-standard-2" }, startingReplicaCount: 1, maxReplicaCount: 1 };

  async function run(job: object) {
    const [created] = await jobs.createBatchPredictionJob({
      parent: PARENT,
      batchPredictionJob: { displayName: "week", model, dedicatedResources: MACHINE, ...job },
    });
    const get = async () => (await jobs.getBatchPredictionJob({ name: created.name ?? "" }))[0];
    await until(async () => /SUCCEEDED|FAILED|CANCELLED/.test(String((await get()).state)));
    return await get();
  }

  it("reads JSON lines and writes a line for each, in a folder of its own", async () => {
    await put("in.jsonl", Array.from({ length: 130 }, (_, n) => JSON.stringify({ a: n, b: 1 })).join("\n"));
    const job = await run({ inputConfig: fromFile("in.jsonl"), outputConfig: toFolder });
    assert.equal(job.state, "JOB_STATE_SUCCEEDED", JSON.stringify(job.error));
    assert.equal(String(job.completionStats?.successfulCount), "130");
    const folder = job.outputInfo?.gcsOutputDirectory ?? "";
    assert.match(folder, /^gs:\/\/batch\/out\/prediction-week-2/);
    const lines = (await read(`${folder}/prediction.results-00000-of-00001`)) as {
      instance: { a: number };
      prediction: { sum: number };
    }[];
    assert.equal(lines.length, 130);
    for (const { instance, prediction } of lines) assert.equal(prediction.sum, instance.a + 1);
    assert.equal(job.modelVersionId, "1");
  });

  it("keeps the instances that could not be predicted apart, and the good ones of their batch", async () => {
    await put("mixed.jsonl", [{ a: 1 }, { fail: 400 }, { a: 2 }].map((line) => JSON.stringify(line)).join("\n"));
    const job = await run({ inputConfig: fromFile("mixed.jsonl"), outputConfig: toFolder });
    assert.equal(job.state, "JOB_STATE_SUCCEEDED");
    assert.deepEqual(
      [String(job.completionStats?.successfulCount), String(job.completionStats?.failedCount)],
      ["2", "1"],
    );
    const folder = job.outputInfo?.gcsOutputDirectory ?? "";
    const [error] = (await read(`${folder}/prediction.errors_stats-00000-of-00001`)) as {
      error: { message: string };
    }[];
    assert.match(error?.error.message ?? "", /bad/);
    assert.equal(job.partialFailures?.length, 1);
  });

  it("reads a table's columns by name when objects are asked for, and writes a table", async () => {
    const job = await run({
      inputConfig: fromTable("shop.purchases"),
      outputConfig: toTable("shop.scored"),
      instanceConfig: { instanceType: "object" },
    });
    assert.equal(job.state, "JOB_STATE_SUCCEEDED", JSON.stringify(job.error));
    assert.equal(job.outputInfo?.bigqueryOutputTable, "scored");
    const [[count, wrong, at]] = (await query(`SELECT COUNT(*),
      COUNTIF(ABS(CAST(JSON_VALUE(prediction, '$.sum') AS FLOAT64) - id - value) > 1e-9),
      ANY_VALUE(JSON_VALUE(prediction, '$.instance.seen')) FROM shop.scored`)) as [unknown[]];
    assert.deepEqual([count, wrong, at], ["150", "0", "2026-01-02 03:04:05.250000+00:00"]);
  });

  it("predicts with a model that BigQuery ML trained", async () => {
    const job = await run({
      model: `${PARENT}/models/clusters`,
      dedicatedResources: undefined,
      inputConfig: fromTable("shop.purchases"),
      outputConfig: toTable("shop"),
      instanceConfig: { instanceType: "object", includedFields: ["value"] },
    });
    assert.equal(job.state, "JOB_STATE_SUCCEEDED", JSON.stringify(job.error));
    const [[count]] = (await query(`SELECT COUNT(*) FROM shop.${job.outputInfo?.bigqueryOutputTable}
      WHERE JSON_VALUE(prediction, '$.nearest_centroid_id[0]') IN ('1', '2')`)) as [unknown[]];
    assert.equal(count, "150");
  });

  it("fails with the cause, and leaves no output, for input that is not there or cannot be read", async () => {
    await put("bad.jsonl", '{"a": 1}\nnot json\n');
    const cases: [object, RegExp][] = [
      [{ inputConfig: fromFile("none.jsonl"), outputConfig: toFolder }, /No such object/],
      [
        { inputConfig: fromFile("bad.jsonl"), outputConfig: toFolder },
        /Line 2 of gs:\/\/batch\/bad\.jsonl is not JSON/,
      ],
      [{ inputConfig: fromTable("shop.nothing"), outputConfig: toTable("shop.out") }, /Not found: Table/],
      [{ inputConfig: fromTable("shop.purchases"), outputConfig: toTable("shop.purchases") }, /Already Exists/],
      [{ model: await upload({ EXIT: "3" }), inputConfig: fromFile("in.jsonl"), outputConfig: toFolder }, /truncated/],
    ];
    for (const [job, message] of cases) {
      const { state, error } = await run(job);
      assert.equal(state, "JOB_STATE_FAILED");
      assert.match(error?.message ?? "", message);
    }
    const tables = await query("SELECT table_name FROM shop.INFORMATION_SCHEMA.TABLES WHERE table_name = 'out'");
    assert.deepEqual(tables, []);
  });

  it("is refused for a model whose image is not here, and no job is made", async () => {
    const elsewhere = await upload(
      {},
      {},
      { imageUri: "us-docker.pkg.dev/vertex-ai/prediction/sklearn-cpu.1-0:latest" },
    );
    const count = async () => (await jobs.listBatchPredictionJobs({ parent: PARENT }))[0].length;
    const before = await count();
    const failure = await failureOf(
      run({ model: elsewhere, inputConfig: fromFile("in.jsonl"), outputConfig: toFolder }),
    );
    assert.equal(failure.status, "FAILED_PRECONDITION");
    assert.match(failure.message, /sklearn-cpu\.1-0:latest' not found\. The local cloud has no container engine/);
    assert.equal(await count(), before);
  });

  const refusals: readonly [title: string, job: object, status: string, message: RegExp][] = [
    ["csv", { inputConfig: { instancesFormat: "csv" } }, "INVALID_ARGUMENT", /reads jsonl and bigquery, not "csv"/],
    ["no machine", { dedicatedResources: undefined }, "INVALID_ARGUMENT", /machine_type.*Required/],
    ["an unknown model", { model: `${PARENT}/models/none` }, "NOT_FOUND", /models\/none/],
    ["a table without a dataset", { outputConfig: toTable("") }, "INVALID_ARGUMENT", /output_uri.*bq:\/\/project/],
    [
      "arrays for a model of BigQuery ML",
      { model: `${PARENT}/models/clusters`, inputConfig: fromTable("shop.purchases") },
      "INVALID_ARGUMENT",
      /instance_type.*"object"/,
    ],
    ["an explanation", { generateExplanation: true }, "UNIMPLEMENTED", /generate_explanation/],
  ];
  for (const [title, job, status, message] of refusals) {
    it(`is refused for ${title}`, async () => {
      const failure = await failureOf(run({ inputConfig: fromFile("in.jsonl"), outputConfig: toFolder, ...job }));
      assert.equal(failure.status, status, failure.message);
      assert.match(failure.message, message);
    });
  }
});
