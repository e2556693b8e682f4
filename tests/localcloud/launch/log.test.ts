import assert from "node:assert/strict";
import { closeSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { boundLog, openLog, tailOf } from "activate/localcloud/launch/log.js";
import { TemporaryFolder } from "../../cli/activate.js";

describe("the daemon's log", () => {
  let folder: TemporaryFolder;
  let path: string;
  beforeEach(() => {
    folder = new TemporaryFolder();
    path = join(folder.path, "cloud.log");
  });
  afterEach(() => folder.remove());

  it("stays bounded while it is written, and keeps its newest lines whole", () => {
    const log = openLog(path);
    const lines = Array.from(
      { length: 60_000 },
      (_, number) => `line ${String(number).padStart(6, "0")} ${"x".repeat(80)}\n`,
    );
    writeSync(log, lines.join(""));
    boundLog(log);
    writeSync(log, "after\n");
    closeSync(log);
    assert.ok(statSync(path).size < 1.1 * 1024 * 1024);
    const kept = readFileSync(path, "utf8");
    assert.match(kept, /^line \d{6} x+\n/);
    assert.ok(kept.endsWith(`${lines.at(-1)}after\n`));
  });

  it("makes place at the next start when it has grown", () => {
    writeFileSync(path, "x".repeat(2 * 1024 * 1024));
    closeSync(openLog(path));
    assert.equal(statSync(path).size, 0);
    assert.equal(statSync(`${path}.1`).size, 2 * 1024 * 1024);
  });

  it("gives its last lines to an error message", () => {
    writeFileSync(path, "one\ntwo\nthree\n");
    assert.equal(tailOf(path, 2), "two\nthree");
    assert.equal(tailOf(join(folder.path, "none")), "");
  });
});
