import assert from "node:assert/strict";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { Timer } from "activate/localcloud/pubsub/timer.js";

describe("an alarm of Pub/Sub", () => {
  const alarm = () => {
    const clock = new ManualClock(0);
    const rung: number[] = [];
    return { clock, rung, timer: new Timer(clock, () => rung.push(clock.now())) };
  };

  it("rings once, at the time that was set last: later, or earlier", async () => {
    const { clock, rung, timer } = alarm();
    timer.set(100);
    timer.set(300);
    timer.set(200);
    await clock.advance(1_000);
    assert.deepEqual(rung, [200]);
    timer.set(2_000);
    timer.set(1_500);
    await clock.advance(2_000);
    assert.deepEqual(rung, [200, 1_500]);
  });

  it("rings at the earliest of the times that it may not miss", async () => {
    const { clock, rung, timer } = alarm();
    timer.setNoLater(200);
    timer.setNoLater(300);
    timer.setNoLater(100);
    await clock.advance(1_000);
    assert.deepEqual(rung, [100]);
  });

  it("does not ring once it is cancelled, and can be set anew", async () => {
    const { clock, rung, timer } = alarm();
    timer.set(100);
    timer.set(undefined);
    await clock.advance(500);
    timer.set(400);
    await clock.advance(1);
    assert.deepEqual(rung, [500], "what is overdue rings at once");
  });
});
