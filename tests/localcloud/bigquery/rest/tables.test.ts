import assert from "node:assert/strict";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

interface Table {
  readonly etag: string;
  readonly schema: {
    readonly fields: readonly { readonly name: string; readonly mode?: string; readonly type: string }[];
  };
  readonly numRows: string;
  readonly numBytes?: string;
  readonly description?: string;
  readonly timePartitioning?: unknown;
}

const NESTED = [
  { name: "id", type: "INT64", mode: "REQUIRED" },
  { name: "items", type: "STRUCT", mode: "REPEATED", fields: [{ name: "price", type: "FLOAT64" }] },
];

describe("tables over REST", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d");
  });
  after(() => server.stop());

  const create = (tableId: string, more: object): Promise<{ status: number; body: Table & ErrorBody }> =>
    server.call("POST", "datasets/d/tables", { tableReference: { tableId }, ...more });

  it("keep a nested schema as it was sent, with types in their first spelling", async () => {
    const { body } = await create("nested", { schema: { fields: NESTED } });
    assert.deepEqual(body.schema.fields, [
      { name: "id", type: "INTEGER", mode: "REQUIRED" },
      { name: "items", type: "RECORD", mode: "REPEATED", fields: [{ name: "price", type: "FLOAT" }] },
    ]);
  });

  for (const [what, id, message] of [
    ["a partition", "t$20260102", /partition decorators \(\$\) are not supported/],
    ["its past", "t@-3600000", /snapshot decorators \(@\) are not supported.*operationType SNAPSHOT/],
  ] as const) {
    it(`are named whole: ${what} is refused by saying what to do`, async () => {
      await create("t", { schema: { fields: NESTED } });
      const table = server.client.dataset("d").table(id);
      await assert.rejects(table.getRows(), message);
      await assert.rejects(table.insert({ id: 1 }), message);
      await assert.rejects(table.createCopyJob(server.client.dataset("d").table("copy")), message);
    });
  }

  it("of Google's public datasets are refused by saying what to do", async () => {
    const message = /Not found: Dataset bigquery-public-data:samples.*holds none of Google's public datasets/;
    await assert.rejects(server.client.query("SELECT * FROM `bigquery-public-data.samples.shakespeare`"), message);
    const samples = server.client.dataset("samples", { projectId: "bigquery-public-data" });
    await assert.rejects(samples.table("shakespeare").getMetadata(), message);
  });

  it("gain columns at any depth, and their rows read NULL or empty there", async () => {
    await create("grows", { schema: { fields: NESTED } });
    const table = server.client.dataset("d").table("grows");
    await table.insert({ id: 1, items: [{ price: 2.5 }] });
    const fields = [
      { name: "id", type: "INTEGER", mode: "NULLABLE" },
      {
        name: "items",
        type: "RECORD",
        mode: "REPEATED",
        fields: [
          { name: "price", type: "FLOAT" },
          { name: "tags", type: "STRING", mode: "REPEATED" },
        ],
      },
      { name: "note", type: "STRING" },
    ];
    const { status } = await server.call("PATCH", "datasets/d/tables/grows", { schema: { fields } });
    assert.equal(status, 200);
    const [rows] = await table.getRows();
    assert.deepEqual(rows, [{ id: 1, items: [{ price: 2.5, tags: [] }], note: null }]);
    await table.insert({ note: "no id", items: [{ tags: ["a"] }] });
    assert.equal((await table.getRows())[0].length, 2);
  });

  const changes: readonly (readonly [string, object[], RegExp])[] = [
    ["a column left out", [], /Field a is missing in new schema/],
    ["another type", [{ name: "a", type: "FLOAT" }], /Field a has changed type from INTEGER to FLOAT/],
    [
      "a stricter mode",
      [{ name: "a", type: "INTEGER", mode: "REQUIRED" }],
      /Field a has changed mode from NULLABLE to REQUIRED/,
    ],
    [
      "a new REQUIRED column",
      [
        { name: "a", type: "INTEGER" },
        { name: "b", type: "STRING", mode: "REQUIRED" },
      ],
      /Cannot add required fields/,
    ],
  ];
  for (const [what, fields, message] of changes) {
    it(`refuse ${what}, and stay as they are`, async () => {
      await create("fixed", { schema: { fields: [{ name: "a", type: "INTEGER" }] } });
      const { status, body } = await server.call<ErrorBody>("PATCH", "datasets/d/tables/fixed", { schema: { fields } });
      assert.equal(status, 400);
      assert.equal(body.error.errors[0]?.reason, "invalid");
      assert.match(body.error.message, message);
      const { body: table } = await server.call<Table>("GET", "datasets/d/tables/fixed");
      assert.deepEqual(table.schema.fields, [{ name: "a", type: "INTEGER" }]);
    });
  }

  it("leave the schema alone when the command line sends null for it", async () => {
    await create("kept", { schema: { fields: [{ name: "a", type: "INTEGER" }] } });
    const { body } = await server.call<Table>("PATCH", "datasets/d/tables/kept?autodetect_schema=false", {
      schema: null,
      description: "text",
    });
    assert.deepEqual([body.schema.fields.length, body.description], [1, "text"]);
  });

  it("count rows and logical bytes", async () => {
    await create("sized", {
      schema: {
        fields: [
          { name: "n", type: "INTEGER" },
          { name: "s", type: "STRING" },
        ],
      },
    });
    await server.client
      .dataset("d")
      .table("sized")
      .insert([
        { n: 1, s: "héé" },
        { n: null, s: null },
      ]);
    const { body } = await server.call<Table>("GET", "datasets/d/tables/sized");
    // An INT64 is 8 bytes, a STRING 2 and its UTF-8 bytes, NULL none (docs.cloud.google.com/bigquery/pricing).
    assert.deepEqual([body.numRows, body.numBytes], ["2", String(8 + 2 + 5)]);
    const basic = await server.call<Table>("GET", "datasets/d/tables/sized?view=BASIC");
    assert.equal(basic.body.numBytes, undefined);
  });

  it("keep their size right while rows are streamed in, changed and deleted", async () => {
    const table = server.client.dataset("d").table("growing");
    await create("growing", { schema: { fields: [{ name: "s", type: "STRING" }] } });
    const size = async () => {
      const { body } = await server.call<Table>("GET", "datasets/d/tables/growing");
      return [Number(body.numRows), Number(body.numBytes)];
    };
    const found = [await size()];
    await table.insert([{ s: "a" }, { s: "bb" }]);
    found.push(await size());
    await table.insert([{ s: "ccc" }]);
    found.push(await size());
    await server.client.query("UPDATE d.growing SET s = CONCAT(s, '!!!!') WHERE s = 'a'");
    found.push(await size());
    await table.insert([{ s: "d" }]);
    found.push(await size());
    await server.client.query("DELETE FROM d.growing WHERE s = 'bb'");
    await table.insert([{ s: "e" }]);
    found.push(await size());
    await table.insert([{ s: "f" }]);
    found.push(await size());
    // Each text has 2 bytes beside its own.
    assert.deepEqual(found, [
      [0, 0],
      [2, 7],
      [3, 12],
      [3, 16],
      [4, 19],
      [4, 18],
      [5, 21],
    ]);
  });

  const layouts: readonly (readonly [string, object, RegExp])[] = [
    [
      "an unknown partitioning column",
      { timePartitioning: { type: "DAY", field: "x" } },
      /cannot be found in the schema/,
    ],
    [
      "a partitioning column of the wrong type",
      { timePartitioning: { type: "DAY", field: "n" } },
      /can only be of type TIMESTAMP, DATETIME, DATE/,
    ],
    ["an unknown clustering column", { clustering: { fields: ["x"] } }, /clustering cannot be found/],
    ["five clustering columns", { clustering: { fields: ["n", "n", "n", "n", "n"] } }, /more than 4 fields/],
    [
      "a repeated name",
      {
        schema: {
          fields: [
            { name: "n", type: "INTEGER" },
            { name: "N", type: "STRING" },
          ],
        },
      },
      /Duplicate field name/,
    ],
    ["an unknown type", { schema: { fields: [{ name: "n", type: "INTEGRE" }] } }, /INTEGRE is not a valid value/],
    [
      "a record without fields",
      { schema: { fields: [{ name: "n", type: "RECORD" }] } },
      /type RECORD but has no schema/,
    ],
    ["a materialized view", { materializedView: { query: "SELECT 1" } }, /materialized view is not supported/],
  ];
  for (const [what, more, message] of layouts) {
    it(`refuse ${what}`, async () => {
      const { status, body } = await create("refused", {
        schema: { fields: [{ name: "n", type: "INTEGER" }] },
        ...more,
      });
      assert.ok(status === 400 || status === 501, `status ${status}`);
      assert.match(body.error.message, message);
      assert.equal((await server.call("GET", "datasets/d/tables/refused")).status, 404);
    });
  }

  it("keep and give back their policy", async () => {
    await create("guarded", { schema: { fields: NESTED } });
    const table = server.client.dataset("d").table("guarded");
    await table.setIamPolicy({ bindings: [{ role: "roles/bigquery.dataViewer", members: ["user:a@example.com"] }] });
    const [policy] = await table.getIamPolicy();
    assert.deepEqual(policy.bindings, [{ role: "roles/bigquery.dataViewer", members: ["user:a@example.com"] }]);
    const [allowed] = await table.testIamPermissions("bigquery.tables.get");
    assert.deepEqual(allowed, { permissions: ["bigquery.tables.get"] });
  });
});

