import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type DetectorKind, FEATURES, loadDetector, purchaseFeatures, simulate } from "activate/anomaly";
import { CloudStorage, Connections, configFrom, numberIn, Warehouse } from "activate/cloud";
import { addressOf } from "activate/cloud/connections.js";
import { run as serve } from "activate/containers/predictor/main.js";
import { run } from "activate/containers/trainer/main.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { freePort } from "activate/localcloud/platform/containers";
import { testHost } from "./host.js";

const ROOT = resolve(__dirname, "../../..");

interface Metrics {
  readonly detector: DetectorKind;
  readonly threshold: number;
  readonly rows: { readonly training: number; readonly validation: number };
  readonly flaggedShare: number;
  readonly epochs: readonly { readonly epoch: number; readonly loss: number; readonly validationLoss: number }[];
  readonly labelled?: {
    readonly anomalies: number;
    readonly averagePrecision: number;
    readonly byKind: readonly { readonly kind: string }[];
  };
  readonly candidates?: readonly { readonly detector: string; readonly averagePrecision: number }[];
  readonly chosenBy?: string;
}

describe("the trainer", function () {
  this.timeout(60_000);
  const state = mkdtempSync(join(tmpdir(), "activate-trainer-"));
  let folders = 0;
  let cloud: LocalCloud;
  let connections: Connections;
  let warehouse: Warehouse;
  let environment: Record<string, string>;

  before(async () => {
    cloud = await startLocalCloud();
    environment = { ACTIVATE_LOCAL_REST: cloud.rest, ACTIVATE_LOCAL_GRPC: cloud.grpc };
    const config = configFrom({});
    connections = new Connections(config, addressOf(config, environment));
    warehouse = new Warehouse(connections);
    await warehouse.ensureDataset();
    const columns = FEATURES.map((feature) => `${feature} FLOAT64`).join(", ");
    await warehouse.rows(`CREATE TABLE purchases (transaction_id STRING, ${columns})`);
    await warehouse.rows("CREATE TABLE labels (transaction_id STRING, is_anomaly BOOL, kind STRING)");
    const rows: object[] = [];
    const labels: object[] = [];
    for (const { event, label } of simulate({ events: 9000, days: 5, anomalyShare: 0.03 })) {
      if (label === undefined || !("purchase" in event.ecommerce)) continue;
      rows.push({ transaction_id: label.transaction_id, ...purchaseFeatures(event.ecommerce.purchase) });
      labels.push(label);
    }
    await warehouse.load("purchases", rows);
    await warehouse.load("labels", labels);
  });
  after(async () => {
    await connections.close();
    await cloud.stop();
    rmSync(state, { recursive: true });
  });

  const newFolder = (): string => join(state, `${++folders}`);
  const flagsOf = (flags: Record<string, string | number>): string[] =>
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const train = async (flags: Record<string, string | number>, folder = newFolder()) => {
    const words = flagsOf({ table: "purchases", detector: "autoencoder", epochs: 6, "hidden-units": 12, ...flags });
    const host = testHost({ ...environment, AIP_MODEL_DIR: folder }, words);
    const exitCode = await run(host);
    return { host, exitCode, folder, message: String(host.entries.at(-1)?.message ?? "") };
  };
  const metricsIn = (folder: string): Metrics =>
    JSON.parse(readFileSync(join(folder, "metrics.json"), "utf8")) as Metrics;

  it("reads a table, reports the loss of each epoch, and writes model, metrics and lineage", async () => {
    const { host, exitCode, folder } = await train({ labels: "labels", seed: "s1" });
    assert.equal(exitCode, 0, JSON.stringify(host.entries));
    const epochs = host.entries.filter(({ epoch }) => epoch !== undefined);
    assert.deepEqual(
      epochs.map(({ epoch }) => epoch),
      [1, 2, 3, 4, 5, 6],
    );
    assert.ok(
      epochs.every(
        ({ epochs: all, loss, validationLoss, severity }) =>
          all === 6 && Number(loss) > 0 && Number(validationLoss) > 0 && severity === "INFO",
      ),
    );
    const metrics = metricsIn(folder);
    const { training, validation } = metrics.rows;
    const [count] = await warehouse.rows("SELECT COUNT(*) AS n FROM purchases");
    assert.equal(training + validation, count?.n);
    assert.ok(validation / (training + validation) > 0.17 && validation / (training + validation) < 0.23);
    assert.ok((metrics.labelled?.anomalies ?? 0) > 3 && (metrics.labelled?.averagePrecision ?? 0) > 0.3);
    assert.ok(metrics.flaggedShare <= 0.025);
    const lineage = JSON.parse(readFileSync(join(folder, "lineage.json"), "utf8"));
    assert.equal(lineage.query, "SELECT * FROM `purchases`");
    assert.deepEqual([lineage.rows, lineage.seed, lineage.settings.epochs], [count?.n, "s1", 6]);
    assert.equal(lineage.trainedAt, "2026-03-01T00:00:00.000Z");
    assert.ok(lineage.revision.length > 0);
    const detector = loadDetector(readFileSync(join(folder, "model.json"), "utf8"));
    assert.deepEqual(detector.featureNames, [...FEATURES].sort());
  });

  it("gives equal models for equal seeds, whatever the order of the rows, and other ones for other seeds", async () => {
    const one = await train({ seed: "a" });
    const reversed = await train({
      seed: "a",
      query: "SELECT * FROM purchases ORDER BY transaction_id DESC",
      table: "",
    });
    assert.match(reversed.message, /--table has no value/);
    const words = flagsOf({
      query: "SELECT * FROM purchases ORDER BY transaction_id DESC",
      detector: "autoencoder",
      epochs: 6,
      "hidden-units": 12,
      seed: "a",
    });
    const folder = newFolder();
    assert.equal(await run(testHost({ ...environment, AIP_MODEL_DIR: folder }, words)), 0);
    const other = await train({ seed: "b" });
    const model = (of: string) => readFileSync(join(of, "model.json"), "utf8");
    assert.equal(model(folder), model(one.folder));
    assert.notEqual(model(other.folder), model(one.folder));
  });

  it("writes a model that scores every exported row alike in this process and behind the predictor's wire", async () => {
    const { folder } = await train({});
    const detector = loadDetector(readFileSync(join(folder, "model.json"), "utf8"));
    const rows = await warehouse.rows("SELECT * FROM purchases");
    const columns = FEATURES.map((feature) => [feature, rows.map((row) => numberIn(row, feature))] as const);
    const scores = detector.score(Object.fromEntries(columns));
    const flagged = (row: number) => (scores[row] ?? 0) > metricsIn(folder).threshold;
    const port = await freePort();
    const host = testHost({ ...environment, AIP_STORAGE_URI: folder, PORT: String(port) });
    const exit = serve(host);
    await host.logged(/^Serving autoencoder/);
    const response = await fetch(`http://127.0.0.1:${port}/predict`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ instances: rows }),
    });
    const { predictions } = (await response.json()) as { predictions: { score: number; isAnomaly: boolean }[] };
    host.terminate();
    assert.equal(await exit, 0);
    assert.equal(predictions.length, rows.length);
    for (const [row, { score, isAnomaly }] of predictions.entries()) {
      assert.ok(Math.abs(score - (scores[row] ?? Number.NaN)) <= 1e-6, `row ${row}: ${score} and ${scores[row]}`);
      assert.equal(isAnomaly, flagged(row));
    }
  });

  it("takes the best by labels, and asks all detectors together where there are none", async () => {
    const flags = { detector: "best", epochs: 20, "hidden-units": 24, trees: 30 };
    const { folder } = await train({ ...flags, labels: "labels" });
    const { candidates = [], chosenBy, detector } = metricsIn(folder);
    assert.equal(chosenBy, "labels");
    assert.deepEqual(
      candidates.map((candidate) => candidate.detector),
      ["autoencoder", "isolation-forest", "hbos", "ensemble"],
    );
    const best = [...candidates].sort((a, b) => b.averagePrecision - a.averagePrecision)[0];
    assert.equal(detector, best?.detector);

    const unlabelled = metricsIn((await train(flags)).folder);
    assert.deepEqual(
      [unlabelled.detector, unlabelled.candidates, unlabelled.chosenBy],
      ["ensemble", undefined, undefined],
    );
  });

  it("writes to and reads from Cloud Storage", async () => {
    const storage = new CloudStorage(connections);
    const { name } = await storage.ensureBucket();
    const { exitCode } = await train({ detector: "hbos", epochs: 1 }, `gs://${name}/runs/1/model/`);
    assert.equal(exitCode, 64, "hbos has no epochs");
    const words = flagsOf({ table: "purchases", detector: "hbos" });
    assert.equal(await run(testHost({ ...environment, AIP_MODEL_DIR: `gs://${name}/runs/1/model/` }, words)), 0);
    const written = await storage.list(`gs://${name}/runs/1/`);
    assert.deepEqual(
      written.map(({ path }) => path),
      ["model/lineage.json", "model/metrics.json", "model/model.json"],
    );
    assert.equal(loadDetector(await storage.read(`gs://${name}/runs/1/model/model.json`)).kind, "hbos");
  });

  it("killed mid-way and started again it goes on from its checkpoint, to the metrics of an undisturbed run", async () => {
    const bundled = spawnSync(process.execPath, [join(ROOT, "lib/bin/images.mjs")], { encoding: "utf8" });
    assert.equal(bundled.status, 0, bundled.stderr);
    const words = flagsOf({
      table: "purchases",
      detector: "autoencoder",
      epochs: 40,
      "hidden-units": 24,
      labels: "labels",
    });
    const start = (folder: string, checkpoints: string) => {
      const env = { PATH: process.env.PATH, ...environment, AIP_MODEL_DIR: folder, AIP_CHECKPOINT_DIR: checkpoints };
      const main = join(ROOT, "lib/dist/images/activate/main.js");
      const child = spawn(process.execPath, [main, "trainer", ...words], { env, stdio: ["ignore", "pipe", "inherit"] });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      return { child, exit: once(child, "exit"), lines };
    };
    const undisturbed = newFolder();
    const whole = start(undisturbed, newFolder());
    for (let line = await whole.lines.next(); !line.done; ) line = await whole.lines.next();
    assert.equal((await whole.exit)[0], 0);

    const folder = newFolder();
    const checkpoints = newFolder();
    for (const [signal, at] of [
      ["SIGKILL", 13],
      ["SIGTERM", 29],
    ] as const) {
      const { child, exit, lines } = start(folder, checkpoints);
      for (;;) {
        const { value, done } = await lines.next();
        assert.ok(!done, `ended before epoch ${at}`);
        if ((JSON.parse(value) as { epoch?: number }).epoch === at) break;
      }
      child.kill(signal);
      for (let line = await lines.next(); !line.done; ) line = await lines.next();
      const [code, by] = (await exit) as [number | null, string | null];
      assert.ok(by === "SIGKILL" || code === 143, `${code} ${by}`);
      assert.equal(existsSync(join(folder, "model.json")), false);
    }
    const last = start(folder, checkpoints);
    const epochs: number[] = [];
    for (let line = await last.lines.next(); !line.done; line = await last.lines.next()) {
      const { epoch } = JSON.parse(line.value) as { epoch?: number };
      if (epoch !== undefined) epochs.push(epoch);
    }
    assert.equal((await last.exit)[0], 0);
    assert.ok((epochs[0] ?? 0) >= 29, `went on at epoch ${epochs[0]}`);
    assert.equal(epochs.at(-1), 40);
    assert.deepEqual(metricsIn(folder), metricsIn(undisturbed));
    assert.equal(
      readFileSync(join(folder, "model.json"), "utf8"),
      readFileSync(join(undisturbed, "model.json"), "utf8"),
    );
    assert.deepEqual(readdirSync(checkpoints), []);
  });

  it("begins anew when the checkpoint is of other settings or damaged, and says so", async () => {
    const checkpoints = newFolder();
    const stopped = testHost(
      { ...environment, AIP_MODEL_DIR: newFolder(), AIP_CHECKPOINT_DIR: checkpoints },
      flagsOf({ table: "purchases", detector: "autoencoder", epochs: 6, "hidden-units": 12 }),
    );
    stopped.terminate();
    assert.equal(await run(stopped), 143);
    const { host, exitCode } = await train({ "checkpoint-dir": checkpoints, epochs: 7 });
    assert.equal(exitCode, 0);
    assert.ok(
      host.entries.some(
        ({ severity, message }) =>
          severity === "WARNING" && /is not used: it belongs to other rows, settings/.test(String(message)),
      ),
    );
  });

  describe("ends with a reason, and no model, for", () => {
    const FIVE = "SELECT * FROM purchases LIMIT 5";
    const queries: readonly (readonly [what: string, query: string, exitCode: number, reason: RegExp])[] = [
      [
        "a query without rows",
        "SELECT * FROM purchases WHERE FALSE",
        65,
        /^the query answers no rows: there is nothing/,
      ],
      ["a tiny query", FIVE, 65, /^the query answers 5 rows, at least 50 are needed/],
      [
        "a constant feature",
        "SELECT * REPLACE (1.5 AS shipping) FROM purchases",
        65,
        /^column shipping is 1.5 in all \d+ rows: it can tell nothing; leave it out/,
      ],
      [
        "NaN",
        "SELECT * REPLACE (IF(transaction_id = 'T0000007', IEEE_DIVIDE(0, 0), tax_rate) AS tax_rate) FROM purchases",
        65,
        /^column tax_rate holds NaN in the row with transaction_id T0000007/,
      ],
      [
        "an infinite value",
        "SELECT * REPLACE (IF(transaction_id = 'T0000007', CAST('-inf' AS FLOAT64), tax_rate) AS tax_rate) FROM purchases",
        65,
        /^column tax_rate holds -Infinity in the row/,
      ],
      [
        "NULL",
        "SELECT * REPLACE (NULLIF(tax_rate, tax_rate) AS tax_rate) FROM purchases",
        65,
        /^column tax_rate holds NULL in the row/,
      ],
      [
        "a missing column",
        "SELECT * EXCEPT (tax_rate) FROM purchases",
        65,
        /^column tax_rate is missing in what the query answers: transaction_id, /,
      ],
      [
        "keys that are all alike",
        "SELECT * REPLACE ('T' AS transaction_id) FROM purchases",
        65,
        /have the same key, or nearly so/,
      ],
      ["a query that BigQuery refuses", "SELECT * FORM purchases", 65, /^Query: Syntax error: /],
      ["a table that does not exist", "SELECT * FROM nowhere", 65, /^Query: .*Not found: Table .*nowhere/],
    ];
    for (const [what, query, exitCode, reason] of queries) {
      it(what, async () => {
        const folder = newFolder();
        const host = testHost({ ...environment, AIP_MODEL_DIR: folder }, flagsOf({ query, detector: "hbos" }));
        assert.equal(await run(host), exitCode, JSON.stringify(host.entries));
        const { severity, message } = host.entries.at(-1) ?? {};
        assert.equal(severity, "ERROR");
        assert.match(String(message), reason);
        assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
      });
    }

    const flags: readonly (readonly [what: string, words: string, reason: RegExp])[] = [
      ["no query", "--detector hbos", /^--query or --table is missing\nUsage: trainer/],
      ["an unknown flag", "--table t --epoch 3", /^there is no flag --epoch. Did you mean --epochs\?/],
      ["a word that is no flag", "train --table t", /^"train" is no flag/],
      ["a flag twice", "--table t --seed 1 --seed=2", /^--seed is given twice/],
      [
        "an unknown detector",
        "--table t --detector autoencodr",
        /^--detector must be autoencoder, .*Did you mean autoencoder\?/,
      ],
      [
        "a setting out of range",
        "--table t --detector autoencoder --epochs 0",
        /^--epochs must be a whole number from 1 to 10000, got 0/,
      ],
      [
        "a setting that is no number",
        "--table t --detector autoencoder --noise=much",
        /^--noise must be a number from 0 to 100, got NaN/,
      ],
      ["a setting of another detector", "--table t --detector hbos --trees 3", /^detector hbos has no setting --trees/],
      ["a feature twice", "--table t --features a,a", /^--features "a,a" has a name twice/],
    ];
    for (const [what, words, reason] of flags) {
      it(what, async () => {
        const host = testHost({ ...environment, AIP_MODEL_DIR: newFolder() }, words.split(" "));
        assert.equal(await run(host), 64);
        assert.match(String(host.entries.at(-1)?.message), reason);
      });
    }

    it("no folder to write to, or a bucket that does not exist", async () => {
      const nowhere = testHost(environment, ["--table", "purchases"]);
      assert.equal(await run(nowhere), 64);
      assert.match(String(nowhere.entries.at(-1)?.message), /^AIP_MODEL_DIR is not set/);
      const { exitCode, message } = await train({}, "gs://no-such-bucket-here/model/");
      assert.equal(exitCode, 74);
      assert.match(message, /^bucket no-such-bucket-here of gs:\/\/no-such-bucket-here\/model\/ does not exist/);
    });
  });
});
