import { kindOf, sqlOf } from "./arithmetic.js";
import { type Argument, type Family, NOW_MICROS, type ScalarCall, type ScalarWriter } from "./call.js";
import { intervalOf, MICROSECONDS, MONTHS, weekOffset } from "./dateArithmetic.js";
import { localTime, timestampOf } from "./timeZone.js";

/** DATE, DATETIME, TIME, TIMESTAMP: adding, differences, truncation, parts, construction. */

function partOf(arg: Argument | undefined): string {
  return typeof arg?.literal === "string" ? arg.literal : "";
}

/** `date_add`, `datetime_sub`, … : (point, count, part) or (point, interval). */
const shift =
  (operator: "+" | "-"): ScalarWriter =>
  (call) => {
    const [point, count] = [sqlOf(call, 0), sqlOf(call, 1)];
    const kind = kindOf(call, 0);
    if (kindOf(call, 1) === "INTERVAL") return shifted(kind, point, count, operator);
    const part = partOf(call.args[2]);
    const signed = operator === "-" ? `(-(${count}))` : `(${count})`;
    if (kind === "DATE" && (part === "DAY" || part === "WEEK")) {
      return `bq_date_add_days(${point}, CAST(${signed}${part === "WEEK" ? " * 7" : ""} AS INTEGER))`;
    }
    const micros = MICROSECONDS[part];
    if (kind === "TIMESTAMP" && micros !== undefined) return `bq_timestamp_shift(${point}, ${signed} * ${micros})`;
    const interval = intervalOf(signed, part);
    return interval === undefined ? undefined : shifted(kind, point, interval, "+");
  };

function shifted(kind: string, point: string, interval: string, operator: "+" | "-"): string | undefined {
  switch (kind) {
    case "DATE":
      return `bq_date_range(CAST(${point} ${operator} ${interval} AS DATE))`;
    case "DATETIME":
      return `bq_datetime_range(${point} ${operator} ${interval})`;
    case "TIME":
      return `(${point} ${operator} ${interval})`;
    case "TIMESTAMP":
      return `bq_to_timestamp(bq_datetime_range(bq_utc(${point}) ${operator} ${interval}))`;
    default:
      return undefined;
  }
}

const difference: ScalarWriter = (call) => {
  const [a, b] = [sqlOf(call, 0), sqlOf(call, 1)];
  const part = partOf(call.args[2]);
  const kind = kindOf(call, 0);
  const micros = MICROSECONDS[part];
  if (kind === "TIMESTAMP") {
    return micros === undefined ? undefined : `((epoch_us(${a}) - epoch_us(${b})) // ${micros})`;
  }
  if (kind === "TIME") {
    if (micros === undefined) return undefined;
    return micros === 1n
      ? `(epoch_us(${a}) - epoch_us(${b}))`
      : `(epoch_us(${a}) // ${micros} - epoch_us(${b}) // ${micros})`;
  }
  const [dayA, dayB] = kind === "DATE" ? [a, b] : [`CAST(${a} AS DATE)`, `CAST(${b} AS DATE)`];
  if (part === "DAY") return `(${dayA} - ${dayB})`;
  const week = weekOffset(part);
  if (week !== undefined) return `(bq_week(${dayA}, ${week}) - bq_week(${dayB}, ${week}))`;
  if (MONTHS[part] !== undefined) return `date_diff('${part.toLowerCase()}', ${dayB}, ${dayA})`;
  if (part === "ISOYEAR") return `(isoyear(${dayA}) - isoyear(${dayB}))`;
  // Boundaries crossed since year 1: the constant (years 1 to 1970 in microseconds) keeps the numbers positive.
  if (micros !== undefined) return `(bq_boundary(${a}, ${micros}) - bq_boundary(${b}, ${micros}))`;
  return undefined;
};

/** From year 1 on, as `bq_boundary` counts. */
const MICROSECONDS_BEFORE_1970 = 62_135_596_800_000_000n;

