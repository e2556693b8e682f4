import { z } from "zod";
import type { Environment } from "../../cloud/config.js";
import { ActivateError } from "../../cloud/errors.js";

/** What a deployment decides about its scorer; names of tables and topics come from the workbook's configuration. */
export interface ScorerSettings {
  /** Full name of a Vertex AI endpoint, or the URL of a Cloud Run predictor. */
  readonly predictor: string;
  /** Topic of the messages that can never be handled: its id. */
  readonly deadLetterTopic: string;
  /** Rows of a predict or insert request. 1 sends every event by itself. */
  readonly batchMax: number;
  /** How long the first of a batch waits for others. */
  readonly batchWaitMs: number;
  /** Requests under way to the endpoint, and to each table; while there are so many, what comes waits for the next. */
  readonly flightsMax: number;
  /** In which a push must be answered. Keep it equal to the subscription's. */
  readonly ackDeadlineMs: number;
  /** Pushes being handled at once; others wait. Where Cloud Run's own concurrency is less, none does. */
  readonly concurrency: number;
  /** Pushes being handled or waiting; what comes beyond is answered 429. */
  readonly pushesMax: number;
  /** Bytes of the bodies of those. */
  readonly pushBytesMax: number;
  /** Bytes of one event. A larger one goes to the dead letters. */
  readonly eventBytesMax: number;
  /**
   * Attempts after which the subscription gives up on a message; at the last one the scorer itself publishes the dead
   * letter, because it knows the reason. 0: unknown, the subscription alone decides.
   */
  readonly deliveryAttemptsMax: number;
  /** DEBUG logs a line for each message, INFO for each anomaly and each trouble. */
  readonly logLevel: "DEBUG" | "INFO";
}

const whole = (low: number, high: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,12}$/, { message: `must be a whole number from ${low} to ${high}` })
    .transform(Number)
    .pipe(z.number().min(low).max(high))
    .default(fallback);

const variables = {
  SCORER_PREDICTOR: z
    .string({ error: "is not set; it must be projects/P/locations/L/endpoints/E or the URL of a predictor" })
    .regex(/^(projects\/[^/]+\/locations\/[^/]+\/endpoints\/[^/]+|https?:\/\/\S+)$/, {
      message: "must be projects/P/locations/L/endpoints/E or the URL of a predictor",
    }),
  SCORER_DEAD_LETTER_TOPIC: z.string().min(3).optional(),
  SCORER_BATCH_MAX: whole(1, 1_000, 500),
  SCORER_BATCH_WAIT_MS: whole(0, 1_000, 20),
  SCORER_FLIGHTS_MAX: whole(1, 1_000, 2),
  SCORER_ACK_DEADLINE_SECONDS: whole(10, 600, 60),
  SCORER_CONCURRENCY: whole(1, 100_000, 1_000),
  SCORER_PUSHES_MAX: whole(1, 100_000, 1_000),
  SCORER_PUSH_BYTES_MAX: whole(1_000_000, 4_000_000_000, 64_000_000),
  SCORER_EVENT_BYTES_MAX: whole(1_000, 9_000_000, 1_000_000),
  SCORER_DELIVERY_ATTEMPTS_MAX: whole(0, 100, 0),
  SCORER_LOG: z.enum(["DEBUG", "INFO"]).default("INFO"),
} as const;

/**
 * @param deadLetterTopic where the environment names none.
 * @throws ActivateError CONFIGURATION with every variable that is wrong.
 * @example scorerSettings({ SCORER_PREDICTOR: "projects/p/locations/l/endpoints/7" }, "dead").batchMax // 500
 */
export function scorerSettings(environment: Environment, deadLetterTopic: string): ScorerSettings {
  const read = z.object(variables).safeParse(environment);
  const unknown = Object.keys(environment).filter((key) => key.startsWith("SCORER_") && !(key in variables));
  const problems = [
    ...unknown.map((key) => `${key} is no setting of the scorer; it has ${Object.keys(variables).join(", ")}.`),
    ...(read.error?.issues ?? []).map(({ path, message }) => `${path.join(".")}: ${message}.`),
  ];
  if (!read.success || problems.length > 0) throw new ActivateError("CONFIGURATION", problems.join("\n"));
  const given = read.data;
  return {
    predictor: given.SCORER_PREDICTOR,
    deadLetterTopic: given.SCORER_DEAD_LETTER_TOPIC ?? deadLetterTopic,
    batchMax: given.SCORER_BATCH_MAX,
    batchWaitMs: given.SCORER_BATCH_WAIT_MS,
    flightsMax: given.SCORER_FLIGHTS_MAX,
    ackDeadlineMs: given.SCORER_ACK_DEADLINE_SECONDS * 1000,
    concurrency: given.SCORER_CONCURRENCY,
    pushesMax: given.SCORER_PUSHES_MAX,
    pushBytesMax: given.SCORER_PUSH_BYTES_MAX,
    eventBytesMax: given.SCORER_EVENT_BYTES_MAX,
    deliveryAttemptsMax: given.SCORER_DELIVERY_ATTEMPTS_MAX,
    logLevel: given.SCORER_LOG,
  };
}
