import { REGIONS } from "../platform/regions.js";

/** Limits and defaults (cloud.google.com/run/quotas, google/cloud/run/v2/*.proto; contracts 6.3, 6.5). */

export const SERVICE_ID_LENGTH_MAX = 49;
export const TAG_AND_SERVICE_LENGTH_MAX = 46;
export const CONCURRENCY_DEFAULT = 80;
export const CONCURRENCY_MAX = 1000;
export const TIMEOUT_SECONDS_DEFAULT = 300;
export const TIMEOUT_SECONDS_MAX = 3600;
export const INSTANCES_DEFAULT = 100;
export const INSTANCES_MAX = 1000;
export const PORT_DEFAULT = 8080;
export const ENV_COUNT_MAX = 1000;
export const ENV_NAME_CHARACTERS_MAX = 32_768;
export const ENV_VALUE_BYTES_MAX = 32_768;
export const SERVICES_MAX = 1000;
export const REVISIONS_MAX = 1000;
/** Of the body of a request over HTTP/1. */
export const REQUEST_BYTES_MAX = 32 * 1024 * 1024;
export const STARTUP_MS_MAX = 240_000;
/** How long a request waits for an instance before it is turned away. */
export const QUEUE_MS_MAX = 10_000;
/** An instance without requests is kept for this long ("up to 15 minutes"). */
export const IDLE_MS_MAX = 15 * 60_000;
/** The same of a revision that gets no traffic any more. */
export const IDLE_WITHOUT_TRAFFIC_MS_MAX = 10_000;

/** The platform's own: a container gets them, a template may not set them. */
export const RESERVED_ENV = /^(PORT|K_SERVICE|K_REVISION|K_CONFIGURATION)$/;
/** Refused in v2 (service.proto, comments on labels and annotations). */
export const RESERVED_PREFIXES = [
  "run.googleapis.com/",
  "cloud.googleapis.com/",
  "serving.knative.dev/",
  "autoscaling.knative.dev/",
];

/** Regions of Cloud Run, as cloud.google.com/run/docs/locations lists them. */
export const LOCATIONS: readonly string[] = [...REGIONS, "asia-south2", "europe-west10"].sort();
