import type { Clock } from "../platform/clock.js";
import type { CloudError } from "../platform/errors.js";
import { type AckId, formatAckId, parseAckId } from "./ackIds.js";
import type { Subscription } from "./contract/messages.js";
import { type Consumer, Delivery, type DeliveryRules, type Leased } from "./delivery.js";
import { secondsOf } from "./durations.js";
import * as errors from "./errors.js";
import { type MessageFilter, parseMessageFilter } from "./filter.js";
import {
  ACK_DEADLINE_SECONDS_DEFAULT,
  BACKOFF_SECONDS_MAXIMUM_DEFAULT,
  BACKOFF_SECONDS_MINIMUM_DEFAULT,
  DELIVERY_ATTEMPTS_DEFAULT,
  DELIVERY_BYTES_MAX,
} from "./limits.js";
import type { SubscriptionRecord } from "./records.js";
import type { PubsubStore } from "./store.js";
import { Timer } from "./timer.js";

/** A message on its way to a subscriber. */
export interface Outgoing extends Leased {
  readonly ackId: string;
  /** `PubsubMessage` in binary form. */
  readonly message: Buffer;
  /** As `deliveryAttempt` tells it: 0 without a dead-letter policy. */
  readonly deliveryAttempt: number;
}

/** A stream, a waiting Pull, a push window, a BigQuery writer. */
export interface Subscriber extends Consumer {
  readonly leaseMs: number;
  /** How many more messages it takes now. */
  room(): number;
  /** Of outstanding messages; one message is given in any case. */
  readonly outstandingBytesMax: number;
  deliver(messages: readonly Outgoing[]): void;
  /** It will get no more: the subscription was deleted, detached, or turned into one of another type. */
  ended(error: CloudError): void;
}

/** What a subscription needs of the broker. */
export interface SubscriptionHost {
  readonly clock: Clock;
  readonly store: PubsubStore;
  readonly nextLease: () => number;
  /** The message in binary form; undefined when it is gone. */
  message(sequence: number): Buffer | undefined;
  /** The subscription needs the message no more. */
  release(subscription: SubscriptionState, sequence: number): void;
  /** To the dead-letter topic. */
  exhausted(subscription: SubscriptionState, sequence: number): void;
}

/** At most so many messages go to one subscriber before the next has its turn. */
const TURN_MESSAGES_MAX = 100;

export function rulesOf(resource: Subscription): DeliveryRules {
  const { retryPolicy, deadLetterPolicy } = resource;
  return {
    ordered: resource.enableMessageOrdering ?? false,
    onePerKey: isPush(resource) || resource.bigqueryConfig !== undefined,
    exactlyOnce: resource.enableExactlyOnceDelivery ?? false,
    retry: retryPolicy && {
      minimumMs: 1000 * secondsOf(retryPolicy.minimumBackoff ?? `${BACKOFF_SECONDS_MINIMUM_DEFAULT}s`),
      maximumMs: 1000 * secondsOf(retryPolicy.maximumBackoff ?? `${BACKOFF_SECONDS_MAXIMUM_DEFAULT}s`),
    },
    maxDeliveryAttempts: deadLetterPolicy?.deadLetterTopic
      ? deadLetterPolicy.maxDeliveryAttempts || DELIVERY_ATTEMPTS_DEFAULT
      : undefined,
  };
}

export function isPush(resource: Subscription): boolean {
  return (resource.pushConfig?.pushEndpoint ?? "") !== "";
}

/** One subscription while the cloud runs: its messages, and who takes them. */
export class SubscriptionState {
  readonly #host: SubscriptionHost;
  readonly delivery: Delivery;
  readonly filter: MessageFilter | undefined;
  /** Messages of which the store has a mark of ours. */
  readonly marked = new Set<number>();
  /** Acknowledged, and kept because the subscription retains them. */
  readonly retained = new Set<number>();
  /** Why the last delivery of a message to an export has failed. */
  readonly failureReasons = new Map<number, string>();
  record: SubscriptionRecord;
  closed = false;
  readonly #prefix: string;
  #subscribers: Subscriber[] = [];
  #turn = 0;
  #pumpQueued = false;
  readonly #timer: Timer;

