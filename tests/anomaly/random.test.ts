import assert from "node:assert/strict";
import { Random } from "activate/anomaly/random.js";

describe("seeded randomness", () => {
  // Computed by fixtures/random.py, an implementation of its own of the published algorithm.
  it("follows xoshiro128** from the state that FNV-1a and splitmix32 give", () => {
    const random = new Random("activate");
    assert.deepEqual(
      [random.bits(), random.bits(), random.bits(), random.bits()],
      [3490440378, 1565669577, 4240833422, 1752458546],
    );
  });

  it("is uniform, exponential and geometric as promised", () => {
    const random = new Random(1);
    const mean = (draw: () => number) => {
      let sum = 0;
      for (let i = 0; i < 100_000; i += 1) sum += draw();
      return sum / 100_000;
    };
    const near = (actual: number, expected: number, by: number) =>
      assert.ok(Math.abs(actual - expected) < by, `${actual}`);
    near(
      mean(() => random.unit()),
      0.5,
      0.005,
    );
    near(
      mean(() => random.exponential(3)),
      3,
      0.05,
    );
    near(
      mean(() => random.geometric(2.4)),
      2.4,
      0.03,
    );
    near(
      mean(() => random.integer(1, 6)),
      3.5,
      0.03,
    );
    near(
      mean(() =>
        random.weighted([
          [0, 3],
          [1, 1],
        ]),
      ),
      0.25,
      0.01,
    );
  });

  it("shuffles without losing anything, and refuses to pick from nothing", () => {
    const random = new Random("x");
    assert.deepEqual(random.shuffled([1, 2, 3, 4]).sort(), [1, 2, 3, 4]);
    assert.throws(() => random.pick([]), RangeError);
  });
});
