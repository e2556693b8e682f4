import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ActivateError, CloudStorage, Connections, configFrom } from "activate/cloud";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createStorage } from "activate/localcloud/storage";
import { discovery } from "activate/localcloud/storage/contract.js";
import { bytes } from "../localcloud/storage/cloud.js";
import { checkShape } from "../localcloud/storage/contractCheck.js";

const refused = (code: string, message: RegExp) => (thrown: ActivateError) => {
  assert.deepEqual([thrown.name, thrown.code], ["ActivateError", code], thrown.message);
  assert.match(thrown.message, message);
  return true;
};

describe("buckets and objects of the workbook", function () {
  this.timeout(20_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-objects-"));
  let cloud: LocalCloud;
  let proxy: Server;
  let connections: Connections;
  let storage: CloudStorage;
  const sent: { verb: string; url: string; body: string }[] = [];
  let failures = 0;

  before(async () => {
    cloud = await startLocalCloud({ services: [createStorage] });
    // Notes each request, and answers 503 as often as a test asks for.
    proxy = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { method: verb = "", url = "" } = incoming;
        sent.push({ verb, url, body: Buffer.concat(chunks).toString("latin1") });
        if (failures > 0) {
          failures--;
          outgoing.writeHead(503).end();
          return;
        }
        const onward = request(new URL(url, cloud.rest), { method: verb, headers: incoming.headers }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        });
        onward.end(Buffer.concat(chunks));
      });
    });
    await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
    connections = new Connections(configFrom({ ACTIVATE_TARGET: "gcp", ACTIVATE_PROJECT: "activate-local" }), {
      bigQuery: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      vertex: { host: "127.0.0.1", port: 1, encrypted: false },
      credentials: "none",
    });
    storage = new CloudStorage(connections);
  });
  after(async () => {
    await connections.close();
    proxy.closeAllConnections();
    proxy.close();
    await cloud.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("make the configured bucket once, private and in the configured region, and find it again", async () => {
    const made = await storage.ensureBucket({ labels: { team: "shop" } });
    assert.deepEqual(made, {
      name: "activate-local-ai-bucket",
      uri: "gs://activate-local-ai-bucket",
      location: "EUROPE-WEST1",
      labels: { team: "shop" },
      created: true,
    });
    assert.equal((await storage.ensureBucket()).created, false);
    const [first, second] = await Promise.all([
      storage.ensureBucket({ name: "made-twice" }),
      storage.ensureBucket({ name: "made-twice" }),
    ]);
    assert.equal(Number(first.created) + Number(second.created), 1);
    assert.equal(await storage.findBucket("none-of-ours"), undefined);
  });

  it("keep text, JSON and bytes, short and long", async () => {
    const base = "gs://activate-local-ai-bucket/models/1";
    const long = bytes(6 * 1024 * 1024);
    await storage.upload(`${base}/note.txt`, "grün");
    await storage.writeJson(`${base}/metrics.json`, { auc: 0.98 });
    const stored = await storage.upload(`${base}/weights.bin`, long);
    assert.deepEqual([stored.size, stored.contentType], [long.length, "application/octet-stream"]);
    assert.equal(await storage.read(`${base}/note.txt`), "grün");
    assert.deepEqual(await storage.readJson<{ auc: number }>(`${base}/metrics.json`), { auc: 0.98 });
    assert.ok((await storage.download(`${base}/weights.bin`)).equals(long));
    const listed = await storage.list(base);
    assert.deepEqual(
      listed.map(({ path, size }) => [path, size]),
      [
        ["metrics.json", 18],
        ["note.txt", 5],
        ["weights.bin", long.length],
      ],
    );
  });

  it("take folders there and back", async () => {
    mkdirSync(join(folder, "in", "deep"), { recursive: true });
    writeFileSync(join(folder, "in", "a.json"), "{}");
    writeFileSync(join(folder, "in", "deep", "b.txt"), "below");
    const uri = "gs://activate-local-ai-bucket/folder/";
    assert.equal((await storage.uploadFolder(join(folder, "in"), uri)).length, 2);
    await storage.upload("gs://activate-local-ai-bucket/folder-2/other", "stays");
    const back = await storage.downloadFolder(uri, join(folder, "out"));
    assert.deepEqual(
      back.map(({ path }) => path),
      ["a.json", "deep/b.txt"],
    );
    assert.equal(readFileSync(join(folder, "out", "deep", "b.txt"), "utf8"), "below");
    await storage.remove(uri);
    assert.deepEqual(await storage.list("gs://activate-local-ai-bucket/folder"), []);
    assert.equal(await storage.exists("gs://activate-local-ai-bucket/folder-2/other"), true);
  });

  it("come through failures that pass, once each", async () => {
    failures = 1;
    const uri = "gs://activate-local-ai-bucket/after-failure";
    await storage.upload(uri, "kept");
    assert.equal(failures, 0);
    assert.equal(await storage.read(uri), "kept");
  });

  it("say what is wrong, the cause first", async () => {
    const bucket = "gs://activate-local-ai-bucket";
    await assert.rejects(storage.read(`${bucket}/none`), refused("NOT_FOUND", /^Download .*none: No such object/));
    await assert.rejects(storage.list("gs://no-such-bucket-here"), refused("NOT_FOUND", /bucket does not exist/));
    await assert.rejects(
      storage.upload("gs://no-such-bucket-here/x", bytes(6_000_000)),
      refused("NOT_FOUND", /^Upload .*: The specified bucket does not exist\.$/),
    );
    await assert.rejects(storage.read("s3://x/y"), refused("INVALID_ARGUMENT", /write gs:\/\/BUCKET\/NAME/));
    await assert.rejects(storage.read(bucket), refused("INVALID_ARGUMENT", /names a bucket/));
    await storage.upload(`${bucket}/no.json`, "{");
    await assert.rejects(storage.readJson(`${bucket}/no.json`), refused("INVALID_ARGUMENT", /is no JSON/));
    await assert.rejects(
      storage.upload(`${bucket}/no.json`, "x", { onlyIfAbsent: true }),
      refused("CONFLICT", /is there already/),
    );
    await storage.remove(`${bucket}/none`);
  });

  it("remove a bucket with all that is in it", async () => {
    assert.equal(await storage.removeBucket(), true);
    assert.equal(await storage.removeBucket(), false);
  });

  it("send what Google's Discovery document knows", () => {
    const methods = new Set<string>();
    for (const { verb, url, body } of sent) {
      const { pathname } = new URL(url, "http://host");
      const path = pathname.replace(/^(\/upload)?\/storage\/v1\//, "");
      const upload = pathname.startsWith("/upload/");
      const route = upload ? discovery.find("POST", path) : discovery.find(verb, path);
      assert.ok(route, `${verb} ${pathname}`);
      methods.add(route.method);
      if (body.startsWith("{")) checkShape(route.requestSchema, JSON.parse(body));
      if (pathname.endsWith("/b")) assert.match(url, /project=activate-local/);
    }
    for (const method of ["buckets.insert", "buckets.get", "objects.insert", "objects.list", "objects.delete"]) {
      assert.ok(methods.has(method), `${method} was not sent, only ${[...methods].join(", ")}`);
    }
  });
});