  constructor(host: SubscriptionHost, record: SubscriptionRecord) {
    this.#host = host;
    this.record = record;
    this.delivery = new Delivery(rulesOf(record.resource), host.nextLease);
    this.filter = record.resource.filter ? parseMessageFilter(record.resource.filter) : undefined;
    this.#prefix = record.number.toString(36);
    this.#timer = new Timer(host.clock, () => this.pump());
  }

  get name(): string {
    return this.record.resource.name ?? "";
  }

  get ackDeadlineMs(): number {
    return 1000 * (this.record.resource.ackDeadlineSeconds || ACK_DEADLINE_SECONDS_DEFAULT);
  }

  /** Does a change of its resource change what is delivered how? */
  applyRules(): void {
    this.delivery.rules = rulesOf(this.record.resource);
  }

  attach(subscriber: Subscriber): void {
    this.#subscribers = [...this.#subscribers, subscriber];
    this.pump();
  }

  /** What it holds stays leased until acknowledged, given back or expired. */
  detach(subscriber: Subscriber): void {
    this.#subscribers = this.#subscribers.filter((other) => other !== subscriber);
  }

  /** Delivers what can be delivered, soon: many causes, one run. */
  pump(): void {
    if (this.#pumpQueued || this.closed) return;
    this.#pumpQueued = true;
    setImmediate(() => {
      this.#pumpQueued = false;
      if (!this.closed) this.#run();
    });
  }

  /** As `pump`, now. */
  #run(): void {
    const nowMs = this.#host.clock.now();
    this.delivery.advance(nowMs);
    this.afterFailures();
    let progress = true;
    while (progress && this.delivery.hasReady) {
      progress = false;
      const subscribers = this.#subscribers;
      for (let offset = 0; offset < subscribers.length; offset++) {
        const subscriber = subscribers[(this.#turn + offset) % subscribers.length];
        if (subscriber && this.#serve(subscriber, nowMs)) progress = true;
      }
      this.#turn += 1;
    }
    this.#timer.set(this.delivery.nextDueMs);
  }

  #serve(subscriber: Subscriber, nowMs: number): boolean {
    const room = Math.min(subscriber.room(), TURN_MESSAGES_MAX);
    if (room <= 0) return false;
    const batch = this.#take(subscriber, room, nowMs);
    if (batch.length === 0) return false;
    if (this.delivery.rules.exactlyOnce) this.#deliverOnce(subscriber, batch);
    else subscriber.deliver(batch);
    return true;
  }

  #take(subscriber: Subscriber, limit: number, nowMs: number): Outgoing[] {
    const batch: Outgoing[] = [];
    let batchBytes = 0;
    let message: Buffer | undefined;
    const bytesOf = (sequence: number): number | undefined => {
      message = this.#host.message(sequence);
      const bytes = message?.length ?? 0;
      if (batch.length > 0 && batchBytes + bytes > DELIVERY_BYTES_MAX) return undefined;
      const outstanding = subscriber.outstandingBytes;
      return outstanding > 0 && outstanding + bytes > subscriber.outstandingBytesMax ? undefined : bytes;
    };
    const withAttempt = this.delivery.rules.maxDeliveryAttempts !== undefined;
    while (batch.length < limit) {
      const leased = this.delivery.take(subscriber, nowMs, subscriber.leaseMs, bytesOf);
      if (!leased) break;
      if (!message) {
        this.delivery.remove(leased.sequence);
        continue;
      }
      batchBytes += message.length;
      const { sequence, lease, attempt, deadlineMs } = leased;
      const ackId = formatAckId(this.#prefix, sequence, lease);
      batch.push({ sequence, lease, attempt, deadlineMs, ackId, message, deliveryAttempt: withAttempt ? attempt : 0 });
    }
    return batch;
  }

  /** Leases are on disk before the message leaves: after a crash it is not delivered again while one runs. */
  #deliverOnce(subscriber: Subscriber, batch: readonly Outgoing[]): void {
    for (const { sequence, lease, attempt, deadlineMs } of batch) this.#mark(sequence, [attempt, lease, deadlineMs]);
    this.#host.store.durable().then(
      () => subscriber.deliver(batch),
      // Nothing has left: the lease runs out and the message comes again.
      () => undefined,
    );
  }

