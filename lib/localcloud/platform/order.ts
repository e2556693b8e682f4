import { CloudError } from "./errors.js";

/** A value that lists are ordered and filtered by. Times are RFC 3339 text in UTC, whose order is their order in time. */
export type Orderable = string | number;

/** Readers of the fields that a list may be ordered by, by proto name. */
export type OrderFields<Item> = Readonly<Record<string, (item: Item) => Orderable>>;

export interface OrderTerm<Item> {
  readonly read: (item: Item) => Orderable;
  readonly descending: boolean;
}

/**
 * `order_by` of AIP-132: "display_name desc, create_time"; either spelling of a field.
 * @throws CloudError INVALID_ARGUMENT that lists the fields that can be ordered by.
 */
export function parseOrderBy<Item>(text: string, fields: OrderFields<Item>): OrderTerm<Item>[] {
  return text
    .split(",")
    .map((term) => term.trim())
    .filter((term) => term !== "")
    .map((term) => {
      const [name = "", direction = "asc", ...rest] = term.split(/\s+/);
      const read = fields[snake(name)];
      if (!read || rest.length > 0 || !/^(asc|desc)$/i.test(direction)) {
        throw new CloudError(
          "INVALID_ARGUMENT",
          `Invalid order_by "${text}": use ${Object.keys(fields).join(", ")}, each with "desc" or nothing behind it.`,
        );
      }
      return { read, descending: direction.toLowerCase() === "desc" };
    });
}

export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function compareValues(a: Orderable, b: Orderable): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
