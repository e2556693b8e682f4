import assert from "node:assert/strict";
import type { ModelRegistry, RegisteredWarehouseModel } from "activate/localcloud/platform/links.js";
import { services } from "activate/localcloud/server/services.js";
import { createClients, PARENT } from "../../vertex/clients.js";
import { startServer } from "../rest/server.js";
import { at, numbers, openWarehouse, PROJECT, type Warehouse } from "./warehouse.js";

const COLUMNS = numbers("a", "b");
const ROWS = "SELECT i % 7 * 1e0 AS a, i % 5 * 1e0 AS b FROM (SELECT unnest(range(40)) AS i)";
const OPTIONS = { MODEL_TYPE: "KMEANS", NUM_CLUSTERS: 3n, MODEL_REGISTRY: "VERTEX_AI", VERTEX_AI_MODEL_ID: "m" };

/** Versions of one registry's model, as Vertex AI numbers them; `crash` says at which call the process is gone. */
class Versions implements ModelRegistry {
  readonly versions = new Map<string, string>();
  crash: "before register" | "after register" | "before unregister" | undefined;
  #next = 1;
  /** Resolves when the process is gone. */
  readonly gone: Promise<void>;
  #go: () => void = () => undefined;

  constructor() {
    this.gone = new Promise((resolve) => {
      this.#go = resolve;
    });
  }

  async register({ trainingId }: RegisteredWarehouseModel): Promise<{ versionId: string }> {
    if (this.crash === "before register") return this.#stop();
    const versionId = this.versions.get(trainingId) ?? String(this.#next++);
    this.versions.set(trainingId, versionId);
    return this.crash === "after register" ? this.#stop() : { versionId };
  }

  async unregister(trainingId: string): Promise<void> {
    if (this.crash === "before unregister") return this.#stop();
    this.versions.delete(trainingId);
  }

  async checkUnregister(): Promise<void> {
    // Nothing is deployed here.
  }

  /** Nobody answers any more. */
  #stop(): Promise<never> {
    this.#go();
    return new Promise(() => undefined);
  }
}

const versionOf = (warehouse: Warehouse): unknown =>
  (warehouse.catalog.model(at("m"))?.resource.trainingRuns as { vertexAiModelVersion?: string }[] | undefined)?.[0]
    ?.vertexAiModelVersion;

describe("a crash between the catalog and the Model Registry", () => {
  const crashing = async (
    crash: Versions["crash"],
    before: boolean,
    act: (warehouse: Warehouse) => Promise<unknown>,
    check: (warehouse: Warehouse, versions: Versions) => void | Promise<void>,
  ): Promise<void> => {
    const registry = new Versions();
    let warehouse = await openWarehouse(registry);
    if (before) await warehouse.create("m", ROWS, COLUMNS, OPTIONS);
    registry.crash = crash;
    void act(warehouse);
    await registry.gone;
    registry.crash = undefined;
    warehouse = await warehouse.reopen();
    try {
      await warehouse.ml.reconcile(PROJECT);
      await check(warehouse, registry);
    } finally {
      await warehouse.close();
    }
  };
  const create = (warehouse: Warehouse) => warehouse.create("m", ROWS, COLUMNS, OPTIONS);
  const replace = (warehouse: Warehouse) => warehouse.create("m", ROWS, COLUMNS, OPTIONS, "CREATE_OR_REPLACE");
  const registeredOnce = (version: string) => (warehouse: Warehouse, registry: Versions) => {
    assert.equal(versionOf(warehouse), version);
    assert.deepEqual([...registry.versions], [[warehouse.trainingId("m"), version]]);
  };

  it("before a new model is registered: it is registered at the next start", () =>
    crashing("before register", false, create, registeredOnce("1")));

  it("after it was registered: it is not registered again", () =>
    crashing("after register", false, create, registeredOnce("1")));

  it("before a replaced model's version is deleted: it is deleted at the next start, its distances too", () =>
    crashing("before unregister", true, replace, async (warehouse, registry) => {
      registeredOnce("2")(warehouse, registry);
      const left = await warehouse.rows("SELECT DISTINCT training_id FROM _activate.model_distance");
      assert.deepEqual(left, [{ training_id: warehouse.trainingId("m") }]);
    }));

  it("while a model is dropped: it is gone at the next start", () =>
    crashing(
      "before unregister",
      true,
      (warehouse) => warehouse.ml.hook.drop(at("m"), false),
      (warehouse, registry) => {
        assert.equal(warehouse.catalog.model(at("m")), undefined);
        assert.equal(registry.versions.size, 0);
      },
    ));
});

