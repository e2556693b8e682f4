import type { Catalog } from "./catalog.js";
import { quoteIdentifier, structField } from "./engine/duckTypes.js";
import type { TableRecord } from "./resources.js";
import type { SqlType, TableReference } from "./schema.js";
import { columnType } from "./storage.js";

/** Logical bytes of a value by type (docs.cloud.google.com/bigquery/pricing, "data size calculation"). NULL is 0. */
function bytesOf(type: SqlType, value: string, depth = 0): string {
  const fixed = (bytes: number) => `CASE WHEN ${value} IS NULL THEN 0 ELSE ${bytes} END`;
  switch (type.kind) {
    case "BOOL":
      return fixed(1);
    case "INT64":
    case "FLOAT64":
    case "DATE":
    case "DATETIME":
    case "TIME":
    case "TIMESTAMP":
      return fixed(8);
    case "NUMERIC":
    case "INTERVAL":
    case "RANGE":
      return fixed(16);
    case "BIGNUMERIC":
      return fixed(32);
    case "STRING":
    case "JSON":
    case "GEOGRAPHY":
      return `coalesce(2 + strlen(${value}), 0)`;
    case "BYTES":
      return `coalesce(2 + octet_length(${value}), 0)`;
    case "STRUCT":
      return type.fields.length === 0
        ? "0"
        : `(${type.fields.map((field, index) => bytesOf(field.type, `struct_extract(${value}, '${structField(index)}')`, depth)).join(" + ")})`;
    case "ARRAY": {
      const item = `x${depth}`;
      return `coalesce(list_sum(list_transform(${value}, lambda ${item}: ${bytesOf(type.element, item, depth + 1)})), 0)`;
    }
  }
}

export interface TableSize {
  readonly rows: number;
  readonly bytes: number;
}

/** Sizes are scanned once for each state of a table; how many are kept. */
const KEPT = 1_000;
const sizes = new WeakMap<Catalog, Map<string, TableSize & { readonly record: TableRecord }>>();

/** Rows and logical bytes of a table now. */
export async function tableSize(catalog: Catalog, record: TableRecord): Promise<TableSize> {
  const { physicalName, resource } = record;
  if (physicalName === undefined) return { rows: 0, bytes: 0 };
  let known = sizes.get(catalog);
  if (!known) {
    known = new Map();
    sizes.set(catalog, known);
  }
  const cache = known;
  return catalog.database.read(async (connection) => {
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM main.${physicalName}`);
    const rows = Number(counted.getRowsJS()[0]?.[0] ?? 0);
    const cached = cache.get(physicalName);
    if (cached && cached.rows === rows && cached.record === record) return cached;
    const each = (resource.schema?.fields ?? []).map((field) =>
      bytesOf(columnType(field), quoteIdentifier(field.name)),
    );
    const summed = await connection.runAndReadAll(
      `SELECT CAST(coalesce(sum(CAST(${each.join(" + ")} AS DOUBLE)), 0) AS DOUBLE) FROM main.${physicalName}`,
    );
    const size = { rows, bytes: Number(summed.getRowsJS()[0]?.[0] ?? 0), record };
    if (cache.size >= KEPT) cache.delete(cache.keys().next().value ?? "");
    cache.set(physicalName, size);
    return size;
  });
}

/** A table that grew or shrank by less than this is not scanned anew for an estimate. */
const RESCAN_RATIO = 2;

/**
 * Logical bytes of tables, all columns: what a query over them reads at most. A table that was measured before is not
 * scanned again for every change: its bytes are taken to have grown like its rows.
 */
export async function bytesAtMost(catalog: Catalog, tables: readonly TableReference[]): Promise<number> {
  let bytes = 0;
  for (const at of tables) {
    const record = catalog.table(at);
    if (record?.physicalName === undefined) continue;
    const known = sizes.get(catalog)?.get(record.physicalName);
    const rows = known && (await rowCount(catalog, record.physicalName));
    const near = known && rows !== undefined && rows <= known.rows * RESCAN_RATIO && known.rows <= rows * RESCAN_RATIO;
    if (near && known.rows > 0) bytes += Math.round((known.bytes / known.rows) * rows);
    else bytes += (await tableSize(catalog, record)).bytes;
  }
  return bytes;
}

function rowCount(catalog: Catalog, physicalName: string): Promise<number> {
  return catalog.database.read(async (connection) => {
    const counted = await connection.runAndReadAll(`SELECT count(*) FROM main.${physicalName}`);
    return Number(counted.getRowsJS()[0]?.[0] ?? 0);
  });
}
