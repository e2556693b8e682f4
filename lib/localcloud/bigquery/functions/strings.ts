import { quoteText } from "../engine/duckTypes.js";
import { kindOf, named, sqlOf } from "./arithmetic.js";
import type { Argument, Family, JavaScriptFunction, ScalarWriter } from "./call.js";
import { STRING_JAVASCRIPT } from "./stringFunctions.js";

/** STRING and BYTES. Positions count code points from 1, in bytes for BYTES. */

/** Unicode White_Space, which TRIM takes away. */
const WHITE_SPACE =
  "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000";

/** Writes text by the first writer, bytes by the second. */
const either =
  (ofText: ScalarWriter, ofBytes?: ScalarWriter): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "BYTES" ? ofBytes?.(call) : ofText(call);

function isPositive(arg: Argument | undefined, least: number): boolean {
  return typeof arg?.literal === "bigint" && arg.literal >= BigInt(least);
}

const concat: ScalarWriter = (call) => {
  if (call.returnType.kind === "ARRAY") return undefined;
  const parts = call.args.map((arg) => arg.sql);
  return parts.length === 1 ? parts[0] : `(${parts.join(" || ")})`;
};

const concatOperator: ScalarWriter = (call) =>
  call.returnType.kind === "ARRAY" ? `bq_array_concat(${sqlOf(call, 0)}, ${sqlOf(call, 1)})` : concat(call);

const substr: ScalarWriter = (call) => {
  const [text, position, count] = call.args;
  if (!text || !position) return undefined;
  const suffix = count
    ? `, ${isPositive(count, 0) ? count.sql : `bq_count(${count.sql}, 'Third argument in SUBSTR() cannot be negative')`}`
    : "";
  if (isPositive(position, 1)) return `substring(${text.sql}, ${position.sql}${suffix})`;
  return count ? `bq_substr_count(${text.sql}, ${position.sql}${suffix})` : `bq_substr(${text.sql}, ${position.sql})`;
};

const trim =
  (name: "trim" | "ltrim" | "rtrim"): ScalarWriter =>
  (call) =>
    `${name}(${sqlOf(call, 0)}, ${call.args.length > 1 ? sqlOf(call, 1) : quoteText(WHITE_SPACE)})`;

const pad =
  (name: "lpad" | "rpad"): ScalarWriter =>
  (call) => {
    const [text, size, pattern] = call.args;
    if (!text || !size) return undefined;
    const safePattern = pattern === undefined || (typeof pattern.literal === "string" && pattern.literal !== "");
    if (isPositive(size, 0) && safePattern)
      return `${name}(${text.sql}, ${size.sql}::INTEGER, ${pattern?.sql ?? "' '"})`;
    return `bq_${name}(${text.sql}, ${size.sql}, ${pattern?.sql ?? "' '"})`;
  };

const side =
  (name: "left" | "right"): ScalarWriter =>
  (call) =>
    isPositive(call.args[1], 0)
      ? `${name}(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`
      : `${name}(${sqlOf(call, 0)}, bq_count(${sqlOf(call, 1)}, 'Second argument in ${name.toUpperCase()}() cannot be negative'))`;

const split: ScalarWriter = (call) =>
  `string_split(${sqlOf(call, 0)}, ${call.args.length > 1 ? sqlOf(call, 1) : "','"})`;

const arrayToString: ScalarWriter = (call) => {
  const [array, separator, forNull] = call.args;
  if (array?.type.kind !== "ARRAY" || array.type.element.kind !== "STRING" || !separator) return undefined;
  if (!forNull) return `array_to_string(list_filter(${array.sql}, e -> e IS NOT NULL), ${separator.sql})`;
  return `bq_array_to_string(${array.sql}, ${separator.sql}, ${forNull.sql})`;
};

/** JavaScript functions of the same name, text and bytes apart. */
const own = (name: string): ScalarWriter => named(`bq_${name}`);

