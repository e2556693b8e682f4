import assert from "node:assert/strict";
import { ManualClock } from "activate/localcloud/platform/clock.js";
import { type ErrorBody, startServer, type TestServer } from "./server.js";

interface InsertAnswer {
  readonly insertErrors?: readonly {
    readonly index: number;
    readonly errors: readonly { readonly reason: string; readonly location: string; readonly message: string }[];
  }[];
}

const FIELDS = [
  { name: "id", type: "INTEGER", mode: "REQUIRED" },
  { name: "name", type: "STRING" },
  { name: "score", type: "FLOAT" },
  { name: "ok", type: "BOOLEAN" },
  { name: "at", type: "TIMESTAMP" },
  { name: "tags", type: "STRING", mode: "REPEATED" },
  { name: "meta", type: "RECORD", fields: [{ name: "x", type: "INTEGER" }] },
];

describe("tabledata.insertAll", () => {
  const clock = new ManualClock();
  let server: TestServer;
  let tables = 0;
  before(async () => {
    server = await startServer({ clock });
    await server.client.createDataset("d");
  });
  after(() => server.stop());

  const newTable = async (fields: readonly object[] = FIELDS): Promise<string> => {
    const tableId = `t${++tables}`;
    const created = await server.call("POST", "datasets/d/tables", { tableReference: { tableId }, schema: { fields } });
    assert.equal(created.status, 200);
    return tableId;
  };
  const insert = (tableId: string, body: object) =>
    server.call<InsertAnswer & ErrorBody>("POST", `datasets/d/tables/${tableId}/insertAll`, body);
  const rowsOf = async (tableId: string) => (await server.client.dataset("d").table(tableId).getRows())[0];

  it("keeps every type exactly, through the official client and back", async () => {
    const { client } = server;
    const fields = [
      "STRING",
      "BYTES",
      "NUMERIC",
      "BIGNUMERIC",
      "DATE",
      "DATETIME",
      "TIME",
      "TIMESTAMP",
      "JSON",
      "GEOGRAPHY",
    ];
    const tableId = await newTable([
      ...fields.map((type) => ({ name: type.toLowerCase(), type })),
      { name: "range", type: "RANGE", rangeElementType: { type: "DATE" } },
      { name: "int", type: "INTEGER" },
      { name: "float", type: "FLOAT" },
    ]);
    await insert(tableId, {
      rows: [
        {
          json: {
            string: "naïve \u0000 \u{1F600}",
            bytes: Buffer.from([0, 255, 1]).toString("base64"),
            numeric: "-12345678901234567890123456789.123456789",
            bignumeric: "0.00000000000000000000000000000000000001",
            date: "0001-01-01",
            datetime: "9999-12-31 23:59:59.999999",
            time: "3:4:5.5",
            timestamp: "2024-01-02T03:04:05.123456+01:00",
            json: '{"a": [1, null]}',
            geography: "POINT(1 2)",
            range: { start: "2024-01-01", end: null },
            int: "9223372036854775807",
            float: "-Infinity",
          },
        },
      ],
    });
    const [row] = await client
      .dataset("d")
      .table(tableId)
      .getRows({ wrapIntegers: true })
      .then(([rows]) => rows);
    assert.deepEqual(row.bytes, Buffer.from([0, 255, 1]));
    assert.deepEqual(
      {
        string: row.string,
        numeric: row.numeric.toFixed(),
        bignumeric: row.bignumeric.toFixed(),
        date: row.date.value,
        datetime: row.datetime.value,
        time: row.time.value,
        timestamp: row.timestamp.value,
        json: row.json,
        geography: row.geography.value,
        range: row.range.apiValue,
        int: row.int.value,
        float: row.float,
      },
      {
        string: "naïve \u0000 \u{1F600}",
        numeric: "-12345678901234567890123456789.123456789",
        bignumeric: "0.00000000000000000000000000000000000001",
        date: "0001-01-01",
        datetime: "9999-12-31T23:59:59.999999",
        time: "03:04:05.500000",
        timestamp: "2024-01-02T02:04:05.123456000Z",
        json: '{"a":[1,null]}',
        geography: "POINT(1 2)",
        range: "[2024-01-01, UNBOUNDED)",
        int: "9223372036854775807",
        float: Number.NEGATIVE_INFINITY,
      },
    );
  });

  it("inserts nothing when one row is bad: the others are stopped", async () => {
    const tableId = await newTable();
    const { status, body } = await insert(tableId, {
      rows: [{ json: { id: 1 } }, { json: { id: "x" } }, { json: { id: 2 } }],
    });
    assert.equal(status, 200);
    assert.deepEqual(
      body.insertErrors?.map(({ index, errors }) => [index, errors[0]?.reason, errors[0]?.message]),
      [
        [1, "invalid", "Cannot convert value to integer (bad value): x"],
        [0, "stopped", ""],
        [2, "stopped", ""],
      ],
    );
    assert.deepEqual(await rowsOf(tableId), []);
  });

  it("inserts the good rows with skipInvalidRows, and drops unknown fields with ignoreUnknownValues", async () => {
    const tableId = await newTable();
    const { body } = await insert(tableId, {
      skipInvalidRows: true,
      ignoreUnknownValues: true,
      rows: [{ json: { id: 1, zz: 1, meta: { x: 2, yy: 3 } } }, { json: { name: "no id" } }],
    });
    assert.deepEqual(
      body.insertErrors?.map(({ index }) => index),
      [1],
    );
    assert.deepEqual(
      (await rowsOf(tableId)).map(({ id, meta }) => [id, meta]),
      [[1, { x: 2 }]],
    );
  });

  // Wordings recorded from the service in public traces (contracts 2.8).
  const problems: readonly (readonly [object, string, string])[] = [
    [{ id: 1, zz: 1 }, "zz", "no such field: zz."],
    [{ id: 1, meta: { yy: 1 } }, "meta.yy", "no such field: meta.yy."],
    [{ name: "x" }, "", "Missing required field: Msg_0_CLOUD_QUERY_TABLE.id."],
    [{ id: 1, score: "SPY" }, "score", "Cannot convert value to floating point (bad value): SPY"],
    [{ id: 1, name: true }, "name", "Conversion from bool to std::string is unsupported."],
    [{ id: 1, name: ["a"] }, "name", "Array specified for non-repeated field: name."],
    [{ id: 1, tags: "a" }, "tags", "Repeated field must be imported as a JSON array."],
    [{ id: 1, meta: 7 }, "meta", "This field: meta is not a record."],
    [
      { id: 1, at: "noon" },
      "at",
      "Could not parse 'noon' as a timestamp. Required format is YYYY-MM-DD HH:MM[:SS[.SSSSSS]]",
    ],
  ];
  for (const [row, location, message] of problems) {
    it(`says "${message}"`, async () => {
      const tableId = await newTable();
      const { body } = await insert(tableId, { rows: [{ json: row }] });
      const [error] = body.insertErrors?.[0]?.errors ?? [];
      assert.deepEqual([error?.reason, error?.location, error?.message], ["invalid", location, message]);
    });
  }

  it("keeps a row once for the same insertId, within a request and for a minute", async () => {
    const tableId = await newTable();
    const row = { insertId: "k", json: { id: 1 } };
    await insert(tableId, { rows: [row, row] });
    await clock.advance(59_000);
    await insert(tableId, { rows: [row] });
    assert.equal((await rowsOf(tableId)).length, 1);
    await clock.advance(2_000);
    await insert(tableId, { rows: [row] });
    assert.equal((await rowsOf(tableId)).length, 2);
  });

  it("remembers no insertId of a request that was refused", async () => {
    const tableId = await newTable();
    await insert(tableId, {
      rows: [
        { insertId: "a", json: { id: 1 } },
        { insertId: "b", json: {} },
      ],
    });
    await insert(tableId, { rows: [{ insertId: "a", json: { id: 1 } }] });
    assert.equal((await rowsOf(tableId)).length, 1);
  });

  it("refuses whole requests: no rows, too many, a long insertId, no such table, a view's lack of rows", async () => {
    const tableId = await newTable();
    assert.equal((await insert(tableId, { rows: [] })).body.error.message, "No rows present in the request.");
    const many = await insert(tableId, { rows: Array.from({ length: 50_001 }, () => ({ json: { id: 1 } })) });
    assert.match(many.body.error.message, /too many rows present in the request, limit: 50000/);
    const long = await insert(tableId, { rows: [{ insertId: "x".repeat(129), json: { id: 1 } }] });
    assert.match(long.body.error.message, /longer than 128/);
    const missing = await insert("nowhere", { rows: [{ json: {} }] });
    assert.deepEqual(
      [missing.status, missing.body.error.message],
      [404, `Not found: Table ${server.cloud.project}:d.nowhere`],
    );
    assert.deepEqual(await rowsOf(tableId), []);
  });

  it("makes a table from a template", async () => {
    const tableId = await newTable();
    await insert(tableId, { templateSuffix: "_2024", rows: [{ json: { id: 5 } }] });
    assert.deepEqual(
      (await rowsOf(`${tableId}_2024`)).map(({ id }) => id),
      [5],
    );
  });

  it("keeps whole numbers that a double cannot hold", async () => {
    const tableId = await newTable();
    const response = await fetch(
      `${server.cloud.rest}/bigquery/v2/projects/${server.cloud.project}/datasets/d/tables/${tableId}/insertAll`,
      {
        method: "POST",
        body: '{"rows":[{"json":{"id":9007199254740993,"name":"9007199254740993"}}]}',
      },
    );
    assert.deepEqual(await response.json(), { kind: "bigquery#tableDataInsertAllResponse" });
    const { body } = await server.call<{ rows: { f: { v: string }[] }[] }>(
      "GET",
      `datasets/d/tables/${tableId}/data?selectedFields=id`,
    );
    assert.equal(body.rows[0]?.f[0]?.v, "9007199254740993");
  });

  it("keeps texts of every length, alone and in lists, equal to those that SQL makes", async () => {
    const tableId = await newTable([
      { name: "s", type: "STRING" },
      { name: "list", type: "STRING", mode: "REPEATED" },
    ]);
    const texts = ["x", "é", "\u{1F600}", "\u0000"].flatMap((unit) =>
      Array.from({ length: 15 }, (_, length) => `a${unit.repeat(length)}`),
    );
    const rows = ["", ...texts].map((s) => ({ json: { s, list: [s, "", `${s}é`] } }));
    await insert(tableId, { rows: [...rows, { json: {} }] });
    const [found] = await server.client.query({
      query: `SELECT
          (SELECT COUNT(*) FROM d.${tableId} JOIN UNNEST(@texts) AS t ON s = t) AS equal,
          (SELECT COUNT(DISTINCT CONCAT(s, '')) FROM d.${tableId}) AS different,
          (SELECT COUNT(*) FROM d.${tableId} WHERE list[SAFE_OFFSET(0)] = s AND list[SAFE_OFFSET(2)] = CONCAT(s, 'é')) AS lists`,
      params: { texts: [...new Set(texts)] },
    });
    // "a" is the first text of each unit.
    assert.deepEqual(found, [{ equal: texts.length, different: texts.length - 3 + 1, lists: rows.length }]);
    assert.deepEqual(
      (await rowsOf(tableId)).map(({ s }) => s),
      ["", ...texts, null],
    );
  });

  it("takes a hundred requests at once", async () => {
    const tableId = await newTable();
    await Promise.all(Array.from({ length: 100 }, (_, id) => insert(tableId, { rows: [{ json: { id } }] })));
    const ids = (await rowsOf(tableId)).map(({ id }) => id as number);
    assert.deepEqual(
      ids.sort((a, b) => a - b),
      Array.from({ length: 100 }, (_, id) => id),
    );
  });
});

