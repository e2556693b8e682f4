import assert from "node:assert/strict";
import type { Job } from "@google-cloud/bigquery";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

/** A query that runs until it is stopped. */
const ENDLESS = `SELECT COUNT(*) AS n FROM UNNEST(GENERATE_ARRAY(1, 300000)) AS a, UNNEST(GENERATE_ARRAY(1, 300000)) AS b
  WHERE MOD(a * b, 7) = 3`;

interface JobBody {
  readonly id: string;
  readonly jobReference: { readonly jobId: string; readonly location: string };
  readonly status: {
    readonly state: string;
    readonly errorResult?: { readonly reason: string; readonly message: string };
  };
  readonly statistics: {
    readonly numChildJobs?: string;
    readonly query?: Readonly<Record<string, unknown>> & { readonly statementType?: string };
  };
  readonly configuration: { readonly query?: { readonly destinationTable?: { readonly tableId: string } } };
}

interface Results {
  readonly jobComplete: boolean;
  readonly jobReference: { readonly jobId: string; readonly location: string };
  readonly totalRows?: string;
  readonly pageToken?: string;
  readonly numDmlAffectedRows?: string;
  readonly schema?: {
    readonly fields: readonly { readonly name: string; readonly type: string; readonly mode: string }[];
  };
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
}

