import assert from "node:assert/strict";
import type { ScoredPurchase } from "activate";
import { judge } from "activate/workbook/contest.js";

const purchase = (index: number, truth: boolean | null, kind: string | null): ScoredPurchase => ({
  transaction_id: `T${index}`,
  event_datetime: "2026-02-25T10:00:00.000Z",
  value: 10 * index,
  goods: 9 * index,
  quantity: 1,
  features: {
    value_log: 0,
    tax_log: 0,
    shipping: 0,
    tax_rate: 0,
    quantity_log: 0,
    item_price_log: 0,
    unexplained_log: 0,
  },
  centroid_id: 1,
  normalized_distance: 1,
  truth,
  kind,
});
const purchases = [
  purchase(1, true, "value_spike"),
  purchase(2, true, "surcharge"),
  purchase(3, false, null),
  purchase(4, false, null),
  purchase(5, null, null),
];

describe("a contest of detectors", () => {
  const contest = judge(purchases, [
    { name: "k-means", scores: [9, 1, 2, 0, 99], threshold: 5 },
    { name: "forest", scores: [0.9, 0.8, 0.1, 0.2, 0.99], threshold: 0.5 },
  ]);

  it("ranks them by the area under the precision-recall curve, on the purchases whose truth is known", () => {
    assert.equal(contest.purchases, 4);
    assert.deepEqual(contest.detectors, ["forest", "k-means"]);
    assert.deepEqual(
      contest.summary.map((row) => [row.detector, row["area under PR curve"], row.precision, row.recall]),
      [
        ["forest", 1, 1, 1],
        ["k-means", 0.5 + 0.5 * (2 / 3), 1, 0.5],
      ],
    );
  });

  it("tells kinds apart, each against the honest purchases alone", () => {
    assert.deepEqual(contest.kinds, [
      { kind: "value_spike", anomalies: 1, forest: 1, "k-means": 1 },
      { kind: "surcharge", anomalies: 1, forest: 1, "k-means": 0.5 },
    ]);
  });

  it("names the anomalies that one alone finds at its own threshold", () => {
    assert.deepEqual(contest.foundByOne, [
      { "found only by": "forest", transaction_id: "T2", kind: "surcharge", value: 20, goods: 18 },
    ]);
  });

  it("cannot judge where nobody knows", () => {
    const unknown = purchases.map((one) => ({ ...one, truth: null }));
    assert.throws(() => judge(unknown, [{ name: "a", scores: [1, 2, 3, 4, 5], threshold: 1 }]), /at least one anomaly/);
  });
});
