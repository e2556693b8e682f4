import assert from "node:assert/strict";
import {
  averagePrecision,
  type DetectorKind,
  FEATURES,
  fitDetector,
  metricsByKind,
  purchaseFeatures,
  simulate,
  toColumns,
} from "activate/anomaly";

const DAY_MS = 86_400_000;

/** The first 23 simulated days to learn from, anomalies and all; the last 7 to be judged by. */
function split(seed: string) {
  const training = [];
  const judged = [];
  const kinds: (string | null)[] = [];
  const from = Date.UTC(2026, 2, 1) - 7 * DAY_MS;
  for (const { timeMs, event, label } of simulate({ seed })) {
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

const BLATANT = ["value_spike", "decimal_slip", "quantity_burst", "shipping_mismatch"];

/** The average precision overall, which each blatant kind must reach 0.99 for. */
function judged(kind: DetectorKind, seed: string): number {
  const { training, judged: rows, kinds } = split(seed);
  const detector = fitDetector(kind, training);
  const scores = Array.from(detector.score(rows));
  for (const { kind: anomaly, averagePrecision: precision } of metricsByKind(scores, kinds, detector.threshold)) {
    if (BLATANT.includes(anomaly)) assert.ok(precision >= 0.99, `${kind}, ${seed}, ${anomaly}: ${precision}`);
  }
  return averagePrecision({ scores, truth: kinds.map((of) => of !== null) });
}

describe("detection on the simulated shop, by default settings and without labels", function () {
  this.timeout(180_000);

  it("the autoencoder reaches 0.95 in the mean of seeds that it was not made for, and 0.99 for each blatant kind", () => {
    // Not chosen by what they give: the first of the eight that README.md lists apart.
    const found = ["h1", "h2", "h3"].map((seed) => judged("autoencoder", seed));
    const mean = found.reduce((sum, one) => sum + one, 0) / found.length;
    assert.ok(mean >= 0.95, found.join(", "));
  });

  it("the ensemble reaches as much with the seed of the workbook", () => {
    const found = judged("ensemble", "activate");
    assert.ok(found >= 0.95, `${found}`);
  });
});
