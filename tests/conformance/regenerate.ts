import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { valueText } from "activate/localcloud/bigquery/engine/literals.js";
import { GoogleSql } from "activate/localcloud/bigquery/googlesql/analyzer.js";
import type { Type, Value } from "activate/localcloud/bigquery/googlesql/contract/resolved.js";
import { sqlTypeOf } from "activate/localcloud/bigquery/googlesql/types.js";
import type { SqlType } from "activate/localcloud/bigquery/schema.js";
import type { WireField } from "./client.js";
import { type CorpusCase, corpusCases, corpusTables, type Expected, FOLDER } from "./corpus.js";

/**
 * Asks Google's reference evaluator for the answers of every case of the corpus and stores them beside it:
 * `npm run build && node build/tests/conformance/regenerate.js`.
 */
async function main(): Promise<void> {
  const googleSql = await GoogleSql.open();
  const bySubject = new Map<string, Expected[]>();
  for (const one of corpusCases()) {
    const list = bySubject.get(one.subject) ?? [];
    bySubject.set(one.subject, list);
    list.push(answerOf(one, googleSql));
  }
  for (const [subject, list] of bySubject) {
    const file = join(FOLDER, `${subject}.expected.jsonl`);
    writeFileSync(file, list.map((expected) => `${JSON.stringify(expected)}\n`).join(""));
    console.log(
      `${subject}: ${list.length} cases, ${list.filter(({ error }) => error !== undefined).length} of them errors`,
    );
  }
}

function answerOf({ name, expectedBy }: CorpusCase, googleSql: GoogleSql): Expected {
  const tables = corpusTables().filter((table) => new RegExp(`\\b${table.name}\\b`).test(expectedBy));
  const fixtures = tables.map((table) => `${table.name} AS (${table.select})`).join(", ");
  const sql = fixtures === "" ? expectedBy : `WITH ${fixtures} (${expectedBy})`;
  try {
    const { columns, rows } = googleSql.evaluate(sql);
    const types = columns.map((column) => sqlTypeOf(column.type as Type));
    return {
      name,
      schema: columns.map((column, index) => fieldOf(column.name, types[index] ?? { kind: "STRING" })),
      rows: rows.map((row) => ({
        f: row.cell.map((cell, index) => ({ v: wireOf(cell, types[index] ?? { kind: "STRING" }) })),
      })),
    };
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return { name, error: message.replace(/^Code: \d+, Message: /, "").replace(/ \[at \d+:\d+\]\s*$/, "") };
  }
}

const LEGACY: Readonly<Record<string, string>> = {
  INT64: "INTEGER",
  FLOAT64: "FLOAT",
  BOOL: "BOOLEAN",
  STRUCT: "RECORD",
};

function fieldOf(name: string, type: SqlType): WireField {
  if (type.kind === "ARRAY") return { ...fieldOf(name, type.element), mode: "REPEATED" };
  return {
    name,
    type: LEGACY[type.kind] ?? type.kind,
    ...(type.kind === "STRUCT" && { fields: type.fields.map((field) => fieldOf(field.name, field.type)) }),
    ...(type.kind === "RANGE" && { rangeElementType: { type: type.element.kind } }),
  };
}

function wireOf(value: Value, type: SqlType): unknown {
  switch (type.kind) {
    case "INT64":
      return value.int64_value?.toString() ?? null;
    case "FLOAT64":
      return value.double_value === undefined ? null : String(value.double_value);
    case "BOOL":
      return value.bool_value === undefined ? null : String(value.bool_value);
    case "STRING":
      return value.string_value ?? null;
    case "JSON":
      return value.json_value ?? null;
    case "BYTES":
      return value.bytes_value === undefined ? null : Buffer.from(value.bytes_value).toString("base64");
    case "ARRAY":
      return (value.array_value?.element ?? []).map((element) => ({ v: wireOf(element, type.element) }));
    case "STRUCT": {
      const struct = value.struct_value;
      return struct
        ? { f: type.fields.map((field, index) => ({ v: wireOf(struct.field[index] ?? {}, field.type) })) }
        : null;
    }
    case "RANGE": {
      const range = value.range_value;
      const bound = (end: Value | undefined) => wireOf(end ?? {}, type.element) ?? "UNBOUNDED";
      return range ? `[${String(bound(range.start))}, ${String(bound(range.end))})` : null;
    }
    default:
      return valueText(value, type) ?? null;
  }
}

void main();
