import { civilToUtc, zoneOffset } from "./timeZone.js";

/** Dates and times as GoogleSQL reads and writes them in casts. Microseconds since 1970-01-01. */

const DATE = /^\s*(\d{1,4})-(\d{1,2})-(\d{1,2})\s*$/;
const DATETIME = /^\s*(\d{1,4})-(\d{1,2})-(\d{1,2})(?:[Tt ]\s*(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?\s*$/;
const TIME = /^\s*(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?\s*$/;
const ZONE = /\s*(?:(Z|z)|([+-]\d{1,2}(?::?\d{2})?)|\s([A-Za-z][A-Za-z0-9_+/:-]*))\s*$/;
const DAY_MS = 86_400_000;

/** Days since 1970-01-01, or undefined for a day that is not. */
export function dayNumber(year: number, month: number, day: number): number | undefined {
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() / DAY_MS : undefined;
}

/** @throws Error with GoogleSQL's text. */
export function parseDate(text: string): number {
  const match = DATE.exec(text) ?? DATETIME.exec(text);
  const day = match ? dayNumber(Number(match[1]), Number(match[2]), Number(match[3])) : undefined;
  if (day === undefined) throw new Error(`Invalid date: '${text}'`);
  return day;
}

function clockMicros(hour: string, minute: string, second: string, fraction = ""): bigint | undefined {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)];
  if (h > 23 || m > 59 || s > 60) return undefined;
  return BigInt((h * 60 + m) * 60 + s) * 1_000_000n + BigInt(fraction.padEnd(6, "0").slice(0, 6));
}

function civil(text: string): bigint | undefined {
  const match = DATETIME.exec(text);
  if (!match) return undefined;
  const day = dayNumber(Number(match[1]), Number(match[2]), Number(match[3]));
  const clock = clockMicros(match[4] ?? "0", match[5] ?? "0", match[6] ?? "0", match[7]);
  return day === undefined || clock === undefined ? undefined : BigInt(day) * 86_400_000_000n + clock;
}

/** @throws Error with GoogleSQL's text. */
export function parseDatetime(text: string): bigint {
  const micros = civil(text);
  if (micros === undefined) throw new Error(`Invalid datetime string "${text}"`);
  return micros;
}

/** @throws Error with GoogleSQL's text. */
export function parseTime(text: string): bigint {
  const match = TIME.exec(text);
  const micros = match ? clockMicros(match[1] ?? "", match[2] ?? "", match[3] ?? "", match[4]) : undefined;
  if (micros === undefined) throw new Error(`Invalid time string "${text}"`);
  return micros;
}

/** `zone` counts where the text names none. @throws Error with GoogleSQL's text. */
export function parseTimestamp(text: string, zone: string): bigint {
  const whole = civil(text);
  if (whole !== undefined) return inRange(civilToUtc(whole, zone), text);
  const suffix = ZONE.exec(text);
  const micros = suffix ? civil(text.slice(0, suffix.index)) : undefined;
  if (!suffix || micros === undefined) throw new Error(`Invalid timestamp: '${text}'`);
  return inRange(civilToUtc(micros, suffix[1] ? "UTC" : (suffix[2] ?? suffix[3] ?? "UTC")), text);
}

function inRange(micros: bigint, text: string): bigint {
  if (micros < -62_135_596_800_000_000n || micros > 253_402_300_799_999_999n) {
    throw new Error(`Invalid timestamp: '${text}'`);
  }
  return micros;
}

/** `2024-01-02 03:04:05.100-05` ; minutes of the offset only where there are any. */
export function timestampText(micros: bigint, zone: string): string {
  const offset = zoneOffset(zone, Number(micros / 1000n));
  const local = micros + BigInt(offset) * 1000n;
  return `${datetimeText(local)}${offsetText(offset, ":", true)}`;
}

export function datetimeText(local: bigint): string {
  const seconds = local >= 0n ? local / 1_000_000n : -((-local + 999_999n) / 1_000_000n);
  const fraction = Number(local - seconds * 1_000_000n);
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fractionText(fraction)}`;
}

export function fractionText(micros: number): string {
  if (micros === 0) return "";
  const six = String(micros).padStart(6, "0");
  return `.${six.endsWith("000") ? six.slice(0, 3) : six}`;
}

/** `+05:30`; without minutes `+05` where `short`. */
export function offsetText(offsetMs: number, separator: string, short: boolean): string {
  const minutes = Math.trunc(Math.abs(offsetMs) / 60_000);
  const [h, m] = [String(Math.floor(minutes / 60)).padStart(2, "0"), String(minutes % 60).padStart(2, "0")];
  return `${offsetMs < 0 ? "-" : "+"}${h}${short && m === "00" ? "" : `${separator}${m}`}`;
}
