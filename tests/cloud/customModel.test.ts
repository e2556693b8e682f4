import assert from "node:assert/strict";
import {
  addressOf,
  BatchPredictions,
  Connections,
  configFrom,
  Endpoints,
  Jobs,
  ModelRegistry,
  Predictions,
} from "activate/cloud";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { until } from "../localcloud/vertex/clients.js";
import { PREDICTOR_IMAGE, TestImages, TRAINER_IMAGE } from "../localcloud/vertex/images.js";

/** The program of the images does what its environment says, whatever its arguments. */
const TRAIN = { image: TRAINER_IMAGE, args: ["train"] };
const SERVE = { image: PREDICTOR_IMAGE, args: ["serve"] };

describe("a model of our own, through the library", function () {
  this.timeout(60_000);
  const images = new TestImages();
  let cloud: LocalCloud;
  let connections: Connections;
  let jobs: Jobs;
  let registry: ModelRegistry;
  let endpoints: Endpoints;
  let predictions: Predictions;
  before(async () => {
    cloud = await startLocalCloud({ operationStageMs: 5, imagesFolder: images.folder });
    const config = configFrom({});
    const environment = { ACTIVATE_LOCAL_REST: cloud.rest, ACTIVATE_LOCAL_GRPC: cloud.grpc };
    connections = new Connections(config, addressOf(config, environment));
    jobs = new Jobs(connections);
    registry = new ModelRegistry(connections);
    endpoints = new Endpoints(connections);
    predictions = new Predictions(connections);
    const bucket = await fetch(`${cloud.rest}/storage/v1/b?project=activate-local`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "models" }),
    });
    assert.equal(bucket.status, 200);
    for (const folder of ["1", "2"]) {
      await fetch(`${cloud.rest}/upload/storage/v1/b/models/o?uploadType=media&name=${folder}/model.json`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: "{}",
      });
    }
  });
  after(async () => {
    await connections.close();
    await cloud.stop();
    images.remove();
  });

  describe("a job", () => {
    const epoch = (number: number): string =>
      JSON.stringify({
        message: `epoch ${number}`,
        epoch: number,
        epochs: 3,
        loss: 1 / number,
        validationLoss: 2 / number,
      });

    it("is followed line by line, with the curve that its losses make", async () => {
      const job = await jobs.submit({
        ...TRAIN,
        displayName: "learns",
        environment: { SAY: ["reading rows", epoch(1), epoch(2), epoch(3)].join("|") },
        outputFolder: "gs://models/runs/1",
        labels: { study: "small" },
      });
      assert.equal(job.state, "QUEUED");
      const lines: string[] = [];
      const states = new Set<string>();
      let curve: readonly unknown[] = [];
      const done = await jobs.follow(job.name, {
        pauseMsMax: 100,
        report: (progress) => {
          states.add(progress.job.state);
          lines.push(...progress.lines.map(({ text }) => text));
          curve = progress.curve;
        },
      });
      assert.equal(done.state, "SUCCEEDED");
      assert.ok(states.has("SUCCEEDED"));
      assert.deepEqual(lines, ["reading rows", "epoch 1", "epoch 2", "epoch 3"]);
      assert.deepEqual(curve[1], { epoch: 2, epochs: 3, loss: 0.5, validationLoss: 1 });
      assert.equal(curve.length, 3);
      assert.equal(done.outputFolder, "gs://models/runs/1");
      assert.deepEqual(done.labels, { study: "small" });
      assert.ok((done.endedAt ?? 0) >= (done.startedAt ?? Infinity) && (done.startedAt ?? 0) >= done.createdAt);
      assert.equal((await jobs.list({ displayName: "learns" }))[0]?.name, job.name);
    });

    it("is told the configuration", async () => {
      const job = await jobs.submit({ ...TRAIN, displayName: "asks", environment: { PRINT_ENVIRONMENT: "1" } });
      await jobs.follow(job.name, { pauseMsMax: 100 });
      const [line] = await jobs.logs(job.name);
      const environment = line?.fields.environment as Record<string, string> | undefined;
      const { ACTIVATE_PROJECT, ACTIVATE_DATASET, ACTIVATE_LOCAL_GRPC } = environment ?? {};
      assert.deepEqual(
        [ACTIVATE_PROJECT, ACTIVATE_DATASET, ACTIVATE_LOCAL_GRPC],
        ["activate-local", "ecommerce_sink", cloud.grpc],
      );
    });

    it("that fails says why, and one that is cancelled that it was", async () => {
      const bad = await jobs.submit({ ...TRAIN, displayName: "fails", environment: { SAY: "no rows", EXIT: "1" } });
      await assert.rejects(jobs.follow(bad.name, { pauseMsMax: 100 }), {
        code: "REFUSED",
        status: "FAILED",
        message: /Job fails \(\d+\) did not succeed: The replica workerpool0-0 exited.*\n {2}no rows$/s,
      });
      const long = await jobs.submit({ ...TRAIN, displayName: "waits", environment: { WAIT: "1" } });
      await jobs.cancel(long.name);
      await assert.rejects(jobs.follow(long.name, { pauseMsMax: 100 }), { status: "CANCELLED" });
      await jobs.remove(long.name);
      await jobs.remove(long.name);
      await assert.rejects(jobs.get(long.name), { code: "NOT_FOUND" });
    });

    it("for a bucket or an image that is not there is refused with the cause", async () => {
      await assert.rejects(jobs.submit({ ...TRAIN, displayName: "j", outputFolder: "gs://nobody/x" }), {
        message: /Submit job j: The bucket nobody of base_output_directory does not exist/,
      });
      await assert.rejects(jobs.submit({ displayName: "j", image: "gcr.io/p/torch:1" }), {
        message: /'gcr\.io\/p\/torch:1' not found\. The local cloud has no container engine/,
      });
      assert.deepEqual(await jobs.list({ displayName: "j" }), []);
    });
  });

  describe("a version", () => {
    it("is registered once for its artifacts, challenges, and becomes the champion", async () => {
      const first = await registry.register({
        ...SERVE,
        modelId: "own",
        artifactUri: "gs://models/1/",
        aliases: ["champion"],
      });
      assert.deepEqual([first.version, first.created, first.aliases], ["1", true, ["champion", "default"]]);
      const again = await registry.register({ ...SERVE, modelId: "own", artifactUri: "gs://models/1/" });
      assert.deepEqual([again.version, again.created], ["1", false]);
      const second = await registry.register({ ...SERVE, modelId: "own", artifactUri: "gs://models/2/" });
      assert.equal(second.version, "2");
      assert.deepEqual((await registry.challenge("own", "2")).aliases, ["challenger"]);
      assert.deepEqual((await registry.promote("own", "2")).aliases, ["champion"]);
      assert.deepEqual((await registry.version("own", "1"))?.aliases, ["default"]);
    });

    it("takes no alias from another one unless told to move it, and is not registered for one that is taken", async () => {
      const model = { ...SERVE, modelId: "named" };
      await registry.register({ ...model, artifactUri: "gs://models/1/", aliases: ["live"] });
      const taken = {
        code: "CONFLICT",
        message: /^The alias "live" is taken: version 1 of named has it\. To move it, /,
      };
      const other = { ...model, artifactUri: "gs://models/2/" };
      await assert.rejects(registry.register({ ...other, aliases: ["live"] }), taken);
      assert.equal((await registry.versions("named")).length, 1);
      await registry.register(other);
      await assert.rejects(registry.register({ ...other, aliases: ["live"] }), taken);
      await assert.rejects(registry.setAlias("named", "2", "live"), taken);
      const holders = async () => (await registry.versions("named")).map(({ aliases }) => aliases.includes("live"));
      assert.deepEqual(await holders(), [true, false]);
      await registry.setAlias("named", "1", "live");
      await registry.setAlias("named", "2", "live", { move: true });
      assert.deepEqual(await holders(), [false, true]);
    });

    it("without artifacts is refused, and nothing is registered", async () => {
      for (const artifactUri of ["gs://models/none/", "gs://nobody/1/"]) {
        await assert.rejects(registry.register({ ...SERVE, modelId: "empty", artifactUri }), {
          code: "NOT_FOUND",
          message: /artifacts of the Model were not found at gs:/,
        });
      }
      assert.deepEqual(await registry.versions("empty"), []);
    });
  });

  it("predicts for a file of rows, and tells what came of it", async () => {
    const { model, version } = await registry.register({ ...SERVE, modelId: "batch", artifactUri: "gs://models/1/" });
    await fetch(`${cloud.rest}/upload/storage/v1/b/models/o?uploadType=media&name=rows.jsonl`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"a": 1}\n{"a": 2}\n',
    });
    const batches = new BatchPredictions(connections);
    const input = { files: ["gs://models/rows.jsonl"] };
    const job = await batches.submit({
      displayName: "week",
      model: `${model}@${version}`,
      input,
      output: { folder: "gs://models/out" },
    });
    const done = await batches.follow(job.name);
    assert.deepEqual([done.successful, done.failed], [2, 0]);
    assert.match(done.output ?? "", /^gs:\/\/models\/out\/prediction-week-/);
    const missing = { files: ["gs://models/none.jsonl"] };
    const bad = await batches.submit({
      displayName: "bad",
      model,
      input: missing,
      output: { folder: "gs://models/out" },
    });
    await assert.rejects(batches.follow(bad.name), {
      status: "FAILED",
      message: /bad did not succeed: No such object/,
    });
  });

  describe("an endpoint", () => {
    let name: string;
    let ids: string[];
    before(async () => {
      let endpoint = await endpoints.create({ displayName: "shop" });
      name = endpoint.name;
      for (const [index, label] of ["old", "new"].entries()) {
        const environment = { NAME: label };
        const artifactUri = `gs://models/${index + 1}/`;
        const { model, version } = await registry.register({
          ...SERVE,
          modelId: `served-${label}`,
          artifactUri,
          environment,
        });
        endpoint = await endpoints.deploy({ endpoint, model, version, traffic: index === 0 ? 100 : 0 });
      }
      ids = endpoint.deployedModels.map(({ id }) => id);
    });

    const traffic = async (): Promise<number[]> => {
      const { deployedModels } = await endpoints.get(name);
      return ids.map((id) => deployedModels.find((deployed) => deployed.id === id)?.traffic ?? -1);
    };

    it("gives a canary its part, compares, promotes, and rolls back in one call without a failed request", async () => {
      const endpoint = await endpoints.get(name);
      const [old = "", fresh = ""] = ids;
      await assert.rejects(endpoints.rollBack(endpoint), { code: "CONFLICT" });
      await endpoints.canary(endpoint, fresh, 30);
      assert.deepEqual(await traffic(), [70, 30]);
      const rows = Array.from({ length: 8 }, (_, value) => ({ value }));
      const sides = await endpoints.compare(endpoint, rows, { calls: 60, rows: 4 });
      assert.deepEqual(
        sides.map(({ model }) => model),
        ["served-old", "served-new"],
      );
      assert.equal(
        sides.reduce((sum, { calls }) => sum + calls, 0),
        60,
      );
      for (const { answers, deployedModelId, calls, latencyMs } of sides) {
        assert.ok(calls > 3 && latencyMs.p50 <= latencyMs.p99);
        assert.equal(answers.get(5)?.deployedModelId, deployedModelId);
        assert.equal((answers.get(5)?.prediction as { sum: number } | undefined)?.sum, 5);
      }
      await endpoints.promote(endpoint, fresh);
      assert.deepEqual(await traffic(), [0, 100]);
      let going = true;
      const load = (async () => {
        while (going) await predictions.predict(name, [{ a: 1 }], { retry: { attempts: 1 } });
      })();
      const began = performance.now();
      await endpoints.rollBack(endpoint);
      assert.ok(performance.now() - began < 2000);
      going = false;
      await load;
      assert.deepEqual(await traffic(), [100, 0]);
      const answers = await predictions.answers(name, [{ a: 1 }]);
      assert.equal(answers[0]?.deployedModelId, old);
    });

    it("loses no call when a predictor is killed under load", async () => {
      const [first] = (await predictions.predict(name, [{ a: 1 }])) as unknown as { pid: number }[];
      const pid = first?.pid ?? 0;
      let killed = false;
      const calls = Array.from({ length: 8 }, async (_, caller) => {
        for (let call = 0; call < 20; call++) {
          if (caller === 0 && call === 5) {
            process.kill(pid, "SIGKILL");
            killed = true;
          }
          const [answer] = await predictions.predict(name, [{ caller, call }]);
          assert.equal((answer as { sum: number }).sum, caller + call);
        }
      });
      await Promise.all(calls);
      assert.ok(killed);
      await until(async () => {
        const [answer] = (await predictions.predict(name, [{ a: 1 }])) as unknown as { pid: number }[];
        return answer?.pid !== pid;
      });
    });

    it("refuses shares and models that cannot be", async () => {
      const endpoint = await endpoints.get(name);
      await assert.rejects(endpoints.canary(endpoint, ids[0] ?? "", 101), {
        message: /whole percentage from 0 to 100/,
      });
      await assert.rejects(endpoints.canary(endpoint, "7", 10), {
        code: "NOT_FOUND",
        message: /shop has no deployed model 7/,
      });
    });
  });
});
