import { type AnomalyKind, AnomalySchedule, distort } from "./anomalies.js";
import { drawOrder, toPurchase } from "./basket.js";
import { Customers } from "./customers.js";
import type { ClickstreamEvent } from "./event.js";
import { Random } from "./random.js";
import {
  browseEvent,
  categoryPage,
  drawActionTimes,
  drawPlan,
  MEAN_EVENTS_PER_SESSION,
  productPage,
  purchaseEvent,
  type SessionPlan,
} from "./session.js";
import { arrivals, drawTimes, mergeByTime } from "./timeline.js";

/** Ground truth about one purchase; no model ever reads it. */
export interface PurchaseLabel {
  readonly transaction_id: string;
  readonly is_anomaly: boolean;
  readonly kind: AnomalyKind | null;
}

export interface SimulatedEvent {
  readonly timeMs: number;
  readonly event: ClickstreamEvent;
  /** Present with a purchase. */
  readonly label?: PurchaseLabel;
}

export interface SimulationOptions {
  /** Default "activate". */
  readonly seed?: number | string;
  /** The day after the last one, `YYYY-MM-DD`, UTC. Default "2026-03-01". */
  readonly end?: string;
  /** Default 30. */
  readonly days?: number;
  /** Exactly so many. Default 60,000. */
  readonly events?: number;
  /** Share of the purchases, 0 … 1. Default 0.02. */
  readonly anomalyShare?: number;
}

export interface LiveOptions {
  /** Default "live". */
  readonly seed?: number | string;
  /** When the first session may begin, milliseconds since 1970. */
  readonly startMs: number;
  /** Average over a long time. */
  readonly eventsPerSecond: number;
  /** Share of the purchases, 0 … 1. Default 0.02. */
  readonly anomalyShare?: number;
  /** Default "L": what transaction ids begin with, so that they differ from those of the recorded days ("T"). */
  readonly transactionPrefix?: string;
  /** Whether the hours differ as in the recorded days. Default false: a constant rate. */
  readonly rhythm?: boolean;
}

export const SIMULATION_DEFAULTS = {
  seed: "activate",
  end: "2026-03-01",
  days: 30,
  events: 60_000,
  anomalyShare: 0.02,
} as const;

const DAY_MS = 86_400_000;

/**
 * The clickstream of the days before `end`, in the order of time: a pure function of its options.
 * @throws RangeError when an option is out of range, with its name.
 * @example [...simulate({ events: 100, days: 1 })].length // 100
 */
export function* simulate(options: SimulationOptions = {}): Generator<SimulatedEvent> {
  const { seed, end, days, events, anomalyShare } = { ...SIMULATION_DEFAULTS, ...options };
  const endMs = parseDay(end);
  requireWhole("days", days, 1, 3660);
  requireWhole("events", events, 1, 100_000_000);
  requireShare(anomalyShare);

  const plans: SessionPlan[] = [];
  const planRandom = Random.derived(seed, "plans");
  for (let left = events; left > 0; ) {
    const plan = drawPlan(planRandom, left);
    plans.push(plan);
    left -= plan.length;
  }
  const startMs = endMs - days * DAY_MS;
  const times = drawTimes(Random.derived(seed, "times"), startMs, days, plans.length);
  yield* play(seed, anomalyShare, "T", zip(plans, times), endMs);
}

/**
 * Events and ground truth of the days before `end`, in memory.
 * @returns `labels` has one entry a purchase, in the order of the purchases.
 * @throws RangeError as `simulate`.
 */
export function simulateClickstream(options: SimulationOptions = {}): {
  readonly events: ClickstreamEvent[];
  readonly labels: PurchaseLabel[];
} {
  const events: ClickstreamEvent[] = [];
  const labels: PurchaseLabel[] = [];
  for (const { event, label } of simulate(options)) {
    events.push(event);
    if (label !== undefined) labels.push(label);
  }
  return { events, labels };
}

/**
 * A stream without end, for live pipelines: take events and wait until their `timeMs`.
 * @throws RangeError when an option is out of range, with its name.
 */
export function* simulateLive(options: LiveOptions): Generator<SimulatedEvent> {
  const {
    seed = "live",
    startMs,
    eventsPerSecond,
    anomalyShare = 0.02,
    transactionPrefix = "L",
    rhythm = false,
  } = options;
  if (!(eventsPerSecond > 0 && eventsPerSecond <= 100_000)) {
    throw new RangeError(`eventsPerSecond must be above 0 and at most 100000, got ${eventsPerSecond}`);
  }
  if (!Number.isFinite(startMs)) throw new RangeError(`startMs must be milliseconds since 1970, got ${startMs}`);
  requireShare(anomalyShare);
  const planRandom = Random.derived(seed, "plans");
  const times = arrivals(Random.derived(seed, "times"), startMs, eventsPerSecond / MEAN_EVENTS_PER_SESSION, rhythm);
  const sessions = (function* () {
    for (const time of times) yield [drawPlan(planRandom, Number.POSITIVE_INFINITY), time] as const;
  })();
  yield* play(seed, anomalyShare, transactionPrefix, sessions, Number.POSITIVE_INFINITY);
}

/** Gives plans their customers, orders and anomalies, and merges the sessions into one stream. */
function* play(
  seed: number | string,
  anomalyShare: number,
  prefix: string,
  sessions: Iterable<readonly [plan: SessionPlan, startMs: number]>,
  endMs: number,
): Generator<SimulatedEvent> {
  const random = Random.derived(seed, "orders");
  const customers = new Customers(Random.derived(seed, "customers"));
  const anomalies = new AnomalySchedule(Random.derived(seed, "anomalies"), anomalyShare);
  let purchases = 0;

  const playSession = (plan: SessionPlan, startMs: number): SimulatedEvent[] => {
    const visitor = customers.next();
    const times = drawActionTimes(random, plan.length, startMs, endMs);
    let page = "/";
    return plan.map((action, index) => {
      const timeMs = times[index] ?? startMs;
      if (action.name !== "purchase") {
        const product = action.name === "view_item" ? action.product : action.line.product;
        const previous = action.name === "view_item" && page === "/" ? categoryPage(product) : page;
        page = productPage(product);
        return { timeMs, event: browseEvent(action, timeMs, visitor, previous) };
      }
      purchases += 1;
      const transactionId = `${prefix}${String(purchases).padStart(7, "0")}`;
      const honest = drawOrder(random, action.lines);
      const kind = anomalies.next();
      const order = kind === undefined ? honest : distort(random, honest, kind);
      const label = { transaction_id: transactionId, is_anomaly: kind !== undefined, kind: kind ?? null };
      return { timeMs, event: purchaseEvent(toPurchase(order, transactionId), timeMs, visitor), label };
    });
  };

  const lists = (function* () {
    for (const [plan, startMs] of sessions) yield playSession(plan, startMs);
  })();
  yield* mergeByTime(lists);
}

function* zip<A, B>(left: readonly A[], right: readonly B[]): Generator<readonly [A, B]> {
  for (const [index, a] of left.entries()) yield [a, right[index] as B];
}

function parseDay(day: string): number {
  const milliseconds = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(milliseconds)) throw new RangeError(`end must be a day such as "2026-03-01", got "${day}"`);
  return milliseconds;
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  throw new RangeError(`${name} must be a whole number from ${low} to ${high}, got ${value}`);
}

function requireShare(value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new RangeError(`anomalyShare must be between 0 and 1, got ${value}`);
}
