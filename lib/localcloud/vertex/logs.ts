/** What Vertex AI's containers have written, for Cloud Logging: one stream a replica of a job, one a deployed model. */

import type { LogStream } from "../platform/links.js";
import { logNameOf } from "./jobs/customJobWork.js";
import { replicasOf } from "./jobs/trainingEnvironment.js";
import { servingLogName } from "./serving/modelServer.js";
import type { Vertex } from "./vertex.js";

export function logStreams({ store, containers, customJobs }: Vertex): LogStream[] {
  // Opened when it is read, not when it is listed.
  const logOf = (name: string): LogStream["log"] => ({ since: (timeMs) => containers.log(name).since(timeMs) });
  const project = { project_id: store.project.id };
  const ofJobs = customJobs.list().flatMap(({ location, jobId, resource }) =>
    replicasOf(resource.jobSpec ?? {}).map(({ name }) => ({
      logId: name,
      // The resource's labels as `gcloud ai custom-jobs stream-logs` asks for them.
      resource: { type: "ml_job", labels: { ...project, job_id: jobId, task_name: name, location } },
      log: logOf(logNameOf(jobId, name)),
    })),
  );
  const ofModels = store.endpoints().flatMap(({ location, endpointId, deployedModels }) =>
    deployedModels.map(({ id }) => ({
      logId: "aiplatform.googleapis.com/prediction_container",
      resource: {
        type: "aiplatform.googleapis.com/Endpoint",
        labels: { ...project, endpoint_id: endpointId, deployed_model_id: id, location },
      },
      log: logOf(servingLogName({ endpointId, deployedModelId: id })),
    })),
  );
  return [...ofJobs, ...ofModels];
}
