import { createHash } from "node:crypto";
import { CloudError } from "./errors.js";
import { compareValues, type Orderable, type OrderTerm } from "./order.js";

const PAGE_SIZE_DEFAULT = 100;
const PAGE_SIZE_MAX = 1000;

export interface PageRequest {
  readonly pageSize?: number | undefined;
  readonly pageToken?: string | undefined;
}

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Undefined on the last page. */
  readonly nextPageToken: string | undefined;
}

/**
 * One page of a sorted list (AIP-158). The token says behind which values the next page begins, so items that come or
 * go meanwhile neither repeat nor hide others; it belongs to one combination of the other parameters.
 * @param key a text unique to each item; ends every tie.
 * @param scope what else the request said (parent, filter, order): a token of another scope is refused.
 * @throws CloudError INVALID_ARGUMENT for a negative page size or a token that is not ours.
 */
export function page<Item>(
  items: readonly Item[],
  request: PageRequest,
  order: readonly OrderTerm<Item>[],
  key: (item: Item) => string,
  scope: readonly unknown[],
): Page<Item> {
  const size = request.pageSize ?? 0;
  if (size < 0) throw new CloudError("INVALID_ARGUMENT", `page_size must not be negative; it is ${size}.`);
  const limit = Math.min(size === 0 ? PAGE_SIZE_DEFAULT : size, PAGE_SIZE_MAX);
  const rank = (item: Item): Orderable[] => [...order.map((term) => term.read(item)), key(item)];
  const compare = (a: readonly Orderable[], b: readonly Orderable[]): number => {
    for (const [index, value] of a.entries()) {
      const compared = compareValues(value, b[index] ?? "");
      if (compared !== 0) return order[index]?.descending ? -compared : compared;
    }
    return 0;
  };
  const ranked = items.map((item) => ({ item, rank: rank(item) })).sort((a, b) => compare(a.rank, b.rank));
  const fingerprint = createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, 12);
  const after = request.pageToken ? readToken(request.pageToken, fingerprint) : undefined;
  const rest = after ? ranked.filter((entry) => compare(entry.rank, after) > 0) : ranked;
  const taken = rest.slice(0, limit);
  const last = taken.at(-1);
  return {
    items: taken.map((entry) => entry.item),
    nextPageToken: last && rest.length > limit ? writeToken(last.rank, fingerprint) : undefined,
  };
}

function writeToken(rank: readonly Orderable[], fingerprint: string): string {
  return Buffer.from(JSON.stringify([fingerprint, rank])).toString("base64url");
}

function readToken(token: string, fingerprint: string): readonly Orderable[] {
  try {
    const [owner, rank] = JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as [string, Orderable[]];
    if (owner === fingerprint && Array.isArray(rank)) return rank;
  } catch {
    // Not a token of ours: said below.
  }
  throw new CloudError(
    "INVALID_ARGUMENT",
    "The page token is invalid: it must come from the page before, with the same parent, filter and order.",
  );
}
