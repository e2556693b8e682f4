import { quoteText } from "../engine/duckTypes.js";
import { kindOf, sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";

/** Regular expressions: RE2 on both sides. Patterns over BYTES, and those known only at run time where groups count, are the evaluator's. */

/** Number of capturing groups. */
function groupCount(pattern: string): number {
  const plain = pattern
    .replace(/\\Q.*?(?:\\E|$)/gs, "")
    .replace(/\\./gs, "")
    .replace(/\[\^?\]?[^\]]*\]/g, "");
  return (plain.match(/\((?!\?)|\(\?P?</g) ?? []).length;
}

/** Whether the group may take no part in a match, which DuckDB cannot tell from an empty one. */
function groupIsOptional(pattern: string): boolean {
  return /\)[?*{]|\|/.test(pattern);
}

const extract: ScalarWriter = (call) => {
  const [text, pattern, position, occurrence] = call.args;
  if (kindOf(call, 0) !== "STRING" || !text || typeof pattern?.literal !== "string") return undefined;
  const groups = groupCount(pattern.literal);
  if (groups > 1)
    return `bq_error('Regular expressions passed into extraction functions must not have more than 1 capturing group')`;
  if (groups === 1 && groupIsOptional(pattern.literal)) return undefined;
  if (position && !(position.literal === 1n && typeof (occurrence?.literal ?? 1n) === "bigint")) return undefined;
  if (occurrence && occurrence.literal !== 1n) {
    return Number(occurrence.literal) > 0
      ? `(regexp_extract_all(${text.sql}, ${pattern.sql}, ${groups}))[${occurrence.sql}]`
      : undefined;
  }
  return `bq_regexp_extract(${text.sql}, ${pattern.sql}, ${groups})`;
};

const extractAll: ScalarWriter = (call) => {
  const [text, pattern] = call.args;
  if (kindOf(call, 0) !== "STRING" || !text || typeof pattern?.literal !== "string") return undefined;
  const groups = groupCount(pattern.literal);
  return groups > 1 ? undefined : `regexp_extract_all(${text.sql}, ${pattern.sql}, ${groups})`;
};

const instr: ScalarWriter = (call) => {
  const [text, pattern] = call.args;
  if (call.args.length !== 2 || kindOf(call, 0) !== "STRING" || !text) return undefined;
  if (typeof pattern?.literal !== "string" || groupCount(pattern.literal) > 0) return undefined;
  return `bq_regexp_instr(${text.sql}, ${pattern.sql}, ${quoteText(`(?s)^(.*?)(?:(?-s)${pattern.literal})`)})`;
};

const ofText =
  (write: ScalarWriter): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "STRING" ? write(call) : undefined;

export const regexps: Family = {
  scalars: {
    regexp_contains: ofText((call) => `regexp_matches(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`),
    regexp_extract: extract,
    regexp_extract_all: extractAll,
    regexp_replace: ofText((call) => `regexp_replace(${sqlOf(call, 0)}, ${sqlOf(call, 1)}, ${sqlOf(call, 2)}, 'g')`),
    regexp_instr: instr,
  },
  macros: [
    "bq_regexp_extract(s, re, g) AS CASE WHEN regexp_matches(s, re) THEN regexp_extract(s, re, g) END",
    "bq_regexp_instr(s, re, prefixed) AS CASE WHEN regexp_matches(s, re) THEN length(regexp_extract(s, prefixed, 1)) + 1 WHEN s IS NOT NULL THEN 0 END",
  ],
};
