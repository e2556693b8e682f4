import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DETECTOR_KINDS, type Detector, type DetectorKind, fitDetector, saveDetector } from "activate/anomaly";
import { Random } from "activate/anomaly/random.js";
import { run } from "activate/containers/predictor/main.js";
import { freePort } from "activate/localcloud/platform/containers";
import { type TestHost, testHost } from "./host.js";

const random = new Random("predictor");
const ROWS = Array.from({ length: 300 }, () => {
  const value = random.between(10, 100);
  return { value, tax: value * 0.19 + random.between(-0.1, 0.1), shipping: random.pick([0, 4, 6]) };
});
const COLUMNS = {
  value: ROWS.map(({ value }) => value),
  tax: ROWS.map(({ tax }) => tax),
  shipping: ROWS.map(({ shipping }) => shipping),
};
const SETTINGS = {
  autoencoder: { epochs: 20, hiddenUnits: 16 },
  "isolation-forest": { trees: 30 },
  hbos: {},
  ensemble: { epochs: 20, hiddenUnits: 16, trees: 30 },
};
const trained = (kind: DetectorKind): Detector => fitDetector(kind, COLUMNS, { settings: SETTINGS[kind] });

interface Prediction {
  readonly score: number;
  readonly isAnomaly: boolean;
  readonly threshold: number;
  readonly contributions: Record<string, number>;
  readonly modelVersion: string;
  readonly error?: { readonly code: string; readonly message: string };
}

