import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type PurchaseEvent, simulate } from "activate/anomaly";
import { openShop, type Shop } from "activate/bench/shop.js";
import { Predictions, type Publisher, PubSubResources } from "activate/cloud";
import { PipelineResources } from "activate/cloud/pipeline.js";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { type Clock, systemClock } from "activate/localcloud/platform/clock.js";
import { planFault } from "../../faults.js";
import { until } from "../../until.js";
import { type RunningScorer, startScorer } from "./running.js";

const delivery = {
  ackDeadlineSeconds: 10,
  maxDeliveryAttempts: 5,
  retry: { minimumBackoffSeconds: 0, maximumBackoffSeconds: 1 },
};

describe("the live pipeline: push, scorer, endpoint, tables", function () {
  this.timeout(90_000);
  let cloud: LocalCloud;
  let shop: Shop;
  let scorer: RunningScorer;
  let publisher: Publisher;
  let pipeline: PipelineResources;
  /** Milliseconds by which the local cloud is ahead of this machine. */
  let ahead = 0;
  const clock: Clock = { now: () => systemClock.now() + ahead, sleep: systemClock.sleep };

  before(async () => {
    cloud = await startLocalCloud({ clock });
    shop = await openShop(cloud);
    pipeline = new PipelineResources(shop.connections);
    await pipeline.ensureTables();
    scorer = await startScorer({
      ...shop.environment,
      SCORER_PREDICTOR: shop.endpoint,
      SCORER_ACK_DEADLINE_SECONDS: "10",
      SCORER_DELIVERY_ATTEMPTS_MAX: "5",
    });
    await pipeline.connect(scorer.url, { serviceAccount: "pusher@activate-local.iam.gserviceaccount.com", delivery });
    publisher = await new PubSubResources(shop.connections).publisher(await pipeline.ensureTopic());
  });
  after(async () => {
    await scorer?.end();
    await shop?.connections.close();
    await cloud?.stop();
  });

  const send = (event: unknown): Promise<string> =>
    publisher.publish({ data: Buffer.from(typeof event === "string" ? event : JSON.stringify(event)) });
  /** Events after those of the training, whose transactions nobody else has. */
  const live = (count: number, seed: string) =>
    [...simulate({ seed, events: count, days: 1, end: "2026-03-02" })].map(({ event, label }) =>
      event.event === "purchase" ? { event: renamed(event, seed), label } : { event, label },
    );
  const renamed = (event: PurchaseEvent, prefix: string): PurchaseEvent => {
    const { purchase } = event.ecommerce;
    return {
      ...event,
      ecommerce: { purchase: { ...purchase, transaction_id: `${prefix}-${purchase.transaction_id}` } },
    };
  };
  const count = async (table: string, ids: readonly string[]): Promise<number> => {
    const { n } = await shop.warehouse.row(`SELECT COUNT(*) AS n FROM ${table} WHERE message_id IN UNNEST(@ids)`, {
      params: { ids },
    });
    return Number(n);
  };
  const deadLetter = async (messageId: string) => {
    const find = () =>
      shop.warehouse.rows("SELECT * FROM dead_letter_once WHERE message_id = @id", { params: { id: messageId } });
    const [row] = await until(find, (rows) => rows.length === 1);
    return row ?? {};
  };

  it("writes every event with its weekday, and scores every purchase as SQL decides on the same rows", async () => {
    const events = live(400, "SQL");
    const ids = await Promise.all(events.map(({ event }) => send(event)));
    const purchases = events.filter(({ label }) => label !== undefined).length;
    assert.ok(purchases > 20, `${purchases} purchases`);
    await until(
      () => count("cloud_run_once", ids),
      (n) => n === ids.length,
    );
    await until(
      async () => (await scorer.metrics()).purchases,
      (n) => n >= purchases,
    );
    const days = await shop.warehouse.rows(
      "SELECT DISTINCT weekday = FORMAT_TIMESTAMP('%A', event_datetime) AS right_day FROM cloud_run_once WHERE message_id IS NOT NULL",
    );
    assert.deepEqual(days, [{ right_day: true }]);

    const [model] = await shop.warehouse.rows("SELECT source_model, threshold FROM model_version");
    await shop.warehouse.rows("features/purchase_features.sql", { names: { events: "cloud_run_once" } });
    const both = await shop.warehouse.rows(`
      SELECT live.message_id, live.anomaly, sql.normalized_distance > ${shop.threshold} AS decided, live.score,
             sql.normalized_distance AS distance
      FROM cloud_run_anomaly_once AS live
      JOIN ML.DETECT_ANOMALIES(MODEL \`${model?.source_model}\`, STRUCT(0 AS contamination), TABLE purchase_features) AS sql
      USING (transaction_id)`);
    assert.equal(both.length, purchases);
    for (const row of both) {
      assert.equal(row.anomaly, row.decided, JSON.stringify(row));
      assert.ok(Math.abs(Number(row.score) - Number(row.distance)) < 1e-9 * Number(row.distance), JSON.stringify(row));
    }
    assert.ok(
      both.some(({ anomaly }) => anomaly === true),
      "no purchase was found anomalous: the test shows little",
    );
    assert.ok(both.some(({ anomaly }) => anomaly === false));
  });

  it("coalesces what comes together: far fewer requests than events", async () => {
    const before = await scorer.metrics();
    const ids = await Promise.all(live(500, "COAL").map(({ event }) => send(event)));
    await until(
      () => count("cloud_run_once", ids),
      (n) => n === ids.length,
    );
    const after = await scorer.metrics();
    const calls = after.insertCalls + after.predictCalls - before.insertCalls - before.predictCalls;
    assert.ok(calls < ids.length / 3, `${calls} requests for ${ids.length} events`);
  });

  it("keeps one row a message for readers, though a message is delivered anew when insertIds are long forgotten", async () => {
    const [purchase] = live(200, "TWICE").filter(({ label }) => label !== undefined);
    const envelope = {
      message: { data: Buffer.from(JSON.stringify(purchase?.event)).toString("base64"), messageId: "twice-1" },
      subscription: "projects/activate-local/subscriptions/by-hand",
    };
    const push = async (): Promise<void> => {
      const { status } = await fetch(scorer.url, { method: "POST", body: JSON.stringify(envelope) });
      assert.equal(status, 204);
    };
    await push();
    await push();
    assert.equal(await count("cloud_run", ["twice-1"]), 1, "BigQuery still knows the insertId");
    ahead += 10 * 60_000;
    await push();
    assert.equal(await count("cloud_run", ["twice-1"]), 2, "BigQuery has forgotten the insertId");
    assert.equal(await count("cloud_run_anomaly", ["twice-1"]), 2);
    assert.equal(await count("cloud_run_once", ["twice-1"]), 1);
    assert.equal(await count("cloud_run_anomaly_once", ["twice-1"]), 1);
  });

  it("keeps what its handler crashes over: the subscription gives up after five deliveries", async () => {
    let deliveries = 0;
    const crashing = createServer((request) => {
      deliveries++;
      request.socket.destroy();
    });
    await new Promise<void>((resolve) => crashing.listen(0, "127.0.0.1", resolve));
    const { port } = crashing.address() as AddressInfo;
    const pubsub = new PubSubResources(shop.connections);
    const topic = await pubsub.ensureTopic({ topicId: "crashing" });
    const subscription = await pubsub.ensureSubscription({
      subscriptionId: "crashing",
      topic,
      push: { endpoint: `http://127.0.0.1:${port}/` },
      deadLetter: { topic: await pipeline.ensureDeadLetters(), maxDeliveryAttempts: 5 },
      retry: delivery.retry,
    });
    const sender = await pubsub.publisher(topic);
    await sender.publish({ data: Buffer.from("it crashes") });
    const [row] = await until(
      () => shop.warehouse.rows("SELECT * FROM dead_letter_once WHERE payload = 'it crashes'"),
      (rows) => rows.length === 1,
    );
    assert.equal(row?.reason, "delivery_attempts_exhausted");
    assert.equal(Number(row?.attempts), 5);
    assert.equal(deliveries, 5);
    await pubsub.removeSubscription(subscription.id);
    await pubsub.removeTopic(topic.id);
    crashing.closeAllConnections();
    await new Promise((resolve) => crashing.close(resolve));
  });

  describe("gives what can never be handled to the dead letters, with reason and payload", () => {
    const view = {
      event: "view_item",
      user_id: "UID00001",
      ecommerce: { items: [{ item_id: "1", price: 2, quantity: 1 }] },
    };
    const purchase = (fields: object) => ({
      event: "purchase",
      user_id: "UID00001",
      ecommerce: { purchase: { transaction_id: "BAD", value: 10, tax: 1, shipping: 2, ...fields } },
    });
    const bad: readonly [title: string, event: unknown, reason: string, error: RegExp][] = [
      ["text that is no JSON", "{not json", "event_not_json", /not JSON/],
      ["NaN", '{"event":"purchase","price":NaN}', "event_not_json", /NaN|N/],
      [
        "an unknown type of event",
        { ...view, event: "logout" },
        "event_invalid",
        /event: the text "logout"; expected one of "view_item"/,
      ],
      [
        "a missing field",
        { ...view, user_id: undefined },
        "event_invalid",
        /user_id: missing; expected text such as "UID00003"/,
      ],
      ["a price that is text", purchase({ value: "10" }), "event_invalid", /ecommerce\.purchase\.value: the text "10"/],
      [
        "a negative quantity",
        purchase({ items: [{ item_id: "1", item_price: 1, quantity: -3 }] }),
        "event_invalid",
        /items\[0\]\.quantity: number -3/,
      ],
      [
        "a value of 1e308",
        purchase({ value: 1e308 }),
        "event_invalid",
        /value: number 1e\+308; expected a number.*at most 1e12/,
      ],
      [
        "a date that does not exist",
        { ...view, event_datetime: "2026-02-30 10:00:00" },
        "event_invalid",
        /event_datetime: the text "2026-02-30/,
      ],
      [
        "a field that stands twice",
        '{"event":"view_item","user_id":"a","user_id":"b","ecommerce":{"items":[]}}',
        "event_has_duplicate_fields",
        /"user_id" twice/,
      ],
      [
        "a field that stands twice, once in escapes",
        '{"event":"view_item","user_id":"a","ecommerce":{"items":[{"price":1,"\\u0070rice":2}]}}',
        "event_has_duplicate_fields",
        /"price" twice/,
      ],
      [
        "lists in lists, deeper than a program can follow call by call",
        `{"event":"view_item","user_id":"a","ecommerce":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
        "event_invalid",
        /ecommerce: a list; expected a record/,
      ],
    ];
    for (const [title, event, reason, error] of bad) {
      it(title, async () => {
        const payload = typeof event === "string" ? event : JSON.stringify(event);
        const id = await send(payload);
        const row = await deadLetter(id);
        assert.equal(row.reason, reason);
        assert.match(String(row.error), error);
        assert.equal(row.payload, payload);
        assert.equal(await count("cloud_run", [id]), 0);
        const entry = scorer.log.find(({ messageId, severity }) => messageId === id && severity === "ERROR");
        assert.match(String(entry?.message), error);
      });
    }

    it("bytes that are no text, kept to the byte", async () => {
      const data = Buffer.from([0xff, 0x00, 0xfe, 0x7b]);
      const row = await deadLetter(await publisher.publish({ data, attributes: { origin: "camera" } }));
      assert.equal(row.reason, "event_not_text");
      // BigQuery's SAFE_CONVERT_BYTES_TO_STRING puts U+FFFD for what is no text; `data` has the bytes.
      assert.equal(row.payload, "\uFFFD\u0000\uFFFD{");
      assert.equal(row.data, data.toString("base64"));
      assert.match(String(row.attributes), /"origin":"camera"/);
    });

    it("from where it is replayed, mended, with the attributes that it had", async () => {
      const data = Buffer.from(JSON.stringify(purchase({ value: "10" })));
      const id = await publisher.publish({ data, attributes: { origin: "till" } });
      await deadLetter(id);
      const again = await pipeline.replay(id, (payload) => payload.replace('"10"', "10"));
      await until(
        () => count("cloud_run_anomaly_once", [again]),
        (n) => n === 1,
      );
      await assert.rejects(pipeline.replay("nobody"), /dead_letter has no message nobody/);
    });

    it("only attributes", async () => {
      const row = await deadLetter(await publisher.publish({ data: Buffer.alloc(0), attributes: { a: "b" } }));
      assert.equal(row.reason, "no_data");
    });

    it("an event of 9.9 MB, packed", async () => {
      const text = JSON.stringify({ ...view, page: "x".repeat(9_900_000) });
      const row = await deadLetter(await send(text));
      assert.equal(row.reason, "event_too_large");
      assert.match(String(row.error), /9900\d\d\d bytes; at most 1000000/);
      assert.equal(row.packed, true);
      const { gunzipSync } = await import("node:zlib");
      assert.equal(gunzipSync(Buffer.from(String(row.data), "base64")).toString(), text);
    });
  });

  describe("answers a request that is no push with 400 and the reason", () => {
    const bad: readonly [title: string, body: string | undefined, code: string][] = [
      ["no body", undefined, "no_body"],
      ["not JSON", "<xml/>", "body_not_json"],
      ["no message", '{"subscription":"s"}', "no_message"],
      ["no message id", '{"message":{"data":"e30="}}', "no_message"],
      [
        "an attribute that is no text",
        '{"message":{"data":"e30=","messageId":"1","attributes":{"a":{"toString":1}}}}',
        "attributes_not_text",
      ],
    ];
    for (const [title, body, code] of bad) {
      it(title, async () => {
        const answer = await fetch(scorer.url, { method: "POST", ...(body === undefined ? {} : { body }) });
        assert.equal(answer.status, 400);
        const { error } = (await answer.json()) as { error: { code: string; message: string } };
        assert.equal(error.code, code);
        assert.ok(scorer.log.some(({ message }) => message === error.message));
      });
    }

    it("but a message whose data is no base64 becomes a dead letter", async () => {
      const body = JSON.stringify({ message: { data: "%%%", messageId: "not-base64" } });
      assert.equal((await fetch(scorer.url, { method: "POST", body })).status, 204);
      const row = await deadLetter("not-base64");
      assert.equal(row.reason, "data_not_base64");
      assert.equal(row.payload, "%%%");
      const nested = `{"message":{"messageId":"not-text","data":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
      assert.equal((await fetch(scorer.url, { method: "POST", body: nested })).status, 204);
      assert.equal((await deadLetter("not-text")).payload, nested);
    });

    it("another path, another method", async () => {
      assert.equal((await fetch(`${scorer.url}/push`, { method: "POST" })).status, 404);
      assert.equal((await fetch(scorer.url)).status, 405);
    });
  });

  it("waits out what may pass: insertAll and predict that fail, within the deadline", async () => {
    const [inserting, predicting, slow] = await Promise.all([
      planFault(cloud.rest, {
        match: { service: "bigquery", method: "insertAll" },
        respond: { httpStatus: 503, message: "Busy." },
        times: 2,
      }),
      planFault(cloud.rest, {
        match: { service: "vertex", method: "Predict" },
        respond: { grpcCode: 14, message: "Away." },
        times: 2,
      }),
      planFault(cloud.rest, { match: { service: "vertex", method: "Predict" }, delayMs: 3000, times: 1 }),
    ]);
    const [purchase] = live(200, "PASS").filter(({ label }) => label !== undefined);
    const id = await send(purchase?.event);
    await until(
      () => count("cloud_run_anomaly_once", [id]),
      (n) => n === 1,
    );
    await until(
      () => count("cloud_run_once", [id]),
      (n) => n === 1,
    );
    await inserting.mustHaveFired(2);
    await predicting.mustHaveFired(2);
    await slow.mustHaveFired(1);
  });

  it("has what the services refuse delivered again, and at the last attempt buried with their reason", async () => {
    const fault = await planFault(cloud.rest, {
      match: { service: "vertex", method: "Predict" },
      respond: { grpcCode: 9, message: "No model is deployed to the endpoint." },
      times: 1000,
    });
    const [purchase] = live(200, "REFUSED").filter(({ label }) => label !== undefined);
    const id = await send(purchase?.event);
    const row = await deadLetter(id);
    await fault.remove();
    assert.equal(row.reason, "event_not_handled");
    assert.match(String(row.error), /Predict: No model is deployed/);
    assert.equal(row.attempts, 5);
    assert.equal((JSON.parse(String(row.payload)) as PurchaseEvent).event, "purchase");
    assert.equal(await count("cloud_run", [id]), 0);
  });

  it("says in 503 that the endpoint is gone, that a column is missing", async () => {
    const other = await startScorer({
      ...shop.environment,
      SCORER_PREDICTOR: shop.endpoint.replace(/\d+$/, "12345"),
      SCORER_DEAD_LETTER_TOPIC: "hyp-pubsub-topic-dead-letter",
    });
    const [purchase] = live(200, "GONE").filter(({ label }) => label !== undefined);
    const push = async (event: unknown, url: string) => {
      const data = Buffer.from(JSON.stringify(event)).toString("base64");
      const answer = await fetch(url, {
        method: "POST",
        body: JSON.stringify({ message: { data, messageId: "gone" } }),
      });
      return { status: answer.status, text: await answer.text() };
    };
    const gone = await push(purchase?.event, other.url);
    assert.equal(gone.status, 503);
    assert.match(gone.text, /Predict: .*12345.*not found/i);
    assert.equal(await other.end(), 0);

    await shop.warehouse.rows("CREATE TABLE narrow (event STRING, message_id STRING)");
    const narrow = await startScorer({
      ...shop.environment,
      ACTIVATE_EVENTS_TABLE: "narrow",
      SCORER_PREDICTOR: shop.endpoint,
    });
    const refused = await push({ event: "view_item", user_id: "u", ecommerce: { items: [] } }, narrow.url);
    assert.equal(refused.status, 503);
    assert.match(refused.text, /Table narrow refused the row: .*no such field: user_id/);
    assert.equal(await narrow.end(), 0);
  });

  it("answers 429 beyond its bounds, and ends only when what it took is answered", async () => {
    const small = await startScorer({ ...shop.environment, SCORER_PREDICTOR: shop.endpoint, SCORER_PUSHES_MAX: "3" });
    const slow = await planFault(cloud.rest, {
      match: { service: "bigquery", method: "insertAll" },
      delayMs: 400,
      times: 3,
    });
    const push = (messageId: string) => {
      const event = { event: "view_item", user_id: "u", ecommerce: { items: [] } };
      const data = Buffer.from(JSON.stringify(event)).toString("base64");
      return fetch(small.url, { method: "POST", body: JSON.stringify({ message: { data, messageId } }) });
    };
    const pushes = ["one", "two", "three", "four", "five"].map(push);
    const [, , , ...rest] = await Promise.all(pushes.map((push) => Promise.race([push, undefined])));
    assert.equal(rest.length, 2);
    await until(
      async () => (await small.metrics()).outcomes.busy,
      (busy) => busy === 2,
    );
    const ended = small.end();
    const statuses = (await Promise.all(pushes)).map(({ status }) => status).sort();
    assert.deepEqual(statuses, [204, 204, 204, 429, 429]);
    assert.equal(await ended, 0);
    assert.equal(await count("cloud_run_once", ["one", "two", "three", "four", "five"]), 3);
    await slow.mustHaveFired();
  });

  it("tells its health, its counts and latencies, as JSON and for Prometheus", async () => {
    assert.equal((await fetch(`${scorer.url}/health`)).status, 200);
    const metrics = await scorer.metrics();
    assert.ok(metrics.outcomes.written > 800);
    assert.ok(metrics.outcomes.dead_letter >= 1);
    const total = Object.values(metrics.outcomes).reduce((sum, n) => sum + n, 0);
    assert.equal(
      metrics.latency.reduce((sum, { count: n }) => sum + n, 0),
      total,
    );
    const aged = metrics.age.reduce((sum, { count: n }) => sum + n, 0);
    assert.ok(
      aged > 800 && aged <= metrics.outcomes.written,
      "what Pub/Sub brought has an age, from its publication on",
    );
    const text = await (await fetch(`${scorer.url}/metrics`)).text();
    assert.match(text, /^scorer_pushes_total\{outcome="written"\} \d+$/m);
    assert.match(text, /^scorer_push_seconds_bucket\{le="\+Inf"\} \d+$/m);
  });

  it("logs an anomaly with message id, trace, score and threshold", async () => {
    const trace = "0af7651916cd43dd8448eb211c80319c";
    const event = {
      event: "purchase",
      user_id: "u",
      ecommerce: { purchase: { transaction_id: "HUGE", value: 1_000_000.1, tax: 4.9, shipping: 5.99 } },
    };
    const data = Buffer.from(JSON.stringify(event)).toString("base64");
    const body = JSON.stringify({ message: { data, messageId: "huge-1" } });
    const headers = { "x-cloud-trace-context": `${trace}/123;o=1` };
    assert.equal((await fetch(scorer.url, { method: "POST", body, headers })).status, 204);
    const entry = scorer.log.find(({ messageId }) => messageId === "huge-1");
    assert.equal(entry?.severity, "INFO");
    assert.equal(entry?.["logging.googleapis.com/trace"], `projects/activate-local/traces/${trace}`);
    assert.ok(Number(entry?.score) > Number(entry?.threshold));
  });

  it("predicts as the endpoint does by itself", async () => {
    const [row] = await shop.warehouse.rows(
      "SELECT features, centroid_id FROM cloud_run_anomaly_once WHERE message_id = 'huge-1'",
    );
    const [answer] = await new Predictions(shop.connections).distances(shop.endpoint, [
      row?.features as Record<string, number>,
    ]);
    assert.ok(answer?.centroid_ids.includes(Number(row?.centroid_id)));
  });
});