  /** Acts upon deliveries that have failed: keeps their count, moves the exhausted. */
  afterFailures(): void {
    const { rules } = this.delivery;
    const isKept = rules.maxDeliveryAttempts !== undefined || rules.retry !== undefined || rules.exactlyOnce;
    for (const { sequence, record } of this.delivery.takeFailed()) {
      if (isKept) this.#mark(sequence, [record.attempts, record.lease, record.deadlineMs]);
    }
    for (const sequence of this.delivery.takeExhausted()) this.#host.exhausted(this, sequence);
  }

  #mark(sequence: number, mark: readonly [attempts: number, lease: number, deadlineMs: number]): void {
    this.marked.add(sequence);
    this.#host.store.putMark(this.record.number, sequence, mark);
  }

  /**
   * @returns failures by ack ID (exactly-once only); without exactly-once a lost lease is no error.
   * @throws CloudError INVALID_ARGUMENT for a text that is no ack ID of this subscription; then nothing is done.
   */
  async acknowledge(ackIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const parsed = this.#parse(ackIds);
    const { exactlyOnce, ordered } = this.delivery.rules;
    if (exactlyOnce && ordered) parsed.sort((a, b) => a.sequence - b.sequence);
    const failures = new Map<string, string>();
    for (const { sequence, lease, text } of parsed) {
      const outcome = this.delivery.acknowledge(sequence, lease);
      if (outcome === "acknowledged") this.#host.release(this, sequence);
      else if (exactlyOnce && outcome === "stale") failures.set(text, "PERMANENT_FAILURE_INVALID_ACK_ID");
      else if (exactlyOnce && outcome === "unordered") failures.set(text, "TRANSIENT_FAILURE_UNORDERED_ACK_ID");
    }
    this.pump();
    if (exactlyOnce) await this.#host.store.durable();
    return failures;
  }

  /** @param seconds of an ack ID by its index. The rest as `acknowledge`. */
  async modifyAckDeadline(
    ackIds: readonly string[],
    seconds: (index: number) => number,
  ): Promise<ReadonlyMap<string, string>> {
    const parsed = this.#parse(ackIds);
    const { exactlyOnce } = this.delivery.rules;
    const nowMs = this.#host.clock.now();
    const failures = new Map<string, string>();
    for (const [index, { sequence, lease, text }] of parsed.entries()) {
      const milliseconds = 1000 * seconds(index);
      const outcome = this.delivery.modify(sequence, lease, nowMs, milliseconds);
      if (!exactlyOnce) continue;
      if (outcome === "extended") {
        const attempts = this.delivery.attemptsOf(sequence);
        this.#mark(sequence, [attempts, lease, nowMs + milliseconds]);
      } else if (outcome === "stale" || outcome === "gone") {
        failures.set(text, "PERMANENT_FAILURE_INVALID_ACK_ID");
      }
    }
    this.afterFailures();
    this.pump();
    if (exactlyOnce) await this.#host.store.durable();
    return failures;
  }

  #parse(ackIds: readonly string[]): (AckId & { readonly text: string })[] {
    return ackIds.map((text) => {
      const parsed = parseAckId(text);
      if (parsed?.subscription !== this.record.number) throw errors.invalidAckId(text);
      return { ...parsed, text };
    });
  }

  /** Ends whoever takes messages. */
  endSubscribers(error: CloudError): void {
    const subscribers = this.#subscribers;
    this.#subscribers = [];
    for (const subscriber of subscribers) subscriber.ended(error);
  }

  /** No more deliveries. */
  close(error: CloudError): void {
    this.closed = true;
    this.#timer.cancel();
    this.endSubscribers(error);
  }
}
