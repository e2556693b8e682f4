import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { protos } from "@google-cloud/aiplatform";
import { startLocalCloud } from "activate/localcloud";
import { Contract } from "activate/localcloud/platform/contract/contract.js";
import { describeCoverage } from "activate/localcloud/platform/contract/coverage.js";
import { RouteTable } from "activate/localcloud/platform/transport/routes.js";
import { typedMethods, vertexContractSource } from "activate/localcloud/vertex/contractSource.js";
import { generateMessages } from "activate/localcloud/vertex/generateMessages.js";
import { createVertexAi } from "activate/localcloud/vertex/index.js";
import { refusedMethods } from "../platform/refusedMethods.js";

describe("Vertex AI's contract", () => {
  const contract = new Contract(vertexContractSource);

  it("is what contract/messages.ts was generated from (else run node lib/dist/localcloud/vertex/generateMessages.js)", () => {
    const committed = join(__dirname, "../../../../lib/localcloud/vertex/contract/messages.ts");
    assert.equal(readFileSync(committed, "utf8"), generateMessages());
  });

  it("is covered as the README says", () => {
    const readme = readFileSync(join(__dirname, "../../../../lib/localcloud/vertex/README.md"), "utf8");
    const table = describeCoverage(contract, (key) => typedMethods.includes(key));
    // The formatter pads tables.
    const squeeze = (text: string): string => text.replace(/\s*\|\s*/g, "|").replace(/-{3,}/g, "-");
    assert.ok(squeeze(readme).includes(squeeze(table)), table);
  });

  it("has a handler for each method that is said to be served", async () => {
    const cloud = await startLocalCloud({ services: [createVertexAi] });
    const served = contract.methods.filter(({ key }) => typedMethods.includes(key));
    const refused = await refusedMethods(cloud.grpc, served);
    await cloud.stop();
    assert.deepEqual(refused, []);
  });

  it("names a REST route for every method that is not a bidirectional stream", () => {
    const without = contract.methods.filter((method) => method.httpRules.length === 0).map((method) => method.key);
    assert.deepEqual(without, [
      "PredictionService.StreamDirectPredict",
      "PredictionService.StreamDirectRawPredict",
      "PredictionService.StreamingPredict",
      "PredictionService.StreamingRawPredict",
    ]);
  });

  it("knows the types of operations", () => {
    const deploy = contract.methods.find((method) => method.key === "EndpointService.DeployModel");
    assert.deepEqual(deploy?.operation, {
      responseType: "google.cloud.aiplatform.v1.DeployModelResponse",
      metadataType: "google.cloud.aiplatform.v1.DeployModelOperationMetadata",
    });
  });

  it("reads and writes the bytes of Google's own client", () => {
    const { Endpoint } = protos.google.cloud.aiplatform.v1;
    const bytes = Endpoint.encode(
      Endpoint.fromObject({
        name: "e",
        trafficSplit: { "1": 40, "2": 60 },
        createTime: { seconds: 1_767_607_200, nanos: 123_456_000 },
        dedicatedEndpointEnabled: true,
        deployedModels: [
          {
            id: "1",
            dedicatedResources: { minReplicaCount: 1, autoscalingMetricSpecs: [{ metricName: "m", target: 60 }] },
            explanationSpec: { parameters: { sampledShapleyAttribution: { pathCount: 3 } } },
          },
        ],
      }),
    ).finish();
    const description = contract.message("google.cloud.aiplatform.v1.Endpoint");
    const message = fromBinary(description, bytes);
    assert.deepEqual(toJson(description, message), {
      name: "e",
      trafficSplit: { "1": 40, "2": 60 },
      createTime: "2026-01-05T10:00:00.123456Z",
      dedicatedEndpointEnabled: true,
      deployedModels: [
        {
          id: "1",
          dedicatedResources: { minReplicaCount: 1, autoscalingMetricSpecs: [{ metricName: "m", target: 60 }] },
          explanationSpec: { parameters: { sampledShapleyAttribution: { pathCount: 3 } } },
        },
      ],
    });
    assert.deepEqual(
      Endpoint.toObject(Endpoint.decode(toBinary(description, message))),
      Endpoint.toObject(Endpoint.decode(bytes)),
    );
  });
});

describe("REST routes (google/api/http.proto)", () => {
  const table = new RouteTable<string>();
  table.add({ verb: "GET", template: "/v1/{name=projects/*/things/*}" }, "get");
  table.add({ verb: "POST", template: "/v1/{name=projects/*/things/*}:paint", body: "*" }, "paint");
  table.add({ verb: "PATCH", template: "/v1/{thing.name=projects/*/things/*}", body: "thing" }, "update");
  table.add({ verb: "GET", template: "/v1/{parent=projects/*}/things" }, "list");
  table.add({ verb: "GET", template: "/v1/files/{path=**}" }, "file");
  table.add({ verb: "GET", template: "/v1/{project}/plain/{id}" }, "plain");

  const matches: readonly [verb: string, path: string, target: string, variables: readonly [string, string][]][] = [
    ["GET", "/v1/projects/p/things/t", "get", [["name", "projects/p/things/t"]]],
    ["GET", "/v1/projects/p/things/t%402", "get", [["name", "projects/p/things/t@2"]]],
    ["GET", "/v1/projects/p/things/t@2", "get", [["name", "projects/p/things/t@2"]]],
    ["POST", "/v1/projects/p/things/t@2:paint", "paint", [["name", "projects/p/things/t@2"]]],
    ["PATCH", "/v1/projects/p/things/t", "update", [["thing.name", "projects/p/things/t"]]],
    ["GET", "/v1/projects/p/things", "list", [["parent", "projects/p"]]],
    ["GET", "/v1/files/a/b/c.txt", "file", [["path", "a/b/c.txt"]]],
    [
      "GET",
      "/v1/p/plain/7",
      "plain",
      [
        ["project", "p"],
        ["id", "7"],
      ],
    ],
  ];
  for (const [verb, path, target, variables] of matches) {
    it(`lead ${verb} ${path} to ${target}`, () => {
      const match = table.match(verb, path);
      assert.equal(match?.target, target);
      assert.deepEqual(match?.variables, variables);
    });
  }

  for (const [verb, path] of [
    ["POST", "/v1/projects/p/things/t"],
    ["GET", "/v1/projects/p/things/t:paint"],
    ["GET", "/v1/projects/p/things/t/more"],
    ["GET", "/v2/projects/p/things/t"],
  ] as const) {
    it(`lead ${verb} ${path} nowhere`, () => {
      assert.equal(table.match(verb, path), undefined);
    });
  }
});
