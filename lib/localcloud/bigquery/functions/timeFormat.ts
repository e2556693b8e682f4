import { dayNumber, offsetText } from "./timeText.js";
import { civilToUtc, zoneOffset } from "./timeZone.js";

/**
 * FORMAT_* and PARSE_* of dates and times: the elements of
 * cloud.google.com/bigquery/docs/reference/standard-sql/format-elements. Microseconds since 1970-01-01, civil time.
 */

export type TimeKind = "DATE" | "TIME" | "DATETIME" | "TIMESTAMP";

const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const DAY_MICROS = 86_400_000_000n;
const ELEMENT = /%(?:E(?:[1-9]|\*)?S|E0S|E4Y|E[a-zA-Z]|O[a-zA-Z]|[a-zA-Z%])/g;
const OF_DATE = "aAbBCcdDeFGghjmQUuVWwxYys";
const OF_CLOCK = "HIklMPpRSTXc";

interface Moment {
  readonly date: Date;
  readonly micros: number;
  readonly zone: string;
  readonly offsetMs: number;
  readonly utcSeconds: bigint;
}

const two = (value: number) => String(value).padStart(2, "0");
const spaced = (value: number) => String(value).padStart(2, " ");
const twelve = (hour: number) => hour % 12 || 12;

/** @param micros UTC for TIMESTAMP, else civil. */
export function formatTime(format: string, micros: bigint, zone: string, kind: TimeKind): string {
  const offsetMs = kind === "TIMESTAMP" ? zoneOffset(zone, Number(micros / 1000n)) : 0;
  const local = micros + BigInt(offsetMs) * 1000n;
  const ms = local >= 0n ? local / 1000n : -((999n - local) / 1000n);
  const date = new Date(Number(ms));
  const second = ((local % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const moment = {
    date,
    micros: Number(second),
    zone,
    offsetMs,
    utcSeconds: (micros - (((micros % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n,
  };
  if (/(?:^|[^%])(?:%%)*%$/.test(format)) return "";
  return format.replace(ELEMENT, (element) =>
    allowed(element, kind) ? (written(element, moment) ?? element) : element,
  );
}

function allowed(element: string, kind: TimeKind): boolean {
  const letter = element.at(-1) ?? "";
  if (letter === "Z" || letter === "z") return kind === "TIMESTAMP";
  if (kind === "TIME") return !OF_DATE.includes(letter) && element !== "%E4Y" && letter !== "c";
  if (kind === "DATE") return !OF_CLOCK.includes(letter) && letter !== "s";
  return true;
}

function written(element: string, moment: Moment): string | undefined {
  if (element.startsWith("%E") && element.endsWith("S") && element.length > 3)
    return fractionalSeconds(element, moment);
  if (element === "%E4Y") return String(moment.date.getUTCFullYear()).padStart(4, "0");
  if (element === "%Ez") return offsetText(moment.offsetMs, ":", false);
  return ofDate(element.at(-1) ?? "", moment) ?? ofClock(element.at(-1) ?? "", moment);
}

function fractionalSeconds(element: string, { date, micros }: Moment): string {
  const six = String(micros).padStart(6, "0");
  const seconds = two(date.getUTCSeconds());
  if (element === "%E*S") return micros === 0 ? seconds : `${seconds}.${six.replace(/0+$/, "")}`;
  const digits = Number(element[2]);
  return digits === 0 ? seconds : `${seconds}.${six.padEnd(9, "0").slice(0, digits)}`;
}

function ofDate(letter: string, moment: Moment): string | undefined {
  const { date } = moment;
  const year = date.getUTCFullYear();
  const [month, day, weekday] = [date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()];
  switch (letter) {
    case "a":
      return DAYS[weekday]?.slice(0, 3);
    case "A":
      return DAYS[weekday];
    case "b":
    case "h":
      return MONTHS[month]?.slice(0, 3);
    case "B":
      return MONTHS[month];
    case "C":
      return two(Math.floor(year / 100));
    case "c":
      return `${DAYS[weekday]?.slice(0, 3)} ${MONTHS[month]?.slice(0, 3)} ${spaced(day)} ${ofClock("T", moment)} ${year}`;
    case "D":
    case "x":
      return `${two(month + 1)}/${two(day)}/${two(year % 100)}`;
    case "d":
      return two(day);
    case "e":
      return spaced(day);
    case "F":
      return `${String(year).padStart(4, "0")}-${two(month + 1)}-${two(day)}`;
    case "m":
      return two(month + 1);
    case "Q":
      return String(Math.floor(month / 3) + 1);
    case "s":
      return moment.utcSeconds.toString();
    case "Y":
      return String(year);
    case "y":
      return two(year % 100);
    default:
      return ofWeek(letter, date);
  }
}

function ofWeek(letter: string, date: Date): string | undefined {
  const year = date.getUTCFullYear();
  const start = new Date(0);
  start.setUTCFullYear(year, 0, 1);
  const dayOfYear = Math.floor((date.getTime() - start.getTime()) / 86_400_000);
  const weekday = date.getUTCDay();
  switch (letter) {
    case "j":
      return String(dayOfYear + 1).padStart(3, "0");
    case "U":
      return two(Math.floor((dayOfYear + 7 - weekday) / 7));
    case "W":
      return two(Math.floor((dayOfYear + 7 - ((weekday + 6) % 7)) / 7));
    case "u":
      return String(weekday || 7);
    case "w":
      return String(weekday);
    case "G":
      return String(isoWeek(date).year).padStart(4, "0");
    case "g":
      return two(isoWeek(date).year % 100);
    case "V":
      return two(isoWeek(date).week);
    default:
      return undefined;
  }
}

function isoWeek(date: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(date.getTime());
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const start = new Date(0);
  start.setUTCFullYear(thursday.getUTCFullYear(), 0, 1);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor((thursday.getTime() - start.getTime()) / 604_800_000) + 1,
  };
}

function ofClock(letter: string, moment: Moment): string | undefined {
  const { date } = moment;
  const [hour, minute, second] = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()];
  switch (letter) {
    case "H":
      return two(hour);
    case "I":
      return two(twelve(hour));
    case "k":
      return spaced(hour);
    case "l":
      return spaced(twelve(hour));
    case "M":
      return two(minute);
    case "S":
      return two(second);
    case "P":
      return hour < 12 ? "am" : "pm";
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "R":
      return `${two(hour)}:${two(minute)}`;
    case "T":
    case "X":
      return `${two(hour)}:${two(minute)}:${two(second)}`;
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "%":
      return "%";
    case "z":
      return offsetText(moment.offsetMs, "", false);
    case "Z":
      return zoneName(moment.offsetMs);
    default:
      return undefined;
  }
}

/** BigQuery names zones by their offset: UTC, UTC-5, UTC+0530. */
function zoneName(offsetMs: number): string {
  if (offsetMs === 0) return "UTC";
  const minutes = Math.trunc(Math.abs(offsetMs) / 60_000);
  const sign = offsetMs < 0 ? "-" : "+";
  if (minutes % 60 === 0) return `UTC${sign}${minutes / 60}`;
  return `UTC${offsetText(offsetMs, "", false)}`;
}

interface Parsed {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  hour12?: number;
  afternoon?: boolean;
  minute?: number;
  second?: number;
  micros?: number;
  century?: number;
  yearOfCentury?: number;
  quarter?: number;
  week?: { readonly number: number; readonly startsOn: 0 | 1 };
  weekday?: number;
  isoYear?: number;
  isoWeek?: number;
  zone?: string;
  epoch?: bigint;
}

/** Reads a number of at most `digits` digits. */
class Reader {
  at = 0;
  constructor(readonly text: string) {}

  number(digits: number, least: number, most: number): number {
    this.spaces();
    const match = new RegExp(`^\\d{1,${digits}}`).exec(this.text.slice(this.at));
    const value = Number(match?.[0]);
    if (!match || value < least || value > most) throw new Mismatch();
    this.at += match[0].length;
    return value;
  }

  literal(character: string, format: string): void {
    const found = this.text[this.at];
    if (found === undefined) throw new Mismatch();
    if (found !== character) {
      throw new Error(
        `Mismatch between format character '${character}' and string character '${found}' at string index: ${this.at} with format: '${format}'`,
      );
    }
    this.at += 1;
  }

  match(pattern: RegExp): string {
    const found = pattern.exec(this.text.slice(this.at));
    if (found?.index !== 0) throw new Mismatch();
    this.at += found[0].length;
    return found[0];
  }

  name(names: readonly string[]): number {
    const rest = this.text.slice(this.at).toLowerCase();
    for (const [index, name] of names.entries()) {
      for (const form of [name.toLowerCase(), name.slice(0, 3).toLowerCase()]) {
        if (!rest.startsWith(form)) continue;
        this.at += form.length;
        return index;
      }
    }
    throw new Mismatch();
  }

  spaces(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
  }
}

class Mismatch extends Error {}

/** Elements that stand for several others. */
const EXPANSIONS: Readonly<Record<string, string>> = {
  "%D": "%m/%d/%y",
  "%x": "%m/%d/%y",
  "%F": "%Y-%m-%d",
  "%R": "%H:%M",
  "%T": "%H:%M:%S",
  "%X": "%H:%M:%S",
  "%c": "%a %b %e %H:%M:%S %Y",
};

/**
 * @returns microseconds: UTC for TIMESTAMP, else civil. `zone` counts where the text names none.
 * @throws Error with GoogleSQL's text.
 */
export function parseTimeByFormat(format: string, text: string, zone: string, kind: TimeKind): bigint {
  const expanded = format.replace(/%%|%[DxFRTXc]/g, (element) => EXPANSIONS[element] ?? element);
  const reader = new Reader(text);
  const parsed: Parsed = {};
  try {
    reader.spaces();
    for (const [token] of expanded.matchAll(/%E\d+S|%E\*S|%E4Y|%E[a-zA-Z]|%O[a-zA-Z]|%[a-zA-Z%]|\s+|[^%\s]/g)) {
      if (/^\s/.test(token)) reader.spaces();
      else if (!token.startsWith("%")) {
        reader.literal(token, format);
      } else parseElement(token, reader, parsed);
    }
    reader.spaces();
    if (reader.at < text.length) throw new Mismatch();
  } catch (thrown) {
    if (thrown instanceof Mismatch) throw new Error(`Failed to parse input string "${text}"`);
    throw thrown;
  }
  return assembled(parsed, zone, kind);
}

/** Elements that are a number as it stands: where it goes, its digits at most, its range. */
const NUMBERS: Readonly<Record<string, readonly [NumberField, number, number, number]>> = {
  Y: ["year", 4, 0, 9999],
  C: ["century", 2, 0, 99],
  y: ["yearOfCentury", 2, 0, 99],
  m: ["month", 2, 1, 12],
  d: ["day", 2, 1, 31],
  e: ["day", 2, 1, 31],
  j: ["dayOfYear", 3, 1, 366],
  Q: ["quarter", 1, 1, 4],
  G: ["isoYear", 4, 0, 9999],
  V: ["isoWeek", 2, 1, 53],
  w: ["weekday", 1, 0, 6],
};

type NumberField =
  | "year"
  | "century"
  | "yearOfCentury"
  | "month"
  | "day"
  | "dayOfYear"
  | "quarter"
  | "isoYear"
  | "isoWeek"
  | "weekday";

function parseElement(token: string, reader: Reader, parsed: Parsed): void {
  if (/^%E(\d+|\*)S$/.test(token)) {
    seconds(reader, parsed);
    return;
  }
  const letter = token.at(-1) ?? "";
  const number = NUMBERS[letter];
  if (number) {
    const [field, size, least, most] = number;
    parsed[field] = reader.number(size, least, most);
    return;
  }
  switch (letter) {
    case "B":
    case "b":
    case "h":
      parsed.month = reader.name(MONTHS) + 1;
      return;
    case "U":
    case "W":
      parsed.week = { number: reader.number(2, 0, 53), startsOn: letter === "U" ? 0 : 1 };
      return;
    case "A":
    case "a":
      parsed.weekday = reader.name(DAYS);
      return;
    case "u":
      parsed.weekday = reader.number(1, 1, 7) % 7;
      return;
    default:
      parseClock(letter, reader, parsed);
  }
}

function parseClock(letter: string, reader: Reader, parsed: Parsed): void {
  switch (letter) {
    case "H":
    case "k":
      parsed.hour = reader.number(2, 0, 23);
      return;
    case "I":
    case "l":
      parsed.hour12 = reader.number(2, 1, 12);
      return;
    case "p":
    case "P":
      parsed.afternoon = /^p/i.test(reader.match(/[ap]m/i));
      return;
    case "M":
      parsed.minute = reader.number(2, 0, 59);
      return;
    case "S":
      parsed.second = reader.number(2, 0, 60);
      return;
    case "s":
      parsed.epoch = BigInt(reader.match(/-?\d+/));
      return;
    case "z":
      parsed.zone = reader.match(/Z|[+-]\d{1,2}(?::?\d{2})?/i).replace(/^z$/i, "UTC");
      return;
    case "Z":
      parsed.zone = reader.match(/[A-Za-z][A-Za-z0-9_/+:-]*|[+-]\d{1,2}(?::?\d{2})?/);
      return;
    case "n":
    case "t":
      reader.spaces();
      return;
    case "%":
      reader.match(/%/);
      return;
    default:
      throw new Mismatch();
  }
}

function seconds(reader: Reader, parsed: Parsed): void {
  parsed.second = reader.number(2, 0, 60);
  if (reader.text[reader.at] !== "." || !/\d/.test(reader.text[reader.at + 1] ?? "")) return;
  const fraction = reader.match(/\.\d+/).slice(1);
  parsed.micros = Number(fraction.padEnd(6, "0").slice(0, 6));
}

function assembled(parsed: Parsed, zone: string, kind: TimeKind): bigint {
  if (parsed.epoch !== undefined) return parsed.epoch * 1_000_000n;
  const hour =
    parsed.hour12 === undefined
      ? parsed.afternoon !== undefined && parsed.hour !== undefined
        ? (parsed.hour % 12) + (parsed.afternoon ? 12 : 0)
        : (parsed.hour ?? 0)
      : (parsed.hour12 % 12) + (parsed.afternoon ? 12 : 0);
  const clock = BigInt((hour * 60 + (parsed.minute ?? 0)) * 60 + (parsed.second ?? 0)) * 1_000_000n;
  const civil = BigInt(dayOf(parsed)) * DAY_MICROS + clock + BigInt(parsed.micros ?? 0);
  if (kind === "TIME") return ((civil % DAY_MICROS) + DAY_MICROS) % DAY_MICROS;
  return kind === "TIMESTAMP" ? civilToUtc(civil, parsed.zone ?? zone) : civil;
}

function yearOf(parsed: Parsed): number {
  if (parsed.year !== undefined) return parsed.year;
  const inCentury = parsed.yearOfCentury;
  if (parsed.century !== undefined) return parsed.century * 100 + (inCentury ?? 0);
  if (inCentury === undefined) return 1970;
  return inCentury < 69 ? 2000 + inCentury : 1900 + inCentury;
}

function dayOf(parsed: Parsed): number {
  const year = yearOf(parsed);
  const month = parsed.month ?? (parsed.quarter === undefined ? 1 : parsed.quarter * 3 - 2);
  let day = dayNumber(year, month, parsed.day ?? 1);
  const first = dayNumber(year, 1, 1);
  if (first !== undefined && parsed.dayOfYear !== undefined) day = first + parsed.dayOfYear - 1;
  if (first !== undefined && parsed.week !== undefined && parsed.month === undefined) {
    const weekdayOfFirst = (((first + 4) % 7) + 7 - parsed.week.startsOn) % 7;
    const wanted = ((parsed.weekday ?? parsed.week.startsOn) + 7 - parsed.week.startsOn) % 7;
    day = first - weekdayOfFirst + (weekdayOfFirst === 0 ? -7 : 0) + parsed.week.number * 7 + wanted;
  }
  if (parsed.isoYear !== undefined || parsed.isoWeek !== undefined) {
    const fourth = dayNumber(parsed.isoYear ?? year, 1, 4);
    if (fourth !== undefined) {
      const monday = fourth - ((((fourth + 3) % 7) + 7) % 7);
      day = monday + ((parsed.isoWeek ?? 1) - 1) * 7 + (((parsed.weekday ?? 1) + 6) % 7);
    }
  }
  if (day === undefined) throw new Error("Out-of-range datetime field in parsing function");
  return day;
}
