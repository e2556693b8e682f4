import { refuseUnsupported } from "../platform/unsupported.js";
import type { PushConfig, Subscription } from "./contract/messages.js";
import { durationOf, secondsOf, spellDuration } from "./durations.js";
import * as errors from "./errors.js";
import { parseMessageFilter } from "./filter.js";
import {
  ACK_DEADLINE_SECONDS_DEFAULT,
  ACK_DEADLINE_SECONDS_EXACTLY_ONCE,
  ACK_DEADLINE_SECONDS_MAX,
  ACK_DEADLINE_SECONDS_MIN,
  BACKOFF_SECONDS_MAX,
  BACKOFF_SECONDS_MAXIMUM_DEFAULT,
  BACKOFF_SECONDS_MINIMUM_DEFAULT,
  DELIVERY_ATTEMPTS_DEFAULT,
  DELIVERY_ATTEMPTS_MAX,
  DELIVERY_ATTEMPTS_MIN,
  EXPIRATION_SECONDS_DEFAULT,
  EXPIRATION_SECONDS_MIN,
  RETENTION_SECONDS_DEFAULT,
} from "./limits.js";
import type { UpdatableFields } from "./resourceMask.js";
import { checkLabels, checkRetention } from "./topicResource.js";

export const SUBSCRIPTION_FIELDS: UpdatableFields = {
  name: false,
  topic: false,
  push_config: true,
  bigquery_config: true,
  cloud_storage_config: true,
  bigtable_config: true,
  ack_deadline_seconds: true,
  retain_acked_messages: true,
  message_retention_duration: true,
  labels: true,
  enable_message_ordering: false,
  expiration_policy: true,
  filter: false,
  dead_letter_policy: true,
  retry_policy: true,
  detached: false,
  enable_exactly_once_delivery: true,
  message_transforms: true,
};

const HONOURED = [
  "name",
  "topic",
  "pushConfig",
  "bigqueryConfig",
  "ackDeadlineSeconds",
  "retainAckedMessages",
  "messageRetentionDuration",
  "labels",
  "enableMessageOrdering",
  "expirationPolicy",
  "filter",
  "deadLetterPolicy",
  "retryPolicy",
  "detached",
  "enableExactlyOnceDelivery",
];

/**
 * A subscription with its defaults, as it is kept and read back.
 * @param parseTopic checks the name of a topic.
 * @throws CloudError INVALID_ARGUMENT for a value out of bounds, UNIMPLEMENTED for what is not emulated.
 */
export function checkedSubscription(
  given: Subscription,
  parseTopic: (name: string | undefined) => string,
): Subscription {
  refuseUnsupported(given, { honoured: HONOURED });
  checkLabels(given.labels);
  checkRetention("message retention duration", given.messageRetentionDuration);
  if (given.filter) parseMessageFilter(given.filter);
  const pushConfig = checkedPushConfig(given.pushConfig ?? {});
  if (given.bigqueryConfig && pushConfig.pushEndpoint) {
    throw errors.invalidArgument("Only one of push_config and bigquery_config can be set");
  }
  if (given.enableExactlyOnceDelivery && (pushConfig.pushEndpoint || given.bigqueryConfig)) {
    throw errors.invalidArgument("enable_exactly_once_delivery: only pull subscriptions have exactly-once delivery");
  }
  return {
    ...given,
    pushConfig,
    ackDeadlineSeconds: checkedAckDeadline(given),
    messageRetentionDuration: given.messageRetentionDuration ?? durationOf(RETENTION_SECONDS_DEFAULT),
    expirationPolicy: checkedExpiration(given.expirationPolicy),
    deadLetterPolicy: checkedDeadLetterPolicy(given.deadLetterPolicy, parseTopic),
    retryPolicy: checkedRetryPolicy(given.retryPolicy),
  };
}

