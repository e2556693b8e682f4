import { type ClickstreamEvent, simulate } from "activate/anomaly";
import { Random } from "activate/anomaly/random.js";

/** What is published in a round. */
export interface Sent {
  readonly data: Buffer;
  /** "purchase": must be in both tables. "event": in that of the events. "poison": with a reason among the dead letters. */
  readonly kind: "purchase" | "event" | "poison";
}

export type Victim = "scorer" | "cloud" | "both";

/** kill -9, once so many messages of the round are acknowledged by Pub/Sub. */
export interface Kill {
  readonly victim: Victim;
  readonly afterMessages: number;
}

/** All that a round does, by chance of its seed and number: the same every time. */
export interface Story {
  readonly messages: readonly Sent[];
  readonly kills: readonly Kill[];
}

const POISON: readonly string[] = [
  "{not json",
  '{"event":"logout","user_id":"u","ecommerce":{}}',
  '{"event":"purchase","user_id":"u","ecommerce":{"purchase":{"transaction_id":"P","value":"35.43","tax":1,"shipping":1}}}',
  '{"event":"purchase","user_id":"u","ecommerce":{"purchase":{"transaction_id":"P","value":1e308,"tax":1,"shipping":1}}}',
  '{"event":"view_item","event_datetime":"2026-02-30 10:00:00","user_id":"u","ecommerce":{"items":[]}}',
  '{"event":"view_item","user_id":"a","user_id":"b","ecommerce":{"items":[]}}',
];
const POISON_SHARE = 0.01;

export function storyOf(seed: number, round: number, events: number): Story {
  const random = Random.derived(seed, `round ${round}`);
  const messages = [...simulate({ seed: `${seed}-${round}`, events, days: 1, end: "2026-03-02" })].map(
    ({ event }): Sent =>
      random.unit() < POISON_SHARE
        ? { data: Buffer.from(random.pick(POISON)), kind: "poison" }
        : { data: Buffer.from(JSON.stringify(renamed(event, `R${round}`))), kind: kindOf(event) },
  );
  const kills = Array.from({ length: random.integer(1, 2) }, () => ({
    victim: random.pick(["scorer", "cloud", "both"] as const),
    afterMessages: random.integer(1, events),
  })).sort((a, b) => a.afterMessages - b.afterMessages);
  return { messages, kills };
}

const kindOf = ({ event }: ClickstreamEvent): Sent["kind"] => (event === "purchase" ? "purchase" : "event");

/** Transactions of a round have ids of their own. */
function renamed(event: ClickstreamEvent, prefix: string): ClickstreamEvent {
  if (event.event !== "purchase") return event;
  const { purchase } = event.ecommerce;
  return { ...event, ecommerce: { purchase: { ...purchase, transaction_id: `${prefix}-${purchase.transaction_id}` } } };
}
