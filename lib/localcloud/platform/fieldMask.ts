import { CloudError } from "./errors.js";
import { snake } from "./order.js";

/**
 * Paths of an update mask (AIP-134, AIP-161) in the spelling of the proto, each one of `allowed`.
 * @param mask proto3 JSON: "trafficSplit,displayName".
 * @throws CloudError INVALID_ARGUMENT for an absent mask or a path that cannot be updated; it lists those that can.
 */
export function parseFieldMask(mask: string | undefined, allowed: readonly string[], field = "update_mask"): string[] {
  const paths = (mask ?? "")
    .split(",")
    .map((path) => snake(path.trim()))
    .filter((path) => path !== "");
  if (paths.length === 0) {
    throw new CloudError(
      "INVALID_ARGUMENT",
      `${field} is required; fields that can be updated: ${allowed.join(", ")}.`,
    );
  }
  const unknown = paths.find((path) => !allowed.includes(path));
  if (unknown !== undefined) {
    throw new CloudError(
      "INVALID_ARGUMENT",
      `${field} contains "${unknown}", which cannot be updated; fields that can: ${allowed.join(", ")}.`,
      { reason: "INVALID_FIELD_MASK", metadata: { path: unknown } },
    );
  }
  return [...new Set(paths)];
}