describe("tables that expire", () => {
  it("are gone when their time has come", async () => {
    const clock = new ManualClock();
    const server = await startServer({ clock });
    try {
      await server.client.createDataset("d", { defaultTableExpirationMs: "3600000" });
      const [table] = await server.client.dataset("d").createTable("t", { schema: "a" });
      assert.equal(table.metadata.expirationTime, String(clock.now() + 3_600_000));
      await clock.advance(3_599_000);
      assert.deepEqual(await table.exists(), [true]);
      await clock.advance(2_000);
      assert.deepEqual(await table.exists(), [false]);
    } finally {
      await server.stop();
    }
  });
});

describe("partitions that expire", () => {
  it("lose their rows when their time has come", async () => {
    const clock = new ManualClock(Date.UTC(2026, 0, 10));
    const server = await startServer({ clock });
    try {
      await server.client.createDataset("d");
      const day = 86_400_000;
      const timePartitioning = { type: "DAY", field: "at", expirationMs: String(3 * day) };
      const [table] = await server.client.dataset("d").createTable("t", { schema: "at:TIMESTAMP", timePartitioning });
      await table.insert([{ at: "2026-01-08T23:00:00Z" }, { at: "2026-01-09T00:00:00Z" }]);
      const left = async () => (await table.getRows())[0].map(({ at }) => at.value);
      assert.equal((await left()).length, 2);
      await clock.advance(day + 60_000);
      assert.deepEqual(await left(), ["2026-01-09T00:00:00.000Z"]);
    } finally {
      await server.stop();
    }
  });

  it("are refused where nothing could say when they began", async () => {
    const server = await startServer();
    try {
      await server.client.createDataset("d");
      const create = (more: object) =>
        server.call("POST", "datasets/d/tables", {
          tableReference: { tableId: "t" },
          schema: { fields: [{ name: "at", type: "TIMESTAMP" }] },
          ...more,
        });
      assert.equal((await create({ timePartitioning: { type: "DAY", expirationMs: "1" } })).status, 501);
    } finally {
      await server.stop();
    }
  });
});
