import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ActivateError } from "./errors.js";
import { didYouMean } from "./nearest.js";
import { repositoryRoot } from "./paths.js";

/** Type of a query parameter as the client wants it: "INT64", ["STRING"] for an array, { a: "INT64" } for a struct. */
export type ParameterType = string | ParameterType[] | { [field: string]: ParameterType };

/** A statement of the folder `sql/`. Its head, the comment that it begins with, names what it must be given. */
export interface SqlFile {
  /** Path below `sql/`, such as "features/purchase_features.sql". */
  readonly path: string;
  readonly text: string;
  /** `@name` of each query parameter and its type, from the head's `Parameters:`. */
  readonly params: ReadonlyMap<string, ParameterType>;
  /** Names that stand as `${name}` below the head. */
  readonly placeholders: ReadonlySet<string>;
}

/**
 * Reads a file of `sql/`.
 * @throws ActivateError INVALID_ARGUMENT when there is none of that path, with the nearest.
 */
export function readSql(path: string): SqlFile {
  const folder = join(repositoryRoot(), "sql");
  const file = join(folder, path);
  if (!path.endsWith(".sql") || path.includes("..") || !existsSync(file)) {
    const known = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sql"));
    throw new ActivateError("INVALID_ARGUMENT", `There is no file ${path} in sql/.${didYouMean(path, known)}`);
  }
  return parseSql(path, readFileSync(file, "utf8"));
}

/** @throws ActivateError INVALID_ARGUMENT when the head's parameters cannot be read. */
export function parseSql(path: string, text: string): SqlFile {
  const head = text.slice(0, headLength(text)).replace(/^--[ \t]?/gm, "");
  const declared = /^Parameters:((?:.*\n(?![A-Z][a-z]+:))*.*)/m.exec(head)?.[1] ?? "";
  const params = new Map<string, ParameterType>();
  for (const part of splitTop(declared.replace(/\([^)]*\)/g, " "))) {
    const [, name, type] = /^@?(\w+)\s+(\S.*)$/.exec(part) ?? [];
    if (name === undefined || type === undefined) {
      throw new ActivateError(
        "INVALID_ARGUMENT",
        `sql/${path}: cannot read the parameter "${part}"; write "name TYPE".`,
      );
    }
    params.set(name, parameterType(type));
  }
  const body = text.slice(headLength(text));
  const placeholders = new Set([...body.matchAll(/\$\{(\w+)\}/g)].map((match) => match[1] ?? ""));
  return { path, text, params, placeholders };
}

/**
 * The text of a statement with its `${name}`s replaced.
 * @param values letters, digits, `_` and `-` only, or a number: what cannot end the quotes that it stands in.
 * @throws ActivateError INVALID_ARGUMENT for a missing, unknown or unsafe value.
 */
export function renderSql(file: SqlFile, values: Readonly<Record<string, string | number>>): string {
  for (const name of Object.keys(values)) {
    if (!file.placeholders.has(name)) {
      const hint = didYouMean(name, [...file.placeholders]);
      throw new ActivateError("INVALID_ARGUMENT", `sql/${file.path} has no placeholder \${${name}}.${hint}`);
    }
  }
  const head = headLength(file.text);
  const body = file.text.slice(head).replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) {
      throw new ActivateError("INVALID_ARGUMENT", `sql/${file.path} needs a value for \${${name}}.`);
    }
    if (!isSafe(value)) {
      throw new ActivateError(
        "INVALID_ARGUMENT",
        `sql/${file.path}: \${${name}} cannot be "${value}"; letters, digits, _ and - only, or a number.`,
      );
    }
    return String(value);
  });
  return file.text.slice(0, head) + body;
}

const isSafe = (value: string | number): boolean =>
  typeof value === "number" ? Number.isFinite(value) : /^[A-Za-z0-9_-]+$/.test(value);

const headLength = (text: string): number => /^(?:--[^\n]*\n|\s*\n)*/.exec(text)?.[0].length ?? 0;

/** Splits at the commas that are in no angle brackets. */
function splitTop(list: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const character of list) {
    if (character === "<") depth += 1;
    if (character === ">") depth -= 1;
    if (character === "," && depth === 0) parts.push("");
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.replace(/\s+/g, " ").trim()).filter((part) => part !== "");
}

function parameterType(text: string): ParameterType {
  const [, kind, inner] = /^(ARRAY|STRUCT)\s*<(.*)>$/.exec(text.trim()) ?? [];
  if (kind === "ARRAY" && inner !== undefined) return [parameterType(inner)];
  if (kind === "STRUCT" && inner !== undefined) {
    const fields = splitTop(inner).map((field) => {
      const [, name = "", type = ""] = /^(\w+) (.*)$/.exec(field) ?? [];
      return [name, parameterType(type)] as const;
    });
    return Object.fromEntries(fields);
  }
  return text.trim();
}
