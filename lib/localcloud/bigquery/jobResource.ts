import { errorProto } from "./errors.js";
import type { Job } from "./jobs.js";
import { etagOf } from "./listing.js";

/** Who runs everything here. */
export const USER_EMAIL = "activate@localhost";

/** The REST Job (contracts 2.5). */
export function jobResource(job: Job, origin: string): Record<string, unknown> {
  const { projectId, jobId, location } = job.reference;
  return {
    kind: "bigquery#job",
    etag: etagOf(job.reference, job.state, job.endTime),
    id: `${projectId}:${location}.${jobId}`,
    selfLink: `${origin}/bigquery/v2/projects/${projectId}/jobs/${jobId}?location=${location}`,
    user_email: USER_EMAIL,
    configuration: job.configuration,
    jobReference: job.reference,
    statistics: statistics(job),
    status: status(job),
    principal_subject: `user:${USER_EMAIL}`,
    jobCreationReason: { code: "REQUESTED" },
  };
}

export function status(job: Job): Record<string, unknown> {
  return {
    ...(job.failure ? { errorResult: errorProto(job.failure) } : {}),
    ...(job.errors.length > 0 ? { errors: job.errors } : {}),
    state: job.state,
  };
}

function statistics(job: Job): Record<string, unknown> {
  const duration = job.endTime === undefined ? undefined : job.endTime - (job.startTime ?? job.creationTime);
  return {
    creationTime: String(job.creationTime),
    ...(job.startTime === undefined ? {} : { startTime: String(job.startTime) }),
    ...(job.endTime === undefined ? {} : { endTime: String(job.endTime) }),
    ...(duration === undefined ? {} : { totalSlotMs: String(duration), finalExecutionDurationMs: String(duration) }),
    ...(job.state === "DONE" ? { completionRatio: 1 } : {}),
    ...(job.parentJobId === undefined ? {} : { parentJobId: job.parentJobId }),
    ...job.statistics,
  };
}
