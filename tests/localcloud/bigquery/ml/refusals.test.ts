import assert from "node:assert/strict";
import type { CreateModelRequest } from "activate/localcloud/bigquery/engine/modelHook.js";
import { CloudError } from "activate/localcloud/platform/errors.js";
import { at, numbers, openWarehouse, relation, STRING, setting, type Warehouse } from "./warehouse.js";

const COLUMNS = numbers("a", "b");
const ROWS = "SELECT i % 7 * 1e0 AS a, i % 5 * 1e0 AS b FROM (SELECT unnest(range(40)) AS i)";
type Options = Readonly<Record<string, CreateModelRequest["options"][number]["value"]>>;

describe("CREATE MODEL refuses", () => {
  let warehouse: Warehouse;
  before(async () => {
    warehouse = await openWarehouse();
    await warehouse.create("there", ROWS, COLUMNS, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 3n });
  });
  after(() => warehouse.close());

  const cases: readonly [title: string, options: Options, reason: string, message: RegExp][] = [
    ["a missing model type", { NUM_CLUSTERS: 3n }, "invalidQuery", /MODEL_TYPE must be specified/],
    ["a model type of its own making", { MODEL_TYPE: "KMEANZ" }, "invalidQuery", /'KMEANZ' for option MODEL_TYPE/],
    ["a model type that only Google Cloud has", { MODEL_TYPE: "linear_reg" }, "notImplemented", /'LINEAR_REG'.*KMEANS/],
    [
      "an unknown option, naming the like of it",
      { MODEL_TYPE: "KMEANS", NUM_CLUSTER: 3n },
      "invalidQuery",
      /num_cluster.*num_clusters/,
    ],
    [
      "a number of clusters of 1",
      { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 1n },
      "invalidQuery",
      /NUM_CLUSTERS.*between 2 and 100/,
    ],
    [
      "a number of clusters of 101",
      { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 101n },
      "invalidQuery",
      /NUM_CLUSTERS.*between 2 and 100/,
    ],
    [
      "a number of clusters in words",
      { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: "three" },
      "invalidQuery",
      /'three'.*NUM_CLUSTERS.*INT64/,
    ],
    [
      "a progress below 0",
      { MODEL_TYPE: "KMEANS", MIN_REL_PROGRESS: -0.1 },
      "invalidQuery",
      /MIN_REL_PROGRESS.*at least 0/,
    ],
    ["no iterations", { MODEL_TYPE: "KMEANS", MAX_ITERATIONS: 0n }, "invalidQuery", /MAX_ITERATIONS.*at least 1/],
    [
      "an unknown distance",
      { MODEL_TYPE: "KMEANS", DISTANCE_TYPE: "MANHATTAN" },
      "invalidQuery",
      /'MANHATTAN'.*'EUCLIDEAN', 'COSINE'/,
    ],
    [
      "more clusters than rows",
      { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 50n },
      "invalidQuery",
      /40 rows, fewer than the 50 clusters/,
    ],
    [
      "an initial column without CUSTOM",
      { MODEL_TYPE: "KMEANS", KMEANS_INIT_COL: "a" },
      "invalidQuery",
      /only be used with KMEANS_INIT_METHOD='CUSTOM'/,
    ],
    [
      "an initial column that is not there",
      { MODEL_TYPE: "KMEANS", KMEANS_INIT_METHOD: "CUSTOM", KMEANS_INIT_COL: "z" },
      "invalidQuery",
      /Column z of KMEANS_INIT_COL is not found/,
    ],
    [
      "an initial column of numbers",
      { MODEL_TYPE: "KMEANS", KMEANS_INIT_METHOD: "CUSTOM", KMEANS_INIT_COL: "a" },
      "invalidQuery",
      /must be a BOOL, it is FLOAT64/,
    ],
    [
      "an alias without a registry",
      { MODEL_TYPE: "KMEANS", VERTEX_AI_MODEL_VERSION_ALIASES: ["champion"] },
      "invalidQuery",
      /only be used with MODEL_REGISTRY/,
    ],
    [
      "an id that Vertex AI does not take",
      { MODEL_TYPE: "KMEANS", MODEL_REGISTRY: "VERTEX_AI", VERTEX_AI_MODEL_ID: "A b" },
      "invalidQuery",
      /'A b' is not a valid Vertex AI model id/,
    ],
    [
      "101 trials",
      { MODEL_TYPE: "KMEANS", NUM_TRIALS: 101n },
      "invalidQuery",
      /NUM_TRIALS: it must be between 1 and 100/,
    ],
    [
      "trials of one number of clusters",
      { MODEL_TYPE: "KMEANS", NUM_TRIALS: 3n, NUM_CLUSTERS: 4n },
      "invalidQuery",
      /NUM_TRIALS needs a hyperparameter to tune/,
    ],
    [
      "an option of tuning alone",
      { MODEL_TYPE: "KMEANS", MAX_PARALLEL_TRIALS: 2n },
      "invalidQuery",
      /MAX_PARALLEL_TRIALS can only be used with NUM_TRIALS/,
    ],
    [
      "another objective",
      { MODEL_TYPE: "KMEANS", NUM_TRIALS: 3n, HPARAM_TUNING_OBJECTIVES: "ROC_AUC" },
      "invalidQuery",
      /HPARAM_TUNING_OBJECTIVES .*'DAVIES_BOULDIN_INDEX'/,
    ],
    [
      "a range beyond 100 clusters",
      { MODEL_TYPE: "KMEANS", NUM_TRIALS: 3n, NUM_CLUSTERS: { least: 2n, greatest: 200n } },
      "invalidQuery",
      /between 2 and 100/,
    ],
  ];
  for (const [title, options, reason, message] of cases) {
    it(`${title}, and leaves nothing behind`, async () => {
      await assert.rejects(warehouse.create("new", ROWS, COLUMNS, options), (thrown) => {
        assert.ok(thrown instanceof CloudError);
        assert.equal(thrown.details.reason, reason);
        assert.match(thrown.message, message);
        return true;
      });
      assert.equal(warehouse.catalog.model(at("new")), undefined);
    });
  }

  const failing = async (sql: string, columns = COLUMNS): Promise<CloudError> => {
    try {
      await warehouse.create("new", sql, columns, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 2n });
    } catch (thrown) {
      assert.ok(thrown instanceof CloudError);
      return thrown;
    }
    return assert.fail("it was created");
  };

  it("a training query without rows", async () => {
    assert.match((await failing("SELECT 1e0 AS a, 1e0 AS b WHERE false")).message, /returned no rows/);
  });

  it("a feature that is not finite, by name", async () => {
    assert.match((await failing(`${ROWS} UNION ALL SELECT 'NaN'::DOUBLE, 1e0`)).message, /Column a .* contains NaN/);
  });

  it("a type that cannot be a feature, with what to do", async () => {
    const columns = [{ name: "j", type: { kind: "JSON" as const } }];
    assert.match((await failing("SELECT '{}' AS j", columns)).message, /Column j of type JSON .*JSON_VALUE/);
  });

  it("a name that is taken, unless told to replace or to leave it", async () => {
    const create = (mode: CreateModelRequest["mode"]) =>
      warehouse.create("there", ROWS, COLUMNS, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 2n }, mode);
    await assert.rejects(create("CREATE"), (thrown) => {
      assert.ok(thrown instanceof CloudError);
      assert.equal(thrown.details.reason, "duplicate");
      assert.equal(thrown.message, "Already Exists: Model activate-test:d.there");
      return true;
    });
    assert.deepEqual(await create("CREATE_IF_NOT_EXISTS"), { operation: "SKIP" });
    assert.equal((await warehouse.call("TRAINING_INFO", "there", [])).length > 0, true);
    assert.equal((await create("CREATE_OR_REPLACE")).operation, "REPLACE");
    const rows = await warehouse.call("CENTROIDS", "there", []);
    assert.equal(rows.length, 4);
  });
});

