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
const near = (actual: unknown, expected: number, tolerance = 1e-12): void => {
  assert.ok(Math.abs(Number(actual) - expected) <= tolerance, `${String(actual)} is not ${expected}`);
};
const jsonValue = (value: unknown): Value =>
  value === null
    ? { nullValue: "NULL_VALUE" }
    : typeof value === "number"
      ? { numberValue: value }
      : { stringValue: String(value) };
const numbersOf = (prediction: Value | undefined, field: string): number[] =>
  prediction?.structValue?.fields?.[field]?.listValue?.values?.map((value) => value.numberValue ?? Number.NaN) ?? [];

/** Every function of TRANSFORM with statistics, plain expressions, `*`, and a column that only training needs. */
const ALL = `
  CREATE OR REPLACE MODEL shop.all_of_them
  TRANSFORM (
    ML.STANDARD_SCALER(culmen_length_mm) OVER () AS length,
    ML.MIN_MAX_SCALER(culmen_depth_mm) OVER () * 2 AS depth,
    ML.MAX_ABS_SCALER(flipper_length_mm) OVER () AS flipper,
    ML.ROBUST_SCALER(body_mass_g) OVER () AS mass,
    ML.QUANTILE_BUCKETIZE(body_mass_g, 4) OVER () AS mass_bucket,
    ML.BUCKETIZE(flipper_length_mm, [180, 200, 220]) AS flipper_bucket,
    ML.ONE_HOT_ENCODER(species) OVER () AS species_code,
    ML.LABEL_ENCODER(island) OVER () AS island_code,
    ML.MULTI_HOT_ENCODER([island, sex]) OVER () AS tags,
    ML.IMPUTER(sex, 'most_frequent') OVER () AS sex,
    ML.POLYNOMIAL_EXPAND(STRUCT(culmen_depth_mm / 10 AS a, culmen_length_mm / 10 AS b)) AS poly,
    ML.FEATURE_CROSS(STRUCT(species, island)) AS cross_of,
    ML.NORMALIZER([culmen_length_mm, culmen_depth_mm]) AS shape,
    ML.HASH_BUCKETIZE(species, 5) AS hashed,
    ML.NGRAMS(SPLIT(island, 'r'), [1, 2], '-') AS grams,
    * EXCEPT (n, sex, species, island, culmen_length_mm, culmen_depth_mm) REPLACE (body_mass_g / 1000 AS body_mass_g))
  OPTIONS (model_type = 'kmeans', num_clusters = 4, kmeans_init_method = 'kmeans++', standardize_features = FALSE)
  AS SELECT * FROM shop.birds`;

