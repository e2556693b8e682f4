/** A value of a row, as plain as can be: times are texts (ISO 8601), NUMERIC is text, BYTES base64. */
export type Cell = string | number | boolean | null | readonly Cell[] | { readonly [column: string]: Cell };

export type Row = Readonly<Record<string, Cell>>;

/** A row of the BigQuery client as ours: its wrappers for times, decimals and integers become texts. */
export function plainRow(row: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, plainCell(value)]));
}

function plainCell(value: unknown): Cell {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(plainCell);
  if (Buffer.isBuffer(value)) return value.toString("base64");
  if (value instanceof Date) return value.toISOString();
  if (isWrapper(value)) return value.value;
  if (Object.getPrototypeOf(value) === Object.prototype) return plainRow(value as Record<string, unknown>);
  return String(value);
}

function isWrapper(value: object): value is { readonly value: string } {
  return "value" in value && typeof value.value === "string" && Object.getPrototypeOf(value) !== Object.prototype;
}

/** The number in that column. @throws TypeError naming the column when there is none. */
export function numberIn(row: Row, column: string): number {
  const cell = row[column];
  if (typeof cell === "number") return cell;
  if (typeof cell === "string" && cell.trim() !== "" && Number.isFinite(Number(cell))) return Number(cell);
  throw new TypeError(`Column ${column} holds ${JSON.stringify(cell ?? null)}, not a number.`);
}

/** The text in that column. @throws TypeError naming the column when there is none. */
export function textIn(row: Row, column: string): string {
  const cell = row[column];
  if (typeof cell === "string") return cell;
  throw new TypeError(`Column ${column} holds ${JSON.stringify(cell ?? null)}, not text.`);
}
