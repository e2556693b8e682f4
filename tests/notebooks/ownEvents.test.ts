import assert from "node:assert/strict";
import { bigQueryClient } from "activate/cloud/clients.js";
import * as figures from "activate/workbook/figures/index.js";
import { Show } from "activate/workbook/show/show.js";
import { build } from "activate/workbook/steps.js";
import { Room } from "./room.js";

/** As the chapter before leaves it: no partitions, no labels, one order number, one moment, two distinct points (contracts 0.2, 0.3). */
const DDL = `CREATE TABLE ecommerce_sink.cloud_run (
  event_datetime TIMESTAMP, event STRING NOT NULL, user_id STRING NOT NULL, client_id STRING, page STRING,
  page_previous STRING, weekday STRING, ecommerce STRUCT<
    items ARRAY<STRUCT<index INT64, item_id INT64, item_name STRING, item_list_name STRING, item_list_id STRING, price FLOAT64,
      item_variant STRING, quantity INT64, item_brand STRING, item_category STRING, item_category_2 STRING,
      item_category_3 STRING, item_category_4 STRING>>,
    purchase STRUCT<
      items ARRAY<STRUCT<item_coupon STRING, quantity INT64, item_variant STRING, item_category STRING, item_name STRING,
        item_id INT64, item_brand STRING, item_price FLOAT64>>,
      coupon STRING, tax FLOAT64, shipping FLOAT64, value FLOAT64, affiliation STRING, currency STRING, transaction_id STRING>>)`;
const FILL = `INSERT INTO ecommerce_sink.cloud_run (event_datetime, event, user_id, weekday, ecommerce)
SELECT TIMESTAMP '2020-11-16 20:59:59', IF(n < 200, 'view_item', 'purchase'), CONCAT('UID0000', CAST(MOD(n, 6) AS STRING)), 'Monday',
  STRUCT(
    [STRUCT(0, 67890, 'Tshirt', '', '', 24.5, '', 1, '', '', '', '', '')],
    IF(n < 200, NULL, STRUCT(
      [STRUCT('' , 1, '', '', 'Tshirt', 67890, '', 24.5), STRUCT('', 1, '', '', 'Jeans', 12345, '', 24.5)],
      'SUMMER_SALE', 4.9, 5.99, IF(MOD(n, 6) = 0, 1000000.10, 35.43), 'Online Store', 'EUR', 'T12345')))
FROM UNNEST(GENERATE_ARRAY(0, 499)) AS n`;

describe("events that somebody else wrote", function () {
  this.timeout(120_000);
  let room: Room;
  let own: Room;

  before(async () => {
    room = await Room.open();
    own = Room.beside(room.cloud, { ACTIVATE_EVENTS: "own" });
    const { warehouse } = room.challenge("00");
    await warehouse.ensureDataset();
    for (const query of [DDL, FILL]) await warehouse.rows(query);
  });
  after(async () => {
    await own.connections.close();
    await room.close();
  });

  const untouched = async () => {
    const client = await bigQueryClient(room.connections);
    const [metadata] = await client.dataset("ecommerce_sink").table("cloud_run").getMetadata();
    assert.deepEqual(metadata.labels ?? {}, {});
    const { warehouse } = room.challenge("00");
    const found = await warehouse.row(
      "SELECT COUNT(*) AS n, COUNT(DISTINCT ecommerce.purchase.value) AS points FROM ecommerce_sink.cloud_run",
    );
    assert.deepEqual(found, { n: 500, points: 2 });
  };

  it("are learnt from when asked for: challenges 00 to 03 end as they do with simulated ones", async () => {
    for (const id of ["00", "01", "02", "03"] as const) {
      await build[id](own.challenge(id), new Show(own.output));
    }
    const { purchases, versions, outcomeOf, decideTwice } = own.challenge("03");
    const days = await purchases.days();
    assert.deepEqual(days.training, days.evaluation, "one moment cannot be split");
    assert.match(days.says, /less than two weeks/);
    assert.deepEqual(await purchases.writeTrainingTable(), { all: 300, far: 0 });
    const [record] = await versions.list();
    assert.equal(record?.training_rows, 300);
    const outcome = await outcomeOf("deployed");
    assert.equal(outcome.result, "right");
    const { pairs } = await decideTwice();
    assert.equal(pairs.length, 300);
    assert.ok(pairs.every(({ sql, online }) => Math.abs(sql - online) <= 1e-9));
    await untouched();
  });

  it("have no ground truth: checks and figures say so, and do not break", async () => {
    const { purchases, bqml, outcomeOf } = own.challenge("01");
    const [model] = await bqml.models();
    const scored = await purchases.scored(model);
    assert.equal(scored.length, 300);
    for (const figure of [
      figures.precisionRecall({ everything: scored, screened: scored }),
      figures.distancesByKind(scored),
      figures.purchaseMap(scored, 1),
      figures.clusterMembers(scored, model?.clusters ?? []),
    ]) {
      assert.match(figure.title, /[Nn]obody (knows|told)/);
      assert.doesNotMatch(figure.title, /anomal|honest/);
    }
    const outcome = await outcomeOf("threshold", { of: model, at: 2 });
    assert.equal(outcome.result, "cannot be checked");
    assert.match("why" in outcome ? outcome.why : "", /ground truth/);
  });

  it("are left alone otherwise: simulated ones go to a table of their own, and that one is learnt from", async () => {
    for (const id of ["03", "02", "01", "00"] as const) await own.challenge(id).cleanUp({ confirm: true });
    await untouched();
    const { clickstream, warehouse } = room.challenge("00");
    assert.equal(await clickstream.load(), "cloud_run_simulated");
    assert.equal(await clickstream.load(), "cloud_run_simulated");
    assert.equal((await warehouse.table("cloud_run_simulated"))?.rows, 60_000);
    const { all } = await room.challenge("01").purchases.writeTrainingTable();
    assert.ok(all > 8000, `${all}`);
    await untouched();
    await room.challenge("00").cleanUp({ confirm: true });
    assert.equal(await warehouse.exists("cloud_run_simulated"), false);
    await untouched();
  });

  it("that are missing or empty are named, with what to do", async () => {
    const empty = Room.beside(room.cloud, { ACTIVATE_EVENTS: "own", ACTIVATE_EVENTS_TABLE: "nothing_here" });
    await assert.rejects(empty.challenge("00").clickstream.load(), /ecommerce_sink\.nothing_here is missing.*unset/s);
    await empty.connections.close();
  });
});
