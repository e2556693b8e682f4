import assert from "node:assert/strict";
import { request } from "node:http";
import type { protos } from "@google-cloud/run";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { Identity } from "activate/localcloud/platform/identity.js";
import type { ServiceContext } from "activate/localcloud/platform/service.js";
import { createRun } from "activate/localcloud/run/index.js";
import { PROBE_IMAGE, type ProbeAnswer, ProbeImages } from "../containers/images.js";
import { type Clients, createClients, fastClock, PARENT, SERVICE } from "./clients.js";

type IService = protos.google.cloud.run.v2.IService;

const PUSH = "push@activate-local.iam.gserviceaccount.com";
const CLOCK_FACTOR = 20;

describe("a Cloud Run service", function () {
  this.timeout(20_000);
  let images: ProbeImages;
  let cloud: LocalCloud;
  let clients: Clients;
  let identity: Identity;
  let containers: ServiceContext["containers"];

  before(() => {
    images = new ProbeImages();
  });
  after(() => images.remove());
  beforeEach(async () => {
    cloud = await startLocalCloud({
      services: [
        (context) => {
          ({ identity, containers } = context);
          return createRun(context);
        },
      ],
      imagesFolder: images.folder,
      operationStageMs: 0,
      clock: fastClock(CLOCK_FACTOR),
    });
    clients = createClients(cloud, "gRPC");
  });
  afterEach(async () => {
    await clients.close();
    await cloud.stop();
  });

  const template = (
    env: Record<string, string> = {},
    more: protos.google.cloud.run.v2.IRevisionTemplate = {},
  ): protos.google.cloud.run.v2.IRevisionTemplate => ({
    containers: [{ image: PROBE_IMAGE, env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
    ...more,
  });

  async function create(service: IService, isPublic = true): Promise<string> {
    const [operation] = await clients.services.createService({ parent: PARENT, serviceId: "scorer", service });
    const [created] = await operation.promise();
    if (isPublic) await allow("allUsers");
    return created.uri ?? "";
  }

  async function allow(...members: string[]): Promise<void> {
    const policy = { bindings: [{ role: "roles/run.invoker", members }] };
    await clients.services.setIamPolicy({ resource: SERVICE, policy });
  }

  async function update(service: IService, ...paths: string[]): Promise<IService> {
    const [operation] = await clients.services.updateService({
      service: { name: SERVICE, ...service },
      updateMask: { paths },
    });
    const [updated] = await operation.promise();
    return updated;
  }

  const answerOf = async (response: Response): Promise<ProbeAnswer> => (await response.json()) as ProbeAnswer;

  async function logLines(kind: string): Promise<string[]> {
    return (await containers.log(`run/europe-west1/scorer/${kind}`).tail(1000)).map(({ text }) => text);
  }

  const revisionOf = (service: IService): string => service.latestReadyRevision?.split("/").at(-1) ?? "";

  describe("runs its container", () => {
    it("with the documented environment, and passes requests on as Google's front end does", async () => {
      const uri = await create({ template: template({ MODEL: "m" }) });
      const [service] = await clients.services.getService({ name: SERVICE });
      const response = await fetch(`${uri}/a%20b?x=1`, {
        method: "POST",
        body: "hello",
        headers: { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`, "x-own": "1" },
      });
      const { env, headers, ...rest } = await answerOf(response);
      const { PATH, TMPDIR, PORT, ...variables } = env;
      assert.deepEqual(variables, {
        MODEL: "m",
        K_SERVICE: "scorer",
        K_REVISION: revisionOf(service),
        K_CONFIGURATION: "scorer",
        ACTIVATE_LOCAL_REST: cloud.rest,
        ACTIVATE_LOCAL_GRPC: cloud.grpc,
      });
      assert.ok(PATH && PORT && TMPDIR === process.env.TMPDIR);
      assert.equal(rest.url, "/a%20b?x=1");
      assert.equal(rest.method, "POST");
      assert.equal(rest.body, "hello");
      assert.equal(headers["x-own"], "1");
      assert.equal(headers.host, new URL(uri).host);
      assert.equal(headers["x-forwarded-for"], "127.0.0.1");
      assert.equal(headers["x-forwarded-proto"], "https");
      assert.match(headers.forwarded ?? "", /^for="127\.0\.0\.1";proto=https$/);
      const [, trace, span] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-01$/.exec(headers.traceparent ?? "") ?? [];
      assert.equal(trace, "a".repeat(32));
      assert.equal(headers["x-cloud-trace-context"], `${trace}/${BigInt(`0x${span}`)};o=1`);
      assert.equal(response.headers.get("x-cloud-trace-context"), trace);
    });

    it("and keeps its cookies from shared caches", async () => {
      const uri = await create({ template: template() });
      const response = await fetch(`${uri}/?cookie=1`);
      assert.equal(response.headers.get("cache-control"), "private");
    });

    it("and keeps its lines and its requests", async () => {
      const uri = await create({ template: template() });
      const revision = revisionOf((await clients.services.getService({ name: SERVICE }))[0]);
      await (await fetch(`${uri}/x?say=scored&status=500`)).text();
      assert.ok((await logLines(revision)).includes("scored"));
      const [last = ""] = (await logLines("requests")).slice(-1);
      const entry = JSON.parse(last) as { severity: string; httpRequest: Record<string, unknown> };
      assert.equal(entry.severity, "ERROR");
      assert.equal(entry.httpRequest.status, 500);
      assert.match(String(entry.httpRequest.requestUrl), /\/x\?say=scored/);
      const kept = await fetch(`${cloud.rest}/_activate/run/europe-west1/scorer/logs?lines=50`);
      const lines = ((await kept.json()) as { lines: { text: string }[] }).lines.map(({ text }) => text);
      assert.ok(lines.includes("scored"));
      assert.ok(lines.some((text) => text.includes('"status":500')));
    });

    it("and streams bodies of up to 32 MiB through, both ways", async () => {
      const uri = await create({ template: template() });
      const body = "x".repeat(5 * 1024 * 1024);
      const answer = await answerOf(await fetch(uri, { method: "POST", body }));
      assert.equal(answer.body.length, body.length);
      const response = await fetch(uri, { method: "POST", body: "x".repeat(33 * 1024 * 1024) }).catch(() => undefined);
      assert.ok(response === undefined || response.status === 413);
      assert.equal((await fetch(uri)).status, 200);
    });

    it("and answers reserved paths and foreign names itself", async () => {
      const uri = await create({ template: template() });
      for (const path of ["/healthz", "/_ah/start", "/eventlog"]) {
        const response = await fetch(`${uri}${path}`);
        assert.equal(response.status, 404, path);
        assert.match(await response.text(), /Error 404 \(Not Found\)!!1/);
      }
      assert.equal(await statusWithHost(uri, "evil.example"), 404);
    });
  });

  describe("is private", () => {
    it("to who brings nothing: 403 in HTML", async () => {
      const uri = await create({ template: template() }, false);
      const response = await fetch(`${uri}/predict`);
      assert.equal(response.status, 403);
      assert.equal(response.headers.get("content-type"), "text/html; charset=UTF-8");
      const body = await response.text();
      assert.match(body, /<h1>Error: Forbidden<\/h1>/);
      assert.match(body, /get URL <code>\/predict<\/code> from this server\./);
    });

    it("to a token that is forged, for somebody else, or has no role; open to one that has it", async () => {
      const uri = await create({ template: template() }, false);
      const call = (token: string): Promise<Response> =>
        fetch(`${uri}/predict`, { headers: { authorization: `Bearer ${token}` } });
      const forged = await call("a.b.c");
      assert.equal(forged.status, 401);
      assert.match(forged.headers.get("www-authenticate") ?? "", /error="invalid_token"/);
      assert.match(await forged.text(), /permission to the requested URL <code>\/predict<\/code>\./);
      const elsewhere = await call(await identity.issue({ audience: "https://other.example", email: PUSH }));
      assert.equal(elsewhere.status, 401);
      const token = await identity.issue({ audience: uri, email: PUSH });
      assert.equal((await call(token)).status, 403);
      await allow(`serviceAccount:${PUSH}`);
      const allowed = await call(token);
      assert.equal(allowed.status, 200);
      const seen = (await answerOf(allowed)).headers.authorization ?? "";
      assert.equal(seen, `Bearer ${token.split(".").slice(0, 2).join(".")}.SIGNATURE_REMOVED_BY_GOOGLE`);
      const other = await identity.issue({ audience: uri, email: "other@activate-local.iam.gserviceaccount.com" });
      assert.equal((await call(other)).status, 403);
    });

    it("reads X-Serverless-Authorization first, and takes custom audiences", async () => {
      const uri = await create({ template: template(), customAudiences: ["scorer"] }, false);
      await allow(`serviceAccount:${PUSH}`);
      const token = await identity.issue({ audience: "scorer", email: PUSH });
      const response = await fetch(uri, {
        headers: { "x-serverless-authorization": `Bearer ${token}`, authorization: "Bearer own" },
      });
      assert.equal(response.status, 200);
      assert.equal((await answerOf(response)).headers.authorization, "Bearer own");
    });

    it("to an expired token", async () => {
      const uri = await create({ template: template() }, false);
      await allow(`serviceAccount:${PUSH}`);
      const past = new Identity(
        { get: () => undefined, list: () => [], write: async () => undefined, close: async () => undefined } as never,
        { now: () => 0, sleep: async () => undefined },
      );
      const token = await past.issue({ audience: uri, email: PUSH });
      assert.equal((await fetch(uri, { headers: { authorization: `Bearer ${token}` } })).status, 401);
    });
  });

  describe("scales", () => {
    it("to one request an instance when that is asked for, and turns away what finds no room: 429", async () => {
      const one = { scaling: { maxInstanceCount: 1 }, maxInstanceRequestConcurrency: 1 };
      const uri = await create({ template: template({}, one) });
      const hanging = new AbortController();
      const first = fetch(`${uri}/hang`, { signal: hanging.signal }).catch(() => undefined);
      const second = await fetch(uri);
      assert.equal(second.status, 429);
      assert.equal(await second.text(), "Rate exceeded.");
      assert.match((await logLines("requests")).at(-1) ?? "", /aborted because there was no available instance/);
      hanging.abort();
      await first;
      assert.equal((await fetch(uri)).status, 200);
    });

    it("up with its requests, each instance within its concurrency", async () => {
      const three = { scaling: { maxInstanceCount: 3 }, maxInstanceRequestConcurrency: 2 };
      const uri = await create({ template: template({}, three) });
      const hanging = new AbortController();
      const hangs = Array.from({ length: 4 }, () =>
        fetch(`${uri}/hang`, { signal: hanging.signal }).catch(() => undefined),
      );
      const answer = await answerOf(await fetch(uri));
      assert.ok(answer.active <= 2, `${answer.active} at once`);
      assert.equal((await serving()).instances, 3);
      hanging.abort();
      await Promise.all(hangs);
    });

    it("to zero after fifteen idle minutes, and up again with the next request", async () => {
      const uri = await create({ template: template() });
      const { pid } = await answerOf(await fetch(uri));
      await fetch(`${cloud.rest}/_activate/run/europe-west1/scorer/idle`, { method: "POST" });
      await until(async () => (await serving()).instances === 0);
      const next = await answerOf(await fetch(uri));
      assert.notEqual(next.pid, pid);
    });

    it("never below its minimum: one that crashes is replaced", async () => {
      const uri = await create({ template: template({}, { scaling: { minInstanceCount: 1 } }) });
      await until(async () => (await serving()).instances === 1);
      const { pid } = await answerOf(await fetch(uri));
      await fetch(`${cloud.rest}/_activate/run/europe-west1/scorer/idle`, { method: "POST" });
      assert.equal((await answerOf(await fetch(uri))).pid, pid);
      const crashed = await fetch(`${uri}/crash`);
      assert.equal(crashed.status, 503);
      await until(async () => (await serving()).instances === 1);
      assert.notEqual((await answerOf(await fetch(uri))).pid, pid);
      const revision = revisionOf((await clients.services.getService({ name: SERVICE }))[0]);
      assert.ok((await logLines(revision)).includes("Container terminated on exit(3)."));
    });

    it("and answers 503 for an instance that drops the connection, 504 for one that takes too long", async () => {
      const uri = await create({ template: template({}, { timeout: { seconds: 10 } }) });
      const dropped = await fetch(`${uri}/drop`);
      assert.equal(dropped.status, 503);
      const late = await fetch(`${uri}/hang`);
      assert.equal(late.status, 504);
      assert.equal(await late.text(), "upstream request timeout");
      assert.match((await logLines("requests")).at(-1) ?? "", /reached the maximum request timeout/);
    });

    it("and ends its instances by SIGTERM when it is deleted", async () => {
      const uri = await create({ template: template() });
      const revision = revisionOf((await clients.services.getService({ name: SERVICE }))[0]);
      await fetch(uri);
      const [operation] = await clients.services.deleteService({ name: SERVICE });
      await operation.promise();
      await until(async () => (await logLines(revision)).includes("SIGTERM"));
      await assert.rejects(fetch(uri));
    });
  });

  describe("splits its traffic", () => {
    it("by percent, by tag, and back", async () => {
      const uri = await create({ template: template({ VERSION: "1" }, { revision: "scorer-one" }) });
      const REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION" as const;
      await update({ traffic: [{ type: REVISION, revision: "scorer-one", percent: 100 }] }, "traffic");
      const second = await update({ template: template({ VERSION: "2" }, { revision: "scorer-two" }) }, "template");
      const version = async (url: string): Promise<string> => (await answerOf(await fetch(url))).env.VERSION ?? "";
      assert.equal(second.latestReadyRevision, `${SERVICE}/revisions/scorer-two`);
      assert.equal(await version(uri), "1");
      const canary = await update(
        {
          traffic: [
            { type: REVISION, revision: "scorer-one", percent: 80 },
            { type: REVISION, revision: "scorer-two", percent: 20, tag: "canary" },
          ],
        },
        "traffic",
      );
      const tagUri = canary.trafficStatuses?.find(({ tag }) => tag === "canary")?.uri ?? "";
      assert.notEqual(tagUri, uri);
      assert.equal(await version(tagUri), "2");
      let ofSecond = 0;
      for (let sent = 0; sent < 300; sent++) if ((await version(uri)) === "2") ofSecond++;
      // Binomial with p = 0.2: five standard deviations are 35 of 300.
      assert.ok(ofSecond > 25 && ofSecond < 95, `${ofSecond} of 300`);
      await update({ traffic: [{ type: REVISION, revision: "scorer-one", percent: 100 }] }, "traffic");
      assert.equal(await version(uri), "1");
      await assert.rejects(fetch(tagUri));
    });
  });

  async function serving(): Promise<{ instances: number }> {
    const response = await fetch(`${cloud.rest}/_activate/run/europe-west1/scorer`);
    const { revisions } = (await response.json()) as { revisions: Record<string, { instances: number }> };
    return { instances: Object.values(revisions).reduce((sum, { instances }) => sum + instances, 0) };
  }
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 10));
}

/** `fetch` does not let one choose the Host header. */
function statusWithHost(uri: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(uri, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}
