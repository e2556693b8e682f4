import assert from "node:assert/strict";
import { faultRounds } from "./rounds.js";
import { storyOf } from "./story.js";

describe("kill -9 of scorer and local cloud while events flow", function () {
  this.timeout(180_000);

  it("loses no message and has none counted twice; poison is among the dead letters, with its reason", async () => {
    let poison = 0;
    for await (const round of faultRounds({ rounds: 2, events: 300, seed: 4 })) {
      assert.deepEqual(round.lost, [], `round ${round.round} lost messages`);
      assert.deepEqual(round.duplicated, [], `round ${round.round} counts messages twice`);
      assert.ok(round.published > 0 && round.killed.length > 0, "the round showed nothing");
      poison += round.poison;
    }
    assert.ok(poison > 0, "no message was poison");
  });

  it("tells the same story for the same seed", () => {
    assert.deepEqual(storyOf(7, 3, 200), storyOf(7, 3, 200));
    assert.notDeepEqual(storyOf(7, 3, 200).kills, storyOf(8, 3, 200).kills);
  });
});
