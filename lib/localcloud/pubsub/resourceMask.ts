import { snake } from "../platform/order.js";
import * as errors from "./errors.js";

/** Fields of a resource by proto name: may an update change them? */
export type UpdatableFields = Readonly<Record<string, boolean>>;

/**
 * The resource with the fields of the mask taken from `given`; a path may go one step down ("push_config.push_endpoint").
 * @throws CloudError INVALID_ARGUMENT for a mask that is absent, or names what is unknown or cannot be changed.
 */
export function applyMask<Resource extends object>(
  method: string,
  kind: string,
  current: Resource,
  given: Resource | undefined,
  mask: string | undefined,
  fields: UpdatableFields,
): Resource {
  const paths = (mask ?? "").split(",").filter((path) => path.trim() !== "");
  if (paths.length === 0) throw errors.noMask(method);
  const changed = { ...current } as Record<string, unknown>;
  for (const path of paths) {
    const [top = "", ...below] = path.trim().split(".");
    const updatable = fields[snake(top)];
    if (updatable === undefined) throw errors.unknownMaskPath(method, snake(path), kind);
    if (!updatable) throw errors.notMutable(method, snake(top), kind);
    const name = camel(top);
    const value = (given as Record<string, unknown> | undefined)?.[name];
    const inner = below[0];
    changed[name] =
      inner === undefined
        ? value
        : {
            ...(changed[name] as object),
            [camel(inner)]: (value as Record<string, unknown> | undefined)?.[camel(inner)],
          };
  }
  return Object.fromEntries(Object.entries(changed).filter(([, value]) => value !== undefined)) as Resource;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
