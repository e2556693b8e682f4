/** Publishing. Contract: google.pubsub.v1.Publisher.Publish, gRPC and REST alike, in binary form. */

import type { BinaryHandler } from "../../platform/transport/handler.js";
import * as errors from "../errors.js";
import type { Attributes } from "../filter.js";
import {
  ATTRIBUTE_KEY_BYTES_MAX,
  ATTRIBUTE_VALUE_BYTES_MAX,
  ATTRIBUTES_MAX,
  ORDERING_KEY_BYTES_MAX,
  PUBLISH_BYTES_MAX,
  PUBLISH_MESSAGES_MAX,
  REQUEST_BYTES_MAX,
} from "../limits.js";
import { type PublishedMessage, readPublishRequest, writePublishResponse } from "../messages.js";
import type { Pubsub } from "../service.js";

export function publishHandlers({ broker, names }: Pubsub): Readonly<Record<string, BinaryHandler>> {
  return {
    /** The messages are on disk when it returns. @throws NOT_FOUND, INVALID_ARGUMENT; then none is published. */
    "Publisher.Publish": async (request) => {
      if (request.length > REQUEST_BYTES_MAX) throw errors.payloadTooLarge(REQUEST_BYTES_MAX);
      if (request.length > PUBLISH_BYTES_MAX) throw errors.tooLarge("request_size", request.length, PUBLISH_BYTES_MAX);
      const { topic: name, messages } = readPublishRequest(request);
      const topic = broker.topic(names.parse("topic", name));
      if (messages.length === 0) throw errors.tooSmall("message_count", 0, 1);
      if (messages.length > PUBLISH_MESSAGES_MAX) {
        throw errors.tooLarge("message_count", messages.length, PUBLISH_MESSAGES_MAX);
      }
      checkMessages(messages);
      return writePublishResponse(await broker.publish(topic, messages));
    },
  };
}

function checkMessages(messages: readonly PublishedMessage[]): void {
  const orderingKey = messages[0]?.orderingKey;
  for (const message of messages) {
    if (message.attributes) checkAttributes(message.attributes);
    else if (message.dataBytes === 0) throw errors.emptyMessage();
    if (message.orderingKey !== orderingKey) throw errors.mixedOrderingKeys();
  }
  const bytes = Buffer.byteLength(orderingKey ?? "");
  if (bytes > ORDERING_KEY_BYTES_MAX) throw errors.tooLarge("ordering_key size", bytes, ORDERING_KEY_BYTES_MAX);
}

function checkAttributes(attributes: Attributes): void {
  const entries = Object.entries(attributes);
  if (entries.length > ATTRIBUTES_MAX) throw errors.tooLarge("num_attributes", entries.length, ATTRIBUTES_MAX);
  for (const [key, value] of entries) {
    if (key === "" || key.startsWith("goog")) throw errors.badAttributeKey(key);
    const keyBytes = Buffer.byteLength(key);
    if (keyBytes > ATTRIBUTE_KEY_BYTES_MAX) {
      throw errors.tooLarge("attribute key size", keyBytes, ATTRIBUTE_KEY_BYTES_MAX);
    }
    const valueBytes = Buffer.byteLength(value);
    if (valueBytes > ATTRIBUTE_VALUE_BYTES_MAX) {
      throw errors.tooLarge("attribute value size", valueBytes, ATTRIBUTE_VALUE_BYTES_MAX);
    }
  }
}
