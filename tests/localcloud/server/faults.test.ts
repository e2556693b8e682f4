import assert from "node:assert/strict";
import { BigQuery } from "@google-cloud/bigquery";
import type { PubSub } from "@google-cloud/pubsub";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { bigquery } from "activate/localcloud/bigquery/index.js";
import { createHello } from "activate/localcloud/hello/index.js";
import { createPubsub } from "activate/localcloud/pubsub/index.js";
import { PassThroughClient } from "google-auth-library";
import { planFault } from "../../faults.js";
import { createClient, createRawClients, type RawClients } from "../pubsub/clients.js";

describe("planned faults", function () {
  this.timeout(30_000);
  let cloud: LocalCloud;
  let pubsub: PubSub;
  let raw: RawClients;

  before(async () => {
    cloud = await startLocalCloud({ services: [createHello, createPubsub, bigquery], project: "shop" });
    pubsub = createClient(cloud);
    raw = createRawClients(cloud, "gRPC");
  });
  after(async () => {
    await Promise.all([pubsub.close(), raw.close()]);
    await cloud.stop();
  });
  afterEach(() => fetch(`${cloud.rest}/_activate/faults`, { method: "DELETE" }));

  const plan = (body: unknown) =>
    fetch(`${cloud.rest}/_activate/faults`, { method: "POST", body: JSON.stringify(body) });
  const greet = (id: string) =>
    fetch(`${cloud.rest}/hello/v1/greetings?greetingId=${id}`, { method: "POST", body: '{"text":"hi"}' });

  it("answer in the place of a method over REST, so often as planned, and count", async () => {
    const fault = await planFault(cloud.rest, {
      match: { service: "hello", method: "CreateGreeting" },
      respond: { httpStatus: 503, message: "Come back later." },
      times: 2,
    });
    for (let call = 0; call < 2; call += 1) {
      const answer = await greet("planned");
      assert.equal(answer.status, 503);
      assert.deepEqual(await answer.json(), {
        error: { code: 503, message: "Come back later.", status: "UNAVAILABLE" },
      });
    }
    assert.equal((await greet("planned")).status, 200);
    await fault.mustHaveFired(2);
  });

  it("leave other methods and services alone", async () => {
    const fault = await planFault(cloud.rest, {
      match: { service: "hello", method: "Greeter.DeleteGreeting" },
      respond: { httpStatus: 503, message: "no" },
    });
    assert.equal((await greet("other")).status, 200);
    await raw.publisher.createTopic({ name: "projects/shop/topics/untouched" });
    assert.equal(await fault.fired(), 0);
  });

  it("answer over gRPC with the planned code", async () => {
    await raw.publisher.createTopic({ name: "projects/shop/topics/refusing" });
    const fault = await planFault(cloud.rest, {
      match: { service: "pubsub", method: "Publisher.GetTopic" },
      respond: { grpcCode: 7, message: "You may not look." },
    });
    await assert.rejects(
      raw.publisher.getTopic({ topic: "projects/shop/topics/refusing" }),
      /7 PERMISSION_DENIED: You may not look\./,
    );
    await raw.publisher.getTopic({ topic: "projects/shop/topics/refusing" });
    await fault.mustHaveFired(1);
  });

  it("delay a call by the clock, which then runs", async () => {
    const fault = await planFault(cloud.rest, { match: { service: "hello" }, delayMs: 150 });
    const begin = performance.now();
    assert.equal((await greet("late")).status, 200);
    assert.ok(performance.now() - begin >= 149);
    await fault.mustHaveFired(1);
  });

  it("are answered by BigQuery's client as BigQuery's own: repeated when the reason says so", async () => {
    const client = new BigQuery({
      projectId: "shop",
      apiEndpoint: cloud.rest,
      authClient: new PassThroughClient(),
      retryOptions: { retryDelayMultiplier: 1, maxRetryDelay: 0.05, maxRetries: 1 },
    });
    const fault = await planFault(cloud.rest, {
      match: { service: "bigquery", method: "datasets.insert" },
      respond: { httpStatus: 403, message: "Exceeded rate limits", reason: "rateLimitExceeded" },
    });
    await client.createDataset("d");
    await fault.mustHaveFired(1);
  });

  it("break an answer off after so many bytes: over REST the socket, the method having run", async () => {
    const fault = await planFault(cloud.rest, {
      match: { service: "hello", method: "CreateGreeting" },
      breakAfterBytes: 10,
    });
    await assert.rejects(
      greet("broken").then((answer) => answer.text()),
      TypeError,
    );
    await fault.mustHaveFired(1);
    assert.equal((await fetch(`${cloud.rest}/hello/v1/greetings/broken`)).status, 200);
  });

  it("break a stream off after so many bytes: its client may connect anew", async () => {
    const [topic] = await pubsub.createTopic("streamed");
    await topic.createSubscription("streamed");
    const fault = await planFault(cloud.rest, {
      match: { service: "pubsub", method: "StreamingPull" },
      breakAfterBytes: 20_000,
    });
    await Promise.all(Array.from({ length: 40 }, () => topic.publishMessage({ data: Buffer.alloc(1000) })));
    const stream = raw.subscriber.streamingPull();
    const code = new Promise((resolve) => stream.on("error", (error: { code?: number }) => resolve(error.code)));
    stream.on("data", () => undefined);
    stream.write({ subscription: "projects/shop/subscriptions/streamed", streamAckDeadlineSeconds: 10 });
    assert.equal(await code, 14);
    await fault.mustHaveFired(1);
  });

  it("can be listed and taken back", async () => {
    const fault = await planFault(cloud.rest, {
      match: { service: "hello" },
      respond: { httpStatus: 500, message: "x" },
      times: 9,
    });
    const { faults } = (await (await fetch(`${cloud.rest}/_activate/faults`)).json()) as { faults: object[] };
    assert.equal(faults.length, 1);
    await fault.remove();
    assert.equal((await greet("removed")).status, 200);
    assert.equal((await fetch(`${cloud.rest}/_activate/faults/99`)).status, 404);
  });

  const refusals: readonly [title: string, plan: unknown, sentence: RegExp][] = [
    [
      "a service that is not there",
      { match: { service: "hallo" }, delayMs: 1 },
      /match\.service must be one of hello, pubsub, bigquery/,
    ],
    [
      "a field that nobody knows",
      { match: { service: "hello" }, delay: 1 },
      /a fault has no delay; it may have match, respond, delayMs/,
    ],
    ["a fault that does nothing", { match: { service: "hello" } }, /respond, delayMs or breakAfterBytes/],
    [
      "an answer without a code",
      { match: { service: "hello" }, respond: { message: "x" } },
      /either httpStatus or grpcCode/,
    ],
    [
      "a number out of range",
      { match: { service: "hello" }, respond: { httpStatus: 200, message: "x" } },
      /respond\.httpStatus must be a whole number from 400 to 599/,
    ],
    ["no times", { match: { service: "hello" }, delayMs: 1, times: 0 }, /times must be a whole number from 1/],
  ];
  for (const [title, body, sentence] of refusals) {
    it(`refuse ${title}`, async () => {
      const answer = await plan(body);
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), sentence);
    });
  }
});
