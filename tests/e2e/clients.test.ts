import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { clientVariables } from "activate/localcloud/launch/clients.js";
import { TestImages, TRAINER_IMAGE } from "../localcloud/vertex/images.js";
import { until } from "../until.js";

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const PROJECT = "activate-local";

describe("other official clients on the local cloud", function () {
  this.timeout(180_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-clients-"));
  const images = new TestImages();
  let cloud: LocalCloud;
  let environment: NodeJS.ProcessEnv;

  /** Runs a program with what `activate env` prints and a configuration of its own, to its end. */
  const run = (program: string, words: readonly string[]): Promise<Ended> =>
    new Promise((done, fail) => {
      const child = spawn(program, words, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
      let stdout = "";
      let stderr = "";
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString("utf8");
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
      });
      child.once("error", fail);
      child.once("close", (code) => done({ code, stdout, stderr }));
    });
  /** What a call printed; one that fails fails the test with what it said. */
  const printed = async (program: string, ...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(program, words);
    assert.equal(code, 0, `${program} ${words.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  };
  const json = async <T>(program: string, ...words: string[]): Promise<T> =>
    JSON.parse(await printed(program, ...words)) as T;
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };

  before(async () => {
    cloud = await startLocalCloud({
      stateDir: join(folder, "state"),
      project: PROJECT,
      imagesFolder: images.folder,
    });
    const running = { rest: cloud.rest, grpc: cloud.grpc, project: PROJECT, state: join(folder, "state"), pid: 0 };
    environment = { ...process.env, ...clientVariables(running), CLOUDSDK_CONFIG: join(folder, "config") };
  });
  after(async () => {
    await cloud.stop();
    images.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  // One order of steps, each on what the ones before made: a call of these programs takes seconds.
  describe("bq", () => {
    before(function () {
      needs(this, "bq", "the Google Cloud CLI's bq is not on the PATH");
    });

    it("makes a dataset and a table", async () => {
      assert.match(await printed("bq", "mk", "--location=europe-west1", "--dataset", "shop"), /successfully created/);
      const schema = file(
        "schema.json",
        JSON.stringify([
          { name: "id", type: "INTEGER", mode: "REQUIRED" },
          { name: "value", type: "FLOAT" },
          { name: "tax", type: "FLOAT" },
        ]),
      );
      assert.match(await printed("bq", "mk", "--table", "shop.orders", schema), /successfully created/);
    });

    it("loads a file and inserts rows, which a query finds", async () => {
      const rows = file("rows.csv", "id,value,tax\n1,10,1\n2,11,1.1\n3,12,1.2\n4,90,9\n5,91,9.1\n6,92,9.2\n");
      await printed("bq", "load", "--source_format=CSV", "--skip_leading_rows=1", "shop.orders", rows);
      const row = file("row.json", '{"id":7,"value":93,"tax":9.3}\n');
      assert.equal(await printed("bq", "insert", "shop.orders", row), "");
      const sql = "SELECT COUNT(*) AS n, SUM(value) AS total FROM shop.orders";
      const answer = await json<unknown>("bq", "query", "--use_legacy_sql=false", "--format=json", sql);
      assert.deepEqual(answer, [{ n: "7", total: "399.0" }]);
    });

    it("tells where a query is wrong, and ends with an error", async () => {
      const { code, stdout } = await run("bq", ["query", "--use_legacy_sql=false", "SELECT nothing FROM shop.orders"]);
      assert.notEqual(code, 0);
      assert.match(stdout, /Unrecognized name: nothing at\s+\[1:8\]/);
    });

    it("lists and shows datasets, tables and models", async () => {
      const sql = `CREATE MODEL shop.amounts OPTIONS (model_type = 'kmeans', num_clusters = 2, model_registry = 'vertex_ai',
        vertex_ai_model_id = 'amounts') AS SELECT value, tax FROM shop.orders`;
      const created = await printed("bq", "query", "--use_legacy_sql=false", sql);
      assert.match(created, /Created activate-local\.shop\.amounts/);
      const datasets = await json<{ id: string }[]>("bq", "ls", "--format=json");
      assert.deepEqual(
        datasets.map(({ id }) => id),
        ["activate-local:shop"],
      );
      const tables = await json<{ id: string }[]>("bq", "ls", "--format=json", "shop");
      assert.deepEqual(
        tables.map(({ id }) => id),
        ["activate-local:shop.orders"],
      );
      const models = await json<{ modelType: string }[]>("bq", "ls", "--models", "--format=json", "shop");
      assert.deepEqual(
        models.map(({ modelType }) => modelType),
        ["KMEANS"],
      );
      const table = await json<{ numRows: string }>("bq", "show", "--format=json", "shop.orders");
      assert.equal(table.numRows, "7");
      const model = await json<{ featureColumns: { name: string }[] }>(
        "bq",
        "show",
        "--model",
        "--format=json",
        "shop.amounts",
      );
      assert.deepEqual(
        model.featureColumns.map(({ name }) => name),
        ["value", "tax"],
      );
    });

    it("removes a model, a table, and a dataset with all that is in it", async () => {
      const sql =
        "CREATE TABLE shop.more AS SELECT 1 AS x; CREATE MODEL shop.gone OPTIONS (model_type = 'kmeans', num_clusters = 2) AS SELECT value FROM shop.orders";
      await printed("bq", "query", "--use_legacy_sql=false", sql);
      await printed("bq", "rm", "--force", "--model", "shop.gone");
      await printed("bq", "rm", "--force", "--table", "shop.more");
      const models = await json<{ modelReference: { modelId: string } }[]>("bq", "ls", "-m", "--format=json", "shop");
      assert.deepEqual(
        models.map(({ modelReference }) => modelReference.modelId),
        ["amounts"],
      );
      await printed("bq", "rm", "--force", "--recursive", "--dataset", "shop");
      assert.equal((await printed("bq", "ls", "--format=json")).trim(), "");
    });
  });

  describe("gcloud ai", () => {
    const region = ["--region", "europe-west1", "--format=json"];
    before(async function () {
      needs(this, "gcloud", "the Google Cloud CLI is not on the PATH");
      const answer = await fetch(`${cloud.rest}/bigquery/v2/projects/${PROJECT}/queries`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          query: `CREATE SCHEMA served;
            CREATE MODEL served.model OPTIONS (model_type = 'kmeans', num_clusters = 2, model_registry = 'vertex_ai',
              vertex_ai_model_id = 'served') AS
            SELECT value, value / 10 AS tax FROM UNNEST([10, 11, 12, 90, 91, 92]) AS value`,
          useLegacySql: false,
          location: "europe-west1",
        }),
      });
      assert.equal(answer.status, 200, await answer.text());
    });

    it("lists the models that BigQuery ML registered", async () => {
      const models = await json<{ name: string; versionId: string }[]>("gcloud", "ai", "models", "list", ...region);
      assert.match(
        models.map(({ name }) => name).join(),
        /^projects\/\w[\w-]*\/locations\/europe-west1\/models\/served$/,
      );
    });

    it("describes a model, and says so when there is none", async () => {
      const describe = (id: string) => ["ai", "models", "describe", id, ...region];
      const model = await json<{ name: string; displayName: string }>("gcloud", ...describe("served"));
      assert.match(model.name, /\/models\/served$/);
      const { code, stderr } = await run("gcloud", describe("nobody"));
      assert.notEqual(code, 0);
      assert.match(stderr, /NOT_FOUND/);
    });

    it("starts a custom job, lists it and describes it to its end", async () => {
      const pool = `machine-type=n1-standard-4,replica-count=1,container-image-uri=${TRAINER_IMAGE}`;
      const create = ["create", "--display-name=training", `--worker-pool-spec=${pool}`];
      const { name } = await json<{ name: string }>("gcloud", "ai", "custom-jobs", ...create, ...region);
      const jobs = await json<{ name: string; displayName: string }[]>(
        "gcloud",
        "ai",
        "custom-jobs",
        "list",
        ...region,
      );
      assert.deepEqual(
        jobs.map((job) => [job.name, job.displayName]),
        [[name, "training"]],
      );
      const described = () =>
        json<{ state: string; jobSpec: { workerPoolSpecs: { containerSpec: { imageUri: string } }[] } }>(
          "gcloud",
          "ai",
          "custom-jobs",
          "describe",
          name,
          ...region,
        );
      const job = await until(described, ({ state }) => state === "JOB_STATE_SUCCEEDED", 60_000);
      assert.equal(job.jobSpec.workerPoolSpecs[0]?.containerSpec.imageUri, TRAINER_IMAGE);
    });

    it("makes an endpoint, lists and describes it, deploys a model to it, and asks it for a prediction", async () => {
      await printed("gcloud", "ai", "endpoints", "create", "--endpoint-id=77", "--display-name=door", ...region);
      const deploy = ["deploy-model", "77", "--model=served", "--display-name=first", "--traffic-split=0=100"];
      await printed("gcloud", "ai", "endpoints", ...deploy, ...region);
      const endpoints = await json<{ displayName: string }[]>("gcloud", "ai", "endpoints", "list", ...region);
      assert.deepEqual(
        endpoints.map(({ displayName }) => displayName),
        ["door"],
      );
      const endpoint = await json<{ deployedModels: { displayName: string }[]; trafficSplit: object }>(
        "gcloud",
        "ai",
        "endpoints",
        "describe",
        "77",
        ...region,
      );
      assert.deepEqual(
        endpoint.deployedModels.map(({ displayName }) => displayName),
        ["first"],
      );
      assert.deepEqual(Object.values(endpoint.trafficSplit), [100]);
      const instances = [
        { value: 11, tax: 1.1 },
        { value: 12, tax: 1.2 },
        { value: 91, tax: 9.1 },
      ];
      const request = file("instances.json", JSON.stringify({ instances }));
      const answer = await json<{ predictions: Record<string, unknown>[] }>(
        "gcloud",
        "ai",
        "endpoints",
        "predict",
        "77",
        `--json-request=${request}`,
        ...region,
      );
      const clusters = answer.predictions.map((prediction) =>
        JSON.stringify(prediction.nearest_centroid_id ?? prediction.CENTROID_ID),
      );
      assert.equal(clusters[0], clusters[1]);
      assert.notEqual(clusters[0], clusters[2]);
    });
  });

  describe("google-cloud-bigquery for Python", () => {
    let python = "";
    before(async function () {
      python = process.env.ACTIVATE_TEST_PYTHON ?? "";
      if (python === "") {
        skip(this, "ACTIVATE_TEST_PYTHON names no interpreter that has google-cloud-bigquery");
      } else if ((await run(python, ["-c", "import google.cloud.bigquery"])).code !== 0) {
        skip(this, `${python} (ACTIVATE_TEST_PYTHON) cannot import google.cloud.bigquery`);
      }
    });

    it("creates, streams, loads, asks with parameters, and reads pages", async () => {
      assert.deepEqual(JSON.parse(await printed(python, "-c", PYTHON)), {
        streamed: [],
        types: ["INTEGER", "STRING", "TIMESTAMP", "RECORD"],
        found: [2, "zwei", "2026-02-03T04:05:06.000007+00:00", [{ k: 1 }, { k: 2 }]],
        pages: 3,
        affected: 1,
        error: "NotFound",
      });
    });
  });
});

const PYTHON = `
import datetime, json
from google.api_core.exceptions import NotFound
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery as bq
import os
client = bq.Client(project=os.environ["GOOGLE_CLOUD_PROJECT"], credentials=AnonymousCredentials())
client.create_dataset("py")
schema = [bq.SchemaField("id", "INT64"), bq.SchemaField("word", "STRING"), bq.SchemaField("seen", "TIMESTAMP"),
          bq.SchemaField("parts", "RECORD", mode="REPEATED", fields=[bq.SchemaField("k", "INT64")])]
table = client.create_table(bq.Table(f"{client.project}.py.t", schema=schema))
at = datetime.datetime(2026, 2, 3, 4, 5, 6, 7, tzinfo=datetime.timezone.utc)
streamed = client.insert_rows(table, [{"id": 1, "word": "eins", "seen": at}, {"id": 2, "word": "zwei", "seen": at, "parts": [{"k": 1}, {"k": 2}]}])
client.load_table_from_json([{"id": 3, "word": "drei"}], table, job_config=bq.LoadJobConfig(schema=schema)).result()
config = bq.QueryJobConfig(query_parameters=[bq.ScalarQueryParameter("id", "INT64", 2), bq.ScalarQueryParameter("at", "TIMESTAMP", at)])
row, = client.query("SELECT * FROM py.t WHERE id = @id AND seen = @at", job_config=config).result()
pages = sum(1 for page in client.list_rows(client.get_table(table), page_size=1).pages)
update = client.query("UPDATE py.t SET word = 'tre' WHERE id = 3")
update.result()
try:
    client.get_table("py.nowhere")
    error = None
except NotFound as thrown:
    error = type(thrown).__name__
client.delete_dataset("py", delete_contents=True)
print(json.dumps({"streamed": streamed, "types": [field.field_type for field in table.schema],
    "found": [row.id, row.word, row.seen.isoformat(), row.parts], "pages": pages, "affected": update.num_dml_affected_rows, "error": error}))
`;

/** Skips a suite where a program is missing, and says so in its title. */
function needs(context: Mocha.Context, program: string, why: string): void {
  const there = (process.env.PATH ?? "").split(delimiter).some((part) => existsSync(join(part, program)));
  if (!there) skip(context, why);
}

function skip(context: Mocha.Context, why: string): void {
  console.log(`      skipped: ${why}`);
  context.skip();
}
