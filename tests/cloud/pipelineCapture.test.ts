import assert from "node:assert/strict";
import { openShop } from "activate/bench/shop.js";
import { BatchPredictions, CloudStorage, Connections, configFrom, ModelRegistry, serviceAgents } from "activate/cloud";
import {
  jobClient,
  modelClient,
  pubsubClient,
  revisionClient,
  servicesClient,
  subscriberClient,
} from "activate/cloud/clients.js";
import { TableWriter } from "activate/cloud/tableWriter.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { servicesOf } from "activate/workbook/services.js";
import { RecordedOutput } from "activate/workbook/show/output.js";
import { Show } from "activate/workbook/show/show.js";
import { build, takeBack } from "activate/workbook/steps.js";
import { PROBE_IMAGE, ProbeImages } from "../localcloud/containers/images.js";
import { checkBigQueryRequest, checkPubsubRequest, checkRunRequest, checkVertexRequest } from "./contract.js";
import { type Call, type RestCall, type RestRecorder, record, recordPubsub, recordRest } from "./recording.js";
import { checkRestRequest } from "./restContract.js";

const gcp = configFrom({
  ACTIVATE_TARGET: "gcp",
  ACTIVATE_PROJECT: "activate-local",
  ACTIVATE_IMAGE: PROBE_IMAGE,
});
const PROJECT = "projects/activate-local";

