import assert from "node:assert/strict";
import { helpers } from "@google-cloud/aiplatform";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { type Clients, createClients, failureOf, PARENT, TRANSPORTS } from "./clients.js";
import { SMALL_MODEL, SmallWarehouse } from "./warehouse.js";

const DEDICATED = { dedicatedResources: { machineSpec: {}, minReplicaCount: 1 } };

/** Takes plain objects as the client wants them. */
function values(instances: readonly object[]) {
  return instances.map((instance) => helpers.toValue(instance) as never);
}

for (const transport of TRANSPORTS) {
  describe(`online prediction over ${transport}`, () => {
    const warehouse = new SmallWarehouse();
    let nextRandom = 0;
    let cloud: LocalCloud;
    let clients: Clients;
    let endpoint: string;
    let first: string;
    let second: string;
    before(async () => {
      cloud = await startLocalCloud({
        operationStageMs: 0,
        random: () => nextRandom,
        services: [createVertexAi, warehouse.service],
      });
      clients = createClients(cloud, transport);
      await warehouse.train("anomaly", "one");
      await warehouse.train("anomaly", "two", { model: { ...SMALL_MODEL, means: [0, 0] } });
      endpoint = await createEndpoint();
      first = await deploy("anomaly@1", { "0": 100 });
      second = await deploy("anomaly@2", { "0": 30, [first]: 70 });
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    async function createEndpoint(): Promise<string> {
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
      const [created] = await operation.promise();
      return created.name ?? "";
    }

    async function deploy(model: string, trafficSplit: Record<string, number>): Promise<string> {
      const [operation] = await clients.endpoints.deployModel({
        endpoint,
        deployedModel: { model: `${PARENT}/models/${model}`, ...DEDICATED },
        trafficSplit,
      });
      const [response] = await operation.promise();
      return response.deployedModel?.id ?? "";
    }

    it("answers in the order of the instances, with the model that answered", async () => {
      nextRandom = 0;
      const [answer] = await clients.prediction.predict({
        endpoint,
        instances: values([
          { value: 40, tax: 4 },
          { value: 110, tax: 10 },
        ]),
      });
      assert.deepEqual(
        answer.predictions?.map((prediction) => helpers.fromValue(prediction as never)),
        [
          { centroid_distances: [0, Math.hypot(3.5, 3)], centroid_ids: [1, 2], nearest_centroid_id: [1] },
          { centroid_distances: [Math.hypot(3.5, 3), 0], centroid_ids: [1, 2], nearest_centroid_id: [2] },
        ],
      );
      assert.equal(answer.deployedModelId, first);
      assert.equal(answer.modelVersionId, "1");
      assert.equal(answer.modelDisplayName, "anomaly");
      assert.match(answer.model ?? "", /^projects\/\d{12}\/locations\/europe-west1\/models\/anomaly$/);
    });

    it("shares requests out by the traffic split", async () => {
      const instances = values([{ value: 40, tax: 4 }]);
      for (const [random, expected] of [
        [0.69, first],
        [0.71, second],
      ] as const) {
        nextRandom = random;
        const [answer] = await clients.prediction.predict({ endpoint, instances });
        assert.equal(answer.deployedModelId, expected);
      }
      nextRandom = 0;
    });

    it("refuses an endpoint without traffic in the service's words", async () => {
      const empty = await createEndpoint();
      const failure = await failureOf(
        clients.prediction.predict({ endpoint: empty, instances: values([{ value: 1, tax: 1 }]) }),
      );
      assert.equal(failure.status, "FAILED_PRECONDITION");
      assert.equal(failure.message, `Endpoint ${empty} doesn't have traffic_split.`);
    });

    it("refuses an endpoint that does not exist", async () => {
      const failure = await failureOf(
        clients.prediction.predict({ endpoint: `${PARENT}/endpoints/12345`, instances: values([{ value: 1 }]) }),
      );
      assert.equal(failure.status, "NOT_FOUND");
    });

    it("passes on what the model says of a missing feature", async () => {
      const failure = await failureOf(clients.prediction.predict({ endpoint, instances: values([{ value: 1 }]) }));
      assert.equal(failure.status, "INVALID_ARGUMENT");
      assert.match(failure.message, /"tax" is missing/);
    });

    it("refuses parameters, which the model does not take, by name", async () => {
      const failure = await failureOf(
        clients.prediction.predict({
          endpoint,
          instances: values([{ value: 1, tax: 1 }]),
          parameters: helpers.toValue({ confidence: 1 }) as never,
        }),
      );
      assert.equal(failure.status, "UNIMPLEMENTED");
      assert.match(failure.message, /parameters/);
    });

    it("refuses instances that are not objects", async () => {
      const failure = await failureOf(clients.prediction.predict({ endpoint, instances: [{ numberValue: 4 }] }));
      assert.equal(failure.status, "INVALID_ARGUMENT");
      assert.match(failure.message, /instances\[0\]; Message: Must be an object/);
    });

    it("refuses more than 1.5 MB", async () => {
      const instances = values(Array.from({ length: 80_000 }, () => ({ value: 40.5, tax: 4.25 })));
      const failure = await failureOf(clients.prediction.predict({ endpoint, instances }));
      assert.equal(failure.status, "INVALID_ARGUMENT");
      assert.match(failure.message, /request payload has \d+ bytes; .* at most 1500000/);
    });
  });
}

describe("what only one transport can say", () => {
  const warehouse = new SmallWarehouse();
  let cloud: LocalCloud;
  let clients: Clients;
  let endpoint: string;
  before(async () => {
    cloud = await startLocalCloud({ operationStageMs: 0, services: [createVertexAi, warehouse.service] });
    clients = createClients(cloud, "gRPC");
    await warehouse.train("anomaly", "one");
    const [creation] = await clients.endpoints.createEndpoint({
      parent: PARENT,
      endpointId: "fraud",
      endpoint: { displayName: "e" },
    });
    endpoint = (await creation.promise())[0].name ?? "";
    const [deployment] = await clients.endpoints.deployModel({
      endpoint,
      deployedModel: { model: `${PARENT}/models/anomaly`, ...DEDICATED },
      trafficSplit: { "0": 100 },
    });
    await deployment.promise();
  });
  after(async () => {
    await clients.close();
    await cloud.stop();
  });

  it("is told, over gRPC, that plain objects need helpers.toValue", async () => {
    const failure = await failureOf(
      clients.prediction.predict({ endpoint, instances: [{ value: 1, tax: 1 } as never] }),
    );
    assert.equal(failure.status, "INVALID_ARGUMENT");
    assert.match(failure.message, /^instances\[0\]: .*helpers\.toValue\(\)/);
  });

  it("is told, over gRPC, where a number is not finite", async () => {
    const failure = await failureOf(
      clients.prediction.predict({
        endpoint,
        instances: values([
          { value: 1, tax: 1 },
          { value: Number.NaN, tax: 1 },
        ]),
      }),
    );
    assert.equal(failure.status, "INVALID_ARGUMENT");
    assert.equal(failure.message, "instances[1].value: NaN is not representable in JSON.");
  });

  it("gets raw predictions over gRPC as the model's own JSON", async () => {
    const data = Buffer.from(JSON.stringify({ instances: [{ value: 40, tax: 4 }] }));
    const [answer] = await clients.prediction.rawPredict({
      endpoint,
      httpBody: { contentType: "application/json", data },
    });
    assert.equal(answer.contentType, "application/json");
    const { predictions } = JSON.parse(Buffer.from(answer.data as Uint8Array).toString("utf8")) as {
      predictions: { nearest_centroid_id: number[] }[];
    };
    assert.deepEqual(predictions[0]?.nearest_centroid_id, [1]);
  });

  it("gets raw predictions over REST untouched, and who answered in headers", async () => {
    const response = await fetch(`${cloud.rest}/v1/${endpoint}:rawPredict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instances: [{ value: 110, tax: 10 }] }),
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("x-vertex-ai-endpoint-id"), "fraud");
    assert.match(response.headers.get("x-vertex-ai-deployed-model-id") ?? "", /^\d{19}$/);
    const { predictions } = (await response.json()) as { predictions: { nearest_centroid_id: number[] }[] };
    assert.deepEqual(predictions[0]?.nearest_centroid_id, [2]);
  });

  it("gets plain numbers over REST, as curl sends and reads them", async () => {
    const response = await fetch(`${cloud.rest}/v1/${endpoint}:predict`, {
      method: "POST",
      body: JSON.stringify({ instances: [{ value: 40, tax: 4 }] }),
    });
    const answer = (await response.json()) as { predictions: unknown[] };
    assert.deepEqual(answer.predictions, [
      { centroid_distances: [0, Math.hypot(3.5, 3)], centroid_ids: [1, 2], nearest_centroid_id: [1] },
    ]);
  });

  it("may send REST a form that is unusual, and is told there what no form may hold", async () => {
    const call = async (body: string): Promise<[number, { predictions?: unknown[]; error?: { message: string } }]> => {
      const response = await fetch(`${cloud.rest}/v1/${endpoint}:predict`, { method: "POST", body });
      return [response.status, (await response.json()) as { predictions?: unknown[]; error?: { message: string } }];
    };
    const [, usual] = await call('{"instances": [{"value": 40, "tax": 4}]}');
    // A lone value for a list of one, as Google's front end takes it.
    assert.deepEqual(await call('{"instances": {"value": 40, "tax": 4}}'), [200, usual]);
    assert.equal(usual.predictions?.length, 1);
    const [infinite] = await call('{"instances": [{"value": 1e400, "tax": 4}]}');
    assert.equal(infinite, 400);
    const [unknown, { error }] = await call('{"instances": [{"value": 40, "tax": 4}], "instance": 1}');
    assert.equal(unknown, 400);
    assert.match(error?.message ?? "", /Unknown name "instance"/);
  });
});
