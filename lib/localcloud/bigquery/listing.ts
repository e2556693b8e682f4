import { createHash } from "node:crypto";
import type { Call } from "./context.js";
import { conditionNotMet, invalid } from "./errors.js";
import { LIST_PAGE_DEFAULT, LIST_PAGE_MAX } from "./limits.js";

/** Pages, etags and preconditions, which every resource has alike (contracts 2.3). */

/** Changes whenever what it is made from does. */
export function etagOf(...parts: readonly unknown[]): string {
  return createHash("sha1").update(JSON.stringify(parts)).digest("base64");
}

/** @throws CloudError conditionNotMet when the caller's If-Match names another etag. */
export function checkPrecondition(call: Call, etag: string): void {
  const expected = call.headers["if-match"];
  if (expected === undefined || expected === "*") return;
  if (expected.replace(/^W\//, "").replace(/^"(.*)"$/, "$1") !== etag) throw conditionNotMet();
}

/** A whole number of the query string, or the fallback when it is absent. @throws CloudError invalid */
export function numberOf(call: Call, name: string, fallback: number): number {
  const text = call.query.get(name);
  if (text === null || text === "") return fallback;
  if (!/^\d+$/.test(text)) throw invalid(`Invalid value for ${name}: ${text} is not a valid value`, name);
  return Number(text);
}

/** A flag of the query string; the Python client writes it "True". */
export function flagOf(call: Call, name: string): boolean {
  return call.query.get(name)?.toLowerCase() === "true";
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextPageToken?: string;
}

/** One page of a list in the order of its ids; a token names the last id given. @throws CloudError invalid */
export function pageOf<T>(call: Call, items: readonly T[], id: (item: T) => string): Page<T> {
  const size = Math.min(numberOf(call, "maxResults", LIST_PAGE_DEFAULT) || LIST_PAGE_DEFAULT, LIST_PAGE_MAX);
  const token = call.query.get("pageToken");
  let start = 0;
  if (token) {
    const last = readToken(token);
    const index = items.findIndex((item) => id(item) > last);
    start = index === -1 ? items.length : index;
  }
  const part = items.slice(start, start + size);
  const lastItem = part[part.length - 1];
  if (lastItem === undefined || start + size >= items.length) return { items: part };
  return { items: part, nextPageToken: writeToken(id(lastItem)) };
}

export function writeToken(text: string): string {
  return Buffer.from(`1:${text}`).toString("base64url");
}

/** @throws CloudError invalid when it is no token of ours. */
export function readToken(token: string): string {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith("1:")) throw invalid("Invalid value for pageToken", "pageToken");
  return text.slice(2);
}

/** `labels.key:value labels.other` (AND by space). @throws CloudError invalid */
export function labelFilter(text: string | null): (labels: Readonly<Record<string, string>>) => boolean {
  const terms = (text ?? "")
    .trim()
    .split(/\s+/)
    .filter((term) => term !== "" && term.toUpperCase() !== "AND")
    .map((term) => {
      const match = /^labels\.([^:=]+)(?:[:=](.*))?$/.exec(term);
      if (!match?.[1]) throw invalid(`Invalid filter expression: ${text}. It is written labels.key:value`, "filter");
      return { key: match[1], value: match[2] };
    });
  return (labels) =>
    terms.every(({ key, value }) => key in labels && (value === undefined || value === "*" || labels[key] === value));
}

/**
 * JSON merge patch of the fields of a resource (RFC 7396): null clears, labels are merged key by key, lists and other
 * objects are replaced whole.
 */
export function mergePatch<T extends object>(resource: T, patch: Readonly<Record<string, unknown>>): T {
  const result: Record<string, unknown> = { ...(resource as Record<string, unknown>) };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else if (name === "labels" || name === "resourceTags") {
      const merged = { ...(result[name] as object | undefined), ...(value as object) };
      result[name] = Object.fromEntries(Object.entries(merged).filter(([, inner]) => inner !== null));
    } else result[name] = value;
  }
  return result as T;
}
