import assert from "node:assert/strict";
import { BigQuery } from "@google-cloud/bigquery";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { PassThroughClient } from "google-auth-library";

/** Rows with an array of three, an empty one, and one with a NULL inside its structs. */
const ROWS = `(
  SELECT 1 AS id, [STRUCT(2.5 AS price, 3 AS quantity, 'a' AS name), (1.0, NULL, 'b'), (4.0, 1, NULL)] AS items, [3, 1, 2] AS xs
  UNION ALL SELECT 2, [], []
  UNION ALL SELECT 3, [STRUCT(0.5, 2, 'a')], [7]
)`;

describe("a subquery over the elements of a row's array", function () {
  this.timeout(60_000);
  let cloud: LocalCloud;
  let client: BigQuery;
  before(async () => {
    cloud = await startLocalCloud();
    client = new BigQuery({
      projectId: "activate-local",
      apiEndpoint: cloud.rest,
      authClient: new PassThroughClient(),
    });
  });
  after(() => cloud.stop());

  // Expected values worked out by hand from the definition: aggregates skip NULL, SUM of nothing is NULL, COUNT of nothing 0.
  const cases: [expression: string, values: unknown[]][] = [
    ["(SELECT SUM(i.price * i.quantity) FROM UNNEST(items) AS i)", [11.5, null, 1]],
    ["(SELECT SUM(i.quantity) FROM UNNEST(items) AS i)", [4, null, 2]],
    ["(SELECT COUNT(*) FROM UNNEST(items) AS i)", [3, 0, 1]],
    ["(SELECT COUNT(*) FROM UNNEST(items) AS i WHERE i.price > 1)", [2, 0, 0]],
    ["(SELECT COUNT(i.quantity) FROM UNNEST(items) AS i)", [2, 0, 1]],
    ["(SELECT COUNTIF(x > id) FROM UNNEST(xs) AS x)", [2, 0, 1]],
    ["(SELECT MAX(x) FROM UNNEST(xs) AS x)", [3, null, 7]],
    ["(SELECT MIN(i.name) FROM UNNEST(items) AS i)", ["a", null, "a"]],
    ["(SELECT AVG(x + id) FROM UNNEST(xs) AS x)", [3, null, 10]],
    ["(SELECT SUM(i.quantity) / COUNT(*) FROM UNNEST(items) AS i WHERE i.quantity > 0)", [2, null, 2]],
    ["(SELECT SUM(x) FROM (SELECT x * 2 AS x FROM UNNEST(xs) AS x) WHERE x > 2)", [10, null, 14]],
    ["EXISTS (SELECT 1 FROM UNNEST(items) AS i WHERE i.name = 'b')", [true, false, false]],
    ["EXISTS (SELECT * FROM UNNEST(items) WHERE price < 1)", [false, false, true]],
    ["ARRAY(SELECT i.name FROM UNNEST(items) AS i WHERE i.name IS NOT NULL)", [["a", "b"], [], ["a"]]],
    ["ARRAY(SELECT x * id FROM UNNEST(xs) AS x)", [[3, 1, 2], [], [21]]],
    // Of another form, and so by the general way:
    ["(SELECT COUNT(DISTINCT i.name) FROM UNNEST(items) AS i)", [2, 0, 1]],
    ["ARRAY(SELECT x FROM UNNEST(xs) AS x ORDER BY x)", [[1, 2, 3], [], [7]]],
    ["(SELECT SUM(x) FROM UNNEST(xs) AS x WHERE x > (SELECT MIN(y) FROM UNNEST(xs) AS y))", [5, null, null]],
    ["(SELECT SUM(x * place) FROM UNNEST(xs) AS x WITH OFFSET AS place)", [5, null, 0]],
    ["(SELECT SUM(x) FROM UNNEST(xs) AS x HAVING COUNT(*) > 1)", [6, null, null]],
  ];
  for (const [expression, values] of cases) {
    it(`gives what the definition says for ${expression}`, async () => {
      const [rows] = await client.query(`SELECT ${expression} AS value FROM ${ROWS} ORDER BY id`);
      assert.deepEqual(
        (rows as { value: unknown }[]).map((row) => row.value),
        values,
      );
    });
  }

  it("raises an error inside the array as anywhere else", async () => {
    await assert.rejects(
      client.query(`SELECT (SELECT SUM(1 / (x - 7)) FROM UNNEST(xs) AS x) AS value FROM ${ROWS}`),
      /division by zero/,
    );
    await assert.rejects(
      client.query("SELECT (SELECT SUM(x) FROM UNNEST(xs) AS x) FROM (SELECT [9223372036854775807, 1] AS xs)"),
      /int64 overflow/i,
    );
  });
});
