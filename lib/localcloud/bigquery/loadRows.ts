import type { DuckDBValue } from "@duckdb/node-api";
import { type CsvRecord, readCsv } from "./csv.js";
import type { LoadConfiguration } from "./loadJob.js";
import { loadTexts, parseText } from "./loadTexts.js";
import { parseJsonExact } from "./numbers.js";
import type { FieldSchema } from "./schema.js";
import { scalarKind } from "./storage.js";
import { readScalar, rowReader } from "./values.js";

/** One row of an uploaded file in the order of `fields`, or why it is none. */
export type LoadedRow = readonly DuckDBValue[] | { readonly message: string };

/** Rows of newline-delimited JSON. */
export function* jsonRows(text: string, fields: readonly FieldSchema[], load: LoadConfiguration): Generator<LoadedRow> {
  const reader = rowReader(fields, loadTexts, {
    ignoreUnknownValues: load.ignoreUnknownValues === true,
    jsonValues: true,
  });
  for (const { line, position } of lines(text)) {
    const where = `JSON parsing error in row starting at position ${position}: `;
    let row: unknown;
    try {
      row = parseJsonExact(line);
    } catch {
      yield { message: `${where}Parser terminated before end of string` };
      continue;
    }
    if (typeof row !== "object" || row === null || Array.isArray(row)) {
      yield { message: `${where}Start of array encountered without start of object.` };
      continue;
    }
    const read = reader.read(row);
    yield "message" in read ? { message: where + read.message } : read;
  }
}

/** Lines that are not blank, with the byte at which each begins. */
export function* lines(text: string): Generator<{ readonly line: string; readonly position: number }> {
  let start = 0;
  let position = 0;
  while (start < text.length) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end === -1 ? text.length : end);
    if (line.trim() !== "") yield { line, position };
    position += Buffer.byteLength(line) + 1;
    start += line.length + 1;
  }
}

export function csvOptions(load: LoadConfiguration): {
  delimiter: string;
  quote: string;
  allowQuotedNewlines: boolean;
} {
  const given = load.fieldDelimiter ?? ",";
  const delimiter = given === "\\t" || given.toLowerCase() === "tab" ? "\t" : given === "" ? "," : given;
  return { delimiter, quote: load.quote ?? '"', allowQuotedNewlines: load.allowQuotedNewlines === true };
}

/** Rows of CSV; `columns` are the fields in the order of the file. */
export function* csvRows(text: string, columns: readonly FieldSchema[], load: LoadConfiguration): Generator<LoadedRow> {
  const skip = Number(load.skipLeadingRows ?? 0);
  const markers = [...(load.nullMarkers ?? []), ...(load.nullMarker ? [load.nullMarker] : [])];
  let index = 0;
  for (const record of readCsv(text, csvOptions(load))) {
    index += 1;
    if (index <= skip) continue;
    yield csvRow(record, columns, load, markers);
  }
}

function csvRow(
  record: CsvRecord,
  columns: readonly FieldSchema[],
  load: LoadConfiguration,
  markers: readonly string[],
): LoadedRow {
  const where = `line_number: ${record.line} byte_offset_to_start_of_line: ${record.byteOffset}`;
  if (record.problem !== undefined) return { message: `${record.problem}; ${where}` };
  const { values } = record;
  if (values.length > columns.length && load.ignoreUnknownValues !== true) {
    return {
      message: `Too many values in line. Found ${values.length} column(s) while expected ${columns.length}.; ${where}`,
    };
  }
  if (values.length < columns.length && load.allowJaggedRows !== true) {
    return {
      message: `CSV table references column position ${values.length}, but line contains only ${values.length} columns.; ${where}`,
    };
  }
  const row: DuckDBValue[] = [];
  for (const [index, field] of columns.entries()) {
    const cell = values[index];
    const at = `${where} column_index: ${index} column_name: "${field.name}" column_type: ${scalarKind(field.type) ?? field.type}`;
    if (cell === undefined || isNull(cell, markers)) {
      if (field.mode === "REQUIRED")
        return {
          message: `Required column value for column index: ${index} is missing in row starting at position: ${record.byteOffset}; ${at}`,
        };
      row.push(null);
      continue;
    }
    const kind = scalarKind(field.type);
    const value = kind === undefined ? undefined : readScalar(kind, cell.text);
    if (kind === undefined || value === undefined) {
      return {
        message: `${kind === undefined ? `CSV cannot hold type ${field.type}` : parseText(kind, cell.text)}; ${at} value: "${cell.text}"`,
      };
    }
    row.push(value);
  }
  return row;
}

/** Without a marker an unquoted empty field is NULL; quoted it is the empty text. */
function isNull(cell: { readonly text: string; readonly quoted: boolean }, markers: readonly string[]): boolean {
  if (markers.length > 0) return markers.includes(cell.text);
  return cell.text === "" && !cell.quoted;
}
