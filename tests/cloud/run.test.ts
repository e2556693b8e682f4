import assert from "node:assert/strict";
import {
  AccessManagement,
  ActivateError,
  addressOf,
  CloudRun,
  Connections,
  configFrom,
  type RunDeployment,
} from "activate/cloud";
import { servicesClient } from "activate/cloud/clients.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createIam } from "activate/localcloud/iam/index.js";
import { createLogging } from "activate/localcloud/logging/index.js";
import { createRun } from "activate/localcloud/run/index.js";
import { PROBE_IMAGE, type ProbeAnswer, ProbeImages } from "../localcloud/containers/images.js";
import { checkRunRequest } from "./contract.js";

describe("Cloud Run for the workbook", function () {
  this.timeout(20_000);
  let images: ProbeImages;
  let cloud: LocalCloud;
  let connections: Connections;
  let run: CloudRun;
  let access: AccessManagement;

  before(() => {
    images = new ProbeImages();
  });
  after(() => images.remove());
  beforeEach(async () => {
    cloud = await startLocalCloud({
      services: [createIam, createRun, createLogging],
      imagesFolder: images.folder,
      operationStageMs: 5,
    });
    const environment = { ACTIVATE_LOCAL_REST: cloud.rest, ACTIVATE_LOCAL_GRPC: cloud.grpc };
    const config = configFrom({ ACTIVATE_IMAGE: PROBE_IMAGE });
    connections = new Connections(config, addressOf(config, environment));
    run = new CloudRun(connections);
    access = new AccessManagement(connections);
  });
  afterEach(async () => {
    await connections.close();
    await cloud.stop();
  });

  const deployment: RunDeployment = { service: "scorer", program: "scorer", environment: { MODE: "1" } };

  async function revisionAnswering(url: string): Promise<string> {
    await run.allowCalls("scorer");
    const { body } = await run.call({ ...(await found()), url });
    return (body as unknown as ProbeAnswer).env.K_REVISION ?? "";
  }

  async function found() {
    const service = await run.find("scorer");
    assert.ok(service);
    return service;
  }

  it("deploys a program of the image with the workbook's settings, and finds it again", async () => {
    assert.equal(await run.find("scorer"), undefined);
    const made = await run.deploy({ ...deployment, labels: { challenge: "04" }, concurrency: 40, maxInstances: 3 });
    assert.equal(made.created, true);
    assert.equal(made.ready, true);
    assert.equal(made.concurrency, 40);
    assert.equal(made.maxInstances, 3);
    assert.equal(made.environment.ACTIVATE_PROJECT, "activate-local");
    assert.equal(made.environment.MODE, "1");
    assert.deepEqual(made.traffic, [{ revision: made.revision, percent: 100 }]);
    const { created, ...same } = made;
    assert.deepEqual(await run.find("scorer"), same);
    assert.deepEqual(
      (await run.list()).map(({ id }) => id),
      ["scorer"],
    );
  });

  it("makes no new revision of the same again, and one of a change", async () => {
    const first = await run.deploy(deployment);
    const again = await run.deploy(deployment);
    assert.equal(again.created, false);
    assert.equal(again.revision, first.revision);
    const changed = await run.deploy({ ...deployment, environment: { MODE: "2" } });
    assert.notEqual(changed.revision, first.revision);
    assert.deepEqual(await run.revisions("scorer"), [changed.revision, first.revision]);
  });

  it("says why a container does not start, and deploys the same anew", async () => {
    const broken = { ...deployment, environment: { PROBE_EXIT: "1", PROBE_SAY: "no predictor is named" } };
    const failure = await run.deploy(broken).catch((thrown: unknown) => thrown);
    assert.ok(failure instanceof ActivateError);
    assert.match(failure.message, /^Create service scorer: Revision 'scorer-00001-\w+' is not ready/);
    assert.match(failure.message, / Its last lines:\n.* {2}no predictor is named/s);
    assert.equal((await found()).ready, false);
    await assert.rejects(run.deploy(broken), /Update service scorer: Revision 'scorer-00002-\w+' is not ready/);
    assert.equal((await run.deploy(deployment)).ready, true);
  });

  it("calls a private service with an identity token once that is allowed", async () => {
    const service = await run.deploy(deployment);
    assert.equal((await fetch(service.url)).status, 403);
    await run.allowCalls("scorer");
    const { status, body } = await run.call("scorer", { path: "/predict?x=1", body: { instances: [] } });
    assert.equal(status, 200);
    const seen = body as unknown as ProbeAnswer;
    assert.equal(seen.url, "/predict?x=1");
    assert.equal(seen.body, '{"instances":[]}');
    assert.match(seen.headers.authorization ?? "", /^Bearer .+\.SIGNATURE_REMOVED_BY_GOOGLE$/);
    assert.deepEqual(seen.arguments, ["scorer"]);
    assert.equal((await run.call(service, { path: "/?status=404" })).status, 404);
  });

  it("tries a call again that found nobody, and says so when that does not help", async () => {
    await run.deploy(deployment);
    await run.allowCalls("scorer");
    await assert.rejects(run.call("scorer", { path: "/?status=503", timeoutMs: 500 }), /Call service scorer: HTTP 503/);
    await assert.rejects(run.call("nobody"), /There is no Cloud Run service nobody: deploy it first\./);
  });

  it("never opens a service to everybody, and closes one that is open", async () => {
    await run.deploy(deployment);
    await assert.rejects(run.grantInvoker("scorer", "allUsers"), /would open service scorer to everybody/);
    const bindings = [{ role: "roles/run.invoker", members: ["allUsers"] }];
    const resource = (await found()).name;
    await (await servicesClient(connections)).setIamPolicy({ resource, policy: { bindings } });
    assert.equal((await fetch((await found()).url)).status, 200);
    await run.grantInvoker("scorer", "serviceAccount:a@b.iam.gserviceaccount.com");
    await run.grantInvoker("scorer", "serviceAccount:c@d.iam.gserviceaccount.com");
    const client = await servicesClient(connections);
    const [policy] = await client.getIamPolicy({ resource: (await found()).name });
    assert.deepEqual(policy.bindings?.[0]?.members, [
      "serviceAccount:a@b.iam.gserviceaccount.com",
      "serviceAccount:c@d.iam.gserviceaccount.com",
    ]);
    assert.equal((await fetch((await found()).url)).status, 403);
  });

  it("brings a candidate beside what serves, gives it a share, and rolls back", async () => {
    const first = await run.deploy(deployment);
    const second = await run.deploy({ ...deployment, environment: { MODE: "2" }, traffic: "keep" });
    const candidate = second.traffic.find(({ tag }) => tag === "candidate");
    assert.ok(candidate?.url);
    assert.equal(await revisionAnswering(candidate.url), second.revision);
    assert.equal(await revisionAnswering(second.url), first.revision);
    const shares = await run.setTraffic("scorer", { [first.revision]: 90, [second.revision]: 10 });
    assert.deepEqual(
      shares.traffic.filter(({ percent }) => percent > 0).map(({ revision, percent }) => [revision, percent]),
      [
        [first.revision, 90],
        [second.revision, 10],
      ],
    );
    await run.setTraffic("scorer", { [second.revision]: 100 });
    assert.equal(await revisionAnswering(second.url), second.revision);
    await run.setTraffic("scorer", { [first.revision]: 100 });
    assert.equal(await revisionAnswering(second.url), first.revision);
    await assert.rejects(run.setTraffic("scorer", { [first.revision]: 50 }), /must sum to 100/);
    await run.setTraffic("scorer", "latest");
    assert.equal(await revisionAnswering(second.url), second.revision);
  });

  it("shows what containers, the platform and requests have logged, of one service and since a time", async () => {
    await run.deploy(deployment);
    await run.allowCalls("scorer");
    await run.call("scorer", { path: "/?say=scored" });
    const lines = await run.logs("scorer");
    assert.ok(lines.some(({ text }) => text === "scored"));
    assert.ok(lines.some(({ text }) => text.startsWith("Starting new instance. Reason: DEPLOYMENT_ROLLOUT")));
    assert.ok(lines.some(({ fields }) => "httpRequest" in fields || JSON.stringify(fields).includes("/?say=scored")));
    assert.deepEqual(await run.logs("another"), []);
    assert.deepEqual(await run.logs("scorer", (lines.at(-1)?.at ?? 0) + 60_000), []);
  });

  it("sends what Cloud Run's protos have, required fields included", async () => {
    const calls: { method: string; request: unknown }[] = [];
    const client = await servicesClient(connections);
    for (const method of ["createService", "updateService", "getIamPolicy", "setIamPolicy", "deleteService"] as const) {
      const send = (Reflect.get(client, method) as (...given: unknown[]) => unknown).bind(client);
      Reflect.set(client, method, (request: unknown, ...rest: unknown[]) => {
        calls.push({ method, request });
        return send(request, ...rest);
      });
    }
    const account = await access.ensureAccount("scorer");
    await run.deploy({ ...deployment, labels: { a: "b" }, ingress: "internal", serviceAccount: account });
    await run.deploy({ ...deployment, environment: { MODE: "2" }, traffic: "keep" });
    await run.setTraffic("scorer", "latest");
    await run.allowCalls("scorer");
    await run.remove("scorer");
    assert.deepEqual([...new Set(calls.map(({ method }) => method))].sort(), [
      "createService",
      "deleteService",
      "getIamPolicy",
      "setIamPolicy",
      "updateService",
    ]);
    assert.deepEqual(
      calls.flatMap(({ method, request }) => checkRunRequest(method, request)),
      [],
    );
    assert.notDeepEqual(checkRunRequest("createService", { parent: "p", serviceId: "s", service: { image: "i" } }), []);
  });

  it("removes a service; one that is gone is no error", async () => {
    await run.deploy(deployment);
    await run.remove("scorer");
    assert.equal(await run.find("scorer"), undefined);
    await run.remove("scorer");
  });

  it("makes accounts once, with their roles in the project, and Pub/Sub's agent allowed to sign pushes", async () => {
    const email = await access.ensureAccount("scorer");
    assert.equal(email, "activate-scorer@activate-local.iam.gserviceaccount.com");
    await access.ensureAccount("scorer");
    const push = await access.ensurePushAccount();
    const policies = async (path: string) => {
      const response = await fetch(`${cloud.rest}${path}:getIamPolicy`, { method: "POST" });
      return (await response.json()) as { bindings: { role: string; members: string[] }[] };
    };
    const { bindings } = await policies("/v3/projects/activate-local");
    assert.deepEqual(
      bindings.map(({ role, members }) => [role, members]),
      ["aiplatform.user", "bigquery.dataEditor", "bigquery.jobUser", "pubsub.publisher"].map((role) => [
        `roles/${role}`,
        [`serviceAccount:${email}`],
      ]),
    );
    const number = await access.projectNumber();
    assert.match(number, /^\d{12}$/);
    const ofPush = await policies(`/v1/projects/activate-local/serviceAccounts/${push}`);
    assert.deepEqual(ofPush.bindings, [
      {
        role: "roles/iam.serviceAccountTokenCreator",
        members: [`serviceAccount:service-${number}@gcp-sa-pubsub.iam.gserviceaccount.com`],
      },
    ]);
    await access.removeAccount("push");
    await access.removeAccount("push");
    await assert.rejects(access.identityToken(push, "x"), /Unknown service account/);
  });
});
