import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Bucket, TransferManager } from "@google-cloud/storage";
import { bytes, openShop, type Shop } from "./cloud.js";

const MIB = 1024 * 1024;

describe("uploads in parts to Cloud Storage", function () {
  this.timeout(30_000);
  const folder = mkdtempSync(join(tmpdir(), "activate-parts-"));
  let shop: Shop;
  let bucket: Bucket;
  before(async () => {
    shop = await openShop();
    [bucket] = await shop.storage.createBucket("parts");
    // The client writes https://BUCKET.HOST/NAME, without the port of an endpoint of one's own.
    const request = async ({ url, method, headers, body }: { url: string } & RequestInit) => {
      const response = await send(url.replace(/^https:\/\/parts\.[^/]+/, "/parts"), {
        ...(method ? { method } : {}),
        ...(body ? { body } : {}),
        headers: { ...(headers as Record<string, string>), authorization: "Bearer local" },
      });
      if (!response.ok) throw new Error(await response.text());
      return { data: await response.text(), headers: Object.fromEntries(response.headers) };
    };
    Object.assign(shop.storage, { authClient: { request } });
  });
  after(async () => {
    await shop.stop();
    rmSync(folder, { recursive: true });
  });

  const send = (path: string, init: RequestInit = {}): Promise<Response> => fetch(shop.cloud.rest + path, init);
  const ask = async (method: string, path: string, body?: string): Promise<{ status: number; text: string }> => {
    const response = await send(`/parts/${path}`, {
      method,
      headers: { authorization: "Bearer local" },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const begin = async (name: string): Promise<string> =>
    /<UploadId>([^<]+)/.exec((await ask("POST", `${name}?uploads`)).text)?.[1] ?? "";
  const complete = (name: string, id: string, parts: readonly (readonly [number, string])[]) => {
    const list = parts.map(([n, etag]) => `<Part><PartNumber>${n}</PartNumber><ETag>"${etag}"</ETag></Part>`);
    return ask("POST", `${name}?uploadId=${id}`, `<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
  };

  it("become one object, whose parts the client sends at the same time", async () => {
    const content = bytes(11 * MIB);
    const path = join(folder, "large.bin");
    writeFileSync(path, content);
    await new TransferManager(bucket).uploadFileInChunks(path, {
      uploadName: "large.bin",
      chunkSizeBytes: 5 * MIB,
      validation: "md5",
      headers: { "Content-Type": "application/x-large", "x-goog-meta-who": "me" },
    });
    const file = bucket.file("large.bin");
    assert.ok((await file.download())[0].equals(content));
    const [{ contentType, metadata, md5Hash, size }] = await file.getMetadata();
    assert.deepEqual(
      [contentType, metadata, md5Hash, size],
      ["application/x-large", { who: "me" }, undefined, `${11 * MIB}`],
    );
  });

  it("are listed, and refused when parts are missing, disordered, damaged or too small", async () => {
    const id = await begin("small");
    const small = await send(`/parts/small?partNumber=1&uploadId=${id}`, {
      method: "PUT",
      headers: { authorization: "Bearer local" },
      body: "one",
    });
    const one = (small.headers.get("etag") ?? "").replaceAll('"', "");
    await ask("PUT", `small?partNumber=2&uploadId=${id}`, "one");
    assert.match((await ask("GET", `small?uploadId=${id}`)).text, /<PartNumber>1<.*<PartNumber>2</);
    for (const [parts, code] of [
      [[[3, one]], "InvalidPart"],
      [[[1, "0".repeat(32)]], "InvalidPart"],
      [
        [
          [2, one],
          [1, one],
        ],
        "InvalidPartOrder",
      ],
      [
        [
          [1, one],
          [2, one],
        ],
        "EntityTooSmall",
      ],
      [[], "MalformedXML"],
    ] as const) {
      const { status, text } = await complete("small", id, parts);
      assert.deepEqual([status, /<Code>(\w+)/.exec(text)?.[1]], [400, code]);
    }
    assert.deepEqual(await bucket.file("small").exists(), [false]);
    assert.equal((await complete("small", id, [[2, one]])).status, 200);
    assert.equal((await bucket.file("small").download())[0].toString(), "one");
  });

  it("that arrive with another checksum than theirs are not kept", async () => {
    const id = await begin("damaged");
    for (const header of [{ "content-md5": "XUFAKrxLKna5cZ2REBfFkg==" }, { "x-goog-hash": "crc32c=AAAAAA==" }]) {
      const headers = { authorization: "Bearer local", ...header } as Record<string, string>;
      const answer = await send(`/parts/damaged?partNumber=1&uploadId=${id}`, { method: "PUT", headers, body: "x" });
      assert.match(await answer.text(), /<Code>BadDigest</);
    }
    assert.doesNotMatch((await ask("GET", `damaged?uploadId=${id}`)).text, /<PartNumber>/);
  });

  it("are given up, and nothing more is taken", async () => {
    const id = await begin("dropped");
    await ask("PUT", `dropped?partNumber=1&uploadId=${id}`, "one");
    assert.equal((await ask("DELETE", `dropped?uploadId=${id}`)).status, 204);
    const { status, text } = await ask("PUT", `dropped?partNumber=2&uploadId=${id}`, "two");
    assert.equal(status, 404);
    assert.match(text, /<Code>NoSuchUpload</);
    assert.equal((await send(`/parts/dropped?uploads`, { method: "POST" })).status, 403);
  });
});
