import type { JavaScriptFunction } from "./call.js";

/** String functions for which DuckDB has no equal, in JavaScript. */

const decoder = new TextDecoder("utf-8", { fatal: true });

export const STRING_JAVASCRIPT: readonly JavaScriptFunction[] = [
  { name: "bq_upper_unicode", parameters: ["string"], returns: "string", call: (text: string) => text.toUpperCase() },
  {
    name: "bq_reverse",
    parameters: ["string"],
    returns: "string",
    call: (text: string) => [...text].reverse().join(""),
  },
  {
    name: "bq_reverse_bytes",
    parameters: ["bytes"],
    returns: "bytes",
    call: (bytes: Uint8Array) => Uint8Array.from(bytes).reverse(),
  },
  {
    name: "bq_substr_bytes",
    parameters: ["bytes", "bigint", "bigint"],
    returns: "bytes",
    call: (bytes: Uint8Array, position: bigint, count: bigint) => {
      if (count < 0n) throw new Error("Third argument in SUBSTR() cannot be negative");
      const size = BigInt(bytes.length);
      const from = position > 0n ? position - 1n : position === 0n || position < -size ? 0n : size + position;
      const to = from + count > size ? size : from + count;
      return from >= size ? new Uint8Array() : bytes.slice(Number(from), Number(to));
    },
  },
  { name: "bq_instr", parameters: ["string", "string", "bigint", "bigint"], returns: "bigint", call: instr },
  {
    name: "bq_chr",
    parameters: ["bigint"],
    returns: "string",
    call: character,
  },
  {
    name: "bq_code_points_to_string",
    parameters: ["bigints"],
    returns: "string",
    call: (points: readonly (bigint | null)[]) =>
      points.includes(null) ? null : points.map((point) => character(point ?? 0n)).join(""),
  },
  {
    name: "bq_code_points_to_bytes",
    parameters: ["bigints"],
    returns: "bytes",
    call: (points: readonly (bigint | null)[]) => {
      if (points.includes(null)) return null;
      return Uint8Array.from(points, (point) => {
        if (point === null || point < 0n || point > 255n)
          throw new Error(`Invalid extended ASCII code points ${point}`);
        return Number(point);
      });
    },
  },
  {
    name: "bq_to_code_points",
    parameters: ["string"],
    returns: "bigints",
    call: (text: string) => [...text].map((point) => BigInt(point.codePointAt(0) ?? 0)),
  },
  {
    name: "bq_to_code_points_bytes",
    parameters: ["bytes"],
    returns: "bigints",
    call: (bytes: Uint8Array) => [...bytes].map(BigInt),
  },
  { name: "bq_initcap", parameters: ["string", "string"], returns: "string", nulls: true, call: initcap },
  { name: "bq_translate", parameters: ["string", "string", "string"], returns: "string", call: translate },
  { name: "bq_soundex", parameters: ["string"], returns: "string", call: soundex },
  {
    name: "bq_normalize",
    parameters: ["string", "string"],
    returns: "string",
    call: (text: string, form: string) => text.normalize(form),
  },
  {
    name: "bq_normalize_and_casefold",
    parameters: ["string", "string"],
    returns: "string",
    call: (text: string, form: string) => caseFold(text.normalize(form)).normalize(form),
  },
  {
    name: "bq_contains_substr",
    parameters: ["string", "string"],
    returns: "boolean",
    call: (text: string, part: string) => searchForm(text).includes(searchForm(part)),
  },
  { name: "bq_from_hex", parameters: ["string"], returns: "bytes", call: fromHex },
  { name: "bq_from_base64", parameters: ["string"], returns: "bytes", call: fromBase64 },
  { name: "bq_to_base32", parameters: ["bytes"], returns: "string", call: toBase32 },
  { name: "bq_from_base32", parameters: ["string"], returns: "bytes", call: fromBase32 },
  {
    name: "bq_safe_convert_bytes_to_string",
    parameters: ["bytes"],
    returns: "string",
    call: (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8"),
  },
  {
    name: "bq_bytes_to_string",
    parameters: ["bytes"],
    returns: "string",
    call: (bytes: Uint8Array) => {
      try {
        return decoder.decode(bytes);
      } catch {
        throw new Error("Invalid cast of bytes to UTF8 string");
      }
    },
  },
];

function instr(text: string, part: string, position: bigint, occurrence: bigint): bigint {
  if (position === 0n) throw new Error("INSTR position cannot be 0.");
  if (occurrence <= 0n) throw new Error("INSTR occurrence must be positive.");
  const points = [...text];
  const wanted = [...part];
  const matches = (at: number) => wanted.every((point, offset) => points[at + offset] === point);
  const size = points.length;
  let left = occurrence;
  const step = position > 0n ? 1 : -1;
  for (let at = position > 0n ? Number(position) - 1 : size + Number(position); at >= 0 && at < size; at += step) {
    if (!matches(at)) continue;
    left -= 1n;
    if (left === 0n) return BigInt(at + 1);
  }
  return 0n;
}

function character(point: bigint): string {
  if (point < 0n || point > 0x10ffffn || (point >= 0xd800n && point <= 0xdfffn)) {
    throw new Error(`Invalid codepoint ${point}`);
  }
  return String.fromCodePoint(Number(point));
}

const WORD_SEPARATORS = " \t\n\v\f\r[](){}/|<>!?@\"^#$&~_,.:;*%+-'";

function initcap(text: string | null, delimiters: string | null): string | null {
  if (text === null) return null;
  const separators = new Set(delimiters ?? WORD_SEPARATORS);
  let atStart = true;
  let result = "";
  for (const point of text) {
    result += atStart ? point.toUpperCase() : point.toLowerCase();
    atStart = separators.has(point);
  }
  return result;
}

function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  [...from].forEach((point, index) => {
    if (map.has(point)) throw new Error(`Duplicate character "${point}" in TRANSLATE source characters`);
    map.set(point, targets[index] ?? "");
  });
  return [...text].map((point) => map.get(point) ?? point).join("");
}

