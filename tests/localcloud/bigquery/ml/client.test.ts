import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { protos } from "@google-cloud/aiplatform";
import { services } from "activate/localcloud/server/services.js";
import { readPenguins } from "../../ml/penguins.js";
import { type Clients, createClients, PARENT } from "../../vertex/clients.js";
import { startServer, type TestServer } from "../rest/server.js";

type Value = protos.google.protobuf.IValue;
const struct = (fields: Readonly<Record<string, number | string>>): Value => ({
  structValue: {
    fields: Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        typeof value === "number" ? { numberValue: value } : { stringValue: value },
      ]),
    ),
  },
});
const numbersOf = (prediction: Value | undefined, field: string): number[] =>
  prediction?.structValue?.fields?.[field]?.listValue?.values?.map((value) => value.numberValue ?? Number.NaN) ?? [];
const near = (actual: unknown, expected: number, digits = 6): void => {
  assert.ok(Math.abs(Number(actual) - expected) <= 0.6 * 10 ** -digits, `${String(actual)} is not ${expected}`);
};

const FEATURES = "culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex";
const CREATE = (name: string, options = "") => `
  CREATE OR REPLACE MODEL shop.${name}
  OPTIONS (model_type = 'kmeans', num_clusters = 3, kmeans_init_method = 'custom', kmeans_init_col = 'init'${options})
  AS SELECT ${FEATURES}, n IN (239, 305, 308) AS init FROM shop.birds ORDER BY n`;
const DETECT = `(
  SELECT 39.5 AS culmen_length_mm, 18.8 AS culmen_depth_mm, 196.0 AS flipper_length_mm, 'MALE' AS sex UNION ALL
  SELECT 38.5, 17.2, 181.0, 'FEMALE' UNION ALL SELECT 37.9, 18.1, 188.0, 'FEMALE')`;

