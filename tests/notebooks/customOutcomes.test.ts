import assert from "node:assert/strict";
import type { TrainingRun } from "activate/workbook/training.js";
import type { Workbook } from "activate/workbook/workbook.js";
import { assertCannotTell, assertOutcome } from "./outcome.js";
import { Room } from "./room.js";

/** Notebooks 05, 06 and 08: each check meets what a participant leaves behind, from nothing to the solution. */
describe("the checks of notebooks 05, 06 and 08, on a local cloud", function () {
  this.timeout(120_000);
  let room: Room;
  let workbook: Workbook;
  let autoencoder: TrainingRun;
  let hbos: TrainingRun;

  before(async () => {
    room = await Room.open();
    workbook = room.challenge("06");
    await room.challenge("05").prepare();
    await room.challenge("04").prepare();
  });
  after(() => room.close());

  it("before anything is made, none of them has been tried", async () => {
    const { outcomeOf } = workbook;
    assertOutcome(await outcomeOf("study", []), "not tried yet", /no run has been collected/);
    assertOutcome(await outcomeOf("challenger"), "not tried yet", /no model anomaly_detection_custom/);
    assertOutcome(await outcomeOf("canary"), "not tried yet", /No version of anomaly_detection_custom is deployed/);
    assertOutcome(await outcomeOf("promoted"), "not tried yet", /is the champion yet/);
    assertOutcome(await outcomeOf("rolledBack"), "not tried yet", /no bad version yet/);
    assertOutcome(await outcomeOf("batch"), "not tried yet", /no table week_predictions/);
    assertOutcome(await outcomeOf("cloudRun"), "not tried yet", /no Cloud Run service activate-predictor/);
    assertOutcome(await outcomeOf("sameScores"), "not tried yet", /not on Cloud Run yet/);
    assertOutcome(await outcomeOf("breakEven", 0), "not tried yet", /a number of predictions a second/);
  });

  it("05 study: other detectors, pairs twice, one setting, pairs missing, a model missing, the solution", async () => {
    const { outcomeOf, training } = workbook;
    const small = { hiddenUnits: 4, epochs: 1 };
    const options = [{ detector: "autoencoder", ...small } as const, { detector: "hbos" } as const];
    const [first, second] = await training.runAll(options);
    assert.ok(first !== undefined && second !== undefined);
    [autoencoder, hbos] = [first, second];
    /** One training stands for all: the check looks at names, settings and what lies in the folder. */
    const run = (hiddenUnits: number, epochs: number): TrainingRun => {
      return { ...first, name: `autoencoder ${hiddenUnits}/${epochs}`, settings: { hiddenUnits, epochs } };
    };
    const pairs = [run(8, 4), run(8, 16), run(48, 4), run(48, 16)];
    for (const [runs, result, pattern] of [
      [[hbos], "wrong", /hbos is no autoencoder/],
      [[run(8, 4), run(8, 4)], "wrong", /same settings/],
      [[run(8, 4), run(8, 16)], "wrong", /All runs have the same hiddenUnits/],
      [pairs.slice(0, 3), "wrong", /3 runs: pairs are missing/],
      [pairs.map((one) => ({ ...one, folder: `${one.folder}gone/` })), "wrong", /has left no model in .*gone/],
      [pairs, "right", /4 jobs, areas under the curve from/],
    ] as const) {
      assertOutcome(await outcomeOf("study", runs), result, pattern);
    }
    await assertCannotTell(room.cloud, { service: "storage" }, () => outcomeOf("study", pairs));
  });

  it("05 challenger: no alias, a folder without a model, no leave to look, the solution", async () => {
    const { outcomeOf, registry, storage, training, config } = workbook;
    const { version } = await training.register(hbos);
    assertOutcome(await outcomeOf("challenger"), "wrong", /1 version, and none is called challenger/);
    await registry.setAlias(config.customModel, version, "challenger");
    assertOutcome(await outcomeOf("challenger"), "right", /Version 1 of anomaly_detection_custom is the challenger/);
    const file = `${hbos.folder}model.json`;
    const model = await storage.read(file);
    await storage.remove(file);
    assertOutcome(await outcomeOf("challenger"), "wrong", /There is no model in gs:/);
    await storage.upload(file, model);
    await assertCannotTell(room.cloud, { service: "vertex" }, () => outcomeOf("challenger"));
  });

  it("06 canary: half of the traffic, a tenth", async () => {
    const { endpoints, outcomeOf, rollout } = workbook;
    const challenger = await rollout.candidate();
    assert.ok(challenger !== undefined);
    const { model, version } = challenger;
    await endpoints.deploy({ endpoint: await rollout.endpoint(), model, version, traffic: 50 });
    assertOutcome(await outcomeOf("canary"), "wrong", /gets 50 % of the requests, not 10 %/);
    await endpoints.deploy({ endpoint: await rollout.endpoint(), model, version, traffic: 10 });
    assertOutcome(await outcomeOf("canary"), "right", /answers one request in ten/);
    await assertCannotTell(room.cloud, { service: "vertex" }, () => outcomeOf("canary"));
  });

  it("06 promoted: the alias without the traffic, both; the endpoint stays with two models", async () => {
    const { config, outcomeOf, registry, rollout } = workbook;
    await registry.promote(config.customModel, "1");
    assertOutcome(await outcomeOf("promoted"), "wrong", /The champion gets 10 % of the requests/);
    await rollout.promote();
    assertOutcome(await outcomeOf("promoted"), "right", /Version 1 answers everything/);
    assert.equal((await rollout.endpoint()).deployedModels.length, 2);
    await assertCannotTell(room.cloud, { service: "vertex" }, () => outcomeOf("promoted"));
  });

  it("06 rolledBack: the bad version answers half of the requests and flags all of these; then it is gone", async () => {
    const { outcomeOf, rollout } = workbook;
    const requests = await rollout.breakIt({ requests: 40 });
    const bad = requests.filter(({ by }) => by === "anomaly_detection_custom-2");
    assert.ok(requests.length >= 40 && bad.length >= 15, `${bad.length} of ${requests.length}`);
    assert.ok(bad.every(({ flagged }) => flagged));
    assertOutcome(await outcomeOf("rolledBack"), "wrong", /bad version 2 is still deployed, and answers 100 %/);
    const { lost, requests: asked } = await rollout.rollBack({ requests: 40 });
    assert.deepEqual([lost, asked >= 40], [0, true]);
    assertOutcome(await outcomeOf("rolledBack"), "right", /none of \d+ requests was lost/);
    await assertCannotTell(room.cloud, { service: "vertex" }, () => outcomeOf("rolledBack"));
  });

  it("06 batch: each purchase once, some twice, another model's, the week gone", async () => {
    const { outcomeOf, rollout, warehouse } = workbook;
    await rollout.predictLastWeek();
    assertOutcome(await outcomeOf("batch"), "right", /Version 1 predicted each of 2,512 purchases once/);
    await warehouse.rows("CREATE TABLE kept AS SELECT * FROM week_predictions");
    await warehouse.rows("INSERT INTO week_predictions SELECT * FROM kept LIMIT 1");
    assertOutcome(await outcomeOf("batch"), "wrong", /2,513 predictions, about 2,512 of them/);
    await warehouse.drop("week_purchases");
    assertOutcome(await outcomeOf("batch"), "cannot be checked", /week_purchases/);
  });

  it("08 cloudRun: instances that stay, another model, the solution", async () => {
    const { outcomeOf, registry, serving, training, config } = workbook;
    await serving.deploy({ minInstances: 1 });
    assertOutcome(await outcomeOf("cloudRun"), "wrong", /minInstances is 1: so many are kept ready/);
    await serving.deploy({ minInstances: 0 });
    assertOutcome(await outcomeOf("cloudRun"), "right", /serves version 1, for those with a token only/);
    const { version } = await training.register(autoencoder);
    await registry.promote(config.customModel, version);
    assertOutcome(await outcomeOf("cloudRun"), "wrong", /and version 3 lies in/);
    await assertCannotTell(room.cloud, { service: "run" }, () => outcomeOf("cloudRun"));
  });

  it("08 sameScores: another model at the endpoint, another on Cloud Run, the same", async () => {
    const { config, endpoints, outcomeOf, registry, rollout, serving } = workbook;
    assertOutcome(await outcomeOf("sameScores"), "cannot be checked", /At the endpoint .* version 1 answers/);
    const champion = await registry.version(config.customModel, "champion");
    assert.ok(champion !== undefined);
    const { model, version } = champion;
    await endpoints.deploy({ endpoint: await rollout.endpoint(), model, version });
    assertOutcome(await outcomeOf("sameScores"), "wrong", /at the endpoint, .* on Cloud Run/);
    await serving.deploy({ minInstances: 0 });
    assertOutcome(await outcomeOf("sameScores"), "right", /200 purchases, and not one score differs/);
  });

  it("08 breakEven: too few, too many, about right; a machine without a price", async () => {
    const { outcomeOf } = workbook;
    assertOutcome(await outcomeOf("breakEven", 1), "wrong", /1 a second is too few/);
    assertOutcome(await outcomeOf("breakEven", 500), "wrong", /500 a second is too many/);
    // An hour of a node over the price of a request, as the hint reckons; and with requests that share an instance.
    for (const guess of [10.4, 20.8])
      assertOutcome(await outcomeOf("breakEven", guess), "right", /at 20\.8 predictions/);
    const other = Room.beside(room.cloud, { ACTIVATE_MACHINE_TYPE: "n1-highmem-32" });
    const outcome = await other.challenge("08").outcomeOf("breakEven", 10);
    assertOutcome(outcome, "cannot be checked", /no machine n1-highmem-32/);
    await other.connections.close();
  });
});
