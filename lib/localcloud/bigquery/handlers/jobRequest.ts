import type { JsonObject } from "../../platform/discovery.js";
import type { BigQueryContext, Call } from "../context.js";
import { invalid } from "../errors.js";
import { jobLocation } from "../jobLocation.js";
import { USER_EMAIL } from "../jobResource.js";
import type { JobReference } from "../jobs.js";
import { checkJobId, checkLabels, checkProjectId } from "../names.js";
import { checkQuery, dryRunQuery, type QueryConfiguration, type QueryRequest } from "../queryJob.js";
import { queryConfiguration, queryStatistics, scriptStatistics } from "../queryStatistics.js";
import type { DatasetReference } from "../schema.js";

/** What jobs.insert and jobs.query have alike. */

/** @throws CloudError invalid when the id that the caller chose breaks the rules. */
export function jobReference(
  call: Call,
  context: BigQueryContext,
  datasets: readonly (Partial<DatasetReference> | null | undefined)[],
  sql?: string,
): JobReference {
  const projectId = call.params.projectId ?? "";
  checkProjectId(projectId);
  const given = call.body.jobReference as Partial<JobReference> | null | undefined;
  if (given?.jobId) checkJobId(given.jobId);
  const named = given?.location ?? (call.body.location as string | null | undefined) ?? call.query.get("location");
  return {
    projectId,
    jobId: given?.jobId || context.jobs.newId(),
    location: jobLocation(context.catalog, projectId, named, datasets, sql),
  };
}

/** @throws CloudError */
export function queryRequest(
  reference: JobReference,
  configuration: QueryConfiguration,
  options: { readonly dryRun: boolean; readonly jobTimeoutMs: unknown; readonly labels: unknown },
): QueryRequest {
  checkLabels(options.labels);
  const request = {
    projectId: reference.projectId,
    location: reference.location,
    configuration,
    dryRun: options.dryRun,
    jobTimeoutMs: options.jobTimeoutMs ? Number(options.jobTimeoutMs) : undefined,
  };
  checkQuery(request);
  return request;
}

/** The Job that a dry run answers: nothing is kept under its id. @throws CloudError when the query does not resolve. */
export async function dryRunResource(
  reference: JobReference,
  request: QueryRequest,
  configuration: JsonObject,
  call: Call,
  context: BigQueryContext,
): Promise<JsonObject & { readonly statistics: JsonObject }> {
  const run = await dryRunQuery(request, call.signal, context);
  const statement = run.statements[0];
  const single = statement !== undefined && !run.isScript;
  const statistics = single ? queryStatistics(statement) : scriptStatistics(run.statements);
  const query = statistics.query as JsonObject;
  const now = String(context.clock.now());
  return {
    kind: "bigquery#job",
    etag: "",
    id: `${reference.projectId}:${reference.location}.`,
    selfLink: `${call.origin}/bigquery/v2/projects/${reference.projectId}/jobs/?location=${reference.location}`,
    user_email: USER_EMAIL,
    configuration: {
      ...queryConfiguration(configuration, single ? statement : undefined, reference.projectId),
      dryRun: true,
    },
    jobReference: { projectId: reference.projectId, location: reference.location },
    statistics: {
      creationTime: now,
      ...statistics,
      query: { ...query, ...(single && statement.schema ? { schema: { fields: statement.schema } } : {}) },
    },
    status: { state: "DONE" },
  };
}

/** The one kind of work that the configuration names. @throws CloudError invalid */
export function jobKind(configuration: JsonObject): "query" | "load" | "copy" | "extract" {
  const kinds = (["query", "load", "copy", "extract"] as const).filter((kind) => configuration[kind]);
  const [kind] = kinds;
  if (kind === undefined) throw invalid("Required parameter is missing: configuration.query, load, copy or extract");
  if (kinds.length > 1) throw invalid(`A job does one thing, but its configuration has ${kinds.join(" and ")}.`);
  return kind;
}
