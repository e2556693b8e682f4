import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTestEngine } from "../engine/engine.js";
import type { ErrorBody, TestServer } from "./server.js";
import { startServer } from "./server.js";

interface Counted {
  readonly rows?: readonly { readonly f: readonly { readonly v: string }[] }[];
}

const FULL =
  /^The disk that holds the local cloud's state \(.*\) is full, so nothing is written\. Free some space there/;
const MEBIBYTE = 1024 * 1024;

/** A disk of a hundred megabytes: mounting one in memory takes Linux and its administrator. */
describe("a disk that is full", function () {
  this.timeout(60_000);
  const disk = mkdtempSync(join(tmpdir(), "activate-disk-"));
  let mounted = false;
  let server: TestServer;

  before(async function () {
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=100m", "tmpfs", disk]).status === 0;
    // Without the right to mount there is no disk that a test could fill.
    if (!mounted) this.skip();
    const stateDir = join(disk, "state");
    mkdirSync(stateDir);
    server = await startServer({ stateDir });
    await server.call("POST", "datasets", { datasetReference: { datasetId: "d" } });
    await server.call("POST", "datasets/d/tables", {
      tableReference: { tableId: "t" },
      schema: { fields: [{ name: "id", type: "INTEGER" }] },
    });
    assert.equal((await insert()).status, 200);
  });
  after(async () => {
    await server?.stop();
    if (mounted) spawnSync("umount", ["-l", disk]);
    rmdirSync(disk);
  });

  const insert = () => server.call<ErrorBody>("POST", "datasets/d/tables/t/insertAll", { rows: [{ json: { id: 1 } }] });
  const query = (text: string) =>
    server.call<ErrorBody & Counted>("POST", "queries", { query: text, useLegacySql: false });
  const count = async (): Promise<string | undefined> => {
    const { status, body } = await query("SELECT COUNT(*) FROM d.t");
    assert.equal(status, 200, JSON.stringify(body));
    return body.rows?.[0]?.f[0]?.v;
  };

  it("refuses every write by a sentence, still answers reads, and goes on when there is space again", async () => {
    const filler = join(disk, "filler");
    writeFileSync(filler, Buffer.alloc(70 * MEBIBYTE, 1));
    const answers = [
      await insert(),
      await query("CREATE TABLE d.u AS SELECT 1 AS a"),
      await server.call<ErrorBody>("POST", "datasets", { datasetReference: { datasetId: "other" } }),
    ];
    for (const { status, body } of answers) {
      assert.equal(status, 400);
      assert.match(body.error.message, FULL);
      assert.equal(body.error.errors[0]?.reason, "resourcesExceeded");
    }
    assert.equal(await count(), "1");
    rmSync(filler);
    assert.equal((await insert()).status, 200);
    assert.equal(await count(), "2");
    assert.equal((await server.call("GET", "datasets/other")).status, 404);
  });

  it("lets the engine open all the same: it fills up while the analyzer warms up", async () => {
    const filler = join(disk, "filler");
    const engine = await openTestEngine(process.env, {
      folder: join(disk, "engine"),
      beforeEngine: () => writeFileSync(filler, Buffer.alloc(70 * MEBIBYTE, 1)),
    });
    assert.deepEqual(await engine.rows("SELECT POW(2, 3)"), [["8.0"]]);
    await assert.rejects(engine.run("CREATE SCHEMA d"), { message: FULL });
    rmSync(filler);
    await engine.close();
  });

  it("that fills up in the middle of a statement takes only that statement along", async () => {
    const filler = join(disk, "filler");
    writeFileSync(filler, Buffer.alloc(40 * MEBIBYTE, 1));
    const before = await count();
    const noise = Array.from({ length: 10 }, (_, index) => `RAND() AS noise${index}`).join(", ");
    const { status, body } = await query(
      `CREATE TABLE d.big AS SELECT ${noise} FROM UNNEST(GENERATE_ARRAY(1, 2000000))`,
    );
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.error.message, FULL);
    assert.equal(await count(), before);
    assert.equal((await server.call("GET", "datasets/d/tables/big")).status, 404);
    // DuckDB keeps the place that it took in vain, and fills it again with what comes next.
    rmSync(filler);
    assert.equal((await insert()).status, 200);
    assert.equal(await count(), String(Number(before) + 1));
  });
});
