/** Rows of `tabledata.list` as batch prediction reads them (contracts 3.11: NUMERIC as number, TIMESTAMP as text). Pure. */

import type { WarehouseField } from "../../../platform/links.js";

const NUMBERS = new Set(["INTEGER", "INT64", "FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC"]);

export function toObject(fields: readonly WarehouseField[], row: object): Record<string, unknown> {
  const { f: cells = [] } = row as { readonly f?: readonly { readonly v: unknown }[] };
  return Object.fromEntries(fields.map((field, index) => [field.name, toJson(field, cells[index]?.v)]));
}

function toJson(field: WarehouseField, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  if (field.mode === "REPEATED") {
    const { mode: _, ...single } = field;
    return (value as readonly { readonly v: unknown }[]).map(({ v }) => toJson(single, v));
  }
  if (field.type === "RECORD" || field.type === "STRUCT") return toObject(field.fields ?? [], value as object);
  const text = String(value);
  if (NUMBERS.has(field.type)) return Number(text);
  if (field.type === "BOOLEAN" || field.type === "BOOL") return text === "true";
  return field.type === "TIMESTAMP" ? toTimestampText(text) : text;
}

/** Seconds since 1970 with a fraction, as `tabledata.list` writes them: "2019-01-01 23:59:59.999999+00:00". */
function toTimestampText(seconds: string): string {
  const micros = Math.round(Number(seconds) * 1e6);
  const [date = "", time = ""] = new Date(Math.floor(micros / 1000)).toISOString().replace("Z", "").split("T");
  const fraction = String(((micros % 1e6) + 1e6) % 1e6).padStart(6, "0");
  return `${date} ${time.slice(0, 8)}${fraction === "000000" ? "" : `.${fraction}`}+00:00`;
}
