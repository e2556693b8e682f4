/**
 * A TIMESTAMP as features (docs.cloud.google.com/bigquery/docs/auto-preprocessing): the seconds since 1970 as a number under the
 * column's own name, and its parts in UTC as categories, a column `_TS_DOM_<name>` and so on each. The numbers of the parts
 * are those of EXTRACT in GoogleSQL; which ones the service writes is not documented.
 */
export type TimestampPart = "DOM" | "DOW" | "MOY" | "HOD" | "MOH" | "WOY" | "YEAR";

interface Part {
  /** As DuckDB SQL of a TIMESTAMP without zone. */
  sql(point: string): string;
  of(date: Date): number;
}

const DAY_MS = 86_400_000;

/** Weeks begin on Sunday; the days before the year's first Sunday are week 0. */
function weekOf(date: Date): number {
  const dayOfYear = Math.floor((date.getTime() - yearStart(date)) / DAY_MS);
  return Math.floor((dayOfYear + 7 - date.getUTCDay()) / 7);
}

/** `Date.UTC` takes the years 0 to 99 for 1900 to 1999. */
function yearStart(date: Date): number {
  return new Date(date).setUTCMonth(0, 1) - (date.getTime() - Math.floor(date.getTime() / DAY_MS) * DAY_MS);
}

const PARTS: Readonly<Record<TimestampPart, Part>> = {
  DOM: { sql: (point) => `day(${point})`, of: (date) => date.getUTCDate() },
  DOW: { sql: (point) => `dayofweek(${point}) + 1`, of: (date) => date.getUTCDay() + 1 },
  MOY: { sql: (point) => `month(${point})`, of: (date) => date.getUTCMonth() + 1 },
  HOD: { sql: (point) => `hour(${point})`, of: (date) => date.getUTCHours() },
  MOH: { sql: (point) => `minute(${point})`, of: (date) => date.getUTCMinutes() },
  WOY: { sql: (point) => `CAST(strftime(${point}, '%U') AS INTEGER)`, of: weekOf },
  YEAR: { sql: (point) => `year(${point})`, of: (date) => date.getUTCFullYear() },
};

export const TIMESTAMP_PARTS = Object.keys(PARTS) as readonly TimestampPart[];

/** The part of a DuckDB TIMESTAMPTZ as a category's text; the seconds (a DOUBLE) without a part. */
export function timestampFeatureSql(value: string, part: TimestampPart | undefined): string {
  if (part === undefined) return `floor(epoch_us(${value}) / 1e6)`;
  return `CAST(${PARTS[part].sql(`make_timestamp(epoch_us(${value}))`)} AS VARCHAR)`;
}

/** The same of an instant. @param micros since 1970. */
export function timestampFeature(micros: bigint, part: TimestampPart | undefined): number | string {
  const milliseconds = Math.floor(Number(micros) / 1000);
  if (part === undefined) return Math.floor(milliseconds / 1000);
  return String(PARTS[part].of(new Date(milliseconds)));
}
