import type { Clock } from "../platform/clock.js";
import type { Snapshot, Subscription, Topic } from "./contract/messages.js";
import { secondsOf } from "./durations.js";
import * as errors from "./errors.js";
import type { Attributes } from "./filter.js";
import { RETENTION_SECONDS_DEFAULT } from "./limits.js";
import { MessageCache } from "./messageCache.js";
import {
  messageOfRecord,
  type PublishedMessage,
  readMessage,
  topicOfRecord,
  withAttributes,
  writeRecord,
} from "./messages.js";
import { idOf, projectOf } from "./names.js";
import type { SnapshotRecord, SubscriptionRecord, TopicRecord } from "./records.js";
import { recover } from "./recovery.js";
import { messageIdOf, Sequences } from "./sequences.js";
import type { PubsubStore } from "./store.js";
import { SubscriptionState } from "./subscription.js";
import { Timeline } from "./timeline.js";
import { Timer } from "./timer.js";
import { TopicState } from "./topic.js";

/** How often what is too old is looked for. */
const SWEEP_MS = 30_000;

/** Topics, subscriptions and their messages: what the handlers speak of, in memory and in the store. */
export class Broker {
  readonly clock: Clock;
  readonly store: PubsubStore;
  readonly topics = new Map<string, TopicState>();
  readonly subscriptions = new Map<string, SubscriptionState>();
  readonly snapshots = new Map<string, SnapshotRecord>();
  /** Called when a subscription was made or its resource has changed, and once more when it is gone (`closed`). */
  onSubscriptionChange: (subscription: SubscriptionState) => void = () => undefined;
  readonly #topicsByNumber = new Map<number, TopicState>();
  readonly #cache = new MessageCache();
  readonly #timeline = new Timeline();
  readonly #sequences: Sequences;
  readonly #sweeper: Timer;
  /** Of the last publish whose messages have been handed to the subscriptions. */
  #settled: number;
  #lease: number;
  /** The last given. */
  #topicNumber: number;

