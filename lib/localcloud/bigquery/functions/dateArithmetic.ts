/** SQL of intervals and dates that several families share. */

/** `a ± interval`; DATE gives DATETIME. */
export function addInterval(kind: string, a: string, interval: string, operator: "+" | "-"): string | undefined {
  switch (kind) {
    case "DATE":
    case "DATETIME":
    case "INTERVAL":
      return `(${a} ${operator} ${interval})`;
    case "TIMESTAMP":
      return `bq_to_timestamp(bq_utc(${a}) ${operator} ${interval})`;
    default:
      return undefined;
  }
}

/** A number of days as DuckDB's DATE arithmetic takes it. */
export function dayCount(sql: string): string {
  return `CAST(${sql} AS INTEGER)`;
}

/** Difference of two points in time as INTERVAL: days for dates, else microseconds. */
export function subtractTimes(kind: string, a: string, b: string): string {
  if (kind === "DATE") return `to_days(CAST(${a} - ${b} AS INTEGER))`;
  return `to_microseconds(epoch_us(${a}) - epoch_us(${b}))`;
}

/** Microseconds of the parts of fixed length. */
export const MICROSECONDS: Readonly<Record<string, bigint>> = {
  MICROSECOND: 1n,
  MILLISECOND: 1_000n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: 86_400_000_000n,
  WEEK: 604_800_000_000n,
};

/** Months of the calendar parts. */
export const MONTHS: Readonly<Record<string, number>> = { MONTH: 1, QUARTER: 3, YEAR: 12 };

/**
 * Days to add to a day number of 1970-01-01 so that division by seven counts weeks from the given weekday; 1,400,000
 * more keep years from 1 on positive. (1970-01-01 was a Thursday.)
 */
export function weekOffset(part: string): number | undefined {
  const offset = {
    WEEK: 4,
    WEEK_SUNDAY: 4,
    WEEK_MONDAY: 3,
    ISOWEEK: 3,
    WEEK_TUESDAY: 2,
    WEEK_WEDNESDAY: 1,
    WEEK_THURSDAY: 0,
    WEEK_FRIDAY: 6,
    WEEK_SATURDAY: 5,
  }[part];
  return offset === undefined ? undefined : offset + 1_400_000;
}

/** INTERVAL of a number of parts. */
export function intervalOf(count: string, part: string): string | undefined {
  const months = MONTHS[part];
  if (months !== undefined) return `to_months(CAST(${count} * ${months} AS INTEGER))`;
  if (part === "DAY") return `to_days(CAST(${count} AS INTEGER))`;
  if (part === "WEEK") return `to_days(CAST(${count} * 7 AS INTEGER))`;
  const micros = MICROSECONDS[part];
  return micros === undefined ? undefined : `to_microseconds(${count} * ${micros})`;
}
