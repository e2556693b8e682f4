import { setImmediate as yieldToOthers } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import type { DuckDBValue } from "@duckdb/node-api";
import { CloudError } from "../platform/errors.js";
import { appendRows } from "./appendRows.js";
import type { CatalogTransaction } from "./catalog.js";
import type { BigQueryContext } from "./context.js";
import {
  datasetNotFound,
  type ErrorProto,
  invalid,
  notSupported,
  tableExists,
  tableName,
  tableNotFound,
} from "./errors.js";
import { expiration } from "./expiration.js";
import type { Job, JobOutcome, JobReference } from "./jobs.js";
import { detectSchema } from "./loadDetect.js";
import { csvRows, jsonRows, type LoadedRow } from "./loadRows.js";
import { checkTableId } from "./names.js";
import { parseUri, resolveUris } from "./objects.js";
import type { ParquetOptions } from "./parquet/columns.js";
import { loadParquet, type ParquetLoad } from "./parquet/read.js";
import type { TableRecord, TableResource } from "./resources.js";
import type { FieldSchema, TableReference } from "./schema.js";
import { isRecord } from "./storage.js";
import { checkLayout, evolveFields, readFields } from "./tableSchema.js";

/** `JobConfigurationLoad`, as far as it is honoured. */
export interface LoadConfiguration {
  readonly destinationTable: TableReference;
  readonly sourceUris?: readonly string[] | null;
  readonly schema?: { readonly fields?: readonly FieldSchema[] } | null;
  readonly autodetect?: boolean | null;
  readonly sourceFormat?: string | null;
  readonly createDisposition?: string | null;
  readonly writeDisposition?: string | null;
  readonly schemaUpdateOptions?: readonly string[] | null;
  readonly skipLeadingRows?: number | null;
  readonly fieldDelimiter?: string | null;
  readonly quote?: string | null;
  readonly allowQuotedNewlines?: boolean | null;
  readonly allowJaggedRows?: boolean | null;
  readonly nullMarker?: string | null;
  readonly nullMarkers?: readonly string[] | null;
  readonly encoding?: string | null;
  readonly ignoreUnknownValues?: boolean | null;
  readonly maxBadRecords?: number | null;
  readonly timePartitioning?: TableResource["timePartitioning"] | null;
  readonly rangePartitioning?: TableResource["rangePartitioning"] | null;
  readonly clustering?: TableResource["clustering"] | null;
  readonly parquetOptions?: ParquetOptions | null;
  readonly decimalTargetTypes?: readonly string[] | null;
  readonly destinationTableProperties?: Pick<TableResource, "friendlyName" | "description" | "labels"> | null;
}

/** Rows that are appended at once. */
const BATCH_ROWS = 2_048;
/** Entries of `status.errors` at most. */
const ERRORS_SHOWN = 100;

/** What can be said before the job runs: the request fails, not the job. @throws CloudError */
export function checkLoad(
  { projectId }: JobReference,
  load: LoadConfiguration,
  data: Uint8Array | undefined,
  { catalog }: BigQueryContext,
): void {
  if (!load.destinationTable?.tableId) throw invalid("Required parameter is missing: load.destinationTable");
  checkTableId(load.destinationTable.tableId);
  const uris = load.sourceUris ?? [];
  for (const uri of uris) parseUri(uri);
  if (data !== undefined && uris.length > 0)
    throw invalid("A load job takes sourceUris or an uploaded file, not both.");
  if (data === undefined && uris.length === 0)
    throw invalid("Required parameter is missing: load.sourceUris, or the file uploaded with the job");
  const format = load.sourceFormat ?? "CSV";
  if (!["CSV", "NEWLINE_DELIMITED_JSON", "PARQUET"].includes(format)) {
    throw notSupported(`Loading sourceFormat ${format}`, "Use CSV, NEWLINE_DELIMITED_JSON or PARQUET.");
  }
  if (format !== "PARQUET" && (load.parquetOptions || load.decimalTargetTypes))
    throw notSupported("parquetOptions and decimalTargetTypes with another format", "Use them with PARQUET.");
  if (load.encoding && !["UTF-8", "ISO-8859-1"].includes(load.encoding.toUpperCase())) {
    throw notSupported(`Encoding ${load.encoding}`, "Use UTF-8 or ISO-8859-1.");
  }
  const dataset = {
    projectId: load.destinationTable.projectId ?? projectId,
    datasetId: load.destinationTable.datasetId,
  };
  if (!catalog.dataset(dataset)) throw datasetNotFound(dataset);
}

