import assert from "node:assert/strict";
import { startServer, type TestServer } from "../rest/server.js";

const near = (actual: unknown, expected: number, tolerance = 1e-12): void => {
  assert.ok(Math.abs(Number(actual) - expected) <= tolerance, `${String(actual)} is not ${expected}`);
};

/**
 * Expected values: the examples of docs.cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-<function>,
 * unless another source stands beside them.
 */
describe("preprocessing functions of BigQuery ML in queries", function () {
  this.timeout(60_000);
  let server: TestServer;
  const rows = async (query: string): Promise<Record<string, unknown>[]> => (await server.client.query({ query }))[0];
  const column = async (query: string): Promise<unknown[]> => (await rows(query)).map((row) => row.y);
  const over = (call: string, values: string): Promise<unknown[]> =>
    column(`SELECT ${call} OVER () AS y FROM UNNEST(${values}) AS x WITH OFFSET AS place ORDER BY place`);
  const reasonOf = async (query: string): Promise<string> => {
    try {
      await rows(query);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return assert.fail("it was accepted");
  };

  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it("ML.STANDARD_SCALER divides by the sample standard deviation", async () => {
    const scaled = await over("ML.STANDARD_SCALER(x)", "[1, 2, 3, 4, 5]");
    [-1.2649110640673518, -0.6324555320336759, 0, 0.6324555320336759, 1.2649110640673518].forEach((expected, i) => {
      near(scaled[i], expected);
    });
  });

  it("ML.MIN_MAX_SCALER scales to 0..1", async () => {
    // bigframes tests/system/small/ml/test_preprocessing.py
    const scaled = await over("ML.MIN_MAX_SCALER(x)", "[39.5, 38.5, 37.9]");
    [1, 0.375, 0].forEach((expected, i) => {
      near(scaled[i], expected);
    });
  });

  it("ML.MAX_ABS_SCALER divides by the largest absolute value and leaves NULL", async () => {
    const scaled = await over("ML.MAX_ABS_SCALER(x)", "[NULL, -3, 1, 2, 3, 4, 5]");
    assert.equal(scaled[0], null);
    [-0.6, 0.2, 0.4, 0.6, 0.8, 1].forEach((expected, i) => {
      near(scaled[i + 1], expected);
    });
  });

  it("ML.ROBUST_SCALER uses quantiles without interpolation, or what its arguments say", async () => {
    const scaled = await over("ML.ROBUST_SCALER(x)", "[NULL, -3, 1, 2, 3, 4, 5]");
    assert.equal(scaled[0], null);
    [-5 / 3, -1 / 3, 0, 1 / 3, 2 / 3, 1].forEach((expected, i) => {
      near(scaled[i + 1], expected);
    });
    // scikit-learn 1.5 RobustScaler(with_centering=False): 5 / (4 - 1); with_scaling=False: 5 - 2.
    near((await over("ML.ROBUST_SCALER(x, [25, 75], FALSE)", "[NULL, -3, 1, 2, 3, 4, 5]"))[6], 5 / 3);
    near((await over("ML.ROBUST_SCALER(x, [25, 75], TRUE, FALSE)", "[NULL, -3, 1, 2, 3, 4, 5]"))[6], 3);
  });

  it("scalers give 0 for a constant column", async () => {
    for (const name of ["STANDARD_SCALER", "MIN_MAX_SCALER", "ROBUST_SCALER"]) {
      assert.deepEqual(await over(`ML.${name}(x)`, "[7, 7, 7]"), [0, 0, 0], name);
    }
  });

  it("ML.BUCKETIZE names half-open buckets", async () => {
    const [row] = await rows(`SELECT ML.BUCKETIZE(2.5, [1, 2, 3]) AS a, ML.BUCKETIZE(2.5, [1, 2, 3], TRUE) AS b,
      ML.BUCKETIZE(2.5, [1, 2, 3], FALSE, 'bucket_ranges') AS c, ML.BUCKETIZE(2.5, [1, 2, 3], FALSE, 'bucket_ranges_json') AS d,
      ML.BUCKETIZE(2, [1.5, 2, 3]) AS e, ML.BUCKETIZE(0, [2.5, 4.6], FALSE, 'bucket_ranges') AS f,
      ML.BUCKETIZE(9, [2.5, 4.6], 'bucket_ranges_json') AS g, ML.BUCKETIZE(NULL, [1]) AS h`);
    assert.deepEqual(row, {
      a: "bin_3",
      b: "bin_2",
      c: "[2, 3)",
      d: '{"start": "2", "end": "3"}',
      e: "bin_3",
      f: "(-inf, 2.5)",
      g: '{"start": "4.6", "end": "Infinity"}',
      h: null,
    });
  });

  it("ML.QUANTILE_BUCKETIZE cuts at quantiles without interpolation", async () => {
    assert.deepEqual(await over("ML.QUANTILE_BUCKETIZE(x, 3)", "[1, 2, 3, 4, 5]"), [
      "bin_1",
      "bin_2",
      "bin_2",
      "bin_3",
      "bin_3",
    ]);
    assert.deepEqual((await over("ML.QUANTILE_BUCKETIZE(x, 3, 'bucket_ranges')", "[1, 2, 3, 4, 5]")).slice(0, 2), [
      "(-inf, 2)",
      "[2, 4)",
    ]);
  });

  it("ML.NORMALIZER divides by the p-norm", async () => {
    const [row] = await rows(`SELECT ML.NORMALIZER([4, 1, 2, 2, 0]) AS two, ML.NORMALIZER([4, 1, 2, 2, 0], 1) AS one,
      ML.NORMALIZER([4.0, -1.0], CAST('+inf' AS FLOAT64)) AS infinite, ML.NORMALIZER([4, 1, 2, 2, 0], 0) AS zero`);
    assert.deepEqual(row?.two, [0.8, 0.2, 0.4, 0.4, 0]);
    // scikit-learn 1.5 normalize(norm='l1'), normalize(norm='max') up to the sign.
    [4, 1, 2, 2, 0].forEach((value, i) => {
      near((row?.one as number[] | undefined)?.[i], value / 9);
    });
    assert.deepEqual(row?.infinite, [1, -0.25]);
    assert.deepEqual(row?.zero, [1, 0.25, 0.5, 0.5, 0]);
    assert.match(await reasonOf("SELECT ML.NORMALIZER([1.0], 0.5)"), /p must be 0, at least 1, or \+inf/);
  });

  it("ML.FEATURE_CROSS and ML.POLYNOMIAL_EXPAND name the combinations after their features", async () => {
    const [row] = await rows(`WITH t AS (SELECT 'a' AS f1, 'b' AS f2, 'c' AS f3, 2 AS n1, 3 AS n2)
      SELECT ML.FEATURE_CROSS(STRUCT(f1, f2)) AS two, ML.FEATURE_CROSS(STRUCT(f1, t.f2, UPPER(f3) AS f4), 3) AS three,
        ML.POLYNOMIAL_EXPAND(STRUCT(n1 AS f1, n2 AS f2)) AS poly, ML.POLYNOMIAL_EXPAND(STRUCT(n1), 3).n1_n1_n1 AS power FROM t`);
    assert.deepEqual(row?.two, { f1_f2: "a_b" });
    assert.deepEqual(row?.three, { f1_f2: "a_b", f1_f2_f4: "a_b_C", f1_f4: "a_C", f2_f4: "b_C" });
    assert.deepEqual(Object.entries(row?.poly as object), [
      ["f1", 2],
      ["f1_f1", 4],
      ["f1_f2", 6],
      ["f2", 3],
      ["f2_f2", 9],
    ]);
    assert.equal(row?.power, 8);
  });

  it("the encoders number the frequent categories in alphabetical order", async () => {
    const values = "['b', 'a', 'a', 'b', 'c', NULL]";
    // Default frequency threshold 5.
    assert.deepEqual(await over("ML.LABEL_ENCODER(x)", values), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(await over("ML.LABEL_ENCODER(x, 2, 1)", values), [2, 1, 1, 2, 0, 0]);
    const encoded = (index: number, value: number) => [{ index, value }];
    assert.deepEqual(await over("ML.ONE_HOT_ENCODER(x, 'none', 10, 2)", values), [
      encoded(2, 1),
      encoded(1, 1),
      encoded(1, 1),
      encoded(2, 1),
      encoded(0, 1),
      encoded(0, 1),
    ]);
    const dropped = await over("ML.ONE_HOT_ENCODER(x, 'most_frequent', 10, 1)", "['b', 'a', 'b', NULL]");
    assert.deepEqual(dropped, [encoded(2, 0), encoded(1, 1), encoded(2, 0), encoded(0, 1)]);
    const lists = await column(`SELECT ML.MULTI_HOT_ENCODER(f, 3, 1) OVER () AS y FROM (
      SELECT ['a', 'b', 'b', 'c', NULL] AS f UNION ALL SELECT ['c', 'c', 'd', 'd', NULL]) ORDER BY f[OFFSET(0)]`);
    const indices = lists.map((list) => (list as { index: number }[]).map((entry) => entry.index));
    assert.deepEqual(indices, [
      [1, 2, 3, 0],
      [3, 0],
    ]);
  });

  it("ML.IMPUTER fills NULL", async () => {
    // bigframes tests/system/small/ml/test_impute.py
    near((await over("ML.IMPUTER(x, 'mean')", "[NULL, 17.2, 18.1]"))[0], 17.65);
    assert.deepEqual(await over("ML.IMPUTER(x, 'median')", "[1, NULL, 3, 5]"), [1, 3, 3, 5]);
    assert.deepEqual(await over("ML.IMPUTER(x, 'most_frequent')", "['a', NULL, 'b', 'b']"), ["a", "b", "b", "b"]);
  });

  it("ML.NGRAMS joins neighbours by start, then by length", async () => {
    assert.deepEqual(await column("SELECT ML.NGRAMS(['a', 'b', 'c'], [2, 3], '#') AS y"), [["a#b", "a#b#c", "b#c"]]);
    assert.deepEqual(await column("SELECT ML.NGRAMS(['a', 'b'], 1) AS y"), [["a", "b"]]);
  });

  it("ML.HASH_BUCKETIZE takes the unsigned fingerprint", async () => {
    const query = "SELECT ML.HASH_BUCKETIZE(x, 3) AS y FROM UNNEST(['a', 'b', 'c', 'd']) AS x ORDER BY x";
    assert.deepEqual(await column(query), [0, 1, 1, 2]);
    assert.deepEqual(await column("SELECT ML.HASH_BUCKETIZE('a', 0) = FARM_FINGERPRINT('a') AS y"), [true]);
  });

  it("stand among other expressions, window functions, joins and filters", async () => {
    const found = await rows(`
      WITH t AS (SELECT x, MOD(x, 2) AS odd FROM UNNEST(GENERATE_ARRAY(1, 10)) AS x WHERE x <= 5 LIMIT 100)
      SELECT x, ROUND(ML.MIN_MAX_SCALER(x + 1) OVER () * 8) AS scaled, ROW_NUMBER() OVER (ORDER BY x DESC) AS n,
        (SELECT MAX(s) FROM (SELECT ML.MAX_ABS_SCALER(u.x) OVER () AS s FROM t AS u)) AS most
      FROM t JOIN (SELECT 1 AS odd) USING (odd) ORDER BY x`);
    assert.deepEqual(found, [
      { x: 1, scaled: 0, n: 3, most: 1 },
      { x: 3, scaled: 4, n: 2, most: 1 },
      { x: 5, scaled: 8, n: 1, most: 1 },
    ]);
  });

  it("are refused with what is wrong about the call", async () => {
    assert.match(await reasonOf("SELECT ML.STANDARD_SCALER(x) FROM UNNEST([1]) AS x"), /OVER clause.* at \[1:8\]/);
    assert.match(
      await reasonOf("SELECT ML.STANDARD_SCALER(x) OVER (PARTITION BY x) FROM UNNEST([1]) AS x"),
      /OVER clause of ML.STANDARD_SCALER must be empty/,
    );
    assert.match(
      await reasonOf("SELECT ML.IMPUTER(x, 'mode') OVER () FROM UNNEST([1]) AS x"),
      /Argument 2 of ML.IMPUTER must be one of 'mean', 'median', 'most_frequent'/,
    );
    assert.match(await reasonOf("SELECT ML.POLYNOMIAL_EXPAND(STRUCT(1 AS a), 5)"), /between 1 and 4. at \[1:8\]/);
    assert.match(await reasonOf("SELECT ML.FEATURE_CROSS(STRUCT(1, 2))"), /each with a name/);
    assert.match(await reasonOf("SELECT ML.BUCKETIZE(1, [3, 2])"), /ascending order/);
    assert.match(
      await reasonOf("SELECT ML.LABEL_ENCODER(x) OVER () FROM UNNEST([1]) AS x"),
      /No matching signature for analytic function ML.LABEL_ENCODER\n(?:.|\n)* at \[1:8\]$/,
    );
  });
});
