import type { JsonObject } from "../../platform/discovery.js";
import type { BigQueryContext } from "../context.js";
import { type Call, type Handler, parameter } from "../context.js";
import { type CopyConfiguration, checkCopy, runCopy } from "../copyJob.js";
import { errorProto, invalid } from "../errors.js";
import { checkExtract, type ExtractConfiguration, runExtract } from "../extractJob.js";
import { jobResource, status, USER_EMAIL } from "../jobResource.js";
import type { Job } from "../jobs.js";
import { etagOf, pageOf } from "../listing.js";
import { checkLoad, type LoadConfiguration, runLoad } from "../loadJob.js";
import { checkLabels } from "../names.js";
import { type QueryConfiguration, runQuery } from "../queryJob.js";
import { dryRunResource, jobKind, jobReference, queryRequest } from "./jobRequest.js";

/** How long jobs.insert waits for a job to end before it answers: most have ended then, and no client need ask again. */
const INSERT_WAIT_MS = 1_000;

const insert: Handler = (call, context) => insertJob(call, undefined, context);

/** `data` is the uploaded file of a load job. */
export async function insertJob(call: Call, data: Uint8Array | undefined, context: BigQueryContext): Promise<unknown> {
  const configuration = (call.body.configuration ?? {}) as JsonObject;
  const kind = jobKind(configuration);
  checkLabels(configuration.labels);
  if (data !== undefined && kind !== "load") throw invalid("Only a load job takes an uploaded file.");
  if (configuration.dryRun === true && kind !== "query") throw invalid(`A dry run of a ${kind} job is not possible.`);
  const settings = dropNulls(configuration);
  switch (kind) {
    case "query":
      return insertQuery(call, settings, context);
    case "load": {
      const load = settings.load as LoadConfiguration;
      const reference = jobReference(call, context, [load.destinationTable]);
      checkLoad(reference, load, data, context);
      return started(
        context.jobs.start(reference, { ...settings, jobType: "LOAD" }, (job) => runLoad(job, load, data, context)),
        call,
        context,
      );
    }
    case "copy": {
      const copy = settings.copy as CopyConfiguration;
      const reference = jobReference(call, context, [copy.destinationTable]);
      const plan = checkCopy(reference, copy, context);
      return started(
        context.jobs.start(reference, { ...settings, jobType: "COPY" }, (job) => runCopy(job, plan, context)),
        call,
        context,
      );
    }
    case "extract": {
      const extract = settings.extract as ExtractConfiguration;
      const reference = jobReference(call, context, [extract.sourceTable ?? extract.sourceModel]);
      const plan = checkExtract(reference, extract, context);
      return started(
        context.jobs.start(reference, { ...settings, jobType: "EXTRACT" }, (job) => runExtract(job, plan, context)),
        call,
        context,
      );
    }
  }
}

async function insertQuery(call: Call, settings: JsonObject, context: BigQueryContext): Promise<unknown> {
  const query = settings.query as QueryConfiguration;
  const reference = jobReference(call, context, [query.destinationTable, query.defaultDataset], query.query);
  const request = queryRequest(reference, query, {
    dryRun: settings.dryRun === true,
    jobTimeoutMs: settings.jobTimeoutMs,
    labels: settings.labels,
  });
  if (request.dryRun) return dryRunResource(reference, request, settings, call, context);
  return started(
    context.jobs.start(reference, { ...settings, jobType: "QUERY" }, (job) => runQuery(request, job, context)),
    call,
    context,
  );
}

async function started(job: Job, call: Call, { jobs }: BigQueryContext): Promise<unknown> {
  await jobs.wait(job, INSERT_WAIT_MS, call.signal);
  return jobResource(job, call.origin);
}

/** The command line sends null, and empty lists and objects, for what was not asked for. */
function dropNulls(configuration: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(configuration).flatMap(([name, value]) => {
      if (value === null) return [];
      if (typeof value !== "object" || Array.isArray(value)) return [[name, value]];
      return [[name, Object.fromEntries(Object.entries(value as object).filter(([, inner]) => inner !== null))]];
    }),
  );
}

const find = (call: Call, { jobs }: BigQueryContext): Job =>
  jobs.find(parameter(call, "projectId"), parameter(call, "jobId"), call.query.get("location"));

const get: Handler = (call, context) => jobResource(find(call, context), call.origin);

const cancel: Handler = async (call, context) => {
  const job = find(call, context);
  context.jobs.cancel(job);
  await context.jobs.wait(job, INSERT_WAIT_MS, call.signal);
  return { kind: "bigquery#jobCancelResponse", job: jobResource(job, call.origin) };
};

const remove: Handler = async (call, context) => {
  const job = find(call, context);
  if (job.state !== "DONE")
    throw invalid(`Job ${job.reference.jobId} is still running; cancel it or wait for it before it is deleted.`);
  if (job.parentJobId !== undefined)
    throw invalid(`Job ${job.reference.jobId} is a child job; delete its parent ${job.parentJobId}.`);
  await context.jobs.delete(job);
  return {};
};

const list: Handler = (call, { jobs }) => {
  const { query } = call;
  const states = query.getAll("stateFilter").map((state) => state.toUpperCase());
  const parent = query.get("parentJobId");
  const [min, max] = [query.get("minCreationTime"), query.get("maxCreationTime")];
  const full = query.get("projection")?.toLowerCase() === "full";
  const matching = jobs
    .list(parameter(call, "projectId"))
    .filter((job) => (parent ? job.parentJobId === parent : job.parentJobId === undefined))
    .filter((job) => states.length === 0 || states.includes(job.state))
    .filter((job) => (!min || job.creationTime >= Number(min)) && (!max || job.creationTime <= Number(max)));
  const { items, nextPageToken } = pageOf(call, numbered(matching), ({ place }) => place);
  const entries = items.map(({ job }) => {
    const resource = jobResource(job, call.origin);
    return {
      kind: "bigquery#job",
      id: resource.id,
      jobReference: job.reference,
      state: job.state,
      ...(job.failure ? { errorResult: errorProto(job.failure) } : {}),
      statistics: resource.statistics,
      configuration: resource.configuration,
      ...(full ? { status: status(job), user_email: USER_EMAIL, principal_subject: `user:${USER_EMAIL}` } : {}),
    };
  });
  return {
    kind: "bigquery#jobList",
    etag: etagOf(entries.length, items[0]?.place),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(entries.length === 0 ? {} : { jobs: entries }),
  };
};

/** Newest first: a page ends at a creation time and an id, so that jobs made meanwhile shift nothing. */
function numbered(list: readonly Job[]): readonly { readonly job: Job; readonly place: string }[] {
  return list
    .map((job) => ({ job, place: `${String(10 ** 15 - job.creationTime).padStart(16, "0")} ${job.reference.jobId}` }))
    .sort((a, b) => (a.place < b.place ? -1 : 1));
}

export const jobs: Readonly<Record<string, Handler>> = {
  "jobs.insert": insert,
  "jobs.get": get,
  "jobs.list": list,
  "jobs.cancel": cancel,
  "jobs.delete": remove,
};
