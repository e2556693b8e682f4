import type { WireValue } from "./engine/engine.js";
import { microsToFloatSeconds } from "./numbers.js";
import type { FieldSchema } from "./schema.js";
import { isRecord } from "./storage.js";
import { formatPicoseconds } from "./times.js";
import type { WireRow } from "./wire.js";

/** `DataFormatOptions.timestampOutputFormat` of the API; FLOAT64 is what a caller gets who asks for nothing. */
export type TimestampFormat = "FLOAT64" | "INT64" | "ISO8601_STRING";

type Converter = (value: WireValue) => WireValue;

/** Rewrites TIMESTAMP values, which are integers of microseconds in `rows`, at any depth. */
export function formatTimestamps(
  rows: readonly WireRow[],
  fields: readonly FieldSchema[],
  format: TimestampFormat,
): readonly WireRow[] {
  if (format === "INT64" || !fields.some(holdsTimestamp)) return rows;
  const write = format === "FLOAT64" ? microsToFloatSeconds : (micros: string) => formatPicoseconds(BigInt(micros));
  const converters = fields.map((field) => converter(field, write));
  return rows.map((row) => ({ f: convertCells(row.f, converters) }));
}

function convertCells(
  cells: readonly { readonly v: WireValue }[],
  converters: readonly (Converter | undefined)[],
): { readonly v: WireValue }[] {
  return cells.map((cell, index) => {
    const convert = converters[index];
    return convert ? { v: convert(cell.v) } : cell;
  });
}

function holdsTimestamp(field: FieldSchema): boolean {
  return isTimestamp(field) || (isRecord(field.type) && (field.fields ?? []).some(holdsTimestamp));
}

function isTimestamp({ type, rangeElementType }: FieldSchema): boolean {
  return type === "TIMESTAMP" || (type === "RANGE" && rangeElementType?.type === "TIMESTAMP");
}

function converter(field: FieldSchema, write: (micros: string) => string): Converter | undefined {
  if (!holdsTimestamp(field)) return undefined;
  const inner = (field.fields ?? []).map((child) => converter(child, write));
  const one: Converter = (value) => {
    // A range holds its ends as text: "[0, UNBOUNDED)".
    if (typeof value === "string") return field.type === "RANGE" ? value.replace(/-?\d+/g, write) : write(value);
    if (value !== null && "f" in value) return { f: convertCells(value.f, inner) };
    return value;
  };
  if (field.mode !== "REPEATED") return one;
  return (value) =>
    Array.isArray(value) ? value.map((cell: { readonly v: WireValue }) => ({ v: one(cell.v) })) : value;
}
