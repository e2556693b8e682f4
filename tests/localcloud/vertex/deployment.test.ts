import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { type Clients, createClients, failureOf, PARENT, TRANSPORTS } from "./clients.js";
import { SmallWarehouse } from "./warehouse.js";

const DEDICATED = { dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1 } };

for (const transport of TRANSPORTS) {
  describe(`deployment over ${transport}`, () => {
    const warehouse = new SmallWarehouse();
    let cloud: LocalCloud;
    let clients: Clients;
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 5, services: [createVertexAi, warehouse.service] });
      clients = createClients(cloud, transport);
      await warehouse.train("anomaly", "first");
      await warehouse.train("anomaly", "second");
      await warehouse.train("forecast", "arima", { modelType: "ARIMA_PLUS" });
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    async function createEndpoint(): Promise<string> {
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
      const [endpoint] = await operation.promise();
      return endpoint.name ?? "";
    }

    async function deploy(
      endpoint: string,
      trafficSplit: Record<string, number>,
      deployedModel: object = {},
    ): Promise<string> {
      const [operation] = await clients.endpoints.deployModel({
        endpoint,
        deployedModel: { model: `${PARENT}/models/anomaly`, ...DEDICATED, ...deployedModel },
        trafficSplit,
      });
      const [response] = await operation.promise();
      return response.deployedModel?.id ?? "";
    }

    async function read(name: string) {
      const [endpoint] = await clients.endpoints.getEndpoint({ name });
      return endpoint;
    }

    it("is seen to start, and stands on the endpoint once it is done", async () => {
      const endpoint = await createEndpoint();
      const [operation] = await clients.endpoints.deployModel({
        endpoint,
        deployedModel: { model: `${PARENT}/models/anomaly@2`, displayName: "mine", ...DEDICATED },
        trafficSplit: { "0": 100 },
      });
      const { deploymentStage } = operation.metadata as { deploymentStage?: unknown };
      assert.ok([5, "STARTING_DEPLOYMENT"].includes(deploymentStage as never), String(deploymentStage));
      const [response, metadata] = await operation.promise();
      assert.ok(
        [11, "SUCCESSFULLY_DEPLOYED"].includes(metadata.deploymentStage as never),
        String(metadata.deploymentStage),
      );
      assert.equal(response.deployedModel?.displayName, "mine");
      const { deployedModels, trafficSplit } = await read(endpoint);
      assert.deepEqual(trafficSplit, { [response.deployedModel?.id ?? ""]: 100 });
      const [deployed] = deployedModels ?? [];
      assert.match(deployed?.model ?? "", /^projects\/\d{12}\/locations\/europe-west1\/models\/anomaly$/);
      assert.equal(deployed?.modelVersionId, "2");
      assert.equal(deployed?.dedicatedResources?.maxReplicaCount, 1);
      assert.equal(deployed?.status?.availableReplicaCount, 1);
      const [model] = await clients.models.getModel({ name: `${PARENT}/models/anomaly@2` });
      assert.ok(model.deployedModels?.some((entry) => entry.deployedModelId === deployed?.id));
    });

    it("gives the first model no traffic when no split is asked for", async () => {
      const endpoint = await createEndpoint();
      await deploy(endpoint, {});
      assert.deepEqual((await read(endpoint)).trafficSplit, {});
    });

    it("replaces the whole split when one is asked for, and leaves it alone when none is", async () => {
      const endpoint = await createEndpoint();
      const first = await deploy(endpoint, { "0": 100 });
      const second = await deploy(endpoint, { "0": 10, [first]: 90 });
      await deploy(endpoint, {});
      assert.deepEqual((await read(endpoint)).trafficSplit, { [first]: 90, [second]: 10 });
    });

    it("moves traffic by an update of the split alone", async () => {
      const endpoint = await createEndpoint();
      const first = await deploy(endpoint, { "0": 100 });
      const second = await deploy(endpoint, {});
      const [updated] = await clients.endpoints.updateEndpoint({
        endpoint: { name: endpoint, trafficSplit: { [first]: 25, [second]: 75 } },
        updateMask: { paths: ["traffic_split"] },
      });
      assert.deepEqual(updated.trafficSplit, { [first]: 25, [second]: 75 });
    });

    it("refuses to undeploy a model that has traffic, until the request moves it", async () => {
      const endpoint = await createEndpoint();
      const first = await deploy(endpoint, { "0": 100 });
      const second = await deploy(endpoint, { "0": 40, [first]: 60 });
      const failure = await failureOf(clients.endpoints.undeployModel({ endpoint, deployedModelId: first }));
      assert.equal(failure.status, "FAILED_PRECONDITION");
      assert.match(failure.message, /60% of the traffic/);
      const [operation] = await clients.endpoints.undeployModel({
        endpoint,
        deployedModelId: first,
        trafficSplit: { [second]: 100 },
      });
      await operation.promise();
      const after = await read(endpoint);
      assert.deepEqual(after.trafficSplit, { [second]: 100 });
      assert.equal(after.deployedModels?.length, 1);
    });

    it("empties the split when the last model leaves, and only then lets the endpoint be deleted", async () => {
      const endpoint = await createEndpoint();
      const only = await deploy(endpoint, { "0": 100 });
      const refusal = await failureOf(clients.endpoints.deleteEndpoint({ name: endpoint }));
      assert.equal(refusal.status, "FAILED_PRECONDITION");
      assert.match(refusal.message, /has deployed or being-deployed DeployedModel\(s\)/);
      const [undeploy] = await clients.endpoints.undeployModel({ endpoint, deployedModelId: only });
      await undeploy.promise();
      assert.deepEqual((await read(endpoint)).trafficSplit, {});
      const [deletion] = await clients.endpoints.deleteEndpoint({ name: endpoint });
      await deletion.promise();
    });

    it("changes replica counts by mask", async () => {
      const endpoint = await createEndpoint();
      const id = await deploy(endpoint, { "0": 100 });
      const [operation] = await clients.endpoints.mutateDeployedModel({
        endpoint,
        deployedModel: { id, dedicatedResources: { minReplicaCount: 2, maxReplicaCount: 5 } },
        updateMask: { paths: ["dedicated_resources.max_replica_count"] },
      });
      const [response] = await operation.promise();
      assert.equal(response.deployedModel?.dedicatedResources?.minReplicaCount, 1);
      assert.equal(response.deployedModel?.dedicatedResources?.maxReplicaCount, 5);
    });

    it("keeps a version that is deployed, whoever wants it gone", async () => {
      const endpoint = await createEndpoint();
      await deploy(endpoint, { "0": 100 });
      await assert.rejects(warehouse.registry.checkUnregister("first"), /is deployed to .*endpoints/);
      await assert.rejects(warehouse.registry.unregister("first"), /is deployed to .*endpoints/);
      const [model] = await clients.models.getModel({ name: `${PARENT}/models/anomaly@1` });
      assert.equal(model.versionId, "1");
    });

    const refusals: readonly [
      title: string,
      request: { deployedModel?: object; trafficSplit?: Record<string, number> },
      status: string,
      message: RegExp,
    ][] = [
      ["a split of 110 %", { trafficSplit: { "0": 110 } }, "INVALID_ARGUMENT", /between 0 and 100; it is 110/],
      [
        "a split that adds up to 90",
        { trafficSplit: { "0": 90 } },
        "INVALID_ARGUMENT",
        /add up to 100; they add up to 90/,
      ],
      [
        "a split for a model that is not there",
        { trafficSplit: { "0": 50, "7": 50 } },
        "INVALID_ARGUMENT",
        /"7" is not deployed/,
      ],
      ["an unknown model", { deployedModel: { model: `${PARENT}/models/nobody` } }, "NOT_FOUND", /models\/nobody/],
      [
        "an unknown version",
        { deployedModel: { model: `${PARENT}/models/anomaly@9` } },
        "NOT_FOUND",
        /models\/anomaly@9/,
      ],
      [
        "a model of another region",
        { deployedModel: { model: "projects/activate-local/locations/us-central1/models/anomaly" } },
        "INVALID_ARGUMENT",
        /us-central1 and the Endpoint in europe-west1/,
      ],
      [
        "an unknown machine type",
        { deployedModel: { dedicatedResources: { machineSpec: { machineType: "z9-huge-1" }, minReplicaCount: 1 } } },
        "INVALID_ARGUMENT",
        /Machine type "z9-huge-1" is not supported/,
      ],
      [
        "an accelerator",
        {
          deployedModel: {
            dedicatedResources: { machineSpec: { acceleratorType: 1, acceleratorCount: 1 }, minReplicaCount: 1 },
          },
        },
        "UNIMPLEMENTED",
        /accelerator_type/,
      ],
      [
        "fewer replicas at most than at least",
        { deployedModel: { dedicatedResources: { machineSpec: {}, minReplicaCount: 2, maxReplicaCount: 1 } } },
        "INVALID_ARGUMENT",
        /max_replica_count/,
      ],
      ["an id with letters", { deployedModel: { id: "abc" } }, "INVALID_ARGUMENT", /1 to 10 digits/],
      [
        "automatic resources",
        { deployedModel: { dedicatedResources: undefined, automaticResources: { minReplicaCount: 1 } } },
        "INVALID_ARGUMENT",
        /'automatic_resources' is not supported for Model/,
      ],
      [
        "no resources",
        { deployedModel: { dedicatedResources: undefined } },
        "INVALID_ARGUMENT",
        /prediction_resources/,
      ],
      [
        "a model that cannot predict online",
        { deployedModel: { model: `${PARENT}/models/forecast` } },
        "INVALID_ARGUMENT",
        /ARIMA_PLUS/,
      ],
    ];
    for (const [title, request, status, message] of refusals) {
      it(`refuses ${title} and leaves the endpoint as it was`, async () => {
        const endpoint = await createEndpoint();
        const before = (await read(endpoint)).etag;
        const failure = await failureOf(
          clients.endpoints.deployModel({
            endpoint,
            ...request,
            deployedModel: { model: `${PARENT}/models/anomaly`, ...DEDICATED, ...request.deployedModel },
          }),
        );
        assert.equal(failure.status, status, failure.message);
        assert.match(failure.message, message);
        assert.equal((await read(endpoint)).etag, before);
      });
    }
  });
}
