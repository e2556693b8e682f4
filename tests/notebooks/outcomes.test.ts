import assert from "node:assert/strict";
import type { Decide } from "activate";

import type { ChallengeId } from "activate/workbook/challenges.js";
import type { Outcome } from "activate/workbook/checks/outcome.js";
import type { Workbook } from "activate/workbook/workbook.js";
import { assertOutcome } from "./outcome.js";
import { Room } from "./room.js";

const features = "value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log";
const kmeans = (options: string, query: string): string =>
  `CREATE MODEL IF NOT EXISTS {model} OPTIONS (MODEL_TYPE = 'KMEANS', KMEANS_INIT_METHOD = 'KMEANS++', ${options}) AS ${query}`;

/** Each check meets the blank edition, wrong answers and the solution, in the order in which a participant does. */
describe("the checks of the notebooks, on a local cloud", function () {
  this.timeout(120_000);
  let room: Room;
  const open = (challenge: ChallengeId): Workbook => room.challenge(challenge);

  before(async () => {
    room = await Room.open();
  });
  after(() => room.close());

  it("00 cannot tell before there are data, and says why", async () => {
    assertOutcome(await open("00").outcomeOf("largest", ""), "not tried yet", /Write a SELECT/);
    assertOutcome(await open("01").outcomeOf("registered"), "not tried yet", /no model anomaly_detection/);
    assertOutcome(await open("02").outcomeOf("endpoint"), "not tried yet", /no endpoint in europe-west1/);
    assertOutcome(await open("03").outcomeOf("deployed"), "not tried yet", /notebook 02 makes it/);
    assertOutcome(await open("03").outcomeOf("decision", () => true), "not tried yet", /Nothing is deployed/);
  });

  it("00 loads 60,000 events with more than 10,000 purchases, once", async () => {
    const { clickstream, warehouse } = open("00");
    assert.equal(await clickstream.load(), "cloud_run");
    assert.equal(await clickstream.load(), "cloud_run");
    const counts = await warehouse.rows("explore/event_counts.sql");
    assert.equal(
      counts.reduce((sum, row) => sum + Number(row.events), 0),
      60_000,
    );
    assert.ok(Number(counts.find(({ event }) => event === "purchase")?.events) >= 10_000);
  });

  const goods = "(SELECT SUM(item.item_price * item.quantity) FROM UNNEST(ecommerce.purchase.items) AS item)";
  const largest = (list: string, rest: string) =>
    `SELECT ecommerce.purchase.transaction_id, ecommerce.purchase.value${list} FROM cloud_run WHERE event = 'purchase' ${rest}`;
  for (const [title, query, result, pattern] of [
    ["does not parse", "SELEC 1", "wrong", /BigQuery says: .*\[1:1\]/],
    ["lacks a column", largest("", "ORDER BY value DESC LIMIT 10"), "wrong", /no column goods/],
    ["has too many rows", largest(`, ${goods} AS goods`, "ORDER BY value DESC LIMIT 11"), "wrong", /11 rows, not 10/],
    ["is ordered upwards", largest(`, ${goods} AS goods`, "ORDER BY value LIMIT 10"), "wrong", /is number 1 by value/],
    [
      "forgets quantities",
      largest(
        ", (SELECT SUM(i.item_price) FROM UNNEST(ecommerce.purchase.items) AS i) + 1 AS goods",
        "ORDER BY value DESC LIMIT 10",
      ),
      "wrong",
      /goods are .* they should be/,
    ],
    [
      "is right",
      largest(`, ${goods} AS goods`, "ORDER BY value DESC LIMIT 10"),
      "right",
      /times what its articles cost/,
    ],
  ] as const) {
    it(`00 largest: a query that ${title} is ${result}`, async () => {
      assertOutcome(await open("00").outcomeOf("largest", query), result, pattern);
    });
  }

  it("01 unscreened: blank, features that are none, too few clusters, the screened set, the solution", async () => {
    const { purchases, train, outcomeOf } = open("01");
    await purchases.writeTrainingTable();
    assertOutcome(
      await outcomeOf("unscreened", await train("")),
      "not tried yet",
      /statement between the backticks is empty/,
    );
    const all = await train(
      kmeans(
        "NUM_CLUSTERS = 3",
        "SELECT * EXCEPT (is_far, event_datetime, user_id, transaction_id) FROM training_purchases",
      ),
    );
    assertOutcome(await outcomeOf("unscreened", all), "wrong", /learnt from .*squared_z_sum too/);
    const two = await train(kmeans("NUM_CLUSTERS = 2", `SELECT ${features} FROM training_purchases`));
    assertOutcome(await outcomeOf("unscreened", two), "wrong", /has 2 clusters/);
    const raw = await train(
      kmeans("NUM_CLUSTERS = 4, STANDARDIZE_FEATURES = FALSE", `SELECT ${features} FROM training_purchases`),
    );
    assertOutcome(await outcomeOf("unscreened", raw), "wrong", /not standardized/);
    const screened = await train("bqml/train.sql", { num_clusters: 4 });
    assertOutcome(await outcomeOf("unscreened", screened), "wrong", /left the farthest tenth out already/);
    const solution = await train("bqml/train_unscreened.sql", { num_clusters: 4 });
    assertOutcome(await outcomeOf("unscreened", solution), "right", /learnt from 8,111 purchases/);
  });

  it("01 screened: blank, everything, the far ones only, the solution; the same statement is the same model", async () => {
    const { train, outcomeOf, bqml } = open("01");
    assertOutcome(await outcomeOf("screened", undefined), "not tried yet", /No model was trained yet/);
    const everything = await train("bqml/train_unscreened.sql", { num_clusters: 4 });
    assertOutcome(await outcomeOf("screened", everything), "wrong", /still learnt from every purchase/);
    const far = await train(kmeans("NUM_CLUSTERS = 4", `SELECT ${features} FROM training_purchases WHERE is_far`));
    assertOutcome(await outcomeOf("screened", far), "wrong", /the wrong way round/);
    const before = (await bqml.models()).length;
    const solution = await train("bqml/train.sql", { num_clusters: 4 });
    assertOutcome(await outcomeOf("screened", solution), "right", /7,302 purchases were learnt from, the 809 farthest/);
    assert.equal((await bqml.models()).length, before);
  });

  it("01 threshold: blank, far too low, far too high, the training quantile", async () => {
    const { train, outcomeOf, warehouse } = open("01");
    const model = await train("bqml/train.sql", { num_clusters: 4 });
    assertOutcome(await outcomeOf("threshold", { of: model, at: 0 }), "not tried yet", /Move the slider/);
    assertOutcome(await outcomeOf("threshold", { of: model, at: 0.5 }), "wrong", /false alarms/);
    assertOutcome(await outcomeOf("threshold", { of: model, at: 60 }), "wrong", /slip through/);
    const names = { model: model?.modelId ?? "" };
    const { threshold } = await warehouse.row("bqml/threshold.sql", { names, params: { quantile: 0.98 } });
    assertOutcome(
      await outcomeOf("threshold", { of: model, at: Number(threshold) }),
      "right",
      /of the anomalies are found/,
    );
  });

  it("01 registered: without alias, without threshold, complete; no second version", async () => {
    const { train, outcomeOf, bqml, registry, versions } = open("01");
    const model = await train("bqml/train.sql", { num_clusters: 4 });
    const { modelId, version } = await bqml.register(model?.modelId ?? "");
    assertOutcome(await outcomeOf("registered"), "wrong", /none is called champion/);
    await registry.setAlias(modelId, version, "champion");
    assertOutcome(await outcomeOf("registered"), "wrong", /no row in model_version/);
    const registered = await bqml.model(model?.modelId ?? "");
    await versions.keep(registered, 2.7894314179022466, "0.98 quantile of training");
    await versions.keep(registered, 2.7894314179022466, "0.98 quantile of training");
    assertOutcome(await outcomeOf("registered"), "right", /Version 1 is the champion/);
    assert.equal((await versions.list()).length, 1);
    await bqml.register(model?.modelId ?? "");
    assert.equal((await registry.versions(modelId)).length, 1);
  });

  it("02 endpoint: another name, no label, two of them, the solution, again", async () => {
    const { endpoints, config, outcomeOf } = open("02");
    const other = await endpoints.create({ displayName: "something-else" });
    assertOutcome(await outcomeOf("endpoint"), "wrong", /none called "anomaly-detection"/);
    await endpoints.remove(other.name);
    const first = await endpoints.create({ displayName: config.endpoint });
    assertOutcome(await outcomeOf("endpoint"), "wrong", /no label app=activate/);
    const second = await endpoints.create({ displayName: config.endpoint });
    assertOutcome(await outcomeOf("endpoint"), "wrong", /2 endpoints are called/);
    await endpoints.remove(second.name);
    const solution = { displayName: config.endpoint, labels: { app: "activate" } };
    assert.equal((await endpoints.ensure(solution)).name, first.name);
    assert.equal((await endpoints.ensure(solution)).created, false);
    assertOutcome(await outcomeOf("endpoint"), "right", /is there, once/);
    assertOutcome(await outcomeOf("deployed"), "not tried yet", /Nothing is deployed/);
  });

  it("03 deployed: the champion, once, with all of the traffic", async () => {
    const { endpoints, registry, config, outcomeOf } = open("03");
    const [endpoint] = await endpoints.find(config.endpoint);
    const champion = await registry.version(config.model, "champion");
    assert.ok(endpoint !== undefined && champion !== undefined);
    const { model, version } = champion;
    assert.equal((await endpoints.deploy({ endpoint, model, version })).created, true);
    assert.equal((await endpoints.deploy({ endpoint, model, version })).created, false);
    assert.equal((await endpoints.get(endpoint.name)).deployedModels.length, 1);
    assertOutcome(await outcomeOf("deployed"), "right", /answers 100 % of the requests/);
  });

  const normalized: Decide = (answer, clusters, threshold) => {
    const radius = new Map(clusters.map(({ centroid_id, cluster_radius }) => [centroid_id, cluster_radius]));
    const scores = answer.centroid_ids.map(
      (id, place) => (answer.centroid_distances[place] ?? 0) / (radius.get(id) ?? 0),
    );
    return Math.min(...scores) > threshold;
  };
  for (const [title, decide, result, pattern] of [
    ["blank", () => undefined, "not tried yet", /answers undefined/],
    ["the cluster's number", (answer) => answer.nearest_centroid_id === 1, "wrong", /you say .*, SQL says/],
    [
      "the plain distance",
      (answer, _, threshold) => Math.min(...answer.centroid_distances) > threshold,
      "wrong",
      /SQL says/,
    ],
    ["the normalized distance", normalized, "right", /All 10,623 purchases are decided as SQL decides them/],
  ] as readonly (readonly [string, Decide, Outcome["result"], RegExp])[]) {
    it(`03 decision: ${title} is ${result}`, async () => {
      assertOutcome(await open("03").outcomeOf("decision", decide), result, pattern);
    });
  }

  it("03 agrees with SQL to 1e-9 on every purchase", async () => {
    const { pairs, threshold } = await open("03").decideTwice();
    assert.equal(pairs.length, 10_623);
    assert.ok(threshold > 1);
    assert.ok(pairs.every(({ sql, online }) => Math.abs(sql - online) <= 1e-9));
  });

  it("cleaning up says what there is, refuses what is in use, and takes back in the reverse order", async () => {
    await assert.rejects(open("01").cleanUp({ confirm: true }), /deployed/i);
    for (const id of ["03", "02", "01", "00"] as const) await open(id).cleanUp({ confirm: true });
    const { bqml, endpoints, registry, warehouse, config } = open("00");
    assert.deepEqual(await bqml.models(), []);
    assert.deepEqual(await registry.versions(config.model), []);
    assert.deepEqual(await endpoints.list(), []);
    assert.deepEqual(await warehouse.tables(), []);
  });
});
