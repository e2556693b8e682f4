/** Dates and times between text and integers, proleptic Gregorian, UTC, years 1 to 9999 as BigQuery has them. */

const MICROS_PER_SECOND = 1_000_000n;
const MICROS_PER_DAY = 86_400_000_000n;
const MILLIS_PER_DAY = 86_400_000;
/** 0001-01-01 and 9999-12-31 as days since 1970-01-01. */
const FIRST_DAY = -719_162;
const LAST_DAY = 2_932_896;

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");

/** Days since 1970-01-01, or undefined when it is no day of the calendar. */
export function daysOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCFullYear() !== year || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const days = date.getTime() / MILLIS_PER_DAY;
  return days < FIRST_DAY || days > LAST_DAY ? undefined : days;
}

/** `YYYY-MM-DD`, one-digit months and days allowed; days since 1970-01-01. */
export function parseDate(text: string): number | undefined {
  const match = /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})\s*$/.exec(text);
  return match ? daysOf(Number(match[1]), Number(match[2]), Number(match[3])) : undefined;
}

/** `H:M[:S[.ffffff]]`; microseconds of the day. */
export function parseTime(text: string): bigint | undefined {
  const match = /^\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*$/.exec(text);
  return match ? microsOfDay(match[1], match[2], match[3], match[4]) : undefined;
}

function microsOfDay(
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
  fraction: string | undefined,
): bigint | undefined {
  const [h, m, s] = [Number(hours ?? 0), Number(minutes ?? 0), Number(seconds ?? 0)];
  if (h > 23 || m > 59 || s > 59) return undefined;
  const micros = Number((fraction ?? "").slice(0, 6).padEnd(6, "0"));
  return BigInt((h * 60 + m) * 60 + s) * MICROS_PER_SECOND + BigInt(micros);
}

const DATETIME = /^\s*(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[Tt ]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?)?/;
const ZONE = /^\s*(?:([Zz]|UTC|GMT)|([+-])(\d{1,2})(?::?(\d{2}))?)?\s*$/;

/** `YYYY-MM-DD[ T]HH:MM[:SS[.ffffff]]` without a zone; microseconds since 1970 as if it were UTC. */
export function parseDatetime(text: string): bigint | undefined {
  const match = DATETIME.exec(text);
  if (!match || text.slice(match[0].length).trim() !== "") return undefined;
  return civil(match);
}

function civil(match: RegExpExecArray): bigint | undefined {
  const days = daysOf(Number(match[1]), Number(match[2]), Number(match[3]));
  const micros = microsOfDay(match[4], match[5], match[6], match[7]);
  return days === undefined || micros === undefined ? undefined : BigInt(days) * MICROS_PER_DAY + micros;
}

/** As `parseDatetime` with an optional zone (`Z`, `UTC`, `+01:00`, `+01`); microseconds since 1970. */
export function parseTimestamp(text: string): bigint | undefined {
  const match = DATETIME.exec(text);
  if (!match) return undefined;
  const zone = ZONE.exec(text.slice(match[0].length));
  const micros = civil(match);
  if (!zone || micros === undefined) return undefined;
  if (zone[2] === undefined) return micros;
  const offset = BigInt(Number(zone[3]) * 60 + Number(zone[4] ?? 0)) * 60n * MICROS_PER_SECOND;
  return zone[2] === "+" ? micros - offset : micros + offset;
}

/** Seconds since 1970, a fraction allowed; microseconds since 1970, undefined outside the years 1 to 9999. */
export function secondsToMicros(seconds: number): bigint | undefined {
  if (!Number.isFinite(seconds)) return undefined;
  const whole = Math.floor(seconds);
  const micros = BigInt(whole) * MICROS_PER_SECOND + BigInt(Math.round((seconds - whole) * 1e6));
  const days = Number(micros / MICROS_PER_DAY);
  return days < FIRST_DAY || days > LAST_DAY ? undefined : micros;
}

export function formatDate(days: number): string {
  const date = new Date(days * MILLIS_PER_DAY);
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1, 2)}-${pad(date.getUTCDate(), 2)}`;
}

/** `HH:MM:SS`, with six digits of a second when there is a fraction: the Python client reads no other length. */
export function formatTime(micros: bigint): string {
  const seconds = Number(micros / MICROS_PER_SECOND);
  const fraction = Number(micros % MICROS_PER_SECOND);
  const text = `${pad(Math.floor(seconds / 3600), 2)}:${pad(Math.floor(seconds / 60) % 60, 2)}:${pad(seconds % 60, 2)}`;
  return fraction === 0 ? text : `${text}.${pad(fraction, 6)}`;
}

export function formatDatetime(micros: bigint): string {
  const ofDay = ((micros % MICROS_PER_DAY) + MICROS_PER_DAY) % MICROS_PER_DAY;
  return `${formatDate(Number((micros - ofDay) / MICROS_PER_DAY))}T${formatTime(ofDay)}`;
}

/** ISO 8601 with twelve digits of a second, as the API writes a TIMESTAMP of either precision (DataFormatOptions). */
export function formatPicoseconds(micros: bigint): string {
  const fraction = ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND;
  return `${formatDatetime(micros - fraction)}.${pad(Number(fraction), 6)}000000Z`;
}
