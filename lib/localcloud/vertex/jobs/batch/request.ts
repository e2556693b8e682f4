/** What a BatchPredictionJob asks for, checked (batch_prediction_job.proto; contracts 3.11). Pure. */

import type { TableReference } from "../../../platform/links.js";
import type { FieldViolation } from "../../../platform/transport/handler.js";
import type { BatchPredictionJob } from "../../contract/messages.js";
import { isMachineType, REPLICAS_MAX } from "../../limits.js";
import { describedProblems } from "../../vertex.js";

/** batch_prediction_job.proto, ManualBatchTuningParameters.batch_size. */
const BATCH_SIZE_DEFAULT = 64;

export function batchProblems(job: BatchPredictionJob, isWarehouse: boolean): FieldViolation[] {
  const path = "batch_prediction_job";
  const violations = describedProblems(path, job);
  const refuse = (field: string, description: string): void => {
    violations.push({ field: `${path}.${field}`, description });
  };
  const { inputConfig, outputConfig, instanceConfig, dedicatedResources } = job;
  const format = inputConfig?.instancesFormat;
  if (format === "jsonl") {
    const uris = inputConfig?.gcsSource?.uris ?? [];
    if (uris.length === 0) refuse("input_config.gcs_source", "Required for instances_format jsonl.");
    for (const uri of uris) {
      if (!parseObjectUri(uri)) refuse("input_config.gcs_source.uris", `"${uri}" is no gs:// URI of an object.`);
    }
  } else if (format === "bigquery") {
    const uri = inputConfig?.bigquerySource?.inputUri ?? "";
    if (!parseTable(uri)) {
      refuse("input_config.bigquery_source.input_uri", `Must be bq://project.dataset.table; it is "${uri}".`);
    }
  } else refuse("input_config.instances_format", `The local cloud reads jsonl and bigquery, not "${format ?? ""}".`);
  const results = outputConfig?.predictionsFormat;
  if (results === "jsonl") {
    const uri = outputConfig?.gcsDestination?.outputUriPrefix ?? "";
    if (!/^gs:\/\/[^/]+/.test(uri)) {
      refuse("output_config.gcs_destination.output_uri_prefix", `Must begin with gs://; it is "${uri}".`);
    }
  } else if (results === "bigquery") {
    const uri = outputConfig?.bigqueryDestination?.outputUri ?? "";
    if (!parseDestination(uri)) {
      const forms = "bq://project, bq://project.dataset or bq://project.dataset.table";
      refuse("output_config.bigquery_destination.output_uri", `Must be ${forms}; it is "${uri}".`);
    }
  } else
    refuse("output_config.predictions_format", `The local cloud writes jsonl and bigquery, not "${results ?? ""}".`);
  const type = instanceConfig?.instanceType;
  if (type && type !== "object" && type !== "array") {
    refuse("instance_config.instance_type", `Must be object or array here; it is "${type}".`);
  }
  if (isWarehouse && format === "bigquery" && type !== "object") {
    refuse("instance_config.instance_type", 'Must be "object" for a model that BigQuery ML trained.');
  }
  if (instanceConfig?.includedFields?.length && instanceConfig.excludedFields?.length) {
    refuse("instance_config", "Only one of included_fields and excluded_fields can be set.");
  }
  if (!isWarehouse) {
    const machineType = dedicatedResources?.machineSpec?.machineType;
    if (!machineType) refuse("dedicated_resources.machine_spec.machine_type", "Required for a model in a container.");
    else if (!isMachineType(machineType)) {
      refuse("dedicated_resources.machine_spec.machine_type", `Machine type "${machineType}" is not supported.`);
    }
    if ((dedicatedResources?.startingReplicaCount ?? 1) > REPLICAS_MAX) {
      refuse("dedicated_resources.starting_replica_count", `The local cloud runs at most ${REPLICAS_MAX} replicas.`);
    }
  }
  if ((job.manualBatchTuningParameters?.batchSize ?? 1) < 1) {
    refuse("manual_batch_tuning_parameters.batch_size", "Must be at least 1.");
  }
  return violations;
}

export function batchSizeOf({ manualBatchTuningParameters }: BatchPredictionJob): number {
  return manualBatchTuningParameters?.batchSize || BATCH_SIZE_DEFAULT;
}

export function parseObjectUri(uri: string): { readonly bucket: string; readonly name: string } | undefined {
  const [, bucket, name] = /^gs:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  return bucket === undefined || name === undefined ? undefined : { bucket, name };
}

export function parseTable(uri: string): TableReference | undefined {
  const target = parseDestination(uri);
  const { datasetId, tableId } = target ?? {};
  if (target === undefined || datasetId === undefined || tableId === undefined) return undefined;
  return { projectId: target.projectId, datasetId, tableId };
}

export interface Destination {
  readonly projectId: string;
  readonly datasetId: string | undefined;
  readonly tableId: string | undefined;
}

export function parseDestination(uri: string): Destination | undefined {
  const [, projectId, datasetId, tableId] = /^bq:\/\/([a-z0-9-]+)(?:\.(\w+)(?:\.([\w-]+))?)?$/.exec(uri) ?? [];
  return projectId === undefined ? undefined : { projectId, datasetId, tableId };
}
