import type { WireValue } from "./engine/engine.js";
import { invalid } from "./errors.js";
import type { SqlType } from "./schema.js";
import { formatDatetime } from "./times.js";

/** Rows as export jobs write them (cloud.google.com/bigquery/docs/exporting-data#export_formats_and_compression_types). */

export interface ExportColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** @throws CloudError invalid: CSV has no place for nested and repeated data. */
export function checkFlat(columns: readonly ExportColumn[]): void {
  const nested = columns.find(({ type }) => type.kind === "ARRAY" || type.kind === "STRUCT");
  if (nested) throw invalid(`Operation cannot be performed on a nested schema. Field: ${nested.name}`);
}

export function csvLine(values: readonly WireValue[], columns: readonly ExportColumn[], delimiter: string): string {
  return `${columns.map(({ type }, index) => quoted(plainText(values[index] ?? null, type), delimiter)).join(delimiter)}\n`;
}

export function csvHeader(columns: readonly ExportColumn[], delimiter: string): string {
  return `${columns.map(({ name }) => quoted(name, delimiter)).join(delimiter)}\n`;
}

/** NULL is nothing at all, the empty text is quoted: a load tells them apart. */
function quoted(text: string | null, delimiter: string): string {
  if (text === null) return "";
  const special = text === "" || text.includes(delimiter) || /["\r\n]/.test(text);
  return special ? `"${text.replaceAll('"', '""')}"` : text;
}

/** NULL fields are left out; INT64 and NUMERIC are texts, which keep their digits. */
export function jsonLine(values: readonly WireValue[], columns: readonly ExportColumn[]): string {
  return `${JSON.stringify(jsonFields(values, columns))}\n`;
}

function jsonFields(values: readonly WireValue[], columns: readonly ExportColumn[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, { name, type }] of columns.entries()) {
    const value = jsonValue(values[index] ?? null, type);
    if (value !== null) row[name] = value;
  }
  return row;
}

function jsonValue(value: WireValue, type: SqlType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case "ARRAY":
      return (value as readonly { readonly v: WireValue }[]).map((item) => jsonValue(item.v, type.element));
    case "STRUCT": {
      const fields = (value as { readonly f: readonly { readonly v: WireValue }[] }).f.map((field) => field.v);
      return jsonFields(fields, type.fields);
    }
    case "BOOL":
      return value === "true";
    case "FLOAT64":
      return Number.isFinite(Number(value)) ? Number(value) : value;
    case "JSON":
      return JSON.parse(String(value));
    default:
      return plainText(value, type);
  }
}

function plainText(value: WireValue, type: SqlType): string | null {
  if (value === null) return null;
  return type.kind === "TIMESTAMP" ? `${formatDatetime(BigInt(String(value))).replace("T", " ")} UTC` : String(value);
}
