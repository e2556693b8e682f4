import { typeName } from "../googlesql/types.js";
import type { Argument, CastCall, Literal, ScalarCall } from "./call.js";

/** GoogleSQL text of a call, for the evaluator: `operand(i)` is the text of the i-th argument. */

type Operand = (index: number) => string;

const INFIX: Readonly<Record<string, string>> = {
  $add: "+",
  $subtract: "-",
  $multiply: "*",
  $divide: "/",
  $equal: "=",
  $not_equal: "!=",
  $less: "<",
  $less_or_equal: "<=",
  $greater: ">",
  $greater_or_equal: ">=",
  $and: "AND",
  $or: "OR",
  $bitwise_and: "&",
  $bitwise_or: "|",
  $bitwise_xor: "^",
  $bitwise_left_shift: "<<",
  $bitwise_right_shift: ">>",
  $concat_op: "||",
  $like: "LIKE",
  $is_distinct_from: "IS DISTINCT FROM",
  $is_not_distinct_from: "IS NOT DISTINCT FROM",
};

const PATTERNS: Readonly<Record<string, (operand: Operand, count: number) => string>> = {
  $unary_minus: (operand) => `-${operand(0)}`,
  $bitwise_not: (operand) => `~${operand(0)}`,
  $not: (operand) => `NOT ${operand(0)}`,
  $is_null: (operand) => `${operand(0)} IS NULL`,
  $is_true: (operand) => `${operand(0)} IS TRUE`,
  $is_false: (operand) => `${operand(0)} IS FALSE`,
  $between: (operand) => `${operand(0)} BETWEEN ${operand(1)} AND ${operand(2)}`,
  $in: (operand, count) => `${operand(0)} IN (${range(1, count).map(operand).join(", ")})`,
  $in_array: (operand) => `${operand(0)} IN UNNEST(${operand(1)})`,
  $make_array: (operand, count) => `[${range(0, count).map(operand).join(", ")}]`,
  $array_at_offset: (operand) => `${operand(0)}[OFFSET(${operand(1)})]`,
  $array_at_ordinal: (operand) => `${operand(0)}[ORDINAL(${operand(1)})]`,
  $safe_array_at_offset: (operand) => `${operand(0)}[SAFE_OFFSET(${operand(1)})]`,
  $safe_array_at_ordinal: (operand) => `${operand(0)}[SAFE_ORDINAL(${operand(1)})]`,
  $subscript: (operand) => `${operand(0)}[${operand(1)}]`,
  $extract: (operand, count) =>
    `EXTRACT(${operand(1)} FROM ${operand(0)}${count > 2 ? ` AT TIME ZONE ${operand(2)}` : ""})`,
  $interval: (operand) => `INTERVAL ${operand(0)} ${operand(1)}`,
  $case_no_value: (operand, count) => `CASE ${branches(operand, 0, count)} END`,
  $case_with_value: (operand, count) => `CASE ${operand(0)} ${branches(operand, 1, count)} END`,
};

/** Functions whose (value, count, part) are written with INTERVAL, by the place of the count. */
const WITH_INTERVAL: Readonly<Record<string, number>> = {
  date_add: 1,
  date_sub: 1,
  datetime_add: 1,
  datetime_sub: 1,
  time_add: 1,
  time_sub: 1,
  timestamp_add: 1,
  timestamp_sub: 1,
  generate_date_array: 2,
  generate_timestamp_array: 2,
};

/** Arguments that only go by name. */
const NAMED: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  parse_json: { 1: "wide_number_mode" },
  to_json: { 1: "stringify_wide_numbers" },
  safe_to_json: { 1: "stringify_wide_numbers" },
  float64: { 1: "wide_number_mode" },
  json_keys: { 2: "mode" },
  edit_distance: { 2: "max_distance" },
  json_strip_nulls: { 2: "include_arrays", 3: "remove_empty" },
};

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

function branches(operand: Operand, from: number, count: number): string {
  const parts: string[] = [];
  let index = from;
  for (; index + 1 < count; index += 2) parts.push(`WHEN ${operand(index)} THEN ${operand(index + 1)}`);
  if (index < count) parts.push(`ELSE ${operand(index)}`);
  return parts.join(" ");
}

/** Undefined for a call that has no text of its own. */
export function callText(call: ScalarCall, operand: Operand): string | undefined {
  const { name, args } = call;
  const all = range(0, args.length).map(operand);
  const infix = INFIX[name];
  if (infix !== undefined) return call.safe ? undefined : `(${all.join(` ${infix} `)})`;
  const pattern = PATTERNS[name];
  if (pattern) return call.safe ? undefined : `(${pattern(operand, args.length)})`;
  if (name.startsWith("$")) return undefined;
  const prefix = call.safe ? "SAFE." : "";
  const at = WITH_INTERVAL[name];
  if (at !== undefined && args.length === at + 2) {
    all.splice(at, 2, `INTERVAL ${operand(at)} ${operand(at + 1)}`);
  }
  const names = NAMED[name] ?? {};
  const written = all.map((text, index) => (names[index] === undefined ? text : `${names[index]} => ${text}`));
  return `${prefix}${name.toUpperCase()}(${written.join(", ")})`;
}

export function castText(call: CastCall, operand: string, format: string, timeZone: string): string {
  const word = call.safe ? "SAFE_CAST" : "CAST";
  const suffix = `${format && ` FORMAT ${format}`}${timeZone && ` AT TIME ZONE ${timeZone}`}`;
  return `${word}(${operand} AS ${typeName(call.to)}${suffix})`;
}

/** An enum's value: date parts and normal forms stand bare, the others as text. */
export function enumText(arg: Argument): string | undefined {
  if (arg.type.kind !== "ENUM" || typeof arg.literal !== "string") return undefined;
  if (arg.type.name.endsWith("DateTimestampPart")) return arg.literal.replace(/^WEEK_(\w+)$/, "WEEK($1)");
  if (arg.type.name.endsWith("NormalizeMode")) return arg.literal;
  return JSON.stringify(arg.literal);
}

/** A literal as GoogleSQL writes it. */
export function literalText(literal: Literal): string | undefined {
  switch (typeof literal) {
    case "string":
      return JSON.stringify(literal).replace(/[\u2028\u2029]/g, (point) => `\\u${point.charCodeAt(0).toString(16)}`);
    case "bigint":
      return `(${literal})`;
    case "boolean":
      return String(literal).toUpperCase();
    default:
      return undefined;
  }
}
