/** Limits of Pub/Sub (docs.cloud.google.com/pubsub/quotas, google/pubsub/v1/pubsub.proto). */

/** Data and attributes of a publish request together with the framing. */
export const PUBLISH_BYTES_MAX = 10_000_000;
/** A request longer than this is refused before it is read. */
export const REQUEST_BYTES_MAX = 10_485_760;
export const PUBLISH_MESSAGES_MAX = 1_000;
export const ATTRIBUTES_MAX = 100;
export const ATTRIBUTE_KEY_BYTES_MAX = 256;
export const ATTRIBUTE_VALUE_BYTES_MAX = 1_024;
export const ORDERING_KEY_BYTES_MAX = 1_024;
/** Acknowledge and ModifyAckDeadline. */
export const ACK_REQUEST_BYTES_MAX = 524_288;

export const ACK_DEADLINE_SECONDS_MIN = 10;
export const ACK_DEADLINE_SECONDS_MAX = 600;
export const ACK_DEADLINE_SECONDS_DEFAULT = 10;
/** What 0 becomes with exactly-once delivery (contracts 4.8). */
export const ACK_DEADLINE_SECONDS_EXACTLY_ONCE = 60;

export const RETENTION_SECONDS_MIN = 600;
export const RETENTION_SECONDS_MAX = 2_678_400;
export const RETENTION_SECONDS_DEFAULT = 604_800;
export const EXPIRATION_SECONDS_MIN = 86_400;
export const EXPIRATION_SECONDS_DEFAULT = 2_678_400;

export const DELIVERY_ATTEMPTS_MIN = 5;
export const DELIVERY_ATTEMPTS_MAX = 100;
export const DELIVERY_ATTEMPTS_DEFAULT = 5;
export const BACKOFF_SECONDS_MAX = 600;
export const BACKOFF_SECONDS_MINIMUM_DEFAULT = 10;
export const BACKOFF_SECONDS_MAXIMUM_DEFAULT = 600;

export const FILTER_BYTES_MAX = 256;

export const TOPICS_MAX = 10_000;
export const SUBSCRIPTIONS_MAX = 10_000;
export const SNAPSHOTS_MAX = 5_000;

/** A snapshot lives this long, less the age of the oldest message that it holds; one that would live under an hour is refused. */
export const SNAPSHOT_SECONDS_MAX = 604_800;
export const SNAPSHOT_SECONDS_MIN = 3_600;

/** A unary Pull of an empty subscription is held this long (contracts 4.8). */
export const PULL_HOLD_MS = 20_000;
/** Messages of one answer, whatever was asked for. */
export const DELIVERY_MESSAGES_MAX = 1_000;
/** Bytes of one answer; a single message may be longer. */
export const DELIVERY_BYTES_MAX = 4_000_000;
