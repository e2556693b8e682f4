import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { activate, gone, line, TemporaryFolder } from "./activate.js";

describe("activate cloud", function () {
  this.timeout(60_000);
  let folder: TemporaryFolder;
  let state: string[];
  beforeEach(() => {
    folder = new TemporaryFolder();
    state = ["--state", join(folder.path, "state")];
  });
  afterEach(async () => {
    await activate(["cloud", "stop", ...state]);
    folder.remove();
  });

  it("starts, is found by a second start, shows itself, and stops", async () => {
    const first = line(await activate(["cloud", "start", ...state, "--json"]));
    assert.match(first.rest, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.match(first.grpc, /^127\.0\.0\.1:\d+$/);
    assert.equal(first.project, "activate-local");
    assert.equal((await fetch(`${first.rest}/nowhere`)).status, 404);
    assert.deepEqual(line(await activate(["cloud", "start", ...state, "--json"])), first);
    assert.deepEqual(line(await activate(["cloud", "status", ...state, "--json"])), first);
    assert.equal((await activate(["cloud", "stop", ...state])).code, 0);
    await assert.rejects(fetch(first.rest));
    assert.equal((await activate(["cloud", "status", ...state])).code, 1);
  });

  it("is one for any number of starts at once", async () => {
    const starts = await Promise.all([1, 2, 3, 4].map(() => activate(["cloud", "start", ...state, "--json"])));
    assert.equal(new Set(starts.map((start) => line(start).pid)).size, 1);
  });

  it("takes over the lock of a process that was killed, at the same addresses", async () => {
    const killed = line(await activate(["cloud", "start", ...state, "--json"]));
    process.kill(killed.pid, "SIGKILL");
    await gone(killed.pid);
    const next = line(await activate(["cloud", "start", ...state, "--json"]));
    assert.notEqual(next.pid, killed.pid);
    assert.deepEqual([next.rest, next.grpc], [killed.rest, killed.grpc]);
  });

  it("keeps an ephemeral cloud's state in a folder that goes when it stops", async () => {
    const cloud = line(await activate(["cloud", "start", "--ephemeral", "--json"]));
    assert.ok(existsSync(cloud.state));
    await activate(["cloud", "stop", "--state", cloud.state]);
    assert.equal(existsSync(cloud.state), false);
  });

  it("resets: stops, and removes the state but nothing else", async () => {
    const cloud = line(await activate(["cloud", "start", ...state, "--json"]));
    writeFileSync(join(cloud.state, "thesis.txt"), "mine");
    const refused = await activate(["cloud", "reset", ...state]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /holds what is not the local cloud's \(thesis\.txt\), so it is not emptied/);
    assert.equal((await activate(["cloud", "status", ...state])).code, 0);
    const { rmSync } = await import("node:fs");
    rmSync(join(cloud.state, "thesis.txt"));
    assert.equal((await activate(["cloud", "reset", ...state])).code, 0);
    assert.deepEqual(readdirSync(cloud.state), []);
  });

  it("refuses a folder that holds somebody else's files", async () => {
    mkdirSync(join(folder.path, "state"));
    writeFileSync(join(folder.path, "state", "thesis.txt"), "mine");
    const refused = await activate(["cloud", "start", ...state]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /thesis\.txt/);
    assert.deepEqual(readdirSync(join(folder.path, "state")), ["thesis.txt"]);
  });

  it("says that a port is in use and what to do, and leaves no process behind", async () => {
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(0, "127.0.0.1", done));
    const address = squatter.address();
    const port = typeof address === "object" && address ? String(address.port) : "";
    const refused = await activate(["cloud", "start", ...state, "--port", port]);
    await new Promise((done) => squatter.close(done));
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use by another program\\. Choose another`),
    );
    assert.equal((await activate(["cloud", "status", ...state])).code, 1);
  });

  it("says that a state folder cannot be used, and where to turn", async () => {
    writeFileSync(join(folder.path, "file"), "");
    const below = await activate(["cloud", "start", "--state", join(folder.path, "file", "state")]);
    assert.equal(below.code, 1);
    assert.match(below.stderr, /is a file, or lies below one\. Choose another folder with --state DIR/);
  });

  for (const [what, mount, said] of [
    [
      "full",
      "size=1m",
      /The disk that holds the state folder .* is full\. Free some space there\. Choose another folder/,
    ],
    ["read-only", "ro", /cannot be written \(EROFS\)\. Choose another folder with --state DIR/],
  ] as const) {
    it(`says that a state folder is ${what}, and leaves it as it was`, async function () {
      const disk = join(folder.path, "disk");
      mkdirSync(disk);
      // Mounting a disk of one's own takes Linux and its administrator.
      if (spawnSync("mount", ["-t", "tmpfs", "-o", mount, "tmpfs", disk]).status !== 0) this.skip();
      try {
        const refused = await activate(["cloud", "start", "--state", disk]);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, said);
        assert.deepEqual(readdirSync(disk), []);
      } finally {
        spawnSync("umount", ["-l", disk]);
      }
    });
  }

  it("says that a state folder of somebody else's cannot be written", async function () {
    if (process.getuid?.() === 0 || process.platform === "win32") this.skip();
    const closed = join(folder.path, "closed");
    mkdirSync(closed, { mode: 0o555 });
    const refused = await activate(["cloud", "start", "--state", closed]);
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /cannot be written \(EACCES\)\. Choose another folder with --state DIR/);
  });

  it("refuses another project or port than the running cloud's", async () => {
    await activate(["cloud", "start", ...state]);
    const other = await activate(["cloud", "start", ...state, "--project", "another-project"]);
    assert.equal(other.code, 1);
    assert.match(other.stderr, /already runs with project activate-local, not another-project\. Stop it first/);
  });
});

describe("a command line that is not right", () => {
  const cases: readonly (readonly [words: string[], said: RegExp])[] = [
    [["clod"], /Unknown command clod\. Did you mean cloud\?/],
    [["cloud"], /Say what to do: start, stop, status, reset/],
    [["cloud", "strat"], /Unknown action strat\. Did you mean start\?/],
    [["cloud", "start", "--jsno"], /Unknown option --jsno\. Did you mean --json\?/],
    [["cloud", "start", "--port", "70000"], /--port 70000 is not a port/],
    [["cloud", "start", "--port"], /--port needs a value: --port N/],
    [["cloud", "start", "--project", "My Shop"], /--project My Shop is not a project id/],
    [["cloud", "start", "--ephemeral", "--state", "x"], /leave out --state/],
    [["cloud", "stop", "--ephemeral"], /--ephemeral goes with start only/],
    [["env", "--shell", "--json"], /Choose one of --shell and --json/],
    [["exec", "ls"], /Unexpected word: ls/],
    [["exec"], /Say what to run, after two dashes/],
    [["kernel", "instal"], /Unknown action instal\. Did you mean install\?/],
    [["prepare"], /Name the challenge/],
    [["reset"], /Name the challenge/],
    [["check", "notebook"], /Unknown check notebook\. Did you mean notebooks\?/],
    [["run", "77"], /There is no notebook 77/],
  ];
  it("and a setting that is misspelt are refused before anything is done: another folder would be emptied", async () => {
    const { code, stderr } = await activate(["cloud", "reset"], { ACTIVATE_STAET: "/tmp/mine" });
    assert.match(stderr, /ACTIVATE_STAET is no setting of this workbook\. Did you mean ACTIVATE_STATE\?/);
    assert.equal(code, 1);
  });

  it("names a target that is misspelt, when an image is to be pushed", async () => {
    const { code, stderr } = await activate(["image", "push"], { ACTIVATE_TARGET: "gpc" });
    assert.match(stderr, /^activate: ACTIVATE_TARGET is "gpc"\..*Did you mean gcp\?$/m);
    assert.equal(code, 1);
  });

  for (const [words, said] of cases) {
    it(`"${words.join(" ")}" ends with exit code 2 and says why`, async () => {
      const { code, stderr, stdout } = await activate(words);
      assert.match(stderr, said);
      assert.equal(code, 2);
      assert.equal(stdout, "");
    });
  }
});
