/**
 * Messages in protobuf's binary form. A published message is kept as it came, with its ID and time added behind, and
 * goes out as it is kept: bytes are copied, never decoded. Field numbers: google/pubsub/v1/pubsub.proto.
 */

import type { Attributes } from "./filter.js";
import { ProtoReader, ProtoWriter, varintLength } from "./protobuf.js";

/** `PubsubMessage` */
const DATA = 1;
const ATTRIBUTES = 2;
const MESSAGE_ID = 3;
const PUBLISH_TIME = 4;
const ORDERING_KEY = 5;

/** What a publish request says of one message. */
export interface PublishedMessage {
  /** `PubsubMessage` without ID and time. */
  readonly bytes: Uint8Array;
  readonly dataBytes: number;
  readonly attributes: Attributes | undefined;
  readonly orderingKey: string;
}

/** A message as it is kept and sent. */
export interface StoredMessage {
  readonly data: Uint8Array;
  readonly attributes: Attributes;
  readonly orderingKey: string;
  readonly messageId: string;
  readonly publishMs: number;
}

export function readPublishRequest(request: Uint8Array): { topic: string; messages: PublishedMessage[] } {
  const reader = new ProtoReader(request);
  const messages: PublishedMessage[] = [];
  let topic = "";
  while (reader.next()) {
    if (reader.field === 1) topic = reader.text();
    else if (reader.field === 2) messages.push(readPublished(reader.bytes()));
    else reader.skip();
  }
  return { topic, messages };
}

function readPublished(bytes: Uint8Array): PublishedMessage {
  const reader = new ProtoReader(bytes);
  let dataBytes = 0;
  let orderingKey = "";
  let attributes: Record<string, string> | undefined;
  const dropped: [number, number][] = [];
  while (reader.next()) {
    switch (reader.field) {
      case DATA:
        dataBytes = reader.bytes().length;
        break;
      case ATTRIBUTES: {
        const [key, value] = readEntry(reader.bytes());
        attributes ??= {};
        define(attributes, key, value);
        break;
      }
      case ORDERING_KEY:
        orderingKey = reader.text();
        break;
      case MESSAGE_ID:
      case PUBLISH_TIME: {
        // Only the server sets these.
        const start = reader.tagPosition;
        reader.skip();
        dropped.push([start, reader.position]);
        break;
      }
      default:
        reader.skip();
    }
  }
  return { bytes: without(bytes, dropped), dataBytes, attributes, orderingKey };
}

/** An attribute may be called `__proto__`. */
function define(attributes: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
}

function readEntry(bytes: Uint8Array): [key: string, value: string] {
  const reader = new ProtoReader(bytes);
  let key = "";
  let value = "";
  while (reader.next()) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.skip();
  }
  return [key, value];
}

function without(bytes: Uint8Array, ranges: readonly [number, number][]): Uint8Array {
  if (ranges.length === 0) return bytes;
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    parts.push(bytes.subarray(from, start));
    from = end;
  }
  parts.push(bytes.subarray(from));
  return Buffer.concat(parts);
}

/** A record of the store: the topic's number in four bytes, then the message with its ID and time. */
const RECORD_HEAD_BYTES = 4;

export function writeRecord(
  topicNumber: number,
  message: Uint8Array,
  messageId: string,
  publishMs: number,
): { readonly record: Buffer; readonly message: Buffer } {
  const seconds = Math.floor(publishMs / 1000);
  const nanos = Math.round((publishMs - seconds * 1000) * 1e6);
  const time = new ProtoWriter(20);
  time.varintField(1, seconds);
  if (nanos !== 0) time.varintField(2, nanos);
  const timeBytes = time.finish();
  const writer = new ProtoWriter(RECORD_HEAD_BYTES + message.length + messageId.length + timeBytes.length + 8);
  writer.fixed32(topicNumber);
  writer.raw(message);
  writer.asciiField(MESSAGE_ID, messageId);
  writer.bytesField(PUBLISH_TIME, timeBytes);
  const record = writer.finish();
  return { record, message: record.subarray(RECORD_HEAD_BYTES) };
}

