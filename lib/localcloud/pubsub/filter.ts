/**
 * Subscription filters (docs.cloud.google.com/pubsub/docs/subscription-message-filter), on attributes only:
 * `attributes:k`, `attributes.k = "v"`, `attributes.k != "v"`, `hasPrefix(attributes.k, "v")`, AND, OR, NOT or `-`, parentheses.
 */

import { invalidFilter } from "./errors.js";
import { FILTER_BYTES_MAX } from "./limits.js";

export type Attributes = Readonly<Record<string, string>>;
export type MessageFilter = (attributes: Attributes) => boolean;

/** @throws CloudError INVALID_ARGUMENT that says where the text breaks the grammar. */
export function parseMessageFilter(text: string): MessageFilter {
  if (Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw invalidFilter(text, `longer than ${FILTER_BYTES_MAX} bytes`);
  }
  const parser = new Parser(text);
  const filter = parser.expression();
  parser.end();
  return filter;
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][A-Za-z0-9_]*)|(!=|[=().,:-]))/y;

class Parser {
  readonly #text: string;
  readonly #tokens: { readonly text: string; readonly at: number }[] = [];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    TOKEN.lastIndex = 0;
    let at = 0;
    while (text.slice(at).trim() !== "") {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(text);
      if (!match) throw invalidFilter(text, `unexpected character at position ${at}`);
      this.#tokens.push({ text: match[1] ?? match[2] ?? match[3] ?? "", at });
      at = TOKEN.lastIndex;
    }
  }

  /** AND and OR may not mix without parentheses. */
  expression(): MessageFilter {
    const terms = [this.#term()];
    const operator = this.#peek();
    if (operator !== "AND" && operator !== "OR") return terms[0] as MessageFilter;
    while (this.#peek() === operator) {
      this.#next++;
      terms.push(this.#term());
    }
    const other = this.#peek();
    if (other === "AND" || other === "OR") throw this.#fault("AND and OR need parentheses when they are mixed");
    return operator === "AND"
      ? (attributes) => terms.every((term) => term(attributes))
      : (attributes) => terms.some((term) => term(attributes));
  }

  end(): void {
    if (this.#peek() !== undefined) throw this.#fault("unexpected text");
  }

  #term(): MessageFilter {
    if (this.#peek() === "NOT" || this.#peek() === "-") {
      this.#next++;
      const term = this.#term();
      return (attributes) => !term(attributes);
    }
    if (this.#peek() === "(") {
      this.#next++;
      const inner = this.expression();
      this.#expect(")");
      return inner;
    }
    if (this.#peek() === "hasPrefix") {
      this.#next++;
      this.#expect("(");
      this.#expect("attributes");
      this.#expect(".");
      const key = this.#key();
      this.#expect(",");
      const prefix = this.#string();
      this.#expect(")");
      return (attributes) => own(attributes, key)?.startsWith(prefix) ?? false;
    }
    this.#expect("attributes");
    if (this.#peek() === ":") {
      this.#next++;
      const key = this.#key();
      return (attributes) => own(attributes, key) !== undefined;
    }
    this.#expect(".");
    const key = this.#key();
    const operator = this.#peek();
    if (operator !== "=" && operator !== "!=") throw this.#fault("= or != expected");
    this.#next++;
    const value = this.#string();
    return operator === "="
      ? (attributes) => own(attributes, key) === value
      : (attributes) => own(attributes, key) !== value;
  }

  #key(): string {
    const token = this.#peek();
    if (token?.startsWith('"')) return this.#string();
    if (token === undefined || !/^[A-Za-z_]/.test(token)) throw this.#fault("the key of an attribute expected");
    this.#next++;
    return token;
  }

  #string(): string {
    const token = this.#peek();
    if (!token?.startsWith('"')) throw this.#fault("a text in double quotes expected");
    this.#next++;
    return token.slice(1, -1).replace(/\\(.)/g, "$1");
  }

  #expect(text: string): void {
    if (this.#peek() !== text) throw this.#fault(`${text} expected`);
    this.#next++;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next]?.text;
  }

  #fault(why: string) {
    const at = this.#tokens[this.#next]?.at;
    return invalidFilter(this.#text, `${why} ${at === undefined ? "at the end" : `at position ${at}`}`);
  }
}

function own(attributes: Attributes, key: string): string | undefined {
  return Object.hasOwn(attributes, key) ? attributes[key] : undefined;
}
