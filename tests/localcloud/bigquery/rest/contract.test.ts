import assert from "node:assert/strict";
import { discovery } from "activate/localcloud/bigquery/discovery.js";
import { handlers } from "activate/localcloud/bigquery/handlers/index.js";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

/** Methods of the contract that have no handler: each answers 501 and names itself. */
const UNSERVED = [
  "rowAccessPolicies.batchDelete",
  "rowAccessPolicies.delete",
  "rowAccessPolicies.get",
  "rowAccessPolicies.getIamPolicy",
  "rowAccessPolicies.insert",
  "rowAccessPolicies.list",
  "rowAccessPolicies.testIamPermissions",
  "rowAccessPolicies.update",
];

describe("BigQuery's contract", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it("has a handler for every method but those that are known to be missing", () => {
    const methodNames = discovery.methods.map(({ method }) => method);
    assert.deepEqual(methodNames.filter((name) => !(name in handlers)).sort(), UNSERVED);
    assert.deepEqual(
      Object.keys(handlers).filter((name) => !methodNames.includes(name)),
      [],
    );
  });

  it("is served to the command line and to older tools, with our own addresses", async () => {
    for (const path of ["/$discovery/rest?version=v2", "/discovery/v1/apis/bigquery/v2/rest"]) {
      const document = (await (await fetch(server.cloud.rest + path)).json()) as Record<string, unknown>;
      assert.equal(document.rootUrl, `${server.cloud.rest}/`);
      assert.equal(document.servicePath, "bigquery/v2/");
      assert.ok(document.resources);
    }
  });

  it("names a method that is not served", async () => {
    await server.client.createDataset("d");
    const { status, body } = await server.call<ErrorBody>("GET", "datasets/d/tables/t/rowAccessPolicies");
    assert.equal(status, 501);
    assert.match(body.error.message, /bigquery\.rowAccessPolicies\.list is not supported/);
  });

  it("answers the bare paths of a client whose whole base address was replaced", async () => {
    const response = await fetch(`${server.cloud.rest}/projects/${server.cloud.project}/datasets`);
    assert.equal(((await response.json()) as { kind: string }).kind, "bigquery#datasetList");
  });

  it("lists the project, and the service account that encrypts", async () => {
    const projects = (await (await fetch(`${server.cloud.rest}/bigquery/v2/projects`)).json()) as {
      projects: { id: string }[];
    };
    assert.deepEqual(
      projects.projects.map(({ id }) => id),
      [server.cloud.project],
    );
    const { body } = await server.call<{ email: string }>("GET", "serviceAccount");
    assert.match(body.email, /@/);
  });

  it("answers a broken body and an unknown path with the error's usual shape", async () => {
    const broken = await fetch(`${server.cloud.rest}/bigquery/v2/projects/${server.cloud.project}/datasets`, {
      method: "POST",
      body: "{",
    });
    assert.equal(broken.status, 400);
    assert.match(((await broken.json()) as ErrorBody).error.message, /Invalid JSON payload received/);
    const unknown = await fetch(`${server.cloud.rest}/bigquery/v2/nothing`);
    assert.equal(((await unknown.json()) as ErrorBody).error.errors[0]?.reason, "notFound");
  });

  it("takes PATCH in the disguise of a POST, as the Java client sends it", async () => {
    const { body } = await server.call<{ description: string }>("PATCH", "datasets/d", { description: "plain" });
    assert.equal(body.description, "plain");
    const disguised = await fetch(`${server.cloud.rest}/bigquery/v2/projects/${server.cloud.project}/datasets/d`, {
      method: "POST",
      headers: { "x-http-method-override": "PATCH" },
      body: JSON.stringify({ description: "disguised" }),
    });
    assert.equal(((await disguised.json()) as { description: string }).description, "disguised");
  });
});