const truncation: ScalarWriter = (call) => {
  const point = sqlOf(call, 0);
  const kind = kindOf(call, 0);
  const part = partOf(call.args[1]);
  if (kind === "DATE") return truncatedDate(point, part);
  const micros = MICROSECONDS[part];
  if (kind === "TIME" && micros !== undefined) {
    return `CAST(date_trunc('${part.toLowerCase()}', DATE '1970-01-01' + ${point}) AS TIME)`;
  }
  if (kind === "DATETIME") return truncatedDatetime(point, part);
  if (kind !== "TIMESTAMP") return undefined;
  const zone = call.args[2];
  // In UTC such parts are all of one length: whole numbers take a third less time than civil times.
  if (zone === undefined && micros !== undefined && part !== "WEEK") {
    return `make_timestamptz(bq_boundary(${point}, ${micros}) * ${micros} - ${MICROSECONDS_BEFORE_1970})`;
  }
  const local = localTime(point, zone);
  const truncated = truncatedDatetime(local, part);
  if (truncated === undefined) return undefined;
  if (zone === undefined || part === "DAY" || micros === undefined || part === "WEEK")
    return timestampOf(truncated, zone);
  // Below a day the zone's offset at that instant stays: no detour over civil times that exist twice or never.
  return `make_timestamptz(epoch_us(${point}) - (epoch_us(${local}) - epoch_us(${truncated})))`;
};

function truncatedDate(point: string, part: string): string | undefined {
  if (part === "DAY") return point;
  const week = weekOffset(part);
  if (week !== undefined) return `bq_week_start(${point}, ${week})`;
  if (MONTHS[part] !== undefined || part === "ISOYEAR")
    return `CAST(date_trunc('${part.toLowerCase()}', ${point}) AS DATE)`;
  return undefined;
}

function truncatedDatetime(point: string, part: string): string | undefined {
  const date = part === "DAY" ? undefined : truncatedDate(`CAST(${point} AS DATE)`, part);
  if (date !== undefined && (weekOffset(part) !== undefined || part === "ISOYEAR")) return `CAST(${date} AS TIMESTAMP)`;
  if (MICROSECONDS[part] !== undefined || MONTHS[part] !== undefined)
    return `date_trunc('${part.toLowerCase()}', ${point})`;
  return undefined;
}

/** `EXTRACT(part FROM point [AT TIME ZONE zone])`. */
const extract: ScalarWriter = (call) => {
  const kind = kindOf(call, 0);
  const part = partOf(call.args[1]);
  const point = kind === "TIMESTAMP" ? localTime(sqlOf(call, 0), call.args[2]) : sqlOf(call, 0);
  return kind === "INTERVAL" ? intervalPart(point, part) : datePart(point, part);
};

function datePart(point: string, part: string): string | undefined {
  switch (part) {
    case "YEAR":
    case "QUARTER":
    case "MONTH":
    case "DAY":
    case "HOUR":
    case "MINUTE":
      return `${part.toLowerCase()}(${point})`;
    case "SECOND":
      return `CAST(second(${point}) AS BIGINT)`;
    case "MILLISECOND":
      return `((epoch_us(${point}) + 62135596800000000) // 1000 % 1000)`;
    case "MICROSECOND":
      return `((epoch_us(${point}) + 62135596800000000) % 1000000)`;
    case "DAYOFWEEK":
      return `(dayofweek(${point}) + 1)`;
    case "DAYOFYEAR":
      return `dayofyear(${point})`;
    case "ISOYEAR":
      return `isoyear(${point})`;
    case "ISOWEEK":
      return `weekofyear(${point})`;
    case "DATE":
      return `CAST(${point} AS DATE)`;
    case "TIME":
      return `CAST(${point} AS TIME)`;
    case "DATETIME":
      return point;
    default: {
      const week = weekOffset(part);
      return week === undefined ? undefined : `bq_week_of_year(CAST(${point} AS DATE), ${week})`;
    }
  }
}

function intervalPart(interval: string, part: string): string | undefined {
  switch (part) {
    case "YEAR":
      return `(datepart('year', ${interval}))`;
    case "MONTH":
      return `(datepart('month', ${interval}))`;
    case "DAY":
      return `(datepart('day', ${interval}))`;
    case "HOUR":
      return `(datepart('hour', ${interval}))`;
    case "MINUTE":
      return `(datepart('minute', ${interval}))`;
    case "SECOND":
      return `(datepart('microseconds', ${interval}) // 1000000)`;
    case "MILLISECOND":
      return `(datepart('microseconds', ${interval}) // 1000 % 1000)`;
    case "MICROSECOND":
      return `(datepart('microseconds', ${interval}) % 1000000)`;
    default:
      return undefined;
  }
}

