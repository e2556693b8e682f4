import assert from "node:assert/strict";
import { type Config, Connections, configFrom, PubSubResources, type Topic } from "activate/cloud";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createPubsub } from "activate/localcloud/pubsub/index.js";

describe("topics and subscriptions of the workbook", () => {
  let cloud: LocalCloud;
  let connections: Connections;
  let pubsub: PubSubResources;
  before(async () => {
    cloud = await startLocalCloud({ services: [createPubsub] });
    const config: Config = configFrom({});
    const [host = "", port = ""] = cloud.grpc.split(":");
    connections = new Connections(config, {
      bigQuery: cloud.rest,
      vertex: { host, port: Number(port), encrypted: false },
      credentials: "none",
    });
    pubsub = new PubSubResources(connections);
  });
  after(async () => {
    await connections.close();
    await cloud.stop();
  });

  it("are made once and found again, with what is asked for", async () => {
    const topic = await pubsub.ensureTopic({ topicId: "orders", labels: { team: "shop" } });
    assert.deepEqual([topic.name, topic.created], ["projects/activate-local/topics/orders", true]);
    assert.equal((await pubsub.ensureTopic({ topicId: "orders" })).created, false);
    assert.deepEqual((await pubsub.ensureTopic({ topicId: "orders" })).labels, { team: "shop" });
    const deadLetter: Topic = await pubsub.ensureTopic({ topicId: "dead-letters" });
    const options = {
      subscriptionId: "score",
      topic,
      push: { endpoint: "http://127.0.0.1:9/push", serviceAccount: "pusher@activate-local.iam.gserviceaccount.com" },
      deadLetter: { topic: deadLetter },
    };
    const made = await pubsub.ensureSubscription(options);
    assert.deepEqual(
      [made.created, made.pushEndpoint, made.deadLetterTopic],
      [true, "http://127.0.0.1:9/push", deadLetter.name],
    );
    const moved = await pubsub.ensureSubscription({ ...options, push: { endpoint: "http://127.0.0.1:10/push" } });
    assert.deepEqual([moved.created, moved.pushEndpoint], [false, "http://127.0.0.1:10/push"]);
    await assert.rejects(
      pubsub.ensureSubscription({ ...options, filter: 'attributes.k = "v"' }),
      /Subscription score is there with the filter ""/,
    );
    await pubsub.removeSubscription("score");
    await pubsub.removeSubscription("score");
    assert.equal(await pubsub.subscription("score"), undefined);
  });

  it("carry messages in batches, and give up what waits", async () => {
    const topic = await pubsub.ensureTopic({ topicId: "batches" });
    await pubsub.ensureSubscription({ subscriptionId: "batches", topic });
    const publisher = await pubsub.publisher(topic, { messagesMax: 10 });
    const ids = await Promise.all(
      Array.from({ length: 25 }, (_, index) =>
        publisher.publish({ data: Buffer.from(`${index}`), attributes: { index: `${index}` } }),
      ),
    );
    const taken = await pubsub.take("batches", 100);
    assert.deepEqual(taken.map(({ messageId }) => messageId).sort(), [...ids].sort());
    assert.deepEqual(await pubsub.take("batches", 100), []);
  });

  it("give roles without taking any", async () => {
    const topic = await pubsub.ensureTopic({ topicId: "roles" });
    await pubsub.grantOnTopic(topic, [{ role: "roles/pubsub.publisher", member: "user:one@example.com" }]);
    await pubsub.grantOnTopic(topic, [{ role: "roles/pubsub.publisher", member: "user:two@example.com" }]);
    const policy = await (await fetch(`${cloud.rest}/v1/${topic.name}:getIamPolicy`)).json();
    assert.deepEqual((policy as { bindings: unknown }).bindings, [
      { role: "roles/pubsub.publisher", members: ["user:one@example.com", "user:two@example.com"] },
    ]);
  });

  it("say what was refused", async () => {
    await assert.rejects(pubsub.ensureTopic({ topicId: "ab" }), /Topic ab.*Invalid resource name/s);
  });
});