describe("the predictor", function () {
  this.timeout(20_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-predictor-"));
  const running: { readonly host: TestHost; readonly exit: Promise<number> }[] = [];

  afterEach(async () => {
    for (const { host, exit } of running.splice(0)) {
      host.terminate();
      await exit;
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  const start = async (environment: Record<string, string> = {}) => {
    const port = String(await freePort());
    const host = testHost({
      ACTIVATE_LOCAL_REST: "http://127.0.0.1:1",
      AIP_HTTP_PORT: port,
      AIP_HEALTH_ROUTE: "/v1/endpoints/7/deployedModels/8",
      AIP_PREDICT_ROUTE: "/v1/endpoints/7/deployedModels/8:predict",
      AIP_STORAGE_URI: folder,
      ...environment,
    });
    const exit = run(host);
    running.push({ host, exit });
    return { host, exit, url: `http://127.0.0.1:${environment.PORT ?? port}` };
  };

  const serving = async (detector: Detector, environment: Record<string, string> = {}) => {
    writeFileSync(join(folder, "model.json"), saveDetector(detector));
    const server = await start(environment);
    await server.host.logged(/^Serving /);
    const post = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
      fetch(`${server.url}/v1/endpoints/7/deployedModels/8:predict`, { method: "POST", body, headers });
    const predict = async (instances: unknown): Promise<readonly Prediction[]> => {
      const response = await post(JSON.stringify({ instances }));
      const text = await response.text();
      assert.equal(response.status, 200, text);
      return (JSON.parse(text) as { predictions: Prediction[] }).predictions;
    };
    return { ...server, post, predict };
  };

  for (const kind of DETECTOR_KINDS) {
    it(`answers the scores, thresholds and contributions of ${kind}, every row as the detector has them`, async () => {
      const detector = trained(kind);
      const { predict } = await serving(detector, { MODEL_VERSION: "3" });
      const predictions = await predict(ROWS);
      const { scores, contributions } = detector.explain(COLUMNS);
      assert.deepEqual(
        predictions.map(({ score }) => score),
        [...scores],
      );
      for (const [row, prediction] of predictions.entries()) {
        assert.deepEqual(prediction, {
          score: scores[row],
          isAnomaly: (scores[row] ?? 0) > detector.threshold,
          threshold: detector.threshold,
          contributions: Object.fromEntries(contributions.map(({ feature, values }) => [feature, values[row]])),
          modelVersion: "3",
        });
      }
      const [odd] = await predict([{ value: 9000, tax: -50, shipping: 90 }]);
      assert.equal(odd?.isAnomaly, true);
    });
  }

  it("is healthy on the health route, and nothing is anywhere else", async () => {
    const { url } = await serving(trained("hbos"));
    assert.equal((await fetch(`${url}/v1/endpoints/7/deployedModels/8`)).status, 200);
    assert.equal((await fetch(`${url}/`)).status, 404);
    assert.equal((await fetch(`${url}/v1/endpoints/7/deployedModels/8:predict`)).status, 405);
  });

  it("names the version by the file's hash unless MODEL_VERSION says otherwise", async () => {
    const { predict } = await serving(trained("hbos"));
    assert.match((await predict([ROWS[0]]))[0]?.modelVersion ?? "", /^[0-9a-f]{12}$/);
  });

  it("listens on PORT and serves /predict and /health where nothing else is said, as on Cloud Run", async () => {
    writeFileSync(join(folder, "model.json"), saveDetector(trained("hbos")));
    const port = String(await freePort());
    const host = testHost({
      ACTIVATE_LOCAL_REST: "http://127.0.0.1:1",
      PORT: port,
      K_SERVICE: "predictor",
      AIP_STORAGE_URI: folder,
    });
    running.push({ host, exit: run(host) });
    await host.logged(/^Serving hbos /);
    assert.equal((await fetch(`http://127.0.0.1:${port}/health`)).status, 200);
    const body = JSON.stringify({ instances: [ROWS[0]] });
    const headers = { "content-type": "application/json; charset=utf-8" };
    assert.equal((await fetch(`http://127.0.0.1:${port}/predict`, { method: "POST", body, headers })).status, 200);
  });

  it("scores the rest when an instance cannot be scored, and says which field of which instance is wrong", async () => {
    const { predict } = await serving(trained("hbos"));
    const good = ROWS[0];
    const predictions = await predict([
      good,
      { value: 1, tax: 1 },
      { ...good, tax: null },
      { ...good, tax: "0.19" },
      7,
      [1, 2, 3],
      { ...good, transaction_id: "T1" },
    ]);
    assert.deepEqual(
      predictions.map(({ error }) => error?.message),
      [
        undefined,
        "instances[1].shipping is missing",
        "instances[2].tax must be a finite number, got null",
        'instances[3].tax must be a finite number, got "0.19"',
        "instances[4] must be an object of feature names and numbers",
        'instances[5] must be an object of feature names and numbers (in a batch prediction set instanceType to "object")',
        undefined,
      ],
    );
    assert.equal(predictions[1]?.error?.code, "INVALID_ARGUMENT");
    assert.deepEqual(predictions[6], predictions[0]);
  });

  const refused: readonly (readonly [what: string, body: string, status: number, reason: RegExp])[] = [
    ["no instances", '{"instances":[]}', 400, /"instances" is empty; send at least one/],
    ["a body without instances", '{"rows":[1]}', 400, /the body has no "instances"; it must be/],
    ["instances that are no list", '{"instances":{"value":1}}', 400, /"instances" must be a list/],
    ["a body that is not JSON", '{"instances":[', 400, /the body is not JSON: /],
    [
      "a body over 1.5 MB",
      `{"instances":[],"padding":"${"x".repeat(1_500_000)}"}`,
      413,
      /larger than 1500000 bytes; send fewer/,
    ],
    [
      "100,000 instances",
      `{"instances":[${Array(100_000).fill(0).join(",")}]}`,
      413,
      /the answer to 100000 instances would have \d+ bytes, at most 1500000 are allowed; send about \d+ instances/,
    ],
  ];
  for (const [what, body, status, reason] of refused) {
    it(`refuses ${what}`, async () => {
      const { post, predict } = await serving(trained("hbos"));
      const response = await post(body);
      assert.equal(response.status, status);
      assert.match(((await response.json()) as { error: string }).error, reason);
      assert.equal((await predict([ROWS[0]])).length, 1);
    });
  }

  it("refuses a content type that is not JSON", async () => {
    const { post } = await serving(trained("hbos"));
    const response = await post('{"instances":[{}]}', { "content-type": "text/csv" });
    assert.equal(response.status, 415);
    assert.deepEqual(await response.json(), { error: 'the content type must be application/json, got "text/csv"' });
  });

  it("answers requests under way when it is asked to end, and ends with 0", async () => {
    const { host, exit, predict } = await serving(trained("hbos"));
    const answers = Promise.all(Array.from({ length: 20 }, () => predict(ROWS)));
    await predict([ROWS[0]]);
    host.terminate();
    assert.equal((await answers).length, 20);
    assert.equal(await exit, 0);
  });

  describe("never healthy, ends with a line that says why when", () => {
    const file = saveDetector(trained("hbos"));
    const artifacts: readonly (readonly [what: string, text: string | undefined, reason: RegExp])[] = [
      ["the model is missing", undefined, /^No model to serve: there is no model\.json in /],
      [
        "the model is truncated",
        file.slice(0, 200),
        /^No model to serve: .* model\.json: the file is truncated or damaged: /,
      ],
      [
        "the model is of another version",
        JSON.stringify({ ...JSON.parse(file), version: 9 }),
        /the file is of format version 9, this program reads version 2: train/,
      ],
      [
        "the artifact is not a model",
        '{"gcs":1}',
        /the file is not a detector: its "format" is not "activate-detector"/,
      ],
    ];
    for (const [what, text, reason] of artifacts) {
      it(what, async () => {
        rmSync(join(folder, "model.json"), { force: true });
        if (text !== undefined) writeFileSync(join(folder, "model.json"), text);
        const { host, exit, url } = await start();
        const healthy = await fetch(`${url}/v1/endpoints/7/deployedModels/8`).then(
          ({ ok }) => ok,
          () => false,
        );
        assert.equal(await exit, 65);
        assert.equal(healthy, false);
        const last = host.entries.at(-1);
        assert.equal(last?.severity, "CRITICAL");
        assert.match(String(last?.message), reason);
        await assert.rejects(fetch(`${url}/v1/endpoints/7/deployedModels/8`));
      });
    }

    it("AIP_STORAGE_URI is not set, or the port is taken or none", async () => {
      const nowhere = await start({ AIP_STORAGE_URI: "" });
      assert.equal(await nowhere.exit, 65);
      assert.match(String(nowhere.host.entries.at(-1)?.message), /AIP_STORAGE_URI is not set/);
      writeFileSync(join(folder, "model.json"), file);
      const blocker = createServer().listen(0, "127.0.0.1");
      await new Promise((resolve) => blocker.once("listening", resolve));
      const address = blocker.address();
      const taken = await start({ AIP_HTTP_PORT: String(typeof address === "object" ? address?.port : 0) });
      assert.equal(await taken.exit, 74);
      assert.match(String(taken.host.entries.at(-1)?.message), /^Port \d+ cannot be listened on: .*EADDRINUSE/);
      blocker.close();
      assert.equal(await (await start({ AIP_HTTP_PORT: "http" })).exit, 64);
    });
  });
});
