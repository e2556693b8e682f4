/** Deeper values are left to the general encoder, which has a limit of its own. */
const DEPTH_MAX = 90;

/**
 * Whether a parsed JSON text is a `google.protobuf.Value` as well: its numbers are finite (1e400 is none), and it is not
 * nested beyond what messages may be.
 */
export function isCarried(json: unknown, depth = 0): boolean {
  if (typeof json === "number") return Number.isFinite(json);
  if (typeof json !== "object" || json === null) return true;
  if (depth > DEPTH_MAX) return false;
  if (Array.isArray(json)) {
    for (const item of json) if (!isCarried(item, depth + 1)) return false;
    return true;
  }
  for (const key in json) if (!isCarried((json as Readonly<Record<string, unknown>>)[key], depth + 1)) return false;
  return true;
}