/** `EXTRACT(DATE FROM …)` and its kind resolve to functions without a part. */
const extractAs =
  (part: "DATE" | "TIME" | "DATETIME"): ScalarWriter =>
  (call) => {
    const zone = call.args.slice(1).find((arg) => arg.type.kind === "STRING");
    const point = kindOf(call, 0) === "TIMESTAMP" ? localTime(sqlOf(call, 0), zone) : sqlOf(call, 0);
    return datePart(point, part);
  };

const date: ScalarWriter = (call) => {
  if (call.args.length === 3) return `bq_date(${call.args.map((arg) => arg.sql).join(", ")})`;
  switch (kindOf(call, 0)) {
    case "TIMESTAMP":
      return `CAST(${localTime(sqlOf(call, 0), call.args[1])} AS DATE)`;
    case "DATETIME":
    case "DATE":
      return `CAST(${sqlOf(call, 0)} AS DATE)`;
    default:
      return undefined;
  }
};

const datetime: ScalarWriter = (call) => {
  const [first, second] = [kindOf(call, 0), kindOf(call, 1)];
  if (call.args.length === 6) {
    const [year, month, day, ...clock] = call.args.map((arg) => arg.sql);
    return `(bq_date(${year}, ${month}, ${day}) + bq_time(${clock.join(", ")}))`;
  }
  if (first === "TIMESTAMP") return localTime(sqlOf(call, 0), call.args[1]);
  if (first === "DATE" && second === "TIME") return `(${sqlOf(call, 0)} + ${sqlOf(call, 1)})`;
  if (first === "DATE" && call.args.length === 1) return `CAST(${sqlOf(call, 0)} AS TIMESTAMP)`;
  return first === "DATETIME" && call.args.length === 1 ? sqlOf(call, 0) : undefined;
};

const time: ScalarWriter = (call) => {
  if (call.args.length === 3) return `bq_time(${call.args.map((arg) => arg.sql).join(", ")})`;
  switch (kindOf(call, 0)) {
    case "TIMESTAMP":
      return `CAST(${localTime(sqlOf(call, 0), call.args[1])} AS TIME)`;
    case "DATETIME":
    case "TIME":
      return `CAST(${sqlOf(call, 0)} AS TIME)`;
    default:
      return undefined;
  }
};

const timestamp: ScalarWriter = (call) => {
  const zone = call.args[1];
  switch (kindOf(call, 0)) {
    case "TIMESTAMP":
      return sqlOf(call, 0);
    case "DATE":
      return timestampOf(`CAST(${sqlOf(call, 0)} AS TIMESTAMP)`, zone);
    case "DATETIME":
      return timestampOf(sqlOf(call, 0), zone);
    case "STRING":
      return `make_timestamptz(bq_parse_timestamp(${sqlOf(call, 0)}, ${zone === undefined ? "'UTC'" : zone.sql}))`;
    default:
      return undefined;
  }
};

const lastDay: ScalarWriter = (call) => {
  const day = kindOf(call, 0) === "DATE" ? sqlOf(call, 0) : `CAST(${sqlOf(call, 0)} AS DATE)`;
  const part = call.args.length > 1 ? partOf(call.args[1]) : "MONTH";
  const start = truncatedDate(day, part);
  if (start === undefined) return undefined;
  if (weekOffset(part) !== undefined) return `(${start} + 6)`;
  if (part === "ISOYEAR")
    return `(CAST(date_trunc('isoyear', CAST(date_trunc('isoyear', ${day}) AS DATE) + 374) AS DATE) - 1)`;
  return `CAST(${start} + to_months(${MONTHS[part] ?? 1}) - to_days(1) AS DATE)`;
};

const now = (sql: (zone: Argument | undefined) => string): ScalarWriter => {
  return (call: ScalarCall) => sql(call.args[0]);
};
const NOW = `make_timestamptz(${NOW_MICROS})`;

const fromUnix =
  (unit: bigint): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "TIMESTAMP" ? sqlOf(call, 0) : `bq_from_unix(${sqlOf(call, 0)} * ${unit})`;

const toUnix =
  (unit: bigint): ScalarWriter =>
  (call) =>
    // Rounded down, also before 1970.
    unit === 1n
      ? `epoch_us(${sqlOf(call, 0)})`
      : `((epoch_us(${sqlOf(call, 0)}) + 62135596800000000) // ${unit} - ${62135596800000000n / unit})`;

