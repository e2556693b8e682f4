import { CloudError } from "./errors.js";
import { snake } from "./order.js";

export interface FieldSupport {
  /** Paths in JSON spelling ("endpoint.displayName"); a path stands for everything below it. */
  readonly honoured: readonly string[];
  /** What has no meaning on one machine and changes no answer, or is given back as it was sent. */
  readonly ignored?: readonly string[];
}

/**
 * Refuses what a request sets and this cloud does not honour: nothing is accepted and then forgotten.
 * @throws CloudError UNIMPLEMENTED that names every such field in the spelling of the proto.
 */
export function refuseUnsupported(request: object, support: FieldSupport): void {
  const allowed = [...support.honoured, ...(support.ignored ?? [])];
  const refused = unsupportedPaths(request, "", allowed);
  if (refused.length === 0) return;
  const names = refused.map(snake);
  throw new CloudError(
    "UNIMPLEMENTED",
    `The local cloud does not honour ${names.join(", ")}. Leave ${names.length === 1 ? "it" : "them"} out, or run this step on Google Cloud.`,
    { reason: "FIELD_NOT_SUPPORTED", metadata: { fields: names.join(",") } },
  );
}

function unsupportedPaths(value: unknown, path: string, allowed: readonly string[]): string[] {
  if (path !== "" && allowed.includes(path)) return [];
  const isParent = path === "" || allowed.some((other) => other.startsWith(`${path}.`));
  if (!isParent) return isEmpty(value) ? [] : [path];
  if (Array.isArray(value)) return value.flatMap((item) => unsupportedPaths(item, path, allowed));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, child]) =>
    unsupportedPaths(child, path === "" ? name : `${path}.${name}`, allowed),
  );
}

/** Clients send empty messages and lists for what they do not set. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}
