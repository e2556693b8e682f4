import { CloudError } from "./errors.js";
import { snake } from "./order.js";

/**
 * Filters of list methods: the part of AIP-160 that Google's lists use. Terms `field operator value`, `labels:key`,
 * `labels.key:*`, joined by AND (or by standing side by side), OR (binds tighter than AND, as AIP-160 has it), NOT or
 * `-`, and parentheses. Fields in snake or camel case; values bare or quoted.
 */

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | ":";

export type FilterField<Item> =
  | {
      readonly kind: "text" | "time";
      readonly operators: readonly Operator[];
      readonly read: (item: Item) => string;
    }
  | { readonly kind: "map"; readonly read: (item: Item) => Readonly<Record<string, string>> };

/** By proto name; a map is addressed as `labels.key`. */
export type FilterFields<Item> = Readonly<Record<string, FilterField<Item>>>;

type Predicate<Item> = (item: Item) => boolean;

/**
 * @returns a predicate; the empty filter takes everything.
 * @throws CloudError INVALID_ARGUMENT for bad syntax, an unknown field, or an operator that the field does not have.
 */
export function parseFilter<Item>(text: string, fields: FilterFields<Item>): Predicate<Item> {
  const tokens = tokenize(text);
  if (tokens.length === 0) return () => true;
  const parser = new FilterParser(text, tokens, fields);
  return parser.parse();
}

interface Token {
  readonly kind: "word" | "quoted" | "operator" | "(" | ")";
  readonly text: string;
}

const TOKEN = /\s*(?:("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(!=|<=|>=|[=<>:])|([()])|([^\s()=<>:!"']+))/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  TOKEN.lastIndex = 0;
  let position = 0;
  while (position < trimmed.length) {
    TOKEN.lastIndex = position;
    const found = TOKEN.exec(trimmed);
    if (!found) throw badFilter(text, `unexpected character at position ${position + 1}`);
    const [, quoted, operator, bracket, word] = found;
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: quoted.slice(1, -1).replace(/\\(.)/g, "$1") });
    else if (operator !== undefined) tokens.push({ kind: "operator", text: operator });
    else if (bracket === "(" || bracket === ")") tokens.push({ kind: bracket, text: bracket });
    else tokens.push({ kind: "word", text: word ?? "" });
    position = TOKEN.lastIndex;
  }
  return tokens;
}

class FilterParser<Item> {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #fields: FilterFields<Item>;
  #position = 0;

  constructor(text: string, tokens: readonly Token[], fields: FilterFields<Item>) {
    this.#text = text;
    this.#tokens = tokens;
    this.#fields = fields;
  }

  parse(): Predicate<Item> {
    const predicate = this.#conjunction();
    const rest = this.#peek();
    if (rest) throw badFilter(this.#text, `unexpected "${rest.text}"`);
    return predicate;
  }

  #peek(): Token | undefined {
    return this.#tokens[this.#position];
  }

