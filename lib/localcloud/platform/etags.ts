import { createHash } from "node:crypto";
import { CloudError } from "./errors.js";

/** An opaque mark of a resource's content (AIP-154): the same content, the same mark. */
export function etagOf(resource: unknown): string {
  return createHash("sha256").update(JSON.stringify(resource)).digest("base64url").slice(0, 24);
}

/**
 * An absent etag is a blind overwrite.
 * @throws CloudError ABORTED when the caller has read an older content.
 */
export function checkEtag(given: string | undefined, current: string, name: string): void {
  if (given === undefined || given === current) return;
  throw new CloudError("ABORTED", `${name} has changed since it was read: etag "${given}" is not "${current}".`, {
    reason: "ETAG_MISMATCH",
    metadata: { resource: name },
  });
}
