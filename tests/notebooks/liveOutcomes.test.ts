import assert from "node:assert/strict";
import { PipelineResources } from "activate/cloud/pipeline.js";
import { type LiveRun, LiveStream, type Poisoned, type PoisonedEvent } from "activate/workbook/liveStream.js";
import type { Workbook } from "activate/workbook/workbook.js";
import { assertCannotTell, assertOutcome } from "./outcome.js";
import { Room } from "./room.js";

/** Notebook 04: each check meets what a participant leaves behind, from nothing to the solution. */
describe("the checks of notebook 04, on a local cloud", function () {
  this.timeout(120_000);
  let room: Room;
  let workbook: Workbook;
  let live: LiveRun;
  let poisoned: Poisoned;

  before(async () => {
    room = await Room.open();
    workbook = room.challenge("04");
    await workbook.prepare();
  });
  after(() => room.close());

  it("wired: nothing, one part after the other missing, the solution", async () => {
    const { outcomeOf, pipeline, pubsub, warehouse, config } = workbook;
    const resources = new PipelineResources(room.connections);
    assertOutcome(await outcomeOf("wired"), "not tried yet", /neither scorer nor subscription/);
    assertOutcome(await outcomeOf("alike"), "not tried yet", /no table of live decisions/);
    await warehouse.ensureDataset();
    await resources.ensureTables();
    await resources.connect("http://127.0.0.1:1/");
    assertOutcome(await outcomeOf("wired"), "wrong", /no Cloud Run service hyp-run-service-data-processing/);
    await pipeline.ensure();
    assertOutcome(await outcomeOf("wired"), "right", /are pushed to hyp-run-service-data-processing/);
    await resources.connect("http://127.0.0.1:1/");
    assertOutcome(await outcomeOf("wired"), "wrong", /pushes to http:\/\/127\.0\.0\.1:1\//);
    await pubsub.removeSubscription(config.subscription);
    assertOutcome(await outcomeOf("wired"), "wrong", /no subscription hyp_subscription_cloud_run/);
    await pipeline.ensure();
    await pubsub.removeSubscription(resources.deadLetterSubscription);
    assertOutcome(await outcomeOf("wired"), "wrong", /nowhere to go/);
    await warehouse.drop("dead_letter_once");
    await resources.ensureDeadLetters();
    assertOutcome(await outcomeOf("wired"), "wrong", /no dead_letter_once/);
    await pipeline.ensure();
    assertOutcome(await outcomeOf("wired"), "right", /what cannot be handled is kept/);
    await assertCannotTell(room.cloud, { service: "pubsub", method: "GetSubscription" }, () => outcomeOf("wired"));
  });

  const query = "SELECT transaction_id, value, score FROM cloud_run_anomaly_once WHERE";
  for (const [title, statement, result, pattern] of [
    ["nothing", "", "not tried yet", /Write a SELECT/],
    ["what does not parse", "SELEC 1", "wrong", /BigQuery says: .*\[1:1\]/],
    ["what is not there", "SELECT * FROM cloud_run_anomalies", "wrong", /BigQuery says: .*cloud_run_anomalies/],
    ["a column too few", `${query.replace("value, ", "")} anomaly`, "wrong", /no column value/],
    [
      "the honest ones too",
      `${query} message_id IN UNNEST(@ids) ORDER BY score DESC`,
      "wrong",
      /The result has 20 rows/,
    ],
    ["the order upwards", `${query} anomaly AND message_id IN UNNEST(@ids) ORDER BY score`, "wrong", /Row 1 is /],
    [
      "the solution",
      `${query} anomaly AND message_id IN UNNEST(@ids) ORDER BY score DESC`,
      "right",
      /planted anomalies/,
    ],
  ] as const) {
    it(`flagged: ${title} is ${result}`, async () => {
      live ??= await workbook.stream.send({ purchases: 20, perSecond: 1000, anomalyShare: 0.3 });
      assertOutcome(await workbook.outcomeOf("flagged", { query: statement, live }), result, pattern);
    });
  }

  it("flagged cannot be told by somebody who may not ask", async () => {
    const flagged = () => workbook.outcomeOf("flagged", { query: "SELECT 1", live });
    await assertCannotTell(room.cloud, { service: "bigquery" }, flagged);
  });

  it("alike: as SQL decides, no leave to look, a score that somebody changed", async () => {
    const { outcomeOf, warehouse } = workbook;
    assertOutcome(await outcomeOf("alike"), "right", /All 20 live decisions are those of SQL/);
    await assertCannotTell(room.cloud, { service: "bigquery" }, () => outcomeOf("alike"));
    await warehouse.rows(
      "INSERT INTO cloud_run_anomaly SELECT * REPLACE (score + 1 AS score, 'changed' AS message_id) FROM cloud_run_anomaly LIMIT 1",
    );
    assertOutcome(await outcomeOf("alike"), "wrong", /Purchase L1-\d+: live .*, by SQL/);
  });

  it("replayed: unknown, dead, dead again, mended badly, mended", async () => {
    const { outcomeOf, stream } = workbook;
    const never = { messageId: "0", transactionId: "T", value: "1.00 EUR" };
    assertOutcome(await outcomeOf("replayed", never), "not tried yet", /0 is not among the dead letters/);
    poisoned = await stream.poison();
    const [letter] = await stream.deadLetters(poisoned.messageId);
    assert.equal(letter?.reason, "event_invalid");
    assertOutcome(await outcomeOf("replayed", poisoned), "wrong", /still nowhere but among the dead letters/);
    const [again] = await stream.replay(poisoned.messageId, (event) => event);
    assert.equal(again?.["dead again"], "event_invalid");
    assertOutcome(await outcomeOf("replayed", poisoned), "wrong", /still nowhere/);
    await stream.replay(poisoned.messageId, worth(1));
    assertOutcome(await outcomeOf("replayed", poisoned), "wrong", /scored with a value of 1; .* come to/);
    await stream.replay(poisoned.messageId, worth(Number.parseFloat(poisoned.value)));
    assertOutcome(await outcomeOf("replayed", poisoned), "right", /was dead and is scored/);
    await assertCannotTell(room.cloud, { service: "bigquery" }, () => outcomeOf("replayed", poisoned));
  });

  it("alike cannot be told of a model that SQL does not know", async () => {
    const { outcomeOf, warehouse } = workbook;
    await warehouse.rows("UPDATE cloud_run_anomaly SET model = 'anomaly_detection_custom' WHERE TRUE");
    const why = /anomaly_detection_custom scored \d+ purchases live, and SQL knows anomaly_detection only/;
    assertOutcome(await outcomeOf("alike"), "cannot be checked", why);
  });

  it("what does not arrive says what the scorer complains about", async () => {
    const { endpoints, config } = workbook;
    const [endpoint] = await endpoints.find(config.endpoint);
    for (const { id } of endpoint?.deployedModels ?? []) if (endpoint) await endpoints.undeploy(endpoint, id);
    const impatient = new LiveStream(workbook, { patienceMs: 4000 });
    await assert.rejects(impatient.send({ purchases: 1 }), {
      code: "UNAVAILABLE",
      message: /0 of 1 purchases have been scored after 4\.0 s\. The scorer says: .*traffic_split/,
    });
  });
});

const worth =
  (value: number) =>
  (event: PoisonedEvent): PoisonedEvent => ({
    ...event,
    ecommerce: { purchase: { ...event.ecommerce.purchase, value } },
  });
