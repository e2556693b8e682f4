import assert from "node:assert/strict";
import type { Column } from "activate/localcloud/bigquery/engine/modelHook.js";
import type { SqlType } from "activate/localcloud/bigquery/schema.js";
import { FLOAT64, numbers, openWarehouse, relation, STRING, setting, type Warehouse } from "./warehouse.js";

const array = (element: SqlType): SqlType => ({ kind: "ARRAY", element });
const INT64: SqlType = { kind: "INT64" };
/** 300 rows with every kind of feature, NULLs among them; no randomness. */
const ROWS = `
SELECT CASE WHEN i % 11 = 0 THEN NULL ELSE sin(i) * 10 + (i % 3) * 40 END AS x,
  i * 7 % 13 AS n,
  CASE WHEN i % 17 = 0 THEN NULL ELSE i % 2 = 0 END AS flag,
  DATE '2026-01-01' + (i % 4)::INTEGER AS day,
  CASE WHEN i % 29 = 0 THEN NULL ELSE TIMESTAMPTZ '2023-12-28 23:59:58.5+00' + to_hours(i * 101) END AS at,
  'customer ' || (i * i % 41) AS customer,
  CASE WHEN i % 19 = 0 THEN NULL ELSE [sin(i * 2), cos(i)] END AS vec,
  CASE WHEN i % 23 = 0 THEN NULL ELSE ['t' || (i % 3), 't' || (i % 5), 't' || (i % 5)] END AS tags,
  [{'_1': i % 6, '_2': 0.5e0}, {'_1': 10, '_2': cos(i * 3)}] AS sparse,
  {'_1': i % 5 * 1e0, '_2': 'k' || (i % 2)} AS s
FROM (SELECT unnest(range(300)) AS i)`;
const COLUMNS: readonly Column[] = [
  { name: "x", type: FLOAT64 },
  { name: "n", type: INT64 },
  { name: "flag", type: { kind: "BOOL" } },
  { name: "day", type: { kind: "DATE" } },
  { name: "at", type: { kind: "TIMESTAMP" } },
  { name: "customer", type: STRING },
  { name: "vec", type: array(FLOAT64) },
  { name: "tags", type: array(STRING) },
  {
    name: "sparse",
    type: array({
      kind: "STRUCT",
      fields: [
        { name: "index", type: INT64 },
        { name: "value", type: FLOAT64 },
      ],
    }),
  },
  {
    name: "s",
    type: {
      kind: "STRUCT",
      fields: [
        { name: "depth", type: FLOAT64 },
        { name: "kind", type: STRING },
      ],
    },
  },
];
const WITHOUT_SPARSE = COLUMNS.filter((column) => column.name !== "sparse");

describe("features of every kind", () => {
  let warehouse: Warehouse;
  before(async () => {
    warehouse = await openWarehouse();
  });
  after(() => warehouse.close());

  for (const distance of ["EUCLIDEAN", "COSINE"]) {
    for (const standardize of [true, false]) {
      const title = `${distance}, ${standardize ? "standardised" : "raw"}`;
      it(`are the same to SQL and to the training (${title})`, async () => {
        const name = `all_${distance}_${standardize}`;
        await warehouse.create(name, ROWS, COLUMNS, {
          MODEL_TYPE: "KMEANS",
          NUM_CLUSTERS: 4n,
          DISTANCE_TYPE: distance.toLowerCase(),
          STANDARDIZE_FEATURES: standardize,
          KMEANS_INIT_METHOD: "kmeans++",
        });
        const [trained] = await warehouse.call("EVALUATE", name, []);
        const [evaluated] = await warehouse.call("EVALUATE", name, [relation(COLUMNS)], ROWS);
        for (const metric of ["davies_bouldin_index", "mean_squared_distance"]) {
          const [expected, actual] = [Number(trained?.[metric]), Number(evaluated?.[metric])];
          assert.ok(Math.abs(actual - expected) <= 1e-12 * Math.max(1, expected), `${metric}: ${actual}, ${expected}`);
        }
      });

      it(`are the same to SQL and to an endpoint (${title})`, async () => {
        const name = `online_${distance}_${standardize}`;
        await warehouse.create(name, ROWS, WITHOUT_SPARSE, {
          MODEL_TYPE: "KMEANS",
          NUM_CLUSTERS: 6n,
          DISTANCE_TYPE: distance,
          STANDARDIZE_FEATURES: standardize,
        });
        const rows = await warehouse.call("PREDICT", name, [relation(WITHOUT_SPARSE)], ROWS);
        const predictions = await warehouse.ml.predict(
          warehouse.trainingId(name),
          rows.map((row) => {
            const { _1: depth, _2: kind } = row.s as { _1: number; _2: string };
            return {
              x: row.x,
              n: Number(row.n),
              flag: row.flag,
              day: row.day,
              at: row.at,
              customer: row.customer,
              vec: row.vec,
              tags: row.tags,
              s_depth: depth,
              s_kind: kind,
            };
          }),
        );
        rows.forEach((row, i) => {
          const nearest = row.NEAREST_CENTROIDS_DISTANCE as { _1: string; _2: number }[];
          assert.equal(nearest.length, 5);
          const prediction = predictions[i];
          assert.ok(prediction);
          assert.deepEqual(prediction.nearest_centroid_id, [Number(row.CENTROID_ID)]);
          for (const { _1, _2 } of nearest) {
            const online = (prediction.centroid_distances as number[])[Number(_1) - 1] ?? Number.NaN;
            assert.ok(Math.abs(online - _2) <= 1e-12 * Math.max(1, _2), `${online}, ${_2}`);
          }
        });
      });
    }
  }

  it("make the training rows' distances and SQL's equal, so that contamination 0 flags none of them", async () => {
    await warehouse.create("own", ROWS, COLUMNS, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 3n });
    const rows = await warehouse.call(
      "DETECT_ANOMALIES",
      "own",
      [setting("contamination", 0), relation(COLUMNS)],
      ROWS,
    );
    assert.equal(rows.filter((row) => row.is_anomaly).length, 0);
  });

  it("may be NULL, unseen or constant, and never make a distance NaN", async () => {
    const columns = [...numbers("a", "b"), { name: "c", type: STRING }];
    const sql = "SELECT 5e0 AS a, i % 7 * 1e0 AS b, 'c' || i % 2 AS c FROM (SELECT unnest(range(50)) AS i)";
    await warehouse.create("constant", sql, columns, { MODEL_TYPE: "KMEANS" });
    const rows = await warehouse.call(
      "DETECT_ANOMALIES",
      "constant",
      [setting("contamination", 0.1), relation(columns)],
      "SELECT NULL::DOUBLE AS a, NULL::DOUBLE AS b, NULL AS c UNION ALL SELECT 9e0, 2e0, 'never seen'",
    );
    assert.equal(rows.length, 2);
    assert.ok(rows.every((row) => Number.isFinite(row.normalized_distance)));
  });

  it("in many columns and clusters keep to five nearest centroids", async () => {
    const names = Array.from({ length: 30 }, (_, j) => `x${j}`);
    const sql = `SELECT ${names.map((name, j) => `sin(i * ${j + 1}) AS ${name}`).join(", ")} FROM (SELECT unnest(range(500)) AS i)`;
    await warehouse.create("wide", sql, numbers(...names), { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 100n });
    const rows = await warehouse.call("PREDICT", "wide", [relation(numbers(...names))], `${sql} LIMIT 3`);
    const [first] = rows;
    assert.ok(first);
    assert.equal((first.NEAREST_CENTROIDS_DISTANCE as unknown[]).length, 5);
  });
});
