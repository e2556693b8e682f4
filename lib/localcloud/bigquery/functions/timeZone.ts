import { quoteText } from "../engine/duckTypes.js";
import type { Argument, Family } from "./call.js";

/** Between TIMESTAMP and the civil time of a zone (DuckDB TIMESTAMP). Without a zone: UTC, at a twentieth of ICU's cost. */

const OFFSET = /^([+-])(\d{1,2})(?::?(\d{2}))?$/;

/** Microseconds east of UTC for zones written as an offset and for UTC; undefined for named zones. */
function fixedOffset(zone: string): bigint | undefined {
  if (/^(?:utc|etc\/utc|gmt|z|zulu)$/i.test(zone)) return 0n;
  const match = OFFSET.exec(zone.replace(/^utc(?=[+-])/i, ""));
  if (!match || Number(match[2]) > 14 || Number(match[3] ?? 0) > 59) return undefined;
  const minutes = BigInt(match[2] ?? 0) * 60n + BigInt(match[3] ?? 0);
  return (match[1] === "-" ? -minutes : minutes) * 60_000_000n;
}

/** Whether the tz database knows the zone. */
export function isNamedZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return !/^[+-]/.test(zone);
  } catch {
    return false;
  }
}

type WrittenZone = { readonly micros: bigint } | { readonly name: string; readonly known: boolean };

function writtenZone(zone: Argument): WrittenZone {
  if (typeof zone.literal !== "string") return { name: zone.sql, known: false };
  const micros = fixedOffset(zone.literal);
  if (micros !== undefined) return { micros };
  return { name: quoteText(zone.literal), known: isNamedZone(zone.literal) };
}

/** Civil time of a TIMESTAMP in a zone. */
export function localTime(timestamp: string, zone: Argument | undefined): string {
  if (zone === undefined) return `bq_utc(${timestamp})`;
  const written = writtenZone(zone);
  if ("micros" in written) {
    return written.micros === 0n
      ? `bq_utc(${timestamp})`
      : `make_timestamp(epoch_us(${timestamp}) + ${written.micros})`;
  }
  if (written.known) return `timezone(${written.name}, ${timestamp})`;
  return `make_timestamp(bq_zone_local(epoch_us(${timestamp}), ${written.name}))`;
}

/** TIMESTAMP of a civil time in a zone. */
export function timestampOf(civil: string, zone: Argument | undefined): string {
  if (zone === undefined) return `bq_to_timestamp(${civil})`;
  const written = writtenZone(zone);
  if ("name" in written) return `make_timestamptz(bq_zone_utc(epoch_us(${civil}), ${written.name}))`;
  if (written.micros === 0n) return `bq_to_timestamp(${civil})`;
  return `make_timestamptz(epoch_us(${civil}) - ${written.micros})`;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, Map<number, number>>();
const QUARTER_HOUR_MS = 900_000;

/** Milliseconds that civil time in the zone is ahead of UTC at an instant. @throws Error "Invalid time zone: …". */
export function zoneOffset(zone: string, instantMs: number): number {
  const fixed = fixedOffset(zone);
  if (fixed !== undefined) return Number(fixed / 1000n);
  let known = offsets.get(zone);
  if (!known) {
    if (!isNamedZone(zone)) throw new Error(`Invalid time zone: ${zone}`);
    known = new Map();
    offsets.set(zone, known);
  }
  const bucket = Math.floor(instantMs / QUARTER_HOUR_MS);
  let offset = known.get(bucket);
  if (offset === undefined) {
    offset = computeOffset(zone, bucket * QUARTER_HOUR_MS);
    if (known.size > 50_000) known.clear();
    known.set(bucket, offset);
  }
  return offset;
}

function computeOffset(zone: string, instantMs: number): number {
  let formatter = formatters.get(zone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(zone, formatter);
  }
  const parts: Record<string, string> = {};
  for (const { type, value } of formatter.formatToParts(new Date(instantMs))) parts[type] = value;
  const year = parts.era?.startsWith("B") ? 1 - Number(parts.year) : Number(parts.year);
  const civil = new Date(0);
  civil.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
  civil.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second), 0);
  return civil.getTime() - instantMs;
}

const DAY_MS = 86_400_000;

/** Microseconds of civil time to microseconds of UTC. Twice-told times are their first telling, skipped ones keep the offset before the gap (absl `TimeZone::At`, `pre`). */
export function civilToUtc(civilMicros: bigint, zone: string): bigint {
  const civilMs = Number(civilMicros / 1000n);
  const before = zoneOffset(zone, civilMs - DAY_MS);
  const first = civilMs - before;
  if (zoneOffset(zone, first) !== before) {
    const after = zoneOffset(zone, civilMs + DAY_MS);
    if (zoneOffset(zone, civilMs - after) === after) return civilMicros - BigInt(after) * 1000n;
  }
  return civilMicros - BigInt(before) * 1000n;
}

export function utcToCivil(micros: bigint, zone: string): bigint {
  return micros + BigInt(zoneOffset(zone, Number(micros / 1000n))) * 1000n;
}

export const timeZones: Family = {
  macros: [
    // Casts between TIMESTAMPTZ and TIMESTAMP go through ICU's calendar; these do not.
    "bq_utc(t) AS make_timestamp(epoch_us(t))",
    "bq_to_timestamp(t) AS make_timestamptz(epoch_us(t))",
  ],
  javascript: [
    { name: "bq_zone_local", parameters: ["bigint", "string"], returns: "bigint", call: utcToCivil },
    { name: "bq_zone_utc", parameters: ["bigint", "string"], returns: "bigint", call: civilToUtc },
  ],
};
