import assert from "node:assert/strict";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { CloudError } from "activate/localcloud/platform/errors.js";
import type { ServiceContext } from "activate/localcloud/platform/service.js";
import { createPubsub } from "activate/localcloud/pubsub/index.js";

const ROOT = "v1/projects/activate-local";

/** The other side of the link, which has tests of its own: a table with the columns `id` and `price`. */
class Tables {
  readonly rows: object[] = [];
  exists = true;
  #changed: (() => void)[] = [];

  async columns(): Promise<{ name: string; type: string }[]> {
    this.#check();
    const names = ["id", "price", "message_id", "subscription_name", "publish_time", "attributes"];
    return names.map((name) => ({ name, type: "STRING" }));
  }

  async insert(_: unknown, rows: readonly object[]): Promise<ReadonlyMap<number, string>> {
    this.#check();
    const refused = new Map<number, string>();
    for (const [index, row] of rows.entries()) {
      if (typeof (row as { price?: unknown }).price === "number") this.rows.push(row);
      else refused.set(index, "price: Cannot convert value to a number");
    }
    for (const wake of this.#changed.splice(0)) wake();
    return refused;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  #check(): void {
    if (!this.exists) throw new CloudError("NOT_FOUND", "Not found: Table activate-local:shop.orders");
  }
}

describe("a BigQuery subscription", () => {
  const tables = new Tables();
  let cloud: LocalCloud;
  before(async () => {
    cloud = await startLocalCloud({
      services: [
        (context: ServiceContext) => {
          context.links.warehouseTables = tables;
          return createPubsub(context);
        },
      ],
    });
  });
  after(() => cloud.stop());

  async function call<T>(method: string, path: string, body: object): Promise<T> {
    const response = await fetch(`${cloud.rest}/${ROOT}/${path}`, { method, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text) as T;
  }

  const encode = (value: unknown): { data: string } => ({
    data: Buffer.from(JSON.stringify(value)).toString("base64"),
  });

  it("writes payloads as rows with their metadata, and dead-letters what the table refuses with the reason", async () => {
    await call("PUT", "topics/dead", {});
    await call("PUT", "subscriptions/dead", { topic: "projects/activate-local/topics/dead" });
    await call("PUT", "topics/orders", {});
    await call("PUT", "subscriptions/orders", {
      topic: "projects/activate-local/topics/orders",
      bigqueryConfig: { table: "activate-local.shop.orders", useTableSchema: true, writeMetadata: true },
      deadLetterPolicy: { deadLetterTopic: "projects/activate-local/topics/dead", maxDeliveryAttempts: 5 },
    });
    const { messageIds } = await call<{ messageIds: string[] }>("POST", "topics/orders:publish", {
      messages: [{ ...encode({ id: "a", price: 3.5 }), attributes: { k: "v" } }, encode({ id: "b", price: "three" })],
    });
    await tables.until(() => tables.rows.length === 1);
    const { publish_time: time, ...row } = tables.rows[0] as Record<string, unknown>;
    assert.deepEqual(row, {
      id: "a",
      price: 3.5,
      subscription_name: "projects/activate-local/subscriptions/orders",
      message_id: messageIds[0],
      attributes: '{"k":"v"}',
    });
    assert.ok(Number.isFinite(Date.parse(String(time))));
    // Held until the message has failed five times and is there.
    const { receivedMessages } = await call<{
      receivedMessages: { message: { attributes: Record<string, string> } }[];
    }>("POST", "subscriptions/dead:pull", { maxMessages: 1 });
    assert.equal(
      receivedMessages[0]?.message.attributes.CloudPubSubDeadLetterSourceDeliveryErrorMessage,
      "price: Cannot convert value to a number",
    );
  });

  it("is refused for a table that does not exist", async () => {
    tables.exists = false;
    await assert.rejects(
      call("PUT", "subscriptions/lost", {
        topic: "projects/activate-local/topics/orders",
        bigqueryConfig: { table: "activate-local.shop.lost", useTableSchema: true },
      }),
      /Not found: Table/,
    );
  });
});
