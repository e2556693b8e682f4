/** The body of a Pub/Sub push (contracts 4.5). */

/** A message as it was pushed. */
export interface PushedMessage {
  readonly messageId: string;
  /** RFC 3339; empty when the envelope has none. */
  readonly publishTime: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly data: Buffer;
  /** Full name; empty when the envelope has none. */
  readonly subscription: string;
  /** From 1; undefined without a dead-letter policy. */
  readonly deliveryAttempt: number | undefined;
}

/** Why something cannot be handled, now or ever. `code` is for programs and the dead letters' attribute, `message` for people. */
export class Unfit extends Error {
  override readonly name = "Unfit";

  constructor(
    readonly code: UnfitCode,
    message: string,
  ) {
    super(message);
  }
}

export type UnfitCode =
  | "no_body"
  | "body_not_json"
  | "no_message"
  | "attributes_not_text"
  | "data_not_base64"
  | "no_data"
  | "event_too_large"
  | "event_not_text"
  | "event_not_json"
  | "event_has_duplicate_fields"
  | "event_invalid"
  | "event_not_handled";

/** A message whose data is no base64: what can be said of it, for its dead letter. */
export class BrokenMessage extends Unfit {
  constructor(
    code: UnfitCode,
    message: string,
    readonly pushed: PushedMessage,
  ) {
    super(code, message);
  }
}

/**
 * @throws Unfit for a body that is no push, BrokenMessage for one that is, with data that cannot be read.
 * @example parseEnvelope(Buffer.from('{"message":{"data":"e30=","messageId":"7"}}')).data.toString() // "{}"
 */
export function parseEnvelope(body: Buffer): PushedMessage {
  if (body.byteLength === 0) {
    throw new Unfit("no_body", "The request has no body; a Pub/Sub push is a POST of a JSON envelope.");
  }
  let envelope: unknown;
  try {
    envelope = JSON.parse(body.toString("utf8"));
  } catch (thrown) {
    throw new Unfit("body_not_json", `The body is not JSON: ${textOf(thrown)}.`);
  }
  const message = isRecord(envelope) ? envelope.message : undefined;
  if (!isRecord(envelope) || !isRecord(message)) {
    throw new Unfit(
      "no_message",
      'The body has no "message"; a Pub/Sub push is {"message":{"data":…,"messageId":…},…}.',
    );
  }
  const messageId = message.messageId ?? message.message_id;
  if (typeof messageId !== "string" || messageId === "") {
    throw new Unfit("no_message", 'The message has no "messageId", by which it would be counted once.');
  }
  const pushed = {
    messageId,
    publishTime: textIn(message.publishTime ?? message.publish_time),
    attributes: attributesOf(message.attributes),
    subscription: textIn(envelope.subscription),
    deliveryAttempt: typeof envelope.deliveryAttempt === "number" ? envelope.deliveryAttempt : undefined,
  };
  const data = message.data ?? "";
  if (typeof data !== "string" || data.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(data)) {
    // What is no text is kept in its envelope: it may be nested deeper than can be written again.
    const kept = typeof data === "string" ? Buffer.from(data) : body;
    throw new BrokenMessage("data_not_base64", "The message's data is not base64.", { ...pushed, data: kept });
  }
  return { ...pushed, data: Buffer.from(data, "base64") };
}

function attributesOf(value: unknown): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [name, text] of Object.entries(isRecord(value) ? value : {})) {
    if (typeof text !== "string") {
      throw new Unfit("attributes_not_text", `The message's attribute "${name}" is no text, as all attributes are.`);
    }
    attributes[name] = text;
  }
  return attributes;
}

const textIn = (value: unknown): string => (typeof value === "string" ? value : "");

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
