import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import {
  averagePrecision,
  FEATURES,
  type PurchaseEvent,
  purchaseFeatures,
  simulateClickstream,
  toSinkRow,
} from "activate/anomaly";
import { readSql, renderSql } from "activate/cloud/sql.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { PassThroughClient } from "google-auth-library";

const { events, labels } = simulateClickstream();
const NAMES = {
  features_view: "purchase_features",
  project: "activate-local",
  dataset: "ecommerce_sink",
  events: "cloud_run",
  model: "screened",
  registry_model: "purchase-anomaly",
  num_clusters: 4,
  contamination: 0.02,
  training_start: "2026-01-30",
  training_end: "2026-02-22",
};
const WINDOW = {
  start: BigQuery.timestamp("2026-02-22T00:00:00Z"),
  end: BigQuery.timestamp("2026-03-01T00:00:00Z"),
};
type Row = Record<string, unknown>;

describe("the statements of sql/ on the local cloud, DuckDB alone", function () {
  this.timeout(60_000);
  let cloud: LocalCloud;
  let client: BigQuery;
  let folder: string;
  const engine = process.env.ACTIVATE_SQL_ENGINE;

  const run = async (path: string, params: Row = {}, names: Partial<typeof NAMES> = {}): Promise<Row[]> => {
    const file = readSql(path);
    const all = { ...NAMES, ...names };
    const used = Object.fromEntries(Object.entries(all).filter(([name]) => file.placeholders.has(name)));
    const types = Object.fromEntries(file.params) as NonNullable<Parameters<BigQuery["query"]>[0] & object>["types"];
    const given = Object.keys(params).length === 0 ? {} : { params, types };
    const [rows] = await client.query({ query: renderSql(file, used), ...given } as Parameters<BigQuery["query"]>[0]);
    return rows as Row[];
  };

  before(async () => {
    process.env.ACTIVATE_SQL_ENGINE = "duckdb";
    cloud = await startLocalCloud();
    client = new BigQuery({ projectId: NAMES.project, apiEndpoint: cloud.rest, authClient: new PassThroughClient() });
    folder = mkdtempSync(join(tmpdir(), "activate-sql-"));
    await client.createDataset(NAMES.dataset, { location: "europe-west1" });
    for (const table of ["events", "purchase_label", "model_version"]) await run(`tables/${table}.sql`);
    const load = async (table: string, rows: readonly object[]) => {
      const path = join(folder, `${table}.ndjson`);
      writeFileSync(path, rows.map((row) => JSON.stringify(row)).join("\n"));
      await client.dataset(NAMES.dataset).table(table).load(path, { sourceFormat: "NEWLINE_DELIMITED_JSON" });
    };
    await load("cloud_run", events.map(toSinkRow));
    await load("purchase_label", labels);
    await run("features/purchase_features.sql");
    await run("features/training_purchases.sql");
    await run("bqml/train_unscreened.sql", {}, { model: "unscreened" });
    await run("bqml/train.sql");
  });
  after(async () => {
    await cloud?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
    if (engine === undefined) delete process.env.ACTIVATE_SQL_ENGINE;
    else process.env.ACTIVATE_SQL_ENGINE = engine;
  });

  it("hold the features to their twin in TypeScript, to twelve digits", async () => {
    const [rows] = await client.query(
      `SELECT transaction_id, ${FEATURES.join(", ")} FROM ecommerce_sink.purchase_features`,
    );
    const purchases = events.filter((event): event is PurchaseEvent => event.event === "purchase");
    const twins = new Map(
      purchases.map(({ ecommerce: { purchase } }) => [purchase.transaction_id, purchaseFeatures(purchase)]),
    );
    assert.equal(rows.length, purchases.length);
    for (const row of rows as Row[]) {
      const twin = twins.get(String(row.transaction_id));
      assert.ok(twin);
      for (const feature of FEATURES) {
        const difference = Math.abs(Number(row[feature]) - twin[feature]);
        assert.ok(difference <= 1e-12 * Math.max(1, Math.abs(twin[feature])), `${feature} of ${row.transaction_id}`);
      }
    }
  });

  it("leave out a tenth of the training window, and with it most anomalies", async () => {
    const [[row]] = (await client.query(`
      SELECT COUNT(*) AS purchases, COUNTIF(is_far) AS far, COUNTIF(label.is_anomaly) AS anomalies,
        COUNTIF(label.is_anomaly AND is_far) AS far_anomalies
      FROM ecommerce_sink.training_purchases JOIN ecommerce_sink.purchase_label AS label USING (transaction_id)`)) as [
      Row[],
    ];
    assert.ok(row);
    assert.ok(Math.abs(Number(row.far) / Number(row.purchases) - 0.1) < 0.001);
    assert.ok(Number(row.far_anomalies) > 0.8 * Number(row.anomalies), JSON.stringify(row));
  });

  it("find anomalies with a model trained on screened purchases that an unscreened one excuses", async () => {
    const precision: Record<string, number> = {};
    const spikes: Record<string, number> = {};
    for (const model of ["screened", "unscreened"]) {
      const rows = await run("bqml/distances.sql", WINDOW, { model });
      const score = (chosen: readonly Row[]) =>
        averagePrecision({
          scores: chosen.map((row) => Number(row.normalized_distance)),
          truth: chosen.map((row) => row.truth === true),
        });
      precision[model] = score(rows);
      spikes[model] = score(rows.filter((row) => row.kind === null || row.kind === "value_spike"));
    }
    assert.ok((precision.screened ?? 0) > 0.7, JSON.stringify(precision));
    assert.ok((precision.screened ?? 0) > (precision.unscreened ?? 1) + 0.05, JSON.stringify(precision));
    assert.equal(spikes.screened, 1);
  });

  it("give a threshold that flags the wanted share, and its metrics as lib/anomaly has them", async () => {
    const [found] = await run("bqml/threshold.sql", { quantile: 0.98 });
    assert.ok(found);
    const threshold = Number(found.threshold);
    const rows = await run("bqml/distances.sql", WINDOW);
    const [metrics] = await run("bqml/threshold_metrics.sql", { ...WINDOW, thresholds: [threshold] });
    assert.ok(metrics);
    const flagged = rows.filter((row) => Number(row.normalized_distance) > threshold);
    assert.equal(metrics.flagged, flagged.length);
    assert.equal(metrics.true_positives, flagged.filter((row) => row.truth === true).length);
    const kinds = await run("bqml/kinds.sql", { ...WINDOW, threshold });
    assert.equal(kinds.length, 8);
    assert.equal(
      kinds.reduce((sum, row) => sum + Number(row.found), 0),
      metrics.true_positives,
    );
    assert.equal(kinds.find((row) => row.kind === "value_spike")?.recall, 1);
  });

  it("spread a sample over the ranking, from the farthest purchase on", async () => {
    const rows = await run("bqml/sample_scores.sql", { ...WINDOW, rows: 50, threshold: 2 });
    assert.equal(rows.length, 50);
    const distances = rows.map((row) => Number(row.normalized_distance));
    assert.deepEqual(
      distances,
      [...distances].sort((a, b) => b - a),
    );
    for (const row of rows) assert.equal(row.is_anomalous, Number(row.normalized_distance) > 2);
  });

  it("list what DETECT_ANOMALIES flags, farthest first", async () => {
    const rows = await run("bqml/detect.sql", { ...WINDOW, limit: 10 });
    assert.equal(rows.length, 10);
    assert.ok(rows.every((row) => row.is_anomaly === true));
    assert.equal(rows[0]?.truth, true);
  });

  it("keep one row a model version, however often it is recorded", async () => {
    const clusters = await run("bqml/clusters.sql");
    assert.equal(clusters.length, 4);
    const version = {
      registry_model: "purchase-anomaly",
      version: "1",
      source_model: "activate-local.ecommerce_sink.screened",
      features: [...FEATURES],
      threshold: 2.5,
      threshold_source: "quantile 0.98",
      training_rows: 7000,
      clusters,
    };
    await run("registry/record_model_version.sql", version);
    await run("registry/record_model_version.sql", { ...version, threshold: 3 });
    const kept = await run("registry/read_model_versions.sql", { registry_model: "purchase-anomaly" });
    assert.equal(kept.length, 1);
    assert.equal(kept[0]?.threshold, 3);
    assert.deepEqual(kept[0]?.features, [...FEATURES]);
    assert.deepEqual(kept[0]?.clusters, clusters);
  });

  const looks: [path: string, params: Row, rows: number][] = [
    ["bqml/evaluate.sql", {}, 1],
    ["bqml/centroids.sql", {}, 28],
    ["explore/event_counts.sql", {}, 3],
    ["explore/daily.sql", {}, 90],
    ["explore/events_per_hour.sql", {}, 168],
    ["explore/funnel.sql", {}, 3],
    ["explore/top_items.sql", { limit: 5 }, 5],
    ["explore/suspicious_purchases.sql", { limit: 20 }, 20],
  ];
  for (const [path, params, rows] of looks) {
    it(`answer ${path}`, async () => assert.equal((await run(path, params)).length, rows));
  }

  it("count every purchase in the histogram of values", async () => {
    const bins = await run("explore/value_distribution.sql");
    assert.equal(
      bins.reduce((sum, bin) => sum + Number(bin.purchases), 0),
      labels.length,
    );
    assert.ok(bins.every((bin) => Math.abs(Number(bin.value_to) / Number(bin.value_from) - 10 ** 0.1) < 1e-9));
  });

  it("name iterations whose loss falls", async () => {
    const losses = (await run("bqml/training_info.sql")).map((row) => Number(row.loss));
    assert.ok(
      losses.length > 1 && losses.every((loss, index) => loss <= (losses[index - 1] ?? Number.POSITIVE_INFINITY)),
    );
  });

  it("register the model, and drop it", async () => {
    await run("registry/register_model.sql", {}, { model: "unscreened" });
    await run("bqml/drop_model.sql", {}, { model: "unscreened" });
    await run("bqml/drop_model.sql", {}, { model: "unscreened" });
  });

  describe("of the bench", () => {
    for (const file of readdirSync(join(process.cwd(), "sql", "bench")).sort()) {
      it(file, async () => assert.ok((await run(`bench/${file}`)).length > 0));
    }
  });
});
