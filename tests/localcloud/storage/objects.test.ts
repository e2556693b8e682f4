import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Bucket } from "@google-cloud/storage";
import { bytes, openShop, refused, type Shop } from "./cloud.js";

describe("objects of the local Cloud Storage", () => {
  let shop: Shop;
  let bucket: Bucket;
  before(async () => {
    shop = await openShop();
    [bucket] = await shop.storage.createBucket("shop-objects");
  });
  after(() => shop.stop());

  // Checksums of "hello": computed by gsutil hash.
  it("gives back what was saved, with the checksums that Google's tools compute", async () => {
    for (const resumable of [true, false]) {
      const file = bucket.file(`greeting-${resumable}`);
      await file.save("hello", { resumable, metadata: { contentType: "text/plain", metadata: { Colour: "red" } } });
      const [metadata] = await file.getMetadata();
      const { crc32c, md5Hash, size, contentType, storageClass, metageneration } = metadata;
      assert.deepEqual(
        { crc32c, md5Hash, size, contentType, storageClass, metageneration },
        {
          crc32c: "mnG7TA==",
          md5Hash: "XUFAKrxLKna5cZ2REBfFkg==",
          size: "5",
          contentType: "text/plain",
          storageClass: "STANDARD",
          metageneration: "1",
        },
      );
      assert.deepEqual(metadata.metadata, { Colour: "red" });
      assert.equal((await file.download())[0].toString(), "hello");
    }
  });

  it("refuses bytes that have other checksums than announced, and stores nothing", async () => {
    const file = bucket.file("damaged");
    for (const metadata of [{ crc32c: "AAAAAA==" }, { md5Hash: "AAAAAAAAAAAAAAAAAAAAAA==" }]) {
      await assert.rejects(
        file.save("hello", { resumable: false, metadata, validation: false }),
        refused(400, /doesn't match calculated/),
      );
    }
    assert.deepEqual(await file.exists(), [false]);
  });

  it("downloads parts, refuses parts that are not there, and tells a missing object from a missing bucket", async () => {
    const file = bucket.file("digits");
    await file.save("0123456789");
    const part = async (range: { start?: number; end?: number }) => (await file.download(range))[0].toString();
    assert.deepEqual(
      [
        await part({ start: 2, end: 4 }),
        await part({ start: 7 }),
        await part({ end: -3 }),
        await part({ start: 8, end: 99 }),
      ],
      ["234", "789", "789", "89"],
    );
    await assert.rejects(part({ start: 10 }), refused(416, /range/));
    await assert.rejects(bucket.file("none").download(), refused(404, /^No such object: shop-objects\/none$/));
    await assert.rejects(bucket.file("none").getMetadata(), refused(404, /^No such object: shop-objects\/none$/));
    await assert.rejects(
      shop.storage.bucket("no-such-bucket").file("x").getMetadata(),
      refused(404, /^The specified bucket does not exist\.$/),
    );
  });

  it("keeps compressed objects compressed, and unpacks them for those who cannot", async () => {
    const text = "a text that is long enough to be worth it ".repeat(50);
    const file = bucket.file("zipped.txt");
    await file.save(text, { gzip: true, resumable: false });
    const [metadata] = await file.getMetadata();
    assert.equal(metadata.contentEncoding, "gzip");
    assert.ok(Number(metadata.size) < 300);
    assert.equal((await file.download())[0].toString(), text);
    const plain = await fetch(`${shop.cloud.rest}/storage/v1/b/shop-objects/o/zipped.txt?alt=media`, {
      headers: { "accept-encoding": "identity", range: "bytes=0-3" },
    });
    assert.deepEqual([plain.status, await plain.text()], [200, text]);
    assert.equal(plain.headers.get("x-goog-stored-content-encoding"), "gzip");
  });

  it("changes metadata: absent keeps, null removes, nothing changes nothing", async () => {
    const file = bucket.file("described");
    await file.save("x", { metadata: { cacheControl: "no-store", metadata: { a: "1", b: "2" } } });
    const [first] = await file.setMetadata({ metadata: { b: null, c: "3" }, contentLanguage: "de" });
    assert.deepEqual(first.metadata, { a: "1", c: "3" });
    assert.deepEqual([first.cacheControl, first.contentLanguage, first.metageneration], ["no-store", "de", "2"]);
    const [second] = await file.setMetadata({});
    assert.equal(second.metageneration, "2");
    await assert.rejects(
      file.setMetadata({ metadata: { much: "x".repeat(9_000) } }),
      refused(400, /maximum allowed size/),
    );
  });

  it("holds preconditions", async () => {
    const file = bucket.file("guarded");
    const only = (options: object) => file.save("x", { resumable: false, preconditionOpts: options });
    await only({ ifGenerationMatch: 0 });
    const words = /^At least one of the pre-conditions you specified did not hold\.$/;
    await assert.rejects(only({ ifGenerationMatch: 0 }), refused(412, words));
    await assert.rejects(file.save("x", { preconditionOpts: { ifGenerationMatch: 0 } }), refused(412, words));
    const [{ generation, metageneration }] = await file.getMetadata();
    await only({ ifGenerationMatch: Number(generation) });
    await assert.rejects(file.delete({ ifGenerationMatch: Number(generation) }), refused(412, words));
    await assert.rejects(file.setMetadata({ contentType: "a/b" }, { ifMetagenerationMatch: 7 }), refused(412, words));
    const address = `${shop.cloud.rest}/storage/v1/b/shop-objects/o/guarded`;
    const unchanged = await fetch(`${address}?ifMetagenerationNotMatch=${metageneration}`);
    assert.deepEqual([unchanged.status, await unchanged.text()], [304, ""]);
    assert.equal((await fetch(`${address}?ifGenerationMatch=abc`)).status, 400);
  });

  it("copies with the source's metadata, or with all of what is given instead", async () => {
    const source = bucket.file("original");
    await source.save("content", { metadata: { contentType: "text/csv", metadata: { k: "v" } } });
    const [kept] = await source.copy("copy-1");
    const [replaced] = await source.copy("copy-2", { metadata: { other: "o" } });
    const [a, b] = [(await kept.getMetadata())[0], (await replaced.getMetadata())[0]];
    assert.deepEqual(
      [a.contentType, a.metadata, a.md5Hash],
      ["text/csv", { k: "v" }, (await source.getMetadata())[0].md5Hash],
    );
    assert.deepEqual([b.contentType, b.metadata], [undefined, { other: "o" }]);
    await source.delete();
    assert.equal((await kept.download())[0].toString(), "content");
  });

  it("copies in several calls where the caller limits each, and remembers what it was asked", async () => {
    const [far] = await shop.storage.createBucket("shop-far", { location: "EU" });
    const content = bytes(3 * 1024 * 1024);
    await bucket.file("large").save(content);
    const path = "/storage/v1/b/shop-objects/o/large/rewriteTo/b/shop-far/o/large";
    const call = async (query: string, body: object) => {
      const answer = await fetch(`${shop.cloud.rest}${path}?maxBytesRewrittenPerCall=1048576${query}`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return (await answer.json()) as { done: boolean; rewriteToken?: string; totalBytesRewritten: string };
    };
    const first = await call("", { contentType: "a/b" });
    assert.deepEqual([first.done, first.totalBytesRewritten], [false, "1048576"]);
    const second = await call(`&rewriteToken=${first.rewriteToken}`, {});
    assert.deepEqual([second.done, second.totalBytesRewritten], [false, "2097152"]);
    assert.equal((await call(`&rewriteToken=${first.rewriteToken}`, {})).done, true);
    assert.equal((await far.file("large").getMetadata())[0].contentType, "a/b");
    assert.ok((await far.file("large").download())[0].equals(content));
  });

  it("composes objects into one, which has no MD5 and counts its components", async () => {
    await Promise.all([bucket.file("p1").save("one "), bucket.file("p2").save("two ")]);
    const [whole] = await bucket.combine(["p1", "p2"], "whole");
    assert.equal((await whole.download())[0].toString(), "one two ");
    const [{ componentCount, md5Hash }] = await whole.getMetadata();
    assert.deepEqual([componentCount, md5Hash], [2, undefined]);
    await bucket.combine(["whole", "p1"], "whole");
    assert.equal((await whole.download())[0].toString(), "one two one ");
    assert.equal((await whole.getMetadata())[0].componentCount, 3);
  });

  it("moves an object in one step, and deletes", async () => {
    await bucket.file("from").save("moved");
    await bucket.file("from").moveFileAtomic("to");
    assert.deepEqual(await bucket.file("from").exists(), [false]);
    assert.equal((await bucket.file("to").download())[0].toString(), "moved");
    await bucket.file("to").delete();
    await assert.rejects(bucket.file("to").delete(), refused(404, /No such object/));
    await bucket.file("to").delete({ ignoreNotFound: true });
  });

  it("asks for a customer's key wherever the object needs it", async () => {
    const key = createHash("sha256").update("a key").digest();
    const file = bucket.file("secret", { encryptionKey: key });
    await file.save("secret data", { resumable: false });
    const stranger = bucket.file("secret");
    assert.equal((await stranger.getMetadata())[0].crc32c, undefined);
    assert.ok((await file.getMetadata())[0].crc32c);
    await assert.rejects(stranger.download(), refused(400, /encrypted by a customer-supplied encryption key/));
    assert.equal((await file.download())[0].toString(), "secret data");
    await file.rotateEncryptionKey(createHash("sha256").update("another").digest());
    assert.equal((await file.download())[0].toString(), "secret data");
  });

  it("refuses by name what it does not honour", async () => {
    await assert.rejects(
      bucket.file("k").save("x", { resumable: false, metadata: { contexts: { custom: { a: { value: "b" } } } } }),
      refused(501, /Field 'Object\.contexts' is not supported by the local Cloud Storage/),
    );
    for (const name of ["..", "a\nb", "x".repeat(1025)]) {
      await assert.rejects(bucket.file(name).save("x", { resumable: false }), refused(400, /Invalid object name/));
    }
    const folders = await fetch(`${shop.cloud.rest}/storage/v1/b/shop-objects/folders`);
    assert.equal(folders.status, 501);
    assert.match(await folders.text(), /Method storage\.folders\.list is not supported/);
  });
});