describe("tabledata.list", () => {
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d");
    const schema = {
      fields: [
        { name: "id", type: "INTEGER" },
        { name: "at", type: "TIMESTAMP" },
        {
          name: "r",
          type: "RECORD",
          fields: [
            { name: "x", type: "INTEGER" },
            { name: "ats", type: "TIMESTAMP", mode: "REPEATED" },
          ],
        },
      ],
    };
    await server.client.dataset("d").createTable("t", { schema });
    const rows = Array.from({ length: 25 }, (_, id) => ({ id, at: 1704164645.123456, r: { x: id, ats: [0] } }));
    await server.client.dataset("d").table("t").insert(rows);
  });
  after(() => server.stop());

  interface List {
    readonly totalRows: string;
    readonly pageToken?: string;
    readonly rows?: readonly { readonly f: readonly { readonly v: unknown }[] }[];
  }

  it("pages by token, each row once, in order", async () => {
    const seen: unknown[] = [];
    let token = "";
    do {
      const { body } = await server.call<List>(
        "GET",
        `datasets/d/tables/t/data?maxResults=10${token && `&pageToken=${token}`}`,
      );
      assert.equal(body.totalRows, "25");
      seen.push(...(body.rows ?? []).map(({ f }) => f[0]?.v));
      token = body.pageToken ?? "";
    } while (token !== "");
    assert.deepEqual(
      seen,
      Array.from({ length: 25 }, (_, id) => String(id)),
    );
  });

  it("gives timestamps as float seconds unless integers are asked for, in records too", async () => {
    const { body } = await server.call<List>("GET", "datasets/d/tables/t/data?maxResults=1");
    assert.deepEqual(body.rows?.[0]?.f.slice(1), [
      { v: "1.704164645123456E9" },
      { v: { f: [{ v: "0" }, { v: [{ v: "0.0" }] }] } },
    ]);
    const exact = await server.call<List>(
      "GET",
      "datasets/d/tables/t/data?maxResults=1&formatOptions.useInt64Timestamp=True",
    );
    assert.equal(exact.body.rows?.[0]?.f[1]?.v, "1704164645123456");
  });

  it("gives only the selected fields, in the order of the schema", async () => {
    const { body } = await server.call<List>(
      "GET",
      "datasets/d/tables/t/data?maxResults=1&startIndex=3&selectedFields=r.x,id",
    );
    assert.deepEqual(body.rows?.[0]?.f, [{ v: "3" }, { v: { f: [{ v: "3" }] } }]);
  });

  it("refuses a field that is not there and a token that is none", async () => {
    const field = await server.call<ErrorBody>("GET", "datasets/d/tables/t/data?selectedFields=nope");
    assert.match(field.body.error.message, /Field nope not found/);
    assert.equal((await server.call("GET", "datasets/d/tables/t/data?pageToken=zzz")).status, 400);
  });
});
