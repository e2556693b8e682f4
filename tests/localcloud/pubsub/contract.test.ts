import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startLocalCloud } from "activate/localcloud";
import { Contract } from "activate/localcloud/platform/contract/contract.js";
import { describeCoverage } from "activate/localcloud/platform/contract/coverage.js";
import { binaryMethods, pubsubContractSource, typedMethods } from "activate/localcloud/pubsub/contractSource.js";
import { generateMessages } from "activate/localcloud/pubsub/generateMessages.js";
import { createPubsub } from "activate/localcloud/pubsub/index.js";
import { refusedMethods } from "../platform/refusedMethods.js";

describe("Pub/Sub's contract", () => {
  const contract = new Contract(pubsubContractSource);
  const served = [...typedMethods, ...binaryMethods];

  it("is what contract/messages.ts was generated from (else run node lib/dist/localcloud/pubsub/generateMessages.js)", () => {
    const committed = join(__dirname, "../../../../lib/localcloud/pubsub/contract/messages.ts");
    assert.equal(readFileSync(committed, "utf8"), generateMessages());
  });

  it("is covered as the README says", () => {
    const readme = readFileSync(join(__dirname, "../../../../lib/localcloud/pubsub/README.md"), "utf8");
    const table = describeCoverage(contract, (key) => served.includes(key));
    const squeeze = (text: string): string => text.replace(/\s*\|\s*/g, "|").replace(/-{3,}/g, "-");
    assert.ok(squeeze(readme).includes(squeeze(table)), table);
  });

  it("has a handler for each method that is said to be served, and names the others", async () => {
    const cloud = await startLocalCloud({ services: [createPubsub] });
    const unary = contract.methods.filter(({ streaming }) => !streaming);
    const refused = await refusedMethods(cloud.grpc, unary);
    const schemas = await fetch(`${cloud.rest}/v1/projects/activate-local/schemas`);
    await cloud.stop();
    assert.deepEqual(
      refused,
      contract.methods.map(({ key }) => key).filter((key) => !served.includes(key)),
    );
    assert.equal(schemas.status, 501);
    assert.match(await schemas.text(), /SchemaService\.ListSchemas/);
  });
});