describe("ML.* functions refuse", () => {
  let warehouse: Warehouse;
  before(async () => {
    warehouse = await openWarehouse();
    await warehouse.create("m", ROWS, COLUMNS, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 3n });
  });
  after(() => warehouse.close());
  const refusal = (name: string, ...args: Parameters<Warehouse["call"]>[2]): CloudError => {
    try {
      warehouse.ml.hook.outputColumns(name, [{ kind: "model", reference: at("m") }, ...args]);
    } catch (thrown) {
      assert.ok(thrown instanceof CloudError);
      return thrown;
    }
    return assert.fail("it was accepted");
  };

  it("a missing feature column in the real service's words", () => {
    const error = refusal("PREDICT", relation(numbers("a")));
    assert.equal(
      error.message,
      "Invalid table-valued function ML.PREDICT\nColumn b is not found in the input data to the PREDICT function.",
    );
    assert.equal(error.details.reason, "invalidQuery");
  });

  it("a feature column of another type", () => {
    const error = refusal("EVALUATE", relation([...numbers("a"), { name: "b", type: STRING }]));
    assert.match(error.message, /Column b has type STRING, but the model was trained with FLOAT64/);
  });

  it("a contamination beyond 0.5, or none", () => {
    assert.match(
      refusal("DETECT_ANOMALIES", setting("contamination", 0.7), relation(COLUMNS)).message,
      /Invalid value 0.7 for contamination: it must be between 0 and 0.5/,
    );
    assert.match(refusal("DETECT_ANOMALIES", relation(COLUMNS)).message, /contamination must be given/);
  });

  it("a setting that they do not know", () => {
    assert.match(refusal("CENTROIDS", setting("standardise", true)).message, /Unknown setting 'standardise'/);
  });

  it("a model that is not there", () => {
    assert.throws(
      () => warehouse.ml.hook.outputColumns("CENTROIDS", [{ kind: "model", reference: at("nowhere") }]),
      /^CloudError: Not found: Model activate-test:d.nowhere$/,
    );
  });
});

describe("online prediction refuses", () => {
  let warehouse: Warehouse;
  before(async () => {
    warehouse = await openWarehouse();
    await warehouse.create("m", ROWS, COLUMNS, { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 3n });
  });
  after(() => warehouse.close());
  const refused = async (instance: Record<string, unknown>, message: RegExp): Promise<void> => {
    await assert.rejects(warehouse.ml.predict(warehouse.trainingId("m"), [{ a: 1, b: 2 }, instance]), (thrown) => {
      assert.ok(thrown instanceof CloudError);
      assert.equal(thrown.status, "INVALID_ARGUMENT");
      assert.match(thrown.message, message);
      return true;
    });
  };

  it("an instance without a feature", () =>
    refused({ a: 1 }, /element: 1 of 'instances' list.*keys must be equal: a,b.*Missing: b/));
  it("an instance with a misspelt feature", () => refused({ a: 1, bb: 2 }, /element: 1 key: bb .*named input: bb/));
  it("text where a number is expected", () =>
    refused({ a: 1, b: "2" }, /Feature b: JSON Value: "2" is not of expected type/));
  it("a training that is no more", async () => {
    await assert.rejects(warehouse.ml.predict("gone", [{ a: 1, b: 2 }]), /not there any more/);
  });
});
