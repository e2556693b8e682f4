import assert from "node:assert/strict";
import { GoogleSql } from "activate/localcloud/bigquery/googlesql/analyzer.js";
import fc from "fast-check";
import { openTestEngine, type TestEngine } from "./engine.js";

const SAMPLE = { seed: 20260301, numRuns: 150 };

/** Microseconds since 1970 of years 1 to 9999, many of them on boundaries. */
const micros = fc.oneof(
  fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n }),
  fc.bigInt({ min: -719_162n, max: 2_932_896n }).map((day) => day * 86_400_000_000n),
  fc.bigInt({ min: -3_000_000n, max: 3_000_000n }),
);
const doubles = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer().map((n) => n / 100),
  fc.double({ min: -1e19, max: 1e19 }),
);

/** A query over `v`, one column of text, and the values of `v` as GoogleSQL literals. */
const properties: readonly (readonly [title: string, column: string, values: () => readonly string[]])[] = [
  [
    "timestamps by format",
    "FORMAT_TIMESTAMP('%F %T %a %b %d %e %j %U %u %V %G %W %w %y %E4Y %E*S %H %I', TIMESTAMP_MICROS(v), 'UTC')",
    () => fc.sample(micros, SAMPLE).map(String),
  ],
  ["timestamps as text", "CAST(TIMESTAMP_MICROS(v) AS STRING)", () => fc.sample(micros, SAMPLE).map(String)],
  [
    "parts of timestamps",
    `FORMAT('%d %d %d %d', EXTRACT(ISOYEAR FROM TIMESTAMP_MICROS(v)), EXTRACT(WEEK(TUESDAY) FROM TIMESTAMP_MICROS(v)),
       UNIX_SECONDS(TIMESTAMP_MICROS(v)), UNIX_MILLIS(TIMESTAMP_MICROS(v)))`,
    () => fc.sample(micros, SAMPLE).map(String),
  ],
  [
    "weeks between dates",
    "CAST(DATE_DIFF(DATE(TIMESTAMP_MICROS(v)), DATE '2000-01-05', WEEK(THURSDAY)) AS STRING)",
    () => fc.sample(micros, SAMPLE).map(String),
  ],
  ["floats as text", "CAST(v AS STRING)", () => fc.sample(doubles, SAMPLE).map(floatLiteral)],
  ["floats as integers", "CAST(SAFE_CAST(v AS INT64) AS STRING)", () => fc.sample(doubles, SAMPLE).map(floatLiteral)],
  ["floats as NUMERIC", "CAST(SAFE_CAST(v AS NUMERIC) AS STRING)", () => fc.sample(doubles, SAMPLE).map(floatLiteral)],
  ["rounded floats", "CAST(ROUND(v, 2) AS STRING)", () => fc.sample(doubles, SAMPLE).map(floatLiteral)],
];

function floatLiteral(value: number): string {
  return `CAST('${Number.isFinite(value) ? String(value) : value > 0 ? "inf" : "-inf"}' AS FLOAT64)`;
}

describe("the local BigQuery and Google's evaluator agree on", function () {
  this.timeout(60_000);
  let engine: TestEngine;
  let googleSql: GoogleSql;
  before(async () => {
    engine = await openTestEngine();
    googleSql = await GoogleSql.open();
  });
  after(() => engine.close());

  for (const [title, column, values] of properties) {
    it(title, async () => {
      const list = values();
      const sql = `SELECT v, ${column} AS y FROM UNNEST([${list.join(", ")}]) AS v WITH OFFSET AS o ORDER BY o`;
      const expected = googleSql.evaluate(sql).rows.map(({ cell }) => cell[1]?.string_value ?? null);
      const found = (await engine.rows(sql)).map((row) => row[1]);
      assert.equal(found.length, expected.length);
      const wrong = expected.flatMap((text, at) => (text === found[at] ? [] : [[list[at], found[at], text]]));
      assert.deepEqual(wrong.slice(0, 5), [], `value, ours, the evaluator's (${wrong.length} differ)`);
    });
  }
});