describe("a registration that Vertex AI refuses", function () {
  this.timeout(60_000);

  it("leaves the model that was to be replaced as it was, and no new one", async () => {
    const server = await startServer({ services });
    const vertex = createClients(server.cloud, "gRPC");
    const query = async (text: string) => (await server.client.query({ query: text }))[0];
    try {
      const [upload] = await vertex.models.uploadModel({
        parent: PARENT,
        modelId: "taken",
        model: { displayName: "taken", containerSpec: { imageUri: "europe-west1-docker.pkg.dev/p/activate/activate" } },
      });
      await upload.promise();
      await server.client.createDataset("shop", { location: "europe-west1" });
      const create = (start: string, name: string, id: string, clusters: number) =>
        query(`${start} shop.${name} OPTIONS (model_type = 'kmeans', num_clusters = ${clusters},
          model_registry = 'vertex_ai', vertex_ai_model_id = '${id}')
          AS SELECT x, MOD(x, 7) AS y FROM UNNEST(GENERATE_ARRAY(1, 50)) AS x`);
      await create("CREATE MODEL", "m", "mine", 2);
      const flagged = `SELECT * FROM ML.DETECT_ANOMALIES(MODEL shop.m, STRUCT(0.1 AS contamination), (SELECT 40 AS x, 3 AS y))`;
      const before = [await query(flagged), (await server.client.dataset("shop").model("m").get())[0].metadata];
      await assert.rejects(create("CREATE OR REPLACE MODEL", "m", "taken", 4), /[Aa]lready exists/);
      await assert.rejects(create("CREATE MODEL", "other", "taken", 4), /[Aa]lready exists/);
      const after = [await query(flagged), (await server.client.dataset("shop").model("m").get())[0].metadata];
      assert.deepEqual(after, before);
      const [models] = await server.client.dataset("shop").getModels();
      assert.deepEqual(
        models.map((model) => model.id),
        ["m"],
      );
      const [versions] = await vertex.models.listModelVersions({ name: `${PARENT}/models/mine` });
      assert.deepEqual(
        versions.map((version) => version.versionId),
        ["1"],
      );
    } finally {
      await vertex.close();
      await server.stop();
    }
  });
});

describe("a dataset with models", function () {
  this.timeout(60_000);

  it("keeps all of them while one is deployed, and drops them with it afterwards; none can be copied", async () => {
    const server = await startServer({ services });
    const vertex = createClients(server.cloud, "gRPC");
    const query = async (text: string) => (await server.client.query({ query: text }))[0];
    const dataset = server.client.dataset("shop");
    const models = async () => (await dataset.getModels())[0].map((model) => model.id);
    try {
      await server.client.createDataset("shop", { location: "europe-west1" });
      for (const name of ["free", "served"]) {
        await query(`CREATE MODEL shop.${name} OPTIONS (model_type = 'kmeans', num_clusters = 2, model_registry = 'vertex_ai')
          AS SELECT x FROM UNNEST(GENERATE_ARRAY(1, 50)) AS x`);
      }
      const [created] = await vertex.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
      const endpoint = (await created.promise())[0].name ?? "";
      const [deploying] = await vertex.endpoints.deployModel({
        endpoint,
        deployedModel: {
          model: `${PARENT}/models/served`,
          dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1 },
        },
        trafficSplit: { 0: 100 },
      });
      const [{ deployedModel }] = await deploying.promise();
      await assert.rejects(dataset.delete({ force: true }), /deployed/);
      await assert.rejects(query("DROP SCHEMA shop CASCADE"), /deployed/);
      assert.deepEqual((await models()).sort(), ["free", "served"]);
      await assert.rejects(dataset.table("free").copy(dataset.table("copied")), /Copying a model/);

      const deployedModelId = deployedModel?.id ?? "";
      const [undeploying] = await vertex.endpoints.undeployModel({ endpoint, deployedModelId });
      await undeploying.promise();
      await query("DROP SCHEMA shop CASCADE");
      assert.deepEqual((await vertex.models.listModels({ parent: PARENT }))[0], []);
    } finally {
      await vertex.close();
      await server.stop();
    }
  });
});
