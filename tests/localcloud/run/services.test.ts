import assert from "node:assert/strict";
import type { protos } from "@google-cloud/run";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createRun } from "activate/localcloud/run/index.js";
import { PROBE_IMAGE, ProbeImages } from "../containers/images.js";
import { type Clients, createClients, failureOf, PARENT, SERVICE, TRANSPORTS } from "./clients.js";

type IService = protos.google.cloud.run.v2.IService;

for (const transport of TRANSPORTS) {
  describe(`Cloud Run's Admin API over ${transport}`, function () {
    this.timeout(20_000);
    let images: ProbeImages;
    let cloud: LocalCloud;
    let clients: Clients;

    before(() => {
      images = new ProbeImages();
    });
    after(() => images.remove());
    beforeEach(async () => {
      cloud = await startLocalCloud({ services: [createRun], imagesFolder: images.folder, operationStageMs: 5 });
      clients = createClients(cloud, transport);
    });
    afterEach(async () => {
      await clients.close();
      await cloud.stop();
    });

    const service = (env: Record<string, string> = {}, more: IService = {}): IService => ({
      ...more,
      template: {
        containers: [{ image: PROBE_IMAGE, env: Object.entries(env).map(([name, value]) => ({ name, value })) }],
        ...more.template,
      },
    });

    async function create(given: IService = service(), serviceId = "scorer"): Promise<IService> {
      const [operation] = await clients.services.createService({ parent: PARENT, serviceId, service: given });
      const [created] = await operation.promise();
      return created;
    }

    async function update(changed: IService, paths?: string[]): Promise<IService> {
      const [operation] = await clients.services.updateService({
        service: { name: SERVICE, ...changed },
        ...(paths ? { updateMask: { paths } } : {}),
      });
      const [updated] = await operation.promise();
      return updated;
    }

    it("makes a service with its defaults, its revision and its address", async () => {
      const [operation] = await clients.services.createService({
        parent: PARENT,
        serviceId: "scorer",
        service: service({ MODEL: "m" }, { labels: { team: "shop" } }),
      });
      assert.match(
        operation.name ?? "",
        /^projects\/activate-local\/locations\/europe-west1\/operations\/[0-9a-f-]{36}$/,
      );
      const metadata = operation.metadata as IService;
      assert.equal(metadata.name, SERVICE);
      assert.equal(metadata.reconciling, true);
      await operation.promise();
      const [created] = await clients.services.getService({ name: SERVICE });
      assert.equal(created.name, SERVICE);
      assert.equal(String(created.generation), "1");
      assert.equal(String(created.observedGeneration), "1");
      assert.deepEqual(created.labels, { team: "shop" });
      assert.equal(created.ingress, "INGRESS_TRAFFIC_ALL");
      assert.match(created.uri ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
      assert.deepEqual(created.urls, [created.uri]);
      assert.match(created.etag ?? "", /^".+\/.+"$/);
      assert.match(created.latestReadyRevision ?? "", new RegExp(`^${SERVICE}/revisions/scorer-00001-[a-z0-9]{3}$`));
      assert.equal(created.latestCreatedRevision, created.latestReadyRevision);
      assert.equal(created.terminalCondition?.type, "Ready");
      assert.equal(created.terminalCondition?.state, "CONDITION_SUCCEEDED");
      assert.deepEqual(
        created.conditions?.map(({ type, state }) => `${type} ${state}`),
        ["RoutesReady CONDITION_SUCCEEDED", "ConfigurationsReady CONDITION_SUCCEEDED"],
      );
      assert.equal(created.trafficStatuses?.[0]?.percent, 100);
      const { template } = created;
      assert.equal(template?.maxInstanceRequestConcurrency, 80);
      assert.equal(template?.scaling?.maxInstanceCount, 100);
      assert.equal(String(template?.timeout?.seconds), "300");
      assert.match(template?.serviceAccount ?? "", /^\d{12}-compute@developer\.gserviceaccount\.com$/);
      const [container] = template?.containers ?? [];
      assert.deepEqual(container?.ports?.[0], { name: "http1", containerPort: 8080 });
      assert.deepEqual(container?.resources, {
        limits: { cpu: "1", memory: "512Mi" },
        cpuIdle: true,
        startupCpuBoost: true,
      });
      assert.equal(container?.startupProbe?.tcpSocket?.port, 8080);
    });

    it("lists services newest first, by pages, and the revisions of each", async () => {
      for (const id of ["a", "b", "c"]) await create(service(), id);
      const names: string[] = [];
      for await (const one of clients.services.listServicesAsync({ parent: PARENT, pageSize: 2 })) {
        names.push(one.name?.split("/").at(-1) ?? "");
      }
      assert.deepEqual(names, ["c", "b", "a"]);
      const [revisions] = await clients.revisions.listRevisions({ parent: `${PARENT}/services/a` });
      assert.equal(revisions.length, 1);
      assert.equal(revisions[0]?.service, "a");
      const [elsewhere] = await clients.services.listServices({
        parent: PARENT.replace("europe-west1", "us-central1"),
      });
      assert.deepEqual(elsewhere, []);
    });

    it("refuses a name that is taken, one that is none, and the location '-'", async () => {
      await create();
      assert.deepEqual(await failureMessage(create()), ["ALREADY_EXISTS", "Resource 'scorer' already exists."]);
      for (const bad of ["Scorer", "1scorer", "scorer-", "a".repeat(50), "scorer_1"]) {
        const [status, message] = await failureMessage(create(service(), bad));
        assert.equal(status, "INVALID_ARGUMENT", bad);
        assert.match(message, /^Violation in CreateServiceRequest\.service_id: Resource name must use only lowercase/);
      }
      const everywhere = clients.services.listServices({ parent: PARENT.replace("europe-west1", "-") });
      assert.equal((await failureOf(everywhere)).status, "PERMISSION_DENIED");
    });

    it("answers a service that is not there in Cloud Run's words", async () => {
      const message =
        "Resource 'scorer' of kind 'SERVICE' in region 'europe-west1' in project 'activate-local' does not exist.";
      assert.deepEqual(await failureMessage(clients.services.getService({ name: SERVICE })), ["NOT_FOUND", message]);
      assert.deepEqual(await failureMessage(clients.services.deleteService({ name: SERVICE })), ["NOT_FOUND", message]);
      assert.deepEqual(await failureMessage(update(service())), ["NOT_FOUND", message]);
    });

    const cases: readonly (readonly [what: string, given: () => IService, expected: RegExp])[] = [
      ["no template", () => ({ labels: {} }), /template/],
      ["no container", () => ({ template: { containers: [] } }), /template\.containers: should contain at least one/],
      [
        "two ports",
        () => ({
          template: { containers: [{ image: PROBE_IMAGE, ports: [{ containerPort: 1 }, { containerPort: 2 }] }] },
        }),
        /containers\[0\]\.ports: ports should contain 0 or 1 port\./,
      ],
      [
        "PORT in the environment",
        () => service({ PORT: "1" }),
        /The following reserved env names were provided: PORT\./,
      ],
      [
        "a time limit of two hours",
        () => service({}, { template: { timeout: { seconds: 7200 }, containers: [{ image: PROBE_IMAGE }] } }),
        /template\.timeout: maximum allowed time is one hour\./,
      ],
      [
        "concurrency 1001",
        () => service({}, { template: { maxInstanceRequestConcurrency: 1001, containers: [{ image: PROBE_IMAGE }] } }),
        /max_instance_request_concurrency: must be between 1 and 1000/,
      ],
      [
        "more instances at least than at most",
        () =>
          service(
            {},
            {
              template: { scaling: { minInstanceCount: 3, maxInstanceCount: 2 }, containers: [{ image: PROBE_IMAGE }] },
            },
          ),
        /must be less than or equal to max_instance_count/,
      ],
      [
        "traffic that adds up to 90",
        () => service({}, { traffic: [{ type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST", percent: 90 }] }),
        /service\.traffic: traffic percentages must sum to 100; they sum to 90\./,
      ],
      [
        "traffic to a revision that is not there",
        () =>
          service(
            {},
            {
              traffic: [
                { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: "scorer-00009-abc", percent: 100 },
              ],
            },
          ),
        /traffic\[0\]\.revision: Revision 'scorer-00009-abc' does not exist\./,
      ],
      [
        "a label of the system's",
        () => service({}, { labels: { "run.googleapis.com/x": "y" } }),
        /"run\.googleapis\.com\/x" is a system label and cannot be set\./,
      ],
      [
        "an image that is no path",
        () => ({ template: { containers: [{ image: "not an image" }] } }),
        /containers\[0\]\.image: must be a container image path/,
      ],
    ];
    for (const [what, given, expected] of cases) {
      it(`refuses ${what}, and nothing is made`, async () => {
        const [status, message] = await failureMessage(create(given()));
        assert.equal(status, "INVALID_ARGUMENT");
        assert.match(message, expected);
        assert.equal((await clients.services.listServices({ parent: PARENT }))[0].length, 0);
      });
    }

    it("refuses by name what it does not honour", async () => {
      const given = service({}, { template: { containers: [{ image: PROBE_IMAGE }], vpcAccess: { connector: "c" } } });
      assert.deepEqual(await failureMessage(create(given)), [
        "UNIMPLEMENTED",
        "The local cloud does not honour service.template.vpc_access. Leave it out, or run this step on Google Cloud.",
      ]);
    });

    it("refuses jobs by the method's name", async () => {
      const job = { template: { template: { containers: [{ image: PROBE_IMAGE }] } } };
      const [status, message] = await failureMessage(clients.jobs.createJob({ parent: PARENT, jobId: "j", job }));
      assert.equal(status, "UNIMPLEMENTED");
      if (transport === "REST") assert.equal(message, "The local cloud does not implement Jobs.CreateJob.");
    });

    it("checks without making anything when asked to", async () => {
      const [operation] = await clients.services.createService({
        parent: PARENT,
        serviceId: "scorer",
        service: service(),
        validateOnly: true,
      });
      const [checked] = await operation.promise();
      assert.equal(checked.template?.maxInstanceRequestConcurrency, 80);
      assert.equal((await failureOf(clients.services.getService({ name: SERVICE }))).status, "NOT_FOUND");
    });

    it("makes a revision of a change in the template, and none of another", async () => {
      const first = await create();
      const relabelled = await update({ labels: { a: "b" } }, ["labels"]);
      assert.equal(relabelled.latestCreatedRevision, first.latestCreatedRevision);
      assert.equal(String(relabelled.generation), "2");
      const second = await update(service({ A: "1" }), ["template"]);
      assert.match(second.latestReadyRevision ?? "", /scorer-00002-/);
      assert.deepEqual(second.labels, { a: "b" });
      const third = await update({ template: { maxInstanceRequestConcurrency: 5 } }, [
        "template.max_instance_request_concurrency",
      ]);
      assert.equal(third.template?.maxInstanceRequestConcurrency, 5);
      assert.equal(third.template?.containers?.[0]?.env?.[0]?.value, "1");
      const [revisions] = await clients.revisions.listRevisions({ parent: SERVICE });
      assert.equal(revisions.length, 3);
      const [old] = await clients.revisions.getRevision({ name: first.latestReadyRevision ?? "" });
      assert.deepEqual(old.containers?.[0]?.env, []);
      assert.equal(old.conditions?.find(({ type }) => type === "Active")?.revisionReason, "RETIRED");
    });

    it("keeps names of revisions to one template each", async () => {
      await create(service({}, { template: { revision: "scorer-one", containers: [{ image: PROBE_IMAGE }] } }));
      const again = service(
        {},
        { template: { revision: "scorer-one", containers: [{ image: PROBE_IMAGE, args: ["x"] }] } },
      );
      assert.deepEqual(await failureMessage(update(again, ["template"])), [
        "ALREADY_EXISTS",
        "Revision named 'scorer-one' with different configuration already exists.",
      ]);
      const named = await update(
        service({}, { template: { revision: "scorer-two", containers: [{ image: PROBE_IMAGE, args: ["x"] }] } }),
        ["template"],
      );
      assert.equal(named.latestReadyRevision, `${SERVICE}/revisions/scorer-two`);
    });

    it("turns away who has read an older state", async () => {
      const { etag } = await create();
      await update({ labels: { a: "b" } }, ["labels"]);
      assert.equal((await failureOf(update({ etag: etag ?? "", labels: {} }, ["labels"]))).status, "ABORTED");
      const stale = clients.services.deleteService({ name: SERVICE, etag: etag ?? "" });
      assert.equal((await failureOf(stale)).status, "ABORTED");
    });

    it("makes what is missing when an update may", async () => {
      const [operation] = await clients.services.updateService({
        service: { name: SERVICE, ...service() },
        allowMissing: true,
      });
      const [made] = await operation.promise();
      assert.equal(made.name, SERVICE);
    });

    it("ends the operation with Cloud Run's words when the container does not start; the service is there all the same", async () => {
      const [status, message] = await failureMessage(create(service({ PROBE_EXIT: "1", PROBE_SAY: "no database" })));
      assert.equal(status, "FAILED_PRECONDITION");
      assert.match(
        message,
        /^Revision 'scorer-00001-\w{3}' is not ready and cannot serve traffic\. The user-provided container failed to start and listen on the port defined provided by the PORT=\d+ environment variable within the allocated timeout\./,
      );
      const [failed] = await clients.services.getService({ name: SERVICE });
      assert.equal(failed.terminalCondition?.state, "CONDITION_FAILED");
      assert.equal(failed.terminalCondition?.message, message);
      assert.equal(failed.terminalCondition?.revisionReason, "HEALTH_CHECK_CONTAINER_ERROR");
      assert.equal(failed.latestReadyRevision, "");
      assert.equal((await failureOf(create())).status, "ALREADY_EXISTS");
      await update(service(), ["template"]);
      const [mended] = await clients.services.getService({ name: SERVICE });
      assert.equal(mended.terminalCondition?.state, "CONDITION_SUCCEEDED");
    });

    it("says of an image that the local cloud does not have why, and what to do", async () => {
      const given = { template: { containers: [{ image: "gcr.io/cloudrun/hello" }] } };
      const [status, message] = await failureMessage(create(given));
      assert.equal(status, "FAILED_PRECONDITION");
      assert.match(message, /Image 'gcr\.io\/cloudrun\/hello' not found\. The local cloud has no container engine/);
      const [failed] = await clients.services.getService({ name: SERVICE });
      assert.equal(failed.terminalCondition?.reason, "CONTAINER_MISSING");
    });

    it("fails a container that starts and never listens by its startup probe", async () => {
      const startupProbe = { periodSeconds: 1, failureThreshold: 1, httpGet: { path: "/" } };
      const containers = [{ image: PROBE_IMAGE, env: [{ name: "PROBE_SILENT", value: "1" }], startupProbe }];
      const [, message] = await failureMessage(create({ template: { containers } }));
      assert.match(message, /The user-provided container failed the configured startup probe checks\./);
    });

    it("keeps what served when a new revision fails", async () => {
      const first = await create();
      const [status] = await failureMessage(update(service({ PROBE_EXIT: "1" }), ["template"]));
      assert.equal(status, "FAILED_PRECONDITION");
      const [now] = await clients.services.getService({ name: SERVICE });
      assert.equal(now.latestReadyRevision, first.latestReadyRevision);
      assert.notEqual(now.latestCreatedRevision, first.latestCreatedRevision);
      assert.equal(now.trafficStatuses?.[0]?.percent, 100);
    });

    it("deletes a service with its revisions, and one revision that nothing leads to", async () => {
      const first = await create();
      await update(service({ A: "1" }), ["template"]);
      const name = first.latestReadyRevision ?? "";
      const [operation] = await clients.revisions.deleteRevision({ name });
      const [deleted] = await operation.promise();
      assert.equal(deleted.name, name);
      const [second] = await clients.services.getService({ name: SERVICE });
      const inUse = clients.revisions.deleteRevision({ name: second.latestReadyRevision ?? "" });
      assert.equal((await failureOf(inUse)).status, "FAILED_PRECONDITION");
      const [gone] = await clients.services.deleteService({ name: SERVICE });
      const [last] = await gone.promise();
      assert.ok(last.deleteTime);
      assert.equal((await failureOf(clients.services.getService({ name: SERVICE }))).status, "NOT_FOUND");
      await create();
      const [revisions] = await clients.revisions.listRevisions({ parent: SERVICE });
      assert.equal(revisions.length, 1);
    });

    it("keeps access policies, private at first, and minds their etags", async () => {
      await create();
      const [fresh] = await clients.services.getIamPolicy({ resource: SERVICE });
      assert.deepEqual(fresh.bindings, []);
      const bindings = [
        { role: "roles/run.invoker", members: ["serviceAccount:push@activate-local.iam.gserviceaccount.com"] },
      ];
      const etag = fresh.etag ?? "";
      await clients.services.setIamPolicy({ resource: SERVICE, policy: { bindings, etag } });
      const [kept] = await clients.services.getIamPolicy({ resource: SERVICE });
      assert.deepEqual(kept.bindings?.[0]?.members, bindings[0]?.members);
      const stale = clients.services.setIamPolicy({ resource: SERVICE, policy: { bindings: [], etag } });
      assert.equal((await failureOf(stale)).status, "ABORTED");
      const bad = { bindings: [{ role: "roles/run.invoker", members: ["somebody"] }] };
      const refused = await failureOf(clients.services.setIamPolicy({ resource: SERVICE, policy: bad }));
      assert.match(refused.message, /"somebody" is not a principal/);
    });
  });
}

async function failureMessage(call: Promise<unknown>): Promise<[string, string]> {
  const { status, message } = await failureOf(call);
  return [status, message.replace(/^\d+ [A-Z_]+: /, "")];
}
