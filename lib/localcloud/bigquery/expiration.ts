import type { Catalog } from "./catalog.js";
import type { DatasetRecord, TableRecord, TableResource } from "./resources.js";

/** A table without an expiration of its own has the dataset's default. */
export function expiration(
  fields: Partial<TableResource>,
  owner: DatasetRecord,
  now: number,
): { readonly expirationTime?: string } {
  const after = owner.resource.defaultTableExpirationMs;
  if (fields.expirationTime !== undefined) return { expirationTime: fields.expirationTime };
  return after === undefined ? {} : { expirationTime: String(now + Number(after)) };
}

/** Drops tables whose time is over; asked before every request, it looks at the tables only when one can be due. */
export class Expirations {
  readonly #catalog: Catalog;
  #version = 0;
  #next = Number.POSITIVE_INFINITY;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async sweep(now: number): Promise<void> {
    if (this.#version !== this.#catalog.version) {
      this.#version = this.#catalog.version;
      this.#next = Math.min(...this.#catalog.allTables().map(dueTime));
    }
    if (now < this.#next) return;
    await this.#catalog.write(async (transaction) => {
      for (const { reference } of this.#catalog.allTables().filter((table) => dueTime(table) <= now)) {
        if (transaction.table(reference)) await transaction.dropTable(reference);
      }
    });
  }
}

function dueTime({ resource }: TableRecord): number {
  return resource.expirationTime === undefined ? Number.POSITIVE_INFINITY : Number(resource.expirationTime);
}
