import assert from "node:assert/strict";
import { killRounds } from "./killRounds.js";

describe("kill -9 while rows stream in", function () {
  this.timeout(120_000);

  it("keeps every acknowledged row, once", async () => {
    let acknowledged = 0;
    for await (const round of killRounds(3, 20_261)) {
      assert.deepEqual(round.lost, [], `round ${round.round} lost rows`);
      assert.deepEqual(round.duplicated, [], `round ${round.round} has rows twice`);
      acknowledged = round.acknowledged;
    }
    assert.ok(acknowledged > 0, "no row was acknowledged: the rounds showed nothing");
  });
});
