import type { JavaScriptFunction } from "./call.js";
import { floatText } from "./floatText.js";
import {
  changeAt,
  doubleText,
  find,
  type JsonNode,
  JsonSyntaxError,
  normalize,
  objectOf,
  parseJson,
  parsePath,
  prettyJson,
  writeJson,
} from "./jsonText.js";

/** The JavaScript behind JSON functions. `json` arguments are text. */

/** The node at a path, undefined where nothing is or where the text is no JSON. */
function at(text: string, path: string): JsonNode | undefined {
  const steps = parsePath(path);
  try {
    return find(parseJson(text), steps);
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) return undefined;
    throw thrown;
  }
}

function scalarText(node: JsonNode | undefined): string | null {
  switch (node?.kind) {
    case "string":
      return node.value;
    case "number":
      return node.text;
    case "boolean":
      return String(node.value);
    default:
      return null;
  }
}

/** A JSON null found in a STRING is SQL's NULL, in a JSON value it is itself. */
const query = (keepNull: boolean) => (text: string, path: string) => {
  const node = at(text, path);
  return node === undefined || (!keepNull && node.kind === "null") ? null : writeJson(node);
};

function queryArray(text: string, path: string): readonly string[] | null {
  const node = at(text, path);
  return node?.kind === "array" ? node.items.map(writeJson) : null;
}

function valueArray(text: string, path: string): readonly (string | null)[] | null {
  const node = at(text, path);
  if (node?.kind !== "array" || node.items.some((item) => item.kind === "array" || item.kind === "object")) return null;
  return node.items.map(scalarText);
}

function parsed(text: string, mode: string): string {
  try {
    return writeJson(normalize(parseJson(text), mode !== "round"));
  } catch (thrown) {
    if (thrown instanceof JsonSyntaxError) throw new Error(`Invalid input to PARSE_JSON: ${thrown.message}`);
    throw thrown;
  }
}

function toInt64(text: string): bigint {
  const node = parseJson(text);
  if (node.kind !== "number") throw new Error("The provided JSON input is not an integer");
  const value = integerOf(node.text);
  if (value === undefined) throw new Error(`The provided JSON number: ${node.text} cannot be converted to an int64`);
  return value;
}

function integerOf(text: string): bigint | undefined {
  const value = /^-?\d+$/.test(text) ? BigInt(text) : Number.isInteger(Number(text)) ? BigInt(Number(text)) : undefined;
  return value !== undefined && value === BigInt.asIntN(64, value) ? value : undefined;
}

function laxInt64(text: string): bigint | null {
  const node = parseJson(text);
  switch (node.kind) {
    case "boolean":
      return node.value ? 1n : 0n;
    case "number":
      return roundedInt(node.text);
    case "string":
      return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(node.value) ? roundedInt(node.value.trim()) : null;
    default:
      return null;
  }
}

function roundedInt(text: string): bigint | null {
  if (/^[+-]?\d+$/.test(text)) {
    const value = BigInt(text.replace(/^\+/, ""));
    return value === BigInt.asIntN(64, value) ? value : null;
  }
  const value = Number(text);
  const rounded = Math.sign(value) * Math.round(Math.abs(value));
  return Number.isFinite(rounded) && Math.abs(rounded) < 2 ** 63 ? BigInt(rounded) : null;
}

function laxFloat64(text: string): number | null {
  const node = parseJson(text);
  if (node.kind === "number") return Number(node.text);
  if (node.kind !== "string") return null;
  const word = /^\s*([+-]?)(inf|infinity|nan)\s*$/i.exec(node.value);
  if (word) return /nan/i.test(word[2] ?? "") ? Number.NaN : word[1] === "-" ? -Infinity : Infinity;
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(node.value) ? Number(node.value) : null;
}

function laxBool(text: string): boolean | null {
  const node = parseJson(text);
  if (node.kind === "boolean") return node.value;
  if (node.kind === "number") return Number(node.text) !== 0;
  if (node.kind !== "string") return null;
  return /^true$/i.test(node.value) ? true : /^false$/i.test(node.value) ? false : null;
}

function laxString(text: string): string | null {
  const node = parseJson(text);
  if (node.kind === "number") return /^-?\d+$/.test(node.text) ? node.text : floatText(Number(node.text));
  return scalarText(node);
}

function typed(kind: JsonNode["kind"], article: string) {
  return (text: string) => {
    const node = parseJson(text);
    if (node.kind !== kind) throw new Error(`The provided JSON input is not ${article}`);
    return node.kind === "string" || node.kind === "boolean"
      ? node.value
      : node.kind === "number"
        ? Number(node.text)
        : null;
  };
}

function keys(text: string, depth: bigint): readonly string[] {
  const found = new Set<string>();
  const walk = (node: JsonNode, prefix: string, left: bigint) => {
    if (node.kind !== "object" || left === 0n) return;
    for (const [key, value] of node.entries) {
      const name = /^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key);
      const path = prefix === "" ? name : `${prefix}.${name}`;
      found.add(path);
      walk(value, path, left - 1n);
    }
  };
  walk(parseJson(text), "", depth);
  return [...found].sort();
}

function stripNulls(node: JsonNode): JsonNode {
  if (node.kind === "object") {
    return {
      kind: "object",
      entries: node.entries
        .filter(([, value]) => value.kind !== "null")
        .map(([key, value]) => [key, stripNulls(value)]),
    };
  }
  if (node.kind !== "array") return node;
  return { kind: "array", items: node.items.filter((item) => item.kind !== "null").map(stripNulls) };
}

