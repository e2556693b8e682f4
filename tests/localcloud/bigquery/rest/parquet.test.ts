import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { type Bucket, Storage } from "@google-cloud/storage";
import { bigquery } from "activate/localcloud/bigquery";
import { createStorage } from "activate/localcloud/storage";
import { startServer, type TestServer } from "./server.js";

const COLUMNS = `1 AS id, 'eins' AS word, 1.5 AS f, TRUE AS ok, DATE '2024-01-02' AS day, TIME '03:04:05' AS time,
  TIMESTAMP '2024-01-02 03:04:05.123456+00' AS instant, DATETIME '2024-01-02 03:04:05' AS local, NUMERIC '12.25' AS price,
  b'\\x00\\xff' AS raw, JSON '{"a":1}' AS doc, [1, 2] AS list, STRUCT('x' AS a, [STRUCT(7 AS k)] AS inner_list) AS nested`;

describe("Parquet between BigQuery and Cloud Storage", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-parquet-test-"));
  let server: TestServer;
  let bucket: Bucket;
  before(async () => {
    server = await startServer({ services: [createStorage, bigquery] });
    const storage = new Storage({ projectId: server.cloud.project, apiEndpoint: server.cloud.rest });
    [bucket] = await storage.createBucket("lake");
    await server.client.createDataset("d");
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  const table = (id: string) => server.client.dataset("d").table(id);
  const query = async (sql: string) => (await server.client.query(sql))[0];
  const load = (id: string, file: string, more: object = {}) =>
    table(id).load(bucket.file(file), { sourceFormat: "PARQUET", ...more });
  const run = async (configuration: object): Promise<void> => {
    const [job] = await server.client.createJob({ configuration });
    await job.promise();
  };
  const typesOf = async (id: string): Promise<string[]> => {
    const [{ schema }] = await table(id).getMetadata();
    return (schema.fields as { name: string; type: string; mode?: string }[]).map(
      ({ name, type, mode }) => `${name} ${type}${mode === "REPEATED" ? "[]" : ""}`,
    );
  };
  /** A file of somebody else's. */
  const write = async (name: string, sql: string): Promise<void> => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    await connection.run(`COPY (${sql}) TO '${join(folder, name)}' (FORMAT parquet)`);
    connection.closeSync();
    instance.closeSync();
    await bucket.file(name).save(readFileSync(join(folder, name)));
  };

  it("is exported and loaded again with every value as it was, by whatever compression", async () => {
    await query(`CREATE TABLE d.source AS SELECT ${COLUMNS} UNION ALL
      SELECT 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, [], NULL`);
    const columns = "* REPLACE (NULLIF(TO_JSON_STRING(doc), 'null') AS doc)";
    const before = await query(`SELECT ${columns} FROM d.source ORDER BY id`);
    for (const compression of ["NONE", "SNAPPY", "GZIP", "ZSTD"]) {
      const uri = `gs://lake/${compression}.parquet`;
      const of = (tableId: string) => ({ projectId: server.cloud.project, datasetId: "d", tableId });
      await run({
        extract: {
          sourceTable: of("source"),
          destinationUris: [uri],
          destinationFormat: "PARQUET",
          compression,
        },
      });
      await run({
        load: {
          sourceUris: [uri],
          sourceFormat: "PARQUET",
          parquetOptions: { enableListInference: true },
          destinationTable: of(`loaded_${compression}`),
        },
      });
      assert.deepEqual(await query(`SELECT * FROM d.loaded_${compression} ORDER BY id`), before);
      const types = (await typesOf("source")).map((type) => type.replace("doc JSON", "doc STRING"));
      assert.deepEqual(await typesOf(`loaded_${compression}`), types);
    }
  });

  it("brings its own schema: lists spelled out unless they are asked for as arrays", async () => {
    await write("lists.parquet", "SELECT 7::SMALLINT AS n, [1.5, NULL] AS l, TIMESTAMP '2024-01-02 00:00:00' AS t");
    await load("spelled", "lists.parquet");
    assert.deepEqual(await typesOf("spelled"), ["n INTEGER", "l RECORD", "t DATETIME"]);
    const sql = "SELECT CAST(item.element AS STRING) AS element FROM d.spelled, UNNEST(l.list) AS item";
    assert.deepEqual(await query(`${sql} WHERE item.element IS NOT NULL`), [{ element: "1.5" }]);
  });

  it("takes the types that the table, or the job's schema, gives its columns", async () => {
    await write("typed.parquet", `SELECT 3 AS n, '{"a":1}' AS doc, TIMESTAMP '2024-01-02 00:00:00' AS t`);
    await server.client.dataset("d").createTable("typed", {
      schema: [
        { name: "n", type: "NUMERIC", mode: "REQUIRED" },
        { name: "doc", type: "JSON" },
        { name: "t", type: "TIMESTAMP" },
        { name: "tags", type: "STRING", mode: "REPEATED" },
      ],
    });
    await load("typed", "typed.parquet");
    assert.deepEqual(
      await query("SELECT CAST(n AS STRING) AS n, JSON_VALUE(doc.a) AS a, UNIX_SECONDS(t) AS t, tags FROM d.typed"),
      [{ n: "3", a: "1", t: 1_704_153_600, tags: [] }],
    );
    await load("given", "typed.parquet", {
      schema: {
        fields: [
          { name: "n", type: "FLOAT64" },
          { name: "doc", type: "STRING" },
          { name: "t", type: "DATETIME" },
        ],
      },
    });
    assert.deepEqual(await typesOf("given"), ["n FLOAT", "doc STRING", "t DATETIME"]);
  });

  it("adds a column only where the job allows it, and replaces the table when told to", async () => {
    await write("one.parquet", "SELECT 1 AS a");
    await write("two.parquet", "SELECT 2 AS a, 'x' AS b");
    await load("grown", "one.parquet");
    await assert.rejects(load("grown", "two.parquet"), /Cannot add fields \(field: b\)/);
    await load("grown", "two.parquet", { schemaUpdateOptions: ["ALLOW_FIELD_ADDITION"] });
    assert.deepEqual(await query("SELECT a, b FROM d.grown ORDER BY a"), [
      { a: 1, b: null },
      { a: 2, b: "x" },
    ]);
    await load("grown", "one.parquet", { writeDisposition: "WRITE_TRUNCATE" });
    assert.deepEqual(await query("SELECT * FROM d.grown"), [{ a: 1 }]);
  });

  it("makes a DECIMAL what fits it among the kinds that the job names", async () => {
    await write("wide.parquet", "SELECT CAST(1.5 AS DECIMAL(38, 20)) AS d");
    await assert.rejects(load("wide", "wide.parquet"), /beyond NUMERIC; name BIGNUMERIC/);
    await load("wide", "wide.parquet", { decimalTargetTypes: ["NUMERIC", "BIGNUMERIC"] });
    assert.deepEqual(await query("SELECT CAST(d AS STRING) AS d FROM d.wide"), [{ d: "1.5" }]);
  });

  it("that is none, or that holds what a table cannot, is refused and loads nothing", async () => {
    await bucket.file("broken.parquet").save("PAR1 not really");
    await write("map.parquet", "SELECT MAP {'a': 1} AS m");
    await assert.rejects(load("none", "broken.parquet"), /Error while reading data, error message: .*Parquet/i);
    await assert.rejects(load("none", "map.parquet"), /A Parquet column of type MAP.* is not supported/);
    assert.deepEqual(await table("none").exists(), [false]);
  });
});
