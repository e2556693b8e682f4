import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { type Clients, createClients, failureOf, PARENT, TRANSPORTS } from "./clients.js";

for (const transport of TRANSPORTS) {
  describe(`what Vertex AI shares with other services, over ${transport}`, () => {
    let cloud: LocalCloud;
    let clients: Clients;
    let endpoint: string;
    before(async () => {
      cloud = await startLocalCloud({ operationStageMs: 0, services: [createVertexAi] });
      clients = createClients(cloud, transport);
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "e" } });
      endpoint = (await operation.promise())[0].name ?? "";
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    it("answers a finished operation in the first call when operations take no time", async () => {
      const [operation] = await clients.endpoints.createEndpoint({ parent: PARENT, endpoint: { displayName: "now" } });
      assert.equal(operation.done, true);
      const progress = await clients.endpoints.checkCreateEndpointProgress(operation.name ?? "");
      assert.equal((progress.result as { displayName?: string }).displayName, "now");
    });

    /** The client's types ask for whole message instances; it takes plain objects like everywhere. */
    interface PolicyClient {
      getIamPolicy(request: object): Promise<[Policy]>;
      setIamPolicy(request: object): Promise<[Policy]>;
      testIamPermissions(request: object): Promise<[{ permissions?: string[] }]>;
    }
    interface Policy {
      readonly etag?: Uint8Array | string;
      readonly bindings?: readonly { readonly role: string; readonly members: string[] }[];
    }

    it("keeps a policy under its etag", async () => {
      const iam = clients.endpoints as unknown as PolicyClient;
      const binding = { role: "roles/aiplatform.user", members: ["user:a@example.com"] };
      const [empty] = await iam.getIamPolicy({ resource: endpoint });
      const [set] = await iam.setIamPolicy({
        resource: endpoint,
        policy: { version: 1, bindings: [binding], etag: empty.etag ?? "" },
      });
      assert.equal(set.bindings?.[0]?.role, binding.role);
      const [read] = await iam.getIamPolicy({ resource: endpoint });
      assert.deepEqual(read.bindings?.[0]?.members, binding.members);
      const stale = await failureOf(
        iam.setIamPolicy({ resource: endpoint, policy: { bindings: [], etag: empty.etag ?? "" } }),
      );
      assert.equal(stale.status, "ABORTED");
      const bad = await failureOf(
        iam.setIamPolicy({
          resource: endpoint,
          policy: { bindings: [{ role: "king", members: ["me"] }] },
        }),
      );
      assert.equal(bad.status, "INVALID_ARGUMENT");
      assert.match(bad.message, /"king" is not a role.*"me" is not a principal/);
    });

    it("grants the one caller every permission", async () => {
      const iam = clients.endpoints as unknown as PolicyClient;
      const permissions = ["aiplatform.endpoints.predict"];
      const [answer] = await iam.testIamPermissions({ resource: endpoint, permissions });
      assert.deepEqual(answer.permissions, permissions);
    });

    it("lists its locations", async () => {
      const names: string[] = [];
      for await (const location of clients.endpoints.listLocationsAsync({ name: "projects/activate-local" })) {
        names.push(location.locationId ?? "");
      }
      assert.ok(names.includes("europe-west1"));
    });

    it("tells who asks in the wrong region where the endpoint is", async () => {
      const name = endpoint.replace("europe-west1", "us-central1");
      const failure = await failureOf(clients.endpoints.getEndpoint({ name }));
      assert.equal(failure.status, "NOT_FOUND");
      assert.match(failure.message, /not found\. There is one of this ID in europe-west1\.$/);
    });

    it("names a method that it does not serve", async () => {
      const failure = await failureOf(clients.models.exportModel({ name: `${PARENT}/models/m`, outputConfig: {} }));
      assert.equal(failure.status, "UNIMPLEMENTED");
      assert.match(failure.message, /ModelService\.ExportModel/);
    });
  });
}
