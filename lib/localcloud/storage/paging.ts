import type { Call } from "./call.js";
import { invalid } from "./errors.js";
import { LIST_PAGE_MAX } from "./limits.js";

/** @throws CloudError invalid */
export function pageSize(call: Call, name = "maxResults"): number {
  const text = call.query.get(name);
  if (text === null || text === "") return LIST_PAGE_MAX;
  if (!/^\d+$/.test(text)) throw invalid(`Invalid value '${text}'. A whole number from 1 on is expected.`, name);
  return Math.min(Number(text) || LIST_PAGE_MAX, LIST_PAGE_MAX);
}

/** The text that the token of the page before stands for; undefined on the first page. @throws CloudError invalid */
export function pageStart(call: Call): string | undefined {
  const token = call.query.get("pageToken");
  if (!token) return undefined;
  const text = Buffer.from(token, "base64url").toString("utf8");
  if (!text.startsWith("1:")) throw invalid("Invalid page token.", "pageToken");
  return text.slice(2);
}

export function pageToken(text: string): string {
  return Buffer.from(`1:${text}`).toString("base64url");
}

/** One page of items in the order of their unique keys; the token names the last one given. */
export function pageOf<T>(
  call: Call,
  items: readonly T[],
  key: (item: T) => string,
): { items: readonly T[]; nextPageToken?: string } {
  const size = pageSize(call);
  const after = pageStart(call);
  const start = after === undefined ? 0 : items.findIndex((item) => key(item) > after);
  const part = start === -1 ? [] : items.slice(start, start + size);
  const last = part.at(-1);
  if (last === undefined || items.at(-1) === last) return { items: part };
  return { items: part, nextPageToken: pageToken(key(last)) };
}
