import { gzipSync } from "node:zlib";
import type { OutgoingMessage } from "../../cloud/pubsub.js";
import type { PushedMessage } from "./envelope.js";

/** Attributes of a dead letter, beside those that the message had. Pub/Sub takes 1,024 bytes of each. */
export const REASON = "dead_letter_reason";
export const SENTENCE = "dead_letter_error";
export const MESSAGE_ID = "dead_letter_message_id";
export const PUBLISH_TIME = "dead_letter_publish_time";
export const SUBSCRIPTION = "dead_letter_subscription";
export const ATTEMPT = "dead_letter_attempt";
/** "gzip": the payload is packed. */
export const ENCODING = "dead_letter_encoding";

/** A payload beyond this is packed, so that it fits into a message, and a row, together with its reason. */
const PACK_BYTES_MIN = 1_000_000;
const VALUE_BYTES_MAX = 1_024;
/** Pub/Sub takes 100; ours are seven. */
const ATTRIBUTES_KEPT_MAX = 90;

/**
 * The dead letter of a message: its payload and attributes, and why.
 * @param reason a word for programs, such as "event_invalid"; @param sentence for people, cut to what an attribute holds.
 */
export function deadLetter(pushed: PushedMessage, reason: string, sentence: string): OutgoingMessage {
  const packed = pushed.data.byteLength > PACK_BYTES_MIN;
  const kept = Object.entries(pushed.attributes)
    .filter(([name, value]) => name !== "" && !name.startsWith("goog") && bytesOf(name) <= 256 && fits(value))
    .slice(0, ATTRIBUTES_KEPT_MAX);
  return {
    // An empty message is refused: an attribute alone is not, and ours are there.
    data: packed ? gzipSync(pushed.data) : pushed.data,
    attributes: {
      ...Object.fromEntries(kept),
      [REASON]: reason,
      [SENTENCE]: cut(sentence),
      [MESSAGE_ID]: pushed.messageId,
      ...(pushed.publishTime === "" ? {} : { [PUBLISH_TIME]: pushed.publishTime }),
      ...(pushed.subscription === "" ? {} : { [SUBSCRIPTION]: pushed.subscription }),
      ...(pushed.deliveryAttempt === undefined ? {} : { [ATTEMPT]: String(pushed.deliveryAttempt) }),
      ...(packed ? { [ENCODING]: "gzip" } : {}),
    },
  };
}

const bytesOf = (text: string): number => Buffer.byteLength(text);
const fits = (text: string): boolean => bytesOf(text) <= VALUE_BYTES_MAX;

/** At most so many bytes of UTF-8, whole characters. */
function cut(text: string): string {
  if (fits(text)) return text;
  const ellipsis = "…";
  const bytes = Buffer.from(text).subarray(0, VALUE_BYTES_MAX - bytesOf(ellipsis) - 4);
  return `${bytes.toString("utf8").replace(/\uFFFD+$/, "")}${ellipsis}`;
}