const SOUNDEX_CODES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({ 1: "BFPV", 2: "CGJKQSXZ", 3: "DT", 4: "L", 5: "MN", 6: "R" }).flatMap(([code, letters]) =>
    [...letters].map((letter) => [letter, code]),
  ),
);

function soundex(text: string): string {
  const letters = text.toUpperCase().replace(/[^A-Z]/g, "");
  const first = letters[0];
  if (first === undefined) return "";
  let result = first;
  let last = SOUNDEX_CODES[first];
  for (const letter of letters.slice(1)) {
    const code = SOUNDEX_CODES[letter];
    if (code !== undefined && code !== last) result += code;
    if (letter !== "H" && letter !== "W") last = code;
    if (result.length === 4) break;
  }
  return result.padEnd(4, "0");
}

/** Unicode case folding, near enough by way of both cases ("ß" and "ẞ" become "ss"). */
function caseFold(text: string): string {
  return text.toUpperCase().toLowerCase();
}

function searchForm(text: string): string {
  return caseFold(text.normalize("NFKC")).normalize("NFKC");
}

function fromHex(text: string): Uint8Array {
  const bad = text.search(/[^0-9a-fA-F]/);
  if (bad >= 0) {
    throw new Error(`Failed to decode invalid hexadecimal string due to character at offset ${bad}: ${text}`);
  }
  return Buffer.from(text.length % 2 === 1 ? `0${text}` : text, "hex");
}

function fromBase64(text: string): Uint8Array {
  const compact = text.replace(/[ \t\r\n\f\v]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.replace(/=+$/, "").length % 4 === 1) {
    throw new Error("Failed to decode invalid base64 string");
  }
  return Buffer.from(compact, "base64");
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function toBase32(bytes: Uint8Array): string {
  let text = "";
  let buffer = 0;
  let bits = 0;
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(buffer >> bits) & 31];
    }
    buffer &= (1 << bits) - 1;
  }
  if (bits > 0) text += BASE32[(buffer << (5 - bits)) & 31];
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

function fromBase32(text: string): Uint8Array {
  const digits = text.replace(/=+$/, "");
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (const digit of digits) {
    const value = BASE32.indexOf(digit);
    if (value < 0 || text.length % 8 !== 0) throw new Error("Failed to decode invalid base32 string");
    buffer = (buffer << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((buffer >> bits) & 255);
      buffer &= (1 << bits) - 1;
    }
  }
  return Uint8Array.from(bytes);
}
