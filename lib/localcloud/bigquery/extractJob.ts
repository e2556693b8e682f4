import { Readable } from "node:stream";
import type { DuckDBDataChunk } from "@duckdb/node-api";
import { CloudError } from "../platform/errors.js";
import type { BigQueryContext } from "./context.js";
import { quoteIdentifier } from "./engine/duckTypes.js";
import { datasetNotFound, invalid, modelNotFound, notSupported, tableName, tableNotFound } from "./errors.js";
import { checkFormat, ExportFiles, type ExportOptions } from "./exportFiles.js";
import type { Job, JobOutcome, JobReference } from "./jobs.js";
import { parseUri, shardOf } from "./objects.js";
import { parquetCodec, parquetFile } from "./parquet/write.js";
import type { TableRecord } from "./resources.js";
import type { TableReference } from "./schema.js";
import { columnType } from "./storage.js";
import { tableSize } from "./tableBytes.js";
import { encodeRows } from "./wire.js";

/** `JobConfigurationExtract`, as far as it is honoured. */
export interface ExtractConfiguration {
  readonly sourceTable?: TableReference | null;
  readonly sourceModel?: { readonly projectId?: string; readonly datasetId: string; readonly modelId: string } | null;
  readonly destinationUris?: readonly string[] | null;
  readonly destinationUri?: string | null;
  readonly destinationFormat?: string | null;
  readonly compression?: string | null;
  readonly printHeader?: boolean | null;
  readonly fieldDelimiter?: string | null;
}

export interface ExtractPlan {
  readonly source: TableReference;
  readonly options: ExportOptions;
  /** By DuckDB's name; for PARQUET alone. */
  readonly codec?: string;
}

/** What can be said before the job runs: the request fails, not the job. @throws CloudError */
export function checkExtract(
  { projectId }: JobReference,
  configuration: ExtractConfiguration,
  { catalog }: BigQueryContext,
): ExtractPlan {
  const { sourceTable, sourceModel, destinationUris, destinationUri } = configuration;
  if (sourceModel) {
    const at = { ...sourceModel, projectId: sourceModel.projectId ?? projectId };
    if (!catalog.model(at)) throw modelNotFound(at);
    throw exportOfModels();
  }
  if (!sourceTable) throw invalid("Required parameter is missing: extract.sourceTable");
  const uris = destinationUris && destinationUris.length > 0 ? destinationUris : destinationUri ? [destinationUri] : [];
  const [uri] = uris;
  if (uri === undefined) throw invalid("Required parameter is missing: extract.destinationUris");
  if (uris.length > 1) throw notSupported("More than one destination URI", "Use one, with an asterisk for many files.");
  parseUri(uri);
  const { destinationFormat, compression } = configuration;
  const isParquet = destinationFormat?.toUpperCase() === "PARQUET";
  const codec = isParquet ? { codec: parquetCodec(compression) } : {};
  const format = isParquet ? { format: "PARQUET", gzip: false } : checkFormat(destinationFormat ?? "CSV", compression);
  const source = { ...sourceTable, projectId: sourceTable.projectId ?? projectId };
  if (!catalog.dataset(source)) throw datasetNotFound(source);
  const record = catalog.table(source);
  if (!record) throw tableNotFound(source);
  if (record.resource.type !== "TABLE")
    throw invalid(`${tableName(source)} is not allowed for this operation because it is a ${record.resource.type}.`);
  const options = { uri, ...format, ...csvOf(configuration.printHeader, configuration.fieldDelimiter) };
  return { source, options, ...codec };
}

export function csvOf(header: boolean | null | undefined, delimiter: string | null | undefined) {
  const given = delimiter || ",";
  return { header: header !== false, delimiter: /^(\\t|tab)$/i.test(given) ? "\t" : given };
}

/** @throws CloudError notImplemented: said alike by extract jobs and by EXPORT MODEL. */
export function exportOfModels(): CloudError {
  return notSupported(
    "EXPORT MODEL",
    "It writes no TensorFlow SavedModel; register the model (MODEL_REGISTRY='VERTEX_AI') and deploy it, or run this on Google Cloud (ACTIVATE_TARGET=gcp).",
  );
}

/** Writes the table's rows as they are when the job starts. */
export async function runExtract(job: Job, plan: ExtractPlan, context: BigQueryContext): Promise<JobOutcome> {
  const record = context.catalog.table(plan.source);
  if (!record) throw tableNotFound(plan.source);
  const { bucket } = parseUri(plan.options.uri);
  if (!(await context.objects.bucketExists(bucket))) {
    throw new CloudError("NOT_FOUND", `Not found: Bucket ${bucket}`, { reason: "notFound" });
  }
  const { bytes } = await tableSize(context.catalog, record);
  const fileCount =
    plan.codec === undefined
      ? await writeText(record, plan.options, job.abort.signal, context)
      : await writeParquet(record, plan.options.uri, plan.codec, job.abort.signal, context);
  return {
    configuration: job.configuration,
    statistics: { extract: { destinationUriFileCounts: [String(fileCount)], inputBytes: String(bytes) } },
    rows: { kind: "none" },
  };
}

async function writeText(
  record: TableRecord,
  options: ExportOptions,
  signal: AbortSignal,
  context: BigQueryContext,
): Promise<number> {
  const files = new ExportFiles(context.objects, options);
  const columns = (record.resource.schema?.fields ?? []).map((field) => ({
    name: field.name,
    type: columnType(field),
  }));
  files.begin(columns);
  const types = columns.map(({ type }) => type);
  await withRows(record, context, async (chunks) => {
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await files.write(encodeRows(chunk, types));
    }
  });
  await files.finish();
  return files.files;
}

/** One file, whatever the URI allows: its rows are compressed by columns and stay far below a file's size. */
async function writeParquet(
  record: TableRecord,
  uri: string,
  codec: string,
  signal: AbortSignal,
  context: BigQueryContext,
): Promise<number> {
  const content = await withRows(record, context, (chunks) =>
    parquetFile(record.resource.schema?.fields ?? [], chunks, codec),
  );
  signal.throwIfAborted();
  const { bucket, name } = shardOf(uri, 0);
  await context.objects.write(bucket, name, content, "application/octet-stream");
  return 1;
}

/** Hands the table's rows on as they lie. */
async function withRows<T>(
  { resource, physicalName }: TableRecord,
  { catalog }: BigQueryContext,
  use: (chunks: AsyncIterable<DuckDBDataChunk>) => Promise<T>,
): Promise<T> {
  const names = (resource.schema?.fields ?? []).map((field) => quoteIdentifier(field.name)).join(", ");
  return catalog.database.read(async (connection) =>
    physicalName === undefined
      ? use(Readable.from([]))
      : use(await connection.stream(`SELECT ${names} FROM main.${physicalName}`)),
  );
}
