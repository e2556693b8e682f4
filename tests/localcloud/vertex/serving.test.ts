import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { identityOf } from "activate/localcloud/platform/processes.js";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { type Clients, createClients, failureOf, TRANSPORTS, until } from "./clients.js";
import { TestImages } from "./images.js";
import { type ServedModel, serving } from "./serving.js";

const isRunning = (pid: number): boolean => identityOf(pid) !== undefined;

for (const transport of TRANSPORTS) {
  describe(`a model in a container, over ${transport}`, () => {
    const images = new TestImages();
    let cloud: LocalCloud;
    let clients: Clients;
    let served: ServedModel;
    const { upload, createEndpoint, deploy, predict, read } = serving(() => clients);
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 5, services: [createVertexAi], imagesFolder: images.folder });
      clients = createClients(cloud, transport);
      served = await deploy(await createEndpoint(), await upload({ NAME: "first" }, { artifactUri: "gs://models/7" }));
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
      images.remove();
    });

    it("answers what its container answers, and who it is", async () => {
      const { predictions, response } = await predict(served.endpoint, [
        { a: 1, b: 2.5 },
        { a: -1, text: "ü" },
      ]);
      assert.deepEqual(
        predictions.map(({ sum, name }) => [sum, name]),
        [
          [3.5, "first"],
          [-1, "first"],
        ],
      );
      assert.deepEqual(predictions[1]?.instance, { a: -1, text: "ü" });
      assert.equal(response.deployedModelId, served.id);
      assert.equal(response.modelVersionId, "1");
      assert.equal(response.modelDisplayName, "m");
      assert.match(response.model ?? "", /^projects\/\d{12}\/locations\/europe-west1\/models\/\d+$/);
    });

    it("finds the documented variables", async () => {
      const { predictions } = await predict(served.endpoint, [{ environment: true }]);
      const environment = predictions[0]?.environment as Record<string, string>;
      const endpointId = served.endpoint.split("/").pop() ?? "";
      const route = `/v1/endpoints/${endpointId}/deployedModels/${served.id}`;
      assert.equal(environment.AIP_HEALTH_ROUTE, route);
      assert.equal(environment.AIP_PREDICT_ROUTE, `${route}:predict`);
      assert.equal(environment.AIP_STORAGE_URI, "gs://models/7");
      assert.equal(environment.AIP_ENDPOINT_ID, endpointId);
      assert.equal(environment.AIP_DEPLOYED_MODEL_ID, served.id);
      assert.equal(environment.AIP_MODEL_NAME, endpointId);
      assert.equal(environment.AIP_VERSION_NAME, served.id);
      assert.equal(environment.AIP_MODE, "PREDICTION");
      assert.equal(environment.AIP_MODE_VERSION, "1.0.0");
      assert.equal(environment.AIP_FRAMEWORK, "CUSTOM_CONTAINER");
      assert.equal(environment.AIP_MACHINE_TYPE, "n1-standard-2");
      assert.match(environment.AIP_PROJECT_NUMBER ?? "", /^\d{12}$/);
      assert.match(environment.AIP_HTTP_PORT ?? "", /^\d+$/);
    });

    it("is given parameters, and its metadata is given back", async () => {
      const { response } = await predict(served.endpoint, [{ a: 1 }], { limit: 3 });
      const metadata = JSON.stringify(response.metadata);
      assert.match(metadata, /limit/);
    });

    it("answers an error with the container's words and its status", async () => {
      const bad = await failureOf(predict(served.endpoint, [{ a: 1 }, { fail: 400 }]));
      assert.equal(bad.status, "INVALID_ARGUMENT");
      assert.match(bad.message, /instances\[1\]: bad/);
      assert.equal((await failureOf(predict(served.endpoint, [{ fail: 500 }]))).status, "INTERNAL");
      assert.equal((await failureOf(predict(served.endpoint, [{ fail: 503 }]))).status, "UNAVAILABLE");
    });

    it("refuses no instances, a request that is too large, and an answer that is", async () => {
      const none = await failureOf(predict(served.endpoint, []));
      assert.equal(none.status, "INVALID_ARGUMENT");
      assert.match(none.message, /instances; Message: Required field is not set/);
      const large = await failureOf(
        predict(
          served.endpoint,
          Array.from({ length: 100_000 }, () => ({ amount_total: 1 })),
        ),
      );
      assert.equal(large.status, "INVALID_ARGUMENT");
      assert.match(large.message, /request payload has \d+ bytes.*at most 1500000/);
      const answer = await failureOf(predict(served.endpoint, [{ padding: 1_600_000 }]));
      assert.equal(answer.status, "INVALID_ARGUMENT");
      assert.match(answer.message, /response payload has \d+ bytes/);
    });

    it("has as many replicas as it asks for, and one more or less when that changes", async () => {
      const wide = await deploy(await createEndpoint(), await upload(), { minReplicaCount: 2, maxReplicaCount: 3 });
      const pids = async (): Promise<Set<number>> => {
        const answers = Array.from({ length: 12 }, () => predict(wide.endpoint, [{ wait: 20 }]));
        return new Set((await Promise.all(answers)).map(({ predictions }) => predictions[0]?.pid ?? 0));
      };
      const two = await pids();
      assert.equal(two.size, 2);
      const mutate = async (minReplicaCount: number) => {
        const [operation] = await clients.endpoints.mutateDeployedModel({
          endpoint: wide.endpoint,
          deployedModel: { id: wide.id, dedicatedResources: { minReplicaCount } },
          updateMask: { paths: ["dedicated_resources.min_replica_count"] },
        });
        await operation.promise();
      };
      await mutate(3);
      assert.equal((await pids()).size, 3);
      await mutate(1);
      const one = await pids();
      assert.equal(one.size, 1);
      const gone = [...two].filter((pid) => !one.has(pid));
      await until(() => gone.every((pid) => !isRunning(pid)));
    });

    it("takes its part of the traffic, and none once it is rolled back", async () => {
      const endpoint = await createEndpoint();
      const stable = await deploy(endpoint, await upload({ NAME: "stable" }));
      const canary = await deploy(endpoint, await upload({ NAME: "canary" }), {}, { [stable.id]: 70, "0": 30 });
      const names = async (): Promise<string[]> => {
        const answers = Array.from({ length: 200 }, () => predict(endpoint, [{ a: 1 }]));
        return (await Promise.all(answers)).map(({ predictions }) => predictions[0]?.name ?? "");
      };
      const share = (await names()).filter((name) => name === "canary").length / 200;
      // Five standard deviations of a binomial share of 30 %.
      assert.ok(Math.abs(share - 0.3) < 5 * Math.sqrt((0.3 * 0.7) / 200), `${share}`);
      const calls = names();
      await clients.endpoints.updateEndpoint({
        endpoint: { name: endpoint, trafficSplit: { [stable.id]: 100, [canary.id]: 0 } },
        updateMask: { paths: ["traffic_split"] },
      });
      await calls;
      assert.deepEqual([...new Set(await names())], ["stable"]);
    });

    it("is stopped when it is undeployed, after its requests have ended", async () => {
      const { endpoint, id } = await deploy(await createEndpoint(), await upload());
      const [{ pid = 0 } = {}] = (await predict(endpoint, [{ a: 1 }])).predictions;
      assert.ok(isRunning(pid));
      const late = predict(endpoint, [{ wait: 300 }]);
      await until(async () => (await predict(endpoint, [{ a: 1 }])).predictions.length === 1);
      const [operation] = await clients.endpoints.undeployModel({ endpoint, deployedModelId: id });
      await operation.promise();
      assert.equal((await late).predictions[0]?.pid, pid);
      await until(() => !isRunning(pid));
      assert.equal((await failureOf(predict(endpoint, [{ a: 1 }]))).status, "FAILED_PRECONDITION");
    });

    it("is replaced within 5 s when its process dies; the call that it had is told to try again", async () => {
      const { endpoint } = await deploy(await createEndpoint(), await upload());
      const [{ pid = 0 } = {}] = (await predict(endpoint, [{ a: 1 }])).predictions;
      const began = performance.now();
      const lost = await failureOf(predict(endpoint, [{ die: true }]));
      assert.equal(lost.status, "UNAVAILABLE");
      assert.match(lost.message, /Try again/);
      await until(async () => {
        const answer = await predict(endpoint, [{ a: 1 }]).catch(() => undefined);
        return answer !== undefined && answer.predictions[0]?.pid !== pid;
      });
      assert.ok(performance.now() - began < 5000);
    });

    const failures: readonly [title: string, environment: Record<string, string>, message: RegExp][] = [
      [
        "never becomes healthy",
        { NEVER_HEALTHY: "1" },
        /^Model server never became ready\..*Model .*: GET .* within 0\.4 s\. Its last lines:\n {2}serving \/v1/s,
      ],
      [
        "ends at once",
        { EXIT: "3" },
        /^Model server exited unexpectedly\..*ended with status 3 before it was healthy\. Its last lines:\n.*model\.json is truncated/s,
      ],
    ];
    for (const [title, environment, message] of failures) {
      it(`that ${title} fails its deployment with the log, and leaves the endpoint as it was`, async () => {
        const endpoint = await createEndpoint();
        const model = await upload(environment, {}, { deploymentTimeout: { seconds: 0, nanos: 400_000_000 } });
        await assert.rejects(deploy(endpoint, model), (error: Error & { code?: number }) => {
          assert.equal(error.code, 9);
          assert.match(error.message, message);
          return true;
        });
        const { deployedModels, trafficSplit } = await read(endpoint);
        assert.deepEqual([deployedModels, trafficSplit], [[], {}]);
      });
    }

    it("is not deployed when the deployment is cancelled, and nothing is left running", async () => {
      const endpoint = await createEndpoint();
      const [operation] = await clients.endpoints.deployModel({
        endpoint,
        deployedModel: {
          model: await upload({ NEVER_HEALTHY: "1" }),
          dedicatedResources: { machineSpec: { machineType: "n1-standard-2" }, minReplicaCount: 1 },
        },
      });
      await operation.cancel();
      await assert.rejects(operation.promise(), { code: 1 });
      assert.deepEqual((await read(endpoint)).deployedModels, []);
    });
  });
}

