import type { JsonObject } from "../../platform/discovery.js";
import type { BigQueryContext } from "../context.js";
import { invalid } from "../errors.js";
import type { Job } from "../jobs.js";
import { PAGE_ROWS_MAX } from "../limits.js";
import { etagOf, writeToken } from "../listing.js";
import { RawJson } from "../rawJson.js";
import type { FieldSchema } from "../schema.js";
import { tableRows } from "../tableBytes.js";
import { formatTimestamps, type TimestampFormat } from "../timestampFormats.js";
import type { WireRow } from "../wire.js";
import { readTableRows } from "./tabledata.js";

/** Which rows of a finished query a caller wants, and how. */
export interface RowRequest {
  readonly start: number;
  /** 0 is no row at all; undefined as many as fit. */
  readonly maxResults: number | undefined;
  readonly timestamps: TimestampFormat;
}

interface RowPage {
  readonly fields: readonly FieldSchema[] | undefined;
  readonly totalRows: number;
  readonly json: string;
  readonly rowCount: number;
}

/** The answer for a finished job of a query: envelope, schema and a page of rows. @throws CloudError the job's failure */
export async function finishedReply(
  job: Job,
  envelope: JsonObject,
  request: RowRequest,
  context: BigQueryContext,
): Promise<RawJson> {
  if (job.failure) throw job.failure;
  const page = await rowPage(job, request, context);
  const query = job.statistics.query as JsonObject | undefined;
  const next = request.start + page.rowCount;
  const reply: JsonObject = {
    ...envelope,
    ...(page.fields ? { schema: { fields: page.fields }, totalRows: String(page.totalRows) } : {}),
    ...(page.fields && next < page.totalRows && request.maxResults !== 0
      ? { pageToken: writeToken(String(next)) }
      : {}),
    totalBytesProcessed: String(job.statistics.totalBytesProcessed ?? "0"),
    ...(job.errors.length > 0 ? { errors: job.errors } : {}),
    jobComplete: true,
    cacheHit: false,
    ...(query?.numDmlAffectedRows === undefined ? {} : { numDmlAffectedRows: query.numDmlAffectedRows }),
  };
  return page.rowCount === 0 ? new RawJson(JSON.stringify(reply)) : RawJson.withMember(reply, "rows", page.json);
}

async function rowPage(job: Job, request: RowRequest, context: BigQueryContext): Promise<RowPage> {
  const limit = Math.min(request.maxResults ?? PAGE_ROWS_MAX, PAGE_ROWS_MAX);
  if (job.rows.kind === "none") {
    return { fields: job.rows.fields?.map(explicitMode), totalRows: 0, json: "[]", rowCount: 0 };
  }
  if (job.rows.kind === "table") {
    const record = context.catalog.table(job.rows.table);
    if (!record) throw invalid(`The table that holds the rows of job ${job.reference.jobId} is gone.`);
    const fields = record.resource.schema?.fields ?? [];
    const rows = await readTableRows(record, fields, request.start, limit, context);
    const totalRows = await tableRows(context.catalog, record);
    const shown = formatTimestamps(rows, fields, request.timestamps);
    return { fields: fields.map(explicitMode), totalRows, json: JSON.stringify(shown), rowCount: shown.length };
  }
  const { result } = job.rows;
  if (result.disposed) {
    throw invalid(
      `The rows of job ${job.reference.jobId} are no longer kept, to make room for later results. Run the query again.`,
    );
  }
  const { json, rowCount } = result.page(request.start, limit);
  const { fields, totalRows } = result;
  if (request.timestamps === "INT64" || rowCount === 0) return { fields, totalRows, json, rowCount };
  const rows = JSON.parse(json) as readonly WireRow[];
  const shown = formatTimestamps(rows, fields, request.timestamps);
  return { fields, totalRows, json: shown === rows ? json : JSON.stringify(shown), rowCount };
}

/** A query's schema names the mode of every column; a table's only what its creator named. */
function explicitMode(field: FieldSchema): FieldSchema {
  const fields = field.fields ? { fields: field.fields.map(explicitMode) } : {};
  return { ...field, mode: field.mode ?? "NULLABLE", ...fields };
}

export function envelopeOf(job: Job, kind: string): JsonObject {
  return { kind, etag: etagOf(job.reference, job.endTime), jobReference: job.reference };
}
