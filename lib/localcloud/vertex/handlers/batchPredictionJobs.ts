/** Batch prediction. Contract: google.cloud.aiplatform.v1.JobService, gRPC and REST alike. */

import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { BatchPredictionJob, Methods } from "../contract/messages.js";
import { invalidFields, notDeployable } from "../errors.js";
import { batchProblems } from "../jobs/batch/request.js";
import { toBatchPredictionJob } from "../jobs/messages.js";
import { isDeployable } from "../messages.js";
import { batchPredictionJobName, locationName, parseModelName, parseName } from "../names.js";
import type { Vertex } from "../vertex.js";
import { jobHandlers } from "./jobs.js";

const HONOURED = [
  "parent",
  ...[
    "displayName",
    "labels",
    "model",
    "inputConfig.instancesFormat",
    "inputConfig.gcsSource",
    "inputConfig.bigquerySource",
    "outputConfig.predictionsFormat",
    "outputConfig.gcsDestination",
    "outputConfig.bigqueryDestination",
    "instanceConfig",
    "modelParameters",
    "dedicatedResources.machineSpec.machineType",
    "dedicatedResources.startingReplicaCount",
    "manualBatchTuningParameters",
  ].map((field) => `batchPredictionJob.${field}`),
];
const GIVEN_BACK = [
  "batchPredictionJob.dedicatedResources.maxReplicaCount",
  "batchPredictionJob.serviceAccount",
  "batchPredictionJob.disableContainerLogging",
];

export function batchPredictionJobHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, batchPredictionJobs, containers } = vertex;
  const { project } = store;
  const shared = jobHandlers<BatchPredictionJob>(vertex, {
    kind: "BatchPredictionJob",
    name: batchPredictionJobName,
    runner: batchPredictionJobs,
    render: (job) => toBatchPredictionJob(store, job),
    deletion: "deleteBatchPredictionJob",
    filterFields: {
      model_display_name: {
        kind: "text",
        operators: ["=", "!="],
        read: ({ resource, location }) => {
          const { modelId } = parseModelName(project, resource.model, "model");
          return store.findModel(location, modelId)?.displayName ?? "";
        },
      },
    },
  });
  return {
    /** @throws INVALID_ARGUMENT, NOT_FOUND for a model, FAILED_PRECONDITION for an image that is not here. */
    "JobService.CreateBatchPredictionJob": async (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      const given = request.batchPredictionJob ?? {};
      refuseUnsupported(request, { honoured: HONOURED, ignored: GIVEN_BACK });
      const reference = parseModelName(project, given.model, "batch_prediction_job.model");
      const model = store.model(reference);
      const version = store.version(model, reference.version);
      const violations = batchProblems(given, version.warehouse !== undefined);
      if (violations.length > 0) throw invalidFields(violations);
      if (!version.warehouse) containers.resolve(version.uploaded.containerSpec?.imageUri ?? "");
      else if (!isDeployable(version))
        throw notDeployable(given.model ?? "", `${version.warehouse.modelType} has none.`);
      const name = store.modelName(model.location, model.modelId);
      const job = { ...given, model: name, modelVersionId: version.versionId };
      return toBatchPredictionJob(store, await batchPredictionJobs.create(location, job));
    },
    "JobService.GetBatchPredictionJob": shared.get,
    "JobService.ListBatchPredictionJobs": (request) => {
      const { items, nextPageToken } = shared.list(request);
      return { batchPredictionJobs: items, nextPageToken };
    },
    "JobService.CancelBatchPredictionJob": shared.cancel,
    "JobService.DeleteBatchPredictionJob": shared.remove,
  };
}
