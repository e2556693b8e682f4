import type { Catalog } from "./catalog.js";
import { quoteIdentifier } from "./engine/duckTypes.js";
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

/** A table partitioned by a column's time, without an expiration of its own, has the dataset's default. */
export function partitionExpiration(
  { timePartitioning }: Partial<TableResource>,
  owner: DatasetRecord,
): Pick<TableResource, "timePartitioning"> {
  if (!timePartitioning) return {};
  const after = owner.resource.defaultPartitionExpirationMs;
  const expirationMs = timePartitioning.expirationMs ?? (timePartitioning.field === undefined ? undefined : after);
  return { timePartitioning: { ...timePartitioning, ...(expirationMs === undefined ? {} : { expirationMs }) } };
}

/** How often partitions are looked through for such as are over, in the clock's time. */
const PARTITIONS_EVERY_MS = 60_000;

/** Drops tables and partitions whose time is over; asked before every request, it looks at the tables only when one can be due. */
export class Expirations {
  readonly #catalog: Catalog;
  #version = 0;
  #next = Number.POSITIVE_INFINITY;
  #partitionsAt = 0;

  constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  async sweep(now: number): Promise<void> {
    if (this.#version !== this.#catalog.version) {
      this.#version = this.#catalog.version;
      this.#next = Math.min(...this.#catalog.allTables().map(dueTime));
    }
    if (now - this.#partitionsAt >= PARTITIONS_EVERY_MS) {
      this.#partitionsAt = now;
      for (const table of this.#catalog.allTables()) await this.#sweepPartitions(table, now);
    }
    if (now < this.#next) return;
    await this.#catalog.write(async (transaction) => {
      for (const { reference } of this.#catalog.allTables().filter((table) => dueTime(table) <= now)) {
        if (transaction.table(reference)) await transaction.dropTable(reference);
      }
    });
  }

  async #sweepPartitions({ reference, physicalName, resource }: TableRecord, now: number): Promise<void> {
    const over = isOver(resource, now);
    if (over === undefined || physicalName === undefined) return;
    const found = await this.#catalog.database.read((connection) =>
      connection.runAndReadAll(`SELECT 1 FROM main.${physicalName} WHERE ${over} LIMIT 1`),
    );
    if (found.currentRowCount === 0) return;
    await this.#catalog.write(async (transaction) => {
      if (transaction.table(reference)?.physicalName !== physicalName) return;
      await transaction.connection.run(`DELETE FROM main.${physicalName} WHERE ${over}`);
      await transaction.touchRows(reference);
    });
  }
}

/** SQL that is true of the rows of partitions that are over: a partition ends `expirationMs` after it began. */
function isOver({ timePartitioning, schema }: TableResource, now: number): string | undefined {
  const { field, type, expirationMs } = timePartitioning ?? {};
  if (!field || !type || expirationMs === undefined) return undefined;
  const column = schema?.fields.find((other) => other.name.toLowerCase() === field.toLowerCase());
  const name = quoteIdentifier(field);
  const civil = column?.type === "TIMESTAMP" ? `(${name} AT TIME ZONE 'UTC')` : `CAST(${name} AS TIMESTAMP)`;
  return `epoch_ms(date_trunc('${type.toLowerCase()}', ${civil})) <= ${now - Number(expirationMs)}`;
}

function dueTime({ resource }: TableRecord): number {
  return resource.expirationTime === undefined ? Number.POSITIVE_INFINITY : Number(resource.expirationTime);
}
