import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadGoogleSqlArtifact } from "activate/localcloud/bigquery/googlesql/artifact.js";
import { CloudError } from "activate/localcloud/platform/errors.js";
import { startServer } from "../rest/server.js";

describe("a zetasql.wasm that is not the pinned one", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-artifact-"));
  const wrong = join(folder, "zetasql.wasm");
  /** The eight bytes of an empty module, which WebAssembly would take. */
  before(() => writeFileSync(wrong, Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const refusal =
    /zetasql\.wasm is not the zetasql\.wasm of zetasql==[\d.]+: its SHA-256 is 93a44bbb96c751218e4c00d479e4c14358122a389acca16205b1e4d0dc5f9476, not [0-9a-f]{64}\. Run "npm run setup"/;

  it("is refused before it is loaded", () => {
    assert.throws(
      () => loadGoogleSqlArtifact({ ...process.env, ACTIVATE_GOOGLESQL_WASM: wrong }),
      (thrown) => {
        assert.ok(thrown instanceof CloudError);
        assert.equal(thrown.status, "FAILED_PRECONDITION");
        assert.match(thrown.message, refusal);
        return true;
      },
    );
  });

  it("fails a query in these words, and nothing that needs no SQL", async () => {
    const before = process.env.ACTIVATE_GOOGLESQL_WASM;
    process.env.ACTIVATE_GOOGLESQL_WASM = wrong;
    const server = await startServer();
    try {
      await assert.rejects(server.client.query({ query: "SELECT 1" }), refusal);
      await server.client.createDataset("shop");
      assert.equal((await server.client.dataset("shop").exists())[0], true);
    } finally {
      await server.stop();
      if (before === undefined) delete process.env.ACTIVATE_GOOGLESQL_WASM;
      else process.env.ACTIVATE_GOOGLESQL_WASM = before;
    }
  });
});