/** Loads an uploaded file, or objects of Cloud Storage: all their rows or none, in one transaction with the table and the job's record. */
export async function runLoad(
  job: Job,
  load: LoadConfiguration,
  data: Uint8Array | undefined,
  context: BigQueryContext,
): Promise<JobOutcome> {
  const at = { ...load.destinationTable, projectId: load.destinationTable.projectId ?? job.reference.projectId };
  const { objects } = context;
  const files: readonly LoadFile[] =
    data === undefined
      ? (await resolveUris(objects, load.sourceUris ?? [])).map(({ bucket, name }) => ({
          uri: `gs://${bucket}/${name}`,
          read: () => objects.read(bucket, name),
        }))
      : [{ read: async () => data }];
  return context.catalog.write(async (transaction) => {
    const loaded = { rows: 0, bytes: 0, bad: [] as ErrorProto[] };
    let target: Target | undefined;
    for (const file of files) {
      const content = await file.read();
      loaded.bytes += content.byteLength;
      if (load.sourceFormat === "PARQUET") {
        loaded.rows += await loadParquetFile(transaction, at, content, load, file === files[0], job.abort.signal);
        continue;
      }
      const text = decode(content, load);
      target ??= await prepareTable(transaction, at, text, load);
      await copyRows(transaction, target, text, load, loaded, file.uri, job.abort.signal);
    }
    await transaction.touchRows(at);
    const outcome: JobOutcome = {
      configuration: job.configuration,
      statistics: {
        load: {
          inputFiles: String(files.length),
          inputFileBytes: String(loaded.bytes),
          outputRows: String(loaded.rows),
          outputBytes: String(loaded.bytes),
          badRecords: String(loaded.bad.length),
        },
      },
      warnings: loaded.bad.slice(0, ERRORS_SHOWN),
      rows: { kind: "none" },
    };
    await context.jobs.record(transaction, job.stored(outcome, context.clock.now()));
    return outcome;
  });
}

interface LoadFile {
  /** Absent for a file that was uploaded with the job. */
  readonly uri?: string;
  read(): Promise<Uint8Array>;
}

/** Rows of all files so far. */
interface Loaded {
  rows: number;
  bytes: number;
  readonly bad: ErrorProto[];
}

/** CSV and JSON may be compressed by gzip (its magic number, RFC 1952). @throws CloudError invalid */
function decode(content: Uint8Array, load: LoadConfiguration): string {
  const latin = load.encoding?.toUpperCase() === "ISO-8859-1";
  let bytes = content;
  if (content[0] === 0x1f && content[1] === 0x8b) {
    try {
      bytes = gunzipSync(content);
    } catch (cause) {
      throw new CloudError("INVALID_ARGUMENT", "Error while reading data, error message: the gzip data is damaged.", {
        reason: "invalid",
        cause,
      });
    }
  }
  return new TextDecoder(latin ? "latin1" : "utf-8").decode(bytes);
}

interface Target {
  readonly record: TableRecord;
  /** Columns of a CSV file in the order of the file. */
  readonly fileFields: readonly FieldSchema[];
  readonly headerRows: number;
}

async function prepareTable(
  transaction: CatalogTransaction,
  at: TableReference,
  text: string,
  load: LoadConfiguration,
): Promise<Target> {
  const { existing, given } = targetOf(transaction, at, load);
  const old = existing?.resource.schema?.fields;
  const detect = given === undefined && load.autodetect === true;
  const detected = detect
    ? detectSchema(text, load)
    : { fields: given ?? old, headerRows: Number(load.skipLeadingRows ?? 0) };
  if (!detected.fields) throw invalid("No schema specified on job or table.");
  const fileFields = detected.fields;
  const record = await tableFor(transaction, at, fileFields, given !== undefined || detect, load);
  return { record, fileFields, headerRows: detected.headerRows };
}

interface LoadTarget {
  readonly existing: TableRecord | undefined;
  /** The schema of the job. */
  readonly given: readonly FieldSchema[] | undefined;
}

