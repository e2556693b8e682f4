import { quoteText } from "../engine/duckTypes.js";
import type { Argument, Family, ScalarWriter } from "./call.js";
import { castSql } from "./cast.js";
import { exponentText, floatText, general } from "./floatText.js";

/** FORMAT with a literal format: each specifier becomes an expression of its own. */

const SPECIFIER = /%(?:%|([-+ #0']*)(\d+|\*)?(?:\.(\d+|\*))?([diouxXfFeEgGsptTP]))/g;

const format: ScalarWriter = (call) => {
  const [pattern, ...values] = call.args;
  if (typeof pattern?.literal !== "string") return undefined;
  const parts: string[] = [];
  let from = 0;
  let next = 0;
  for (const match of pattern.literal.matchAll(SPECIFIER)) {
    const before = pattern.literal.slice(from, match.index ?? 0);
    if (before.includes("%")) return undefined;
    if (before) parts.push(quoteText(before));
    from = (match.index ?? 0) + match[0].length;
    if (match[0] === "%%") {
      parts.push("'%'");
      continue;
    }
    const [, flags = "", width = "", precision, letter = ""] = match;
    const value = values[next];
    next += 1;
    const written =
      value && width !== "*" && precision !== "*" && specifier(value, { flags, width, precision, letter });
    if (!written) return undefined;
    parts.push(written);
  }
  const rest = pattern.literal.slice(from);
  if (rest.includes("%") || next !== values.length) return undefined;
  if (rest || parts.length === 0) parts.push(quoteText(rest));
  return `(${parts.join(" || ")})`;
};

interface Specifier {
  readonly flags: string;
  readonly width: string;
  readonly precision: string | undefined;
  readonly letter: string;
}

function specifier(value: Argument, { flags, width, precision, letter }: Specifier): string | undefined {
  const spec = quoteText(`${flags}|${width}|${precision ?? ""}|${letter}`);
  if ("dioxX".includes(letter))
    return value.type.kind === "INT64" ? `bq_format_integer(${value.sql}, ${spec})` : undefined;
  if ("fFeEgG".includes(letter)) {
    return value.type.kind === "FLOAT64" ? `bq_format_float(${value.sql}, ${spec})` : undefined;
  }
  if (letter === "s") return value.type.kind === "STRING" ? `bq_format_text(${value.sql}, ${spec})` : undefined;
  if (letter === "p") return value.type.kind === "JSON" ? `bq_format_text(${value.sql}, ${spec})` : undefined;
  if (letter === "P")
    return value.type.kind === "JSON" ? `bq_format_text(bq_json_pretty(${value.sql}), ${spec})` : undefined;
  const text = letter === "t" ? printable(value) : literal(value);
  return text && `bq_format_text(COALESCE(${text}, 'NULL'), ${spec})`;
}

function printable(value: Argument): string | undefined {
  switch (value.type.kind) {
    case "STRING":
    case "JSON":
      return value.sql;
    case "FLOAT64":
      return `bq_float64_literal(${value.sql})`;
    case "ENUM":
    case "BYTES":
    case "INTERVAL":
      return undefined;
    default:
      return castSql({ arg: { ...value, type: value.type }, to: { kind: "STRING" }, safe: false });
  }
}

function literal(value: Argument): string | undefined {
  switch (value.type.kind) {
    case "STRING":
      return `bq_text_literal(${value.sql})`;
    case "INT64":
    case "BOOL":
      return `CAST(${value.sql} AS VARCHAR)`;
    case "DATE":
    case "TIME":
    case "DATETIME":
    case "TIMESTAMP":
    case "NUMERIC":
      return `(${quoteText(`${value.type.kind} "`)} || ${printable(value)} || '"')`;
    default:
      return undefined;
  }
}

function pad(text: string, flags: string, width: string, numeric: boolean): string {
  const size = Number(width || 0);
  if (flags.includes("-")) return text.padEnd(size);
  if (!numeric || !flags.includes("0")) return text.padStart(size);
  const sign = /^(?:[-+ ]|[-+ ]?0x)/i.exec(text)?.[0] ?? "";
  return sign + text.slice(sign.length).padStart(size - sign.length, "0");
}

function grouped(text: string): string {
  const [whole = "", ...fraction] = text.split(".");
  return [whole.replace(/\B(?=(\d{3})+(?!\d))/g, ","), ...fraction].join(".");
}

function signed(negative: boolean, text: string, flags: string): string {
  return `${negative ? "-" : flags.includes("+") ? "+" : flags.includes(" ") ? " " : ""}${text}`;
}

function formatInteger(value: bigint, spec: string): string {
  const [flags = "", width = "", precision = "", letter = "d"] = spec.split("|");
  const size = value < 0n ? -value : value;
  let text = size.toString(letter === "o" ? 8 : /x/i.test(letter) ? 16 : 10).padStart(Number(precision || 0), "0");
  if (letter === "X") text = text.toUpperCase();
  if (flags.includes("'")) text = grouped(text);
  if (flags.includes("#") && size !== 0n) text = { x: "0x", X: "0X", o: "0" }[letter] + text;
  return pad(signed(value < 0n, text, flags), flags, width, true);
}

function formatFloat(value: number, spec: string): string {
  const [flags = "", width = "", precisionText = "", letter = "f"] = spec.split("|");
  const precision = precisionText === "" ? 6 : Number(precisionText);
  const negative = value < 0 || Object.is(value, -0);
  let text = magnitude(Math.abs(value), precision, letter.toLowerCase(), flags);
  if (letter !== letter.toLowerCase()) text = text.toUpperCase();
  if (flags.includes("'") && Number.isFinite(value)) text = grouped(text);
  return pad(signed(negative, text, flags), flags, width, Number.isFinite(value));
}

function magnitude(value: number, precision: number, letter: string, flags: string): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return "inf";
  if (letter === "g") return general(value, precision || 1, flags.includes("#"));
  if (letter === "f")
    return value < 1e21
      ? fixed(value, precision)
      : `${BigInt(value)}${precision > 0 ? `.${"0".repeat(precision)}` : ""}`;
  const [mantissa = "", exponent = "0"] = value.toExponential(Math.min(precision, 100)).split("e");
  return `${mantissa}e${exponentText(Number(exponent))}`;
}

/** `toFixed` rounds a tie up; C's `%f` rounds the exact value half to even. */
function fixed(value: number, precision: number): string {
  const scaled = value * 10 ** precision;
  if (scaled < 2 ** 52 && scaled % 1 === 0.5 && Number.isInteger(value * 2 ** 20)) {
    const floor = Math.floor(scaled);
    return ((floor % 2 === 0 ? floor : floor + 1) / 10 ** precision).toFixed(precision);
  }
  return value.toFixed(Math.min(precision, 100));
}

export const formatting: Family = {
  scalars: { format },
  javascript: [
    { name: "bq_format_integer", parameters: ["bigint", "string"], returns: "string", call: formatInteger },
    { name: "bq_format_float", parameters: ["number", "string"], returns: "string", call: formatFloat },
    {
      name: "bq_format_text",
      parameters: ["string", "string"],
      returns: "string",
      call: (text: string, spec: string) => {
        const [flags = "", width = "", precision = ""] = spec.split("|");
        const cut = precision === "" ? text : [...text].slice(0, Number(precision)).join("");
        return pad(cut, flags, width, false);
      },
    },
    {
      name: "bq_float64_literal",
      parameters: ["number"],
      returns: "string",
      call: (value: number) => {
        const text = floatText(value);
        return /^-?\d+$/.test(text) ? `${text}.0` : text;
      },
    },
    {
      name: "bq_text_literal",
      parameters: ["string"],
      returns: "string",
      call: (text: string) => JSON.stringify(text),
    },
  ],
};
