import { setTimeout as wait } from "node:timers/promises";
import { type ClickstreamEvent, type PurchaseLabel, simulateLive } from "../anomaly/index.js";
import type { PubSubResources } from "../cloud/pubsub.js";
import { numberIn } from "../cloud/rows.js";
import type { Warehouse } from "../cloud/warehouse.js";

export interface LoadOptions {
  /** So many, and nothing else: looks and carts are not sent. */
  readonly purchases: number;
  /** Default 50. */
  readonly perSecond?: number;
  /** Ends after so many seconds, even if not all are sent. Default 60. */
  readonly secondsMax?: number;
  /** Share that is anomalous, 0 to 1. Default 0.02. */
  readonly anomalyShare?: number;
  /** Called with how many are sent. */
  readonly report?: (sent: number) => void;
}

export interface Sent {
  /** Of Pub/Sub, in the order of sending. */
  readonly messageIds: readonly string[];
  readonly labels: readonly PurchaseLabel[];
  /** Milliseconds since 1970 at which the first was sent. */
  readonly startedAtMs: number;
}

/** A purchase that was made up for one run, with its truth. */
export interface MadeUp {
  readonly event: ClickstreamEvent;
  readonly label: PurchaseLabel;
}

/**
 * Plays the shop: purchases of the simulator, at a steady rate, to the topic. Every run has transaction ids of its own, and
 * its ground truth is in `purchase_label` before the first is sent. Their times begin where the recorded days end, so that
 * no model learns from them.
 */
export class LoadGenerator {
  readonly #warehouse: Warehouse;
  readonly #pubsub: PubSubResources;
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(warehouse: Warehouse, pubsub: PubSubResources, now: () => number = Date.now) {
    this.#warehouse = warehouse;
    this.#pubsub = pubsub;
    this.#now = now;
  }

  /** @throws RangeError for an option out of range; ActivateError when Pub/Sub or BigQuery refuse. */
  async run(options: LoadOptions): Promise<Sent> {
    const { purchases, perSecond = 50, secondsMax = 60, anomalyShare = 0.02, report } = options;
    if (!(perSecond > 0)) throw new RangeError(`perSecond must be above 0, got ${perSecond}`);
    const made = await this.makeUp(purchases, anomalyShare);
    const { config } = this.#warehouse;
    const publisher = await this.#pubsub.publisher(await this.#pubsub.ensureTopic({ topicId: config.topic }));
    const startedAtMs = this.#now();
    const sending: Promise<string>[] = [];
    for (const [index, { event }] of made.entries()) {
      const due = startedAtMs + (index * 1000) / perSecond;
      const early = due - this.#now();
      if (early > 1) await wait(early);
      if (this.#now() - startedAtMs > secondsMax * 1000) break;
      sending.push(publisher.publish({ data: Buffer.from(JSON.stringify(event)) }));
      report?.(sending.length);
    }
    await publisher.flush();
    const messageIds = await Promise.all(sending);
    return { messageIds, labels: made.slice(0, messageIds.length).map(({ label }) => label), startedAtMs };
  }

  /** Purchases that nobody has sent yet; their truth is kept. @throws RangeError */
  async makeUp(purchases: number, anomalyShare: number): Promise<MadeUp[]> {
    if (!Number.isInteger(purchases) || purchases < 1 || purchases > 100_000) {
      throw new RangeError(`purchases must be a whole number from 1 to 100000, got ${purchases}`);
    }
    const { simulation } = this.#warehouse.config;
    await this.#warehouse.rows("tables/purchase_label.sql");
    const run = numberIn(await this.#warehouse.row("live/runs.sql"), "runs") + 1;
    const made: MadeUp[] = [];
    for (const { event, label } of simulateLive({
      seed: `${simulation.seed} live ${run}`,
      startMs: Date.parse(`${simulation.end}T00:00:00Z`),
      eventsPerSecond: 1,
      anomalyShare,
      transactionPrefix: `L${run}-`,
    })) {
      if (label !== undefined) made.push({ event, label });
      if (made.length === purchases) break;
    }
    const labels = made.map(({ label }) => label);
    await this.#warehouse.insert("purchase_label", labels, ({ transaction_id }) => transaction_id);
    return made;
  }
}
