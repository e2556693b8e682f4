import { CloudError } from "../platform/errors.js";
import type { BigQueryContext } from "./context.js";
import { quoteIdentifier } from "./engine/duckTypes.js";
import { datasetNotFound, invalid, modelNotFound, notSupported, tableName, tableNotFound } from "./errors.js";
import { checkFormat, ExportFiles, type ExportOptions } from "./exportFiles.js";
import type { Job, JobOutcome, JobReference } from "./jobs.js";
import { parseUri } from "./objects.js";
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
  const format = checkFormat(configuration.destinationFormat ?? "CSV", configuration.compression);
  const source = { ...sourceTable, projectId: sourceTable.projectId ?? projectId };
  if (!catalog.dataset(source)) throw datasetNotFound(source);
  const record = catalog.table(source);
  if (!record) throw tableNotFound(source);
  if (record.resource.type !== "TABLE")
    throw invalid(`${tableName(source)} is not allowed for this operation because it is a ${record.resource.type}.`);
  return { source, options: { uri, ...format, ...csvOf(configuration.printHeader, configuration.fieldDelimiter) } };
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
  const files = new ExportFiles(context.objects, plan.options);
  await copyRows(record, files, job.abort.signal, context);
  await files.finish();
  return {
    configuration: job.configuration,
    statistics: { extract: { destinationUriFileCounts: [String(files.files)], inputBytes: String(bytes) } },
    rows: { kind: "none" },
  };
}

async function copyRows(
  { resource, physicalName }: TableRecord,
  files: ExportFiles,
  signal: AbortSignal,
  { catalog }: BigQueryContext,
): Promise<void> {
  const fields = resource.schema?.fields ?? [];
  const columns = fields.map((field) => ({ name: field.name, type: columnType(field) }));
  files.begin(columns);
  if (physicalName === undefined) return;
  const names = fields.map((field) => quoteIdentifier(field.name)).join(", ");
  const types = columns.map(({ type }) => type);
  await catalog.database.read(async (connection) => {
    const result = await connection.stream(`SELECT ${names} FROM main.${physicalName}`);
    for await (const chunk of result) {
      signal.throwIfAborted();
      await files.write(encodeRows(chunk, types));
    }
  });
}