/** What challenges 04 and 08, from their building to their taking back, would send to Google. */
describe("every request for the live pipeline and for services, captured with the gcp configuration", function () {
  this.timeout(120_000);
  const images = new ProbeImages();
  const rest: RestCall[] = [];
  const pubsub: Call[] = [];
  const run: Call[] = [];
  const vertex: Call[] = [];
  let cloud: LocalCloud;
  let proxy: RestRecorder;
  let connections: Connections;
  let number: string;

  before(async () => {
    cloud = await startLocalCloud({ project: gcp.project, operationStageMs: 5, imagesFolder: images.folder });
    const shop = await openShop(cloud);
    await shop.connections.close();
    proxy = await recordRest(cloud.rest, rest);
    const [host = "", port = ""] = cloud.grpc.split(":");
    connections = new Connections(gcp, {
      bigQuery: proxy.url,
      vertex: { host, port: Number(port), encrypted: false },
      credentials: "none",
    });
    recordPubsub(await pubsubClient(connections), pubsub);
    record("Subscriber", await subscriberClient(connections), pubsub);
    record("Services", await servicesClient(connections), run);
    record("Revisions", await revisionClient(connections), run);
    record("JobService", await jobClient(connections), vertex);
    record("ModelService", await modelClient(connections), vertex);
    await walk();
  });
  after(async () => {
    await connections.close();
    proxy.close();
    await cloud.stop();
    images.remove();
  });

  async function walk(): Promise<void> {
    const show = new Show(new RecordedOutput());
    const services = servicesOf(connections, show);
    number = await services.access.projectNumber();
    await build["04"](services, show);
    // Again: what is there is read, compared and brought up to date.
    await build["04"](services, show);
    const topic = await services.pubsub.ensureTopic({ topicId: gcp.topic });
    const publisher = await services.pubsub.publisher(topic, { ordered: true });
    await publisher.publish({ data: Buffer.from("{}"), attributes: { origin: "test" } });
    await services.pubsub.ensureSubscription({
      subscriptionId: "look",
      topic,
      filter: 'attributes.a = "b"',
      ordered: true,
    });
    await publisher.publish({ data: Buffer.from("{}"), attributes: { a: "b" }, orderingKey: "key" });
    assert.equal((await services.pubsub.take("look", 10)).length, 1);
    await services.pubsub.removeSubscription("look");
    await new TableWriter(connections).append("cloud_run", [
      { insertId: "1", json: { event: "view_item", user_id: "u", message_id: "1", ecommerce: { items: [] } } },
    ]);
    await services.run.revisions(gcp.scorerService);
    await services.run.logs(gcp.scorerService);
    await services.run.list();

    const storage = new CloudStorage(connections);
    await storage.ensureBucket();
    for (const folder of ["1", "2"]) await storage.upload(`gs://${gcp.bucket}/${folder}/model.json`, "{}");
    const registry = new ModelRegistry(connections);
    const modelId = gcp.customModel;
    const { model } = await registry.register({ modelId, artifactUri: `gs://${gcp.bucket}/1/`, aliases: ["champion"] });
    await registry.register({ modelId, artifactUri: `gs://${gcp.bucket}/2/` });
    await build["08"](services, show);
    await services.run.call(gcp.predictorService, { path: "/health" });
    const batches = new BatchPredictions(connections);
    const { name } = await batches.submit({
      displayName: "week",
      model: `${model}@1`,
      input: { table: "ecommerce_sink.cloud_run" },
      output: { dataset: "ecommerce_sink" },
    });
    await batches.list();
    await batches.remove(name);
    await registry.removeVersion(modelId, "2");
    await registry.remove(modelId);
    await takeBack["08"](services, show);
    await takeBack["04"](services, show);
  }

  const sent = (calls: readonly Call[], method: string): Record<string, unknown>[] =>
    calls.filter((call) => call.method === method).map(({ request }) => request as Record<string, unknown>);
  const used = (calls: readonly Call[]): string[] => [...new Set(calls.map(({ method }) => method))].sort();

  it("keeps the protos of Pub/Sub and of IAM, required fields included", () => {
    // setMetadata of Google's client sends the settings under their mask, without the topic that the proto calls required.
    const left = "UpdateSubscriptionRequest.subscription.topic is required";
    const faults = pubsub.flatMap(({ service, method, request }) => checkPubsubRequest(service, method, request));
    assert.deepEqual(
      faults.filter((fault) => fault !== left),
      [],
    );
    assert.deepEqual(used(pubsub), [
      "acknowledge",
      "createSubscription",
      "createTopic",
      "deleteSubscription",
      "deleteTopic",
      "getIamPolicy",
      "getSubscription",
      "getTopic",
      "publish",
      "pull",
      "setIamPolicy",
      "updateSubscription",
    ]);
    assert.deepEqual(checkPubsubRequest("Publisher", "createTopic", { name: "t", label: {} }), [
      "Topic.label is unknown",
    ]);
  });

  it("pushes with a token of the push account for the scorer's address, and gives up into the dead letters", () => {
    const push = sent(pubsub, "createSubscription").find(({ name }) => String(name).endsWith(gcp.subscription));
    assert.ok(push);
    const { pushEndpoint, oidcToken } = push.pushConfig as Record<string, unknown>;
    assert.match(String(pushEndpoint), /^https?:\/\//);
    assert.deepEqual(oidcToken, {
      serviceAccountEmail: "activate-push@activate-local.iam.gserviceaccount.com",
      audience: pushEndpoint,
    });
    assert.deepEqual(push.deadLetterPolicy, {
      deadLetterTopic: `${PROJECT}/topics/${gcp.deadLetterTopic}`,
      maxDeliveryAttempts: 10,
    });
    assert.deepEqual(push.retryPolicy, { minimumBackoff: { seconds: 10 }, maximumBackoff: { seconds: 600 } });
    const kept = sent(pubsub, "createSubscription").find(({ bigqueryConfig }) => bigqueryConfig !== undefined);
    assert.deepEqual(kept?.bigqueryConfig, { table: "activate-local.ecommerce_sink.dead_letter", writeMetadata: true });
  });

  it("lets Pub/Sub's own agent dead-letter, write the table and sign pushes, and the push account invoke the scorer", () => {
    const agent = `serviceAccount:${serviceAgents(number).pubsub}`;
    const granted = sent(pubsub, "setIamPolicy").map(({ resource, policy }) => [
      resource,
      (policy as { bindings: unknown }).bindings,
    ]);
    assert.deepEqual(granted, [
      [`${PROJECT}/topics/${gcp.deadLetterTopic}`, [{ role: "roles/pubsub.publisher", members: [agent] }]],
      [`${PROJECT}/subscriptions/${gcp.subscription}`, [{ role: "roles/pubsub.subscriber", members: [agent] }]],
    ]);
    const invokers = sent(run, "setIamPolicy").map(({ policy }) => JSON.stringify(policy));
    assert.ok(invokers.some((policy) => /roles\/run\.invoker.*activate-push@activate-local/.test(policy)));
    assert.ok(invokers.every((policy) => !/allUsers|allAuthenticatedUsers/.test(policy)));
    const policies = rest.filter(({ url }) => url.endsWith(":setIamPolicy")).map(({ body }) => JSON.stringify(body));
    assert.ok(policies.some((policy) => policy.includes("roles/bigquery.dataEditor") && policy.includes(agent)));
    assert.ok(policies.some((policy) => policy.includes("serviceAccountTokenCreator") && policy.includes(agent)));
  });

  it("keeps the protos of Cloud Run, required fields included", () => {
    assert.deepEqual(
      run.flatMap(({ service, method, request }) => checkRunRequest(method, request, service)),
      [],
    );
    assert.deepEqual(used(run), [
      "createService",
      "deleteService",
      "getIamPolicy",
      "getService",
      "listRevisions",
      "listServices",
      "setIamPolicy",
    ]);
    assert.deepEqual(
      sent(run, "createService").map(({ serviceId, service }) => [
        serviceId,
        (service as { template: { serviceAccount: string } }).template.serviceAccount,
      ]),
      [
        [gcp.scorerService, "activate-scorer@activate-local.iam.gserviceaccount.com"],
        [gcp.predictorService, "activate-predictor@activate-local.iam.gserviceaccount.com"],
      ],
    );
  });

  it("keeps the protos of Vertex AI for what is listed, cancelled and deleted", () => {
    assert.deepEqual(
      vertex.flatMap(({ service, method, request }) => checkVertexRequest(service, method, request)),
      [],
    );
    for (const method of [
      ...["cancelBatchPredictionJob", "deleteBatchPredictionJob", "listBatchPredictionJobs"],
      ...["deleteModel", "deleteModelVersion"],
    ]) {
      assert.ok(used(vertex).includes(method), `${method} was not called, only ${used(vertex).join(", ")}`);
    }
  });

  it("keeps the Discovery documents of BigQuery, IAM, Resource Manager, tokens and Logging", () => {
    const apiOf = (url: string): string =>
      url.includes("/bigquery/")
        ? "bigquery"
        : url.startsWith("/v2/entries")
          ? "logging"
          : url.startsWith("/v3/")
            ? "cloudresourcemanager"
            : url.includes(":generateIdToken")
              ? "iamcredentials"
              : "iam";
    const checked = rest
      .filter(({ url }) => !/^\/(upload\/)?storage\//.test(url))
      .map(({ verb, url, body }) => {
        const api = apiOf(url);
        const check =
          api === "bigquery" ? checkBigQueryRequest(verb, url, body) : checkRestRequest(api, verb, url, body);
        return { ...check, url };
      });
    assert.deepEqual(
      checked.filter(({ faults }) => faults.length > 0),
      [],
    );
    const methods = new Set(checked.map(({ method }) => method));
    for (const method of [
      ...["bigquery.tabledata.insertAll", "bigquery.jobs.query", "bigquery.tables.delete", "logging.entries.list"],
      ...["iam.projects.serviceAccounts.create", "iam.projects.serviceAccounts.delete"],
      ...["cloudresourcemanager.projects.setIamPolicy", "iamcredentials.projects.serviceAccounts.generateIdToken"],
    ]) {
      assert.ok(methods.has(method), `${method} was not sent, only ${[...methods].join(", ")}`);
    }
  });

  it("names the configured project, and in it the configured region, everywhere", () => {
    for (const { method, request } of [...pubsub, ...run, ...vertex]) {
      assert.match(JSON.stringify(request), /projects\/(activate-local|\d+)\//, method);
    }
    for (const { request } of [...run, ...vertex]) assert.match(JSON.stringify(request), /locations\/europe-west1/);
  });
});
