import type { WireValue } from "../engine/engine.js";
import { invalid } from "../errors.js";
import type { FieldSchema } from "../schema.js";
import { isRecord } from "../storage.js";
import type { WireRow } from "../wire.js";

/** `selectedFields=a,e.d.f`: those columns in the order of the schema, records cut down to the fields named. */
export interface Selection {
  /** The columns to read, whole. */
  readonly columns: readonly FieldSchema[];
  /** What is left of them. */
  readonly fields: readonly FieldSchema[];
}

/** @throws CloudError invalid for a name that the schema lacks. */
export function selectFields(fields: readonly FieldSchema[], selected: string | null): Selection {
  if (!selected) return { columns: fields, fields };
  const paths = selected.split(",").map((path) => path.trim().split("."));
  const kept = cut(fields, paths, "");
  const names = new Set(kept.map((field) => field.name));
  return { columns: fields.filter((field) => names.has(field.name)), fields: kept };
}

function cut(fields: readonly FieldSchema[], paths: readonly (readonly string[])[], prefix: string): FieldSchema[] {
  for (const [name = ""] of paths) {
    if (!fields.some((field) => field.name.toLowerCase() === name.toLowerCase())) {
      throw invalid(`Field ${prefix}${name} not found in table schema.`, "selectedFields");
    }
  }
  return fields.flatMap((field) => {
    const mine = paths
      .filter(([name]) => name?.toLowerCase() === field.name.toLowerCase())
      .map((path) => path.slice(1));
    if (mine.length === 0) return [];
    if (!isRecord(field.type) || mine.some((rest) => rest.length === 0)) return [field];
    return [{ ...field, fields: cut(field.fields ?? [], mine, `${prefix}${field.name}.`) }];
  });
}

/** The row with only the selected fields of its records. */
export function selectRow(row: WireRow, { columns, fields }: Selection): WireRow {
  if (columns.every((column, index) => column === fields[index])) return row;
  return { f: row.f.map(({ v }, index) => ({ v: selectValue(v, columns[index], fields[index]) })) };
}

function selectValue(value: WireValue, from: FieldSchema | undefined, to: FieldSchema | undefined): WireValue {
  if (!from || !to || from === to || value === null || typeof value === "string") return value;
  if (!("f" in value)) return value.map((cell) => ({ v: selectValue(cell.v, from, to) }));
  const all = from.fields ?? [];
  return {
    f: (to.fields ?? []).map((field) => {
      const index = all.findIndex((other) => other.name === field.name);
      return { v: selectValue(value.f[index]?.v ?? null, all[index], field) };
    }),
  };
}
