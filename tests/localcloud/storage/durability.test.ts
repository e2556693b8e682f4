import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { bytes, clientOf } from "./cloud.js";

const PROGRAM = `
const { startLocalCloud } = require("activate/localcloud");
const { createStorage } = require("activate/localcloud/storage");
startLocalCloud({ stateDir: process.argv[1], services: [createStorage] }).then((cloud) => console.log(cloud.rest));
`;
const STEP = 256 * 1024;
const MIB = 1024 * 1024;

describe("Cloud Storage in a process of its own", function () {
  this.timeout(120_000);
  let stateDir = "";
  let child: ChildProcess;
  let rest = "";

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ["-e", PROGRAM, stateDir], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: __dirname,
    });
    assert.ok(child.stdout);
    [rest] = (await once(createInterface(child.stdout), "line")) as [string];
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const files = (folder: string): string[] =>
    readdirSync(join(stateDir, "storage", folder), { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(stateDir, "storage", folder, name)).isFile(),
    );

  beforeEach(async () => {
    stateDir = mkdtempSync(join(tmpdir(), "activate-storage-"));
    await start();
  });
  afterEach(async () => {
    await kill();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("keeps all that it acknowledged through kill -9, whenever that comes", async () => {
    await clientOf(rest).createBucket("kept", {
      labels: { a: "b" },
      softDeletePolicy: { retentionDurationSeconds: 0 },
    });
    const acknowledged = new Map<string, Buffer>();
    for (let round = 0; round < 3; round++) {
      const bucket = clientOf(rest).bucket("kept");
      let stop = false;
      const writer = async (lane: number): Promise<void> => {
        for (let turn = 0; !stop; turn++) {
          const name = `${lane}/${turn % 7}`;
          const content = bytes(1 + ((round * 7919 + turn * 131 + lane) % 50_000), turn + lane);
          const saved = await bucket
            .file(name)
            .save(content, { resumable: turn % 2 === 0 })
            .then(
              () => true,
              () => false,
            );
          // What was cut off may have been done or not: it is not asked about.
          if (saved) acknowledged.set(name, content);
          else acknowledged.delete(name);
        }
      };
      const writers = [0, 1, 2].map(writer);
      while (acknowledged.size < 10 + round) await new Promise((done) => setImmediate(done));
      await kill();
      stop = true;
      await Promise.all(writers);
      await start();
      const after = clientOf(rest).bucket("kept");
      assert.deepEqual((await after.getMetadata())[0].labels, { a: "b" });
      for (const [name, content] of acknowledged) {
        assert.ok((await after.file(name).download())[0].equals(content), `${name} in round ${round}`);
      }
      const [live] = await after.getFiles();
      assert.equal(files("objects").length, live.length, "files without a record are swept");
    }
  });

  it("resumes an upload through kill -9 to the same bytes", async () => {
    const content = bytes(3 * STEP + 77);
    await clientOf(rest).createBucket("resumed");
    const opened = await fetch(`${rest}/upload/storage/v1/b/resumed/o?uploadType=resumable&name=big`, {
      method: "POST",
      body: "{}",
    });
    const session = new URL(opened.headers.get("location") ?? "").search;
    const put = (range: string, body: Uint8Array) =>
      fetch(`${rest}/upload/storage/v1/b/resumed/o${session}`, {
        method: "PUT",
        headers: { "content-range": range },
        body,
      });
    assert.equal((await put(`bytes 0-${2 * STEP - 1}/*`, content.subarray(0, 2 * STEP))).status, 308);
    await kill();
    await start();
    const status = await put("bytes */*", new Uint8Array());
    assert.deepEqual([status.status, status.headers.get("range")], [308, `bytes=0-${2 * STEP - 1}`]);
    const last = await put(`bytes ${2 * STEP}-${content.length - 1}/${content.length}`, content.subarray(2 * STEP));
    assert.equal(last.status, 200, await last.text());
    assert.ok((await clientOf(rest).bucket("resumed").file("big").download())[0].equals(content));
    assert.deepEqual(files("uploads"), []);
  });

  it("sweeps what a crash left behind", async () => {
    await clientOf(rest).createBucket("swept");
    await kill();
    writeFileSync(join(stateDir, "storage", "objects", "ab", "ab0123"), "an orphan");
    writeFileSync(join(stateDir, "storage", "uploads", "gone"), "another");
    await start();
    assert.deepEqual([files("objects"), files("uploads")], [[], []]);
  });

  it("takes and gives 160 MB without holding them in memory", async function () {
    if (!existsSync("/proc/self/status")) this.skip();
    const part = bytes(MIB);
    const total = 160 * MIB;
    const peak = (): number => {
      const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
      return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
    };
    await clientOf(rest).createBucket("large");
    const before = peak();
    const body = Readable.from(
      (function* () {
        for (let at = 0; at < total; at += MIB) yield part;
      })(),
    );
    const file = clientOf(rest).bucket("large").file("large");
    await new Promise((done, fail) =>
      body
        .pipe(file.createWriteStream({ resumable: true }))
        .on("finish", done)
        .on("error", fail),
    );
    let got = 0;
    for await (const chunk of file.createReadStream()) got += (chunk as Buffer).length;
    assert.equal(got, total);
    assert.ok(peak() - before < 100, `${before} MB grew to ${peak()} MB`);
  });
});
