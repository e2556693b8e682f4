import assert from "node:assert/strict";
import { Metrics, prometheusText } from "activate/containers/scorer/metrics.js";

describe("the scorer's metrics", () => {
  it("tell what a push takes, and how old an event is when its rows are acknowledged, for Prometheus as sums", () => {
    const metrics = new Metrics();
    metrics.count("written", 12);
    metrics.count("later", 90_000);
    metrics.written("2026-03-01T12:00:00.000Z", Date.UTC(2026, 2, 1, 12, 0, 0, 40));
    const lines = prometheusText(metrics.read(1, 2)).split("\n");
    for (const line of [
      'scorer_pushes_total{outcome="written"} 1',
      'scorer_push_seconds_bucket{le="0.01"} 0',
      'scorer_push_seconds_bucket{le="0.02"} 1',
      'scorer_push_seconds_bucket{le="60"} 1',
      'scorer_push_seconds_bucket{le="+Inf"} 2',
      "scorer_push_seconds_sum 90.012",
      'scorer_event_age_seconds_bucket{le="0.035"} 0',
      'scorer_event_age_seconds_bucket{le="0.05"} 1',
      "scorer_event_age_seconds_count 1",
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });

  it("count no age where the envelope names no time, and none below zero where clocks differ", () => {
    const metrics = new Metrics();
    metrics.written("", 0);
    metrics.written("2026-03-01T12:00:00Z", 0);
    const { age, ageSumMs } = metrics.read(0, 0);
    assert.deepEqual([age[0]?.count, ageSumMs], [1, 0]);
  });
});