  constructor(store: PubsubStore, clock: Clock) {
    this.store = store;
    this.clock = clock;
    this.#sequences = new Sequences(store, clock.now());
    this.#lease = this.#sequences.next();
    this.#topicNumber = store.resource<number>("counter", "topic") ?? 0;
    this.#sweeper = new Timer(clock, () => this.#sweep());
    this.#settled = recover({
      store,
      timeline: this.#timeline,
      addTopic: (record) => this.#addTopic(record),
      addSubscription: (record, topic) => this.#addSubscription(record, topic),
      addSnapshot: (record) => this.#addSnapshot(record),
      topic: (number) => this.#topicsByNumber.get(number),
      addDeletedTopic: (number) => {
        const topic = new TopicState({ number, resource: {} });
        topic.deleted = true;
        this.#topicsByNumber.set(number, topic);
        return topic;
      },
    });
    this.#sweeper.set(clock.now() + SWEEP_MS);
  }

  // Topics

  /** @throws CloudError NOT_FOUND */
  topic(name: string): TopicState {
    const topic = this.topics.get(name);
    if (!topic) throw errors.notFound(name);
    return topic;
  }

  async createTopic(resource: Topic): Promise<void> {
    const number = this.#topicNumber + 1;
    const record: TopicRecord = { number, resource };
    const name = resource.name ?? "";
    this.#topicNumber = number;
    this.#addTopic(record);
    this.store.putResource("counter", "topic", number);
    this.store.putResource("topic", name, record);
    await this.store.durable();
  }

  async updateTopic(topic: TopicState, resource: Topic): Promise<void> {
    topic.record = { ...topic.record, resource };
    this.store.putResource("topic", topic.name, topic.record);
    this.#expireRetained(topic);
    await this.store.durable();
  }

  /** Its subscriptions stay, with what they have not acknowledged. */
  async deleteTopic(topic: TopicState): Promise<void> {
    this.topics.delete(topic.name);
    topic.deleted = true;
    this.store.putResource("topic", topic.name, undefined);
    this.store.putResource("policy", topic.name, undefined);
    for (const sequence of topic.takeRetained(Number.POSITIVE_INFINITY)) this.#drop(topic, sequence);
    for (const subscription of topic.subscriptions) this.onSubscriptionChange(subscription);
    this.#forgetTopic(topic);
    await this.store.durable();
  }

  // Subscriptions

  /** For what its creator did not name. */
  newId(prefix: string): string {
    return `${prefix}-${this.#sequences.next()}`;
  }

  /** @throws CloudError NOT_FOUND */
  subscription(name: string): SubscriptionState {
    const subscription = this.subscriptions.get(name);
    if (!subscription) throw errors.notFound(name);
    return subscription;
  }

  topicOf(subscription: SubscriptionState): TopicState | undefined {
    return this.#topicsByNumber.get(subscription.record.topicNumber);
  }

  async createSubscription(resource: Subscription, topic: TopicState): Promise<SubscriptionState> {
    const record: SubscriptionRecord = {
      number: this.#sequences.next(),
      topicNumber: topic.record.number,
      after: this.#sequences.next(),
      resource,
    };
    const subscription = this.#addSubscription(record, topic);
    this.store.putResource("subscription", subscription.name, record);
    await this.store.durable();
    this.onSubscriptionChange(subscription);
    return subscription;
  }

  async updateSubscription(subscription: SubscriptionState, resource: Subscription): Promise<void> {
    subscription.record = { ...subscription.record, resource };
    subscription.applyRules();
    this.store.putResource("subscription", subscription.name, subscription.record);
    if (resource.detached) {
      this.#emptySubscription(subscription);
      subscription.endSubscribers(errors.detached());
    }
    await this.store.durable();
    this.onSubscriptionChange(subscription);
    subscription.pump();
  }

  async deleteSubscription(subscription: SubscriptionState): Promise<void> {
    this.subscriptions.delete(subscription.name);
    subscription.close(errors.notFound(subscription.name));
    this.onSubscriptionChange(subscription);
    this.#emptySubscription(subscription);
    this.store.putResource("subscription", subscription.name, undefined);
    this.store.putResource("policy", subscription.name, undefined);
    const topic = this.topicOf(subscription);
    topic?.subscriptions.delete(subscription);
    if (topic) this.#forgetTopic(topic);
    await this.store.durable();
  }

  // Messages

  /** Durable when it resolves, and only then delivered. @returns message IDs, in order. */
  async publish(topic: TopicState, messages: readonly PublishedMessage[]): Promise<string[]> {
    const { ids, deliver } = this.#write(topic, messages);
    await this.store.durable();
    deliver();
    return ids;
  }

  message(sequence: number): Buffer | undefined {
    const cached = this.#cache.get(sequence);
    if (cached) return cached;
    const record = this.store.message(sequence);
    return record && messageOfRecord(record);
  }

  /** The subscription has acknowledged it, or needs it no more. */
  release(subscription: SubscriptionState, sequence: number): void {
    subscription.failureReasons.delete(sequence);
    const topic = this.topicOf(subscription);
    if (!topic) return;
    if (subscription.record.resource.retainAckedMessages) {
      subscription.retained.add(sequence);
      this.#markAcknowledged(subscription, sequence);
    } else if (!this.#drop(topic, sequence)) {
      this.#markAcknowledged(subscription, sequence);
    }
  }

  /**
   * Forwards a message to the dead-letter topic and acknowledges it, in one transaction; where there is no such topic
   * delivery goes on.
   */
  deadLetter(subscription: SubscriptionState, sequence: number, reason: string | undefined): void {
    const name = subscription.record.resource.deadLetterPolicy?.deadLetterTopic ?? "";
    const topic = this.topics.get(name);
    const bytes = this.message(sequence);
    if (!topic || !bytes) {
      subscription.delivery.revive(sequence);
      subscription.pump();
      return;
    }
    const message = readMessage(bytes);
    const added: Attributes = {
      CloudPubSubDeadLetterSourceDeliveryCount: String(subscription.delivery.attemptsOf(sequence)),
      CloudPubSubDeadLetterSourceSubscription: idOf(subscription.name),
      CloudPubSubDeadLetterSourceSubscriptionProject: projectOf(subscription.name),
      CloudPubSubDeadLetterSourceTopicPublishTime: new Date(message.publishMs).toISOString(),
      ...(reason === undefined ? {} : { CloudPubSubDeadLetterSourceDeliveryErrorMessage: reason }),
    };
    subscription.delivery.remove(sequence);
    const { deliver } = this.#write(topic, [withAttributes(message, added)]);
    this.release(subscription, sequence);
    this.store.durable().then(deliver, () => undefined);
  }

  // Seek and snapshots

  /** Sequences of a topic's kept messages in order, with their messages, up to the last that was handed out. */
  *#kept(topic: TopicState): IterableIterator<readonly [sequence: number, message: Buffer]> {
    for (const [sequence, record] of this.store.messages()) {
      if (sequence > this.#settled) return;
      if (topicOfRecord(record) === topic.record.number) yield [sequence, messageOfRecord(record)];
    }
  }

  /**
   * Sets anew which of the kept messages are acknowledged.
   * @param isUnacknowledged asked for each kept message that the filter lets through.
   * @param restoresAcknowledged acknowledged messages come back although neither subscription nor topic retains them
   *   (a snapshot does).
   */
  async seek(
    subscription: SubscriptionState,
    isUnacknowledged: (sequence: number, publishMs: number) => boolean,
    restoresAcknowledged: boolean,
  ): Promise<void> {
    await this.store.durable();
    const topic = this.topicOf(subscription);
    if (!topic) return;
    const retains =
      restoresAcknowledged ||
      subscription.record.resource.retainAckedMessages ||
      topic.record.resource.messageRetentionDuration !== undefined;
    const before = new Set(subscription.delivery.sequences());
    subscription.delivery.clear();
    for (const [sequence, bytes] of this.#kept(topic)) {
      const message = readMessage(bytes);
      if (subscription.filter && !subscription.filter(message.attributes)) continue;
      const wasUnacknowledged = before.has(sequence);
      const wanted = (wasUnacknowledged || retains) && isUnacknowledged(sequence, message.publishMs);
      if (wanted) {
        if (!wasUnacknowledged) {
          if (!subscription.retained.delete(sequence)) topic.refer(sequence);
          if (subscription.marked.delete(sequence)) this.store.removeMark(subscription.record.number, sequence);
        }
        subscription.delivery.enqueue(sequence, message.orderingKey);
      } else if (wasUnacknowledged) {
        this.release(subscription, sequence);
      }
    }
    // Messages from before the subscription was made can come back: from now on they are told by marks alone.
    const after = Math.min(subscription.record.after, ...[...subscription.delivery.sequences()].map((one) => one - 1));
    if (after < subscription.record.after) this.#lowerAfter(subscription, topic, after);
    await this.store.durable();
    subscription.pump();
  }

  #lowerAfter(subscription: SubscriptionState, topic: TopicState, after: number): void {
    for (const [sequence] of this.#kept(topic)) {
      if (sequence <= after || sequence > subscription.record.after) continue;
      if (!subscription.delivery.has(sequence)) this.#markAcknowledged(subscription, sequence);
    }
    subscription.record = { ...subscription.record, after };
    this.store.putResource("subscription", subscription.name, subscription.record);
  }

  async createSnapshot(resource: Snapshot, subscription: SubscriptionState, expireMs: number): Promise<void> {
    await this.store.durable();
    const topic = this.topicOf(subscription);
    const unacknowledged = [...subscription.delivery.sequences()].sort((a, b) => a - b);
    const record: SnapshotRecord = {
      number: this.#sequences.next(),
      topicNumber: subscription.record.topicNumber,
      after: this.#settled,
      unacknowledged,
      resource,
      expireMs,
    };
    for (const sequence of unacknowledged) topic?.refer(sequence);
    this.#addSnapshot(record);
    this.store.putResource("snapshot", resource.name ?? "", record);
    await this.store.durable();
  }

  async updateSnapshot(record: SnapshotRecord): Promise<void> {
    const name = record.resource.name ?? "";
    this.snapshots.set(name, record);
    this.store.putResource("snapshot", name, record);
    await this.store.durable();
  }

  async deleteSnapshot(record: SnapshotRecord): Promise<void> {
    const name = record.resource.name ?? "";
    const topic = this.#topicsByNumber.get(record.topicNumber);
    this.snapshots.delete(name);
    this.store.putResource("snapshot", name, undefined);
    this.store.putResource("policy", name, undefined);
    if (topic) {
      topic.snapshots.delete(record.number);
      const behind = [...this.#kept(topic)].map(([sequence]) => sequence).filter((one) => one > record.after);
      for (const sequence of [...record.unacknowledged, ...behind]) this.#drop(topic, sequence);
      this.#forgetTopic(topic);
    }
    await this.store.durable();
  }

  /** When the oldest message of its backlog was published; undefined without one. */
  oldestMs(subscription: SubscriptionState): number | undefined {
    let oldest = Number.POSITIVE_INFINITY;
    for (const sequence of subscription.delivery.sequences()) oldest = Math.min(oldest, sequence);
    const bytes = Number.isFinite(oldest) ? this.message(oldest) : undefined;
    return bytes && readMessage(bytes).publishMs;
  }

  async close(): Promise<void> {
    this.#sweeper.cancel();
    for (const subscription of this.subscriptions.values()) {
      subscription.close(errors.stopping());
      this.onSubscriptionChange(subscription);
    }
    await this.store.durable();
    await this.store.close();
  }

  /** Writes messages; `deliver` hands them to the subscriptions that there are now, once they are durable. */
  #write(topic: TopicState, messages: readonly PublishedMessage[]): { ids: string[]; deliver: () => void } {
    const nowMs = this.clock.now();
    const ids: string[] = [];
    const outgoing: { readonly to: SubscriptionState; readonly sequence: number; readonly key: string }[] = [];
    const isRetained = topic.record.resource.messageRetentionDuration !== undefined;
    let last = 0;
    for (const { bytes, attributes, orderingKey } of messages) {
      const sequence = this.#sequences.next();
      const id = messageIdOf(sequence);
      last = sequence;
      ids.push(id);
      let references = topic.snapshots.size + (isRetained ? 1 : 0);
      for (const to of topic.subscriptions) {
        if (to.record.resource.detached || (to.filter && !to.filter(attributes ?? {}))) continue;
        references += 1;
        outgoing.push({ to, sequence, key: orderingKey });
      }
      if (references === 0) continue;
      if (isRetained) topic.retained.push(sequence);
      topic.references.set(sequence, references);
      const { record, message } = writeRecord(topic.record.number, bytes, id, nowMs);
      this.store.putMessage(sequence, record);
      this.#cache.set(sequence, message);
    }
    this.#timeline.note(last, nowMs);
    const deliver = (): void => {
      this.#settled = Math.max(this.#settled, last);
      for (const { to, sequence, key } of outgoing) {
        if (to.closed || to.record.resource.detached) continue;
        to.delivery.enqueue(sequence, key);
        to.pump();
      }
    };
    return { ids, deliver };
  }

  /** One reference less. @returns whether it was the last, and the message is gone. */
  #drop(topic: TopicState, sequence: number): boolean {
    if (!topic.unrefer(sequence)) return false;
    this.store.removeMessage(sequence);
    this.#cache.delete(sequence);
    for (const subscription of topic.subscriptions) {
      if (subscription.marked.delete(sequence)) this.store.removeMark(subscription.record.number, sequence);
    }
    return true;
  }

  #markAcknowledged(subscription: SubscriptionState, sequence: number): void {
    subscription.marked.add(sequence);
    this.store.putMark(subscription.record.number, sequence, true);
  }

  /** Detached or deleted: it refers to nothing any more. */
  #emptySubscription(subscription: SubscriptionState): void {
    const topic = this.topicOf(subscription);
    const sequences = [...subscription.delivery.sequences(), ...subscription.retained];
    subscription.delivery.clear();
    subscription.retained.clear();
    if (topic) for (const sequence of sequences) this.#drop(topic, sequence);
    for (const sequence of subscription.marked) this.store.removeMark(subscription.record.number, sequence);
    subscription.marked.clear();
  }

  #addTopic(record: TopicRecord): TopicState {
    const topic = new TopicState(record);
    this.topics.set(topic.name, topic);
    this.#topicsByNumber.set(record.number, topic);
    return topic;
  }

  #addSubscription(record: SubscriptionRecord, topic: TopicState): SubscriptionState {
    const subscription = new SubscriptionState(
      {
        clock: this.clock,
        store: this.store,
        nextLease: () => {
          this.#lease += 1;
          return this.#lease;
        },
        message: (sequence) => this.message(sequence),
        release: (state, sequence) => this.release(state, sequence),
        exhausted: (state, sequence) => this.deadLetter(state, sequence, state.failureReasons.get(sequence)),
      },
      record,
    );
    this.subscriptions.set(subscription.name, subscription);
    topic.subscriptions.add(subscription);
    return subscription;
  }

  #addSnapshot(record: SnapshotRecord): void {
    this.snapshots.set(record.resource.name ?? "", record);
    this.#topicsByNumber.get(record.topicNumber)?.snapshots.set(record.number, record);
  }

  /** A deleted topic that nobody refers to. */
  #forgetTopic(topic: TopicState): void {
    if (!topic.deleted || topic.subscriptions.size > 0 || topic.snapshots.size > 0) return;
    this.#topicsByNumber.delete(topic.record.number);
  }

  /** Lets go of what is older than it may be. */
  #sweep(): void {
    const nowMs = this.clock.now();
    for (const topic of this.#topicsByNumber.values()) this.#expireRetained(topic);
    for (const subscription of this.subscriptions.values()) {
      const { messageRetentionDuration } = subscription.record.resource;
      const seconds = messageRetentionDuration ? secondsOf(messageRetentionDuration) : RETENTION_SECONDS_DEFAULT;
      const through = this.#timeline.through(nowMs - 1000 * seconds);
      const topic = this.topicOf(subscription);
      if (!topic) continue;
      for (const sequence of subscription.delivery.expire(through)) {
        subscription.failureReasons.delete(sequence);
        if (!this.#drop(topic, sequence)) this.#markAcknowledged(subscription, sequence);
      }
      for (const sequence of subscription.retained) {
        if (sequence > through) continue;
        subscription.retained.delete(sequence);
        this.#drop(topic, sequence);
      }
    }
    for (const snapshot of this.snapshots.values()) {
      if (snapshot.expireMs <= nowMs) this.deleteSnapshot(snapshot).catch(() => undefined);
    }
    this.#timeline.prune(nowMs);
    this.#sweeper.set(nowMs + SWEEP_MS);
  }

  #expireRetained(topic: TopicState): void {
    const { messageRetentionDuration } = topic.record.resource;
    const through =
      messageRetentionDuration === undefined
        ? Number.POSITIVE_INFINITY
        : this.#timeline.through(this.clock.now() - 1000 * secondsOf(messageRetentionDuration));
    for (const sequence of topic.takeRetained(through)) this.#drop(topic, sequence);
  }
}