export const strings: Family = {
  scalars: {
    concat,
    $concat_op: concatOperator,
    length: either(
      (call) => `length(${sqlOf(call, 0)})`,
      (call) => `octet_length(${sqlOf(call, 0)})`,
    ),
    char_length: (call) => `length(${sqlOf(call, 0)})`,
    byte_length: either(
      (call) => `strlen(${sqlOf(call, 0)})`,
      (call) => `octet_length(${sqlOf(call, 0)})`,
    ),
    lower: either(named("lower")),
    upper: either((call) => `bq_upper(${sqlOf(call, 0)})`),
    substr: either(
      substr,
      (call) => `bq_substr_bytes(${sqlOf(call, 0)}, ${sqlOf(call, 1)}, ${call.args[2]?.sql ?? "9223372036854775807"})`,
    ),
    trim: either(trim("trim")),
    ltrim: either(trim("ltrim")),
    rtrim: either(trim("rtrim")),
    lpad: either(pad("lpad")),
    rpad: either(pad("rpad")),
    left: either(
      side("left"),
      (call) =>
        `bq_substr_bytes(${sqlOf(call, 0)}, 1, bq_count(${sqlOf(call, 1)}, 'Second argument in LEFT() cannot be negative'))`,
    ),
    right: either(side("right")),
    replace: either((call) => `bq_replace(${sqlOf(call, 0)}, ${sqlOf(call, 1)}, ${sqlOf(call, 2)})`),
    repeat: either(
      (call) =>
        `repeat(${sqlOf(call, 0)}, bq_count(${sqlOf(call, 1)}, 'Second argument (repeat count) for REPEAT cannot be negative'))`,
    ),
    reverse: either(own("reverse"), own("reverse_bytes")),
    split: either(split),
    strpos: either((call) => `strpos(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`),
    instr: either(
      (call) =>
        `bq_instr(${sqlOf(call, 0)}, ${sqlOf(call, 1)}, ${call.args[2]?.sql ?? "1"}, ${call.args[3]?.sql ?? "1"})`,
    ),
    starts_with: either((call) => `starts_with(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`),
    ends_with: either((call) => `ends_with(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`),
    ascii: either((call) => `bq_ascii(${sqlOf(call, 0)})`),
    unicode: (call) => `bq_unicode(${sqlOf(call, 0)})`,
    chr: own("chr"),
    code_points_to_string: own("code_points_to_string"),
    code_points_to_bytes: own("code_points_to_bytes"),
    to_code_points: either(own("to_code_points"), own("to_code_points_bytes")),
    initcap: (call) => `bq_initcap(${sqlOf(call, 0)}, ${call.args[1]?.sql ?? "NULL"})`,
    translate: either(own("translate")),
    soundex: own("soundex"),
    normalize: (call) => `bq_normalize(${sqlOf(call, 0)}, ${quoteText(normalForm(call.args[1]))})`,
    normalize_and_casefold: (call) =>
      `bq_normalize_and_casefold(${sqlOf(call, 0)}, ${quoteText(normalForm(call.args[1]))})`,
    contains_substr: (call) => (kindOf(call, 0) === "STRING" ? own("contains_substr")(call) : undefined),
    edit_distance: (call) => (call.args.length === 2 ? `levenshtein(${sqlOf(call, 0)}, ${sqlOf(call, 1)})` : undefined),
    array_to_string: arrayToString,
    to_hex: (call) => `lower(hex(${sqlOf(call, 0)}))`,
    from_hex: own("from_hex"),
    to_base64: (call) => `to_base64(${sqlOf(call, 0)})`,
    from_base64: own("from_base64"),
    to_base32: own("to_base32"),
    from_base32: own("from_base32"),
    safe_convert_bytes_to_string: own("safe_convert_bytes_to_string"),
  },
  macros: [
    "bq_count(n, message) AS CASE WHEN n < 0 THEN bq_error(message) ELSE n END",
    "bq_substr(s, p) AS substring(s, CASE WHEN p = 0 OR p < -length(s) THEN 1 ELSE p END)",
    "bq_substr_count(s, p, n) AS substring(s, CASE WHEN p = 0 OR p < -length(s) THEN 1 ELSE p END, n)",
    "bq_upper(s) AS CASE WHEN strlen(s) = length(s) THEN upper(s) ELSE bq_upper_unicode(s) END",
    "bq_replace(s, a, b) AS CASE WHEN a = '' THEN s ELSE replace(s, a, b) END",
    "bq_ascii(s) AS CASE WHEN s = '' THEN 0 WHEN unicode(s) > 127 THEN bq_error('Argument to ASCII is not a structurally valid ASCII string: ''' || s || '''') ELSE CAST(unicode(s) AS BIGINT) END",
    "bq_unicode(s) AS CASE WHEN s = '' THEN 0 ELSE CAST(unicode(s) AS BIGINT) END",
    ...["lpad", "rpad"].map(
      (name) =>
        `bq_${name}(s, n, pattern) AS CASE WHEN n < 0 THEN bq_error('Second argument (output size) for LPAD/RPAD cannot be negative') WHEN pattern = '' THEN bq_error('Third argument (pad pattern) for LPAD/RPAD cannot be empty') ELSE ${name}(s, n::INTEGER, pattern) END`,
    ),
    "bq_array_to_string(list, separator, fornull) AS array_to_string(list_transform(list, e -> COALESCE(e, fornull)), separator)",
  ],
  javascript: STRING_JAVASCRIPT satisfies readonly JavaScriptFunction[],
};

function normalForm(arg: Argument | undefined): string {
  return typeof arg?.literal === "string" ? arg.literal : "NFC";
}