describe("CREATE MODEL with TRANSFORM", function () {
  this.timeout(120_000);
  const stateDir = mkdtempSync(join(tmpdir(), "activate-transform-"));
  let server: TestServer;
  let vertex: Clients;
  const rows = async (query: string): Promise<Record<string, unknown>[]> => (await server.client.query({ query }))[0];
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
    const numbers = "culmen_length_mm:FLOAT, culmen_depth_mm:FLOAT, flipper_length_mm:FLOAT, body_mass_g:FLOAT";
    const schema = `n:INTEGER, ${numbers}, sex:STRING, species:STRING, island:STRING`;
    const [table] = await server.client.dataset("shop").createTable("birds", { schema });
    await table.insert(readPenguins().map((row, n) => ({ n, ...row })));
    await rows(ALL);
  });
  after(async () => {
    await vertex.close();
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("freezes statistics and replays them on other rows: the recorded scalers and encoders", async () => {
    // Recorded from the real service on penguins: bigframes tests/system/small/ml/test_preprocessing.py. It prints its mean
    // and deviation to six digits, hence the tolerance; the deviation is the population one.
    await rows(`CREATE MODEL shop.scaled TRANSFORM (
      ML.STANDARD_SCALER(culmen_length_mm) OVER () AS z, ML.ONE_HOT_ENCODER(sex, 'none', 100, 0) OVER () AS code,
      ML.LABEL_ENCODER(sex, 100, 0) OVER () AS label)
      OPTIONS (model_type = 'kmeans', num_clusters = 2) AS SELECT culmen_length_mm, sex FROM shop.birds`);
    const found = await rows(`SELECT * FROM ML.TRANSFORM(MODEL shop.scaled, (
      SELECT 39.5 AS culmen_length_mm, 'FEMALE' AS sex UNION ALL SELECT NULL, 'MALE' UNION ALL SELECT 100, NULL))
      ORDER BY label`);
    assert.deepEqual(Object.keys(found[0] ?? {}), ["z", "code", "label"]);
    assert.deepEqual(
      found.map(({ code, label }) => [code, label]),
      [
        [[{ index: 0, value: 1 }], 0],
        [[{ index: 2, value: 1 }], 2],
        [[{ index: 3, value: 1 }], 3],
      ],
    );
    near(found[1]?.z, -0.811119671289163, 1e-5);
    assert.equal(found[2]?.z, null);
    assert.ok(Number(found[0]?.z) > 5);
  });

  it("is to SQL what it was to the training", async () => {
    const [trained] = await rows("SELECT * FROM ML.EVALUATE(MODEL shop.all_of_them)");
    const [evaluated] = await rows("SELECT * FROM ML.EVALUATE(MODEL shop.all_of_them, TABLE shop.birds)");
    for (const metric of ["davies_bouldin_index", "mean_squared_distance"]) {
      near(Number(evaluated?.[metric]) / Number(trained?.[metric]), 1);
    }
    const [flagged] = await rows(`SELECT COUNTIF(is_anomaly) AS n FROM ML.DETECT_ANOMALIES(
      MODEL shop.all_of_them, STRUCT(0 AS contamination), TABLE shop.birds)`);
    assert.equal(flagged?.n, 0);
  });

  it("needs of a function's input only the columns that it reads, and gives every input column back", async () => {
    const columns = "culmen_length_mm, culmen_depth_mm, flipper_length_mm, body_mass_g, species, island";
    assert.match(
      await reasonOf(`SELECT * FROM ML.PREDICT(MODEL shop.all_of_them, (SELECT ${columns} FROM shop.birds))`),
      /^Invalid table-valued function ML.PREDICT\nColumn sex is not found in the input data to the PREDICT function. at \[1:15\]$/,
    );
    const [row] = await rows(
      `SELECT * FROM ML.PREDICT(MODEL shop.all_of_them, (SELECT 'kept' AS other, ${columns}, sex FROM shop.birds LIMIT 1))`,
    );
    const given = `other, ${columns}, sex`.split(", ");
    assert.deepEqual(Object.keys(row ?? {}), ["CENTROID_ID", "NEAREST_CENTROIDS_DISTANCE", ...given]);
    assert.equal(row?.other, "kept");
  });

  it("tells features before it and after it apart", async () => {
    const [model] = await server.client.dataset("shop").model("all_of_them").get();
    const { featureColumns, transformColumns } = model.metadata as unknown as {
      featureColumns: { name: string; type: unknown }[];
      transformColumns: { name: string; type: unknown; transformSql: string }[];
    };
    assert.deepEqual(
      featureColumns.map((column) => column.name),
      "culmen_length_mm,culmen_depth_mm,flipper_length_mm,body_mass_g,sex,species,island".split(","),
    );
    assert.deepEqual(transformColumns[1], {
      name: "depth",
      type: { typeKind: "FLOAT64" },
      transformSql: "ML.MIN_MAX_SCALER(culmen_depth_mm) OVER () * 2",
    });
    const last = transformColumns.slice(-2).map(({ name, transformSql }) => [name, transformSql]);
    assert.deepEqual(last, [
      ["flipper_length_mm", "flipper_length_mm"],
      ["body_mass_g", "body_mass_g / 1000"],
    ]);
    const centroids = await rows("SELECT DISTINCT feature FROM ML.CENTROIDS(MODEL shop.all_of_them)");
    const names = new Set(centroids.map((row) => row.feature));
    for (const name of ["length", "poly_a_b", "cross_of_species_island", "grams"]) assert.ok(names.has(name), name);
    const info = await rows("SELECT input, mean, category_count FROM ML.FEATURE_INFO(MODEL shop.all_of_them)");
    assert.deepEqual(info.map((row) => row.input).sort(), featureColumns.map((column) => column.name).sort());
    near(info.find((row) => row.input === "culmen_length_mm")?.mean, 43.92192982, 1e-8);
    assert.equal(info.find((row) => row.input === "island")?.category_count, 3);
  });

  it("reads a column for the initial centroids that prediction does not need", async () => {
    await rows(`CREATE MODEL shop.initial TRANSFORM (culmen_length_mm / 10 AS length, init)
      OPTIONS (model_type = 'kmeans', num_clusters = 2, kmeans_init_method = 'custom', kmeans_init_col = 'init')
      AS SELECT culmen_length_mm, n IN (0, 200) AS init FROM shop.birds`);
    const [row] = await rows(
      "SELECT CENTROID_ID FROM ML.PREDICT(MODEL shop.initial, (SELECT 39.1 AS culmen_length_mm))",
    );
    assert.equal(row?.CENTROID_ID, 1);
    assert.match(
      await reasonOf(`CREATE MODEL shop.changed TRANSFORM (culmen_length_mm, NOT init AS init)
        OPTIONS (model_type = 'kmeans', num_clusters = 2, kmeans_init_method = 'custom', kmeans_init_col = 'init')
        AS SELECT culmen_length_mm, n IN (0, 200) AS init FROM shop.birds`),
      /init of KMEANS_INIT_COL must pass through TRANSFORM/,
    );
  });

  it("is the same to an endpoint and to SQL, also after a restart", async () => {
    await rows("ALTER MODEL shop.all_of_them SET OPTIONS (vertex_ai_model_id = 'transformed')");
    const [created] = await vertex.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "t" } });
    const [endpoint] = await created.promise();
    const [deployed] = await vertex.endpoints.deployModel({
      endpoint: endpoint.name ?? "",
      deployedModel: {
        model: `${PARENT}/models/transformed`,
        dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1 },
      },
      trafficSplit: { 0: 100 },
    });
    await deployed.promise();
    const asked = await rows("SELECT * EXCEPT (n) FROM shop.birds ORDER BY n LIMIT 40");
    const inSql = await rows(`SELECT CENTROID_ID AS id, NEAREST_CENTROIDS_DISTANCE[OFFSET(0)].DISTANCE AS distance
      FROM ML.PREDICT(MODEL shop.all_of_them, TABLE shop.birds) ORDER BY n LIMIT 40`);
    const compare = async (): Promise<void> => {
      const instances = asked.map((row) => ({
        structValue: { fields: Object.fromEntries(Object.entries(row).map(([key, value]) => [key, jsonValue(value)])) },
      }));
      const [{ predictions }] = await vertex.prediction.predict({ endpoint: endpoint.name ?? "", instances });
      assert.equal(predictions?.length, inSql.length);
      inSql.forEach(({ id, distance }, i) => {
        assert.deepEqual(numbersOf(predictions?.[i], "nearest_centroid_id"), [id]);
        near(numbersOf(predictions?.[i], "centroid_distances")[Number(id) - 1], Number(distance), 1e-9);
      });
    };
    await compare();
    await vertex.close();
    await server.stop();
    server = await startServer({ stateDir, services });
    vertex = createClients(server.cloud, "gRPC");
    await compare();
    await assert.rejects(
      vertex.prediction.predict({ endpoint: endpoint.name ?? "", instances: [{ structValue: { fields: {} } }] }),
      /keys must be equal: culmen_length_mm,.*Missing: culmen_length_mm/,
    );
  });

  it("refuses what may not stand in it, and leaves no model behind", async () => {
    const create = (list: string, query = "SELECT * FROM shop.birds") =>
      reasonOf(`CREATE MODEL shop.no TRANSFORM (${list}) OPTIONS (model_type = 'kmeans') AS ${query}`);
    assert.match(await create("(SELECT MAX(n) FROM shop.birds) AS m, body_mass_g"), /subquery/i);
    assert.match(await create("SUM(body_mass_g) AS m"), /[Aa]ggregat/);
    assert.match(await create("RANK() OVER (ORDER BY n) AS m"), /non-empty OVER\(\) clause/);
    assert.match(await create("ML.STANDARD_SCALER(n) OVER (PARTITION BY sex) AS m"), /non-empty OVER\(\) clause/);
    assert.match(await create("AVG(n) OVER () AS m"), /window functions other than those of ML/);
    assert.match(await create("nothing AS m"), /Unrecognized name: nothing at \[1:33\]/);
    assert.match(await create("s AS m", "SELECT STRUCT(1 AS a) AS s"), /Column s .*cannot be an input of TRANSFORM/);
    assert.match(await create("UNIX_SECONDS(CURRENT_TIMESTAMP()) - n AS m"), /current time in TRANSFORM/);
    await rows("CREATE FUNCTION shop.twice(x FLOAT64) AS (x * 2)");
    assert.match(await create("shop.twice(body_mass_g) AS m"), /user-defined function shop.twice/);
    const [models] = await server.client.dataset("shop").getModels();
    assert.ok(!models.some((model) => model.id === "no"));
  });

  it("says where a wrong option stands", async () => {
    assert.match(
      await reasonOf("CREATE MODEL shop.no\nOPTIONS (model_type = 'kmeans',\n  num_cluster = 3) AS SELECT 1 AS a"),
      /num_cluster.*num_clusters.* at \[3:3\]$/,
    );
    assert.match(
      await reasonOf(
        "SELECT 1;\nCREATE MODEL shop.no OPTIONS (model_type = 'kmeans', num_clusters = 1) AS SELECT 1 AS a",
      ),
      /NUM_CLUSTERS.*between 2 and 100\. at \[2:54\]/,
    );
  });
});
