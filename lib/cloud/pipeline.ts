import type { Connections } from "./connections.js";
import { PubSubResources, type SubscriptionInfo, type Topic } from "./pubsub.js";
import { Warehouse } from "./warehouse.js";

/** How the live pipeline delivers; a scorer must be deployed with the same numbers. */
export const DELIVERY = {
  /** In which a push is answered, or comes again. */
  ackDeadlineSeconds: 60,
  /** After so many attempts a message goes to the dead letters: about an hour of pauses. */
  maxDeliveryAttempts: 10,
  /** Pause before another attempt, doubled from the first to the second. */
  retry: { minimumBackoffSeconds: 10, maximumBackoffSeconds: 600 },
} as const;

export type Delivery = {
  readonly ackDeadlineSeconds: number;
  readonly maxDeliveryAttempts: number;
  readonly retry: { readonly minimumBackoffSeconds: number; readonly maximumBackoffSeconds: number };
};

const LABELS = { created_by: "activate" } as const;

/** The live pipeline's tables, topics and subscriptions. Every method may be called twice. */
export class PipelineResources {
  readonly #connections: Connections;
  readonly #warehouse: Warehouse;
  readonly #pubsub: PubSubResources;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#warehouse = new Warehouse(connections);
    this.#pubsub = new PubSubResources(connections);
  }

  /** Id of the subscription by which Pub/Sub writes dead letters into their table. */
  get deadLetterSubscription(): string {
    return `${this.#connections.config.deadLetterTopic}-bigquery`;
  }

  /**
   * The tables that the scorer writes, with the columns that it needs, and the views that count a message once. Tables that
   * the chapter before made stay as they are, with columns more.
   */
  async ensureTables(): Promise<void> {
    const table = this.#connections.config.eventsTable;
    await this.#warehouse.ensureDataset();
    await this.#warehouse.rows("tables/events.sql", { names: { events: table } });
    const statements = ["events_message_id", "events_once", "anomalies", "anomalies_columns", "anomalies_once"];
    for (const statement of statements) {
      await this.#warehouse.rows(`pipeline/${statement}.sql`, { names: { table } });
    }
    await this.#warehouse.rows("pipeline/dead_letters.sql");
    await this.#warehouse.rows("pipeline/dead_letters_once.sql");
  }

  /** The dead-letter topic, and the subscription by which Pub/Sub writes what arrives there into table `dead_letter`. */
  async ensureDeadLetters(): Promise<Topic> {
    const { config } = this.#connections;
    const topic = await this.#pubsub.ensureTopic({ topicId: config.deadLetterTopic, labels: LABELS });
    await this.#pubsub.ensureSubscription({
      subscriptionId: this.deadLetterSubscription,
      topic,
      bigQueryTable: `${config.project}.${config.dataset}.dead_letter`,
      labels: LABELS,
    });
    return topic;
  }

  /** The topic of the clickstream. */
  ensureTopic(): Promise<Topic> {
    return this.#pubsub.ensureTopic({ topicId: this.#connections.config.topic, labels: LABELS });
  }

  /**
   * The push subscription: made, or pointed at this endpoint.
   * @param serviceAccount in whose name each push carries a token; absent: none does.
   */
  async connect(
    endpoint: string,
    { serviceAccount, delivery = DELIVERY }: { readonly serviceAccount?: string; readonly delivery?: Delivery } = {},
  ): Promise<SubscriptionInfo> {
    const { created: _, ...subscription } = await this.#pubsub.ensureSubscription({
      subscriptionId: this.#connections.config.subscription,
      topic: await this.ensureTopic(),
      ackDeadlineSeconds: delivery.ackDeadlineSeconds,
      push: { endpoint, ...(serviceAccount === undefined ? {} : { serviceAccount }) },
      deadLetter: { topic: await this.ensureDeadLetters(), maxDeliveryAttempts: delivery.maxDeliveryAttempts },
      retry: delivery.retry,
      labels: LABELS,
    });
    return subscription;
  }

  /**
   * The roles of Pub/Sub's own service agent, without which Google Cloud never moves a message to the dead letters, and does
   * not say so.
   * @param projectNumber twelve digits.
   */
  async grantDeadLettering(projectNumber: string): Promise<void> {
    const topic = await this.ensureDeadLetters();
    await this.#pubsub.grantDeadLettering(this.#connections.config.subscription, topic, projectNumber);
  }

  /** Subscriptions and topics; the tables, with all that was written, stay. Not there is no error. */
  async remove(): Promise<void> {
    const { subscription, deadLetterTopic } = this.#connections.config;
    await this.#pubsub.removeSubscription(subscription);
    await this.#pubsub.removeSubscription(this.deadLetterSubscription);
    await this.#pubsub.removeTopic(deadLetterTopic);
  }
}
