import { z } from "zod";

/** One environment variable: what it is for, its rule, and its default. Type, validation and documentation at once. */
interface Setting {
  readonly what: string;
  /** Checks and converts the text of the variable. */
  readonly rule: z.ZodType<unknown, string>;
  /** In words, for the message and the table: what would be right. */
  readonly expected: string;
  readonly fallback?: string;
  /** Where the default is computed: how, in words. */
  readonly fallbackNote?: string;
}

const words = (pattern: RegExp) => z.string().regex(pattern);
const oneOf = <const Choices extends readonly string[]>(choices: Choices) => z.enum(choices);
const bigQueryName = words(/^[A-Za-z0-9_]{1,1024}$/);
const bigQueryNameWords = "letters, digits and underscores, at most 1,024";

const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text);

/** Every variable that this library reads. Keys begin with ACTIVATE_; another one that does is refused. */
export const settings = {
  ACTIVATE_TARGET: {
    what: "Where everything runs. Nothing reaches a billable API unless it is gcp.",
    rule: oneOf(["local", "gcp"]),
    expected: "local or gcp",
    fallback: "local",
  },
  ACTIVATE_PROJECT: {
    what: "Project id.",
    rule: words(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/),
    expected: "6 to 30 lower-case letters, digits and hyphens, the first a letter",
    fallbackNote: "activate-local; for gcp GOOGLE_CLOUD_PROJECT, else it must be given",
  },
  ACTIVATE_REGION: {
    what: "Region of the dataset, the models and the endpoints.",
    rule: words(/^[a-z]+-[a-z]+[0-9]+$/),
    expected: "a region such as europe-west1",
    fallback: "europe-west1",
  },
  ACTIVATE_DATASET: {
    what: "BigQuery dataset.",
    rule: bigQueryName,
    expected: bigQueryNameWords,
    fallback: "ecommerce_sink",
  },
  ACTIVATE_EVENTS: {
    what: "Whose clickstream to learn from: the simulated one, or your own that is in the events table already.",
    rule: oneOf(["simulated", "own"]),
    expected: "simulated or own",
    fallback: "simulated",
  },
  ACTIVATE_EVENTS_TABLE: {
    what: "Table that the chapter before fills with events.",
    rule: bigQueryName,
    expected: bigQueryNameWords,
    fallback: "cloud_run",
  },
  ACTIVATE_SIMULATED_EVENTS_TABLE: {
    what: "Table for simulated events where the events table holds somebody's own.",
    rule: bigQueryName,
    expected: bigQueryNameWords,
    fallback: "cloud_run_simulated",
  },
  ACTIVATE_MODEL: {
    what: "Model id in the Vertex AI Model Registry, and the beginning of the names of the BigQuery models.",
    rule: words(/^[a-z][a-z0-9_]{0,50}$/),
    expected: "at most 51 lower-case letters, digits and underscores, the first a letter",
    fallback: "anomaly_detection",
  },
  ACTIVATE_ENDPOINT: {
    what: "Display name of the Vertex AI endpoint.",
    rule: words(/^[A-Za-z][A-Za-z0-9-]{0,127}$/),
    expected: "at most 128 letters, digits and hyphens, the first a letter",
    fallback: "anomaly-detection",
  },
  ACTIVATE_CUSTOM_MODEL: {
    what: "Model id of the model of our own in the Vertex AI Model Registry.",
    rule: words(/^[a-z][a-z0-9_]{0,50}$/),
    expected: "at most 51 lower-case letters, digits and underscores, the first a letter",
    fallback: "anomaly_detection_custom",
  },
  ACTIVATE_MACHINE_TYPE: {
    what: "Machine that serves a deployed model.",
    rule: words(/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/),
    expected: "a Compute Engine machine type such as n1-standard-2",
    fallback: "n1-standard-2",
  },
  ACTIVATE_TOPIC: {
    what: "Pub/Sub topic of the clickstream.",
    rule: words(/^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/),
    expected: "3 to 255 letters, digits and -._~+%, the first a letter",
    fallback: "hyp-pubsub-topic",
  },
  ACTIVATE_SUBSCRIPTION: {
    what: "Push subscription that brings the clickstream to the scorer.",
    rule: words(/^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/),
    expected: "3 to 255 letters, digits and -._~+%, the first a letter",
    fallback: "hyp_subscription_cloud_run",
  },
  ACTIVATE_DEAD_LETTER_TOPIC: {
    what: "Pub/Sub topic of the messages that cannot be handled.",
    rule: words(/^[A-Za-z][A-Za-z0-9._~+%-]{2,254}$/),
    expected: "3 to 255 letters, digits and -._~+%, the first a letter",
    fallback: "hyp-pubsub-topic-dead-letter",
  },
  ACTIVATE_SCORER_SERVICE: {
    what: "Cloud Run service that scores purchases as they arrive.",
    rule: words(/^[a-z][a-z0-9-]{0,47}[a-z0-9]$/),
    expected: "2 to 49 lower-case letters, digits and hyphens, the first a letter",
    fallback: "hyp-run-service-data-processing",
  },
  ACTIVATE_PREDICTOR_SERVICE: {
    what: "Cloud Run service that serves the model of our own.",
    rule: words(/^[a-z][a-z0-9-]{0,47}[a-z0-9]$/),
    expected: "2 to 49 lower-case letters, digits and hyphens, the first a letter",
    fallback: "activate-predictor",
  },
  ACTIVATE_BUCKET: {
    what: "Cloud Storage bucket for artifacts.",
    rule: words(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/),
    expected: "3 to 63 lower-case letters, digits, dots, hyphens and underscores",
    fallbackNote: "PROJECT-ai-bucket",
  },
  ACTIVATE_IMAGE: {
    what: "Container image of the scorer, the trainer and the predictor.",
    rule: words(/^[a-z0-9][a-z0-9./:_-]*$/),
    expected: "an image in Artifact Registry such as REGION-docker.pkg.dev/PROJECT/activate/activate:1",
    fallbackNote: "REGION-docker.pkg.dev/PROJECT/activate/activate:1",
  },
  ACTIVATE_SIMULATION_END: {
    what: "Day after the last simulated event, so that tomorrow's run is today's.",
    rule: z.string().refine(isDate),
    expected: "a date such as 2026-03-01",
    fallback: "2026-03-01",
  },
  ACTIVATE_SIMULATION_SEED: {
    what: "Seed of the simulator: the same seed, the same clickstream.",
    rule: words(/^[\w.-]{1,40}$/),
    expected: "1 to 40 letters, digits and ._-",
    fallback: "activate",
  },
  ACTIVATE_CHECKS: {
    what: "talk: a check says what it found. strict: it also fails the cell unless the answer is right (npm start does that).",
    rule: oneOf(["talk", "strict"]),
    expected: "talk or strict",
    fallback: "talk",
  },
} as const satisfies Record<string, Setting>;

/** Variables that are read elsewhere (local cloud, set-up); named here so that a misspelt one is noticed. */
export const settingsElsewhere: Readonly<Record<string, string>> = {
  ACTIVATE_STATE: "Folder of the local cloud's state. Default: .activate",
  ACTIVATE_LOCAL_REST: "Address of a running local cloud, REST. Set when it starts.",
  ACTIVATE_LOCAL_GRPC: "Address of a running local cloud, gRPC. Set when it starts.",
  ACTIVATE_IMAGES: "Folder of the container images that the local cloud runs. Default: those of this package.",
  ACTIVATE_SQL_ENGINE: "duckdb forbids the reference evaluator, so that a test can tell who answered.",
  ACTIVATE_GOOGLESQL_WASM: "Path of zetasql.wasm where it is not in the project's Python environment.",
  ACTIVATE_ZONEINFO: "Folder of the time zone database that the SQL analyzer reads.",
  ACTIVATE_PYTHON: "Python interpreter for Jupyter. Default: the project's own environment.",
};

export type SettingName = keyof typeof settings;
