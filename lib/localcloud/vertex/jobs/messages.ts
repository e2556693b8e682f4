/** Jobs as the resources that the API answers with. */

import type { BatchPredictionJob, CustomJob } from "../contract/messages.js";
import { batchPredictionJobName, customJobName } from "../names.js";
import type { VertexStore } from "../store.js";
import type { JobRecord } from "./record.js";

export function toCustomJob(store: VertexStore, job: JobRecord<CustomJob>): CustomJob {
  return { ...toJob(job), name: customJobName.format(partsOf(store, job)) };
}

export function toBatchPredictionJob(store: VertexStore, job: JobRecord<BatchPredictionJob>): BatchPredictionJob {
  return { ...toJob(job), name: batchPredictionJobName.format(partsOf(store, job)) };
}

function toJob<Resource extends object>(job: JobRecord<Resource>): Resource {
  const { resource, result, state, createTime, startTime, endTime, updateTime, error } = job;
  return { ...resource, ...result, state, createTime, startTime, endTime, updateTime, error };
}

function partsOf(store: VertexStore, { location, jobId }: { readonly location: string; readonly jobId: string }) {
  return { project: store.project.number, location, job: jobId };
}
