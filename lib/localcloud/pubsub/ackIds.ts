/**
 * Ack IDs: subscription, message and delivery as three numbers of base 36. Opaque to clients, of the alphabet that
 * production uses; the same for Pull, StreamingPull and REST.
 */

export interface AckId {
  readonly subscription: number;
  readonly sequence: number;
  readonly lease: number;
}

const FORM = /^([0-9a-z]+)_([0-9a-z]+)_([0-9a-z]+)$/;

export function formatAckId(subscription: string, sequence: number, lease: number): string {
  return `${subscription}_${sequence.toString(36)}_${lease.toString(36)}`;
}

/** Undefined for a text that is no ack ID of ours. */
export function parseAckId(text: string): AckId | undefined {
  const match = FORM.exec(text);
  if (!match) return undefined;
  return {
    subscription: Number.parseInt(match[1] ?? "", 36),
    sequence: Number.parseInt(match[2] ?? "", 36),
    lease: Number.parseInt(match[3] ?? "", 36),
  };
}
