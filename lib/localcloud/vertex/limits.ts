import { REGIONS } from "../platform/regions.js";

/** Limits and vocabularies of Vertex AI, each with the page that sets it (docs.cloud.google.com/vertex-ai/docs). */

/** Largest request and largest answer of online prediction on shared public endpoints (predictions/choose-endpoint-type). */
export const PREDICTION_BYTES_MAX = 1_500_000;

/** general/resource-naming. */
export const DISPLAY_NAME_LENGTH_MAX = 128;

/** model_service.proto, UploadModelRequest.model_id. */
export const MODEL_ID = /^[a-z_][a-z0-9_-]{0,62}$/;

/** endpoint_service.proto, CreateEndpointRequest.endpoint_id: a word, or up to nine digits without a leading zero. */
export const ENDPOINT_ID = /^(?:[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|[1-9][0-9]{0,8})$/;

/** endpoint.proto, DeployedModel.id. */
export const DEPLOYED_MODEL_ID = /^[0-9]{1,10}$/;

/** model.proto, Model.version_aliases. */
export const VERSION_ALIAS = /^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/;

/** Prefixes that users' label keys may not have (model-registry/model-labels). */
export const RESERVED_LABEL_PREFIXES = ["vertex-ai-", "goog-"];

/** endpoint.proto, machine_resources.proto: default of dedicated resources. */
export const MACHINE_TYPE_DEFAULT = "n1-standard-2";

/** Machine types of prediction, by family and number of processors (predictions/configure-compute). */
const MACHINE_FAMILIES: Readonly<Record<string, readonly number[]>> = {
  "n1-standard": [2, 4, 8, 16, 32],
  "n1-highmem": [2, 4, 8, 16, 32],
  "n1-highcpu": [4, 8, 16, 32],
  "n2-standard": [2, 4, 8, 16, 32, 48, 64, 80, 96, 128],
  "n2-highmem": [2, 4, 8, 16, 32, 48, 64, 80, 96, 128],
  "n2-highcpu": [2, 4, 8, 16, 32, 48, 64, 80, 96],
  "n2d-standard": [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224],
  "n2d-highmem": [2, 4, 8, 16, 32, 48, 64, 80, 96],
  "n2d-highcpu": [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224],
  "e2-standard": [2, 4, 8, 16, 32],
  "e2-highmem": [2, 4, 8, 16],
  "e2-highcpu": [2, 4, 8, 16, 32],
  "c2-standard": [4, 8, 16, 30, 60],
  "c2d-standard": [2, 4, 8, 16, 32, 56, 112],
  "c2d-highmem": [2, 4, 8, 16, 32, 56, 112],
  "c2d-highcpu": [2, 4, 8, 16, 32, 56, 112],
  "c3-standard": [4, 8, 22, 44, 88, 176],
  "c3-highmem": [4, 8, 22, 44, 88, 176],
  "c3-highcpu": [4, 8, 22, 44, 88, 176],
};

export function isMachineType(text: string): boolean {
  const dash = text.lastIndexOf("-");
  return MACHINE_FAMILIES[text.slice(0, dash)]?.includes(Number(text.slice(dash + 1))) ?? false;
}

/** Regions of prediction (general/locations). */
export const LOCATIONS = REGIONS;

/** custom_job.proto, Scheduling.timeout: seven days. */
export const TIMEOUT_SECONDS_DEFAULT = 7 * 24 * 3600;

/** All arguments of a training container together (training/configure-container-settings). */
export const ARGUMENT_CHARACTERS_MAX = 100_000;

/** custom_job.proto, ContainerSpec.env. */
export const ENVIRONMENT_VARIABLES_MAX = 100;

/** Replicas of a job or of a deployed model: each is a process of this machine (ours; Google's quotas are higher). */
export const REPLICAS_MAX = 8;

/** How long online prediction on shared public endpoints may take (predictions/choose-endpoint-type). */
export const PREDICTION_SECONDS_MAX = 60;

/** How long a container may take to become healthy when its model does not say (ours; minutes on Google Cloud). */
export const DEPLOYMENT_SECONDS_DEFAULT = 30;

/** model.proto, ModelContainerSpec.deployment_timeout: two hours. */
export const DEPLOYMENT_SECONDS_MAX = 7200;

/** Jobs that run at once; others wait in QUEUED (ours: a machine is small). */
export const JOBS_RUNNING_MAX = 4;
