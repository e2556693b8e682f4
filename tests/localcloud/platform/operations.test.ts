import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { CloudError } from "activate/localcloud/platform/errors.js";
import { IdGenerator } from "activate/localcloud/platform/ids.js";
import { Mutex } from "activate/localcloud/platform/mutex.js";
import { type OperationKind, Operations } from "activate/localcloud/platform/operations.js";
import { type DocumentStore, openDocumentStore } from "activate/localcloud/platform/store.js";

type Args = { readonly paint: { readonly colour: string } };

const PARENT = "projects/1/locations/l/things/7";

describe("long-running operations", () => {
  let folder: string;
  let store: DocumentStore;
  let clock: ManualClock;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "operations-"));
    store = openDocumentStore(folder);
    clock = new ManualClock();
  });
  afterEach(async () => {
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const paint: OperationKind<Args["paint"]> = {
    responseType: "test.Thing",
    metadataType: "test.PaintMetadata",
    stages: [{ stage: "MIXING" }, { stage: "PAINTING" }],
    doneMetadata: { stage: "DRY" },
    failedMetadata: { stage: "SPILT" },
    finish: async ({ colour }) => {
      if (colour === "invisible") throw new CloudError("FAILED_PRECONDITION", "Nobody can see that.");
      return { response: { colour }, changes: [{ collection: "things", key: "7", value: { colour } }] };
    },
  };

  function operations(stageMs = 1000, finishedMax = 1000): Operations<Args> {
    const mutex = new Mutex();
    return new Operations<Args>(
      { store, clock, collection: "operations", stageMs, finishedMax, exclusive: (task) => mutex.run(task) },
      { paint },
      new IdGenerator(clock, () => 0.5),
    );
  }

  it("pass their stages by the clock, then have their effect and their end at once", async () => {
    const running = operations();
    const started = await running.start("paint", PARENT, { colour: "red" });
    assert.match(started.name, new RegExp(`^${PARENT}/operations/\\d{19}$`));
    assert.equal(started.done, undefined);
    assert.equal(started.metadata["@type"], "type.googleapis.com/test.PaintMetadata");
    assert.equal(started.metadata.stage, "MIXING");
    await clock.advance(1000);
    assert.equal(store.get("things", "7"), undefined);
    await until(() => running.get(started.name).metadata.stage === "PAINTING");
    assert.equal(running.get(started.name).done, undefined);
    await clock.advance(1000);
    await until(() => running.get(started.name).done === true);
    const done = running.get(started.name);
    assert.deepEqual(done.response, { "@type": "type.googleapis.com/test.Thing", colour: "red" });
    assert.equal(done.metadata.stage, "DRY");
    assert.deepEqual(store.get("things", "7"), { colour: "red" });
    await running.stop();
  });

  it("end with the error of their effect, and nothing is changed", async () => {
    const running = operations(0);
    const failed = await running.start("paint", PARENT, { colour: "invisible" });
    assert.equal(failed.done, true);
    assert.deepEqual(failed.error, { code: 9, message: "Nobody can see that." });
    assert.equal(failed.metadata.stage, "SPILT");
    assert.equal(store.get("things", "7"), undefined);
  });

  it("go on after a restart where they were", async () => {
    const first = operations();
    const { name } = await first.start("paint", PARENT, { colour: "blue" });
    await first.stop();
    assert.equal(first.get(name).done, undefined);
    const second = operations();
    second.resume();
    assert.deepEqual(second.running("paint"), [{ colour: "blue" }]);
    for (let stage = 0; stage < 2; stage++) {
      await clock.advance(1000);
      await until(() => second.get(name).metadata.stage !== "MIXING");
    }
    await until(() => second.get(name).done === true);
    assert.deepEqual(store.get("things", "7"), { colour: "blue" });
    await second.stop();
  });

  it("end with code 1 when cancelled, and nothing is changed", async () => {
    const running = operations();
    const { name } = await running.start("paint", PARENT, { colour: "green" });
    running.cancel(name);
    await clock.advance(1000);
    await until(() => running.get(name).done === true);
    assert.equal(running.get(name).error?.code, 1);
    assert.equal(store.get("things", "7"), undefined);
    await running.stop();
  });

  it("can be deleted once they are done, not before", async () => {
    const running = operations();
    const { name } = await running.start("paint", PARENT, { colour: "green" });
    await assert.rejects(running.delete(name), /still running/);
    running.cancel(name);
    await clock.advance(1000);
    await until(() => running.get(name).done === true);
    await running.delete(name);
    assert.throws(() => running.get(name), /was not found/);
    await running.stop();
  });

  it("are forgotten, oldest first, when enough others have ended", async () => {
    const running = operations(0, 5);
    const first = await running.start("paint", PARENT, { colour: "red" });
    for (let count = 0; count < 5; count++) {
      await clock.advance(1);
      await running.start("paint", PARENT, { colour: "red" });
    }
    assert.throws(() => running.get(first.name), /was not found/);
    assert.equal(running.list(`${PARENT}/`).length, 5);
  });

  /** Lets promises and the store's commits run until the condition holds. */
  async function until(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      if (condition()) return;
      await store.write([]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.fail("The condition was never met.");
  }
});
