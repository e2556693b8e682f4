import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startLocalCloud } from "activate/localcloud";
import { Contract } from "activate/localcloud/platform/contract/contract.js";
import { describeCoverage } from "activate/localcloud/platform/contract/coverage.js";
import { runContractSource, typedMethods } from "activate/localcloud/run/contractSource.js";
import { generateMessages } from "activate/localcloud/run/generateMessages.js";
import { createRun } from "activate/localcloud/run/index.js";
import { refusedMethods } from "../platform/refusedMethods.js";

describe("Cloud Run's contract", () => {
  const contract = new Contract(runContractSource);

  it("is what contract/messages.ts was generated from (else run node lib/dist/localcloud/run/generateMessages.js)", () => {
    const committed = join(__dirname, "../../../../lib/localcloud/run/contract/messages.ts");
    assert.equal(readFileSync(committed, "utf8"), generateMessages());
  });

  it("is covered as the README says", () => {
    const readme = readFileSync(join(__dirname, "../../../../lib/localcloud/run/README.md"), "utf8");
    const table = describeCoverage(contract, (key) => typedMethods.includes(key));
    assert.ok(readme.includes(table), table);
  });

  it("has a handler for each method that is said to be served", async () => {
    const cloud = await startLocalCloud({ services: [createRun] });
    const served = contract.methods.filter(({ key }) => typedMethods.includes(key));
    const refused = await refusedMethods(cloud.grpc, served);
    await cloud.stop();
    assert.deepEqual(refused, []);
  });

  it("has the resource itself for metadata and response of its operations", () => {
    const create = contract.methods.find(({ key }) => key === "Services.CreateService");
    assert.deepEqual(create?.operation, {
      responseType: "google.cloud.run.v2.Service",
      metadataType: "google.cloud.run.v2.Service",
    });
  });
});