/** @throws CloudError notFound, invalid */
function targetOf(transaction: CatalogTransaction, at: TableReference, load: LoadConfiguration): LoadTarget {
  if (!transaction.dataset(at)) throw datasetNotFound(at);
  const existing = transaction.table(at);
  if (existing && existing.resource.type !== "TABLE")
    throw invalid(`Cannot load into ${tableName(at)}: it is a ${existing.resource.type}.`);
  const given = load.schema?.fields && load.schema.fields.length > 0 ? readFields(load.schema.fields) : undefined;
  return { existing, given };
}

/** The table, made or changed as the dispositions have it. */
async function tableFor(
  transaction: CatalogTransaction,
  at: TableReference,
  fileFields: readonly FieldSchema[],
  newSchema: boolean,
  load: LoadConfiguration,
): Promise<TableRecord> {
  const owner = transaction.dataset(at);
  if (!owner) throw datasetNotFound(at);
  const existing = transaction.table(at);
  if (!existing) {
    if (load.createDisposition === "CREATE_NEVER") throw tableNotFound(at);
    const layout = layoutOf(load);
    checkLayout(layout, fileFields);
    const now = transaction.now;
    return transaction.createTable(at, {
      ...(load.destinationTableProperties ?? {}),
      ...layout,
      ...expiration({}, owner, Number(now)),
      type: "TABLE",
      schema: { fields: fileFields },
      location: owner.resource.location,
      creationTime: now,
      lastModifiedTime: now,
    });
  }
  return replaceOrExtend(transaction, existing, fileFields, newSchema, load);
}

/** A Parquet file brings its schema; the first of a job decides on the table, the others are added to it. */
async function loadParquetFile(
  transaction: CatalogTransaction,
  at: TableReference,
  content: Uint8Array,
  load: LoadConfiguration,
  isFirst: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { existing, given } = targetOf(transaction, at, load);
  const rules = isFirst ? load : { ...load, writeDisposition: "WRITE_APPEND" };
  const keepsTable = rules.writeDisposition !== "WRITE_TRUNCATE";
  const how: ParquetLoad = {
    wanted: given ?? (keepsTable ? existing?.resource.schema?.fields : undefined),
    strict: given !== undefined,
    ignoreUnknown: load.ignoreUnknownValues === true,
    decimals: load.decimalTargetTypes ?? ["NUMERIC"],
    options: load.parquetOptions ?? {},
  };
  return loadParquet(
    content,
    how,
    transaction.connection,
    async (found) => {
      const fields = given ? given.map((field) => ({ ...field, ...sameColumn(found, field) })) : found;
      const record = await tableFor(transaction, at, readFields(fields), true, rules);
      return { fields: record.resource.schema?.fields ?? [], physicalName: record.physicalName ?? "" };
    },
    signal,
  );
}

/** The type that the file gives a column of the job's schema; its description and mode stay the job's. */
function sameColumn(found: readonly FieldSchema[], { name, mode }: FieldSchema): Partial<FieldSchema> {
  const column = found.find((other) => other.name.toLowerCase() === name.toLowerCase());
  if (!column) return {};
  const { type, fields } = column;
  const repeated = column.mode === "REPEATED" || mode === "REPEATED";
  return { type, ...(fields ? { fields } : {}), ...(repeated ? { mode: column.mode ?? "NULLABLE" } : {}) };
}

function layoutOf(
  load: LoadConfiguration,
): Pick<TableResource, "timePartitioning" | "rangePartitioning" | "clustering"> {
  return {
    ...(load.timePartitioning ? { timePartitioning: load.timePartitioning } : {}),
    ...(load.rangePartitioning ? { rangePartitioning: load.rangePartitioning } : {}),
    ...(load.clustering?.fields ? { clustering: load.clustering } : {}),
  };
}

