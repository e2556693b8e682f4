/** Custom training jobs. Contract: google.cloud.aiplatform.v1.JobService, gRPC and REST alike. */

import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { CustomJob, Methods } from "../contract/messages.js";
import { invalidFields, outputBucketNotFound } from "../errors.js";
import { parseFolderUri } from "../folders.js";
import { toCustomJob } from "../jobs/messages.js";
import { customJobProblems } from "../jobs/validation.js";
import { customJobName, locationName, parseName } from "../names.js";
import type { Vertex } from "../vertex.js";
import { jobHandlers } from "./jobs.js";

const POOL = "customJob.jobSpec.workerPoolSpecs";

/** Machines, disks and accounts have no meaning here and are given back; the rest is honoured. */
const HONOURED = [
  "parent",
  "customJob.displayName",
  "customJob.labels",
  "customJob.jobSpec.baseOutputDirectory",
  "customJob.jobSpec.scheduling.timeout",
  "customJob.jobSpec.scheduling.disableRetries",
  "customJob.jobSpec.scheduling.restartJobOnWorkerRestart",
  `${POOL}.containerSpec`,
  `${POOL}.replicaCount`,
  `${POOL}.machineSpec.machineType`,
];
const GIVEN_BACK = ["customJob.jobSpec.scheduling.strategy", "customJob.jobSpec.serviceAccount", `${POOL}.diskSpec`];

export function customJobHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, customJobs, containers, links } = vertex;
  const { project } = store;
  const shared = jobHandlers<CustomJob>(vertex, {
    kind: "CustomJob",
    name: customJobName,
    runner: customJobs,
    render: (job) => toCustomJob(store, job),
    deletion: "deleteCustomJob",
  });
  return {
    /** Refused at once: what cannot run here. @throws INVALID_ARGUMENT, FAILED_PRECONDITION for an image that is not here, NOT_FOUND for a bucket. */
    "JobService.CreateCustomJob": async (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      refuseUnsupported(request, { honoured: HONOURED, ignored: GIVEN_BACK });
      const given = request.customJob ?? {};
      const violations = customJobProblems(given);
      if (violations.length > 0) throw invalidFields(violations);
      for (const { containerSpec } of given.jobSpec?.workerPoolSpecs ?? []) {
        if (containerSpec?.imageUri) containers.resolve(containerSpec.imageUri);
      }
      const output = given.jobSpec?.baseOutputDirectory?.outputUriPrefix;
      const bucket = output === undefined ? undefined : parseFolderUri(output).bucket;
      // Without Cloud Storage there is nobody to ask; the container will say what it misses.
      if (bucket !== undefined && links.objects?.bucketExists(bucket) === false) throw outputBucketNotFound(bucket);
      return toCustomJob(store, await customJobs.create(location, given));
    },
    "JobService.GetCustomJob": shared.get,
    "JobService.ListCustomJobs": (request) => {
      const { items: jobs, nextPageToken } = shared.list(request);
      return { customJobs: jobs, nextPageToken };
    },
    "JobService.CancelCustomJob": shared.cancel,
    "JobService.DeleteCustomJob": shared.remove,
  };
}
