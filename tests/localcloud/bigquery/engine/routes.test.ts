import assert from "node:assert/strict";
import { openTestEngine, type TestEngine } from "./engine.js";

const NESTED_AGGREGATE = "SELECT k, SUM(MAX(a) GROUP BY a) AS s FROM d.t GROUP BY k ORDER BY k";

describe("the routes of a query", () => {
  let engine: TestEngine;
  before(async () => {
    engine = await openTestEngine();
    await engine.run("CREATE SCHEMA d");
    await engine.run("CREATE TABLE d.t AS SELECT x AS a, MOD(x, 2) AS k FROM UNNEST([1, 2, 3]) AS x");
    await engine.run("CREATE TABLE d.large AS SELECT x AS a, 0 AS k FROM UNNEST(GENERATE_ARRAY(1, 10001)) AS x");
  });
  after(() => engine.close());

  it("are native where DuckDB answers alone", async () => {
    const { statements } = await engine.run("SELECT k, SUM(a) FROM d.t GROUP BY k");
    assert.equal(statements[0]?.route, "native");
  });

  it("are whole where the query cannot be written, with the evaluator's answer and a reason", async () => {
    const { statements } = await engine.run(NESTED_AGGREGATE);
    assert.equal(statements[0]?.route, "whole");
    assert.match(statements[0]?.routeReason ?? "", /GROUP BY inside an aggregate/);
    assert.deepEqual(await engine.rows(NESTED_AGGREGATE), [
      ["0", "2"],
      ["1", "4"],
    ]);
  });

  it("are exact where Google's evaluator stands behind a function, in DML too", async () => {
    const { statements } = await engine.run("SELECT FORMAT('%t', [a]) FROM d.t");
    assert.equal(statements[0]?.route, "exact");
    assert.match(statements[0]?.routeReason ?? "", /format/);
    const inserted = await engine.run("CREATE TABLE d.texts AS SELECT FORMAT('%t', [a]) AS text FROM d.t");
    assert.equal(inserted.statements[0]?.route, "exact");
  });

  it("refuse by name to hand the evaluator more than 10,000 rows", async () => {
    await assert.rejects(
      engine.run(NESTED_AGGREGATE.replace("d.t", "d.large")),
      /GROUP BY inside an aggregate function/,
    );
  });

  it("forbid the evaluator with ACTIVATE_SQL_ENGINE=duckdb", async () => {
    const strict = await openTestEngine({ ...process.env, ACTIVATE_SQL_ENGINE: "duckdb" });
    try {
      await strict.run("CREATE SCHEMA d");
      await strict.run("CREATE TABLE d.t AS SELECT 1 AS a, 2 AS k");
      assert.deepEqual(await strict.rows("SELECT a FROM d.t"), [["1"]]);
      await assert.rejects(strict.run(NESTED_AGGREGATE), /GROUP BY inside an aggregate function is not supported/);
    } finally {
      await strict.close();
    }
  });
});