describe("jobs over REST", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d");
    await server.client.query(
      "CREATE TABLE d.t (id INT64, seen TIMESTAMP) AS SELECT 1, TIMESTAMP '2024-01-02 03:04:05.123456+00'",
    );
    await server.client.createDataset("tokyo", { location: "asia-northeast1" });
    await server.client.query("CREATE TABLE tokyo.t (id INT64) AS SELECT 7");
  });
  after(() => server.stop());

  const query = (body: object) => server.call<Results & ErrorBody>("POST", "queries", { useLegacySql: false, ...body });

  it("answer rows with their schema, and timestamps in the form that was asked for", async () => {
    const { body } = await query({ query: "SELECT * FROM d.t" });
    assert.deepEqual(
      body.schema?.fields.map(({ name, type }) => [name, type]),
      [
        ["id", "INTEGER"],
        ["seen", "TIMESTAMP"],
      ],
    );
    assert.deepEqual(body.rows, [{ f: [{ v: "1" }, { v: "1.704164645123456E9" }] }]);
    const exact = await query({ query: "SELECT * FROM d.t", formatOptions: { useInt64Timestamp: true } });
    assert.deepEqual(exact.body.rows, [{ f: [{ v: "1" }, { v: "1704164645123456" }] }]);
  });

  it("answer every page of a long result once", async () => {
    const [rows] = await server.client.query("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 25000)) AS x ORDER BY x");
    assert.equal(rows.length, 25_000);
    const { body } = await query({
      query: "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 2500)) AS x ORDER BY x",
      maxResults: 999,
    });
    assert.equal(body.rows?.length, 999);
    assert.equal(body.totalRows, "2500");
    const seen = [...(body.rows ?? [])];
    let token = body.pageToken;
    while (token !== undefined) {
      const next = await server.call<Results>(
        "GET",
        `queries/${body.jobReference.jobId}?maxResults=999&pageToken=${token}`,
      );
      seen.push(...(next.body.rows ?? []));
      token = next.body.pageToken;
    }
    assert.deepEqual(
      seen.map(({ f }) => Number(f[0]?.v)),
      Array.from({ length: 2500 }, (_, index) => index + 1),
    );
  });

  it("answer DML without rows, with the number of rows affected", async () => {
    await query({ query: "CREATE OR REPLACE TABLE d.dml (a INT64)" });
    const { body } = await query({ query: "INSERT d.dml SELECT x FROM UNNEST([1, 2, 3]) AS x" });
    assert.equal(body.numDmlAffectedRows, "3");
    assert.equal(body.rows, undefined);
  });

  it("name the target of a CREATE, and its operation", async () => {
    const { body } = await server.call<JobBody>("POST", "jobs", {
      configuration: { query: { query: "CREATE TABLE d.made AS SELECT 1 AS x", useLegacySql: false } },
    });
    assert.equal(body.status.state, "DONE");
    assert.equal(body.statistics.query?.statementType, "CREATE_TABLE_AS_SELECT");
    assert.equal(body.statistics.query?.ddlOperationPerformed, "CREATE");
    assert.equal(body.configuration.query?.destinationTable?.tableId, "made");
  });

  const failures: readonly (readonly [string, string, number, RegExp])[] = [
    [
      "SELECT pric FROM (SELECT 1 AS price)",
      "invalidQuery",
      400,
      /Unrecognized name: pric; Did you mean price\? at \[1:8\]/,
    ],
    ["SELECT * FROM d.missing", "notFound", 404, /Not found: Table .*:d\.missing was not found in location US/],
    ["SELECT * FROM nowhere.t", "notFound", 404, /Not found: Dataset .*:nowhere was not found in location US/],
    ["CREATE TABLE d.t (x INT64)", "duplicate", 409, /Already Exists: Table .*:d\.t/],
  ];
  for (const [sql, reason, code, message] of failures) {
    it(`fail by jobs.query with ${code} ${reason}, by jobs.insert with a job that says so: ${sql}`, async () => {
      const direct = await query({ query: sql });
      assert.equal(direct.status, code);
      assert.equal(direct.body.error.errors[0]?.reason, reason);
      assert.match(direct.body.error.message, message);
      const { status, body } = await server.call<JobBody>("POST", "jobs", {
        configuration: { query: { query: sql, useLegacySql: false } },
      });
      assert.equal(status, 200);
      assert.equal(body.status.errorResult?.reason, reason);
      const results = await server.call<ErrorBody>("GET", `queries/${body.jobReference.jobId}`);
      assert.equal(results.status, code);
    });
  }

  it("refuse legacy SQL in a sentence that says what to do", async () => {
    for (const body of [
      { query: "SELECT 1", useLegacySql: true },
      { query: "SELECT * FROM [p:d.t]", useLegacySql: null },
    ]) {
      const { status, body: answer } = await query(body);
      assert.equal(status, 501);
      assert.match(answer.error.message, /Legacy SQL is not supported.*useLegacySql/);
    }
  });

  it("refuse a known setting that is not honoured, by name", async () => {
    const { status, body } = await server.call<ErrorBody>("POST", "jobs", {
      configuration: {
        query: { query: "SELECT 1", useLegacySql: false, destinationEncryptionConfiguration: { kmsKeyName: "k" } },
      },
    });
    assert.equal(status, 501);
    assert.match(body.error.message, /configuration\.query\.destinationEncryptionConfiguration/);
  });

  it("run nothing in a dry run", async () => {
    const [job, response] = await server.client.createQueryJob({
      query: "CREATE TABLE d.dry AS SELECT 1 AS x",
      dryRun: true,
    });
    assert.equal(job.metadata.status.state, "DONE");
    assert.equal(response.statistics?.query?.statementType, "CREATE_TABLE_AS_SELECT");
    assert.deepEqual(await server.client.dataset("d").table("dry").exists(), [false]);
  });

  it("are the same job for the same requestId, and another for another text", async () => {
    await query({ query: "CREATE OR REPLACE TABLE d.once (a INT64)" });
    const insert = { query: "INSERT d.once VALUES (1)", requestId: "11111111-2222-3333-4444-555555555555" };
    const [first, second] = [await query(insert), await query(insert)];
    assert.equal(first.body.jobReference.jobId, second.body.jobReference.jobId);
    assert.equal((await query({ query: "SELECT * FROM d.once" })).body.totalRows, "1");
    const other = await query({ ...insert, query: "INSERT d.once VALUES (2)" });
    assert.notEqual(other.body.jobReference.jobId, first.body.jobReference.jobId);
  });

  it("refuse a job id that is taken", async () => {
    const job = {
      jobReference: { jobId: "mine" },
      configuration: { query: { query: "SELECT 1", useLegacySql: false } },
    };
    assert.equal((await server.call("POST", "jobs", job)).status, 200);
    const { status, body } = await server.call<ErrorBody>("POST", "jobs", job);
    assert.deepEqual([status, body.error.message], [409, `Already Exists: Job ${server.cloud.project}:US.mine`]);
  });

  it("run where their data is, and are found only there", async () => {
    const [job] = await server.client.createQueryJob("SELECT * FROM tokyo.t");
    assert.equal(job.location, "asia-northeast1");
    assert.deepEqual((await job.getQueryResults())[0], [{ id: 7 }]);
    const id = String(job.id);
    await assert.rejects(server.client.job(id).getMetadata(), { code: 404 });
    await assert.rejects(server.client.job(id, { location: "US" }).getMetadata(), { code: 404 });
    await assert.rejects(server.client.job(id, { location: "US" }).cancel(), { code: 404 });
    await server.client.job(id, { location: "asia-northeast1" }).getMetadata();
  });

  it("do not find data of another location: a job that says so, and 404 for a copy", async () => {
    const elsewhere = server.client.dataset("tokyo", { location: "US" });
    const error = await elsewhere.createQueryJob({ query: "SELECT * FROM tokyo.t" }).then(
      () => assert.fail("the query must fail"),
      (thrown: { errors: readonly { reason: string }[] }) => thrown,
    );
    assert.equal(error.errors[0]?.reason, "notFound");
    await assert.rejects(elsewhere.table("t").createCopyJob(server.client.dataset("tokyo").table("u")), { code: 404 });
  });

  it("hold a request for results until the time that it names, and not at once", async () => {
    const [job] = await server.client.createQueryJob(ENDLESS);
    try {
      const none = await server.call<Results>("GET", `queries/${job.id}?timeoutMs=0`);
      assert.equal(none.body.jobComplete, false);
      const start = performance.now();
      const held = await server.call<Results>("GET", `queries/${job.id}?timeoutMs=300`);
      assert.equal(held.body.jobComplete, false);
      assert.ok(performance.now() - start >= 290, "held for 300 ms");
    } finally {
      await job.cancel();
    }
  });

  it("end with reason stopped when they are cancelled, and free the engine", async () => {
    const [job] = await server.client.createQueryJob(ENDLESS);
    await job.cancel();
    const ended = new Promise<{ message: string }>((resolve) => {
      job.on("error", resolve).on("complete", () => resolve({ message: "complete" }));
    });
    assert.match((await ended).message, /User requested cancellation/);
    const [metadata] = await job.getMetadata();
    assert.equal(metadata.status.errorResult.reason, "stopped");
    assert.deepEqual((await server.client.query("SELECT 1 AS x"))[0], [{ x: 1 }]);
  });

  it("stop by themselves after jobTimeoutMs", async () => {
    const ending = async (): Promise<void> => {
      const [job] = await server.client.createQueryJob({ query: ENDLESS, jobTimeoutMs: 200 });
      await job.promise();
    };
    await assert.rejects(ending(), /Job timed out after 0\.2s/);
  });

  it("are listed newest first, by state and time, and forgotten when deleted", async () => {
    const [job] = await server.client.createQueryJob({ query: "SELECT 5 AS x", jobPrefix: "listed" });
    await job.getQueryResults();
    const [listed] = await server.client.getJobs({
      minCreationTime: job.metadata.statistics.creationTime,
      stateFilter: ["done"],
    });
    assert.ok(listed.some((other: Job) => other.id === job.id));
    const [answer] = await job.delete();
    assert.deepEqual(answer, {});
    assert.deepEqual(await job.exists(), [false]);
  });

  it("write to a destination by its dispositions", async () => {
    const run = (writeDisposition?: string) =>
      server.client.query({
        query: "SELECT 1 AS a",
        destination: server.client.dataset("d").table("dest"),
        ...(writeDisposition ? { writeDisposition } : {}),
      });
    assert.deepEqual((await run())[0], [{ a: 1 }]);
    assert.deepEqual((await run("WRITE_APPEND"))[0], [{ a: 1 }, { a: 1 }]);
    assert.deepEqual((await run("WRITE_TRUNCATE"))[0], [{ a: 1 }]);
    await assert.rejects(run(), /Already Exists: Table/);
  });

  it("copy tables: into new ones, onto others only when told to", async () => {
    const dataset = server.client.dataset("d");
    await dataset.table("t").copy(dataset.table("copied"));
    assert.deepEqual(
      (await dataset.table("copied").getRows())[0].map(({ id }) => id),
      [1],
    );
    await assert.rejects(dataset.table("t").copy(dataset.table("copied")), /Already Exists: Table/);
    await dataset.table("t").copy(dataset.table("copied"), { writeDisposition: "WRITE_APPEND" });
    assert.equal((await dataset.table("copied").getRows())[0].length, 2);
  });

  it("take a snapshot that says of what and when, restore it, and clone", async () => {
    const dataset = server.client.dataset("d");
    const operate = async (from: string, to: string, operationType: "SNAPSHOT" | "RESTORE" | "CLONE") => {
      const [job] = await dataset.table(from).createCopyJob(dataset.table(to), { operationType });
      await job.promise();
      return (await dataset.table(to).getMetadata())[0];
    };
    const snapshot = await operate("t", "snapshot", "SNAPSHOT");
    assert.equal(snapshot.type, "SNAPSHOT");
    assert.equal(snapshot.snapshotDefinition.baseTableReference.tableId, "t");
    const restored = await operate("snapshot", "restored", "RESTORE");
    assert.equal(restored.type, "TABLE");
    assert.equal(restored.snapshotDefinition, undefined);
    assert.equal((await operate("t", "cloned", "CLONE")).cloneDefinition.baseTableReference.tableId, "t");
    assert.equal((await dataset.table("restored").getRows())[0].length, 1);
    await assert.rejects(operate("t", "no", "RESTORE"), /is a TABLE: only a snapshot can be restored/);
    await assert.rejects(server.client.query("DELETE FROM d.snapshot WHERE true"), /snapshot/i);
  });
});

