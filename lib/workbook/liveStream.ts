import { setTimeout as wait } from "node:timers/promises";
import { ActivateError } from "../cloud/errors.js";
import type { PubSubResources } from "../cloud/pubsub.js";
import { numberIn, type Row, textIn } from "../cloud/rows.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { type LiveScore, liveScores } from "./figures/pipeline.js";
import type { LivePipeline } from "./livePipeline.js";
import { LoadGenerator, type LoadOptions } from "./loadGenerator.js";
import { formatDuration, formatNumber } from "./show/format.js";
import type { Show } from "./show/show.js";

/** Purchases that were sent, and what the pipeline said about them. */
export interface LiveRun {
  readonly messageIds: readonly string[];
  readonly scores: readonly LiveScore[];
  /** That of the version which decided. */
  readonly threshold: number;
}

/** A purchase whose value is a text: no retry can mend it. */
export interface PoisonedEvent {
  readonly event: "purchase";
  readonly user_id: string;
  readonly ecommerce: {
    readonly purchase: {
      readonly transaction_id: string;
      readonly value: number | string;
      readonly tax: number;
      readonly shipping: number;
      readonly coupon?: string;
      readonly items: readonly { readonly item_price: number; readonly quantity: number }[];
    };
  };
}

export interface Poisoned {
  readonly messageId: string;
  readonly transactionId: string;
  readonly value: string;
}

/**
 * The purchase with a text for its value: what its articles cost, plus tax and shipping, so that who mends it can know it
 * (coupons and gift wrapping, which the simulator has too, stand nowhere else in the event).
 */
export function poisonedOf(event: PoisonedEvent): PoisonedEvent {
  const { purchase } = event.ecommerce;
  const { items, tax, shipping } = purchase;
  const value = items.reduce((sum, item) => sum + item.item_price * item.quantity, tax + shipping);
  return { ...event, ecommerce: { purchase: { ...purchase, coupon: "", value: `${value.toFixed(2)} EUR` } } };
}

interface Parts {
  readonly warehouse: Warehouse;
  readonly pubsub: PubSubResources;
  readonly pipeline: LivePipeline;
  readonly show: Show;
}

/** How long a row may take to appear, milliseconds. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 150;

/** What a participant does with the live pipeline: send, watch, poison, mend. */
export class LiveStream {
  readonly #warehouse: Warehouse;
  readonly #pubsub: PubSubResources;
  readonly #pipeline: LivePipeline;
  readonly #generator: LoadGenerator;
  readonly #show: Show;

  readonly #patienceMs: number;
  readonly #now: () => number;

  /** @param patienceMs how long a row may take to appear. @param now milliseconds since 1970 */
  constructor({ warehouse, pubsub, pipeline, show }: Parts, { patienceMs = PATIENCE_MS, now = Date.now } = {}) {
    this.#patienceMs = patienceMs;
    this.#now = now;
    this.#warehouse = warehouse;
    this.#pubsub = pubsub;
    this.#pipeline = pipeline;
    this.#generator = new LoadGenerator(warehouse, pubsub);
    this.#show = show;
  }

  /** The parts of the pipeline, and whether each is there. */
  async parts(): Promise<Row[]> {
    return await this.#pipeline.parts();
  }

