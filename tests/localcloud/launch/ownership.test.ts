import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readLivingOwner, takeOwnership } from "activate/localcloud/launch/ownership.js";
import { identityOf, isAlive, ownIdentity } from "activate/localcloud/platform/processes.js";
import { TemporaryFolder } from "../../cli/activate.js";

const MODULE = require.resolve("activate/localcloud/launch/ownership.js");

describe("ownership of a folder", function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  let lock: string;
  beforeEach(() => {
    folder = new TemporaryFolder();
    lock = join(folder.path, "cloud.lock");
  });
  afterEach(() => folder.remove());

  /** The lock of a process that has ended. */
  function leaveStaleLock(): void {
    const script = `require(${JSON.stringify(MODULE)}).takeOwnership(${JSON.stringify(lock)}, "p")`;
    assert.equal(spawnSync(process.execPath, ["-e", script]).status, 0);
  }

  it("belongs to one until it is released, and names it", () => {
    const ownership = takeOwnership(lock, "shop");
    assert.ok(ownership);
    assert.equal(takeOwnership(lock, "shop"), undefined);
    ownership.publish({ rest: "http://127.0.0.1:1", grpc: "127.0.0.1:2" });
    const { pid, project, rest } = readLivingOwner(lock) ?? {};
    assert.deepEqual([pid, project, rest], [process.pid, "shop", "http://127.0.0.1:1"]);
    ownership.release();
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it("passes from a dead process to the next", () => {
    leaveStaleLock();
    assert.equal(readLivingOwner(lock), undefined);
    assert.ok(takeOwnership(lock, "p"));
    assert.deepEqual(readdirSync(folder.path), ["cloud.lock"]);
  });

  it("passes from a process whose id somebody else has been given since", () => {
    const { pid } = ownIdentity();
    writeFileSync(lock, JSON.stringify({ pid, startTime: "1", token: "t", project: "p" }));
    assert.ok(takeOwnership(lock, "p"));
  });

  it("passes on from a damaged lock file", () => {
    writeFileSync(lock, "{");
    assert.ok(takeOwnership(lock, "p"));
  });

  it("goes to exactly one of many that find a stale lock at once", async () => {
    leaveStaleLock();
    // Each tries, says whether it owns the folder, and stays alive until its standard input ends.
    const script = `
      const owned = require(${JSON.stringify(MODULE)}).takeOwnership(${JSON.stringify(lock)}, "p") !== undefined;
      process.stdout.write(String(owned));
      process.stdin.resume().on("end", () => process.exit());`;
    const contenders = Array.from({ length: 8 }, () => spawn(process.execPath, ["-e", script]));
    const answers = await Promise.all(
      contenders.map(
        (child) => new Promise<string>((done) => child.stdout.once("data", (data: Buffer) => done(String(data)))),
      ),
    );
    const winner = contenders[answers.indexOf("true")];
    assert.equal(answers.filter((answer) => answer === "true").length, 1);
    assert.equal((JSON.parse(readFileSync(lock, "utf8")) as { pid: number }).pid, winner?.pid);
    for (const child of contenders) child.stdin.end();
    await Promise.all(contenders.map((child) => new Promise((done) => child.once("close", done))));
  });

  it("is not released by one who lost it", () => {
    const first = takeOwnership(lock, "p");
    assert.ok(first);
    writeFileSync(lock, JSON.stringify({ ...ownIdentity(), token: "another", project: "p" }));
    first.release();
    assert.equal(readLivingOwner(lock)?.token, "another");
  });
});

describe("the identity of a process", () => {
  it("differs for every process, and ends with it", async () => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"]);
    const identity = identityOf(child.pid ?? 0);
    assert.ok(identity && isAlive(identity));
    child.kill("SIGKILL");
    await new Promise((done) => child.once("close", done));
    assert.equal(isAlive(identity), false);
  });
});