async function replaceOrExtend(
  transaction: CatalogTransaction,
  existing: TableRecord,
  fields: readonly FieldSchema[],
  newSchema: boolean,
  load: LoadConfiguration,
): Promise<TableRecord> {
  const at = existing.reference;
  const old = existing.resource.schema?.fields;
  const write = load.writeDisposition ?? "WRITE_APPEND";
  if (write === "WRITE_EMPTY" && existing.physicalName !== undefined) {
    const found = await transaction.connection.runAndReadAll(`SELECT 1 FROM main.${existing.physicalName} LIMIT 1`);
    if (found.currentRowCount > 0) throw tableExists(at);
  }
  if (write === "WRITE_TRUNCATE" || write === "WRITE_TRUNCATE_DATA") {
    await transaction.dropTable(at);
    const schema = newSchema && write === "WRITE_TRUNCATE" ? fields : (old ?? fields);
    const { creationTime } = existing.resource;
    return transaction.createTable(at, { ...existing.resource, schema: { fields: schema }, creationTime });
  }
  if (!newSchema) return existing;
  const options = load.schemaUpdateOptions ?? [];
  const before = old ?? [];
  const merged = evolveFields(at, before, withMissing(fields, before), {
    additions: before.length === 0 || options.includes("ALLOW_FIELD_ADDITION"),
    relaxations: options.includes("ALLOW_FIELD_RELAXATION"),
  });
  return same(merged, before) ? existing : transaction.changeSchema(at, merged);
}

/** A load's schema may leave columns out that may be NULL; their descriptions and defaults stay the table's. */
function withMissing(fields: readonly FieldSchema[], before: readonly FieldSchema[]): readonly FieldSchema[] {
  const kept = before.map((old): FieldSchema => {
    const given = fields.find((field) => field.name.toLowerCase() === old.name.toLowerCase());
    if (!given) return old.mode === "REQUIRED" ? { ...old, mode: "NULLABLE" } : old;
    if (!isRecord(old.type) || !isRecord(given.type))
      return { ...old, type: given.type, mode: given.mode ?? "NULLABLE" };
    return { ...old, mode: given.mode ?? "NULLABLE", fields: withMissing(given.fields ?? [], old.fields ?? []) };
  });
  const added = fields.filter((field) => !before.some((old) => old.name.toLowerCase() === field.name.toLowerCase()));
  return [...kept, ...added];
}

function same(a: readonly FieldSchema[], b: readonly FieldSchema[]): boolean {
  const normal = (fields: readonly FieldSchema[]): unknown =>
    fields.map((field) => [field.name, field.type, field.mode ?? "NULLABLE", normal(field.fields ?? [])]);
  return JSON.stringify(normal(a)) === JSON.stringify(normal(b));
}

async function copyRows(
  transaction: CatalogTransaction,
  { record, fileFields, headerRows }: Target,
  text: string,
  load: LoadConfiguration,
  loaded: Loaded,
  uri: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const csv = (load.sourceFormat ?? "CSV") === "CSV";
  const fields = record.resource.schema?.fields ?? [];
  const places = fields.map((field) =>
    fileFields.findIndex((other) => other.name.toLowerCase() === field.name.toLowerCase()),
  );
  const source: Iterable<LoadedRow> = csv
    ? csvRows(text, fileFields, { ...load, skipLeadingRows: headerRows })
    : jsonRows(text, fields, load);
  const { bad } = loaded;
  const where = uri === undefined ? "" : ` File: ${uri}`;
  const max = load.maxBadRecords ?? 0;
  let batch: (readonly DuckDBValue[])[] = [];
  const flush = async (): Promise<void> => {
    signal.throwIfAborted();
    await appendRows(transaction.connection, record.physicalName ?? "", batch);
    loaded.rows += batch.length;
    batch = [];
    await yieldToOthers();
  };
  for (const row of source) {
    if ("message" in row) {
      bad.push({ reason: "invalid", message: `Error while reading data, error message: ${row.message}${where}` });
      if (bad.length > max)
        throw tooManyErrors(csv ? "CSV" : "JSON", loaded.rows + batch.length + bad.length, bad, max);
      continue;
    }
    batch.push(csv ? places.map((place) => row[place] ?? null) : row);
    if (batch.length >= BATCH_ROWS) await flush();
  }
  if (batch.length > 0) await flush();
}

/** A failure that lists the rows behind it. */
export class LoadError extends CloudError {
  constructor(
    message: string,
    readonly rows: readonly ErrorProto[],
  ) {
    super("INVALID_ARGUMENT", message, { reason: "invalid" });
  }
}

function tooManyErrors(format: string, rows: number, bad: readonly ErrorProto[], max: number): LoadError {
  return new LoadError(
    `Error while reading data, error message: ${format} processing encountered too many errors, giving up. Rows: ${rows}; errors: ${bad.length}; max bad: ${max}; error percent: 0`,
    bad.slice(0, ERRORS_SHOWN),
  );
}