describe("rawPredict of a model in a container", () => {
  const images = new TestImages();
  let cloud: LocalCloud;
  let clients: Clients;
  let served: ServedModel;
  const { upload, createEndpoint, deploy } = serving(() => clients);
  before(async () => {
    cloud = await startLocalCloud({ operationStageMs: 0, services: [createVertexAi], imagesFolder: images.folder });
    clients = createClients(cloud, "gRPC");
    served = await deploy(await createEndpoint(), await upload());
  });
  after(async () => {
    await clients.close();
    await cloud.stop();
    images.remove();
  });

  it("passes body and content type through, both ways", async () => {
    const data = Buffer.from("ü,1\n");
    const [answer] = await clients.prediction.rawPredict({
      endpoint: served.endpoint,
      httpBody: { contentType: "text/csv", data },
    });
    assert.equal(answer.contentType, "text/csv; charset=utf-8");
    assert.equal(Buffer.from(answer.data as Uint8Array).toString("utf8"), "5,4");
    const response = await fetch(`${cloud.rest}/v1/${served.endpoint}:rawPredict`, {
      method: "POST",
      headers: { "content-type": "text/csv" },
      body: data,
    });
    assert.equal(response.headers.get("content-type"), "text/csv; charset=utf-8");
    assert.equal(response.headers.get("x-vertex-ai-deployed-model-id"), served.id);
    assert.equal(await response.text(), "5,4");
  });

  it("tells what the container says of a type that it does not read", async () => {
    const failure = await failureOf(
      clients.prediction.rawPredict({
        endpoint: served.endpoint,
        httpBody: { contentType: "image/png", data: Buffer.from("x") },
      }),
    );
    assert.equal(failure.status, "INVALID_ARGUMENT");
    assert.match(failure.message, /cannot read image\/png/);
  });
});

describe("a model in a container and the end of its cloud", () => {
  it("is served again by the next one, by another process", async () => {
    const images = new TestImages();
    const stateDir = mkdtempSync(join(tmpdir(), "serving-"));
    const options = { operationStageMs: 0, services: [createVertexAi], imagesFolder: images.folder, stateDir };
    let cloud = await startLocalCloud(options);
    let clients = createClients(cloud, "gRPC");
    const { upload, createEndpoint, deploy, predict } = serving(() => clients);
    const { endpoint } = await deploy(await createEndpoint(), await upload());
    const [{ pid = 0 } = {}] = (await predict(endpoint, [{ a: 1 }])).predictions;
    await clients.close();
    await cloud.stop();
    assert.equal(isRunning(pid), false);
    cloud = await startLocalCloud(options);
    clients = createClients(cloud, "gRPC");
    await until(async () => (await predict(endpoint, [{ a: 1 }]).catch(() => undefined)) !== undefined);
    assert.notEqual((await predict(endpoint, [{ a: 1 }])).predictions[0]?.pid, pid);
    await clients.close();
    await cloud.stop();
    images.remove();
    rmSync(stateDir, { recursive: true });
  });
});