describe("routines over REST", function () {
  this.timeout(60_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d");
  });
  after(() => server.stop());

  it("made by REST are called by SQL, made by SQL are read by REST", async () => {
    const dataset = server.client.dataset("d");
    await dataset.createRoutine("times3", {
      arguments: [{ name: "x", dataType: { typeKind: "INT64" } }],
      definitionBody: "x * 3",
      routineType: "SCALAR_FUNCTION",
      returnType: { typeKind: "INT64" },
    });
    assert.deepEqual((await server.client.query("SELECT d.times3(14) AS y"))[0], [{ y: 42 }]);
    await server.client.query("CREATE FUNCTION d.plus1(x INT64) AS (x + 1)");
    const [routines] = await dataset.getRoutines();
    assert.deepEqual(
      routines.map(({ id }) => id),
      ["plus1", "times3"],
    );
    await dataset.routine("plus1").setMetadata({ description: "adds one" });
    const [metadata] = await dataset.routine("plus1").getMetadata();
    assert.equal(metadata.description, "adds one");
    assert.deepEqual((await server.client.query("SELECT d.plus1(1) AS y"))[0], [{ y: 2 }]);
    await dataset.routine("plus1").delete();
    assert.deepEqual(await dataset.routine("plus1").exists(), [false]);
  });

  it("that are procedures have a block for a body, or the statements of one", async () => {
    const dataset = server.client.dataset("d");
    for (const [id, definitionBody] of [
      ["block", "BEGIN SELECT x + 1 AS y; END"],
      ["statements", "DECLARE z INT64 DEFAULT 1; SELECT x + z AS y"],
      ["transaction", "BEGIN TRANSACTION; COMMIT TRANSACTION; SELECT x + 1 AS y;"],
    ] as const) {
      await dataset.createRoutine(id, {
        routineType: "PROCEDURE",
        language: "SQL",
        arguments: [{ name: "x", dataType: { typeKind: "INT64" } }],
        definitionBody,
      });
      assert.deepEqual((await server.client.query(`CALL d.${id}(2)`))[0], [{ y: 3 }]);
    }
  });

  it("that do not resolve are refused, and not kept", async () => {
    const { status, body } = await server.call<ErrorBody>("POST", "datasets/d/routines", {
      routineReference: { projectId: server.cloud.project, datasetId: "d", routineId: "broken" },
      routineType: "SCALAR_FUNCTION",
      definitionBody: "x * 3",
    });
    assert.equal(status, 400);
    assert.match(body.error.message, /Unrecognized name: x/);
    assert.equal((await server.call("GET", "datasets/d/routines/broken")).status, 404);
  });
});
