/**
 * Streaming pull. Contract: google.pubsub.v1.Subscriber.StreamingPull, gRPC only. How clients really use it, and what
 * follows for a server: contracts 4.4. A stream never ends with OK unless its caller ended it first: clients would not come back.
 */

import type { CloudError } from "../../platform/errors.js";
import type { StreamHandler, StreamPeer, StreamReceiver } from "../../platform/transport/handler.js";
import * as errors from "../errors.js";
import { ACK_DEADLINE_SECONDS_MAX, ACK_DEADLINE_SECONDS_MIN, DELIVERY_MESSAGES_MAX } from "../limits.js";
import {
  type Confirmation,
  readStreamingPullRequest,
  type StreamingPullRequest,
  writeConfirmation,
  writeDeliveries,
} from "../messages.js";
import type { Pubsub } from "../service.js";
import type { Outgoing, Subscriber, SubscriptionState } from "../subscription.js";
import { checkDeadline, checkPullable } from "./pull.js";

export function streamHandlers(pubsub: Pubsub): Readonly<Record<string, StreamHandler>> {
  return { "Subscriber.StreamingPull": (peer) => new PullStream(pubsub, peer) };
}

/** One stream: a consumer of its own, with its own flow control. */
class PullStream implements StreamReceiver, Subscriber {
  outstandingMessages = 0;
  outstandingBytes = 0;
  outstandingBytesMax = Number.POSITIVE_INFINITY;
  leaseMs = 0;
  readonly #pubsub: Pubsub;
  readonly #peer: StreamPeer;
  #subscription: SubscriptionState | undefined;
  #outstandingMessagesMax = Number.POSITIVE_INFINITY;
  /** The transport has taken all that was sent. */
  #writable = true;
  /** Clients are told the subscription's properties with the first response and when they change. */
  #toldExactlyOnce: boolean | undefined;

  constructor(pubsub: Pubsub, peer: StreamPeer) {
    this.#pubsub = pubsub;
    this.#peer = peer;
  }

  message(bytes: Buffer): void | Promise<void> {
    const request = readStreamingPullRequest(bytes);
    if (!this.#subscription) return this.#open(request);
    if (request.subscription !== "") throw errors.invalidArgument("subscription is set in the first request only");
    if (request.streamAckDeadlineSeconds !== 0) this.#setDeadline(request.streamAckDeadlineSeconds);
    if (request.ackIds.length > 0 || request.modifyAckIds.length > 0) return this.#settle(this.#subscription, request);
    return undefined;
  }

  #open(request: StreamingPullRequest): void | Promise<void> {
    const { broker, names } = this.#pubsub;
    const subscription = broker.subscription(names.parse("subscription", request.subscription));
    checkPullable(subscription);
    this.#setDeadline(request.streamAckDeadlineSeconds);
    // Zero and below: no limit (pubsub.proto).
    if (request.maxOutstandingMessages > 0) this.#outstandingMessagesMax = request.maxOutstandingMessages;
    if (request.maxOutstandingBytes > 0) this.outstandingBytesMax = request.maxOutstandingBytes;
    this.#subscription = subscription;
    subscription.attach(this);
    if (request.ackIds.length > 0 || request.modifyAckIds.length > 0) return this.#settle(subscription, request);
    return undefined;
  }

  #setDeadline(seconds: number): void {
    if (seconds < ACK_DEADLINE_SECONDS_MIN || seconds > ACK_DEADLINE_SECONDS_MAX) {
      throw errors.ackDeadline(seconds, ACK_DEADLINE_SECONDS_MIN);
    }
    this.leaseMs = 1000 * seconds;
  }

  room(): number {
    if (!this.#writable) return 0;
    return Math.min(this.#outstandingMessagesMax - this.outstandingMessages, DELIVERY_MESSAGES_MAX);
  }

  deliver(messages: readonly Outgoing[]): void {
    const rules = this.#subscription?.delivery.rules;
    const exactlyOnce = rules?.exactlyOnce ?? false;
    const isNews = this.#toldExactlyOnce !== exactlyOnce;
    this.#toldExactlyOnce = exactlyOnce;
    const response = isNews
      ? writeDeliveries(messages, exactlyOnce, rules?.ordered ?? false)
      : writeDeliveries(messages);
    this.#writable = this.#peer.send(response);
  }

  drained(): void {
    this.#writable = true;
    this.#subscription?.pump();
  }

  halfClosed(): void {
    this.#peer.end();
  }

  closed(): void {
    this.#subscription?.detach(this);
  }

  /** The subscription is gone, detached, or no pull subscription any more. */
  ended(error: CloudError): void {
    this.#peer.fail(error);
  }

  /** Acknowledgements on the stream, as Python and Go send them; without exactly-once nothing is confirmed. */
  async #settle(subscription: SubscriptionState, request: StreamingPullRequest): Promise<void> {
    const { ackIds, modifyAckIds, modifySeconds } = request;
    if (modifyAckIds.length !== modifySeconds.length) {
      throw errors.invalidArgument("modify_deadline_seconds must have as many values as modify_deadline_ack_ids");
    }
    for (const seconds of modifySeconds) checkDeadline(seconds);
    const { exactlyOnce } = subscription.delivery.rules;
    if (ackIds.length > 0) {
      const failures = await subscription.acknowledge(ackIds);
      if (exactlyOnce) this.#peer.send(writeConfirmation(confirm("acknowledge", ackIds, failures)));
    }
    if (modifyAckIds.length > 0) {
      const failures = await subscription.modifyAckDeadline(modifyAckIds, (index) => modifySeconds[index] ?? 0);
      if (exactlyOnce) this.#peer.send(writeConfirmation(confirm("modifyAckDeadline", modifyAckIds, failures)));
    }
  }
}

function confirm(
  kind: Confirmation["kind"],
  ackIds: readonly string[],
  failures: ReadonlyMap<string, string>,
): Confirmation {
  const having = (code: string): string[] => ackIds.filter((id) => failures.get(id) === code);
  return {
    kind,
    done: ackIds.filter((id) => !failures.has(id)),
    invalid: having("PERMANENT_FAILURE_INVALID_ACK_ID"),
    unordered: having("TRANSIENT_FAILURE_UNORDERED_ACK_ID"),
    temporarilyFailed: [],
  };
}
