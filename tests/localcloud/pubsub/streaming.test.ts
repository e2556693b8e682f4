import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { Message, PubSub } from "@google-cloud/pubsub";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createPubsub } from "activate/localcloud/pubsub/index.js";
import { createClient, listen } from "./clients.js";

describe("Pub/Sub by the official client's streams", () => {
  let cloud: LocalCloud;
  let client: PubSub;
  before(async () => {
    cloud = await startLocalCloud({ services: [createPubsub] });
    client = createClient(cloud);
  });
  after(async () => {
    await client.close();
    await cloud.stop();
  });

  const textOf = ({ data }: Message): string => data.toString();

  it("delivers every message once to one of five streams", async () => {
    const [topic] = await client.createTopic("streams");
    const [subscription] = await topic.createSubscription("streams");
    const count = 1_000;
    await Promise.all(
      Array.from({ length: count }, (_, index) => topic.publishMessage({ data: Buffer.from(`${index}`) })),
    );
    const received = await listen(
      subscription,
      (message) => message.ack(),
      (all) => all.length === count,
    );
    assert.equal(new Set(received.map(textOf)).size, count);
  });

  it("delivers again what was nacked, though its receipt comes in the same moment", async () => {
    const [topic] = await client.createTopic("nacked");
    const [subscription] = await topic.createSubscription("nacked");
    await topic.publishMessage({ data: Buffer.from("first") });
    await topic.publishMessage({ data: Buffer.from("second") });
    const received = await listen(
      subscription,
      (message, index) => (textOf(message) === "second" && index < 2 ? message.nack() : message.ack()),
      (all) => all.length === 3,
    );
    assert.deepEqual(received.map(textOf), ["first", "second", "second"]);
  });

  it("keeps the order of an ordering key", async () => {
    const [topic] = await client.createTopic("ordered");
    const [subscription] = await topic.createSubscription("ordered", { enableMessageOrdering: true });
    const publisher = client.topic("ordered", { messageOrdering: true });
    const count = 200;
    const publishing: Promise<string>[] = [];
    for (let index = 0; index < count; index += 1) {
      publishing.push(publisher.publishMessage({ data: Buffer.from(`${index}`), orderingKey: `key-${index % 3}` }));
    }
    await Promise.all(publishing);
    const received = await listen(
      subscription,
      (message) => message.ack(),
      (all) => all.length === count,
    );
    for (const key of ["key-0", "key-1", "key-2"]) {
      const numbers = received
        .filter(({ orderingKey }) => orderingKey === key)
        .map((message) => Number(textOf(message)));
      assert.deepEqual(
        numbers,
        [...numbers].sort((a, b) => a - b),
      );
    }
  });

  it("tells the result of an acknowledgement with exactly-once delivery", async () => {
    const [topic] = await client.createTopic("once");
    const [subscription] = await topic.createSubscription("once", { enableExactlyOnceDelivery: true });
    await topic.publishMessage({ data: Buffer.from("x") });
    const results: Promise<string>[] = [];
    await listen(
      subscription,
      (message) => results.push(message.ackWithResponse()),
      (all) => all.length === 1,
    );
    assert.deepEqual(await Promise.all(results), ["SUCCESS"]);
  });

  it("keeps access policies", async () => {
    const [topic] = await client.createTopic("policies");
    const bindings = [{ role: "roles/pubsub.publisher", members: ["serviceAccount:a@b.iam.gserviceaccount.com"] }];
    await topic.iam.setPolicy({ bindings });
    const [policy] = await topic.iam.getPolicy();
    assert.deepEqual(
      policy.bindings?.map(({ role, members }) => ({ role, members })),
      bindings,
    );
  });

  it("pushes each message until it is answered with success, with a token for the endpoint", async () => {
    const requests: { readonly headers: IncomingHttpHeaders; readonly body: PushBody }[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        requests.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
        response.writeHead(requests.length === 1 ? 503 : 204).end();
        if (requests.length === 2) server.emit("acknowledged");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const pushEndpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/push`;
    const [topic] = await client.createTopic("pushed");
    const acknowledged = once(server, "acknowledged");
    await topic.createSubscription("pushed", {
      pushConfig: { pushEndpoint, oidcToken: { serviceAccountEmail: "pusher@activate-local.iam.gserviceaccount.com" } },
    });
    const messageId = await topic.publishMessage({ data: Buffer.from("hello"), attributes: { k: "v" } });
    await acknowledged;
    server.close();
    server.closeAllConnections();
    const [, second] = requests;
    assert.ok(second);
    const { publishTime, publish_time, ...message } = second.body.message;
    assert.equal(publishTime, publish_time);
    assert.match(publishTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      { ...second.body, message },
      {
        message: { attributes: { k: "v" }, data: "aGVsbG8=", messageId, message_id: messageId },
        subscription: "projects/activate-local/subscriptions/pushed",
      },
    );
    assert.equal(second.headers["user-agent"], "CloudPubSub-Google");
    assert.equal(second.headers["content-type"], "application/json");
    await checkToken(second.headers.authorization ?? "", pushEndpoint);
  });

  /** With nothing but the published keys, as a receiver does. */
  async function checkToken(authorization: string, audience: string): Promise<void> {
    const { keys } = (await (await fetch(`${cloud.rest}/oauth2/v3/certs`)).json()) as {
      keys: (webcrypto.JsonWebKey & { kid: string })[];
    };
    const [header = "", payload = "", signature = ""] = authorization.replace(/^Bearer /, "").split(".");
    const { alg, kid } = JSON.parse(Buffer.from(header, "base64url").toString());
    assert.equal(alg, "RS256");
    const jwk = keys.find((one) => one.kid === kid);
    assert.ok(jwk);
    const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
    const key = await webcrypto.subtle.importKey("jwk", jwk, algorithm, false, ["verify"]);
    const signed = Buffer.from(`${header}.${payload}`);
    assert.ok(await webcrypto.subtle.verify(algorithm, key, Buffer.from(signature, "base64url"), signed));
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    assert.equal(claims.aud, audience);
    assert.equal(claims.iss, "https://accounts.google.com");
    assert.equal(claims.email, "pusher@activate-local.iam.gserviceaccount.com");
    assert.equal(claims.email_verified, true);
    assert.equal(claims.exp - claims.iat, 3600);
  }
});

interface PushBody {
  readonly message: Readonly<Record<string, unknown>> & {
    readonly publishTime?: string;
    readonly publish_time?: string;
  };
}
