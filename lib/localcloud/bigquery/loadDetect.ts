import { readCsv } from "./csv.js";
import { invalid } from "./errors.js";
import type { LoadConfiguration } from "./loadJob.js";
import { csvOptions, lines } from "./loadRows.js";
import { parseInt64 } from "./numbers.js";
import type { FieldSchema } from "./schema.js";
import { parseDate, parseDatetime, parseTime, parseTimestamp } from "./times.js";

/** Schema auto-detection over the first rows (docs.cloud.google.com/bigquery/docs/schema-detect: "up to the first 500 rows"). */
const SAMPLE_ROWS = 500;

export interface Detected {
  readonly fields: readonly FieldSchema[];
  /** Rows at the head of a CSV file that name the columns. */
  readonly headerRows: number;
}

/** @throws CloudError invalid when there is nothing to look at. */
export function detectSchema(text: string, load: LoadConfiguration): Detected {
  return (load.sourceFormat ?? "CSV") === "CSV" ? detectCsv(text, load) : { fields: detectJson(text), headerRows: 0 };
}

function detectCsv(text: string, load: LoadConfiguration): Detected {
  const skip =
    load.skipLeadingRows === undefined || load.skipLeadingRows === null ? undefined : Number(load.skipLeadingRows);
  const rows: string[][] = [];
  for (const record of readCsv(text, csvOptions(load))) {
    rows.push(record.values.map((value) => value.text));
    if (rows.length > SAMPLE_ROWS + (skip ?? 0)) break;
  }
  const head = skip === undefined || skip === 0 ? rows[0] : rows[skip - 1];
  if (!head) throw invalid("Schema has no fields: the file is empty.");
  const body = rows.slice(skip === undefined || skip === 0 ? 1 : skip);
  const types = head.map((_, index) => typeOfAll(body.map((row) => row[index] ?? "")));
  const named = skip !== undefined && skip > 0 ? true : isHeader(head, types, body.length);
  const names = named ? columnNames(head) : head.map((_, index) => `string_field_${index}`);
  const all = named ? types : head.map((_, index) => typeOfAll(rows.map((row) => row[index] ?? "")));
  const fields = names.map((name, index) => {
    const type = all[index] ?? "STRING";
    return { name: named ? name : `${PREFIX[type] ?? "string"}_field_${index}`, type, mode: "NULLABLE" as const };
  });
  return { fields, headerRows: named ? (skip ?? 1) || 1 : 0 };
}

const PREFIX: Readonly<Record<string, string>> = {
  INTEGER: "int64",
  FLOAT: "double",
  BOOLEAN: "bool",
  TIMESTAMP: "timestamp",
  DATE: "date",
  DATETIME: "datetime",
  TIME: "time",
};

/** The first row names the columns when it is all text and some column below is not. */
function isHeader(head: readonly string[], types: readonly string[], rows: number): boolean {
  const allText = head.every((value) => value !== "" && typeOf(value) === "STRING");
  return allText && rows > 0 && types.some((type) => type !== "STRING");
}

/** Header texts as column names: what cannot stand in one becomes an underscore, repeats are numbered. */
function columnNames(head: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return head.map((text, index) => {
    const cleaned =
      text
        .trim()
        .replace(/[^A-Za-z0-9_]/g, "_")
        .replace(/^(?=\d)/, "_") || `string_field_${index}`;
    const times = seen.get(cleaned.toLowerCase()) ?? 0;
    seen.set(cleaned.toLowerCase(), times + 1);
    return times === 0 ? cleaned : `${cleaned}_${times}`;
  });
}

function typeOfAll(values: readonly string[]): string {
  const types = new Set(values.filter((value) => value !== "").map(typeOf));
  return joinTypes([...types]);
}

function joinTypes(types: readonly string[]): string {
  const [first, ...others] = types;
  if (first === undefined) return "STRING";
  return others.reduce((joined, type) => {
    if (joined === type) return joined;
    if ([joined, type].every((one) => one === "INTEGER" || one === "FLOAT")) return "FLOAT";
    if ([joined, type].every((one) => one === "DATE" || one === "TIMESTAMP")) return "TIMESTAMP";
    return "STRING";
  }, first);
}

function typeOf(text: string): string {
  if (parseInt64(text) !== undefined && !text.includes(".")) return "INTEGER";
  if (/^\s*[+-]?(\d+\.\d*|\.\d+|\d+)([eE][+-]?\d+)?\s*$/.test(text)) return "FLOAT";
  if (/^\s*(true|false)\s*$/i.test(text)) return "BOOLEAN";
  if (parseDate(text) !== undefined) return "DATE";
  if (/(?:Z|UTC|[+-]\d{1,2}:?\d{2})\s*$/i.test(text) && parseTimestamp(text) !== undefined) return "TIMESTAMP";
  if (/\dT?\s?\d/.test(text) && parseDatetime(text) !== undefined) return /T/.test(text) ? "DATETIME" : "TIMESTAMP";
  return parseTime(text) !== undefined && /^\s*\d{1,2}:\d{2}:\d{2}/.test(text) ? "TIME" : "STRING";
}

interface Shape {
  repeated: boolean;
  readonly types: Set<string>;
  readonly fields: Map<string, Shape>;
}

const newShape = (): Shape => ({ repeated: false, types: new Set(), fields: new Map() });

function detectJson(text: string): readonly FieldSchema[] {
  const root = newShape();
  let rows = 0;
  for (const { line } of lines(text)) {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      throw invalid(
        "Error while reading data, error message: JSON parsing error: Parser terminated before end of string",
      );
    }
    look(row, root);
    rows += 1;
    if (rows >= SAMPLE_ROWS) break;
  }
  if (root.fields.size === 0) throw invalid("Schema has no fields: the file has no JSON objects.");
  return fieldsOf(root);
}

function look(value: unknown, shape: Shape): void {
  if (value === null || value === undefined) return;
  if (Array.isArray(value)) {
    shape.repeated = true;
    for (const item of value) look(item, shape);
  } else if (typeof value === "object") {
    shape.types.add("RECORD");
    for (const [name, inner] of Object.entries(value)) {
      let field = shape.fields.get(name);
      if (!field) {
        field = newShape();
        shape.fields.set(name, field);
      }
      look(inner, field);
    }
  } else if (typeof value === "number") shape.types.add(Number.isInteger(value) ? "INTEGER" : "FLOAT");
  else if (typeof value === "boolean") shape.types.add("BOOLEAN");
  else shape.types.add(typeOf(String(value)));
}

function fieldsOf(shape: Shape): readonly FieldSchema[] {
  return [...shape.fields].map(([name, inner]) => {
    const mode = inner.repeated ? ("REPEATED" as const) : ("NULLABLE" as const);
    if (inner.types.has("RECORD")) return { name, type: "RECORD", mode, fields: fieldsOf(inner) };
    return { name, type: joinTypes([...inner.types]), mode };
  });
}
