import assert from "node:assert/strict";
import { alternate, digest, geometricMean, median } from "activate/bench/measure.js";

describe("measuring", () => {
  it("takes medians and geometric means", () => {
    assert.equal(median([5, 1, 3]), 3);
    assert.equal(median([4, 1, 3, 2]), 2.5);
    assert.throws(() => median([]), RangeError);
    assert.ok(Math.abs(geometricMean([2, 8]) - 4) < 1e-12);
  });

  it("times both sides in turn, each beginning every second round, and leaves the first round out", async () => {
    const order: string[] = [];
    const times = { ours: [100, 1, 2, 3], peer: [900, 30, 10, 20] };
    const side = (name: "ours" | "peer") => async () => {
      order.push(name);
      return times[name].shift() ?? Number.NaN;
    };
    assert.deepEqual(await alternate({ rounds: 3 }, side("ours"), side("peer")), { ours: 2, peer: 20 });
    assert.equal(order.join(" "), "ours peer ours peer peer ours ours peer");
  });

  it("has the same hash for results that differ in the last bits, another for any other difference", () => {
    assert.equal(digest([{ a: 0.1 + 0.2 }]), digest([{ a: 0.3 }]));
    assert.notEqual(digest([{ a: 0.3 }]), digest([{ a: 0.3000001 }]));
    assert.notEqual(digest([1, 2]), digest([2, 1]));
    assert.match(digest({}), /^[0-9a-f]{12}$/);
  });
});
