import assert from "node:assert/strict";
import {
  averagePrecision,
  FEATURES,
  fitDetector,
  metricsByKind,
  purchaseFeatures,
  simulate,
  toColumns,
} from "activate/anomaly";

const DAY_MS = 86_400_000;

/** The first 23 simulated days to learn from, anomalies and all; the last 7 to be judged by. */
function split() {
  const training = [];
  const judged = [];
  const kinds: (string | null)[] = [];
  const from = Date.UTC(2026, 2, 1) - 7 * DAY_MS;
  for (const { timeMs, event, label } of simulate()) {
    if (label === undefined || !("purchase" in event.ecommerce)) continue;
    const row = purchaseFeatures(event.ecommerce.purchase);
    if (timeMs < from) training.push(row);
    else {
      judged.push(row);
      kinds.push(label.kind);
    }
  }
  return { training: toColumns(training, FEATURES), judged: toColumns(judged, FEATURES), kinds };
}

describe("detection on the simulated shop, by default settings and without labels", function () {
  this.timeout(180_000);
  const { training, judged, kinds } = split();
  const truth = kinds.map((kind) => kind !== null);

  it("the autoencoder reaches an average precision of 0.95, and 0.99 for each blatant kind", () => {
    const detector = fitDetector("autoencoder", training);
    const scores = Array.from(detector.score(judged));
    const overall = averagePrecision({ scores, truth });
    assert.ok(overall >= 0.95, `${overall}`);
    for (const { kind, averagePrecision: precision } of metricsByKind(scores, kinds, detector.threshold)) {
      const blatant = ["value_spike", "decimal_slip", "quantity_burst", "shipping_mismatch"].includes(kind);
      if (blatant) assert.ok(precision >= 0.99, `${kind}: ${precision}`);
    }
  });
});
