import type { DuckDBValue } from "@duckdb/node-api";
import { appendRows } from "../appendRows.js";
import type { BigQueryContext, Call, Handler } from "../context.js";
import { quoteIdentifier } from "../engine/duckTypes.js";
import { type ErrorProto, invalid, tableName, tableNotFound } from "../errors.js";
import { insertTexts } from "../insertTexts.js";
import {
  INSERT_ID_CHARACTERS_MAX,
  INSERT_REQUEST_BYTES_MAX,
  INSERT_ROWS_MAX,
  PAGE_BYTES_MAX,
  PAGE_ROWS_MAX,
} from "../limits.js";
import { etagOf, numberOf, readToken, writeToken } from "../listing.js";
import { checkTableId } from "../names.js";
import type { TableRecord } from "../resources.js";
import type { FieldSchema } from "../schema.js";
import { columnType } from "../storage.js";
import { tableRows } from "../tableBytes.js";
import { formatTimestamps } from "../timestampFormats.js";
import { type RowReader, rowReader } from "../values.js";
import { encodeRows, type WireRow } from "../wire.js";
import { selectFields, selectRow } from "./selectedFields.js";
import { findTable } from "./tables.js";
import { timestampFormat } from "./timestampFormat.js";

interface InsertRow {
  readonly insertId?: string | null;
  readonly json?: unknown;
}

interface RowError {
  readonly index: number;
  readonly errors: readonly ErrorProto[];
}

const insertAll: Handler = async (call, context) => {
  const rows = checkedRows(call);
  const skipInvalid = call.body.skipInvalidRows === true;
  let table = findTable(call, context);
  const suffix = call.body.templateSuffix;
  if (typeof suffix === "string" && suffix !== "") table = await fromTemplate(table, suffix, context);
  if (table.resource.type !== "TABLE") {
    throw invalid(
      `Cannot add rows to a ${table.resource.type.toLowerCase().replaceAll("_", " ")}: ${tableName(table.reference)}`,
    );
  }
  const fields = table.resource.schema?.fields ?? [];
  if (fields.length === 0) throw invalid("The destination table has no schema.");
  const reader = readerOf(table, call.body.ignoreUnknownValues === true);
  const good: { readonly insertId: string | undefined; readonly values: readonly DuckDBValue[] }[] = [];
  const innocent: number[] = [];
  const bad: RowError[] = [];
  for (const [index, row] of rows.entries()) {
    const read = reader.read(row.json ?? {});
    if ("message" in read) {
      bad.push({
        index,
        errors: [{ reason: "invalid", location: read.location, debugInfo: "", message: read.message }],
      });
    } else {
      good.push({ insertId: row.insertId ?? undefined, values: read });
      innocent.push(index);
    }
  }
  if (bad.length > 0 && !skipInvalid) {
    const stopped = innocent.map((index) => ({
      index,
      errors: [{ reason: "stopped", location: "", debugInfo: "", message: "" }],
    }));
    return { kind: "bigquery#tableDataInsertAllResponse", insertErrors: [...bad, ...stopped] };
  }
  await store(table, good, context);
  return { kind: "bigquery#tableDataInsertAllResponse", ...(bad.length > 0 ? { insertErrors: bad } : {}) };
};

/** @throws CloudError invalid when the whole request is beyond what the service takes. */
function checkedRows(call: Call): readonly InsertRow[] {
  const rows = (call.body.rows ?? []) as readonly InsertRow[];
  if (rows.length === 0) throw invalid("No rows present in the request.");
  if (rows.length > INSERT_ROWS_MAX) {
    throw invalid(`too many rows present in the request, limit: ${INSERT_ROWS_MAX} row count: ${rows.length}.`);
  }
  const bytes = Number(call.headers["content-length"] ?? 0);
  if (bytes > INSERT_REQUEST_BYTES_MAX) {
    throw invalid(`Request payload size exceeds the limit: ${INSERT_REQUEST_BYTES_MAX} bytes.`);
  }
  for (const [index, row] of rows.entries()) {
    if ((row.insertId?.length ?? 0) > INSERT_ID_CHARACTERS_MAX) {
      throw invalid(`insertId of row ${index} is longer than ${INSERT_ID_CHARACTERS_MAX} characters.`);
    }
  }
  return rows;
}

const readers = new WeakMap<readonly FieldSchema[], Map<boolean, RowReader>>();

