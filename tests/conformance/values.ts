import type { QueryAnswer, WireField } from "./client.js";

/**
 * Values as the recorded answers write them (README of the recordings): times ISO, NUMERIC and JSON text, BYTES base64,
 * INTERVAL as Python's relativedelta prints it. Comparison: FLOAT64 within 1e-12 relative, times within a microsecond,
 * JSON parsed, all else exact.
 */

export function rowsAsRecorded(answer: QueryAnswer): readonly Record<string, unknown>[] {
  return answer.rows.map((row) => recordOf(row.f, answer.schema));
}

function recordOf(cells: readonly { readonly v: unknown }[], fields: readonly WireField[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field, index) => [field.name, decoded(cells[index]?.v ?? null, field)]));
}

function decoded(value: unknown, field: WireField): unknown {
  if (field.mode === "REPEATED") {
    const { mode: _mode, ...element } = field;
    return (value as readonly { readonly v: unknown }[]).map((item) => decoded(item.v, element));
  }
  if (value === null) return null;
  if (field.type === "RECORD") {
    return recordOf((value as { readonly f: readonly { readonly v: unknown }[] }).f, field.fields ?? []);
  }
  return scalar(String(value), field);
}

function scalar(text: string, field: WireField): unknown {
  switch (field.type) {
    case "INTEGER":
      return BigInt(text);
    case "FLOAT":
      return Number(text);
    case "BOOLEAN":
      return text === "true";
    case "TIMESTAMP":
      return { micros: BigInt(text) };
    case "RANGE": {
      const [start, end] = text.slice(1, -1).split(", ");
      const type = field.rangeElementType?.type ?? "DATE";
      const bound = (part: string | undefined) =>
        part === undefined || part === "UNBOUNDED" ? null : scalar(part, { name: "", type });
      return { start: bound(start), end: bound(end) };
    }
    default:
      return text;
  }
}

/** Where two answers differ, in words; undefined where they agree. `type` decides how text compares. */
export function difference(actual: unknown, expected: unknown, field: WireField, path: string): string | undefined {
  if (field.mode === "REPEATED") {
    const { mode: _mode, ...element } = field;
    return differenceOfLists(actual, expected, element, path);
  }
  if (actual === null || expected === null) return actual === expected ? undefined : say(path, actual, expected);
  if (field.type === "RECORD" || field.type === "RANGE") return differenceOfRecords(actual, expected, field, path);
  return sameScalar(actual, expected, field.type) ? undefined : say(path, actual, expected);
}

function differenceOfLists(actual: unknown, expected: unknown, field: WireField, path: string): string | undefined {
  const [left, right] = [actual as readonly unknown[], (expected ?? []) as readonly unknown[]];
  if (left.length !== right.length) return say(`${path}.length`, left.length, right.length);
  for (const [index, item] of left.entries()) {
    const found = difference(item, right[index], field, `${path}[${index}]`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function differenceOfRecords(actual: unknown, expected: unknown, field: WireField, path: string): string | undefined {
  const [left, right] = [actual as Record<string, unknown>, expected as Record<string, unknown>];
  const type = field.rangeElementType?.type ?? "DATE";
  const inner =
    field.type === "RANGE"
      ? [
          { name: "start", type },
          { name: "end", type },
        ]
      : (field.fields ?? []);
  for (const member of inner) {
    const found = difference(left[member.name], right[member.name] ?? null, member, `${path}.${member.name}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function sameScalar(actual: unknown, expected: unknown, type: string): boolean {
  switch (type) {
    case "INTEGER":
      return String(actual) === String(expected);
    case "FLOAT":
      return sameFloat(Number(actual), Number(expected));
    case "TIMESTAMP":
    case "DATETIME":
      return near(microsOf(actual), microsOf(expected));
    case "TIME":
      return near(microsOf(`1970-01-01T${actual}`), microsOf(`1970-01-01T${expected}`));
    case "JSON":
      return canonicalJson(String(actual)) === canonicalJson(String(expected));
    case "INTERVAL":
      return relativeDelta(String(actual)) === relativeDelta(String(expected));
    default:
      return String(actual) === String(expected);
  }
}

function sameFloat(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-12 * Math.max(Math.abs(a), Math.abs(b));
}

function near(a: bigint, b: bigint): boolean {
  return a - b <= 1n && b - a <= 1n;
}

function microsOf(value: unknown): bigint {
  if (typeof value === "object" && value !== null && "micros" in value) return (value as { micros: bigint }).micros;
  const text = String(value);
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/.exec(text.replace(" ", "T"));
  const whole = Date.parse(`${match?.[1]}${match?.[3] ?? "Z"}`);
  return BigInt(whole) * 1000n + BigInt((match?.[2] ?? "").padEnd(6, "0").slice(0, 6));
}

function canonicalJson(text: string): string {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, inner]) => [key, sorted(inner)]),
    );
  };
  return JSON.stringify(sorted(JSON.parse(text)));
}

/** `1-2 3 4:5:6.5` and `relativedelta(years=+1, …)` to one form, by total months, days and microseconds as Python normalises them. */
function relativeDelta(text: string): string {
  const wire = /^(-?)(\d+)-(\d+) (-?\d+) (-?)(\d+):(\d+):(\d+)(?:\.(\d+))?$/.exec(text);
  if (wire) {
    const [, monthSign, years, months, days, sign, hours, minutes, seconds, fraction] = wire;
    const micros =
      ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1e6 + Number((fraction ?? "").padEnd(6, "0"));
    return deltaOf((Number(years) * 12 + Number(months)) * (monthSign ? -1 : 1), Number(days), sign ? -micros : micros);
  }
  const part = (name: string) => Number(new RegExp(`\\b${name}=([+-]\\d+)`).exec(text)?.[1] ?? 0);
  const clock = ((part("hours") * 60 + part("minutes")) * 60 + part("seconds")) * 1e6 + part("microseconds");
  return deltaOf(part("years") * 12 + part("months"), part("days"), clock);
}

function deltaOf(months: number, days: number, micros: number): string {
  const wholeDays = Math.trunc(micros / 86_400e6);
  return `${months} ${days + wholeDays} ${micros - wholeDays * 86_400e6}`;
}

function say(path: string, actual: unknown, expected: unknown): string {
  return `${path}: got ${shown(actual)}, expected ${shown(expected)}`;
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
  return text === undefined ? "nothing" : text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
