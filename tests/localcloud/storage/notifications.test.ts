import assert from "node:assert/strict";
import { createPubsub } from "activate/localcloud/pubsub/index.js";
import { createStorage } from "activate/localcloud/storage";
import { openShop, refused, type Shop } from "./cloud.js";

interface Received {
  readonly message: { readonly data?: string; readonly attributes: Readonly<Record<string, string>> };
}

describe("notifications of the local Cloud Storage", () => {
  let shop: Shop;
  before(async () => {
    shop = await openShop({ services: [createStorage, createPubsub] });
    await call("PUT", "topics/changes", {});
    await call("PUT", "subscriptions/changes", { topic: "projects/activate-local/topics/changes" });
  });
  after(() => shop.stop());

  const call = async <T>(method: string, path: string, body: object): Promise<T> => {
    const answer = await fetch(`${shop.cloud.rest}/v1/projects/activate-local/${path}`, {
      method,
      body: JSON.stringify(body),
    });
    assert.equal(answer.status, 200);
    return (await answer.json()) as T;
  };
  const received = async (): Promise<readonly Received[]> =>
    (
      await call<{ receivedMessages?: readonly Received[] }>("POST", "subscriptions/changes:pull", {
        maxMessages: 100,
        returnImmediately: true,
      })
    ).receivedMessages ?? [];

  it("tell a topic of the changes that were asked for, before they are acknowledged", async () => {
    const [bucket] = await shop.storage.createBucket("told", { softDeletePolicy: { retentionDurationSeconds: 0 } });
    const [notification] = await bucket.createNotification("changes", {
      eventTypes: ["OBJECT_FINALIZE", "OBJECT_DELETE"],
      objectNamePrefix: "watched/",
      customAttributes: { team: "shop" },
    });
    assert.equal(notification.id, "1");
    await bucket.file("elsewhere").save("x");
    await bucket.file("watched/a").save("hello");
    const [{ generation }] = await bucket.file("watched/a").getMetadata();
    await bucket.file("watched/a").setMetadata({ metadata: { not: "told" } });
    await bucket.file("watched/a").save("again");
    const messages = (await received()).map(({ message }) => message);
    assert.deepEqual(
      messages.map(({ attributes }) => [attributes.eventType, attributes.objectId]),
      [
        ["OBJECT_FINALIZE", "watched/a"],
        ["OBJECT_DELETE", "watched/a"],
        ["OBJECT_FINALIZE", "watched/a"],
      ],
    );
    const [first, removed, second] = messages;
    assert.equal(first?.attributes.team, "shop");
    assert.equal(first?.attributes.notificationConfig, "projects/_/buckets/told/notificationConfigs/1");
    assert.equal(first?.attributes.objectGeneration, generation);
    assert.equal(second?.attributes.overwroteGeneration, generation);
    assert.equal(removed?.attributes.overwrittenByGeneration, second?.attributes.objectGeneration);
    const { name, size } = JSON.parse(Buffer.from(first?.data ?? "", "base64").toString()) as Record<string, string>;
    assert.deepEqual([name, size], ["watched/a", "5"]);
    await notification.delete();
    await bucket.file("watched/b").save("x");
    assert.deepEqual(await received(), []);
  });

  it("are listed and found, and need a topic that is there", async () => {
    const [bucket] = await shop.storage.createBucket("configured");
    const [notification] = await bucket.createNotification("changes");
    assert.deepEqual(
      (await bucket.getNotifications())[0].map(({ id }) => id),
      [notification.id],
    );
    assert.deepEqual(await notification.exists(), [true]);
    assert.deepEqual(await bucket.notification("123").exists(), [false]);
    await assert.rejects(bucket.createNotification("no-such-topic"), refused(404, /topic .* was not found/));
  });
});
