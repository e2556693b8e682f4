import assert from "node:assert/strict";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

interface Dataset {
  readonly id: string;
  readonly etag: string;
  readonly location: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly description?: string;
  readonly access: readonly { readonly role: string; readonly specialGroup?: string }[];
}

describe("datasets over REST", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
  });
  after(() => server.stop());

  it("are created, read and deleted by the official client", async () => {
    const [dataset] = await server.client.createDataset("life", { location: "EU", labels: { a: "b" } });
    assert.equal(dataset.metadata.id, `${server.cloud.project}:life`);
    const [metadata] = await server.client.dataset("life").getMetadata();
    assert.equal(metadata.location, "EU");
    assert.deepEqual(metadata.labels, { a: "b" });
    await dataset.delete();
    assert.deepEqual(await server.client.dataset("life").exists(), [false]);
  });

  it("are created by the client's dataset object, which sends the project beside the reference", async () => {
    const dataset = server.client.dataset("by_object");
    await dataset.create({ labels: { origin: "test" } });
    const [metadata] = await dataset.getMetadata();
    assert.deepEqual(metadata.labels, { origin: "test" });
    await dataset.delete();
  });

  it("have location US and the project's roles unless told otherwise", async () => {
    const { body } = await server.call<Dataset>("POST", "datasets", { datasetReference: { datasetId: "plain" } });
    assert.equal(body.location, "US");
    assert.deepEqual(
      body.access
        .map(({ specialGroup }) => specialGroup)
        .filter(Boolean)
        .sort(),
      ["projectOwners", "projectReaders", "projectWriters"],
    );
  });

  it("refuse a name that is taken with 409 duplicate", async () => {
    await server.call("POST", "datasets", { datasetReference: { datasetId: "twice" } });
    const { status, body } = await server.call<ErrorBody>("POST", "datasets", {
      datasetReference: { datasetId: "twice" },
    });
    assert.equal(status, 409);
    assert.equal(body.error.errors[0]?.reason, "duplicate");
    assert.equal(body.error.message, `Already Exists: Dataset ${server.cloud.project}:twice`);
  });

  it("say that they are not found in the service's words", async () => {
    const { status, body } = await server.call<ErrorBody>("GET", "datasets/missing");
    assert.equal(status, 404);
    assert.deepEqual(body.error.errors, [
      { message: `Not found: Dataset ${server.cloud.project}:missing`, domain: "global", reason: "notFound" },
    ]);
  });

  it("change only what a PATCH names, and lose what it sets to null", async () => {
    await server.call("POST", "datasets", {
      datasetReference: { datasetId: "patched" },
      description: "old",
      labels: { a: "1", b: "2" },
    });
    const { body } = await server.call<Dataset>("PATCH", "datasets/patched", { labels: { a: null, c: "3" } });
    assert.deepEqual([body.description, body.labels], ["old", { b: "2", c: "3" }]);
    const cleared = await server.call<Dataset>("PATCH", "datasets/patched", { description: null });
    assert.equal(cleared.body.description, undefined);
  });

  it("lock by etag: a stale one is 412 conditionNotMet, and nothing changes", async () => {
    const { body: before } = await server.call<Dataset>("POST", "datasets", {
      datasetReference: { datasetId: "locked" },
    });
    const first = await server.call<Dataset>(
      "PATCH",
      "datasets/locked",
      { description: "1" },
      { "if-match": before.etag },
    );
    assert.equal(first.status, 200);
    assert.notEqual(first.body.etag, before.etag);
    const stale = await server.call<ErrorBody>(
      "PATCH",
      "datasets/locked",
      { description: "2" },
      { "if-match": before.etag },
    );
    assert.equal(stale.status, 412);
    assert.equal(stale.body.error.errors[0]?.reason, "conditionNotMet");
    assert.equal((await server.call<Dataset>("GET", "datasets/locked")).body.description, "1");
  });

  it("that hold a table are deleted only with their contents", async () => {
    const [dataset] = await server.client.createDataset("full");
    await dataset.createTable("t", { schema: "a" });
    await assert.rejects(dataset.delete(), {
      code: 400,
      message: `Dataset ${server.cloud.project}:full is still in use`,
    });
    await dataset.delete({ force: true });
    assert.deepEqual(await dataset.exists(), [false]);
  });

  it("are listed in pages, and by label", async () => {
    for (const name of ["list_a", "list_b", "list_c"]) {
      await server.client.createDataset(name, { labels: { kind: "listed", name } });
    }
    const page = await server.call<{ datasets: { datasetReference: { datasetId: string } }[]; nextPageToken?: string }>(
      "GET",
      "datasets?maxResults=2&filter=labels.kind:listed",
    );
    assert.deepEqual(
      page.body.datasets.map((d) => d.datasetReference.datasetId),
      ["list_a", "list_b"],
    );
    const [all] = await server.client.getDatasets({ filter: "labels.kind" });
    assert.deepEqual(
      all.map((dataset) => dataset.id),
      ["list_a", "list_b", "list_c"],
    );
    const none = await server.call<{ datasets?: unknown }>("GET", "datasets?filter=labels.kind:other");
    assert.equal(none.body.datasets, undefined);
  });

  it("refuse an id that breaks the rules, an unknown field, a known one that is not honoured", async () => {
    const bad = await server.call<ErrorBody>("POST", "datasets", { datasetReference: { datasetId: "no-dashes" } });
    assert.match(bad.body.error.message, /Invalid dataset ID "no-dashes"/);
    const unknown = await server.call<ErrorBody>("POST", "datasets", {
      datasetReference: { datasetId: "x1" },
      descripton: "typo",
    });
    assert.equal(unknown.status, 400);
    assert.match(unknown.body.error.message, /Unknown name "descripton"/);
    const encrypted = await server.call<ErrorBody>("POST", "datasets", {
      datasetReference: { datasetId: "x2" },
      defaultEncryptionConfiguration: { kmsKeyName: "projects/p/k" },
    });
    assert.equal(encrypted.status, 501);
    assert.match(encrypted.body.error.message, /'defaultEncryptionConfiguration' is not supported/);
    assert.equal((await server.call("GET", "datasets/x1")).status, 404);
    assert.equal((await server.call("GET", "datasets/x2")).status, 404);
  });

  it("cannot be brought back, and the refusal says so", async () => {
    const { status, body } = await server.call<ErrorBody>("POST", "datasets/gone:undelete", {});
    assert.equal(status, 501);
    assert.match(body.error.message, /datasets\.undelete is not supported/);
  });
});
