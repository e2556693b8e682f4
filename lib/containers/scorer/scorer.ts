import { type Features, type PurchaseEvent, purchaseFeatures } from "../../anomaly/index.js";
import { ActivateError } from "../../cloud/errors.js";
import type { OutgoingMessage } from "../../cloud/pubsub.js";
import type { StreamedRow } from "../../cloud/tableWriter.js";
import type { ContainerClock } from "../host.js";
import { type BatchBounds, Batcher, type Settled } from "./batcher.js";
import { deadLetter } from "./deadLetters.js";
import { type PushedMessage, Unfit } from "./envelope.js";
import type { Log } from "./log.js";
import type { Metrics } from "./metrics.js";
import { type Persistence, persist } from "./persistence.js";
import type { Predictor, Scored } from "./predictor.js";
import { readEvent } from "./readEvent.js";
import { anomalyRow, eventRow } from "./rows.js";
import type { ScorerSettings } from "./settings.js";

/** What the scorer writes to and asks, each a single attempt. */
export interface Outlets {
  readonly predictor: Predictor;
  /** @returns why each row that was refused was, by its place. @throws ActivateError */
  append(table: string, rows: readonly StreamedRow[]): Promise<ReadonlyMap<number, string>>;
  /** Resolves once Pub/Sub has it. @throws ActivateError */
  publishDeadLetter(message: OutgoingMessage): Promise<unknown>;
}

export interface Tables {
  readonly events: string;
  readonly anomalies: string;
}

/** How a push is to be answered: "written" and "dead_letter" acknowledge it, "later" has it redelivered. */
export type Handled =
  | { readonly outcome: "written" }
  | { readonly outcome: "dead_letter" | "later"; readonly code: string; readonly message: string };

interface Deadlined<Item> {
  readonly item: Item;
  readonly deadlineMs: number;
}

/** Of the ack deadline, what is left for the answer to travel. */
const MARGIN = 0.1;
/** BigQuery takes requests of 10 MB; a row is a bit longer than the event. */
const BATCH_BYTES_MAX = 4_000_000;
const ROW_BYTES_EXTRA = 400;

/**
 * Scores purchases and writes events, a message at a time for the caller and in batches towards the services. Every message
 * ends in the tables, in the dead letters, or with Pub/Sub again: nothing is acknowledged before its rows are.
 */
export class Scorer {
  readonly #settings: ScorerSettings;
  readonly #tables: Tables;
  readonly #outlets: Outlets;
  readonly #clock: ContainerClock;
  readonly #persistence: Persistence;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #scores: Batcher<Deadlined<Features>, Scored>;
  readonly #writers: ReadonlyMap<string, Batcher<Deadlined<StreamedRow>, void>>;

