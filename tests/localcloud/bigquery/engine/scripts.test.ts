import assert from "node:assert/strict";
import { openTestEngine, type TestEngine } from "./engine.js";

/** Expectations: docs …/standard-sql/procedural-language. */
describe("scripts of the local BigQuery's engine", () => {
  let engine: TestEngine;
  before(async () => {
    engine = await openTestEngine();
    await engine.run("CREATE SCHEMA d");
  });
  after(() => engine.close());

  it("declare, set and branch, and say what each statement was", async () => {
    const result = await engine.run(
      "DECLARE x INT64 DEFAULT 2; SET x = x * 3; IF x > 5 THEN SELECT x; ELSE SELECT 0; END IF;",
    );
    assert.equal(result.isScript, true);
    assert.deepEqual(
      result.statements.map(({ statementType, span }) => [statementType, span.startLine, span.startColumn, span.text]),
      [["SELECT", 1, 57, "SELECT x"]],
    );
  });

  it("loop with WHILE, FOR, REPEAT, BREAK and CONTINUE", async () => {
    const rows = await engine.rows(`DECLARE s, i INT64 DEFAULT 0;
      WHILE TRUE DO SET i = i + 1; IF i = 2 THEN CONTINUE; END IF; IF i > 4 THEN BREAK; END IF; SET s = s + i; END WHILE;
      FOR r IN (SELECT 10 AS n UNION ALL SELECT 20) DO SET s = s + r.n; END FOR;
      REPEAT SET s = s + 100; UNTIL s > 200 END REPEAT;
      SELECT s;`);
    assert.deepEqual(rows, [["238"]]);
  });

  it("handle errors, and tell their text", async () => {
    const rows = await engine.rows("BEGIN SELECT 1 / 0; EXCEPTION WHEN ERROR THEN SELECT @@error.message; END");
    assert.deepEqual(rows, [["division by zero: 1 / 0"]]);
    await assert.rejects(engine.run("RAISE USING MESSAGE = 'no more'"), { message: "no more" });
  });

  it("roll back and commit transactions", async () => {
    await engine.run("CREATE TABLE d.t AS SELECT 1 AS a");
    const rows = await engine.rows(`BEGIN TRANSACTION; INSERT d.t VALUES (2); ROLLBACK TRANSACTION;
      BEGIN TRANSACTION; INSERT d.t VALUES (3); COMMIT TRANSACTION; SELECT a FROM d.t ORDER BY a`);
    assert.deepEqual(rows, [["1"], ["3"]]);
  });

  it("keep temporary tables to themselves, and drop them", async () => {
    assert.deepEqual(
      await engine.rows("CREATE TEMP TABLE x AS SELECT 1 AS a; INSERT x VALUES (2); SELECT SUM(a) FROM x"),
      [["3"]],
    );
    await assert.rejects(engine.run("SELECT * FROM x"), /missing dataset/);
  });

  it("run statements made at run time", async () => {
    const rows = await engine.rows(
      "DECLARE n INT64; EXECUTE IMMEDIATE 'SELECT ? + @@row_count * 0' INTO n USING 4; SELECT n",
    );
    assert.deepEqual(rows, [["4"]]);
  });

  it("give places in the script for errors in a statement", async () => {
    await assert.rejects(engine.run("SELECT 1;\nSELECT  nope;"), { message: "Unrecognized name: nope at [2:9]" });
    await assert.rejects(
      engine.run("DECLARE x INT64;\nSET x = TRUE;"),
      /Cannot coerce expression TRUE to type INT64 at \[2:9\]/,
    );
  });

  it("are one plain query when only temporary functions stand before it", async () => {
    const result = await engine.run("CREATE TEMP FUNCTION f(x INT64) AS (x + 1); SELECT f(1)");
    assert.equal(result.isScript, false);
    assert.deepEqual(
      result.statements.map((statement) => statement.statementType),
      ["SELECT"],
    );
  });
});
