import assert from "node:assert/strict";
import type { ErrorBody, TestServer } from "./server.js";
import { startServer } from "./server.js";

interface Reply {
  readonly rows?: readonly { readonly f: readonly { readonly v: string | null }[] }[];
  readonly sessionInfo?: { readonly sessionId: string };
  readonly jobReference: { readonly jobId: string };
}

describe("a session", function () {
  this.timeout(20_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  const query = (sql: string, more: object) =>
    server.call<Reply & ErrorBody>("POST", "queries", { query: sql, useLegacySql: false, ...more });
  const inSession = (sessionId: string) => ({ connectionProperties: [{ key: "session_id", value: sessionId }] });

  it("keeps temporary tables, functions and variables for its queries, and for no others", async () => {
    const made = await query(
      "CREATE TEMP TABLE t AS SELECT 7 AS x; CREATE TEMP FUNCTION twice(n INT64) AS (n * 2); DECLARE k INT64 DEFAULT 3;",
      { createSession: true },
    );
    assert.equal(made.status, 400, "DECLARE stands first");
    const begun = await query(
      "DECLARE k INT64 DEFAULT 3; CREATE TEMP TABLE t AS SELECT 7 AS x; CREATE TEMP FUNCTION twice(n INT64) AS (n * 2)",
      { createSession: true },
    );
    assert.equal(begun.status, 200, JSON.stringify(begun.body));
    const id = begun.body.sessionInfo?.sessionId;
    assert.ok(id);
    const job = await server.call<{ readonly statistics: { readonly sessionInfo: unknown } }>(
      "GET",
      `jobs/${begun.body.jobReference.jobId}`,
    );
    assert.deepEqual(job.body.statistics.sessionInfo, { sessionId: id });
    await query("SET k = k + 1", inSession(id));
    const read = await query("SELECT twice(x) + k FROM t", inSession(id));
    assert.deepEqual(read.body.rows, [{ f: [{ v: "18" }] }], JSON.stringify(read.body));
    assert.equal((await query("SELECT x FROM t", {})).status, 400);
    const other = await query("SELECT 1", { createSession: true });
    const stranger = await query("SELECT k", inSession(other.body.sessionInfo?.sessionId ?? ""));
    assert.match(stranger.body.error.message, /Unrecognized name: k/);
  });

  it("ends by BQ.ABORT_SESSION", async () => {
    const begun = await query("CREATE TEMP TABLE t AS SELECT 1 AS x; SELECT x FROM t", { createSession: true });
    const id = begun.body.sessionInfo?.sessionId ?? "";
    assert.equal((await query("CALL BQ.ABORT_SESSION()", inSession(id))).status, 200);
    const late = await query("SELECT x FROM t", inSession(id));
    assert.equal(late.status, 400);
    assert.match(late.body.error.message, new RegExp(`Session ${id} is not found`));
  });

  it("is refused where it never began, or with a property that is none", async () => {
    assert.match((await query("SELECT 1", inSession("s"))).body.error.message, /Session s is not found/);
    const other = await query("SELECT 1", { connectionProperties: [{ key: "time_zone", value: "UTC" }] });
    assert.match(other.body.error.message, /Connection property 'time_zone' is not supported/);
  });
});
