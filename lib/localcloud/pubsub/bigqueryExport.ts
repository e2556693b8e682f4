/**
 * BigQuery subscriptions: messages written straight into a table (docs.cloud.google.com/pubsub/docs/bigquery).
 * At least once, as there.
 */

import type { Clock } from "../platform/clock.js";
import { CloudError } from "../platform/errors.js";
import type { TableReference, WarehouseTables } from "../platform/links.js";
import type { Links } from "../platform/service.js";
import { rowOf } from "./bigqueryRow.js";
import type { BigQueryConfig } from "./contract/messages.js";
import * as errors from "./errors.js";
import { readMessage } from "./messages.js";
import { PushWindow } from "./pushWindow.js";
import type { Outgoing, Subscriber, SubscriptionState } from "./subscription.js";
import { Timer } from "./timer.js";

export type ExportState = "ACTIVE" | "PERMISSION_DENIED" | "NOT_FOUND" | "SCHEMA_MISMATCH";

/** Messages under way to the table; they are written in batches. */
const OUTSTANDING_MAX = 2_000;
const LEASE_MS = 60_000;

export class BigQuerySubscriber implements Subscriber {
  outstandingMessages = 0;
  outstandingBytes = 0;
  readonly outstandingBytesMax = 10_000_000;
  readonly leaseMs = LEASE_MS;
  state: ExportState = "ACTIVE";
  readonly #subscription: SubscriptionState;
  readonly #config: BigQueryConfig;
  readonly #links: Links;
  readonly #clock: Clock;
  readonly #pauses = new PushWindow();
  readonly #opening: Timer;
  #ended = false;
  /** Type of the column `data`; asked for anew after a failure, for the table may have been made again. */
  #dataType: string | undefined;

  constructor(subscription: SubscriptionState, config: BigQueryConfig, links: Links, clock: Clock) {
    this.#subscription = subscription;
    this.#config = config;
    this.#links = links;
    this.#clock = clock;
    this.#opening = new Timer(clock, () => subscription.pump());
  }

  room(): number {
    const opensAtMs = this.#pauses.opensAtMs(this.#clock.now());
    if (opensAtMs === undefined) return OUTSTANDING_MAX - this.outstandingMessages;
    this.#opening.setNoLater(opensAtMs);
    return 0;
  }

  deliver(messages: readonly Outgoing[]): void {
    // What cannot be settled is left to its lease.
    this.#write(messages).catch(() => undefined);
  }

  ended(): void {
    this.#ended = true;
    this.#opening.cancel();
  }

  async #write(messages: readonly Outgoing[]): Promise<void> {
    const startedMs = this.#clock.now();
    const failures = await this.#insert(messages);
    if (this.#ended) return;
    const written = messages.filter((message) => !failures.has(message));
    if (written.length > 0) await this.#subscription.acknowledge(written.map(({ ackId }) => ackId));
    if (failures.size === 0) {
      this.#pauses.succeeded(startedMs);
      return;
    }
    this.#pauses.failed(startedMs, this.#clock.now());
    for (const [{ sequence }, reason] of failures) this.#subscription.failureReasons.set(sequence, reason);
    await this.#subscription.modifyAckDeadline(
      [...failures.keys()].map(({ ackId }) => ackId),
      () => 0,
    );
  }

  /** @returns why each message that is not in the table is not. */
  async #insert(messages: readonly Outgoing[]): Promise<Map<Outgoing, string>> {
    const failures = new Map<Outgoing, string>();
    const sent: Outgoing[] = [];
    const rows: object[] = [];
    const dataType = await this.#typeOfData();
    for (const message of messages) {
      const row = rowOf(this.#config, this.#subscription.name, readMessage(message.message), dataType);
      if (typeof row === "string") {
        failures.set(message, row);
        continue;
      }
      sent.push(message);
      rows.push(row);
    }
    try {
      const refused =
        rows.length === 0
          ? new Map<number, string>()
          : await tablesOf(this.#links).insert(tableOf(this.#config), rows, this.#config.dropUnknownFields ?? false);
      for (const [index, reason] of refused) {
        const message = sent[index];
        if (message) failures.set(message, reason);
      }
      if (refused.size > 0) this.#dataType = undefined;
      this.state = "ACTIVE";
    } catch (thrown) {
      const error = CloudError.from(thrown);
      if (error.status === "NOT_FOUND") this.state = "NOT_FOUND";
      else if (error.status === "PERMISSION_DENIED") this.state = "PERMISSION_DENIED";
      else if (error.status === "INVALID_ARGUMENT") this.state = "SCHEMA_MISMATCH";
      this.#dataType = undefined;
      for (const message of sent) failures.set(message, error.message);
    }
    return failures;
  }

  /** Undefined where nobody can tell: the insert then says why. */
  async #typeOfData(): Promise<string | undefined> {
    if (this.#config.useTableSchema) return undefined;
    if (this.#dataType === undefined) {
      const columns = await tablesOf(this.#links)
        .columns(tableOf(this.#config))
        .catch(() => []);
      this.#dataType = columns.find(({ name }) => name === "data")?.type;
    }
    return this.#dataType;
  }
}

function tablesOf({ warehouseTables }: Links): WarehouseTables {
  if (warehouseTables) return warehouseTables;
  throw new CloudError("UNIMPLEMENTED", "BigQuery is not part of this local cloud: leave bigquery_config out.");
}

/** "project.dataset.table", the project perhaps with a colon. @throws CloudError INVALID_ARGUMENT */
function tableOf({ table = "" }: BigQueryConfig): TableReference {
  const match = /^(.+?)[.:]([^.:]+)\.([^.]+)$/.exec(table);
  if (!match)
    throw errors.invalidArgument(`bigquery_config.table: "${table}" is not of the form {project}.{dataset}.{table}`);
  const [, projectId = "", datasetId = "", tableId = ""] = match;
  return { projectId, datasetId, tableId };
}

const METADATA_COLUMNS = ["subscription_name", "message_id", "publish_time", "attributes"];

/** @throws CloudError NOT_FOUND, INVALID_ARGUMENT for a table without the columns that would be written. */
export async function checkTable(config: BigQueryConfig, links: Links): Promise<void> {
  if (config.useTopicSchema) throw errors.schemasNotSupported("bigquery_config.use_topic_schema");
  if (config.dropUnknownFields && !config.useTableSchema) {
    throw errors.invalidArgument("bigquery_config.drop_unknown_fields needs use_table_schema");
  }
  const columns = (await tablesOf(links).columns(tableOf(config))).map(({ name }) => name);
  const needed = [...(config.useTableSchema ? [] : ["data"]), ...(config.writeMetadata ? METADATA_COLUMNS : [])];
  const missing = needed.find((column) => !columns.includes(column));
  if (missing !== undefined) {
    throw errors.invalidArgument(
      `bigquery_config.table: the table ${config.table ?? ""} has no column ${missing}, which would be written`,
    );
  }
}
