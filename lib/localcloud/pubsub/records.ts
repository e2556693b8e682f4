/** Resources as they are kept: the API's own form, and what only we know. */

import type { Snapshot, Subscription, Topic } from "./contract/messages.js";

export interface TopicRecord {
  /** Unique among topics, subscriptions and snapshots; never used twice. */
  readonly number: number;
  readonly resource: Topic;
}

export interface SubscriptionRecord {
  readonly number: number;
  /** Of the topic, which may be gone. */
  readonly topicNumber: number;
  /** Messages up to this sequence are acknowledged, unless a snapshot says otherwise by having set it lower. */
  readonly after: number;
  /** Without `state`. */
  readonly resource: Subscription;
}

export interface SnapshotRecord {
  readonly number: number;
  readonly topicNumber: number;
  /** Every message behind this one is held. */
  readonly after: number;
  /** Messages up to `after` that were not acknowledged. */
  readonly unacknowledged: readonly number[];
  readonly resource: Snapshot;
  readonly expireMs: number;
}
