import assert from "node:assert/strict";
import { BigQuery, type BigQueryTimestamp } from "@google-cloud/bigquery";
import { startServer, type TestServer } from "./server.js";

const SQL = `SELECT TIMESTAMP '2024-01-02 03:04:05.123456+00' AS one, [TIMESTAMP '1960-01-01 00:00:00.5+00'] AS many,
  STRUCT(TIMESTAMP '2024-01-02 00:00:00+00' AS t) AS nested, RANGE(TIMESTAMP '1969-12-31 23:59:59.5+00', NULL) AS span`;

/** What goes over the wire for the row of `SQL`. */
const WIRE: Readonly<Record<string, unknown>> = {
  INT64: ["1704164645123456", "-315619199500000", "1704153600000000", "[-500000, UNBOUNDED)"],
  FLOAT64: ["1.704164645123456E9", "-3.156191995E8", "1.7041536E9", "[-0.5, UNBOUNDED)"],
  ISO8601_STRING: [
    "2024-01-02T03:04:05.123456000000Z",
    "1960-01-01T00:00:00.500000000000Z",
    "2024-01-02T00:00:00.000000000000Z",
    "[1969-12-31T23:59:59.500000000000Z, UNBOUNDED)",
  ],
};

interface Row {
  readonly f: readonly [{ v: string }, { v: { v: string }[] }, { v: { f: { v: string }[] } }, { v: string }];
}

describe("timestamps over BigQuery's REST API", function () {
  this.timeout(20_000);
  let server: TestServer;
  before(async () => {
    server = await startServer();
    await server.client.createDataset("d");
    await server.client.query(`CREATE TABLE d.t AS ${SQL}`);
  });
  after(() => server.stop());

  for (const [format, expected] of Object.entries(WIRE)) {
    it(`are written as ${format} by a query, its job and a table, at any depth`, async () => {
      const option = `formatOptions.timestampOutputFormat=${format}`;
      const [job] = await server.client.createQueryJob(SQL);
      const answers = [
        await server.call<{ rows: Row[] }>("POST", "queries", {
          query: SQL,
          useLegacySql: false,
          formatOptions: { timestampOutputFormat: format },
        }),
        await server.call<{ rows: Row[] }>("GET", `queries/${job.id}?location=US&${option}`),
        await server.call<{ rows: Row[] }>("GET", `datasets/d/tables/t/data?${option}`),
      ];
      for (const { body } of answers) {
        const [one, many, nested, span] = (body.rows[0] as Row).f;
        assert.deepEqual([one.v, many.v[0]?.v, nested.v.f[0]?.v, span.v], expected);
      }
    });

    it(`reach the Node client's getRows as the same instant in ${format}`, async () => {
      const options = { "formatOptions.timestampOutputFormat": format as "INT64", selectedFields: "one" };
      const [rows] = await server.client.dataset("d").table("t").getRows(options);
      const { value } = (rows[0] as { one: BigQueryTimestamp }).one;
      assert.equal(value.replace(/0*Z$/, "Z"), "2024-01-02T03:04:05.123456Z");
    });
  }

  it("are asked for in one form, one that exists", async () => {
    const ask = (formatOptions: object): Promise<unknown> =>
      server.call("POST", "queries", { query: "SELECT 1", useLegacySql: false, formatOptions });
    for (const [options, pattern] of [
      [{ timestampOutputFormat: "FLOAT64", useInt64Timestamp: true }, /exclude each other/],
      [{ timestampOutputFormat: "EPOCH" }, /is none of/],
    ] as const) {
      const answer = (await ask(options)) as { status: number; body: { error: { message: string } } };
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.message, pattern);
    }
  });

  it("of microseconds may be said to be so; picoseconds are refused by name, in columns and parameters", async () => {
    const column = (timestampPrecision: string) => ({ schema: [{ name: "t", type: "TIMESTAMP", timestampPrecision }] });
    const [made] = await server.client.dataset("d").createTable("micro", column("6"));
    const [{ schema }] = await made.getMetadata();
    assert.equal(schema.fields[0].timestampPrecision, "6");
    await assert.rejects(server.client.dataset("d").createTable("pico", column("12")), /Picoseconds in a column \(t/);
    const { status, body } = await server.call<{ error: { message: string } }>("POST", "queries", {
      query: "SELECT @t",
      useLegacySql: false,
      parameterMode: "NAMED",
      queryParameters: [
        {
          name: "t",
          parameterType: { type: "TIMESTAMP", timestampPrecision: "12" },
          parameterValue: { value: BigQuery.timestamp("2024-01-02T00:00:00Z").value },
        },
      ],
    });
    assert.equal(status, 501);
    assert.match(body.error.message, /timestampPrecision/);
  });
});
