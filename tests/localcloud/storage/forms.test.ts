import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import type { Bucket, GenerateSignedPostPolicyV4Options } from "@google-cloud/storage";
import { Storage } from "@google-cloud/storage";
import { openShop, PROJECT, type Shop } from "./cloud.js";

const SOON = 60_000;

describe("forms that upload to Cloud Storage", function () {
  this.timeout(20_000);
  const email = `browser@${PROJECT}.iam.gserviceaccount.com`;
  let shop: Shop;
  let bucket: Bucket;
  before(async () => {
    shop = await openShop();
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const signer = new Storage({
      projectId: PROJECT,
      apiEndpoint: shop.cloud.rest,
      credentials: {
        client_email: email,
        private_key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      },
    });
    [bucket] = await shop.storage.createBucket("forms");
    bucket = signer.bucket(bucket.name);
  });
  after(() => shop.stop());

  const post = async (url: string, fields: Readonly<Record<string, string>>, content = "posted") => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([content]), "photo.txt");
    const response = await fetch(url, { method: "POST", body: form, redirect: "manual" });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const v4 = async (name: string, options: Partial<GenerateSignedPostPolicyV4Options> = {}) => {
    const [policy] = await bucket.file(name).generateSignedPostPolicyV4({ expires: Date.now() + SOON, ...options });
    return policy;
  };
  const stored = async (name: string) => {
    const file = shop.storage.bucket("forms").file(name);
    const [[content], [metadata]] = [await file.download(), await file.getMetadata()];
    return { content: content.toString(), metadata };
  };

  it("make the object with the metadata of the fields, by a policy of version 4", async () => {
    const { url, fields } = await v4("folder/a b.txt", {
      fields: { "Content-Type": "text/plain", "Cache-Control": "no-store", "x-goog-meta-who": "me" },
      conditions: [["content-length-range", 1, 100]],
    });
    assert.equal((await post(url, fields)).status, 204);
    const { content, metadata } = await stored("folder/a b.txt");
    assert.equal(content, "posted");
    const { contentType, cacheControl, metadata: custom } = metadata;
    assert.deepEqual([contentType, cacheControl, custom], ["text/plain", "no-store", { who: "me" }]);
  });

  it("do so by a policy of version 2, at the bucket's own address", async () => {
    const [{ base64, signature }] = await bucket.file("two").generateSignedPostPolicyV2({
      expires: Date.now() + SOON,
      startsWith: ["$Content-Type", "image/"],
      contentLengthRange: { min: 0, max: 1024 },
    });
    const fields = { key: "two", GoogleAccessId: email, policy: base64, signature, "Content-Type": "image/png" };
    assert.equal((await post(`${shop.cloud.rest}/forms`, fields)).status, 204);
    assert.equal((await stored("two")).metadata.contentType, "image/png");
  });

  it("are answered as they ask: with a status, a description, or another page", async () => {
    const named = await v4("status", { fields: { success_action_status: "201" } });
    const { status, text } = await post(named.url, named.fields);
    assert.equal(status, 201);
    assert.match(text, /<Bucket>forms<\/Bucket><Key>status<\/Key>/);
    const led = await v4("redirect", { fields: { success_action_redirect: "https://shop.example/thanks?a=b" } });
    const { status: moved, headers } = await post(led.url, led.fields);
    const location = new URL(headers.get("location") ?? "");
    assert.deepEqual([moved, location.host, location.searchParams.get("key")], [303, "shop.example", "redirect"]);
  });

  it("take the key's file name from the file", async () => {
    const template = "up/$" + "{filename}";
    const { url, fields } = await v4(template);
    assert.equal((await post(url, fields)).status, 204);
    assert.equal((await stored("up/photo.txt")).content, "posted");
  });

  for (const [what, change, code] of [
    ["too long a file", { "x-ignore-long": "1" }, "EntityTooLarge"],
    ["another key than the policy's", { key: "other" }, "InvalidPolicyDocument"],
    ["a field that the policy does not name", { acl: "public-read" }, "InvalidPolicyDocument"],
    ["no policy", { policy: undefined }, "AccessDenied"],
  ] as const) {
    it(`are refused with ${what}, and leave nothing behind`, async () => {
      const policy = await v4("refused", { conditions: [["content-length-range", 0, 10]] });
      const entries = Object.entries({ ...policy.fields, ...change }).filter(([, value]) => value !== undefined);
      const content = code === "EntityTooLarge" ? "eleven chars" : "posted";
      const { status, text } = await post(policy.url, Object.fromEntries(entries) as Record<string, string>, content);
      assert.equal(status, code === "AccessDenied" ? 403 : 400);
      assert.match(text, new RegExp(`<Code>${code}</Code>`));
      for (const name of ["refused", "other"]) {
        assert.deepEqual(await shop.storage.bucket("forms").file(name).exists(), [false]);
      }
    });
  }

  it("are refused once the policy has expired", async () => {
    const { url, fields } = await v4("late");
    const policy = JSON.parse(Buffer.from(fields.policy ?? "", "base64").toString()) as { expiration: string };
    const old = Buffer.from(JSON.stringify({ ...policy, expiration: "2020-01-01T00:00:00Z" })).toString("base64");
    const { status, text } = await post(url, { ...fields, policy: old });
    assert.equal(status, 400);
    assert.match(text, /Policy expired/);
  });
});
