/**
 * The HTTP request of a push (docs.cloud.google.com/pubsub/docs/push, payload-unwrapping, authenticate-push-subscriptions).
 */

import type { PushConfig } from "./contract/messages.js";
import { readMessage, type StoredMessage } from "./messages.js";
import type { Outgoing } from "./subscription.js";

export interface PushRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Anything else, and no answer in time, gives the message back. */
export const ACK_STATUSES: ReadonlySet<number> = new Set([102, 200, 201, 202, 204]);

export function pushRequest(
  config: PushConfig,
  subscription: string,
  outgoing: Outgoing,
  token: string | undefined,
): PushRequest {
  const message = readMessage(outgoing.message);
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const common = { "user-agent": "CloudPubSub-Google", accept: "application/json", ...authorization };
  if (config.noWrapper) {
    const metadata = config.noWrapper.writeMetadata ? metadataHeaders(subscription, outgoing, message) : {};
    return { headers: { ...metadata, ...common }, body: Buffer.from(message.data) };
  }
  return {
    headers: { ...common, "content-type": "application/json" },
    body: Buffer.from(JSON.stringify(envelope(subscription, outgoing, message))),
  };
}

/** Both spellings of ID and time, as production sends them. */
function envelope(subscription: string, { deliveryAttempt }: Outgoing, message: StoredMessage): object {
  const time = new Date(message.publishMs).toISOString();
  const { attributes, data, orderingKey, messageId } = message;
  return {
    message: {
      ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
      ...(data.length > 0 ? { data: Buffer.from(data).toString("base64") } : {}),
      messageId,
      message_id: messageId,
      ...(orderingKey === "" ? {} : { orderingKey }),
      publishTime: time,
      publish_time: time,
    },
    subscription,
    ...(deliveryAttempt > 0 ? { deliveryAttempt } : {}),
  };
}

/** A name or value that HTTP cannot carry is left out. */
function metadataHeaders(
  subscription: string,
  { deliveryAttempt }: Outgoing,
  message: StoredMessage,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.attributes)) {
    if (/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value))
      headers[name.toLowerCase()] = value;
  }
  headers["x-goog-pubsub-subscription-name"] = subscription;
  headers["x-goog-pubsub-message-id"] = message.messageId;
  headers["x-goog-pubsub-publish-time"] = new Date(message.publishMs).toISOString();
  if (message.orderingKey !== "") headers["x-goog-pubsub-ordering-key"] = encodeURI(message.orderingKey);
  if (deliveryAttempt > 0) headers["x-goog-pubsub-delivery-attempt"] = String(deliveryAttempt);
  return headers;
}
