/** From the store to what runs: which messages are whose, and how often they have been delivered. */

import { messageOfRecord, readMessage, topicOfRecord } from "./messages.js";
import type { SnapshotRecord, SubscriptionRecord, TopicRecord } from "./records.js";
import type { Mark, PubsubStore } from "./store.js";
import type { SubscriptionState } from "./subscription.js";
import type { Timeline } from "./timeline.js";
import type { TopicState } from "./topic.js";

export interface Recovering {
  readonly store: PubsubStore;
  readonly timeline: Timeline;
  addTopic(record: TopicRecord): TopicState;
  /** One that is known only by what refers to it. */
  addDeletedTopic(number: number): TopicState;
  addSubscription(record: SubscriptionRecord, topic: TopicState): SubscriptionState;
  addSnapshot(record: SnapshotRecord): void;
  topic(number: number): TopicState | undefined;
}

type Marks = ReadonlyMap<SubscriptionState, ReadonlyMap<number, Mark>>;

/** @returns the sequence of the last message kept; 0 without one. */
export function recover(into: Recovering): number {
  const { store, timeline } = into;
  for (const [, record] of store.resources<TopicRecord>("topic")) into.addTopic(record);
  const topicOf = (number: number): TopicState => into.topic(number) ?? into.addDeletedTopic(number);
  for (const [, record] of store.resources<SnapshotRecord>("snapshot")) {
    topicOf(record.topicNumber);
    into.addSnapshot(record);
  }
  const marks = new Map<SubscriptionState, ReadonlyMap<number, Mark>>();
  for (const [, record] of store.resources<SubscriptionRecord>("subscription")) {
    const subscription = into.addSubscription(record, topicOf(record.topicNumber));
    marks.set(subscription, new Map(store.marks(record.number)));
  }
  let last = 0;
  for (const [sequence, record] of store.messages()) {
    last = sequence;
    const topic = into.topic(topicOfRecord(record));
    const references = topic ? recoverMessage(topic, sequence, messageOfRecord(record), timeline, marks) : 0;
    if (references === 0) store.removeMessage(sequence);
    else topic?.references.set(sequence, references);
  }
  // Marks of messages that are gone: the crash came between two transactions.
  for (const [subscription, kept] of marks) {
    for (const sequence of kept.keys()) {
      if (!subscription.marked.has(sequence)) store.removeMark(subscription.record.number, sequence);
    }
  }
  return last;
}

/** @returns how many refer to it. */
function recoverMessage(topic: TopicState, sequence: number, bytes: Buffer, timeline: Timeline, marks: Marks): number {
  const { attributes, orderingKey, publishMs } = readMessage(bytes);
  timeline.note(sequence, publishMs);
  let references = 0;
  for (const snapshot of topic.snapshots.values()) {
    if (sequence > snapshot.after || snapshot.unacknowledged.includes(sequence)) references += 1;
  }
  if (topic.record.resource.messageRetentionDuration !== undefined) {
    topic.retained.push(sequence);
    references += 1;
  }
  for (const subscription of topic.subscriptions) {
    const { after, resource } = subscription.record;
    if (sequence <= after || resource.detached || (subscription.filter && !subscription.filter(attributes))) continue;
    const mark = marks.get(subscription)?.get(sequence);
    if (mark !== undefined) subscription.marked.add(sequence);
    if (mark === true) {
      if (!resource.retainAckedMessages) continue;
      subscription.retained.add(sequence);
    } else if (mark) {
      const [attempts, lease, deadlineMs] = mark;
      subscription.delivery.restore(sequence, orderingKey, { attempts, lease, deadlineMs });
    } else {
      subscription.delivery.enqueue(sequence, orderingKey);
    }
    references += 1;
  }
  return references;
}
