import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import workerThreads, { Worker } from "node:worker_threads";
import { startServer, type TestServer } from "./server.js";

interface Page {
  readonly totalRows: string;
  readonly rows?: readonly { readonly f: readonly { readonly v: string }[] }[];
}

describe("the worker thread of BigQuery", function () {
  this.timeout(60_000);
  const stateDir = mkdtempSync(join(tmpdir(), "activate-worker-"));
  const workers: Worker[] = [];
  let server: TestServer;

  before(async () => {
    // The real worker, and a hand on it: threads cannot be found otherwise.
    class SeenWorker extends Worker {
      constructor(...given: ConstructorParameters<typeof Worker>) {
        super(...given);
        workers.push(this);
      }
    }
    // Put back at the end: the next one is started later, by the next request.
    workerThreads.Worker = SeenWorker;
    server = await startServer({ stateDir });
    await server.call("POST", "datasets", { datasetReference: { datasetId: "d" } });
    await server.call("POST", "datasets/d/tables", {
      tableReference: { tableId: "t" },
      schema: { fields: [{ name: "id", type: "INTEGER" }] },
    });
  });
  after(async () => {
    workerThreads.Worker = Worker;
    await server.stop();
    rmSync(stateDir, { recursive: true, force: true });
  });

  it("is started anew with the next request when it dies, and nothing acknowledged is lost", async () => {
    const acknowledged = new Set<number>();
    let next = 0;
    for (let death = 1; death <= 3; death++) {
      const worker = workers.at(-1);
      assert.ok(worker);
      assert.equal(workers.length, death);
      const insert = async (): Promise<number> => {
        const id = next++;
        const { status } = await server.call<unknown>("POST", "datasets/d/tables/t/insertAll", {
          rows: [{ insertId: `row-${id}`, json: { id } }],
        });
        if (status === 200) acknowledged.add(id);
        return status;
      };
      for (let count = 0; count < 20; count++) assert.equal(await insert(), 200);
      const underWay = Array.from({ length: 20 }, insert);
      const reads = Array.from({ length: 5 }, () => server.call("GET", "datasets/d/tables/t/data"));
      await underWay[0];
      const ended = once(worker, "exit");
      // A message that is none: an exception that nothing in the thread catches.
      worker.postMessage(null);
      const [statuses] = await Promise.all([Promise.all(underWay), Promise.all(reads), ended]);
      assert.deepEqual(new Set(statuses.filter((status) => status !== 200 && status !== 503)), new Set());

      const { status, body } = await server.call<Page>("GET", "datasets/d/tables/t/data?maxResults=10000");
      assert.equal(status, 200, JSON.stringify(body));
      const stored = body.rows?.map((row) => Number(row.f[0]?.v)) ?? [];
      assert.equal(new Set(stored).size, stored.length, "a row stands there twice");
      const missing = [...acknowledged].filter((id) => !stored.includes(id));
      assert.deepEqual(missing, [], `death ${death} lost acknowledged rows`);
    }
    assert.equal(workers.length, 4);
    const query = { query: "SELECT COUNT(*) FROM d.t", useLegacySql: false };
    const counted = await server.call<Page>("POST", "queries", query);
    assert.ok(Number(counted.body.rows?.[0]?.f[0]?.v) >= acknowledged.size);
  });
});
