import assert from "node:assert/strict";
import { DataFrame, MinMaxScaler, merge, tensorflow } from "danfojs-node";

const ROWS = [
  { basket: "a", items: 1, price: 2.5 },
  { basket: "b", items: 2, price: 3.5 },
  { basket: "a", items: 4, price: 9 },
];

describe("danfojs on the lean TensorFlow.js", function () {
  this.timeout(60_000);

  it("describes, groups, queries and joins", () => {
    const frame = new DataFrame(ROWS);
    assert.deepEqual(frame.describe().column("price").values.slice(0, 2), [3, 5]);
    assert.deepEqual(frame.groupby(["basket"]).col(["items"]).sum().column("items_sum").values, [5, 2]);
    assert.equal(frame.query(frame.column("items").gt(1)).shape[0], 2);
    const prices = new DataFrame([{ basket: "b", limit: 7 }]);
    const joined = merge({ left: frame, right: prices, on: ["basket"], how: "inner" });
    assert.deepEqual(joined.column("limit").values, [7]);
  });

  it("scales columns by the methods of a tensor", () => {
    const scaled = new MinMaxScaler().fitTransform(
      new DataFrame(ROWS).loc({ columns: ["items", "price"] }),
    ) as DataFrame;
    const [first, second] = scaled.values as number[][];
    assert.deepEqual(first, [0, 0]);
    // (2 - 1) / (4 - 1) and (3.5 - 2.5) / (9 - 2.5), in the 32 bits of a tensor.
    assert.ok(Math.abs((second?.[0] ?? 0) - 1 / 3) < 1e-6);
    assert.ok(Math.abs((second?.[1] ?? 0) - 1 / 6.5) < 1e-6);
  });

  it("refuses tf.data by name: it is not installed", () => {
    assert.throws(() => (tensorflow as { data: unknown }).data, /tf\.data is not part of this installation/);
  });
});
