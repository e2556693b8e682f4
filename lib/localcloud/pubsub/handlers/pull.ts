/**
 * Unary pulling and acknowledging. Contract: google.pubsub.v1.Subscriber, gRPC and REST alike, in binary form.
 */

import type { BinaryHandler, CallContext } from "../../platform/transport/handler.js";
import * as errors from "../errors.js";
import { ACK_DEADLINE_SECONDS_MAX, ACK_REQUEST_BYTES_MAX, DELIVERY_MESSAGES_MAX, PULL_HOLD_MS } from "../limits.js";
import { readAckRequest, readPullRequest, writeDeliveries } from "../messages.js";
import type { Pubsub } from "../service.js";
import { isPush, type Outgoing, type Subscriber, type SubscriptionState } from "../subscription.js";

const EMPTY = new Uint8Array();

export function pullHandlers(pubsub: Pubsub): Readonly<Record<string, BinaryHandler>> {
  const { broker, names } = pubsub;
  const find = (name: string): SubscriptionState => broker.subscription(names.parse("subscription", name));
  return {
    /** An empty backlog is waited for, except with `return_immediately`. @throws NOT_FOUND, FAILED_PRECONDITION */
    "Subscriber.Pull": async (request, context) => {
      const { subscription: name, returnImmediately, maxMessages } = readPullRequest(request);
      const subscription = find(name);
      checkPullable(subscription);
      if (maxMessages <= 0) throw errors.invalidArgument("max_messages");
      const limit = Math.min(maxMessages, DELIVERY_MESSAGES_MAX);
      const messages = await pullOnce(pubsub, subscription, limit, returnImmediately, context);
      return writeDeliveries(messages);
    },

    /** @throws NOT_FOUND, INVALID_ARGUMENT; with exactly-once delivery an error that tells the result of each ID. */
    "Subscriber.Acknowledge": async (request) => {
      checkSize(request);
      const { subscription: name, ackIds } = readAckRequest(request);
      const subscription = find(name);
      if (ackIds.length === 0) throw errors.noAckIds();
      const failures = await subscription.acknowledge(ackIds);
      if (failures.size > 0) throw errors.ackIdsFailed(failures);
      return EMPTY;
    },

    /** 0 seconds give the messages back. As `Acknowledge`. */
    "Subscriber.ModifyAckDeadline": async (request) => {
      checkSize(request);
      const { subscription: name, ackIds, seconds } = readAckRequest(request);
      const subscription = find(name);
      if (ackIds.length === 0) throw errors.noAckIds();
      checkDeadline(seconds);
      const failures = await subscription.modifyAckDeadline(ackIds, () => seconds);
      if (failures.size > 0) throw errors.ackIdsFailed(failures);
      return EMPTY;
    },
  };
}

function checkSize(request: Buffer): void {
  if (request.length > ACK_REQUEST_BYTES_MAX) {
    throw errors.tooLarge("request_size", request.length, ACK_REQUEST_BYTES_MAX);
  }
}

/** @throws CloudError INVALID_ARGUMENT */
export function checkDeadline(seconds: number): void {
  if (seconds < 0 || seconds > ACK_DEADLINE_SECONDS_MAX) throw errors.ackDeadline(seconds, 0);
}

/** @throws CloudError FAILED_PRECONDITION for a push or export subscription, or a detached one. */
export function checkPullable({ record: { resource } }: SubscriptionState): void {
  if (resource.detached) throw errors.detached();
  if (isPush(resource) || resource.bigqueryConfig) throw errors.wrongType();
}

/** Takes what is there, or what comes first, and leaves. */
function pullOnce(
  { broker }: Pubsub,
  subscription: SubscriptionState,
  limit: number,
  returnImmediately: boolean,
  context: CallContext,
): Promise<readonly Outgoing[]> {
  return new Promise((resolve) => {
    const received: Outgoing[] = [];
    const waiting = new AbortController();
    let open = true;
    const finish = (): void => {
      if (!open) return;
      open = false;
      waiting.abort();
      subscription.detach(subscriber);
      context.signal.removeEventListener("abort", finish);
      resolve(received);
    };
    const subscriber: Subscriber = {
      outstandingMessages: 0,
      outstandingBytes: 0,
      outstandingBytesMax: Number.POSITIVE_INFINITY,
      leaseMs: subscription.ackDeadlineMs,
      room: () => (open ? limit - subscriber.outstandingMessages : 0),
      deliver: (messages) => {
        received.push(...messages);
        // The rest of this run belongs to the same answer.
        setImmediate(finish);
      },
      ended: finish,
    };
    context.signal.addEventListener("abort", finish);
    subscription.attach(subscriber);
    if (returnImmediately) {
      // The run that `attach` has asked for comes first; with exactly-once delivery its leases are written in between.
      setImmediate(() => {
        if (subscriber.outstandingMessages === 0) finish();
      });
      return;
    }
    const { deadlineMs } = context;
    const nowMs = broker.clock.now();
    const holdMs = Math.min(PULL_HOLD_MS, deadlineMs === undefined ? PULL_HOLD_MS : (deadlineMs - nowMs) * 0.9);
    broker.clock.sleep(Math.max(0, holdMs), waiting.signal).then(
      () => {
        if (subscriber.outstandingMessages === 0) finish();
      },
      () => undefined,
    );
  });
}
