import { createHash } from "node:crypto";
import type { JsonObject } from "../../platform/discovery.js";
import { type Call, type Handler, parameter } from "../context.js";
import { invalid } from "../errors.js";
import type { Job, JobReference } from "../jobs.js";
import { QUERY_TIMEOUT_DEFAULT_MS, QUERY_TIMEOUT_MAX_MS, REQUEST_ID_CHARACTERS_MAX } from "../limits.js";
import { numberOf, readToken } from "../listing.js";
import { type QueryConfiguration, runQuery } from "../queryJob.js";
import { dryRunResource, jobReference, queryRequest } from "./jobRequest.js";
import { envelopeOf, finishedReply } from "./queryReply.js";
import { timestampFormat } from "./timestampFormat.js";

/** Members of a QueryRequest that are members of `JobConfigurationQuery` too. */
const QUERY_FIELDS = [
  "query",
  "useLegacySql",
  "parameterMode",
  "queryParameters",
  "defaultDataset",
  "maximumBytesBilled",
  "useQueryCache",
  "createSession",
  "connectionProperties",
] as const;

const query: Handler = async (call, context) => {
  const { body } = call;
  const configuration = Object.fromEntries(
    QUERY_FIELDS.flatMap((name) => (body[name] === undefined || body[name] === null ? [] : [[name, body[name]]])),
  ) as QueryConfiguration;
  const reference = jobReference(call, context, [configuration.defaultDataset], configuration.query);
  const request = queryRequest(reference, configuration, {
    dryRun: body.dryRun === true,
    jobTimeoutMs: body.jobTimeoutMs,
    labels: body.labels,
  });
  const full: JsonObject = {
    query: configuration,
    ...(body.labels ? { labels: body.labels } : {}),
    ...(body.jobTimeoutMs ? { jobTimeoutMs: body.jobTimeoutMs } : {}),
  };
  const timestamps = timestampFormat(call);
  if (request.dryRun) return dryRunReply(await dryRunResource(reference, request, full, call, context));
  const requestKey = requestKeyOf(call, configuration);
  const job =
    (requestKey === undefined ? undefined : context.jobs.findRequest(requestKey)) ??
    context.jobs.start(
      reference,
      full,
      (started) => runQuery(request, started, context),
      requestKey === undefined ? {} : { requestKey },
    );
  const timeout = typeof body.timeoutMs === "number" ? body.timeoutMs : QUERY_TIMEOUT_DEFAULT_MS;
  const done = await context.jobs.wait(job, Math.min(timeout, QUERY_TIMEOUT_MAX_MS), call.signal);
  if (!done) return { ...envelope(job, body), jobComplete: false };
  const maxResults = typeof body.maxResults === "number" ? body.maxResults : undefined;
  return finishedReply(job, envelope(job, body), { start: 0, maxResults, timestamps }, context);
};

function envelope(job: Job, body: JsonObject): JsonObject {
  const sql = job.statistics.query as JsonObject | undefined;
  return {
    kind: "bigquery#queryResponse",
    jobReference: job.reference,
    queryId: job.reference.jobId,
    location: job.reference.location,
    jobCreationReason: { code: body.jobCreationMode === "JOB_CREATION_OPTIONAL" ? "OTHER" : "REQUESTED" },
    creationTime: String(job.creationTime),
    ...(job.startTime === undefined ? {} : { startTime: String(job.startTime) }),
    ...(job.endTime === undefined ? {} : { endTime: String(job.endTime) }),
    ...(sql?.statementType === undefined ? {} : { statementType: sql.statementType }),
    ...(sql?.dmlStats === undefined ? {} : { dmlStats: sql.dmlStats }),
    ...(job.statistics.sessionInfo ? { sessionInfo: job.statistics.sessionInfo } : {}),
    ...(sql?.totalBytesBilled === undefined ? {} : { totalBytesBilled: sql.totalBytesBilled }),
  };
}

function dryRunReply(resource: JsonObject & { readonly statistics: JsonObject }): JsonObject {
  const sql = resource.statistics.query as JsonObject;
  return {
    kind: "bigquery#queryResponse",
    jobReference: resource.jobReference,
    jobComplete: true,
    cacheHit: false,
    totalBytesProcessed: sql.totalBytesProcessed,
    ...(sql.schema ? { schema: sql.schema, totalRows: "0" } : {}),
    statementType: sql.statementType,
  };
}

/** Repeats within 15 minutes mean the same request when text, parameters and properties agree too. @throws CloudError */
function requestKeyOf(call: Call, configuration: QueryConfiguration): string | undefined {
  const id = call.body.requestId;
  if (typeof id !== "string" || id === "") return undefined;
  if (id.length > REQUEST_ID_CHARACTERS_MAX || !/^[\x20-\x7e]*$/.test(id)) {
    throw invalid(`Invalid requestId: it holds at most ${REQUEST_ID_CHARACTERS_MAX} ASCII characters.`, "requestId");
  }
  const { query: sql, queryParameters, connectionProperties, parameterMode } = configuration;
  const content = JSON.stringify([sql, queryParameters, connectionProperties, parameterMode]);
  return `${parameter(call, "projectId")}\0${id}\0${createHash("sha1").update(content).digest("base64")}`;
}

const getQueryResults: Handler = async (call, context) => {
  const job = context.jobs.find(parameter(call, "projectId"), parameter(call, "jobId"), call.query.get("location"));
  if (!isQuery(job)) throw invalid(`Job ${jobName(job.reference)} is not a query job.`);
  const token = call.query.get("pageToken");
  const start = token ? Number(readToken(token)) : numberOf(call, "startIndex", 0);
  const maxResults = call.query.has("maxResults") ? numberOf(call, "maxResults", 0) : undefined;
  const timestamps = timestampFormat(call);
  const timeout = Math.min(numberOf(call, "timeoutMs", QUERY_TIMEOUT_DEFAULT_MS), QUERY_TIMEOUT_MAX_MS);
  const done = await context.jobs.wait(job, timeout, call.signal);
  const kind = "bigquery#getQueryResultsResponse";
  if (!done) return { ...envelopeOf(job, kind), jobComplete: false };
  return finishedReply(job, envelopeOf(job, kind), { start, maxResults, timestamps }, context);
};

const isQuery = (job: Job): boolean => job.configuration.query !== undefined;
const jobName = ({ projectId, location, jobId }: JobReference): string => `${projectId}:${location}.${jobId}`;

export const queries: Readonly<Record<string, Handler>> = {
  "jobs.query": query,
  "jobs.getQueryResults": getQueryResults,
};
