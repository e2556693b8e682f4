import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as activate from "activate";
import { addressOf, Connections, configFrom } from "activate/cloud";
import { bigQueryClient, endpointClient, modelClient, predictionClient } from "activate/cloud/clients.js";
import { repositoryRoot } from "activate/cloud/paths.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import type { ChallengeId } from "activate/workbook/challenges.js";
import { RecordedOutput } from "activate/workbook/show/output.js";
import { workbookOf } from "activate/workbook/workbook.js";
import { transform } from "esbuild";
import { checkBigQueryRequest, checkVertexRequest } from "./contract.js";
import { type Call, type RestCall, type RestRecorder, record, recordRest } from "./recording.js";

const gcp = configFrom({ ACTIVATE_TARGET: "gcp", ACTIVATE_PROJECT: "activate-local", ACTIVATE_CHECKS: "strict" });

describe("the gcp target", () => {
  it("sends to Google's regional endpoints, with Application Default Credentials", async function () {
    // Three clients of Google's are loaded for the first time.
    this.timeout(20_000);
    const address = addressOf(gcp, {});
    assert.equal(address.credentials, "application-default");
    assert.deepEqual(address.vertex, { host: "europe-west1-aiplatform.googleapis.com", port: 443, encrypted: true });
    const connections = new Connections(gcp, address);
    const bigQuery = await bigQueryClient(connections);
    assert.equal(bigQuery.baseUrl, "https://bigquery.googleapis.com/bigquery/v2");
    for (const client of [endpointClient, modelClient, predictionClient]) {
      // `client.apiEndpoint` answers the default whatever was given; the options are what the stub is made from.
      const options: unknown = Reflect.get(await client(connections), "_opts");
      assert.equal((options as { servicePath?: string }).servicePath, "europe-west1-aiplatform.googleapis.com");
      assert.equal((options as { port?: number }).port, 443);
    }
  });

  it("is never reached by the local target: no address but a loopback one is taken", () => {
    const environment = { ACTIVATE_LOCAL_REST: "https://bigquery.googleapis.com", ACTIVATE_LOCAL_GRPC: "127.0.0.1:1" };
    assert.throws(() => addressOf(configFrom({}), environment), /listens on this machine only/);
    assert.throws(() => addressOf(configFrom({}), {}), /local cloud is not running/);
  });
});

/** All that the cells of notebooks 00 to 03 would send to Google, answered by a local cloud of the same project. */
describe("every request of the notebooks, captured with the gcp configuration", function () {
  this.timeout(120_000);
  let cloud: LocalCloud;
  let proxy: RestRecorder;
  let connections: Connections;
  const rest: RestCall[] = [];
  const calls: Call[] = [];

  before(async () => {
    cloud = await startLocalCloud({ project: gcp.project });
    proxy = await recordRest(cloud.rest, rest);
    const [host = "", port = ""] = cloud.grpc.split(":");
    connections = new Connections(gcp, {
      bigQuery: proxy.url,
      vertex: { host, port: Number(port), encrypted: false },
      credentials: "none",
    });
    record("EndpointService", await endpointClient(connections), calls);
    record("ModelService", await modelClient(connections), calls);
    record("PredictionService", await predictionClient(connections), calls);
    for (const file of readdirSync(join(repositoryRoot(), "notebooks"))
      .filter((name) => /^0[0-3]_.*ipynb$/.test(name))
      .sort()) {
      await runNotebook(file, connections);
    }
  });
  after(async () => {
    await connections.close();
    proxy.close();
    await cloud.stop();
  });

  it("keeps BigQuery's Discovery document", () => {
    const checked = rest.map(({ verb, url, body }) => ({ ...checkBigQueryRequest(verb, url, body), url }));
    assert.deepEqual(
      checked.filter(({ faults }) => faults.length > 0),
      [],
    );
    const used = new Set(checked.map(({ method }) => method));
    for (const method of ["datasets.insert", "tables.patch", "jobs.query", "jobs.insert", "models.get"]) {
      assert.ok(used.has(`bigquery.${method}`), `${method} was not sent, only ${[...used].join(", ")}`);
    }
  });

  it("keeps the protos of Vertex AI, required fields included", () => {
    const faults = calls.flatMap(({ service, method, request }) => checkVertexRequest(service, method, request));
    assert.deepEqual(faults, []);
    const used = new Set(calls.map(({ method }) => method));
    for (const method of ["createEndpoint", "deployModel", "predict", "mergeVersionAliases", "listModelVersions"]) {
      assert.ok(used.has(method), `${method} was not called, only ${[...used].join(", ")}`);
    }
  });

  it("names the configured project and region everywhere", () => {
    for (const { url } of rest) assert.match(url, /\/projects\/activate-local\//);
    for (const { request } of calls) {
      assert.match(JSON.stringify(request), /projects\/(activate-local|\d+)\/locations\/europe-west1/);
    }
    const queries = rest.filter(({ url }) => url.includes("/queries?") && !url.includes("jobs/"));
    for (const { verb, body } of queries) {
      if (verb === "POST") assert.equal((body as { location?: string }).location, "europe-west1");
    }
  });
});

describe("the contract checks themselves", () => {
  it("find an unknown field, a wrong type and a missing one", () => {
    const at = "/bigquery/v2/projects/p/queries?prettyPrint=false";
    assert.deepEqual(checkBigQueryRequest("POST", at, { query: "SELECT 1", useLegacySql: false }).faults, []);
    assert.deepEqual(checkBigQueryRequest("POST", at, { qurey: "SELECT 1" }).faults, ["QueryRequest.qurey is unknown"]);
    assert.deepEqual(checkBigQueryRequest("POST", at, { useLegacySql: "no" }).faults, [
      "QueryRequest.useLegacySql is no boolean",
    ]);
    assert.equal(checkBigQueryRequest("POST", "/bigquery/v2/projects/p/query", {}).faults.length, 1);
    assert.deepEqual(
      checkVertexRequest("EndpointService", "createEndpoint", { parent: "p", endpoint: { name: 1, label: {} } }),
      [
        "CreateEndpointRequest.endpoint.displayName is required",
        "CreateEndpointRequest.endpoint.name is number, not string",
        "CreateEndpointRequest.endpoint.label is unknown",
      ],
    );
  });
});

/** The code cells of a notebook, in order, as one program. */
async function runNotebook(file: string, connections: Connections): Promise<void> {
  const notebook: { cells: { cell_type: string; source: string[] }[] } = JSON.parse(
    readFileSync(join(repositoryRoot(), "notebooks", file), "utf8"),
  );
  const cells = notebook.cells.filter(({ cell_type }) => cell_type === "code").map(({ source }) => source.join(""));
  const text = cells
    .join("\n")
    .replace(/^import type .*$/gm, "")
    .replace(/^import (\{.*\}) from "activate";$/gm, "const $1 = activate;");
  const { code } = await transform(`async function program(activate: typeof import("activate")) {\n${text}\n}`, {
    loader: "ts",
  });
  const open = async (id: ChallengeId) => workbookOf(id, connections, new RecordedOutput());
  const program = new Function(`${code}\nreturn program;`)() as (library: object) => Promise<void>;
  await program({ ...activate, open });
}
