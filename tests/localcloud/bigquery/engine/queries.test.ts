import assert from "node:assert/strict";
import { openTestEngine, type TestEngine } from "./engine.js";

/** Expectations follow GoogleSQL's reference (docs …/standard-sql/query-syntax, functions pages), checked with its evaluator. */
describe("queries of the local BigQuery's engine", () => {
  let engine: TestEngine;
  before(async () => {
    engine = await openTestEngine();
    await engine.run("CREATE SCHEMA d");
    await engine.run(`CREATE TABLE d.orders AS
      SELECT 1 AS id, 'ann' AS customer, [STRUCT('pen' AS item, 2 AS n), ('ink', 1)] AS items, 3.5 AS total UNION ALL
      SELECT 2, 'bob', [], 1.25 UNION ALL
      SELECT 3, 'ann', [('pad', 4)], NULL`);
  });
  after(() => engine.close());

  const cases: readonly (readonly [string, string, readonly (readonly unknown[])[]])[] = [
    ["sorts NULL first ascending and last descending", "SELECT id FROM d.orders ORDER BY total", [["3"], ["2"], ["1"]]],
    [
      "sorts NaN below every number",
      "SELECT x FROM UNNEST([1.0, CAST('NaN' AS FLOAT64), CAST('-inf' AS FLOAT64)]) AS x ORDER BY x",
      [["NaN"], ["-Infinity"], ["1.0"]],
    ],
    [
      // docs.cloud.google.com/bigquery/docs/reference/standard-sql/net_functions#netpublic_suffix
      "finds public suffixes and registered domains, as written",
      `SELECT NET.PUBLIC_SUFFIX(u), NET.REG_DOMAIN(u)
       FROM UNNEST(['//user:password@a.b:80/path?query', 'https://[::1]:80', 'http://例子.卷筒纸.中国',
         '    www.Example.Co.UK    ', 'mailto:?to=&subject=&body=']) AS u WITH OFFSET AS o ORDER BY o`,
      [
        ["b", "a.b"],
        [null, null],
        ["中国", "卷筒纸.中国"],
        ["Co.UK", "Example.Co.UK"],
        [null, null],
      ],
    ],
    ["names the one user", "SELECT SESSION_USER()", [["activate@localhost"]]],
    [
      "orders ranges with an open start first",
      `SELECT r FROM UNNEST([RANGE<DATE> '[2024-01-02, UNBOUNDED)', RANGE<DATE> '[UNBOUNDED, 2024-01-03)']) AS r ORDER BY r`,
      [["[UNBOUNDED, 2024-01-03)"], ["[2024-01-02, UNBOUNDED)"]],
    ],
    [
      "makes sessions of ranges that meet, or only of those that overlap",
      `WITH t AS (SELECT RANGE<DATE> '[2024-01-01, 2024-01-03)' AS r UNION ALL SELECT RANGE<DATE> '[2024-01-03, 2024-01-05)')
       SELECT 'MEETS', r, session_range FROM RANGE_SESSIONIZE(TABLE t, 'r', []) UNION ALL
       SELECT 'OVERLAPS', r, session_range FROM RANGE_SESSIONIZE((SELECT * FROM t), 'r', [], 'OVERLAPS') ORDER BY 1, 2`,
      [
        ["MEETS", "[2024-01-01, 2024-01-03)", "[2024-01-01, 2024-01-05)"],
        ["MEETS", "[2024-01-03, 2024-01-05)", "[2024-01-01, 2024-01-05)"],
        ["OVERLAPS", "[2024-01-01, 2024-01-03)", "[2024-01-01, 2024-01-03)"],
        ["OVERLAPS", "[2024-01-03, 2024-01-05)", "[2024-01-03, 2024-01-05)"],
      ],
    ],
    [
      "unnests an array with offsets and keeps rows without elements in a LEFT JOIN",
      "SELECT id, i.item, o FROM d.orders LEFT JOIN UNNEST(items) AS i WITH OFFSET AS o ORDER BY id, o",
      [
        ["1", "pen", "0"],
        ["1", "ink", "1"],
        ["2", null, null],
        ["3", "pad", "0"],
      ],
    ],
    [
      "groups, filters groups and orders by an aggregate",
      "SELECT customer, COUNT(*) AS n FROM d.orders GROUP BY customer HAVING n > 1 ORDER BY n",
      [["ann", "2"]],
    ],
    [
      "groups by ROLLUP with GROUPING",
      "SELECT customer, COUNT(*), GROUPING(customer) FROM d.orders GROUP BY ROLLUP(customer) ORDER BY 2 DESC",
      [
        [null, "3", "1"],
        ["ann", "2", "0"],
        ["bob", "1", "0"],
      ],
    ],
    [
      "answers correlated subqueries, EXISTS, IN and ARRAY",
      `SELECT id, (SELECT SUM(n) FROM UNNEST(items)), EXISTS(SELECT 1 FROM UNNEST(items) WHERE n > 3),
         id IN (SELECT MAX(id) FROM d.orders), ARRAY(SELECT item FROM UNNEST(items) ORDER BY item)
       FROM d.orders ORDER BY id`,
      [
        ["1", "3", "false", "false", [{ v: "ink" }, { v: "pen" }]],
        ["2", null, "false", "false", []],
        ["3", "4", "true", "true", [{ v: "pad" }]],
      ],
    ],
    [
      "qualifies by a window function",
      "SELECT customer, id FROM d.orders QUALIFY ROW_NUMBER() OVER (PARTITION BY customer ORDER BY id DESC) = 1 ORDER BY id",
      [
        ["bob", "2"],
        ["ann", "3"],
      ],
    ],
    [
      "runs recursive WITH",
      "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n * 2 FROM r WHERE n < 20) SELECT STRING_AGG(CAST(n AS STRING) ORDER BY n) FROM r",
      [["1,2,4,8,16,32"]],
    ],
    [
      "pivots and unpivots",
      "SELECT v, k FROM (SELECT * FROM (SELECT 'x' AS k, 1 AS v UNION ALL SELECT 'y', 2) PIVOT(SUM(v) FOR k IN ('x', 'y'))) UNPIVOT(v FOR k IN (x, y)) ORDER BY k",
      [
        ["1", "x"],
        ["2", "y"],
      ],
    ],
    ["runs pipe syntax", "FROM d.orders |> WHERE id > 1 |> AGGREGATE COUNT(*) AS n |> SELECT n + 1", [["3"]]],
    [
      "matches columns of UNION by position and removes doubles",
      "SELECT 1 AS a UNION DISTINCT SELECT 1 UNION DISTINCT SELECT 2 ORDER BY a",
      [["1"], ["2"]],
    ],
    [
      "gives a value table's fields as columns and NULL arrays as empty",
      "SELECT AS STRUCT 1 AS a, CAST(NULL AS ARRAY<INT64>) AS b",
      [["1", []]],
    ],
    [
      "knows a table in one pair of quotes by its last name",
      "SELECT orders.id FROM `p.d.orders` WHERE orders.id = 2",
      [["2"]],
    ],
    [
      "unnests the first row's array after LIMIT",
      "SELECT COUNT(*) FROM (SELECT items FROM d.orders ORDER BY id LIMIT 1), UNNEST(items)",
      [["2"]],
    ],
  ];
  for (const [title, sql, expected] of cases) {
    it(title, async () => {
      assert.deepEqual(await engine.rows(sql), expected);
    });
  }

  const errors: readonly (readonly [string, string, string, string])[] = [
    ["a text that ends early", "SELECT 1 +", "invalidQuery", "Syntax error: Unexpected end of script at [1:11]"],
    ["an unknown column", "SELECT\n  nam FROM d.orders", "invalidQuery", "Unrecognized name: nam at [2:3]"],
    [
      "a near miss",
      "SELECT totl FROM d.orders",
      "invalidQuery",
      "Unrecognized name: totl; Did you mean total? at [1:8]",
    ],
    ["an unknown table", "SELECT * FROM d.none", "notFound", "Not found: Table p:d.none was not found in location US"],
    ["an unknown dataset", "SELECT * FROM e.t", "notFound", "Not found: Dataset p:e was not found in location US"],
    [
      "a table without a dataset",
      "SELECT * FROM t",
      "invalid",
      'Table name "t" missing dataset while no default dataset is set in the request.',
    ],
    ["a division by zero", "SELECT 1 / 0", "invalidQuery", "division by zero: 1 / 0"],
    [
      "a scalar subquery of two rows",
      "SELECT (SELECT id FROM d.orders)",
      "invalidQuery",
      "Scalar subquery produced more than one element",
    ],
    [
      "a NULL element in a result",
      "SELECT [1, NULL] AS l",
      "invalidQuery",
      "Array cannot have a null element; error in writing field l",
    ],
  ];
  for (const [title, sql, reason, message] of errors) {
    it(`refuses ${title} in BigQuery's words`, async () => {
      await assert.rejects(engine.run(sql), (error: { message: string; details: { reason: string } }) => {
        assert.equal(error.message, message);
        assert.equal(error.details.reason, reason);
        return true;
      });
    });
  }

  it("binds named, positional, array and struct parameters", async () => {
    const int64 = { type: "INT64" };
    const list = { type: "ARRAY", arrayType: int64 };
    const struct = { type: "STRUCT", structTypes: [{ name: "a", type: int64 }] };
    const named = await engine.rows("SELECT @n + 1, @l, @s.a", {
      parameters: [
        { name: "N", parameterType: int64, parameterValue: { value: 7 } },
        { name: "l", parameterType: list, parameterValue: { arrayValues: [{ value: "1" }, { value: 2 }] } },
        { name: "s", parameterType: struct, parameterValue: { structValues: { a: { value: 5 } } } },
      ],
    });
    assert.deepEqual(named, [["8", [{ v: "1" }, { v: "2" }], "5"]]);
    const positional = await engine.rows("SELECT id FROM d.orders WHERE customer = ? AND id > ?", {
      parameterMode: "positional",
      parameters: [
        { parameterType: { type: "STRING" }, parameterValue: { value: "ann" } },
        { parameterType: int64, parameterValue: { value: "1" } },
      ],
    });
    assert.deepEqual(positional, [["3"]]);
  });

  it("keeps a plan only as long as the table behind it is the same", async () => {
    await engine.run("CREATE TABLE d.changing AS SELECT 1 AS a");
    assert.deepEqual(await engine.rows("SELECT * FROM d.changing"), [["1"]]);
    await engine.run("CREATE OR REPLACE TABLE d.changing AS SELECT 'x' AS b, 2 AS c");
    assert.deepEqual(await engine.rows("SELECT * FROM d.changing"), [["x", "2"]]);
  });

  it("tells a dry run's columns and tables, and runs nothing", async () => {
    const { statements } = await engine.run("SELECT id, COUNT(*) FROM d.orders GROUP BY id", { dryRun: true });
    assert.deepEqual(
      statements[0]?.schema?.map((field) => [field.name, field.type]),
      [
        ["id", "INTEGER"],
        ["f0_", "INTEGER"],
      ],
    );
    assert.deepEqual(statements[0]?.referencedTables, [{ projectId: "p", datasetId: "d", tableId: "orders" }]);
  });
});