  /**
   * Sends purchases and draws every score as it can be read from BigQuery.
   * @throws ActivateError UNAVAILABLE when some have not arrived after a minute: with how many, and where to look.
   */
  async send(options: LoadOptions): Promise<LiveRun> {
    await this.#pipeline.require();
    const bar = this.#show.progress("Send purchases", options.purchases);
    const figure = this.#show.live();
    const sending = this.#generator.run({ ...options, report: (sent) => bar.update(sent) });
    const { messageIds, startedAtMs } = await sending.catch((thrown: unknown) => {
      bar.fail();
      throw thrown;
    });
    bar.finish(`${formatNumber(messageIds.length)} sent`);
    const draw = (rows: readonly Row[]): LiveRun => {
      const threshold = rows[0] === undefined ? 1 : numberIn(rows[0], "threshold");
      return { messageIds, threshold, scores: rows.map((row) => toScore(row, startedAtMs)) };
    };
    const rows = await this.#until(
      () => this.#warehouse.rows("live/scored.sql", { names: this.#names, params: { message_ids: messageIds } }),
      (found) => {
        const { scores, threshold } = draw(found);
        figure.update(() => liveScores(scores, messageIds.length, threshold));
        return found.length >= messageIds.length;
      },
      (found) => `${found.length} of ${messageIds.length} purchases have been scored`,
    );
    const run = draw(rows);
    figure.finish(liveScores(run.scores, messageIds.length, run.threshold));
    return run;
  }

  /** Publishes a purchase whose value is a text. */
  async poison(): Promise<Poisoned> {
    await this.#pipeline.require();
    const [made] = await this.#generator.makeUp(1, 0);
    const event = poisonedOf(JSON.parse(JSON.stringify(made?.event)) as PoisonedEvent);
    const { transaction_id: transactionId, value } = event.ecommerce.purchase;
    const messageId = await this.#publish(event);
    return { messageId, transactionId, value: String(value) };
  }

  /** The dead letter of a message, once it is there. @throws ActivateError UNAVAILABLE when it does not come. */
  async deadLetters(messageId: string): Promise<Row[]> {
    return await this.#until(
      () => this.#letters(messageId),
      (rows) => rows.length > 0,
      () => `Message ${messageId} is not among the dead letters`,
    );
  }

  /**
   * Sends the event of a dead letter again, mended, and waits for what becomes of it: scored, or dead again.
   * @throws ActivateError NOT_FOUND for a message that is no dead letter.
   */
  async replay(messageId: string, mend: (event: PoisonedEvent) => object): Promise<Row[]> {
    const again = await this.#pipeline.replay(messageId, (payload) =>
      JSON.stringify(mend(JSON.parse(payload) as PoisonedEvent)),
    );
    const scored = () =>
      this.#warehouse.rows("live/scored.sql", { names: this.#names, params: { message_ids: [again] } });
    return await this.#until(
      async () => {
        const [rows, letters] = await Promise.all([scored(), this.#letters(again)]);
        return rows.length > 0
          ? rows.map((row) => pick(row, ["transaction_id", "value", "score", "anomaly"]))
          : letters.map(({ reason, error }) => ({ "dead again": reason ?? "", why: error ?? "" }));
      },
      (rows) => rows.length > 0,
      () => `Message ${again}, sent again, is neither scored nor dead`,
    );
  }

  /** What the scorer has done since it started, for people. */
  async calls(): Promise<Row[]> {
    const { outcomes, purchases, predictCalls, insertCalls } = await this.#pipeline.metrics();
    return [
      { what: "pushes written", count: outcomes.written ?? 0 },
      { what: "pushes that became dead letters", count: outcomes.dead_letter ?? 0 },
      { what: "purchases scored", count: purchases },
      { what: "calls to the endpoint", count: predictCalls },
      { what: "calls to BigQuery", count: insertCalls },
    ];
  }

  get #names(): { readonly sink: string } {
    return { sink: this.#warehouse.config.eventsTable };
  }

  async #letters(messageId: string): Promise<Row[]> {
    return await this.#warehouse.rows("live/dead_letters.sql", { params: { message_ids: [messageId] } });
  }

  async #publish(event: object): Promise<string> {
    const topic = await this.#pubsub.ensureTopic({ topicId: this.#warehouse.config.topic });
    const publisher = await this.#pubsub.publisher(topic, { messagesMax: 1 });
    return await publisher.publish({ data: Buffer.from(JSON.stringify(event)) });
  }

  /** Looks again and again until there is enough. */
  async #until(
    look: () => Promise<Row[]>,
    enough: (rows: Row[]) => boolean,
    missing: (rows: Row[]) => string,
  ): Promise<Row[]> {
    const sinceMs = this.#now();
    for (const began = performance.now(); ; ) {
      const rows = await look();
      if (enough(rows)) return rows;
      if (performance.now() - began > this.#patienceMs) {
        const complaint = await this.#pipeline.complaint(sinceMs);
        const why =
          complaint === undefined
            ? "Is the scorer ready, and the endpoint deployed? stream.parts() shows what is there."
            : `The scorer says: ${complaint}`;
        throw new ActivateError("UNAVAILABLE", `${missing(rows)} after ${formatDuration(this.#patienceMs)}. ${why}`);
      }
      await wait(LOOK_MS);
    }
  }
}

const pick = (row: Row, columns: readonly string[]): Row =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

function toScore(row: Row, startedAtMs: number): LiveScore {
  const { truth, kind } = row;
  return {
    transaction_id: textIn(row, "transaction_id"),
    second: Math.max(0, (Date.parse(textIn(row, "scored_at")) - startedAtMs) / 1000),
    score: numberIn(row, "score"),
    flagged: row.anomaly === true,
    truth: typeof truth === "boolean" ? truth : null,
    kind: typeof kind === "string" ? kind : null,
  };
}
