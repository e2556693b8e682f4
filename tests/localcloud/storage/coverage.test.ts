import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeCoverage } from "activate/localcloud/platform/contract/coverage.js";
import { discovery } from "activate/localcloud/storage/contract.js";
import { handlers } from "activate/localcloud/storage/handlers/index.js";

describe("Cloud Storage's contract", () => {
  it("is covered as the README says", () => {
    const readme = readFileSync(join(__dirname, "../../../../lib/localcloud/storage/README.md"), "utf8");
    const methods = discovery.methods.map(({ method }) => ({ key: method }));
    // Uploads have rooms of their own.
    const table = describeCoverage({ methods }, (key) => key === "objects.insert" || key in handlers);
    assert.ok(readme.includes(table), table);
  });
});