export function topicOfRecord(record: Buffer): number {
  return record.readUInt32LE(0);
}

export function messageOfRecord(record: Buffer): Buffer {
  return record.subarray(RECORD_HEAD_BYTES);
}

export function readMessage(bytes: Uint8Array): StoredMessage {
  const reader = new ProtoReader(bytes);
  const attributes: Record<string, string> = {};
  let data: Uint8Array = new Uint8Array();
  let orderingKey = "";
  let messageId = "";
  let publishMs = 0;
  while (reader.next()) {
    switch (reader.field) {
      case DATA:
        data = reader.bytes();
        break;
      case ATTRIBUTES: {
        const [key, value] = readEntry(reader.bytes());
        define(attributes, key, value);
        break;
      }
      case MESSAGE_ID:
        messageId = reader.text();
        break;
      case PUBLISH_TIME:
        publishMs = readTime(reader.bytes());
        break;
      case ORDERING_KEY:
        orderingKey = reader.text();
        break;
      default:
        reader.skip();
    }
  }
  return { data, attributes, orderingKey, messageId, publishMs };
}

function readTime(bytes: Uint8Array): number {
  const reader = new ProtoReader(bytes);
  let milliseconds = 0;
  while (reader.next()) {
    if (reader.field === 1) milliseconds += reader.number() * 1000;
    else if (reader.field === 2) milliseconds += reader.number() / 1e6;
    else reader.skip();
  }
  return milliseconds;
}

/** A message with attributes added, without ID and time: what goes to a dead-letter topic. */
export function withAttributes(message: StoredMessage, added: Attributes): PublishedMessage {
  const attributes: Record<string, string> = { ...message.attributes };
  for (const [key, value] of Object.entries(added)) define(attributes, key, value);
  const writer = new ProtoWriter(message.data.length + 512);
  if (message.data.length > 0) writer.bytesField(DATA, message.data);
  for (const [key, value] of Object.entries(attributes)) {
    const entry = new ProtoWriter(64);
    entry.textField(1, key);
    entry.textField(2, value);
    writer.bytesField(ATTRIBUTES, entry.finish());
  }
  if (message.orderingKey !== "") writer.textField(ORDERING_KEY, message.orderingKey);
  return { bytes: writer.finish(), dataBytes: message.data.length, attributes, orderingKey: message.orderingKey };
}

export function writePublishResponse(messageIds: readonly string[]): Buffer {
  const writer = new ProtoWriter(messageIds.length * 20);
  for (const id of messageIds) writer.asciiField(1, id);
  return writer.finish();
}

/** One message on its way to a subscriber. */
export interface Delivery {
  readonly ackId: string;
  readonly message: Uint8Array;
  /** 0 without a dead-letter policy. */
  readonly deliveryAttempt: number;
}

/** `PullResponse` and `StreamingPullResponse` alike: received messages are field 1 of both. */
export function writeDeliveries(deliveries: readonly Delivery[], exactlyOnce?: boolean, ordered?: boolean): Buffer {
  let size = 16;
  for (const { ackId, message } of deliveries) size += ackId.length + message.length + 24;
  const writer = new ProtoWriter(size);
  for (const { ackId, message, deliveryAttempt } of deliveries) {
    let length = 2 + varintLength(message.length) + ackId.length + message.length;
    if (ackId.length > 127) length += 1;
    length += 1;
    if (deliveryAttempt > 0) length += 1 + varintLength(deliveryAttempt);
    writer.tag(1, 2);
    writer.varint(length);
    writer.asciiField(1, ackId);
    writer.bytesField(2, message);
    if (deliveryAttempt > 0) writer.varintField(3, deliveryAttempt);
  }
  if (exactlyOnce !== undefined) {
    const properties = new ProtoWriter(4);
    if (exactlyOnce) properties.varintField(1, 1);
    if (ordered) properties.varintField(2, 1);
    writer.bytesField(4, properties.finish());
  }
  return writer.finish();
}

export interface AckRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
  /** ModifyAckDeadline only. */
  readonly seconds: number;
}

