import assert from "node:assert/strict";
import {
  BatchPredictions,
  CloudStorage,
  Connections,
  configFrom,
  Endpoints,
  Jobs,
  ModelRegistry,
} from "activate/cloud";
import { endpointClient, jobClient, modelClient, predictionClient } from "activate/cloud/clients.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { PREDICTOR_IMAGE, TestImages, TRAINER_IMAGE } from "../localcloud/vertex/images.js";
import { checkVertexRequest } from "./contract.js";
import { type Call, record } from "./recording.js";

const gcp = configFrom({ ACTIVATE_TARGET: "gcp", ACTIVATE_PROJECT: "activate-local" });

/** What jobs, container models and traffic would send to Google, answered by a local cloud of the same project. */
describe("every request for a model of our own, captured with the gcp configuration", function () {
  this.timeout(60_000);
  const images = new TestImages();
  const calls: Call[] = [];
  let cloud: LocalCloud;
  let connections: Connections;

  before(async () => {
    cloud = await startLocalCloud({ project: gcp.project, operationStageMs: 5, imagesFolder: images.folder });
    const [host = "", port = ""] = cloud.grpc.split(":");
    connections = new Connections(gcp, {
      bigQuery: cloud.rest,
      vertex: { host, port: Number(port), encrypted: false },
      credentials: "none",
    });
    record("JobService", await jobClient(connections), calls);
    record("ModelService", await modelClient(connections), calls);
    record("EndpointService", await endpointClient(connections), calls);
    record("PredictionService", await predictionClient(connections), calls);

    const storage = new CloudStorage(connections);
    await storage.ensureBucket();
    const artifactUri = `gs://${gcp.bucket}/1/`;
    await storage.upload(`${artifactUri}model.json`, "{}");
    await storage.upload(`${artifactUri}rows.jsonl`, '{"a": 1}\n');

    const jobs = new Jobs(connections);
    const job = await jobs.submit({
      displayName: "train",
      image: TRAINER_IMAGE,
      command: ["node"],
      args: ["train"],
      environment: { EXTRA: "1" },
      outputFolder: `gs://${gcp.bucket}/runs/1`,
      timeoutSeconds: 600,
      labels: { study: "small" },
    });
    await jobs.list({ displayName: "train" });
    await jobs.cancel(job.name);
    await jobs.remove(job.name);

    const registry = new ModelRegistry(connections);
    const serve = {
      modelId: "own",
      image: PREDICTOR_IMAGE,
      args: ["serve"],
      description: "first",
      labels: { of: "us" },
    };
    const { model, version } = await registry.register({ ...serve, artifactUri, aliases: ["champion"] });
    await storage.upload(`gs://${gcp.bucket}/2/model.json`, "{}");
    const second = await registry.register({ ...serve, artifactUri: `gs://${gcp.bucket}/2/` });
    await registry.challenge("own", second.version);

    const endpoints = new Endpoints(connections);
    let endpoint = await endpoints.create({ displayName: "shop" });
    endpoint = await endpoints.deploy({ endpoint, model, version });
    endpoint = await endpoints.deploy({ endpoint, model, version: second.version, traffic: 0 });
    const [, fresh] = endpoint.deployedModels;
    assert.ok(fresh);
    await endpoints.canary(endpoint, fresh.id, 10);
    await endpoints.compare(endpoint, [{ a: 1 }], { calls: 4 });
    await endpoints.rollBack(endpoint);
    await endpoints.undeploy(endpoint, fresh.id);

    const batches = new BatchPredictions(connections);
    const batch = await batches.submit({
      displayName: "week",
      model: `${model}@${version}`,
      input: { files: [`${artifactUri}rows.jsonl`] },
      output: { folder: `gs://${gcp.bucket}/out` },
      fields: ["a"],
      labels: { of: "us" },
    });
    await batches.follow(batch.name);
  });
  after(async () => {
    await connections.close();
    await cloud.stop();
    images.remove();
  });

  it("keeps the protos of Vertex AI, required fields included", () => {
    const faults = calls.flatMap(({ service, method, request }) => checkVertexRequest(service, method, request));
    assert.deepEqual(faults, []);
    const used = new Set(calls.map(({ method }) => method));
    for (const method of [
      ...["createCustomJob", "getCustomJob", "listCustomJobs", "cancelCustomJob", "deleteCustomJob"],
      ...["createBatchPredictionJob", "getBatchPredictionJob"],
      ...["uploadModel", "mergeVersionAliases", "deployModel", "undeployModel", "updateEndpoint", "predict"],
    ]) {
      assert.ok(used.has(method), `${method} was not called, only ${[...used].join(", ")}`);
    }
  });

  it("names the configured project and region everywhere", () => {
    for (const { request } of calls) {
      assert.match(JSON.stringify(request), /projects\/(activate-local|\d+)\/locations\/europe-west1/);
    }
  });
});