function checkedAckDeadline({ ackDeadlineSeconds = 0, enableExactlyOnceDelivery }: Subscription): number {
  if (ackDeadlineSeconds === 0) {
    return enableExactlyOnceDelivery ? ACK_DEADLINE_SECONDS_EXACTLY_ONCE : ACK_DEADLINE_SECONDS_DEFAULT;
  }
  if (ackDeadlineSeconds < ACK_DEADLINE_SECONDS_MIN || ackDeadlineSeconds > ACK_DEADLINE_SECONDS_MAX) {
    throw errors.ackDeadline(ackDeadlineSeconds, ACK_DEADLINE_SECONDS_MIN);
  }
  return ackDeadlineSeconds;
}

/** An empty policy is "never". */
function checkedExpiration(policy: Subscription["expirationPolicy"]): Subscription["expirationPolicy"] {
  if (policy === undefined) return { ttl: durationOf(EXPIRATION_SECONDS_DEFAULT) };
  if (policy.ttl === undefined) return {};
  const seconds = secondsOf(policy.ttl);
  if (seconds < EXPIRATION_SECONDS_MIN) {
    throw errors.tooSmall("expiration duration", spellDuration(seconds), spellDuration(EXPIRATION_SECONDS_MIN));
  }
  return policy;
}

function checkedDeadLetterPolicy(
  policy: Subscription["deadLetterPolicy"],
  parseTopic: (name: string | undefined) => string,
): Subscription["deadLetterPolicy"] {
  if (policy === undefined) return undefined;
  const { maxDeliveryAttempts: given = 0 } = policy;
  if (policy.deadLetterTopic === undefined && given === 0) return undefined;
  const deadLetterTopic = parseTopic(policy.deadLetterTopic);
  const attempts = given === 0 ? DELIVERY_ATTEMPTS_DEFAULT : given;
  if (attempts < DELIVERY_ATTEMPTS_MIN) throw errors.tooSmall("max_delivery_attempts", attempts, DELIVERY_ATTEMPTS_MIN);
  if (attempts > DELIVERY_ATTEMPTS_MAX) throw errors.tooLarge("max_delivery_attempts", attempts, DELIVERY_ATTEMPTS_MAX);
  return { deadLetterTopic, maxDeliveryAttempts: attempts };
}

function checkedRetryPolicy(policy: Subscription["retryPolicy"]): Subscription["retryPolicy"] {
  if (policy === undefined) return undefined;
  const minimumBackoff = policy.minimumBackoff ?? durationOf(BACKOFF_SECONDS_MINIMUM_DEFAULT);
  const maximumBackoff = policy.maximumBackoff ?? durationOf(BACKOFF_SECONDS_MAXIMUM_DEFAULT);
  for (const [name, duration] of Object.entries({ minimum_backoff: minimumBackoff, maximum_backoff: maximumBackoff })) {
    const seconds = secondsOf(duration);
    if (seconds < 0) throw errors.tooSmall(name, spellDuration(seconds), "0s");
    if (seconds > BACKOFF_SECONDS_MAX) {
      throw errors.tooLarge(name, spellDuration(seconds), spellDuration(BACKOFF_SECONDS_MAX));
    }
  }
  if (secondsOf(minimumBackoff) > secondsOf(maximumBackoff)) {
    throw errors.invalidArgument("retry_policy: minimum_backoff must not be longer than maximum_backoff");
  }
  return { minimumBackoff, maximumBackoff };
}

const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** @throws CloudError INVALID_ARGUMENT for an endpoint that cannot be pushed to. */
export function checkedPushConfig(config: PushConfig): PushConfig {
  const endpoint = config.pushEndpoint ?? "";
  if (endpoint === "") return {};
  if (!isPushEndpoint(endpoint)) throw errors.pushEndpoint(endpoint);
  const { oidcToken } = config;
  if (oidcToken && !EMAIL.test(oidcToken.serviceAccountEmail ?? "")) {
    throw errors.invalidArgument(
      `push_config.oidc_token.service_account_email: "${oidcToken.serviceAccountEmail ?? ""}" is not a service account`,
    );
  }
  return { ...config, attributes: { "x-goog-version": "v1", ...config.attributes } };
}

/** Production takes https only; what runs on this machine has no certificate. */
function isPushEndpoint(endpoint: string): boolean {
  if (!URL.canParse(endpoint)) return false;
  const { protocol, hostname } = new URL(endpoint);
  if (protocol === "https:") return true;
  return protocol === "http:" && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
}
