import assert from "node:assert/strict";
import { connect } from "node:net";
import type { Bucket } from "@google-cloud/storage";
import { planFault } from "../../faults.js";
import { bytes, clientOf, openShop, type Shop } from "./cloud.js";

const STEP = 256 * 1024;

describe("uploads to the local Cloud Storage", () => {
  let shop: Shop;
  let bucket: Bucket;
  before(async () => {
    shop = await openShop();
    [bucket] = await shop.storage.createBucket("shop-uploads");
  });
  after(() => shop.stop());

  const open = async (name: string, headers: Record<string, string> = {}, query = ""): Promise<string> => {
    const answer = await fetch(
      `${shop.cloud.rest}/upload/storage/v1/b/shop-uploads/o?uploadType=resumable&name=${encodeURIComponent(name)}${query}`,
      { method: "POST", headers: { "content-type": "application/json", ...headers }, body: "{}" },
    );
    assert.equal(answer.status, 200, await answer.text());
    return answer.headers.get("location") ?? "";
  };
  const put = async (address: string, range: string, body: Uint8Array = new Uint8Array()) => {
    const answer = await fetch(address, { method: "PUT", headers: { "content-range": range }, body });
    return { status: answer.status, range: answer.headers.get("range"), text: await answer.text() };
  };

  /** Sends the beginning of a PUT and hangs up. */
  const cut = (address: string, range: string, announced: number, body: Uint8Array): Promise<void> =>
    new Promise((done, fail) => {
      const { hostname, port, pathname, search } = new URL(address);
      const socket = connect(Number(port), hostname, () => {
        socket.write(
          `PUT ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-range: ${range}\r\ncontent-length: ${announced}\r\n\r\n`,
        );
        socket.write(body, () => socket.end());
      });
      socket.once("error", fail);
      socket.once("close", () => done());
      socket.resume();
    });

  it("take chunks, tell how far they are, and make the object with the last one", async () => {
    const content = bytes(2 * STEP + 100);
    const address = await open("chunked");
    assert.deepEqual(await put(address, "bytes */*"), { status: 308, range: null, text: "" });
    const first = await put(address, `bytes 0-${STEP - 1}/*`, content.subarray(0, STEP));
    assert.deepEqual(first, { status: 308, range: `bytes=0-${STEP - 1}`, text: "" });
    const second = await put(
      address,
      `bytes ${STEP}-${2 * STEP - 1}/${content.length}`,
      content.subarray(STEP, 2 * STEP),
    );
    assert.deepEqual(second, { status: 308, range: `bytes=0-${2 * STEP - 1}`, text: "" });
    assert.deepEqual(await bucket.file("chunked").exists(), [false]);
    const last = await put(
      address,
      `bytes ${2 * STEP}-${content.length - 1}/${content.length}`,
      content.subarray(2 * STEP),
    );
    assert.equal(last.status, 200);
    const { size, generation } = JSON.parse(last.text) as { size: string; generation: string };
    assert.equal(size, String(content.length));
    assert.ok((await bucket.file("chunked").download())[0].equals(content));
    // Whoever missed the answer asks again and gets the same object.
    const again = await put(address, "bytes */*");
    assert.deepEqual([again.status, JSON.parse(again.text).generation], [200, generation]);
  });

  it("resume to the same bytes after a cut at any place", async () => {
    const content = bytes(3 * STEP + 5);
    for (const at of [0, 1, STEP - 1, STEP, STEP + 1, 2 * STEP, 3 * STEP, 3 * STEP + 4]) {
      const address = await open(`cut-${at}`);
      await cut(address, `bytes 0-${content.length - 1}/${content.length}`, content.length, content.subarray(0, at));
      // The server may still be reading what was sent before the cut: it keeps at most that, in whole steps.
      const { status, range } = await put(address, "bytes */*");
      assert.equal(status, 308);
      const kept = range === null ? 0 : Number(range.split("-")[1]) + 1;
      assert.ok(kept <= at && kept % STEP === 0, `${kept} of ${at}`);
      const rest = await put(address, `bytes ${kept}-${content.length - 1}/${content.length}`, content.subarray(kept));
      assert.equal(rest.status, 200);
      assert.ok((await bucket.file(`cut-${at}`).download())[0].equals(content), `cut at ${at}`);
    }
  });

  it("pass over bytes that are sent twice, and ask for those that were left out", async () => {
    const content = bytes(2 * STEP);
    const address = await open("twice");
    await put(address, `bytes 0-${STEP - 1}/*`, content.subarray(0, STEP));
    const gap = await put(address, `bytes ${STEP + 10}-${2 * STEP - 1}/${2 * STEP}`, content.subarray(STEP + 10));
    assert.deepEqual([gap.status, gap.range], [308, `bytes=0-${STEP - 1}`]);
    assert.equal((await put(address, `bytes 0-${2 * STEP - 1}/${2 * STEP}`, content)).status, 200);
    assert.ok((await bucket.file("twice").download())[0].equals(content));
  });

  it("refuse chunks of the wrong size or shape, and keep what was there", async () => {
    const address = await open("odd", { "x-upload-content-length": String(2 * STEP) });
    await put(address, `bytes 0-${STEP - 1}/*`, bytes(STEP));
    const odd = await put(address, `bytes ${STEP}-${STEP + 9}/*`, bytes(10));
    assert.deepEqual([odd.status, /multiple of 262144/.test(odd.text)], [400, true]);
    const short = await put(address, `bytes ${STEP}-${2 * STEP - 1}/${2 * STEP}`, bytes(10));
    assert.equal(short.status, 400);
    assert.match(short.text, /There were 10 byte\(s\) in the request body\. There should have been 262144 byte\(s\)/);
    assert.equal((await put(address, "bytes nonsense", bytes(1))).status, 400);
    const other = await put(address, `bytes ${STEP}-${STEP + 9}/${STEP + 10}`, bytes(10));
    assert.match(other.text, /was announced with 524288 byte\(s\)/);
  });

  it("are cancelled by their client, and unknown ones are told so", async () => {
    const address = await open("cancelled");
    assert.equal((await fetch(address, { method: "DELETE" })).status, 499);
    assert.equal((await put(address, "bytes */*")).status, 499);
    const unknown = address.replace(/upload_id=.*/, "upload_id=nothing");
    assert.equal((await put(unknown, "bytes */*")).status, 404);
  });

  it("hold their preconditions at the beginning and again at the end", async () => {
    const address = await open("once", {}, "&ifGenerationMatch=0");
    await bucket.file("once").save("other");
    const late = await put(address, "bytes 0-*/*", bytes(10));
    assert.deepEqual([late.status, /pre-conditions/.test(late.text)], [412, true]);
    assert.equal((await bucket.file("once").download())[0].toString(), "other");
    assert.equal((await put(address, "bytes */*")).status, 410);
  });

  it("take multipart bodies in the ways in which each client writes them", async () => {
    const variants: readonly (readonly [name: string, boundary: string, eol: string])[] = [
      ["bare", "abc", "\r\n"],
      ["double", '"a b=c"', "\r\n"],
      ["single", "'===abc=='", "\n"],
    ];
    for (const [name, boundary, eol] of variants) {
      const mark = boundary.replace(/^["']|["']$/g, "");
      const content = Buffer.from(`\r\n--${mark.slice(0, -1)}\r\n line\n`);
      const body = Buffer.concat([
        Buffer.from(
          `--${mark}${eol}content-TYPE: application/json${eol}${eol}{"name":"mp-${name}"}${eol}--${mark}${eol}`,
        ),
        Buffer.from(`Content-Type: text/x-thing${eol}${eol}`),
        content,
        Buffer.from(`${eol}--${mark}--${eol}`),
      ]);
      const answer = await fetch(`${shop.cloud.rest}/upload/storage/v1/b/shop-uploads/o?uploadType=multipart`, {
        method: "POST",
        headers: { "content-type": `multipart/related; boundary=${boundary}` },
        body,
      });
      assert.equal(answer.status, 200, await answer.text());
      const file = bucket.file(`mp-${name}`);
      assert.ok((await file.download())[0].equals(content), name);
      assert.equal((await file.getMetadata())[0].contentType, "text/x-thing");
    }
  });

  it("refuse multipart bodies that break off, and metadata that is too long or no JSON", async () => {
    const send = async (body: string) => {
      const answer = await fetch(
        `${shop.cloud.rest}/upload/storage/v1/b/shop-uploads/o?uploadType=multipart&name=broken`,
        {
          method: "POST",
          headers: { "content-type": "multipart/related; boundary=x" },
          body,
        },
      );
      return [answer.status, await answer.text()] as const;
    };
    const part = "--x\r\ncontent-type: application/json\r\n\r\n";
    assert.match((await send(`${part}{}\r\n--x\r\n\r\nbytes without an end`))[1], /before its closing boundary/);
    assert.match((await send(`${part}{"na\r\n--x\r\n\r\ny\r\n--x--`))[1], /no JSON/);
    const long = `${part}{"metadata":{"a":"${"x".repeat(2_100_000)}"}}\r\n--x\r\n\r\ny\r\n--x--`;
    assert.deepEqual(await send(long), [400, "Metadata part is too large."]);
    assert.deepEqual(await bucket.file("broken").exists(), [false]);
  });

  it("take plain bodies, and bodies that only the request has compressed", async () => {
    const { gzipSync } = await import("node:zlib");
    const answer = await fetch(`${shop.cloud.rest}/upload/storage/v1/b/shop-uploads/o?uploadType=media&name=media`, {
      method: "POST",
      headers: { "content-type": "text/plain", "content-encoding": "gzip" },
      body: gzipSync("plain after all"),
    });
    assert.equal(answer.status, 200);
    const file = bucket.file("media");
    assert.equal((await file.download())[0].toString(), "plain after all");
    assert.equal((await file.getMetadata())[0].contentEncoding, undefined);
  });

  it("are resumed by the official client after an answer that says 503", async function () {
    this.timeout(15_000);
    const client = clientOf(shop.cloud.rest, 3);
    const content = bytes(3 * STEP);
    const file = client.bucket("shop-uploads").file("official");
    const fault = await planFault(shop.cloud.rest, {
      match: { service: "storage", method: "objects.insert" },
      respond: { httpStatus: 503, message: "planned" },
      times: 1,
    });
    await file.save(content, { chunkSize: STEP, preconditionOpts: { ifGenerationMatch: 0 } });
    await fault.mustHaveFired(1);
    assert.ok((await file.download())[0].equals(content));
  });

  it("give the official client an error, not half an object, when the download breaks off", async () => {
    const fault = await planFault(shop.cloud.rest, {
      match: { service: "storage", method: "objects.get" },
      breakAfterBytes: 1000,
      times: 1,
    });
    await assert.rejects(bucket.file("chunked").download());
    await fault.mustHaveFired(1);
    assert.equal((await bucket.file("chunked").download())[0].length, 2 * STEP + 100);
  });
});