describe("BigQuery ML through the official clients", function () {
  this.timeout(60_000);
  const stateDir = mkdtempSync(join(tmpdir(), "activate-ml-"));
  let server: TestServer;
  let vertex: Clients;
  const rows = async (query: string): Promise<Record<string, unknown>[]> => (await server.client.query({ query }))[0];
  const job = async (query: string) => {
    const [created] = await server.client.createQueryJob({ query });
    await created.getQueryResults();
    const [metadata] = await created.getMetadata();
    return metadata;
  };
  const reasonOf = async (query: string): Promise<string> => {
    try {
      await rows(query);
    } catch (thrown) {
      return (thrown as Error).message;
    }
    return assert.fail("it was accepted");
  };

  before(async () => {
    server = await startServer({ stateDir, services });
    vertex = createClients(server.cloud, "gRPC");
    await server.client.createDataset("shop", { location: "europe-west1" });
    const schema = `n:INTEGER, ${NUMERIC_SCHEMA}, sex:STRING`;
    const [table] = await server.client.dataset("shop").createTable("birds", { schema });
    await table.insert(
      readPenguins().map(({ culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex }, n) => ({
        n,
        culmen_length_mm,
        culmen_depth_mm,
        flipper_length_mm,
        sex,
      })),
    );
    await job(CREATE("penguins"));
  });
  after(async () => {
    await vertex.close();
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("trains to the recorded centroids and answers the recorded anomalies", async () => {
    const centroids = await rows(
      "SELECT numerical_value FROM ML.CENTROIDS(MODEL shop.penguins) WHERE feature = 'culmen_length_mm' ORDER BY centroid_id",
    );
    near(centroids[0]?.numerical_value, 47.509677);
    near(centroids[1]?.numerical_value, 47.036346);
    near(centroids[2]?.numerical_value, 38.207813);
    const found = await rows(
      `SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.penguins, STRUCT(0.4 AS contamination), ${DETECT}) ORDER BY normalized_distance DESC`,
    );
    [1.082937, 0.77139, 0.478304].forEach((distance, i) => {
      near(found[i]?.normalized_distance, distance);
    });
    assert.deepEqual(
      found.map((row) => row.is_anomaly),
      [true, false, false],
    );
    assert.deepEqual(Object.keys(found[0] ?? {}).slice(0, 3), ["is_anomaly", "normalized_distance", "CENTROID_ID"]);
  });

  it("takes a model's whole path in one pair of quotes, a project id with dashes in it", async () => {
    const path = `${server.cloud.project}.shop.quoted`;
    assert.match(path, /-/);
    await job(CREATE("quoted").replace("shop.quoted", `\`${path}\``));
    assert.equal((await rows(`SELECT 1 FROM ML.CENTROIDS(MODEL \`${path}\`) WHERE feature = 'sex'`)).length, 3);
    await job(`DROP MODEL \`${path}\``);
  });

  it("joins, filters and nests ML.* like tables", async () => {
    const [joined] = await rows(`
      WITH radius AS (
        SELECT c.centroid_id, c.cluster_radius
        FROM (SELECT * FROM ML.TRAINING_INFO(MODEL shop.penguins) ORDER BY iteration DESC LIMIT 1), UNNEST(cluster_info) AS c
      )
      SELECT COUNT(*) AS n, MAX(ABS(d.normalized_distance - p.NEAREST_CENTROIDS_DISTANCE[OFFSET(0)].DISTANCE / r.cluster_radius)) AS difference
      FROM ML.PREDICT(MODEL shop.penguins, TABLE shop.birds) AS p
      JOIN ML.DETECT_ANOMALIES(MODEL shop.penguins, STRUCT(0.1 AS contamination), TABLE shop.birds) AS d USING (n)
      JOIN radius AS r ON r.centroid_id = p.CENTROID_ID
      WHERE d.CENTROID_ID = p.CENTROID_ID`);
    assert.ok(Number(joined?.n) > 300, JSON.stringify(joined));
    assert.ok(Number(joined?.difference) < 1e-12);
  });

  it("reports the job as CREATE_MODEL with its statistics and its model as destination", async () => {
    const metadata = await job(CREATE("reported"));
    assert.equal(metadata.configuration.query.destinationTable.tableId, "reported");
    const { statementType, ddlOperationPerformed, mlStatistics } = metadata.statistics.query;
    assert.equal(statementType, "CREATE_MODEL");
    assert.equal(ddlOperationPerformed, "CREATE");
    assert.equal(mlStatistics.modelType, "KMEANS");
    assert.equal(mlStatistics.iterationResults.length, 3);
    assert.equal((await job(CREATE("reported"))).statistics.query.ddlOperationPerformed, "REPLACE");
  });

  it("says what is wrong in BigQuery's words", async () => {
    assert.match(
      await reasonOf("SELECT * FROM ML.PREDICT(MODEL shop.penguins, (SELECT 1.0 AS culmen_length_mm))"),
      /Invalid table-valued function ML.PREDICT\nColumn culmen_depth_mm is not found in the input data to the PREDICT function. at \[1:15\]/,
    );
    assert.match(
      await reasonOf(
        "SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.penguins, STRUCT(0.7 AS contamination), TABLE shop.birds)",
      ),
      /0.7 for contamination: it must be between 0 and 0.5/,
    );
    assert.match(await reasonOf("SELECT * FROM ML.CENTROIDS(MODEL shop.nowhere)"), /Not found: Model .*shop.nowhere/);
    assert.match(await reasonOf("DROP MODEL shop.nowhere"), /^Not found: Model activate-local:shop.nowhere/);
    assert.match(
      await reasonOf("CREATE MODEL shop.bad OPTIONS (model_type = 'kmeans', num_cluster = 3) AS SELECT 1.0 AS a"),
      /Unknown option 'num_cluster'.*Did you mean 'num_clusters'/,
    );
    assert.match(
      await reasonOf("EXPORT MODEL shop.penguins OPTIONS (uri = 'gs://b/m')"),
      /EXPORT MODEL is not supported/,
    );
    const [models] = await server.client.dataset("shop").getModels();
    assert.ok(models.every((model) => model.id !== "bad"));
  });

  it("keeps models through a restart", async () => {
    const before = await rows("SELECT * FROM ML.EVALUATE(MODEL shop.penguins)");
    await vertex.close();
    await server.stop();
    server = await startServer({ stateDir, services });
    vertex = createClients(server.cloud, "gRPC");
    assert.deepEqual(await rows("SELECT * FROM ML.EVALUATE(MODEL shop.penguins)"), before);
    const [found] = await rows(
      `SELECT COUNTIF(is_anomaly) AS n FROM ML.DETECT_ANOMALIES(MODEL shop.penguins, STRUCT(0.1 AS contamination), TABLE shop.birds)`,
    );
    assert.equal(found?.n, 35);
  });

  it("registers versions, deploys one, predicts as SQL does, and keeps what is deployed", async () => {
    const registered = ", model_registry = 'vertex_ai', vertex_ai_model_id = 'penguin_clusters'";
    await job(CREATE("first", `${registered}, vertex_ai_model_version_aliases = ['champion']`));
    await job(CREATE("second", registered));
    await job(CREATE("second", registered));
    const versions = async () => {
      const [models] = await vertex.models.listModelVersions({ name: `${PARENT}/models/penguin_clusters` });
      return models.map((model) => model.versionId).sort();
    };
    assert.deepEqual(await versions(), ["1", "3"]);
    const [metadata] = await server.client.dataset("shop").model("second").getMetadata();
    assert.equal(metadata.trainingRuns[0].vertexAiModelId, "penguin_clusters");
    assert.equal(metadata.trainingRuns[0].vertexAiModelVersion, "3");

    const [creating] = await vertex.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "penguins" } });
    const [endpoint] = await creating.promise();
    const [deploying] = await vertex.endpoints.deployModel({
      endpoint: endpoint.name ?? "",
      deployedModel: {
        model: `${PARENT}/models/penguin_clusters@champion`,
        dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1 },
      },
      trafficSplit: { "0": 100 },
    });
    await deploying.promise();
    const instance = { culmen_length_mm: 39.5, culmen_depth_mm: 18.8, flipper_length_mm: 196, sex: "MALE" };
    const [answer] = await vertex.prediction.predict({ endpoint: endpoint.name ?? "", instances: [struct(instance)] });
    const [prediction] = answer.predictions ?? [];
    const [sql] = await rows(
      `SELECT CENTROID_ID, NEAREST_CENTROIDS_DISTANCE AS nearest FROM ML.PREDICT(MODEL shop.first, ${DETECT}) WHERE culmen_length_mm = 39.5`,
    );
    assert.deepEqual(numbersOf(prediction, "nearest_centroid_id"), [sql?.CENTROID_ID]);
    assert.ok(sql);
    for (const { CENTROID_ID, DISTANCE } of sql.nearest as { CENTROID_ID: number; DISTANCE: number }[]) {
      near(numbersOf(prediction, "centroid_distances")[CENTROID_ID - 1], DISTANCE, 12);
    }
    await assert.rejects(
      vertex.prediction.predict({ endpoint: endpoint.name ?? "", instances: [struct({ ...instance, sexx: "MALE" })] }),
      /named input: sexx/,
    );
    assert.match(await reasonOf("DROP MODEL shop.first"), /deployed/);
    assert.match(await reasonOf(CREATE("first", registered)), /deployed/);
    assert.deepEqual(await versions(), ["1", "3"]);
    await rows("DROP MODEL shop.second");
    assert.deepEqual(await versions(), ["1"]);
  });

  it("registers a model later by ALTER MODEL, under one id for good", async () => {
    await rows("ALTER MODEL shop.penguins SET OPTIONS (vertex_ai_model_id = 'later')");
    const [model] = await vertex.models.getModel({ name: `${PARENT}/models/later` });
    assert.equal(model.versionId, "1");
    assert.equal(model.modelSourceInfo?.sourceType, "BQML");
    assert.match(
      await reasonOf("ALTER MODEL shop.penguins SET OPTIONS (vertex_ai_model_id = 'other')"),
      /registered as 'later'.*cannot be changed/,
    );
  });

  it("takes a TIMESTAMP as its seconds and its parts", async () => {
    await job(`
      CREATE OR REPLACE MODEL shop.times OPTIONS (model_type = 'kmeans', num_clusters = 2) AS
      SELECT TIMESTAMP_ADD(TIMESTAMP '2023-12-30 22:59:00.5 UTC', INTERVAL n HOUR) AS seen FROM UNNEST([0, 1, 2, 49]) AS n`);
    const features = await rows(`
      SELECT feature, ARRAY_AGG(DISTINCT category IGNORE NULLS ORDER BY category) AS categories
      FROM ML.CENTROIDS(MODEL shop.times) LEFT JOIN UNNEST(categorical_value) GROUP BY feature ORDER BY feature`);
    // A Saturday evening, two hours of it and the Sunday that begins week 53, then the Monday of a year's week 0.
    assert.deepEqual(Object.fromEntries(features.map((row) => [row.feature, row.categories])), {
      _TS_DOM_seen: ["1", "30", "31"],
      _TS_DOW_seen: ["1", "2", "7"],
      _TS_HOD_seen: ["0", "22", "23"],
      _TS_MOH_seen: ["59"],
      _TS_MOY_seen: ["1", "12"],
      _TS_WOY_seen: ["0", "52", "53"],
      _TS_YEAR_seen: ["2023", "2024"],
      seen: [],
    });
    const [seconds] = await rows(`
      SELECT SUM(numerical_value * cluster_size) / 4 AS mean
      FROM ML.CENTROIDS(MODEL shop.times) JOIN UNNEST((
        SELECT cluster_info FROM ML.TRAINING_INFO(MODEL shop.times) ORDER BY iteration DESC LIMIT 1)) USING (centroid_id)
      WHERE feature = 'seen'`);
    near(seconds?.mean, Date.UTC(2023, 11, 30, 22, 59) / 1000 + 13 * 3600, 3);
    assert.deepEqual(await rows("SELECT input, min, null_count FROM ML.FEATURE_INFO(MODEL shop.times)"), [
      { input: "seen", min: null, null_count: 0 },
    ]);
  });

  it("tunes NUM_CLUSTERS, the best trial being the model", async () => {
    const metadata = await job(`
      CREATE OR REPLACE MODEL shop.tuned
      OPTIONS (model_type = 'kmeans', num_trials = 3, num_clusters = HPARAM_CANDIDATES([2, 3, 5]),
        hparam_tuning_objectives = ['davies_bouldin_index'])
      AS SELECT ${FEATURES} FROM shop.birds ORDER BY n`);
    assert.equal(metadata.statistics.query.mlStatistics.trainingType, "HPARAM_TUNING");
    const trials = await rows("SELECT * FROM ML.TRIAL_INFO(MODEL shop.tuned) ORDER BY trial_id");
    assert.deepEqual(Object.keys(trials[0] ?? {}), TRIAL_COLUMNS);
    assert.deepEqual(
      trials.map((trial) => [trial.trial_id, trial.hyperparameters, trial.status, trial.eval_loss]),
      [2, 3, 5].map((count, index) => [index + 1, { num_clusters: count }, "SUCCEEDED", null]),
    );
    // Each trial is the model that its number of clusters makes alone.
    await job(`
      CREATE OR REPLACE MODEL shop.alone OPTIONS (model_type = 'kmeans', num_clusters = 5)
      AS SELECT ${FEATURES} FROM shop.birds ORDER BY n`);
    const evaluated = await rows("SELECT * FROM ML.EVALUATE(MODEL shop.tuned) ORDER BY trial_id");
    const [alone] = await rows("SELECT 3 AS trial_id, * FROM ML.EVALUATE(MODEL shop.alone)");
    assert.deepEqual(evaluated[2], alone);
    assert.deepEqual(
      trials.map((trial) => [trial.hparam_tuning_evaluation_metrics, trial.training_loss]),
      evaluated.map((row) => [{ davies_bouldin_index: row.davies_bouldin_index }, row.mean_squared_distance]),
    );
    const indexes = evaluated.map((row) => Number(row.davies_bouldin_index));
    const best = 1 + indexes.indexOf(Math.min(...indexes));
    assert.deepEqual(
      trials.map((trial) => trial.is_optimal),
      [1, 2, 3].map((id) => id === best),
    );

    const [model] = await server.client.dataset("shop").model("tuned").getMetadata();
    assert.equal(model.defaultTrialId, String(best));
    assert.deepEqual(model.hparamSearchSpaces, { numClusters: { candidates: { candidates: ["2", "3", "5"] } } });
    const predicted = await rows(`SELECT * FROM ML.PREDICT(MODEL shop.tuned, ${DETECT})`);
    assert.deepEqual(Object.keys(predicted[0] ?? {}).slice(0, 2), ["trial_id", "CENTROID_ID"]);
    assert.deepEqual(new Set(predicted.map((row) => row.trial_id)), new Set([best]));
    const [third] = await rows(`SELECT * FROM ML.PREDICT(MODEL shop.tuned, ${DETECT}, STRUCT(3 AS trial_id)) LIMIT 1`);
    assert.ok(third);
    assert.equal(third.trial_id, 3);
    assert.equal((third.NEAREST_CENTROIDS_DISTANCE as unknown[]).length, 5);
    const found = await rows(
      `SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.tuned, STRUCT(0.1 AS contamination), ${DETECT})`,
    );
    assert.deepEqual(new Set(found.map((row) => row.trial_id)), new Set([best]));
    const counted = await rows(
      "SELECT COUNT(DISTINCT centroid_id) AS n FROM ML.CENTROIDS(MODEL shop.tuned) GROUP BY trial_id ORDER BY trial_id",
    );
    assert.deepEqual(counted, [{ n: 2 }, { n: 3 }, { n: 5 }]);

    assert.match(
      await reasonOf(`SELECT * FROM ML.PREDICT(MODEL shop.tuned, ${DETECT}, STRUCT(9 AS trial_id))`),
      /Trial 9/,
    );
    assert.match(await reasonOf("SELECT * FROM ML.TRIAL_INFO(MODEL shop.alone)"), /without hyperparameter tuning/);
    await job(`
      CREATE OR REPLACE MODEL shop.tuned OPTIONS (model_type = 'kmeans', num_trials = 2, num_clusters = HPARAM_RANGE(2, 4))
      AS SELECT ${FEATURES} FROM shop.birds`);
    assert.deepEqual(
      await rows("SELECT hyperparameters.num_clusters AS n FROM ML.TRIAL_INFO(MODEL shop.tuned) ORDER BY trial_id"),
      [{ n: 2 }, { n: 4 }],
    );
  });
});

const NUMERIC_SCHEMA = "culmen_length_mm:FLOAT, culmen_depth_mm:FLOAT, flipper_length_mm:FLOAT";
const TRIAL_COLUMNS =
  "trial_id hyperparameters hparam_tuning_evaluation_metrics training_loss eval_loss status error_message is_optimal".split(
    " ",
  );
