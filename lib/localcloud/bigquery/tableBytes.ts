import type { DuckDBConnection } from "@duckdb/node-api";
import type { Catalog } from "./catalog.js";
import { quoteIdentifier, structField } from "./engine/duckTypes.js";
import type { TableRead } from "./engine/reads.js";
import type { TableRecord } from "./resources.js";
import type { SqlType } from "./schema.js";
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

interface Measured extends TableSize {
  readonly record: TableRecord;
  /** By column, in lower case. */
  readonly columns: ReadonlyMap<string, number>;
  /** Rows that are put in later have a rowid from this one on. */
  readonly nextRowId: number;
}

/** Sizes that are kept of as many tables. */
const KEPT = 1_000;
const sizes = new WeakMap<Catalog, Map<string, Measured>>();

/** Rows of a table now. */
export function tableRows({ database }: Catalog, { physicalName }: TableRecord): Promise<number> {
  if (physicalName === undefined) return Promise.resolve(0);
  return database.read((connection) => countRows(connection, physicalName));
}

async function countRows(connection: DuckDBConnection, physicalName: string): Promise<number> {
  const counted = await connection.runAndReadAll(`SELECT count(*) FROM main.${physicalName}`);
  return Number(counted.getRowsJS()[0]?.[0] ?? 0);
}

/** Rows and logical bytes of a table now. */
export function tableSize(catalog: Catalog, record: TableRecord): Promise<TableSize> {
  return measured(catalog, record, (known, rows) => known.rows === rows && known.record === record);
}

/** Measures a table, unless what is `known` of it is near enough. */
async function measured(
  catalog: Catalog,
  record: TableRecord,
  isNear: (known: Measured, rows: number) => boolean,
): Promise<Measured> {
  const { physicalName, resource } = record;
  if (physicalName === undefined) return { rows: 0, bytes: 0, record, columns: new Map(), nextRowId: 0 };
  let known = sizes.get(catalog);
  if (!known) {
    known = new Map();
    sizes.set(catalog, known);
  }
  const cache = known;
  return catalog.database.read(async (connection) => {
    const rows = await countRows(connection, physicalName);
    const cached = cache.get(physicalName);
    if (cached && cached.record.resource.schema === resource.schema && isNear(cached, rows)) return cached;
    const table = { record, physicalName, connection };
    const size = (await grown(table, cached, rows)) ?? (await scan(table, 0));
    if (cache.size >= KEPT) cache.delete(cache.keys().next().value ?? "");
    cache.set(physicalName, size);
    return size;
  });
}

interface ScannedTable {
  readonly record: TableRecord;
  readonly physicalName: string;
  readonly connection: DuckDBConnection;
}

/**
 * The size of a table whose record has not changed: rows were streamed into it and nothing else, so that these alone are
 * scanned. Undefined when there are not as many of them as it grew by (DuckDB numbers rows anew where some were deleted).
 */
async function grown(table: ScannedTable, known: Measured | undefined, rows: number): Promise<Measured | undefined> {
  if (known?.record !== table.record || rows <= known.rows) return undefined;
  const added = await scan(table, known.nextRowId);
  if (known.rows + added.rows !== rows) return undefined;
  const columns = new Map([...known.columns].map(([name, bytes]) => [name, bytes + (added.columns.get(name) ?? 0)]));
  return { ...added, rows, bytes: known.bytes + added.bytes, columns };
}

async function scan({ record, physicalName, connection }: ScannedTable, firstRowId: number): Promise<Measured> {
  const fields = record.resource.schema?.fields ?? [];
  const sums = fields.map((field) => {
    const bytes = bytesOf(columnType(field), quoteIdentifier(field.name));
    return `CAST(coalesce(sum(CAST(${bytes} AS DOUBLE)), 0) AS DOUBLE)`;
  });
  const summed = await connection.runAndReadAll(
    `SELECT count(*), coalesce(max(rowid) + 1, ${firstRowId}), ${sums.join(", ")} FROM main.${physicalName}
     WHERE rowid >= ${firstRowId}`,
  );
  const [rows, nextRowId, ...values] = (summed.getRowsJS()[0] ?? []).map(Number);
  const columns = new Map(fields.map((field, index) => [field.name.toLowerCase(), values[index] ?? 0] as const));
  const bytes = [...columns.values()].reduce((sum, each) => sum + each, 0);
  return { rows: rows ?? 0, nextRowId: nextRowId ?? 0, bytes, record, columns };
}

/** A table that grew or shrank by less than this is not scanned anew for an estimate. */
const RESCAN_RATIO = 2;

/**
 * Logical bytes of the columns that a statement reads (docs.cloud.google.com/bigquery/docs/best-practices-costs). A
 * table that was measured before is not scanned again for every change: its bytes are taken to have grown like its rows.
 */
export async function bytesRead(catalog: Catalog, reads: readonly TableRead[]): Promise<number> {
  let bytes = 0;
  for (const { table, columns } of reads) {
    const record = catalog.table(table);
    if (record?.physicalName === undefined) continue;
    let rows = 0;
    const size = await measured(catalog, record, (known, now) => {
      rows = now;
      return known.rows > 0 && now <= known.rows * RESCAN_RATIO && known.rows <= now * RESCAN_RATIO;
    });
    let part = 0;
    for (const name of columns) part += size.columns.get(name) ?? 0;
    bytes += rows === 0 || size.rows === 0 ? part : Math.round((part / size.rows) * rows);
  }
  return bytes;
}
