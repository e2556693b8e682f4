import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { figures, type ScoredPurchase } from "activate";
import { repositoryRoot } from "activate/cloud/paths.js";
import { costOf } from "activate/workbook/costs.js";
import type { Figure } from "activate/workbook/show/plot.js";

/** The figure as kept beside this test; UPDATE_SNAPSHOTS=1 writes it anew. Numbers keep six digits. */
function assertSnapshot(name: string, figure: Figure): void {
  const file = join(repositoryRoot(), "tests", "workbook", "snapshots", `${name}.json`);
  const text = `${JSON.stringify(figure, (_, value) => (typeof value === "number" ? Number(value.toPrecision(6)) : value), 1)}\n`;
  if (process.env.UPDATE_SNAPSHOTS === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  assert.ok(existsSync(file), `${file} is missing: run with UPDATE_SNAPSHOTS=1 and look at it`);
  assert.equal(text, readFileSync(file, "utf8"));
}

/** Two clusters: one of honest purchases, one in which 8 of 10 are anomalies that excuse themselves. */
const scored: ScoredPurchase[] = Array.from({ length: 60 }, (_, index) => {
  const inWide = index % 6 === 0;
  const truth = inWide ? index % 30 !== 0 : index % 25 === 1;
  return {
    transaction_id: `T${String(index).padStart(3, "0")}`,
    event_datetime: "2026-02-01T10:00:00.000Z",
    value: inWide ? 250_000 : 40 + index,
    goods: 30 + index,
    quantity: 1 + (index % 3),
    features: {
      value_log: 4,
      tax_log: 2,
      shipping: 5,
      tax_rate: 0.2,
      quantity_log: 0,
      item_price_log: 3,
      unexplained_log: 0,
    },
    centroid_id: inWide ? 2 : 1,
    normalized_distance: truth && !inWide ? 3 + index / 60 : 0.4 + index / 100,
    truth,
    kind: truth ? (inWide ? "value_spike" : "tax_mismatch") : null,
  };
});
const clusters = [
  { centroid_id: 1, cluster_radius: 1.25, cluster_size: 50 },
  { centroid_id: 2, cluster_radius: 4.5, cluster_size: 10 },
];

const cases: readonly [name: string, finding: RegExp, figure: Figure][] = [
  [
    "rhythm",
    /busiest on Sunday at 20:00 UTC; its best hour has 5 times/,
    figures.rhythm([
      ...Array.from({ length: 24 }, (_, hour) => ({ weekday: "Monday", weekday_number: 2, hour, events: 10 + hour })),
      ...Array.from({ length: 24 }, (_, hour) => ({
        weekday: "Sunday",
        weekday_number: 1,
        hour,
        events: hour === 20 ? 120 : 20,
      })),
    ]),
  ],
  [
    "funnel",
    /Of 100 visitors who look, 40 put something into the cart and 15 buy/,
    figures.funnel([
      { step: 1, event: "view_item", visitors: 2000, share: 1 },
      { step: 2, event: "add_to_cart", visitors: 800, share: 0.4 },
      { step: 3, event: "purchase", visitors: 300, share: 0.15 },
    ]),
  ],
  [
    "valueDistribution",
    /95 % of the purchases stay below 1,000 EUR; 2 purchases of more than 10,000 EUR/,
    figures.valueDistribution([
      { value_from: 10, value_to: 100, purchases: 60 },
      { value_from: 100, value_to: 1000, purchases: 38 },
      { value_from: 100_000, value_to: 1_000_000, purchases: 2 },
    ]),
  ],
  [
    "clusterMembers",
    /Cluster 2 is 80 % anomalies: they are each other's neighbours/,
    figures.clusterMembers(scored, clusters),
  ],
  [
    "clusterMembers-screened",
    /No cluster belongs to the anomalies: even the worst, cluster 1, is 94 % honest/,
    figures.clusterMembers(
      scored.filter(({ centroid_id }) => centroid_id === 1),
      clusters.slice(0, 1),
    ),
  ],
  [
    "centroidProfiles",
    /cluster 2 lies 3\.5 standard deviations below the mean in tax_rate/,
    figures.centroidProfiles([
      { centroid_id: 1, feature: "shipping", numerical_value: 5, standardized_value: 0.5 },
      { centroid_id: 1, feature: "tax_rate", numerical_value: 0.2, standardized_value: 0.1 },
      { centroid_id: 2, feature: "shipping", numerical_value: 4, standardized_value: -0.25 },
      { centroid_id: 2, feature: "tax_rate", numerical_value: 0.01, standardized_value: -3.5 },
    ]),
  ],
  ["purchaseMap", /A threshold of 2\.00 finds 3 of 11 anomalies/, figures.purchaseMap(scored, 2)],
  [
    "precisionRecall",
    /Screened lifts the area under the precision-recall curve from 0\.\d\d to 1\.00/,
    figures.precisionRecall({
      everything: scored,
      screened: scored.map((row) => ({ ...row, normalized_distance: row.truth === true ? 5 : 1 })),
    }),
  ],
  [
    "distancesByKind",
    /1 of 2 kinds of anomaly lie beyond 98 % of the honest purchases as a rule; value_spike looks honest/,
    figures.distancesByKind(scored),
  ],
  [
    "agreement",
    /decide alike on 3 of 4 purchases; their scores differ by at most 1e\+0/,
    figures.agreement(
      [
        { transaction_id: "a", sql: 0.5, online: 0.5, truth: false },
        { transaction_id: "b", sql: 3, online: 3, truth: true },
        { transaction_id: "c", sql: 1.5, online: 2.5, truth: true },
        { transaction_id: "d", sql: 1, online: 1, truth: null },
      ],
      2,
    ),
  ],
  [
    "trafficSplit",
    /anomaly-1 answers 100 % of the requests to shop/,
    figures.trafficSplit({
      name: "projects/p/locations/l/endpoints/1",
      id: "1",
      displayName: "shop",
      labels: {},
      createdAt: 0,
      deployedModels: [
        { id: "7", model: "m", version: "1", displayName: "anomaly-1", machineType: "n1-standard-2", traffic: 100 },
      ],
    }),
  ],
  [
    "trafficSplitPromoted",
    /Of the requests to shop, anomaly-1 is ready at 0 %, custom-1 answers 100 %/,
    figures.trafficSplit({
      name: "projects/p/locations/l/endpoints/1",
      id: "1",
      displayName: "shop",
      labels: {},
      createdAt: 0,
      deployedModels: [
        { id: "7", model: "m", version: "1", displayName: "anomaly-1", machineType: "n1-standard-2", traffic: 0 },
        { id: "8", model: "c", version: "1", displayName: "custom-1", machineType: "n1-standard-2", traffic: 100 },
      ],
    }),
  ],
  [
    "liveScores",
    /2 of 3 purchases scored, 1 of them flagged/,
    figures.liveScores(
      [
        { transaction_id: "L1", second: 0.4, score: 0.7, flagged: false, truth: false, kind: null },
        { transaction_id: "L2", second: 0.5, score: 31, flagged: true, truth: true, kind: "value_spike" },
      ],
      3,
      2.5,
    ),
  ],
  [
    "latencyHistogram",
    /100 pushes answered: half within 25 ms, 99 % within 100 ms/,
    figures.latencyHistogram([
      { upToMs: 10, count: 20 },
      { upToMs: 25, count: 60 },
      { upToMs: 100, count: 20 },
      { upToMs: Number.POSITIVE_INFINITY, count: 0 },
    ]),
  ],
  [
    "lossCurve",
    /Autoencoder: loss from 0\.5 to 0\.1 in 2 epochs/,
    figures.lossCurve(
      [
        { epoch: 1, epochs: 2, loss: 0.5, validationLoss: 0.55 },
        { epoch: 2, epochs: 2, loss: 0.1, validationLoss: 0.2 },
      ],
      "Autoencoder",
    ),
  ],
  [
    "studyGrid",
    /Best of 4: bottleneck 3, epochs 20 \(area 0\.960\)/,
    figures.studyGrid(
      [
        { bottleneck: 2, epochs: 10, area: 0.9 },
        { bottleneck: 3, epochs: 10, area: 0.93 },
        { bottleneck: 2, epochs: 20, area: 0.91 },
        { bottleneck: 3, epochs: 20, area: 0.96 },
      ],
      { x: "bottleneck", y: "epochs", value: "area" },
    ),
  ],
  [
    "detectorCurves",
    /On the same purchases hbos has an area of 1\.000, k-means 0\.\d{3}/,
    figures.detectorCurves({
      "k-means": { scores: [3, 2, 1, 4], truth: [true, false, true, false] },
      hbos: { scores: [3, 2, 4, 1], truth: [true, false, true, false] },
    }),
  ],
  [
    "kindsByDetector",
    /hbos is best over all 2 kinds; hardest for it is surcharge \(0\.60\)/,
    figures.kindsByDetector(
      [
        { kind: "value_spike", anomalies: 5, "k-means": 1, hbos: 1 },
        { kind: "surcharge", anomalies: 7, "k-means": 0.2, hbos: 0.6 },
      ],
      ["k-means", "hbos"],
    ),
  ],
  [
    "contributions",
    /L0000042: tax_rate makes 75 % of its score of 4/,
    figures.contributions("L0000042", { tax_rate: 3, shipping: 0.75, value_log: 0.25 }),
  ],
  [
    "answeredBy",
    /4 requests, 1 lost: custom-1 answers 25 % and flags 0 % of these, k-means-1 answers 50 % and flags 50 % of these, nobody answers 25 %/,
    figures.answeredBy(
      [
        { at: 0, by: "k-means-1", milliseconds: 3, flagged: false },
        { at: 10, by: "k-means-1", milliseconds: 4, flagged: true },
        { at: 20, by: "custom-1", milliseconds: 5, flagged: false },
        { at: 30, by: undefined, milliseconds: 9, flagged: false },
      ],
      [{ at: 15, what: "canary 10 %" }],
    ),
  ],
  [
    "flaggedByDay",
    /50 purchases in 2 days: 3 anomalies found, 1 missed, 2 flagged in vain/,
    figures.flaggedByDay([
      { day: "2026-02-22", purchases: 20, found: 1, missed: 0, vain: 2 },
      { day: "2026-02-23", purchases: 30, found: 2, missed: 1, vain: 0 },
    ]),
  ],
  [
    "sideBySide",
    /Vertex AI endpoint answers fastest, in 4 ms; .* wait 800 ms/,
    figures.sideBySide(
      [
        { name: "Vertex AI endpoint", calls: 10, failed: 0, p50: 4, p99: 9, perSecond: 200, latencies: [] },
        { name: "Cloud Run", calls: 10, failed: 0, p50: 5, p99: 11, perSecond: 180, latencies: [] },
      ],
      800,
    ),
  ],
  [
    "costPerMillion",
    /At 1 a minute Cloud Run, min 0 is cheapest, at 500 a second Cloud Run, min 1/,
    figures.costPerMillion(
      [1 / 60, 500].flatMap((load) =>
        (["Vertex AI endpoint", "Cloud Run, min 0", "Cloud Run, min 1"] as const).map((serving) =>
          costOf({ serving, perSecond: 800 }, load, { machineType: "n1-standard-2" }),
        ),
      ),
    ),
  ],
];

describe("a figure of the notebooks", () => {
  for (const [name, finding, figure] of cases) {
    it(`${name} states its finding, and looks as it did`, () => {
      assert.match(figure.title, finding);
      assertSnapshot(name, figure);
    });
  }
});
