/** INTERVAL: months, days and microseconds apart, each with its own sign, as DuckDB keeps them too. */
export interface Interval {
  readonly months: number;
  readonly days: number;
  readonly micros: bigint;
}

const FULL = /^\s*([+-]?)(\d+)-(\d+)\s+([+-]?\d+)\s+([+-]?)(\d+):(\d+):(\d+)(?:\.(\d+))?\s*$/;
const YEAR_MONTH = /^\s*([+-]?)(\d+)-(\d+)\s*$/;
const DAY_TIME = /^\s*([+-]?\d+)\s+([+-]?)(\d+):(\d+):(\d+)(?:\.(\d+))?\s*$/;
const CLOCK = /^\s*([+-]?)(\d+):(\d+):(\d+)(?:\.(\d+))?\s*$/;
const ISO =
  /^([+-]?)P(?:(-?\d+)Y)?(?:(-?\d+)M)?(?:(-?\d+)W)?(?:(-?\d+)D)?(?:T(?:(-?\d+)H)?(?:(-?\d+)M)?(?:(-?\d+)(?:\.(\d+))?S)?)?$/;

/** `Y-M D H:M:S[.F]`, as CAST AS STRING and the REST API write it. */
export function intervalText({ months, days, micros }: Interval): string {
  const m = Math.abs(months);
  const t = micros < 0n ? -micros : micros;
  const fraction = t % 1_000_000n;
  const seconds = t / 1_000_000n;
  const six = fraction.toString().padStart(6, "0");
  const tail = fraction === 0n ? "" : `.${six.endsWith("000") ? six.slice(0, 3) : six}`;
  const year = `${months < 0 ? "-" : ""}${Math.floor(m / 12)}-${m % 12}`;
  return `${year} ${days} ${micros < 0n ? "-" : ""}${seconds / 3600n}:${(seconds / 60n) % 60n}:${seconds % 60n}${tail}`;
}

/** @throws Error with GoogleSQL's text. */
export function parseInterval(text: string): Interval {
  const full = FULL.exec(text);
  if (full) {
    const [, sign = "", years = "", months = "", days = "", ...clock] = full;
    return { months: yearMonth(sign, years, months), days: Number(days), micros: clockMicros(clock) };
  }
  const yearAndMonth = YEAR_MONTH.exec(text);
  if (yearAndMonth) {
    const [, sign = "", years = "", months = ""] = yearAndMonth;
    return { months: yearMonth(sign, years, months), days: 0, micros: 0n };
  }
  const dayAndTime = DAY_TIME.exec(text);
  if (dayAndTime) {
    const [, days = "", ...clock] = dayAndTime;
    return { months: 0, days: Number(days), micros: clockMicros(clock) };
  }
  const time = CLOCK.exec(text);
  if (time) return { months: 0, days: 0, micros: clockMicros(time.slice(1)) };
  return parseIso(text);
}

function parseIso(text: string): Interval {
  const match = ISO.exec(text);
  if (!match || text.length < 3) throw new Error(`Invalid INTERVAL value '${text}'`);
  const number = (index: number) => Number(match[index] ?? 0);
  const factor = match[1] === "-" ? -1 : 1;
  const seconds = BigInt(number(6) * 3600 + number(7) * 60 + number(8));
  const fraction = BigInt((match[9] ?? "").padEnd(6, "0").slice(0, 6));
  const micros = seconds * 1_000_000n + (match[8]?.startsWith("-") ? -fraction : fraction);
  return {
    months: factor * (number(2) * 12 + number(3)),
    days: factor * (number(4) * 7 + number(5)),
    micros: BigInt(factor) * micros,
  };
}

function yearMonth(sign: string, years: string, months: string): number {
  const value = Number(years) * 12 + Number(months);
  return sign === "-" ? -value : value;
}

function clockMicros([sign, hours, minutes, seconds, fraction]: readonly (string | undefined)[]): bigint {
  const whole = BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n + BigInt(seconds ?? 0);
  const micros = whole * 1_000_000n + BigInt((fraction ?? "").padEnd(6, "0").slice(0, 6));
  return sign === "-" ? -micros : micros;
}
