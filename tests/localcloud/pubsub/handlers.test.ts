import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createPubsub } from "activate/localcloud/pubsub/index.js";
import { createRawClients, failureOf, PROJECT, type RawClients, TRANSPORTS } from "./clients.js";

const topicName = (id: string): string => `${PROJECT}/topics/${id}`;
const subscriptionName = (id: string): string => `${PROJECT}/subscriptions/${id}`;

for (const transport of TRANSPORTS) {
  describe(`Pub/Sub by the official client over ${transport}`, () => {
    let cloud: LocalCloud;
    let clients: RawClients;
    before(async () => {
      cloud = await startLocalCloud({ services: [createPubsub] });
      clients = createRawClients(cloud, transport);
      await clients.publisher.createTopic({ name: topicName("shared") });
    });
    after(async () => {
      await clients.close();
      await cloud.stop();
    });

    async function create(id: string, more: object = {}): Promise<{ topic: string; subscription: string }> {
      const [topic, subscription] = [topicName(id), subscriptionName(id)];
      await clients.publisher.createTopic({ name: topic });
      await clients.subscriber.createSubscription({ name: subscription, topic, ...more });
      return { topic, subscription };
    }

    const pull = async (subscription: string, maxMessages = 10): Promise<readonly PulledMessage[]> => {
      const [{ receivedMessages }] = await clients.subscriber.pull({
        subscription,
        maxMessages,
        returnImmediately: true,
      });
      return (receivedMessages ?? []) as readonly PulledMessage[];
    };

    interface PulledMessage {
      readonly ackId: string;
      readonly deliveryAttempt: number;
      readonly message: {
        readonly data: Buffer;
        readonly attributes: Record<string, string>;
        readonly messageId: string;
      };
    }

    it("creates, reads, changes, lists and deletes topics and subscriptions", async () => {
      const { topic, subscription } = await create("lifecycle", { labels: { team: "shop" } });
      const [read] = await clients.subscriber.getSubscription({ subscription });
      assert.equal(read.ackDeadlineSeconds, 10);
      assert.equal(Number(read.messageRetentionDuration?.seconds), 604_800);
      assert.equal(Number(read.expirationPolicy?.ttl?.seconds), 2_678_400);
      assert.equal(read.state, "ACTIVE");
      const [changed] = await clients.subscriber.updateSubscription({
        subscription: { name: subscription, ackDeadlineSeconds: 77 },
        updateMask: { paths: ["ack_deadline_seconds"] },
      });
      assert.equal(changed.ackDeadlineSeconds, 77);
      assert.deepEqual(changed.labels, { team: "shop" });
      const [topics] = await clients.publisher.listTopics({ project: PROJECT });
      assert.ok(topics.some(({ name }) => name === topic));
      assert.deepEqual((await clients.publisher.listTopicSubscriptions({ topic }))[0], [subscription]);
      await clients.publisher.deleteTopic({ topic });
      assert.equal((await clients.subscriber.getSubscription({ subscription }))[0].topic, "_deleted-topic_");
      await clients.subscriber.deleteSubscription({ subscription });
      const gone = await failureOf(clients.subscriber.getSubscription({ subscription }));
      assert.match(gone.message, /Resource not found \(resource=lifecycle\)\./);
    });

    it("delivers what was published until it is acknowledged, and again when it was given back", async () => {
      const { topic, subscription } = await create("round-trip");
      const [{ messageIds }] = await clients.publisher.publish({
        topic,
        messages: [{ data: Buffer.from("one"), attributes: { k: "ä" } }, { attributes: { only: "attributes" } }],
      });
      const first = await pull(subscription);
      assert.deepEqual(
        first.map(({ message }) => [message.messageId, message.attributes]),
        [
          [messageIds?.[0], { k: "ä" }],
          [messageIds?.[1], { only: "attributes" }],
        ],
      );
      assert.match(messageIds?.[0] ?? "", /^\d{17}$/);
      assert.equal(Buffer.from(first[0]?.message.data ?? "").toString(), "one");
      assert.deepEqual(await pull(subscription), []);
      await clients.subscriber.acknowledge({ subscription, ackIds: [first[0]?.ackId ?? ""] });
      await clients.subscriber.modifyAckDeadline({
        subscription,
        ackIds: [first[1]?.ackId ?? ""],
        ackDeadlineSeconds: 0,
      });
      assert.deepEqual(
        (await pull(subscription)).map(({ message }) => message.messageId),
        [messageIds?.[1]],
      );
    });

    it("delivers through a filter only what it lets pass", async () => {
      const { topic, subscription } = await create("filtered", { filter: 'attributes.kind = "purchase"' });
      await clients.publisher.publish({
        topic,
        messages: [{ attributes: { kind: "view" } }, { attributes: { kind: "purchase" } }],
      });
      assert.deepEqual(
        (await pull(subscription)).map(({ message }) => message.attributes),
        [{ kind: "purchase" }],
      );
    });

    it("moves a message to the dead-letter topic after its last attempt, with where it came from", async () => {
      const dead = await create("dead-letters");
      const { topic, subscription } = await create("with-dead-letters", {
        deadLetterPolicy: { deadLetterTopic: dead.topic, maxDeliveryAttempts: 5 },
      });
      await clients.publisher.publish({ topic, messages: [{ data: Buffer.from("poison"), attributes: { k: "v" } }] });
      for (let attempt = 1; attempt <= 5; attempt += 1) {
        const [received] = await pull(subscription);
        assert.equal(received?.deliveryAttempt, attempt);
        await clients.subscriber.modifyAckDeadline({
          subscription,
          ackIds: [received?.ackId ?? ""],
          ackDeadlineSeconds: 0,
        });
      }
      assert.deepEqual(await pull(subscription), []);
      const [{ receivedMessages }] = await clients.subscriber.pull({ subscription: dead.subscription, maxMessages: 1 });
      const [forwarded] = (receivedMessages ?? []) as readonly PulledMessage[];
      const { CloudPubSubDeadLetterSourceTopicPublishTime: time, ...attributes } = forwarded?.message.attributes ?? {};
      assert.deepEqual(attributes, {
        k: "v",
        CloudPubSubDeadLetterSourceDeliveryCount: "5",
        CloudPubSubDeadLetterSourceSubscription: "with-dead-letters",
        CloudPubSubDeadLetterSourceSubscriptionProject: "activate-local",
      });
      assert.ok(Number.isFinite(Date.parse(time ?? "")));
      assert.equal(Buffer.from(forwarded?.message.data ?? "").toString(), "poison");
    });

    it("goes back to a time and to a snapshot", async () => {
      const { topic, subscription } = await create("seeking", { retainAckedMessages: true });
      const publish = async (text: string): Promise<void> => {
        await clients.publisher.publish({ topic, messages: [{ data: Buffer.from(text) }] });
      };
      const texts = async (): Promise<string[]> => {
        const received = await pull(subscription);
        if (received.length > 0) {
          await clients.subscriber.acknowledge({ subscription, ackIds: received.map(({ ackId }) => ackId) });
        }
        return received.map(({ message }) => Buffer.from(message.data).toString());
      };
      await publish("one");
      const snapshot = `${PROJECT}/snapshots/seeking`;
      await clients.subscriber.createSnapshot({ name: snapshot, subscription });
      await publish("two");
      assert.deepEqual(await texts(), ["one", "two"]);
      await clients.subscriber.seek({ subscription, snapshot });
      assert.deepEqual(await texts(), ["one", "two"]);
      await clients.subscriber.seek({ subscription, time: { seconds: 1 } });
      assert.deepEqual(await texts(), ["one", "two"]);
      await publish("three");
      await clients.subscriber.seek({ subscription, time: { seconds: 4_000_000_000 } });
      assert.deepEqual(await texts(), []);
      await clients.subscriber.deleteSnapshot({ snapshot });
    });

    it("drops the backlog of a subscription that is detached, and refuses to pull from it", async () => {
      const { topic, subscription } = await create("detached");
      await clients.publisher.publish({ topic, messages: [{ data: Buffer.from("x") }] });
      await clients.publisher.detachSubscription({ subscription });
      assert.match((await failureOf(pull(subscription))).message, /detached/);
      assert.equal((await clients.subscriber.getSubscription({ subscription }))[0].detached, true);
    });

    const long = "x".repeat(257);
    const refusals: readonly [title: string, call: () => Promise<unknown>, code: number, message: RegExp][] = [
      [
        "a topic that exists",
        () => clients.publisher.createTopic({ name: topicName("shared") }),
        6,
        /Resource already exists in the project \(resource=shared\)\./,
      ],
      [
        "a name of two letters",
        () => clients.publisher.createTopic({ name: topicName("ab") }),
        3,
        /Invalid resource name given \(name=projects\/activate-local\/topics\/ab\)/,
      ],
      [
        "a topic bound to a schema",
        () => clients.publisher.createTopic({ name: topicName("typed"), schemaSettings: { schema: "s" } }),
        12,
        /schema/,
      ],
      [
        "publishing to a topic that does not exist",
        () => clients.publisher.publish({ topic: topicName("nope"), messages: [{ data: Buffer.from("x") }] }),
        5,
        /Resource not found \(resource=nope\)\./,
      ],
      [
        "an empty message",
        () => clients.publisher.publish({ topic: topicName("shared"), messages: [{}] }),
        3,
        /must contain either non-empty data, or at least one attribute/,
      ],
      [
        "no message",
        () => clients.publisher.publish({ topic: topicName("shared"), messages: [] }),
        3,
        /message_count is too small\. You passed 0/,
      ],
      [
        "1001 messages",
        () =>
          clients.publisher.publish({
            topic: topicName("shared"),
            messages: Array.from({ length: 1001 }, () => ({ data: Buffer.from("x") })),
          }),
        3,
        /message_count is too large\. You passed 1001/,
      ],
      [
        "a key of 257 bytes",
        () => clients.publisher.publish({ topic: topicName("shared"), messages: [{ attributes: { [long]: "v" } }] }),
        3,
        /attribute key size is too large\. You passed 257/,
      ],
      [
        "two ordering keys in a request",
        () =>
          clients.publisher.publish({
            topic: topicName("shared"),
            messages: [
              { data: Buffer.from("x"), orderingKey: "a" },
              { data: Buffer.from("x"), orderingKey: "b" },
            ],
          }),
        9,
        /same ordering key/,
      ],
      [
        "a subscription to a topic that does not exist",
        () => clients.subscriber.createSubscription({ name: subscriptionName("lost"), topic: topicName("nope") }),
        5,
        /resource=nope/,
      ],
      [
        "an ack deadline of 9 s",
        () =>
          clients.subscriber.createSubscription({
            name: subscriptionName("hasty"),
            topic: topicName("shared"),
            ackDeadlineSeconds: 9,
          }),
        3,
        /ack_deadline=9\)\. The ack deadline must be between 10 and 600 seconds/,
      ],
      [
        "a retention of 599 s",
        () =>
          clients.subscriber.createSubscription({
            name: subscriptionName("forgetful"),
            topic: topicName("shared"),
            messageRetentionDuration: { seconds: 599 },
          }),
        3,
        /You passed 9m59s in the request, but the value must be between 10m and 744h/,
      ],
      [
        "a push endpoint without encryption on another machine",
        () =>
          clients.subscriber.createSubscription({
            name: subscriptionName("pushy"),
            topic: topicName("shared"),
            pushConfig: { pushEndpoint: "http://example.com/push" },
          }),
        3,
        /Invalid push endpoint given \(endpoint=http:\/\/example\.com\/push\)/,
      ],
      [
        "a filter that is none",
        () =>
          clients.subscriber.createSubscription({
            name: subscriptionName("unfiltered"),
            topic: topicName("shared"),
            filter: 'data = "1"',
          }),
        3,
        /filter: attributes expected at position 0/,
      ],
      [
        "an ack ID that is none",
        async () => {
          const { subscription } = await create("unknown-ack");
          await clients.subscriber.acknowledge({ subscription, ackIds: ["x"] });
        },
        3,
        /You have passed an invalid ack ID to the service \(ack_id=x\)/,
      ],
      [
        "an update of the filter",
        async () => {
          const { subscription } = await create("immutable");
          await clients.subscriber.updateSubscription({
            subscription: { name: subscription, filter: "attributes:k" },
            updateMask: { paths: ["filter"] },
          });
        },
        3,
        /the 'filter' field in the Subscription is not mutable/,
      ],
    ];
    for (const [title, call, code, message] of refusals) {
      it(`refuses ${title}`, async () => {
        const failure = await failureOf(call());
        assert.match(failure.message, message);
        if (transport === "gRPC") assert.equal(failure.code, code);
      });
    }
  });
}
