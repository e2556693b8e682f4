import assert from "node:assert/strict";
import { BENCHES, PeerAbsent, runBench } from "activate/bench";
import { main } from "activate/bench/main.js";

describe("benchmarks run small", () => {
  for (const bench of BENCHES) {
    it(`${bench.name}: ${bench.what}`, async function () {
      this.timeout(300_000);
      const lines: string[] = [];
      try {
        const found = await runBench(bench, "small", (line) => lines.push(line));
        assert.ok(found.ours > 0 && Number.isFinite(found.ours), `${found.ours}`);
        assert.ok(found.peer > 0 && Number.isFinite(found.peer), `${found.peer}`);
        assert.match(found.hash, /^[0-9a-f]{12}$/);
        assert.deepEqual(
          lines.filter((line) => line.includes("cleaning up failed")),
          [],
        );
      } catch (error) {
        if (!(error instanceof PeerAbsent)) throw error;
        assert.ok(error.message.length > 20);
        this.skip();
      }
    });
  }

  it("refuses a name that it does not know", async () => {
    assert.equal(await main(["sql-pear"]), 2);
    assert.equal(await main(["--jsn"]), 2);
  });
});
