import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { activate, BIN, gone, line, TemporaryFolder } from "./activate.js";

/** A program that asks the local cloud something, and says with what it was called. */
const PROGRAM = `
  const { ACTIVATE_LOCAL_REST: rest, ACTIVATE_STATE: state } = process.env;
  fetch(rest + "/nowhere").then((answer) => {
    console.log(JSON.stringify({ status: answer.status, state, words: process.argv.slice(1) }));
    process.exitCode = 7;
  });
`;

describe("activate exec", function () {
  this.timeout(60_000);

  it("starts a cloud, runs the command against it, stops it, and passes the exit code on", async () => {
    const run = await activate([
      "exec",
      "--ephemeral",
      "--",
      process.execPath,
      "-e",
      PROGRAM,
      "--",
      "--json",
      "two words",
    ]);
    assert.equal(run.code, 7, run.stderr);
    const told = JSON.parse(run.stdout) as { status: number; state: string; words: string[] };
    assert.equal(told.status, 404);
    assert.deepEqual(told.words, ["--json", "two words"]);
    assert.equal(existsSync(told.state), false);
  });

  it("leaves a cloud that ran before running", async () => {
    const folder = new TemporaryFolder();
    const state = ["--state", join(folder.path, "state")];
    try {
      const before = line(await activate(["cloud", "start", ...state, "--json"]));
      assert.equal((await activate(["exec", ...state, "--", "true"])).code, 0);
      assert.deepEqual(line(await activate(["cloud", "status", ...state, "--json"])), before);
    } finally {
      await activate(["cloud", "stop", ...state]);
      folder.remove();
    }
  });

  it("answers 127 for a command that is not there, and 128 + 9 for one that was killed", async () => {
    const missing = await activate(["exec", "--ephemeral", "--", "no-such-program"]);
    assert.equal(missing.code, 127);
    assert.match(missing.stderr, /no-such-program cannot be run: there is no such program on the PATH/);
    const suicide = 'process.kill(process.pid, "SIGKILL")';
    assert.equal((await activate(["exec", "--ephemeral", "--", process.execPath, "-e", suicide])).code, 137);
  });

  it("takes its ephemeral cloud along when it is killed", async () => {
    const program = "console.log(process.env.ACTIVATE_STATE); process.stdin.resume()";
    const child = spawn(process.execPath, [BIN, "exec", "--ephemeral", "--", process.execPath, "-e", program]);
    const lines = createInterface({ input: child.stdout });
    const [state] = (await new Promise<[string]>((done) => lines.once("line", (first: string) => done([first])))) ?? [];
    const { findLocalCloud } = await import("activate/localcloud/launch");
    const pid = findLocalCloud(state)?.pid;
    assert.ok(pid);
    child.kill("SIGKILL");
    child.stdin.end();
    lines.close();
    await gone(pid);
    assert.equal(existsSync(state ?? ""), false);
  });
});

describe("activate env", function () {
  this.timeout(60_000);
  const folder = new TemporaryFolder();
  const state = ["--state", join(folder.path, "state's folder")];
  after(async () => {
    await activate(["cloud", "stop", ...state]);
    folder.remove();
  });

  it("prints the same variables for programs, for shells, and with advice for people", async () => {
    const json = JSON.parse((await activate(["env", ...state, "--json"])).stdout) as Record<string, string>;
    assert.equal(json.ACTIVATE_TARGET, "local");
    assert.equal(json.GOOGLE_CLOUD_PROJECT, "activate-local");
    assert.match(json.BIGQUERY_EMULATOR_HOST ?? "", /^http:\/\/127\.0\.0\.1:\d+$/);
    const shell = await activate(["env", ...state, "--shell"]);
    const read = spawn("sh", ["-c", `${shell.stdout}\nprintf %s "$ACTIVATE_STATE"`]);
    const printed = await new Promise<string>((done) =>
      read.stdout.once("data", (data: Buffer) => done(data.toString())),
    );
    assert.equal(printed, join(folder.path, "state's folder"));
    const advice = (await activate(["env", ...state])).stdout;
    assert.match(advice, /bq query --use_legacy_sql=false/);
    for (const client of ["gcloud", "Node.js", "Python", "Go", "Java"])
      assert.ok(advice.includes(`#   ${client} `), client);
  });
});
