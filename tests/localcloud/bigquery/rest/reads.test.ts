import assert from "node:assert/strict";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

interface Reply {
  readonly totalBytesProcessed?: string;
  readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
}

describe("what a query reads", function () {
  this.timeout(60_000);
  let server: TestServer;
  const query = async (sql: string, more: object = {}) =>
    server.call<Reply & ErrorBody>("POST", "queries", { query: sql, useLegacySql: false, ...more });
  const table = (fields: object) =>
    server.call<ErrorBody>("POST", "datasets/d/tables", {
      schema: {
        fields: [
          { name: "ts", type: "TIMESTAMP" },
          { name: "id", type: "INTEGER" },
          { name: "word", type: "STRING" },
        ],
      },
      ...fields,
    });

  before(async () => {
    server = await startServer();
    await server.call("POST", "datasets", { datasetReference: { datasetId: "d" } });
    const wanting = { timePartitioning: { type: "DAY", field: "ts" }, requirePartitionFilter: true };
    assert.equal((await table({ tableReference: { tableId: "t" }, ...wanting })).status, 200);
    assert.equal((await table({ tableReference: { tableId: "free" } })).status, 200);
    for (const name of ["t", "free"]) {
      const inserted = await query(
        `INSERT d.${name} VALUES (TIMESTAMP '2026-01-01', 1, 'abc'), (TIMESTAMP '2026-01-02', NULL, 'é')`,
      );
      assert.equal(inserted.status, 200, JSON.stringify(inserted.body));
    }
    assert.equal((await query("CREATE VIEW d.v AS SELECT ts AS moment, id FROM d.t")).status, 200);
  });
  after(() => server.stop());

  describe("of a table that requires a partition filter", () => {
    const refusal =
      "Cannot query over table 'activate-local.d.t' without a filter over column(s) 'ts' that can be used for partition elimination";
    // docs.cloud.google.com/bigquery/docs/querying-partitioned-tables, "Set partition filter requirements".
    const refused = [
      "SELECT COUNT(*) FROM d.t",
      "SELECT * FROM d.t WHERE id = 1",
      "SELECT * FROM d.t WHERE ts > '2026-01-01' OR id = 1",
      "SELECT * FROM d.t WHERE ts > (SELECT MAX(ts) FROM d.free)",
      "SELECT * FROM d.free WHERE id IN (SELECT id FROM d.t)",
      "SELECT * FROM (SELECT * FROM d.t LIMIT 10) WHERE ts > '2026-01-01'",
      "WITH w AS (SELECT id FROM d.t) SELECT * FROM w",
      "SELECT * FROM d.v",
      "UPDATE d.t SET id = 2 WHERE id = 1",
      "DELETE FROM d.t WHERE true",
      "MERGE d.t USING d.free AS s ON t.id = s.id WHEN MATCHED THEN DELETE",
      "CREATE TABLE d.copied AS SELECT * FROM d.t",
      "DECLARE n INT64 DEFAULT (SELECT COUNT(*) FROM d.t); SELECT n",
    ];
    const answered = [
      "SELECT * FROM d.t WHERE ts > '2026-01-01' AND id = 1",
      "SELECT * FROM d.t WHERE ts = '2026-01-01' OR ts = '2026-01-02'",
      "SELECT * FROM d.t WHERE DATE(ts) BETWEEN '2026-01-01' AND '2026-01-31'",
      "SELECT * FROM (SELECT DATE(ts) AS day, id FROM d.t) WHERE day = '2026-01-01'",
      "SELECT day, n FROM (SELECT DATE(ts) AS day, COUNT(*) AS n FROM d.t GROUP BY day) WHERE day = '2026-01-01'",
      "WITH w AS (SELECT * FROM d.t) SELECT * FROM w WHERE ts > '2026-01-01'",
      "SELECT * FROM d.free JOIN d.t ON free.id = t.id AND t.ts > '2026-01-01'",
      "SELECT * FROM d.v WHERE moment > '2026-01-01'",
      "SELECT * FROM (SELECT ts FROM d.t UNION ALL SELECT ts FROM d.free) WHERE ts > '2026-01-01'",
      "UPDATE d.t SET id = 2 WHERE ts = '2000-01-01'",
      "MERGE d.t USING d.free AS s ON t.id = s.id AND t.ts = '2000-01-01' WHEN MATCHED THEN DELETE",
      "INSERT d.t (id) VALUES (3)",
    ];
    for (const sql of refused) {
      it(`refuses ${sql}`, async () => {
        const { status, body } = await query(sql);
        assert.equal(status, 400, JSON.stringify(body));
        assert.ok(body.error.message.startsWith(refusal), body.error.message);
        assert.equal(body.error.errors[0]?.reason, "invalidQuery");
      });
    }
    for (const sql of answered) {
      it(`answers ${sql}`, async () => {
        const { status, body } = await query(sql);
        assert.equal(status, 200, JSON.stringify(body));
      });
    }

    it("asks as soon as the option is set, and no more when it is taken back", async () => {
      const sql = "SELECT id FROM d.free";
      const partitioned = await query(
        "CREATE TABLE d.later (ts TIMESTAMP, id INT64) PARTITION BY DATE(ts) OPTIONS (require_partition_filter = false)",
      );
      assert.equal(partitioned.status, 200, JSON.stringify(partitioned.body));
      const later = sql.replace("free", "later");
      assert.equal((await query(later)).status, 200);
      await query("ALTER TABLE d.later SET OPTIONS (require_partition_filter = true)");
      assert.equal((await query(later)).status, 400);
      assert.equal((await query(later, { dryRun: true })).status, 400);
      await server.call("PATCH", "datasets/d/tables/later", { requirePartitionFilter: false });
      assert.equal((await query(later)).status, 200);
    });

    it("cannot be made where there is no partition to filter", async () => {
      const flat = await table({ tableReference: { tableId: "flat" }, requirePartitionFilter: true });
      assert.equal(flat.status, 400);
      assert.equal(flat.body.error.message, "requirePartitionFilter can only be set for partitioned tables.");
      const ingested = await table({
        tableReference: { tableId: "ingested" },
        timePartitioning: { type: "DAY", requirePartitionFilter: true },
      });
      assert.equal(ingested.status, 501);
      assert.match(ingested.body.error.message, /required filter on the time of ingestion.*Name the column/);
    });
  });

  // Sizes: docs.cloud.google.com/bigquery/pricing#data. INT64 and TIMESTAMP 8 bytes, STRING 2 and its UTF-8 bytes, NULL 0.
  const sizes: readonly (readonly [sql: string, bytes: number])[] = [
    ["SELECT 1", 0],
    ["SELECT COUNT(*) FROM d.free", 0],
    ["SELECT ts FROM d.free", 16],
    ["SELECT COUNT(word) FROM d.free", 2 + 3 + (2 + 2)],
    ["SELECT * FROM d.free", 16 + 8 + 9],
    ["SELECT ts FROM d.free WHERE id = 1", 16 + 8],
    ["SELECT moment FROM d.v WHERE moment > '2000-01-01'", 16 + 8],
    ["DELETE FROM d.free WHERE id = 99", 16 + 8 + 9],
  ];
  for (const [sql, bytes] of sizes) {
    it(`counts the bytes of the columns that it reads: ${sql}`, async () => {
      const dry = await query(sql, { dryRun: true });
      assert.equal(dry.body.totalBytesProcessed, String(bytes), JSON.stringify(dry.body));
      const run = await query(sql);
      assert.equal(run.body.totalBytesProcessed, String(bytes));
    });
  }
});