  #isWord(word: string): boolean {
    const token = this.#peek();
    return token?.kind === "word" && token.text === word;
  }

  #conjunction(): Predicate<Item> {
    const terms = [this.#disjunction()];
    for (;;) {
      const token = this.#peek();
      if (!token || token.kind === ")") break;
      if (this.#isWord("AND")) this.#position++;
      terms.push(this.#disjunction());
    }
    return (item) => terms.every((term) => term(item));
  }

  #disjunction(): Predicate<Item> {
    const terms = [this.#negation()];
    while (this.#isWord("OR")) {
      this.#position++;
      terms.push(this.#negation());
    }
    return (item) => terms.some((term) => term(item));
  }

  #negation(): Predicate<Item> {
    if (this.#isWord("NOT") || this.#isWord("-")) {
      this.#position++;
      const term = this.#negation();
      return (item) => !term(item);
    }
    return this.#term();
  }

  #term(): Predicate<Item> {
    const token = this.#peek();
    if (!token) throw badFilter(this.#text, "a term is missing at the end");
    this.#position++;
    if (token.kind === "(") {
      const inner = this.#conjunction();
      if (this.#peek()?.kind !== ")") throw badFilter(this.#text, 'a ")" is missing');
      this.#position++;
      return inner;
    }
    if (token.kind !== "word") throw badFilter(this.#text, `a field name is missing before "${token.text}"`);
    if (token.text.startsWith("-") && token.text.length > 1) {
      const positive = this.#comparison(token.text.slice(1));
      return (item) => !positive(item);
    }
    return this.#comparison(token.text);
  }

  #comparison(path: string): Predicate<Item> {
    const operator = this.#peek();
    if (operator?.kind !== "operator") throw badFilter(this.#text, `an operator is missing behind "${path}"`);
    this.#position++;
    const value = this.#peek();
    if (value?.kind !== "word" && value?.kind !== "quoted") {
      throw badFilter(this.#text, `a value is missing behind "${path}${operator.text}"`);
    }
    this.#position++;
    const dot = path.indexOf(".");
    const name = snake(dot < 0 ? path : path.slice(0, dot));
    const field = this.#fields[name];
    if (!field) {
      throw badFilter(this.#text, `unknown field "${path}"; fields: ${Object.keys(this.#fields).join(", ")}`);
    }
    if (field.kind === "map") return this.#mapTerm(field, path, operator.text as Operator, value);
    if (dot >= 0) throw badFilter(this.#text, `unknown field "${path}"`);
    return this.#scalarTerm(field, path, operator.text as Operator, value);
  }

  #mapTerm(
    field: FilterField<Item> & { kind: "map" },
    path: string,
    operator: Operator,
    value: Token,
  ): Predicate<Item> {
    const dot = path.indexOf(".");
    const key = dot < 0 ? undefined : path.slice(dot + 1);
    if (key === undefined) {
      if (operator !== ":") throw badFilter(this.#text, `${path}${operator} needs a key: ${path}.KEY${operator}VALUE`);
      return (item) => Object.hasOwn(field.read(item), value.text);
    }
    if (operator === ":" && value.text === "*") return (item) => Object.hasOwn(field.read(item), key);
    if (operator === "=" || operator === ":") return (item) => field.read(item)[key] === value.text;
    if (operator === "!=") return (item) => field.read(item)[key] !== value.text;
    throw badFilter(this.#text, `${path} takes = != and :, not ${operator}`);
  }

  #scalarTerm(
    field: Exclude<FilterField<Item>, { kind: "map" }>,
    path: string,
    operator: Operator,
    value: Token,
  ): Predicate<Item> {
    if (!field.operators.includes(operator)) {
      throw badFilter(this.#text, `${path} takes ${field.operators.join(" ")}, not ${operator}`);
    }
    if (field.kind === "time") return this.#timeTerm(field.read, path, operator, value);
    const { read } = field;
    switch (operator) {
      case "=":
        return (item) => read(item) === value.text;
      case "!=":
        return (item) => read(item) !== value.text;
      case ":": {
        const pattern = value.text.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
        const expression = new RegExp(value.text.includes("*") ? `^${pattern.join(".*")}$` : (pattern[0] ?? ""), "u");
        return (item) => expression.test(read(item));
      }
      default:
        return (item) => compares(read(item), operator, value.text);
    }
  }

  #timeTerm(read: (item: Item) => string, path: string, operator: Operator, value: Token): Predicate<Item> {
    const time = Date.parse(value.text);
    if (Number.isNaN(time)) {
      throw badFilter(this.#text, `${path} needs an RFC 3339 time in quotes, not "${value.text}"`);
    }
    return (item) => compares(Date.parse(read(item)), operator, time);
  }
}

function compares<T extends string | number>(left: T, operator: Operator, right: T): boolean {
  switch (operator) {
    case "=":
    case ":":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}

function badFilter(filter: string, problem: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", `Invalid filter "${filter}": ${problem}.`, {
    reason: "INVALID_FILTER",
    metadata: { filter },
  });
}
