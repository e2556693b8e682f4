/**
 * JSON as GoogleSQL treats it. Over STRING arguments number texts and the order of keys stay as they were written; a JSON
 * value has its keys sorted, the first of equal keys kept, and numbers in one form.
 */

export type JsonNode =
  | { readonly kind: "object"; readonly entries: readonly (readonly [string, JsonNode])[] }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "null" };

export class JsonSyntaxError extends Error {
  override readonly name = "JsonSyntaxError";
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;
const DEPTH_MAX = 500;

class Parser {
  #at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  parse(): JsonNode {
    const node = this.#value(0);
    this.#spaces();
    if (this.#at < this.#text.length) throw this.#error("unexpected text behind the value");
    return node;
  }

  #error(what: string): JsonSyntaxError {
    return new JsonSyntaxError(
      `syntax error while parsing value - ${what}; last read: '${this.#text.slice(0, this.#at + 1)}'`,
    );
  }

  #spaces(): void {
    SPACE.lastIndex = this.#at;
    SPACE.exec(this.#text);
    this.#at = SPACE.lastIndex;
  }

  #token(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (!found) return undefined;
    this.#at = pattern.lastIndex;
    return found[0];
  }

  #value(depth: number): JsonNode {
    if (depth > DEPTH_MAX) throw this.#error("nested too deeply");
    this.#spaces();
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(depth);
      case "[":
        return this.#array(depth);
      case '"':
        return { kind: "string", value: this.#string() };
      case undefined:
        if (this.#text.trim() === "") {
          throw new JsonSyntaxError(
            "attempting to parse an empty input; check that your input string or stream contains the expected JSON",
          );
        }
        throw this.#error("unexpected end of input");
      default:
        return this.#word();
    }
  }

  #word(): JsonNode {
    for (const [word, node] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return node;
    }
    const text = this.#token(NUMBER);
    if (text === undefined) throw this.#error("invalid literal");
    return { kind: "number", text };
  }

  #string(): string {
    const text = this.#token(STRING);
    if (text === undefined) throw this.#error("invalid string");
    try {
      return JSON.parse(text) as string;
    } catch {
      throw this.#error("invalid string: control character must be escaped");
    }
  }

  #object(depth: number): JsonNode {
    this.#at += 1;
    const entries: [string, JsonNode][] = [];
    this.#spaces();
    if (this.#text[this.#at] === "}") {
      this.#at += 1;
      return { kind: "object", entries };
    }
    for (;;) {
      this.#spaces();
      if (this.#text[this.#at] !== '"') throw this.#error("expected string literal");
      const key = this.#string();
      this.#spaces();
      if (this.#text[this.#at] !== ":") throw this.#error("expected ':'");
      this.#at += 1;
      entries.push([key, this.#value(depth + 1)]);
      if (this.#ends("}")) return { kind: "object", entries };
    }
  }

  #array(depth: number): JsonNode {
    this.#at += 1;
    const items: JsonNode[] = [];
    this.#spaces();
    if (this.#text[this.#at] === "]") {
      this.#at += 1;
      return { kind: "array", items };
    }
    for (;;) {
      items.push(this.#value(depth + 1));
      if (this.#ends("]")) return { kind: "array", items };
    }
  }

  /** After a member: true behind the closing bracket, false behind a comma. */
  #ends(bracket: "}" | "]"): boolean {
    this.#spaces();
    const next = this.#text[this.#at];
    if (next !== bracket && next !== ",") throw this.#error(`expected ',' or '${bracket}'`);
    this.#at += 1;
    return next === bracket;
  }
}

const WORDS: readonly (readonly [string, JsonNode])[] = [
  ["true", { kind: "boolean", value: true }],
  ["false", { kind: "boolean", value: false }],
  ["null", { kind: "null" }],
];

/** @throws JsonSyntaxError. */
export function parseJson(text: string): JsonNode {
  return new Parser(text).parse();
}

export function writeJson(node: JsonNode): string {
  switch (node.kind) {
    case "object":
      return `{${node.entries.map(([key, value]) => `${JSON.stringify(key)}:${writeJson(value)}`).join(",")}}`;
    case "array":
      return `[${node.items.map(writeJson).join(",")}]`;
    case "string":
      return JSON.stringify(node.value);
    case "number":
      return node.text;
    case "boolean":
      return String(node.value);
    case "null":
      return "null";
  }
}

/** Two blanks a level, as TO_JSON_STRING(…, TRUE) writes it. */
export function prettyJson(node: JsonNode, indent = ""): string {
  const inner = `${indent}  `;
  if (node.kind === "object" && node.entries.length > 0) {
    const lines = node.entries.map(([key, value]) => `${inner}${JSON.stringify(key)}: ${prettyJson(value, inner)}`);
    return `{\n${lines.join(",\n")}\n${indent}}`;
  }
  if (node.kind === "array" && node.items.length > 0) {
    return `[\n${node.items.map((item) => `${inner}${prettyJson(item, inner)}`).join(",\n")}\n${indent}]`;
  }
  return writeJson(node);
}

/** The one form of a JSON value. `exact`: a number that a double cannot give back is refused, else rounded. */
export function normalize(node: JsonNode, exact: boolean): JsonNode {
  switch (node.kind) {
    case "object":
      return objectOf(node.entries.map(([key, value]) => [key, normalize(value, exact)]));
    case "array":
      return { kind: "array", items: node.items.map((item) => normalize(item, exact)) };
    case "number":
      return { kind: "number", text: numberText(node.text, exact) };
    default:
      return node;
  }
}

/** Sorted by key; the first of equal keys stays. */
export function objectOf(entries: readonly (readonly [string, JsonNode])[]): JsonNode {
  const byKey = new Map<string, JsonNode>();
  for (const [key, value] of entries) if (!byKey.has(key)) byKey.set(key, value);
  const sorted = [...byKey].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return { kind: "object", entries: sorted };
}

const UINT64_MAX = 2n ** 64n - 1n;
const INT64_MIN = -(2n ** 63n);

function numberText(text: string, exact: boolean): string {
  if (/^-?\d+$/.test(text)) {
    const value = BigInt(text);
    if (value >= INT64_MIN && value <= UINT64_MAX) return value.toString();
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new JsonSyntaxError(`number overflow parsing '${text}'`);
  if (exact && !roundTrips(text, value)) {
    throw new JsonSyntaxError(`Input number: ${text} cannot round-trip through string representation`);
  }
  return doubleText(value);
}

function roundTrips(text: string, value: number): boolean {
  const digits = (number: string) =>
    number
      .replace(/[eE].*$/, "")
      .replace(/[-.]/g, "")
      .replace(/^0+|0+$/g, "");
  return digits(text) === digits(value.toExponential()) || digits(text).length <= 17;
}

/** A double as JSON writes it: "1.0", "0.1", "1e+20". */
export function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const text = String(value);
  if (/^-?\d+$/.test(text)) return Math.abs(value) < 1e15 ? `${text}.0` : exponential(value);
  if (text.includes("e")) return exponential(value);
  return Math.abs(value) < 1e-4 ? exponential(value) : text;
}

function exponential(value: number): string {
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

type Step = string | number;
const paths = new Map<string, readonly Step[]>();

/** Steps of a JSONPath: keys and array positions. @throws Error with GoogleSQL's text. */
export function parsePath(path: string): readonly Step[] {
  let steps = paths.get(path);
  if (!steps) {
    steps = readPath(path);
    if (paths.size > 1000) paths.clear();
    paths.set(path, steps);
  }
  return steps;
}

function readPath(path: string): readonly Step[] {
  if (!path.startsWith("$")) throw new Error("JSONPath must start with '$'");
  const steps: Step[] = [];
  const token =
    /\.([^.[\]"]+)|\."((?:[^"\\]|\\.)*)"|\[\s*(\d+)\s*\]|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*"((?:[^"\\]|\\.)*)"\s*\]/y;
  token.lastIndex = 1;
  let at = 1;
  while (at < path.length) {
    const found = token.exec(path);
    if (!found) throw new Error(`Invalid token in JSONPath at: ${path.slice(at)}`);
    at = token.lastIndex;
    const [, bare, quoted, position, single, double] = found;
    if (position !== undefined) steps.push(Number(position));
    else steps.push(bare ?? (quoted ?? single ?? double ?? "").replace(/\\(.)/g, "$1"));
  }
  return steps;
}

export function find(node: JsonNode, steps: readonly Step[]): JsonNode | undefined {
  let here: JsonNode | undefined = node;
  for (const step of steps) {
    if (here?.kind === "object") here = here.entries.find(([key]) => key === String(step))?.[1];
    else if (here?.kind === "array" && (typeof step === "number" || /^\d+$/.test(step)))
      here = here.items[Number(step)];
    else return undefined;
  }
  return here;
}

/** The node with one place changed: `change` gets what is there (undefined where nothing is) and says what shall be. */
export function changeAt(
  node: JsonNode,
  steps: readonly Step[],
  change: (old: JsonNode | undefined) => JsonNode | undefined,
): JsonNode | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return change(node);
  if (node.kind === "null" && steps.length > 0) {
    const inner = rest.length > 0 ? changeAt({ kind: "null" }, rest, change) : change(undefined);
    if (inner === undefined) return node;
    if (typeof step === "string") return { kind: "object", entries: [[step, inner]] };
    return { kind: "array", items: [...Array.from({ length: step }, () => ({ kind: "null" as const })), inner] };
  }
  if (node.kind === "object" && typeof step === "string") {
    const old = node.entries.find(([key]) => key === step)?.[1];
    const inner = rest.length > 0 ? changeAt(old ?? { kind: "null" }, rest, change) : change(old);
    const others = node.entries.filter(([key]) => key !== step);
    if (rest.length > 0 && old === undefined && inner?.kind === "null") return node;
    return inner === undefined ? { kind: "object", entries: others } : objectOf([...others, [step, inner]]);
  }
  if (node.kind === "array" && typeof step === "number") {
    const old = node.items[step];
    const inner = rest.length > 0 ? changeAt(old ?? { kind: "null" }, rest, change) : change(old);
    const items = [...node.items];
    if (inner === undefined) items.splice(step, step < items.length ? 1 : 0);
    else {
      while (items.length < step) items.push({ kind: "null" });
      items[step] = inner;
    }
    return { kind: "array", items };
  }
  return node;
}
