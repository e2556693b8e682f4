import type { JavaScriptFunction } from "./call.js";
import { floatText } from "./floatText.js";
import { intervalText, parseInterval } from "./intervals.js";
import { bignumericText, divideRounded, parseBignumeric, parseNumeric } from "./numeric.js";
import { parseDate, parseDatetime, parseTime, parseTimestamp, timestampText } from "./timeText.js";

/** PARSE_NUMERIC takes commas, a sign behind the number, and blanks around the sign. */
const looseNumber = (text: string): string =>
  text
    .replaceAll(",", "")
    .replace(/^\s*(.*?)\s*([+-])\s*$/, "$2$1")
    .replace(/^\s*([+-])\s+/, "$1");

/** The JavaScript behind CAST. */
export const CAST_JAVASCRIPT: readonly JavaScriptFunction[] = [
  { name: "bq_parse_int64", parameters: ["string"], returns: "bigint", call: parseInt64 },
  { name: "bq_text_to_float64", parameters: ["string"], returns: "number", call: parseFloat64 },
  { name: "bq_text_to_numeric", parameters: ["string"], returns: "numeric", call: parseNumeric },
  {
    name: "bq_parse_numeric",
    parameters: ["string"],
    returns: "numeric",
    call: (text: string) => parseNumeric(looseNumber(text)),
  },
  {
    name: "bq_parse_bignumeric",
    parameters: ["string"],
    returns: "string",
    call: (text: string) => bignumericText(parseBignumeric(looseNumber(text))),
  },
  {
    name: "bq_text_to_bignumeric",
    parameters: ["string"],
    returns: "string",
    call: (text: string) => bignumericText(parseBignumeric(text)),
  },
  {
    name: "bq_bignumeric_to_int64",
    parameters: ["string"],
    returns: "bigint",
    call: (text: string) => {
      const value = divideRounded(parseBignumeric(text), 10n ** 38n);
      if (value !== BigInt.asIntN(64, value)) throw new Error(`int64 out of range: ${text}`);
      return value;
    },
  },
  {
    name: "bq_float_to_numeric",
    parameters: ["number"],
    returns: "numeric",
    call: (value: number) => exactDecimal(value, 9, "numeric"),
  },
  {
    name: "bq_float_to_bignumeric",
    parameters: ["number"],
    returns: "string",
    call: (value: number) => bignumericText(exactDecimal(value, 38, "BIGNUMERIC")),
  },
  { name: "bq_parse_date", parameters: ["string"], returns: "bigint", call: (text: string) => BigInt(parseDate(text)) },
  { name: "bq_parse_datetime", parameters: ["string"], returns: "bigint", call: parseDatetime },
  { name: "bq_parse_time", parameters: ["string"], returns: "bigint", call: parseTime },
  { name: "bq_parse_timestamp", parameters: ["string", "string"], returns: "bigint", call: parseTimestamp },
  { name: "bq_timestamp_text", parameters: ["bigint", "string"], returns: "string", call: timestampText },
  { name: "bq_interval_text", parameters: ["interval"], returns: "string", call: intervalText },
  { name: "bq_parse_interval", parameters: ["string"], returns: "interval", call: parseInterval },
];

function parseInt64(text: string): bigint {
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|\d+)\s*$/.exec(text);
  const size =
    match?.[2] === undefined
      ? undefined
      : BigInt(match[2].startsWith("0") && !/x/i.test(match[2]) ? match[2].replace(/^0+(?=\d)/, "") : match[2]);
  if (size === undefined) throw new Error(`Bad int64 value: ${text}`);
  const value = match?.[1] === "-" ? -size : size;
  if (value !== BigInt.asIntN(64, value)) throw new Error(`Bad int64 value: ${text}`);
  return value;
}

function parseFloat64(text: string): number {
  const trimmed = text.trim();
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) {
    const value = Number(trimmed);
    if (Number.isFinite(value)) return value;
    throw new Error(`Bad double value: ${text}`);
  }
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(trimmed);
  if (!word) throw new Error(`Bad double value: ${text}`);
  if (/nan/i.test(trimmed)) return Number.NaN;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** The double's exact binary value, rounded half away from zero at `scale` decimals. */
function exactDecimal(value: number, scale: number, type: "numeric" | "BIGNUMERIC"): bigint {
  if (!Number.isFinite(value)) {
    throw new Error(
      `Illegal conversion of non-finite floating point number to ${type === "numeric" ? "numeric" : "bignumeric"}: ${floatText(value)}`,
    );
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const exponentBits = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & 0xfffffffffffffn;
  const mantissa = exponentBits === 0 ? fraction : fraction | 0x10000000000000n;
  const exponent = (exponentBits === 0 ? 1 : exponentBits) - 1075;
  const scaled = mantissa * 10n ** BigInt(scale);
  const size = exponent >= 0 ? scaled << BigInt(exponent) : divideRounded(scaled, 1n << BigInt(-exponent));
  const limit = type === "numeric" ? 10n ** 38n : 2n ** 255n;
  if (size >= limit) throw new Error(`${type} out of range: ${floatText(value)}`);
  return value < 0 ? -size : size;
}