export const dates: Family = {
  scalars: {
    date_add: shift("+"),
    datetime_add: shift("+"),
    time_add: shift("+"),
    timestamp_add: shift("+"),
    date_sub: shift("-"),
    datetime_sub: shift("-"),
    time_sub: shift("-"),
    timestamp_sub: shift("-"),
    date_diff: difference,
    datetime_diff: difference,
    time_diff: difference,
    timestamp_diff: difference,
    date_trunc: truncation,
    datetime_trunc: truncation,
    time_trunc: truncation,
    timestamp_trunc: truncation,
    $extract: extract,
    $extract_date: extractAs("DATE"),
    $extract_time: extractAs("TIME"),
    $extract_datetime: extractAs("DATETIME"),
    date,
    datetime,
    time,
    timestamp,
    last_day: lastDay,
    current_date: now((zone) => `CAST(${localTime(NOW, zone)} AS DATE)`),
    current_datetime: now((zone) => localTime(NOW, zone)),
    current_time: now((zone) => `CAST(${localTime(NOW, zone)} AS TIME)`),
    current_timestamp: () => NOW,
    unix_date: (call) => `(${sqlOf(call, 0)} - DATE '1970-01-01')`,
    date_from_unix_date: (call) => `bq_date_range(DATE '1970-01-01' + CAST(${sqlOf(call, 0)} AS INTEGER))`,
    unix_seconds: toUnix(1_000_000n),
    unix_millis: toUnix(1_000n),
    unix_micros: toUnix(1n),
    timestamp_seconds: fromUnix(1_000_000n),
    timestamp_millis: fromUnix(1_000n),
    timestamp_micros: fromUnix(1n),
    timestamp_from_unix_seconds: fromUnix(1_000_000n),
    timestamp_from_unix_millis: fromUnix(1_000n),
    timestamp_from_unix_micros: fromUnix(1n),
  },
  macros: [
    "bq_date_range(d) AS CASE WHEN d BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN d WHEN d IS NULL THEN NULL ELSE bq_error('Date overflow: the result is outside 0001-01-01 to 9999-12-31') END",
    "bq_date_add_days(d, n) AS CASE WHEN d + n BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN d + n WHEN d IS NULL OR n IS NULL THEN NULL ELSE bq_error('Adding ' || n || ' DAY to date ' || d || ' causes overflow') END",
    "bq_datetime_range(t) AS CASE WHEN t BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999' THEN t WHEN t IS NULL THEN NULL ELSE bq_error('Datetime overflow: the result is outside 0001-01-01 to 9999-12-31 23:59:59.999999') END",
    "bq_timestamp_shift(t, n) AS make_timestamptz(bq_micros_range(epoch_us(t) + n))",
    "bq_micros_range(n) AS CASE WHEN n BETWEEN -62135596800000000 AND 253402300799999999 THEN n WHEN n IS NULL THEN NULL ELSE bq_error('Timestamp overflow: the result is outside 0001-01-01 00:00:00+00 to 9999-12-31 23:59:59.999999+00') END",
    "bq_from_unix(n) AS make_timestamptz(bq_micros_range(n))",
    "bq_week(d, shift) AS ((d - DATE '1970-01-01' + shift) // 7)",
    "bq_week_start(d, shift) AS (d - CAST((d - DATE '1970-01-01' + shift) % 7 AS INTEGER))",
    // Week 0 are the days before the year's first such weekday.
    "bq_week_of_year(d, shift) AS ((dayofyear(d) + 6 - (d - DATE '1970-01-01' + shift) % 7) // 7)",
    `bq_boundary(t, micros) AS ((epoch_us(t) + ${MICROSECONDS_BEFORE_1970}) // micros)`,
    "bq_date(y, m, d) AS CASE WHEN y BETWEEN 1 AND 9999 AND m BETWEEN 1 AND 12 AND d BETWEEN 1 AND day(last_day(make_date(y, m, 1))) THEN make_date(y, m, d) WHEN y IS NULL OR m IS NULL OR d IS NULL THEN NULL ELSE bq_error('Input calculates to invalid date: ' || format('{:04d}-{:02d}-{:02d}', y, m, d)) END",
    "bq_time(h, m, s) AS CASE WHEN h BETWEEN 0 AND 23 AND m BETWEEN 0 AND 59 AND s BETWEEN 0 AND 59 THEN make_time(h, m, s) WHEN h IS NULL OR m IS NULL OR s IS NULL THEN NULL ELSE bq_error('Input calculates to invalid time: ' || format('{:02d}:{:02d}:{:02d}', h, m, s)) END",
  ],
};
