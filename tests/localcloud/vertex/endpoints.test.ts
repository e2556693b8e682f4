import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { type Clients, createClients, failureOf, PARENT, TRANSPORTS } from "./clients.js";

for (const transport of TRANSPORTS) {
  describe(`endpoints over ${transport}`, () => {
    let cloud: LocalCloud;
    let clients: Clients;
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 20 });
      clients = createClients(cloud, transport);
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    async function create(displayName: string, labels: Record<string, string> = {}): Promise<string> {
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName, labels } });
      const [endpoint] = await operation.promise();
      return endpoint.name ?? "";
    }

    it("are created by an operation that is seen to run, with metadata of the declared type", async () => {
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "seen" } });
      assert.equal(operation.done, false);
      assert.match(
        operation.name ?? "",
        /^projects\/\d{12}\/locations\/europe-west1\/endpoints\/\d{19}\/operations\/\d{19}$/,
      );
      const [endpoint, metadata] = await operation.promise();
      assert.equal(endpoint.displayName, "seen");
      assert.match(endpoint.name ?? "", /^projects\/\d{12}\/locations\/europe-west1\/endpoints\/\d{19}$/);
      assert.ok(metadata.genericMetadata?.createTime?.seconds);
      const [found] = await clients.endpoints.getEndpoint({ name: endpoint.name ?? "" });
      assert.equal(found.etag, endpoint.etag);
    });

    it("take an id of the caller's, once", async () => {
      const request = { parent: PARENT, endpointId: `mine-${transport.toLowerCase()}`, endpoint: { displayName: "x" } };
      const [operation] = await clients.endpoints.createEndpoint(request);
      await operation.promise();
      const failure = await failureOf(clients.endpoints.createEndpoint(request));
      assert.equal(failure.status, "ALREADY_EXISTS");
      assert.match(failure.message, /endpoints\/mine-/);
    });

    it("are found by display name and label, in snake or camel case", async () => {
      const name = await create("wanted", { team: "fraud" });
      await create("other", { team: "fraud" });
      for (const filter of [
        'display_name="wanted"',
        "displayName=wanted AND labels.team=fraud",
        "labels:team AND NOT display_name=other AND display_name=wanted",
      ]) {
        const [found] = await clients.endpoints.listEndpoints({ parent: PARENT, filter });
        assert.deepEqual(
          found.map((endpoint) => endpoint.name),
          [name],
          filter,
        );
      }
    });

    it("are listed in pages and in the order asked for", async () => {
      for (const displayName of ["b", "c", "a"]) await create(displayName, { paged: "yes" });
      const request = { parent: PARENT, filter: "labels.paged=yes", orderBy: "display_name desc", pageSize: 2 };
      const [page, next] = await clients.endpoints.listEndpoints(request, { autoPaginate: false });
      assert.deepEqual(
        page.map((endpoint) => endpoint.displayName),
        ["c", "b"],
      );
      assert.ok(next);
      const [all] = await clients.endpoints.listEndpoints(request);
      assert.deepEqual(
        all.map((endpoint) => endpoint.displayName),
        ["c", "b", "a"],
      );
      const failure = await failureOf(
        clients.endpoints.listEndpoints({ ...request, filter: "", pageToken: next?.pageToken ?? "" }),
      );
      assert.equal(failure.status, "INVALID_ARGUMENT");
    });

    it("are updated by mask and leave the rest alone", async () => {
      const name = await create("before", { a: "1" });
      const [updated] = await clients.endpoints.updateEndpoint({
        endpoint: { name, displayName: "after", labels: { b: "2" } },
        updateMask: { paths: ["displayName"] },
      });
      assert.equal(updated.displayName, "after");
      assert.deepEqual(updated.labels, { a: "1" });
    });

    it("refuse an update on top of a content that the caller has not read", async () => {
      const name = await create("contended");
      const [read] = await clients.endpoints.getEndpoint({ name });
      const change = {
        endpoint: { name, description: "one", etag: read.etag ?? "" },
        updateMask: { paths: ["description"] },
      };
      await clients.endpoints.updateEndpoint(change);
      const failure = await failureOf(clients.endpoints.updateEndpoint(change));
      assert.equal(failure.status, "ABORTED");
    });

    it("are gone once deleted", async () => {
      const name = await create("short-lived");
      const [operation] = await clients.endpoints.deleteEndpoint({ name });
      await operation.promise();
      const failure = await failureOf(clients.endpoints.getEndpoint({ name }));
      assert.equal(failure.status, "NOT_FOUND");
      assert.match(failure.message, /^Endpoint `projects\/\d+\/locations\/europe-west1\/endpoints\/\d+` not found\.$/);
    });

    const refusals: readonly [title: string, request: object, status: string, message: RegExp][] = [
      [
        "without a display name",
        { endpoint: {} },
        "INVALID_ARGUMENT",
        /endpoint\.display_name; Message: Required field/,
      ],
      [
        "with a capital in a label",
        { endpoint: { displayName: "d", labels: { A: "b" } } },
        "INVALID_ARGUMENT",
        /endpoint\.labels/,
      ],
      [
        "with a reserved label",
        { endpoint: { displayName: "d", labels: { "goog-x": "b" } } },
        "INVALID_ARGUMENT",
        /reserved/,
      ],
      [
        "with traffic for models that are not there",
        { endpoint: { displayName: "d", trafficSplit: { "1": 100 } } },
        "INVALID_ARGUMENT",
        /"1" is not deployed/,
      ],
      ["with a network", { endpoint: { displayName: "d", network: "n" } }, "UNIMPLEMENTED", /endpoint\.network/],
      ["with a bad id", { endpointId: "9-lives", endpoint: { displayName: "d" } }, "INVALID_ARGUMENT", /endpoint_id/],
      [
        "in a region that does not exist",
        { parent: "projects/activate-local/locations/moon", endpoint: { displayName: "d" } },
        "INVALID_ARGUMENT",
        /"moon"/,
      ],
      [
        "in another project",
        { parent: "projects/elsewhere/locations/europe-west1", endpoint: { displayName: "d" } },
        "PERMISSION_DENIED",
        /elsewhere/,
      ],
    ];
    for (const [title, request, status, message] of refusals) {
      it(`refuse to be created ${title}`, async () => {
        const before = await clients.endpoints.listEndpoints({ parent: PARENT });
        const failure = await failureOf(clients.endpoints.createEndpoint({ parent: PARENT, ...request }));
        assert.equal(failure.status, status);
        assert.match(failure.message, message);
        const after = await clients.endpoints.listEndpoints({ parent: PARENT });
        assert.equal(after[0].length, before[0].length);
      });
    }

    it("name the filter's fault", async () => {
      const failure = await failureOf(clients.endpoints.listEndpoints({ parent: PARENT, filter: "colour=red" }));
      assert.equal(failure.status, "INVALID_ARGUMENT");
      assert.match(failure.message, /unknown field "colour"/);
    });
  });
}
