import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Bucket, Storage } from "@google-cloud/storage";
import { bigquery } from "activate/localcloud/bigquery";
import { createStorage } from "activate/localcloud/storage";
import { until } from "../../../until.js";
import { startServer, type TestServer } from "./server.js";

interface JobBody {
  readonly jobReference: { readonly jobId: string };
  readonly status: {
    readonly state: string;
    readonly errorResult?: { readonly reason: string; readonly message: string };
    readonly errors?: readonly { readonly message: string }[];
  };
  readonly statistics: {
    readonly load?: Readonly<Record<string, string>>;
    readonly extract?: { readonly destinationUriFileCounts: readonly string[]; readonly inputBytes: string };
    readonly query?: { readonly statementType: string; readonly exportDataStatistics?: object };
  };
  readonly error?: { readonly code: number; readonly message: string };
}

describe("BigQuery and Cloud Storage", function () {
  this.timeout(30_000);
  let server: TestServer;
  let storage: Storage;
  let bucket: Bucket;
  before(async () => {
    server = await startServer({ services: [createStorage, bigquery] });
    storage = new Storage({ projectId: server.cloud.project, apiEndpoint: server.cloud.rest });
    [bucket] = await storage.createBucket("lake");
    await server.client.createDataset("d");
  });
  after(() => server.stop());

  /** A job once it is done, or the refusal of it. */
  const job = async (configuration: object): Promise<JobBody> => {
    const { body } = await server.call<JobBody>("POST", "jobs", { configuration });
    if (body.error) return body;
    return until(
      async () => (await server.call<JobBody>("GET", `jobs/${body.jobReference.jobId}`)).body,
      ({ status }) => status.state === "DONE",
    );
  };
  const load = (tableId: string, more: object): Promise<JobBody> =>
    job({ load: { destinationTable: { projectId: server.cloud.project, datasetId: "d", tableId }, ...more } });
  const query = async (sql: string) => (await server.client.query(sql))[0];
  const read = async (name: string): Promise<string> => (await bucket.file(name).download())[0].toString();

  it("loads one file, many by a wildcard, compressed ones, in one transaction", async () => {
    await bucket.file("in/a.csv").save("id,word\n1,eins\n2,zwei\n");
    await bucket.file("in/b.csv").save(gzipSync("id,word\n3,drei\n"));
    await bucket.file("in/other.txt").save("no csv");
    const { status, statistics } = await load("words", {
      sourceUris: ["gs://lake/in/*.csv"],
      skipLeadingRows: 1,
      schema: {
        fields: [
          { name: "id", type: "INT64" },
          { name: "word", type: "STRING" },
        ],
      },
    });
    assert.deepEqual(status, { state: "DONE" });
    assert.deepEqual([statistics.load?.inputFiles, statistics.load?.outputRows], ["2", "3"]);
    assert.deepEqual(await query("SELECT STRING_AGG(word ORDER BY id) AS words FROM d.words"), [
      { words: "eins,zwei,drei" },
    ]);
  });

  it("loads newline-delimited JSON finding the schema itself", async () => {
    await bucket.file("rows.json").save('{"id":1,"tags":["a"]}\n{"id":2,"tags":[]}\n');
    const { status } = await load("tagged", {
      sourceUris: ["gs://lake/rows.json"],
      sourceFormat: "NEWLINE_DELIMITED_JSON",
      autodetect: true,
    });
    assert.equal(status.errorResult, undefined);
    assert.deepEqual(await query("SELECT id, ARRAY_LENGTH(tags) AS n FROM d.tagged ORDER BY id"), [
      { id: 1, n: 1 },
      { id: 2, n: 0 },
    ]);
  });

  it("names the file of a row that is wrong, and loads nothing then", async () => {
    await bucket.file("bad/1.csv").save("1\n");
    await bucket.file("bad/2.csv").save("two\n");
    const { status } = await load("numbers", {
      sourceUris: ["gs://lake/bad/*"],
      schema: { fields: [{ name: "n", type: "INT64" }] },
    });
    assert.equal(status.errorResult?.reason, "invalid");
    assert.match(
      status.errors?.map(({ message }) => message).join() ?? "",
      /value: "two" File: gs:\/\/lake\/bad\/2\.csv/,
    );
    await assert.rejects(query("SELECT * FROM d.numbers"), /Not found: Table/);
  });

  it("fails the job for an object, a pattern or a bucket that is not there", async () => {
    const schema = { fields: [{ name: "n", type: "INT64" }] };
    for (const uri of ["gs://lake/none.csv", "gs://lake/none/*", "gs://no-such-bucket/x.csv"]) {
      const { status } = await load("none", { sourceUris: [uri], schema });
      assert.equal(status.errorResult?.reason, "notFound", uri);
      assert.match(status.errorResult?.message ?? "", /^Not found: Uris? gs:\/\//i);
    }
    const malformed = await load("none", { sourceUris: ["/tmp/x.csv"], schema });
    assert.equal(malformed.error?.code, 400);
  });

  it("extracts a table as CSV and as JSON, whole values, loadable again", async () => {
    await query(`CREATE TABLE d.kinds AS SELECT 1 AS i, 'a "b", c' AS s, TRUE AS b, 1.5 AS f,
      TIMESTAMP '2026-02-03 04:05:06.000007+00' AS t, DATE '2026-02-03' AS day, NUMERIC '1.25' AS n, CAST(NULL AS STRING) AS nothing, '' AS empty`);
    const extract = (more: object) =>
      job({ extract: { sourceTable: { projectId: server.cloud.project, datasetId: "d", tableId: "kinds" }, ...more } });
    const csv = await extract({ destinationUris: ["gs://lake/out/kinds.csv"] });
    assert.deepEqual(csv.status, { state: "DONE" });
    assert.deepEqual(csv.statistics.extract?.destinationUriFileCounts, ["1"]);
    assert.equal(
      await read("out/kinds.csv"),
      'i,s,b,f,t,day,n,nothing,empty\n1,"a ""b"", c",true,1.5,2026-02-03 04:05:06.000007 UTC,2026-02-03,1.25,,""\n',
    );
    await extract({
      destinationUris: ["gs://lake/out/kinds-*.json"],
      destinationFormat: "NEWLINE_DELIMITED_JSON",
      compression: "GZIP",
    });
    const [packed] = await bucket.file("out/kinds-000000000000.json").download({ decompress: false });
    assert.deepEqual(JSON.parse(gunzipSync(packed).toString()), {
      i: "1",
      s: 'a "b", c',
      b: true,
      f: 1.5,
      t: "2026-02-03 04:05:06.000007 UTC",
      day: "2026-02-03",
      n: "1.25",
      empty: "",
    });
    const [{ schema }] = await server.client.dataset("d").table("kinds").getMetadata();
    await load("again", { sourceUris: ["gs://lake/out/kinds.csv"], skipLeadingRows: 1, schema });
    const difference =
      "(SELECT TO_JSON_STRING(x) AS j FROM d.kinds x) EXCEPT DISTINCT (SELECT TO_JSON_STRING(x) FROM d.again x)";
    assert.deepEqual(await query(difference), []);
  });

  it("refuses an extract of nested data to CSV, to a bucket that is not there, of a model, and to formats it lacks", async () => {
    const of = (tableId: string) => ({ sourceTable: { projectId: server.cloud.project, datasetId: "d", tableId } });
    const nested = await job({ extract: { ...of("tagged"), destinationUris: ["gs://lake/x.csv"] } });
    assert.match(nested.status.errorResult?.message ?? "", /nested schema\. Field: tags/);
    const nowhere = await job({ extract: { ...of("words"), destinationUris: ["gs://no-such-bucket/x.csv"] } });
    assert.equal(nowhere.status.errorResult?.message, "Not found: Bucket no-such-bucket");
    const avro = await job({
      extract: { ...of("words"), destinationUris: ["gs://lake/x"], destinationFormat: "AVRO" },
    });
    assert.match(avro.error?.message ?? "", /Exporting to AVRO here is not supported/);
    const missing = await job({ extract: { ...of("nothing"), destinationUris: ["gs://lake/x"] } });
    assert.equal(missing.error?.code, 404);
  });

  it("runs EXPORT DATA, and overwrites only when told to", async () => {
    const sql = (more: string) =>
      `EXPORT DATA OPTIONS (uri = 'gs://lake/exported/*.csv', format = 'CSV'${more}) AS SELECT id, UPPER(word) AS word FROM d.words WHERE id < 3 ORDER BY id`;
    const run = (text: string) => job({ query: { query: text, useLegacySql: false } });
    const first = await run(sql(", header = true, field_delimiter = ';'"));
    assert.deepEqual(first.status, { state: "DONE" });
    assert.deepEqual(
      [first.statistics.query?.statementType, first.statistics.query?.exportDataStatistics],
      ["EXPORT_DATA", { fileCount: "1", rowCount: "2" }],
    );
    assert.equal(await read("exported/000000000000.csv"), "id;word\n1;EINS\n2;ZWEI\n");
    assert.match((await run(sql(""))).status.errorResult?.message ?? "", /already has data in it/);
    assert.deepEqual((await run(sql(", overwrite = true"))).status, { state: "DONE" });
    assert.equal(await read("exported/000000000000.csv"), "1,EINS\n2,ZWEI\n");
  });
});
