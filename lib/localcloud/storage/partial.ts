import { invalid } from "./errors.js";

/**
 * Partial responses (developers.google.com/storage/docs/json_api/v1/how-tos/performance#partial-response):
 * `a,b`, `a/b`, `a(b,c)` and `*`.
 */

/** A tree of names; an empty one keeps everything below. */
interface Selection {
  readonly children: Map<string, Selection>;
}

/** Keeps of an answer what `fields` names. @throws CloudError invalid */
export function selectFields(value: unknown, fields: string | null): unknown {
  if (fields === null || fields.trim() === "") return value;
  const parser = { text: fields.replace(/\s+/g, ""), at: 0 };
  const selection = parseList(parser);
  if (parser.at < parser.text.length) throw wrong(fields);
  return select(value, selection);
}

interface Parser {
  readonly text: string;
  at: number;
}

function wrong(fields: string): Error {
  return invalid(`Invalid field selection ${fields}`, "fields");
}

function parseList(parser: Parser): Selection {
  const children = new Map<string, Selection>();
  for (;;) {
    parsePath(parser, children);
    if (parser.text[parser.at] !== ",") return { children };
    parser.at++;
  }
}

function parsePath(parser: Parser, into: Map<string, Selection>): void {
  const name = /^[\w*-]+/.exec(parser.text.slice(parser.at))?.[0];
  if (name === undefined) throw wrong(parser.text);
  parser.at += name.length;
  const children = into.get(name)?.children ?? new Map<string, Selection>();
  into.set(name, { children });
  const next = parser.text[parser.at];
  if (next === "/") {
    parser.at++;
    parsePath(parser, children);
  } else if (next === "(") {
    parser.at++;
    for (const [key, inner] of parseList(parser).children) children.set(key, inner);
    if (parser.text[parser.at] !== ")") throw wrong(parser.text);
    parser.at++;
  }
}

function select(value: unknown, selection: Selection): unknown {
  if (selection.children.size === 0) return value;
  if (Array.isArray(value)) return value.map((item) => select(item, selection));
  if (typeof value !== "object" || value === null) return value;
  const rest = selection.children.get("*");
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const chosen = selection.children.get(name) ?? rest;
    if (chosen) result[name] = select(inner, chosen);
  }
  return result;
}