/** `AcknowledgeRequest` (IDs in field 2) and `ModifyAckDeadlineRequest` (IDs in field 4, once in field 2; seconds in 3). */
export function readAckRequest(request: Uint8Array): AckRequest {
  const reader = new ProtoReader(request);
  const ackIds: string[] = [];
  let subscription = "";
  let seconds = 0;
  while (reader.next()) {
    if (reader.field === 1) subscription = reader.text();
    else if (reader.field === 2 || reader.field === 4) ackIds.push(reader.ascii());
    else if (reader.field === 3) seconds = reader.number();
    else reader.skip();
  }
  return { subscription, ackIds, seconds };
}

export interface PullRequest {
  readonly subscription: string;
  readonly returnImmediately: boolean;
  readonly maxMessages: number;
}

export function readPullRequest(request: Uint8Array): PullRequest {
  const reader = new ProtoReader(request);
  let subscription = "";
  let returnImmediately = false;
  let maxMessages = 0;
  while (reader.next()) {
    if (reader.field === 1) subscription = reader.text();
    else if (reader.field === 2) returnImmediately = reader.number() !== 0;
    else if (reader.field === 3) maxMessages = reader.number();
    else reader.skip();
  }
  return { subscription, returnImmediately, maxMessages };
}

export interface StreamingPullRequest {
  readonly subscription: string;
  readonly ackIds: readonly string[];
  readonly modifyAckIds: readonly string[];
  readonly modifySeconds: readonly number[];
  readonly streamAckDeadlineSeconds: number;
  readonly clientId: string;
  /** Undefined: not sent. */
  readonly maxOutstandingMessages: number;
  readonly maxOutstandingBytes: number;
}

export function readStreamingPullRequest(request: Uint8Array): StreamingPullRequest {
  const reader = new ProtoReader(request);
  const ackIds: string[] = [];
  const modifyAckIds: string[] = [];
  const modifySeconds: number[] = [];
  let subscription = "";
  let clientId = "";
  let streamAckDeadlineSeconds = 0;
  let maxOutstandingMessages = 0;
  let maxOutstandingBytes = 0;
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        subscription = reader.text();
        break;
      case 2:
        ackIds.push(reader.ascii());
        break;
      case 3:
        reader.numbers(modifySeconds);
        break;
      case 4:
        modifyAckIds.push(reader.ascii());
        break;
      case 5:
        streamAckDeadlineSeconds = reader.number();
        break;
      case 6:
        clientId = reader.text();
        break;
      case 7:
        maxOutstandingMessages = reader.number();
        break;
      case 8:
        maxOutstandingBytes = reader.number();
        break;
      default:
        reader.skip();
    }
  }
  return {
    subscription,
    ackIds,
    modifyAckIds,
    modifySeconds,
    streamAckDeadlineSeconds,
    clientId,
    maxOutstandingMessages,
    maxOutstandingBytes,
  };
}

/** Confirmations of what came on the stream, with exactly-once delivery. */
export interface Confirmation {
  readonly kind: "acknowledge" | "modifyAckDeadline";
  readonly done: readonly string[];
  readonly invalid: readonly string[];
  readonly unordered: readonly string[];
  readonly temporarilyFailed: readonly string[];
}

/** `AcknowledgeConfirmation` is field 5, `ModifyAckDeadlineConfirmation` field 3 of `StreamingPullResponse`. */
export function writeConfirmation(confirmation: Confirmation): Buffer {
  const isAck = confirmation.kind === "acknowledge";
  const inner = new ProtoWriter(256);
  for (const id of confirmation.done) inner.textField(1, id);
  for (const id of confirmation.invalid) inner.textField(2, id);
  if (isAck) for (const id of confirmation.unordered) inner.textField(3, id);
  for (const id of confirmation.temporarilyFailed) inner.textField(isAck ? 4 : 3, id);
  const bytes = inner.finish();
  const writer = new ProtoWriter(bytes.length + 8);
  writer.bytesField(isAck ? 5 : 3, bytes);
  return writer.finish();
}
