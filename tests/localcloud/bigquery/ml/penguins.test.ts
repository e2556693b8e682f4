import assert from "node:assert/strict";
import { at, openWarehouse, PENGUIN_COLUMNS, penguinsSql, relation, setting, type Warehouse } from "./warehouse.js";

const near = (actual: unknown, expected: number, digits = 6): void => {
  assert.ok(Math.abs(Number(actual) - expected) <= 0.6 * 10 ** -digits, `${String(actual)} is not ${expected}`);
};
const newRows = (...rows: readonly string[]): string =>
  `SELECT * FROM (VALUES ${rows.map((row) => `(${row})`).join(", ")}) AS v(culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex)`;
const DETECT = newRows(
  "39.5e0, 18.8e0, 196e0, 'MALE'",
  "38.5e0, 17.2e0, 181e0, 'FEMALE'",
  "37.9e0, 18.1e0, 188e0, 'FEMALE'",
);
const EVALUATE = newRows(
  "37.5e0, 18.5e0, 199e0, 'MALE'",
  "55.8e0, 19.8e0, 207e0, 'MALE'",
  "39.7e0, 18.9e0, 184e0, 'MALE'",
  "43.8e0, 13.9e0, 208e0, 'FEMALE'",
);

/** Recorded by googleapis/python-bigquery-dataframes tests/system/small/ml/test_cluster.py and test_core.py. */
describe("CREATE MODEL and ML.* on the recorded penguins", () => {
  let warehouse: Warehouse;
  before(async () => {
    warehouse = await openWarehouse();
    const sql = `SELECT culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex, row_number IN (239, 305, 308) AS init FROM (${penguinsSql()})`;
    await warehouse.create("penguins", sql, [...PENGUIN_COLUMNS, { name: "init", type: { kind: "BOOL" } }], {
      MODEL_TYPE: "kmeans",
      NUM_CLUSTERS: 3n,
      KMEANS_INIT_METHOD: "CUSTOM",
      KMEANS_INIT_COL: "init",
    });
  });
  after(() => warehouse.close());

  it("gives the recorded centroids, with the categories that occur in each", async () => {
    const rows = await warehouse.call("CENTROIDS", "penguins", []);
    const value = (id: number, feature: string) =>
      rows.find((row) => row.centroid_id === String(id) && row.feature === feature)?.numerical_value;
    near(value(1, "culmen_length_mm"), 47.509677);
    near(value(3, "culmen_depth_mm"), 18.03125);
    near(value(2, "flipper_length_mm"), 197.1612);
    const sex = rows.find((row) => row.centroid_id === "3" && row.feature === "sex");
    assert.equal(sex?.numerical_value, null);
    assert.deepEqual(sex?.categorical_value, [
      { _1: "FEMALE", _2: 80 / 128 },
      { _1: "MALE", _2: 44 / 128 },
      { _1: "_null_filler", _2: 4 / 128 },
    ]);
  });

  it("gives z-scores of the centroids on request", async () => {
    const rows = await warehouse.call("CENTROIDS", "penguins", [setting("standardize", true)]);
    const first = rows.find((row) => row.centroid_id === "1" && row.feature === "culmen_length_mm");
    near(first?.numerical_value, (47.50967742 - 43.92192982) / 5.45958371);
  });

  it("detects anomalies with the recorded distances and flags", async () => {
    const call = (contamination: number) =>
      warehouse.call(
        "DETECT_ANOMALIES",
        "penguins",
        [setting("contamination", contamination), relation(PENGUIN_COLUMNS)],
        DETECT,
      );
    const tenth = await call(0.1);
    near(tenth[0]?.normalized_distance, 1.082937);
    near(tenth[1]?.normalized_distance, 0.77139);
    near(tenth[2]?.normalized_distance, 0.478304);
    assert.deepEqual(
      tenth.map((row) => row.is_anomaly),
      [false, false, false],
    );
    assert.deepEqual(
      (await call(0.4)).map((row) => row.is_anomaly),
      [true, false, false],
    );
    assert.deepEqual(Object.keys(tenth[0] ?? {}).slice(0, 4), [
      "is_anomaly",
      "normalized_distance",
      "CENTROID_ID",
      "culmen_length_mm",
    ]);
  });

  it("flags nothing of the training rows at contamination 0 and half of them at 0.5", async () => {
    const flagged = async (contamination: number) => {
      const rows = await warehouse.call(
        "DETECT_ANOMALIES",
        "penguins",
        [setting("contamination", contamination), relation(PENGUIN_COLUMNS)],
        penguinsSql(),
      );
      return rows.filter((row) => row.is_anomaly).length;
    };
    assert.equal(await flagged(0), 0);
    assert.equal(await flagged(0.5), 172);
    assert.equal(await flagged(0.1), 35);
  });

  it("evaluates as recorded, and without data as at training", async () => {
    const [evaluated] = await warehouse.call("EVALUATE", "penguins", [relation(PENGUIN_COLUMNS)], EVALUATE);
    near(evaluated?.davies_bouldin_index, 1.523606);
    near(evaluated?.mean_squared_distance, 1.965944);
    const [trained] = await warehouse.call("EVALUATE", "penguins", []);
    near(trained?.davies_bouldin_index, 1.16047922, 8);
    near(trained?.mean_squared_distance, 1.31097817, 8);
    const [again] = await warehouse.call("EVALUATE", "penguins", [relation(PENGUIN_COLUMNS)], penguinsSql());
    near(again?.davies_bouldin_index, Number(trained?.davies_bouldin_index), 12);
    near(again?.mean_squared_distance, Number(trained?.mean_squared_distance), 12);
  });

  it("predicts the recorded centroids, nearest first, every input column behind", async () => {
    const rows = await warehouse.call("PREDICT", "penguins", [relation(PENGUIN_COLUMNS)], EVALUATE);
    assert.deepEqual(
      rows.map((row) => row.CENTROID_ID),
      ["3", "2", "3", "1"],
    );
    for (const row of rows) {
      const nearest = row.NEAREST_CENTROIDS_DISTANCE as { _1: string; _2: number }[];
      assert.equal(nearest.length, 3);
      assert.equal(nearest[0]?._1, row.CENTROID_ID);
      assert.ok((nearest[0]?._2 ?? 0) <= (nearest[1]?._2 ?? 0));
    }
  });

  it("reports one row an iteration, radii and sizes of the last being the model's", async () => {
    const rows = await warehouse.call("TRAINING_INFO", "penguins", []);
    assert.deepEqual(
      rows.map((row) => [row.training_run, row.iteration]),
      [
        ["0", "0"],
        ["0", "1"],
        ["0", "2"],
      ],
    );
    const clusters = rows[2]?.cluster_info as { _1: string; _2: number; _3: string }[];
    assert.deepEqual(
      clusters.map((cluster) => cluster._3),
      ["123", "92", "129"],
    );
    near(clusters[0]?._2, 1.1415324, 7);
    near(rows[2]?.loss, 1.31097817, 8);
  });

  it("describes the features that it was trained with", async () => {
    const rows = await warehouse.call("FEATURE_INFO", "penguins", []);
    const [length, , , sex] = rows;
    near(length?.mean, 43.92192982, 8);
    near(length?.stddev, 5.45958371, 8);
    assert.deepEqual([length?.min, length?.max, length?.null_count, length?.category_count], [32.1, 59.6, "2", null]);
    assert.deepEqual([sex?.input, sex?.mean, sex?.category_count, sex?.null_count], ["sex", null, "3", "10"]);
  });

  it("keeps the REST resource of the model", () => {
    const resource = warehouse.catalog.model(at("penguins"))?.resource as Record<string, never>;
    assert.equal(resource.modelType, "KMEANS");
    assert.deepEqual(resource.featureColumns, [
      { name: "culmen_length_mm", type: { typeKind: "FLOAT64" } },
      { name: "culmen_depth_mm", type: { typeKind: "FLOAT64" } },
      { name: "flipper_length_mm", type: { typeKind: "FLOAT64" } },
      { name: "sex", type: { typeKind: "STRING" } },
    ]);
    const [run] = resource.trainingRuns as unknown as {
      trainingOptions: Record<string, unknown>;
      results: { index: number; clusterInfos: { clusterSize: string }[] }[];
      evaluationMetrics: { clusteringMetrics: { clusters: { count: string; featureValues: unknown[] }[] } };
    }[];
    assert.equal(run?.trainingOptions.numClusters, "3");
    assert.equal(run?.trainingOptions.kmeansInitializationMethod, "CUSTOM");
    assert.equal(run?.results[2]?.clusterInfos[0]?.clusterSize, "123");
    assert.deepEqual(run?.evaluationMetrics.clusteringMetrics.clusters[2]?.featureValues[3], {
      featureColumn: "sex",
      categoricalValue: {
        categoryCounts: [
          { category: "FEMALE", count: "80" },
          { category: "MALE", count: "44" },
          { category: "_null_filler", count: "4" },
        ],
      },
    });
  });

  it("answers an endpoint's instances with the distances that SQL has", async () => {
    const rows = await warehouse.call("PREDICT", "penguins", [relation(PENGUIN_COLUMNS)], EVALUATE);
    const instances = rows.map(({ culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex }) => ({
      culmen_length_mm,
      culmen_depth_mm,
      flipper_length_mm,
      sex,
    }));
    const predictions = await warehouse.ml.predict(warehouse.trainingId("penguins"), instances);
    predictions.forEach((prediction, i) => {
      const nearest = rows[i]?.NEAREST_CENTROIDS_DISTANCE as { _1: string; _2: number }[];
      assert.deepEqual(prediction.nearest_centroid_id, [Number(rows[i]?.CENTROID_ID)]);
      for (const { _1, _2 } of nearest) {
        near((prediction.centroid_distances as number[])[Number(_1) - 1], _2, 12);
      }
    });
  });
});