  constructor(
    settings: ScorerSettings,
    tables: Tables,
    outlets: Outlets,
    machine: { readonly clock: ContainerClock; readonly random: () => number },
    log: Log,
    metrics: Metrics,
  ) {
    this.#settings = settings;
    this.#tables = tables;
    this.#outlets = outlets;
    this.#clock = machine.clock;
    this.#log = log;
    this.#metrics = metrics;
    this.#persistence = {
      ...machine,
      failed: (reason, pauseMs) => {
        metrics.retries += 1;
        log.write("WARNING", reason.message, { status: reason.status, retryInMs: Math.round(pauseMs) });
      },
    };
    const bounds: BatchBounds = {
      itemsMax: settings.batchMax,
      bytesMax: BATCH_BYTES_MAX,
      waitMs: settings.batchWaitMs,
      flightsMax: settings.flightsMax,
    };
    this.#scores = new Batcher(bounds, machine.clock, (batch) => this.#score(batch));
    this.#writers = new Map(
      [tables.events, tables.anomalies].map((table) => [
        table,
        new Batcher(bounds, machine.clock, (batch) => this.#append(table, batch)),
      ]),
    );
  }

  /** Never rejects. @param arrivedMs when the push came, by the clock. */
  async handle(pushed: PushedMessage, arrivedMs: number, trace?: string): Promise<Handled> {
    const deadlineMs = arrivedMs + this.#settings.ackDeadlineMs * (1 - MARGIN);
    try {
      await this.#process(pushed, deadlineMs, trace);
      this.#metrics.written(pushed.publishTime, this.#clock.now());
      return { outcome: "written" };
    } catch (thrown) {
      if (thrown instanceof Unfit) return this.bury(pushed, thrown, trace, deadlineMs);
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      const isLast =
        this.#settings.deliveryAttemptsMax > 0 && (pushed.deliveryAttempt ?? 0) >= this.#settings.deliveryAttemptsMax;
      if (isLast) return this.bury(pushed, new Unfit("event_not_handled", reason), trace, deadlineMs);
      this.#log.write("WARNING", `Not handled, to be delivered again: ${reason}`, {
        ...identity(pushed, trace),
        ...(thrown instanceof ActivateError ? { status: thrown.status ?? thrown.code } : {}),
      });
      return { outcome: "later", code: "unavailable", message: reason };
    }
  }

  /** Gives a message to the dead letters; without their acknowledgement it stays with Pub/Sub. */
  async bury(
    pushed: PushedMessage,
    { code, message }: Unfit,
    trace: string | undefined,
    deadlineMs: number,
  ): Promise<Handled> {
    const fields = { ...identity(pushed, trace), reason: code };
    try {
      await persist(this.#persistence, deadlineMs, () =>
        this.#outlets.publishDeadLetter(deadLetter(pushed, code, message)),
      );
      this.#log.write("ERROR", `Dead letter: ${message}`, fields);
      return { outcome: "dead_letter", code, message };
    } catch (thrown) {
      const cause = thrown instanceof Error ? thrown.message : String(thrown);
      this.#log.write("ERROR", `Dead letter could not be published (${cause}): ${message}`, fields);
      return { outcome: "later", code, message: `${message} The dead letter could not be published: ${cause}` };
    }
  }

  /** Sends what waits for companions: the container is to end. */
  flush(): void {
    this.#scores.flush();
    for (const writer of this.#writers.values()) writer.flush();
  }

  /** Scored before anything is written: an endpoint that fails must not fill the table of events with redeliveries. */
  async #process(pushed: PushedMessage, deadlineMs: number, trace: string | undefined): Promise<void> {
    const { data, messageId } = pushed;
    const event = readEvent(data, this.#settings.eventBytesMax);
    const bytes = data.byteLength + ROW_BYTES_EXTRA;
    const write = (table: string, json: object): Promise<void> | undefined =>
      this.#writers.get(table)?.add({ item: { insertId: messageId, json }, deadlineMs }, bytes);
    if (event.event !== "purchase") {
      await write(this.#tables.events, eventRow(event, messageId));
      return;
    }
    const features = purchaseFeatures(event.ecommerce.purchase);
    const scored = await this.#scores.add({ item: features, deadlineMs }, ROW_BYTES_EXTRA);
    await all([
      write(this.#tables.events, eventRow(event, messageId)),
      write(this.#tables.anomalies, anomalyRow(event, features, scored, messageId, this.#clock.now())),
    ]);
    this.#metrics.purchases += 1;
    if (scored.isAnomaly) this.#announce(event, scored, pushed, trace);
  }

  #announce(event: PurchaseEvent, scored: Scored, pushed: PushedMessage, trace: string | undefined): void {
    this.#metrics.anomalies += 1;
    const { transaction_id } = event.ecommerce.purchase;
    this.#log.write("INFO", `Anomalous purchase ${transaction_id}`, {
      ...identity(pushed, trace),
      transactionId: transaction_id,
      score: scored.score,
      threshold: scored.threshold,
      modelVersion: scored.version,
    });
  }

  #score(batch: readonly Deadlined<Features>[]): Promise<readonly Settled<Scored>[]> {
    return persist(this.#persistence, earliest(batch), (leftMs) => {
      this.#metrics.predictCalls += 1;
      return this.#outlets.predictor.score(
        batch.map(({ item }) => item),
        leftMs,
      );
    });
  }

  /** A row that the table does not take is its own message's trouble, not that of the batch. */
  #append(table: string, batch: readonly Deadlined<StreamedRow>[]): Promise<readonly Settled<void>[]> {
    return persist(this.#persistence, earliest(batch), async () => {
      this.#metrics.insertCalls += 1;
      const refused = await this.#outlets.append(
        table,
        batch.map(({ item }) => item),
      );
      return batch.map((_, index) => {
        const reason = refused.get(index);
        if (reason === undefined) return { answer: undefined };
        return {
          failure: new ActivateError("REFUSED", `Table ${table} refused the row: ${reason}`, "INVALID_ARGUMENT"),
        };
      });
    });
  }
}

/** Both, also when the first fails: what is under way is not left behind unseen. */
async function all(writes: readonly (Promise<void> | undefined)[]): Promise<void> {
  const failed = (await Promise.allSettled(writes)).find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

const earliest = (batch: readonly Deadlined<unknown>[]): number =>
  batch.reduce((least, { deadlineMs }) => Math.min(least, deadlineMs), Number.POSITIVE_INFINITY);

const identity = ({ messageId, deliveryAttempt }: PushedMessage, trace: string | undefined) => ({
  messageId,
  ...(deliveryAttempt === undefined ? {} : { deliveryAttempt }),
  ...(trace === undefined ? {} : { trace }),
});
