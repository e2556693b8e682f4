import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const ROUNDS = 4;
const ROOT = "v1/projects/activate-local";

const PROGRAM = `
const { startLocalCloud } = require("activate/localcloud");
const { createPubsub } = require("activate/localcloud/pubsub/index.js");
startLocalCloud({ stateDir: process.argv[1], services: [createPubsub] }).then((cloud) => console.log(cloud.rest));
`;

interface Received {
  readonly ackId: string;
  readonly deliveryAttempt?: number;
  readonly message: { readonly data: string; readonly messageId: string };
}

/** A cloud in a process of its own, so that it can be killed. */
class KillableCloud {
  #process: ChildProcess | undefined;
  #rest = "";

  async start(stateDir: string): Promise<void> {
    const child = spawn(process.execPath, ["-e", PROGRAM, stateDir], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: __dirname,
    });
    this.#process = child;
    assert.ok(child.stdout);
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    this.#rest = line;
  }

  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async call<T>(method: string, path: string, body: object): Promise<T> {
    const response = await fetch(`${this.#rest}/${ROOT}/${path}`, { method, body: JSON.stringify(body) });
    const text = await response.text();
    if (response.status !== 200) throw new Error(text);
    return JSON.parse(text) as T;
  }

  async publish(topic: string, texts: readonly string[]): Promise<string[]> {
    const messages = texts.map((text) => ({ data: Buffer.from(text).toString("base64") }));
    const { messageIds } = await this.call<{ messageIds: string[] }>("POST", `topics/${topic}:publish`, { messages });
    return messageIds;
  }

  async pull(subscription: string): Promise<Received[]> {
    const { receivedMessages = [] } = await this.call<{ receivedMessages?: Received[] }>(
      "POST",
      `subscriptions/${subscription}:pull`,
      { maxMessages: 1000, returnImmediately: true },
    );
    return receivedMessages;
  }
}

describe("Pub/Sub killed with SIGKILL", () => {
  const cloud = new KillableCloud();
  let stateDir = "";
  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), "activate-pubsub-"));
    await cloud.start(stateDir);
  });
  afterEach(async () => {
    await cloud.kill();
    rmSync(stateDir, { recursive: true, force: true });
  });

  async function restart(): Promise<void> {
    await cloud.kill();
    await cloud.start(stateDir);
  }

  async function create(subscriptions: Readonly<Record<string, object>>): Promise<void> {
    await cloud.call("PUT", "topics/orders", {});
    for (const [id, more] of Object.entries(subscriptions)) {
      await cloud.call("PUT", `subscriptions/${id}`, { topic: "projects/activate-local/topics/orders", ...more });
    }
  }

  it("loses no acknowledged publish and gives no message ID twice", async () => {
    await create({ first: {}, second: {} });
    const published: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      // The kill comes while publishes are under way: those that were answered must be there.
      const publishes = Array.from({ length: 20 }, async (_, index) => {
        const ids = await cloud.publish("orders", [`${round}-${index}-a`, `${round}-${index}-b`]).catch(() => []);
        published.push(...ids);
        if (index === 4) await cloud.kill();
      });
      await Promise.all(publishes);
      await restart();
    }
    assert.equal(new Set(published).size, published.length);
    for (const subscription of ["first", "second"]) {
      const ids = (await cloud.pull(subscription)).map(({ message }) => message.messageId);
      assert.equal(new Set(ids).size, ids.length);
      assert.deepEqual(
        published.filter((id) => !ids.includes(id)),
        [],
      );
    }
  });

  it("delivers nothing again that was acknowledged with exactly-once delivery, and keeps leases that run", async () => {
    await create({ once: { enableExactlyOnceDelivery: true, ackDeadlineSeconds: 600 } });
    await cloud.publish("orders", ["one", "two", "three"]);
    const [one, two] = await cloud.pull("once");
    assert.ok(one && two);
    await cloud.call("POST", "subscriptions/once:acknowledge", { ackIds: [one.ackId] });
    await restart();
    assert.deepEqual(await cloud.pull("once"), [], "two and three are leased still");
    await cloud.call("POST", "subscriptions/once:acknowledge", { ackIds: [two.ackId] });
    await cloud
      .call("POST", "subscriptions/once:modifyAckDeadline", { ackIds: [], ackDeadlineSeconds: 0 })
      .catch((error: Error) => assert.match(error.message, /not specified an ack ID/));
  });

  it("goes on counting delivery attempts, and has a message in one place when it is dead-lettered", async () => {
    await cloud.call("PUT", "topics/dead", {});
    await cloud.call("PUT", "subscriptions/dead", { topic: "projects/activate-local/topics/dead" });
    await create({
      work: { deadLetterPolicy: { deadLetterTopic: "projects/activate-local/topics/dead", maxDeliveryAttempts: 5 } },
    });
    await cloud.publish("orders", ["poison"]);
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const [received] = await cloud.pull("work");
      assert.equal(received?.deliveryAttempt, attempt);
      await cloud.call("POST", "subscriptions/work:modifyAckDeadline", {
        ackIds: [received?.ackId],
        ackDeadlineSeconds: 0,
      });
      if (attempt === 3) {
        // A publish that is answered shows that what was written before it is on disk.
        await cloud.publish("dead", ["flush"]);
        await restart();
      }
    }
    await cloud.publish("dead", ["flush"]);
    await restart();
    const texts = (await cloud.pull("dead")).map(({ message }) => Buffer.from(message.data, "base64").toString());
    assert.deepEqual(texts.sort(), ["flush", "flush", "poison"]);
    assert.deepEqual(await cloud.pull("work"), []);
  });
});
