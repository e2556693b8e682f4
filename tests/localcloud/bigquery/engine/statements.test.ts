import assert from "node:assert/strict";
import { openTestEngine, type TestEngine } from "./engine.js";

describe("statements of the local BigQuery's engine", () => {
  let engine: TestEngine;
  beforeEach(async () => {
    engine = await openTestEngine();
    await engine.run("CREATE SCHEMA d");
  });
  afterEach(() => engine.close());

  const outcome = async (sql: string) => (await engine.run(sql)).statements[0];

  it("creates, replaces, keeps and drops tables, and says which", async () => {
    assert.equal((await outcome("CREATE TABLE d.t (a INT64)"))?.ddlOperation, "CREATE");
    assert.equal((await outcome("CREATE TABLE IF NOT EXISTS d.t (a INT64)"))?.ddlOperation, "SKIP");
    await assert.rejects(engine.run("CREATE TABLE d.t (a INT64)"), { message: "Already Exists: Table p:d.t" });
    assert.equal((await outcome("CREATE OR REPLACE TABLE d.t AS SELECT 1 AS b"))?.ddlOperation, "REPLACE");
    assert.equal((await outcome("DROP TABLE d.t"))?.ddlOperation, "DROP");
    assert.equal((await outcome("DROP TABLE IF EXISTS d.t"))?.ddlOperation, "SKIP");
    await assert.rejects(engine.run("DROP TABLE d.t"), {
      message: "Not found: Table p:d.t was not found in location US",
    });
  });

  it("reads a table of now under a name that a table of equal columns had before, and not one of other columns", async () => {
    const joined = "SELECT a, b FROM d.t JOIN d.u USING (a)";
    await engine.run("CREATE TABLE d.u AS SELECT 1 AS a, 'one' AS b UNION ALL SELECT 2, 'two'");
    await engine.run("CREATE TABLE d.t AS SELECT 1 AS a");
    assert.deepEqual(await engine.rows(joined), [["1", "one"]]);
    await engine.run("CREATE OR REPLACE TABLE d.t AS SELECT 2 AS a");
    assert.deepEqual(await engine.rows(joined), [["2", "two"]]);
    await engine.run("DROP TABLE d.t; CREATE VIEW d.t AS SELECT a - 1 AS a FROM d.u WHERE a = 2");
    assert.deepEqual(await engine.rows(joined), [["1", "one"]]);
    await engine.run("CREATE OR REPLACE TABLE d.u AS SELECT 1 AS a, TRUE AS b");
    assert.deepEqual(await engine.rows(joined), []);
    await engine.run("DROP VIEW d.t; CREATE TABLE d.t AS SELECT 'x' AS a");
    await assert.rejects(engine.rows(joined), /INT64.*STRING|STRING.*INT64/s);
    await engine.run("DROP TABLE d.t");
    await assert.rejects(engine.rows(joined), { message: "Not found: Table p:d.t was not found in location US" });
  });

  it("counts the rows of INSERT, UPDATE, DELETE and TRUNCATE", async () => {
    await engine.run("CREATE TABLE d.t (a INT64 DEFAULT 9, b STRING, c ARRAY<INT64>, s STRUCT<x INT64, y STRING>)");
    assert.equal((await outcome("INSERT d.t (b) VALUES ('one'), ('two')"))?.dmlStats?.insertedRowCount, 2);
    assert.equal((await outcome("INSERT d.t SELECT 1, 'three', [1], STRUCT(1, 'z')"))?.dmlStats?.insertedRowCount, 1);
    const updated = await outcome("UPDATE d.t SET s.x = 5, c = ARRAY_CONCAT(c, [7]) WHERE b != 'two'");
    assert.equal(updated?.dmlStats?.updatedRowCount, 2);
    assert.deepEqual(await engine.rows("SELECT a, c, s FROM d.t ORDER BY b"), [
      ["9", [{ v: "7" }], { f: [{ v: "5" }, { v: null }] }],
      ["1", [{ v: "1" }, { v: "7" }], { f: [{ v: "5" }, { v: "z" }] }],
      ["9", [], null],
    ]);
    assert.equal((await outcome("DELETE d.t WHERE a = 1"))?.dmlStats?.deletedRowCount, 1);
    assert.equal((await outcome("TRUNCATE TABLE d.t"))?.dmlStats?.deletedRowCount, 2);
  });

  it("merges by all kinds of clauses, and refuses a target row that meets two source rows", async () => {
    await engine.run("CREATE TABLE d.t AS SELECT 1 AS id, 'a' AS v UNION ALL SELECT 2, 'b' UNION ALL SELECT 3, 'c'");
    const merged = await outcome(`MERGE d.t USING (SELECT 2 AS id, 'B' AS v UNION ALL SELECT 4, 'D') AS s ON t.id = s.id
      WHEN MATCHED THEN UPDATE SET v = s.v
      WHEN NOT MATCHED THEN INSERT ROW
      WHEN NOT MATCHED BY SOURCE AND t.id = 3 THEN DELETE`);
    assert.deepEqual(merged?.dmlStats, { insertedRowCount: 1, updatedRowCount: 1, deletedRowCount: 1 });
    assert.deepEqual(await engine.rows("SELECT * FROM d.t ORDER BY id"), [
      ["1", "a"],
      ["2", "B"],
      ["4", "D"],
    ]);
    await assert.rejects(
      engine.run("MERGE d.t USING (SELECT 1 AS id UNION ALL SELECT 1) s ON t.id = s.id WHEN MATCHED THEN DELETE"),
      { message: "UPDATE/MERGE must match at most one source row for each target row" },
    );
    assert.deepEqual(await engine.rows("SELECT COUNT(*) FROM d.t"), [["3"]]);
  });

  it("alters columns, options and names", async () => {
    await engine.run("CREATE TABLE d.t AS SELECT 1 AS a, 'x' AS b");
    await engine.run("ALTER TABLE d.t ADD COLUMN c ARRAY<STRING>, DROP COLUMN b");
    await engine.run("ALTER TABLE d.t ALTER COLUMN a SET DATA TYPE NUMERIC");
    await engine.run("ALTER TABLE d.t RENAME COLUMN c TO tags");
    await engine.run("ALTER TABLE d.t RENAME TO u");
    assert.deepEqual(await engine.rows("SELECT a / 2, tags FROM d.u"), [["0.5", []]]);
    await assert.rejects(engine.run("ALTER TABLE d.u SET OPTIONS (colour = 'red')"), /colour/);
  });

  it("keeps the text of a view as written and runs it with the tables as they are now", async () => {
    await engine.run("CREATE TABLE d.t AS SELECT 1 AS a");
    await engine.run("CREATE VIEW d.v AS SELECT t.a + 1 AS b FROM `d.t`");
    await engine.run("INSERT d.t VALUES (5)");
    assert.deepEqual(await engine.rows("SELECT b FROM d.v ORDER BY b"), [["2"], ["6"]]);
    assert.deepEqual(await engine.rows("SELECT view_definition FROM d.INFORMATION_SCHEMA.VIEWS"), [
      ["SELECT t.a + 1 AS b FROM `d.t`"],
    ]);
  });

  it("takes one pair of quotes around a path whose project has a dash", async () => {
    const projectId = "activate-local";
    await engine.run("CREATE SCHEMA `activate-local.e`", { projectId });
    await engine.run("CREATE TABLE `activate-local.e.t` AS SELECT 1 AS a", { projectId });
    await engine.run("CREATE VIEW `activate-local.e.v` AS SELECT t.a FROM `activate-local.e.t`", { projectId });
    await engine.run("CREATE FUNCTION `activate-local.e.f`(x INT64) AS (x + 1)", { projectId });
    assert.deepEqual(await engine.rows("SELECT `activate-local.e.f`(v.a) FROM `activate-local.e.v`", { projectId }), [
      ["2"],
    ]);
  });

  it("calls SQL functions, table functions and procedures", async () => {
    await engine.run("CREATE FUNCTION d.twice(x FLOAT64) AS (x * 2)");
    await engine.run("CREATE TABLE FUNCTION d.upto(n INT64) AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, n)) AS x");
    await engine.run("CREATE PROCEDURE d.add(a INT64, OUT b INT64) BEGIN SET b = a + 1; END");
    assert.deepEqual(await engine.rows("SELECT d.twice(x) FROM d.upto(2) ORDER BY 1"), [["2.0"], ["4.0"]]);
    assert.deepEqual(await engine.rows("DECLARE r INT64; CALL d.add(4, r); SELECT r"), [["5"]]);
  });

  it("refuses a NULL for a REQUIRED column and a text too long, and changes nothing", async () => {
    await engine.run("CREATE TABLE d.t (a INT64 NOT NULL, b STRING(3))");
    await assert.rejects(engine.run("INSERT d.t VALUES (1, 'abc'), (NULL, 'x')"), {
      message: "Required field a cannot be null",
    });
    await assert.rejects(engine.run("INSERT d.t VALUES (1, 'abcd')"), /maximum length of STRING\(3\)|too long/i);
    assert.deepEqual(await engine.rows("SELECT COUNT(*) FROM d.t"), [["0"]]);
  });

  it("writes a destination table by its dispositions", async () => {
    const table = { projectId: "p", datasetId: "d", tableId: "target" };
    const into = (writeDisposition: "WRITE_EMPTY" | "WRITE_APPEND" | "WRITE_TRUNCATE", sql: string) =>
      engine.run(sql, { destination: { table, createDisposition: "CREATE_IF_NEEDED", writeDisposition } });
    await into("WRITE_EMPTY", "SELECT 1 AS a");
    await assert.rejects(into("WRITE_EMPTY", "SELECT 2 AS a"), { message: "Already Exists: Table p:d.target" });
    await into("WRITE_APPEND", "SELECT 2 AS a");
    assert.deepEqual(await engine.rows("SELECT a FROM d.target ORDER BY a"), [["1"], ["2"]]);
    await into("WRITE_TRUNCATE", "SELECT MAX(a) AS a FROM d.target");
    assert.deepEqual(await engine.rows("SELECT a FROM d.target"), [["2"]]);
  });
});
