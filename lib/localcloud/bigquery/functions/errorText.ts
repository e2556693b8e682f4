import { numericText } from "./numeric.js";

/** DuckDB's run-time errors in BigQuery's words. */

const OPERATORS: Readonly<Record<string, string>> = {
  addition: "+",
  subtraction: "-",
  subtract: "-",
  multiplication: "*",
};

type Rule = readonly [RegExp, (...groups: readonly string[]) => string];

const RULES: readonly Rule[] = [
  [
    /Overflow in (addition|subtraction|multiplication) of (?:INT64|INT32|INT16|INT8) \((-?\d+) [-+*] (-?\d+)\)/,
    (kind, a, b) => `int64 overflow: ${a} ${OPERATORS[kind ?? ""]} ${b}`,
  ],
  [
    // In billionths, as NUMERIC is kept.
    /Overflow in (addition|subtraction|subtract) of DECIMAL\(\d+(?:, ?\d+)?\) \((-?\d+) [-+] (-?\d+)\)/,
    (kind, a, b) =>
      `numeric overflow: ${numericText(BigInt(a ?? 0))} ${OPERATORS[kind ?? ""]} ${numericText(BigInt(b ?? 0))}`,
  ],
  [
    /Overflow in (multiplication) of DECIMAL\(\d+(?:, ?\d+)?\) \((\S+) \* (\S+)\)/,
    (kind, a, b) => `numeric overflow: ${unscaled(a)} ${OPERATORS[kind ?? ""]} ${unscaled(b)}`,
  ],
  [/Overflow on abs\((-?\d+)\)/, (value) => `int64 overflow: -${value}`],
  [/Overflow in negation of (?:integer|numeric)/, () => "int64 overflow: --9223372036854775808"],
  [/Overflow in division of (-?\d+) \/ (-?\d+)/, (a, b) => `int64 overflow: ${a} / ${b}`],
  [
    /Type INT128 with value (-?\d+) can't be cast because the value is out of range for the destination type INT64/,
    () => "int64 overflow",
  ],
  [/Unknown TimeZone '(.*?)'/, (zone) => `Invalid time zone: ${zone}`],
  [
    /More than one row returned by a subquery used as an expression/,
    () => "Scalar subquery produced more than one element",
  ],
  [
    /^(missing (?:\)|\]|argument to repetition operator)|invalid (?:escape sequence|character class|character class range|perl operator|named capture group|repetition size|UTF-8|nested repetition operator)|bad repetition operator|unexpected \)|no argument for repetition operator|trailing \\)(.*)/s,
    (what, rest) => `Cannot parse regular expression: ${what}${rest}`,
  ],
];

function unscaled(text: string | undefined): string {
  return (text ?? "").includes(".") ? (text ?? "").replace(/\.?0+$/, "") : (text ?? "");
}

/** The message of a DuckDB error as BigQuery would put it: its kind in front and the place behind are taken off. */
export function bigqueryMessage(message: string): string {
  const bare = (
    message.replace(/^(?:[A-Z][A-Za-z]*(?: [A-Z][A-Za-z]*)*) Error: /, "").split(/\n\n(?:LINE|Candidate)/)[0] ?? message
  ).trim();
  for (const [pattern, write] of RULES) {
    const match = pattern.exec(bare);
    if (match) return write(...match.slice(1).map((group) => group ?? ""));
  }
  return bare;
}
