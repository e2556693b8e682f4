import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import type { Bench } from "../bench.js";
import { DATASET, plain } from "../clickstream.js";
import { alternate, digest, geometricMean, timed } from "../measure.js";
import { bigQueryClient, startOurs } from "../servers.js";

/** The same question in both dialects; each takes raw DuckDB 200 ms or more on the full table. */
const AGGREGATES: readonly { readonly name: string; readonly googleSql: string; readonly duckDb?: string }[] = [
  {
    name: "sums by name",
    googleSql: `SELECT name, COUNT(*) AS n, SUM(amount) AS total, AVG(amount) AS mean, MIN(moment) AS first
      FROM TABLE GROUP BY name ORDER BY name LIMIT 50`,
  },
  {
    name: "distinct",
    googleSql: "SELECT COUNT(DISTINCT number) AS numbers, COUNT(DISTINCT name) AS names FROM TABLE",
  },
  {
    name: "spread by class",
    googleSql: `SELECT class, STDDEV_SAMP(amount) AS spread, CORR(amount, number) AS correlation, VAR_POP(number) AS variance
      FROM TABLE GROUP BY class ORDER BY class`,
  },
  {
    name: "by hour",
    googleSql: `SELECT TIMESTAMP_TRUNC(moment, HOUR) AS hour, class, COUNT(*) AS n, SUM(amount) AS total
      FROM TABLE GROUP BY hour, class ORDER BY n DESC, hour, class LIMIT 50`,
    // DuckDB's time zones cost it a second here: a TIMESTAMP made of microseconds knows none, and our SQL does without them too.
    duckDb: `SELECT date_trunc('hour', make_timestamp(epoch_us(moment))) AS hour, class, COUNT(*) AS n, SUM(amount) AS total
      FROM TABLE GROUP BY ALL ORDER BY n DESC, hour, class LIMIT 50`,
  },
];

export const sqlAggregate: Bench = {
  name: "sql-aggregate",
  what: "aggregates over 6M rows through Google's client (geometric mean), against raw DuckDB on the same data",
  async run(context) {
    const { blocks, rounds } = context.scale === "full" ? { blocks: 1500, rounds: 3 } : { blocks: 5, rounds: 1 };
    const ours = await bigQueryClient(await startOurs(context));
    await ours.createDataset(DATASET);
    await ours.query(`
      CREATE TABLE ${DATASET}.measured AS
      SELECT
        MOD(n * 48271, 1000003) AS number,
        CONCAT('name ', CAST(MOD(n * 7919, 100003) AS STRING)) AS name,
        MOD(n, 12) AS class,
        MOD(n * 69621, 1000003) / 128 AS amount,
        TIMESTAMP_ADD(TIMESTAMP '2026-01-01', INTERVAL MOD(n * 31, 2592000) SECOND) AS moment
      FROM (
        SELECT block * 4000 + place AS n
        FROM UNNEST(GENERATE_ARRAY(0, ${blocks - 1})) AS block, UNNEST(GENERATE_ARRAY(0, 3999)) AS place
      )`);
    const database = await DuckDBInstance.create(join(context.folder, "raw.duckdb"));
    context.afterwards(async () => database.closeSync());
    const raw = await database.connect();
    context.afterwards(async () => raw.closeSync());
    await raw.run(`SET TimeZone = 'UTC'`);
    await raw.run(`
      CREATE TABLE measured AS
      SELECT
        (n * 48271) % 1000003 AS number,
        'name ' || (n * 7919) % 100003 AS name,
        n % 12 AS class,
        ((n * 69621) % 1000003) / 128 AS amount,
        TIMESTAMPTZ '2026-01-01 00:00:00+00' + to_seconds((n * 31) % 2592000) AS moment
      FROM (SELECT block * 4000 + place AS n FROM range(${blocks}) b(block), range(4000) p(place))`);
    await raw.run("CHECKPOINT");

    const times = { ours: [] as number[], peer: [] as number[] };
    const results: unknown[] = [];
    for (const { name, googleSql, duckDb = googleSql } of AGGREGATES) {
      let rows: unknown[] = [];
      let rawRows = 0;
      const found = await alternate(
        { rounds },
        () => timed(async () => ([rows] = await ours.query(googleSql.replace("TABLE", `${DATASET}.measured`)))),
        () =>
          timed(async () => {
            const reader = await raw.runAndReadAll(duckDb.replace("TABLE", "measured"));
            rawRows = reader.getRowObjectsJson().length;
          }),
      );
      times.ours.push(found.ours);
      times.peer.push(found.peer);
      results.push(plain(rows));
      context.log(
        `${name}: ${found.ours.toFixed(0)} ms against ${found.peer.toFixed(0)} ms (${(found.ours / found.peer).toFixed(2)}), ${rows.length} and ${rawRows} rows`,
      );
    }
    return {
      unit: "ms",
      ours: geometricMean(times.ours),
      peer: geometricMean(times.peer),
      peerName: "raw DuckDB",
      hash: digest(results),
    };
  },
};
