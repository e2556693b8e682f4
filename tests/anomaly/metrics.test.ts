import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  averagePrecision,
  bestThreshold,
  metricsAtThreshold,
  metricsByKind,
  precisionRecallCurve,
  quantile,
  rocAuc,
  rocCurve,
} from "activate/anomaly";
import fc from "fast-check";

interface Case {
  readonly name: string;
  readonly scores: number[];
  readonly truth: boolean[];
  readonly averagePrecision: number;
  readonly rocAuc: number;
  readonly curve: { score: number; precision: number; recall: number }[];
  readonly cuts: {
    threshold: number;
    confusion: [number, number, number, number];
    precision: number;
    recall: number;
    f1Score: number;
  }[];
  readonly quantiles: { q: number; value: number }[];
}

// Made by fixtures/metrics.py with scikit-learn and NumPy.
const path = join(process.cwd(), "tests/anomaly/fixtures/metrics.json");
const cases = (JSON.parse(readFileSync(path, "utf8")) as { cases: Case[] }).cases;

const near = (actual: number, expected: number, digits = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= digits, `${actual} is not ${expected}`);

describe("metrics of scores against ground truth", () => {
  for (const { name, scores, truth, ...expected } of cases) {
    describe(`agree with scikit-learn on scores that are ${name}`, () => {
      it("average precision", () => near(averagePrecision({ scores, truth }), expected.averagePrecision));
      it("area under the ROC curve", () => near(rocAuc({ scores, truth }), expected.rocAuc));
      it("every point of the precision-recall curve", () => {
        const curve = [...precisionRecallCurve({ scores, truth })].reverse();
        assert.equal(curve.length, expected.curve.length);
        for (const [index, point] of curve.entries()) {
          const other = expected.curve[index];
          assert.ok(other);
          assert.equal(point.score, other.score);
          near(point.precision, other.precision);
          near(point.recall, other.recall);
        }
      });
      it("confusion, precision, recall and F1 at thresholds", () => {
        for (const cut of expected.cuts) {
          const found = metricsAtThreshold({ scores, truth }, cut.threshold);
          assert.deepEqual(
            [found.trueNegatives, found.falsePositives, found.falseNegatives, found.truePositives],
            cut.confusion,
          );
          near(found.precision, cut.precision);
          near(found.recall, cut.recall);
          near(found.f1Score, cut.f1Score);
        }
      });
      it("quantiles (NumPy)", () => {
        for (const { q, value } of expected.quantiles) near(quantile(scores, q), value);
      });
      it("no threshold has a better F1 score than the best one", () => {
        const best = bestThreshold({ scores, truth });
        for (const score of scores) {
          for (const cut of [score, score - 1e-9]) {
            assert.ok(metricsAtThreshold({ scores, truth }, cut).f1Score <= best.f1Score + 1e-12);
          }
        }
      });
    });
  }

  it("the area under the ROC curve is the chance that an anomaly scores higher, ties counting half", () => {
    const row = fc.record({ score: fc.integer({ min: 0, max: 5 }), truth: fc.boolean() });
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 40 }), (rows) => {
        const anomalies = rows.filter((r) => r.truth);
        const others = rows.filter((r) => !r.truth);
        fc.pre(anomalies.length > 0 && others.length > 0);
        let wins = 0;
        for (const a of anomalies) {
          for (const o of others) wins += a.score > o.score ? 1 : a.score === o.score ? 0.5 : 0;
        }
        const scored = { scores: rows.map((r) => r.score), truth: rows.map((r) => r.truth) };
        near(rocAuc(scored), wins / (anomalies.length * others.length), 1e-9);
      }),
      { seed: 1 },
    );
  });

  it("infinite scores rank first", () => {
    const scored = { scores: [Number.POSITIVE_INFINITY, 1, 2], truth: [true, false, false] };
    assert.equal(averagePrecision(scored), 1);
    assert.equal(rocAuc(scored), 1);
    assert.equal(bestThreshold(scored).f1Score, 1);
  });

  it("gives the metrics of each kind against the honest rows only", () => {
    const kinds = ["blatant", null, "subtle", null, null];
    const found = metricsByKind([9, 1, 2, 3, 0], kinds, 2.5);
    assert.deepEqual(
      found.map(({ kind, anomalies, recall }) => ({ kind, anomalies, recall })),
      [
        { kind: "blatant", anomalies: 1, recall: 1 },
        { kind: "subtle", anomalies: 1, recall: 0 },
      ],
    );
    assert.equal(found[0]?.averagePrecision, 1);
    assert.equal(found[1]?.averagePrecision, 0.5);
    near(found[1]?.rocAuc ?? 0, 2 / 3);
  });

  it("refuses rows that do not match, scores that are not numbers, and a truth of one class", () => {
    assert.throws(() => averagePrecision({ scores: [1], truth: [] }), /same rows, got 1 and 0/);
    assert.throws(() => metricsAtThreshold({ scores: [Number.NaN], truth: [true] }, 0), /got NaN/);
    assert.throws(() => averagePrecision({ scores: [1], truth: [false] }), /at least one anomaly/);
    assert.throws(() => rocCurve({ scores: [1], truth: [true] }), /both anomalies and others/);
    assert.throws(() => quantile([], 0.5), /at least one value/);
    assert.throws(() => quantile([1], 1.5), /between 0 and 1, got 1.5/);
  });
});
