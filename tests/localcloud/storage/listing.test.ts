import assert from "node:assert/strict";
import type { Bucket } from "@google-cloud/storage";
import { openShop, refused, type Shop } from "./cloud.js";

const NAMES = ["a", "a/1", "a/2", "a/b/3", "b.txt", "c/", "c/d.json", "ä", "\u{1F600}", "\uFFFD"];

describe("listings of the local Cloud Storage", () => {
  let shop: Shop;
  let bucket: Bucket;
  before(async () => {
    shop = await openShop();
    [bucket] = await shop.storage.createBucket("listed");
    await Promise.all(NAMES.map((name) => bucket.file(name).save("x", { resumable: false })));
  });
  after(() => shop.stop());

  const list = async (query: object): Promise<{ names: string[]; prefixes: readonly string[] }> => {
    const [files, , answer] = await bucket.getFiles({ ...query, autoPaginate: false });
    return { names: files.map(({ name }) => name), prefixes: (answer as { prefixes?: string[] }).prefixes ?? [] };
  };

  it("are in the order of UTF-8 bytes", async () => {
    const sorted = [...NAMES].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    assert.deepEqual((await list({})).names, sorted);
  });

  it("cut names at a delimiter, once for each folder", async () => {
    assert.deepEqual(await list({ delimiter: "/" }), {
      names: ["a", "b.txt", "ä", "\uFFFD", "\u{1F600}"],
      prefixes: ["a/", "c/"],
    });
    assert.deepEqual(await list({ delimiter: "/", prefix: "a/" }), { names: ["a/1", "a/2"], prefixes: ["a/b/"] });
    assert.deepEqual(await list({ delimiter: "/", prefix: "c" }), { names: [], prefixes: ["c/"] });
    const trailing = await list({ delimiter: "/", prefix: "c", includeTrailingDelimiter: true });
    assert.deepEqual(trailing, { names: ["c/"], prefixes: ["c/"] });
  });

  it("begin and end where they are told to, and match patterns", async () => {
    assert.deepEqual((await list({ startOffset: "a/2", endOffset: "c/" })).names, ["a/2", "a/b/3", "b.txt"]);
    assert.deepEqual((await list({ matchGlob: "a/*" })).names, ["a/1", "a/2"]);
    assert.deepEqual((await list({ matchGlob: "a/**" })).names, ["a/1", "a/2", "a/b/3"]);
    assert.deepEqual((await list({ matchGlob: "**.{txt,json}" })).names, ["b.txt", "c/d.json"]);
    assert.deepEqual((await list({ matchGlob: "[ab]*" })).names, ["a", "b.txt"]);
    await assert.rejects(list({ matchGlob: "{a" }), refused(400, /Invalid glob/));
  });

  it("come in pages that neither repeat nor leave out, prefixes counted", async () => {
    for (const maxResults of [1, 2, 3, 7]) {
      for (const query of [{}, { delimiter: "/" }]) {
        const whole = await list(query);
        const names: string[] = [];
        const prefixes: string[] = [];
        let next: object | undefined = { ...query, maxResults, autoPaginate: false };
        while (next) {
          const [files, more, answer]: [{ name: string }[], object?, unknown?] = await bucket.getFiles(next);
          const found = (answer as { prefixes?: string[] }).prefixes ?? [];
          assert.ok(files.length + found.length <= maxResults);
          names.push(...files.map(({ name }) => name));
          prefixes.push(...found);
          next = more;
        }
        assert.deepEqual({ names, prefixes }, whole);
      }
    }
    await assert.rejects(list({ pageToken: "nonsense" }), refused(400, /Invalid page token/));
    await assert.rejects(list({ maxResults: -1 }), refused(400, /whole number/));
  });

  it("answer only the fields that are asked for, and nothing where nothing is", async () => {
    const at = `${shop.cloud.rest}/storage/v1/b/listed/o`;
    const partial = async (fields: string) =>
      (await fetch(`${at}?prefix=a/b&fields=${encodeURIComponent(fields)}`)).json();
    assert.deepEqual(await partial("items/name,nextPageToken"), { items: [{ name: "a/b/3" }] });
    assert.deepEqual(await partial("items(name,size)"), { items: [{ name: "a/b/3", size: "1" }] });
    assert.deepEqual(await partial("kind"), { kind: "storage#objects" });
    assert.equal((await fetch(`${at}?fields=items(name`)).status, 400);
    assert.deepEqual(await (await fetch(`${at}?prefix=none`)).json(), { kind: "storage#objects" });
  });

  it("are answered without the prefix too, as STORAGE_EMULATOR_HOST makes the Node.js client ask", async () => {
    const answer = await fetch(`${shop.cloud.rest}/b/listed/o?maxResults=1`);
    assert.equal(((await answer.json()) as { items: object[] }).items.length, 1);
    assert.equal((await fetch(`${shop.cloud.rest}/download/storage/v1/b/listed/o/a%2F1?alt=media`)).status, 200);
  });

  it("follow pages of themselves", async () => {
    const batch = Array.from({ length: 300 }, (_, index) => `many/${String(index).padStart(5, "0")}`);
    for (let at = 0; at < batch.length; at += 50) {
      await Promise.all(batch.slice(at, at + 50).map((name) => bucket.file(name).save("", { resumable: false })));
    }
    const found: string[] = [];
    for await (const file of bucket.getFilesStream({ prefix: "many/" })) found.push((file as { name: string }).name);
    assert.deepEqual(found, batch);
  });
});