function object(keyList: readonly (string | null)[], values: readonly (string | null)[]): string {
  if (keyList.length !== values.length) {
    throw new Error("The number of keys and values must match for JSON_OBJECT");
  }
  const entries = keyList.map((key, index) => {
    if (key === null) throw new Error("A key of JSON_OBJECT must not be NULL");
    const value = values[index];
    return [key, value === null || value === undefined ? { kind: "null" } : parseJson(value)] as const;
  });
  return writeJson(objectOf(entries as readonly (readonly [string, JsonNode])[]));
}

function appended(text: string, path: string, value: string): string {
  const changed = changeAt(parseJson(text), parsePath(path), (old) => {
    if (old === undefined || old.kind === "null") return { kind: "array", items: [parseJson(value)] };
    return old.kind === "array" ? { kind: "array", items: [...old.items, parseJson(value)] } : old;
  });
  return writeJson(changed ?? { kind: "null" });
}

function inserted(text: string, path: string, value: string): string {
  const steps = parsePath(path);
  const position = steps.at(-1);
  if (typeof position !== "number") return text;
  const changed = changeAt(parseJson(text), steps.slice(0, -1), (old) => {
    if (old?.kind !== "array") return old;
    const items: JsonNode[] = [...old.items];
    while (items.length < position) items.push({ kind: "null" });
    items.splice(position, 0, parseJson(value));
    return { kind: "array", items };
  });
  return writeJson(changed ?? { kind: "null" });
}

export const JSON_JAVASCRIPT: readonly JavaScriptFunction[] = [
  {
    name: "bq_json_value",
    parameters: ["string", "string"],
    returns: "string",
    call: (text: string, path: string) => scalarText(at(text, path)),
  },
  { name: "bq_json_query", parameters: ["string", "string"], returns: "string", call: query(false) },
  { name: "bq_json_query_json", parameters: ["string", "string"], returns: "string", call: query(true) },
  { name: "bq_json_query_array", parameters: ["string", "string"], returns: "strings", call: queryArray },
  { name: "bq_json_value_array", parameters: ["string", "string"], returns: "strings", call: valueArray },
  { name: "bq_parse_json", parameters: ["string", "string"], returns: "string", call: parsed },
  {
    name: "bq_json_field",
    parameters: ["string", "string"],
    returns: "string",
    call: (text: string, key: string) => written(find(parseJson(text), [key])),
  },
  {
    name: "bq_json_element",
    parameters: ["string", "bigint"],
    returns: "string",
    call: (text: string, index: bigint) => {
      const node = parseJson(text);
      return node.kind === "array" ? written(node.items[Number(index)]) : null;
    },
  },
  { name: "bq_json_type", parameters: ["string"], returns: "string", call: (text: string) => parseJson(text).kind },
  { name: "bq_json_int64", parameters: ["string"], returns: "bigint", call: toInt64 },
  { name: "bq_json_float64", parameters: ["string"], returns: "number", call: typed("number", "a number") },
  { name: "bq_json_bool", parameters: ["string"], returns: "boolean", call: typed("boolean", "a boolean") },
  { name: "bq_json_string", parameters: ["string"], returns: "string", call: typed("string", "a string") },
  { name: "bq_lax_int64", parameters: ["string"], returns: "bigint", call: laxInt64 },
  { name: "bq_lax_float64", parameters: ["string"], returns: "number", call: laxFloat64 },
  { name: "bq_lax_bool", parameters: ["string"], returns: "boolean", call: laxBool },
  { name: "bq_lax_string", parameters: ["string"], returns: "string", call: laxString },
  { name: "bq_json_keys", parameters: ["string", "bigint"], returns: "strings", call: keys },
  {
    name: "bq_json_strip_nulls",
    parameters: ["string"],
    returns: "string",
    call: (text: string) => writeJson(stripNulls(parseJson(text))),
  },
  {
    name: "bq_json_remove",
    parameters: ["string", "string"],
    returns: "string",
    call: (text: string, path: string) => written(changeAt(parseJson(text), parsePath(path), () => undefined)),
  },
  {
    name: "bq_json_set",
    parameters: ["string", "string", "string"],
    returns: "string",
    call: (text: string, path: string, value: string) =>
      written(changeAt(parseJson(text), parsePath(path), () => parseJson(value))),
  },
  { name: "bq_json_array_append", parameters: ["string", "string", "string"], returns: "string", call: appended },
  { name: "bq_json_array_insert", parameters: ["string", "string", "string"], returns: "string", call: inserted },
  { name: "bq_json_object", parameters: ["strings", "strings"], returns: "string", call: object },
  {
    name: "bq_json_pretty",
    parameters: ["string"],
    returns: "string",
    call: (text: string) => prettyJson(parseJson(text)),
  },
  { name: "bq_json_text", parameters: ["string"], returns: "string", call: (text: string) => JSON.stringify(text) },
  {
    name: "bq_json_double",
    parameters: ["number"],
    returns: "string",
    call: (value: number) => (Number.isFinite(value) ? doubleText(value) : JSON.stringify(notFinite(value))),
  },
  {
    name: "bq_json_float_text",
    parameters: ["number"],
    returns: "string",
    call: (value: number) => (Number.isFinite(value) ? floatText(value) : JSON.stringify(notFinite(value))),
  },
];

function written(node: JsonNode | undefined): string | null {
  return node === undefined ? null : writeJson(node);
}

function notFinite(value: number): string {
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