/** Readers are made once for each schema. */
function readerOf(table: TableRecord, ignoreUnknownValues: boolean): RowReader {
  const fields = table.resource.schema?.fields ?? [];
  let known = readers.get(fields);
  if (!known) {
    known = new Map();
    readers.set(fields, known);
  }
  let reader = known.get(ignoreUnknownValues);
  if (!reader) {
    reader = rowReader(fields, insertTexts, { ignoreUnknownValues });
    known.set(ignoreUnknownValues, reader);
  }
  return reader;
}

/** Rows whose insertId was seen within the last minute, or earlier in this request, are kept once. */
async function store(
  table: TableRecord,
  rows: readonly { readonly insertId: string | undefined; readonly values: readonly DuckDBValue[] }[],
  { catalog, streamedIds }: BigQueryContext,
): Promise<void> {
  await catalog.write(async (transaction) => {
    const current = transaction.table(table.reference);
    const physicalName = current?.physicalName;
    if (physicalName === undefined || current?.resource.schema !== table.resource.schema) {
      throw tableNotFound(table.reference);
    }
    const ids = new Set<string>();
    const fresh = rows.filter(({ insertId }) => {
      if (insertId === undefined || insertId === "") return true;
      if (ids.has(insertId) || streamedIds.has(physicalName, insertId)) return false;
      ids.add(insertId);
      return true;
    });
    await appendRows(
      transaction.connection,
      physicalName,
      fresh.map(({ values }) => values),
    );
    transaction.afterCommit(() => streamedIds.add(physicalName, ids));
  });
}

/** `templateSuffix`: rows go to a table of the template's schema and that name, made when it is missing. */
async function fromTemplate(template: TableRecord, suffix: string, { catalog }: BigQueryContext): Promise<TableRecord> {
  const reference = { ...template.reference, tableId: template.reference.tableId + suffix };
  checkTableId(reference.tableId);
  const existing = catalog.table(reference);
  if (existing) return existing;
  return catalog.write(async (transaction) => {
    const { expirationTime: _, ...resource } = template.resource;
    return (
      transaction.table(reference) ??
      (await transaction.createTable(reference, {
        ...resource,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
      }))
    );
  });
}

const list: Handler = async (call, context) => {
  const table = findTable(call, context);
  const { resource } = table;
  if (resource.type === "VIEW" || resource.type === "MATERIALIZED_VIEW") {
    throw invalid(`Cannot list a table of type ${resource.type}.`);
  }
  const all = resource.schema?.fields ?? [];
  const selection = selectFields(all, call.query.get("selectedFields"));
  const token = call.query.get("pageToken");
  const start = token ? Number(readToken(token)) : numberOf(call, "startIndex", 0);
  const limit = Math.min(numberOf(call, "maxResults", PAGE_ROWS_MAX), PAGE_ROWS_MAX);
  const total = await tableRows(context.catalog, table);
  const rows = await readTableRows(table, selection.columns, start, limit, context);
  const page = rows.map((row) => selectRow(row, selection));
  const shown = formatTimestamps(page, selection.fields, timestampFormat(call));
  const next = start + shown.length;
  return {
    kind: "bigquery#tableDataList",
    etag: etagOf(table.reference, resource, total, start, shown.length),
    totalRows: String(total),
    ...(next < total && shown.length > 0 ? { pageToken: writeToken(String(next)) } : {}),
    ...(shown.length === 0 ? {} : { rows: shown }),
  };
};

/** Rows of a table in the order in which they lie, about 10 MB at most. */
export async function readTableRows(
  table: TableRecord,
  columns: readonly FieldSchema[],
  start: number,
  limit: number,
  { catalog }: BigQueryContext,
): Promise<readonly WireRow[]> {
  const { physicalName } = table;
  if (limit === 0 || physicalName === undefined) return [];
  const types = columns.map(columnType);
  const names = columns.map((field) => quoteIdentifier(field.name)).join(", ");
  return catalog.database.read(async (connection) => {
    const result = await connection.stream(`SELECT ${names} FROM main.${physicalName} LIMIT ${limit} OFFSET ${start}`);
    const rows: WireRow[] = [];
    let bytes = 0;
    for await (const chunk of result) {
      for (const row of encodeRows(chunk, types)) {
        bytes += JSON.stringify(row).length;
        if (bytes > PAGE_BYTES_MAX && rows.length > 0) return rows;
        rows.push(row);
      }
    }
    return rows;
  });
}

export const tabledata: Readonly<Record<string, Handler>> = {
  "tabledata.insertAll": insertAll,
  "tabledata.list": list,
};
