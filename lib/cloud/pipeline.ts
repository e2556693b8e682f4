import { gunzipSync } from "node:zlib";
import type { Config } from "./config.js";
import type { Connections } from "./connections.js";
import { ActivateError } from "./errors.js";
import { AccessManagement, serviceAgents } from "./iam.js";
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

/**
 * What the scorer's container is given beside the settings of the workbook.
 * @param predictor full name of the endpoint, or the URL of a predictor service.
 */
export function scorerEnvironment(config: Config, predictor: string): Readonly<Record<string, string>> {
  return {
    SCORER_PREDICTOR: predictor,
    SCORER_DEAD_LETTER_TOPIC: config.deadLetterTopic,
    SCORER_ACK_DEADLINE_SECONDS: String(DELIVERY.ackDeadlineSeconds),
    SCORER_DELIVERY_ATTEMPTS_MAX: String(DELIVERY.maxDeliveryAttempts),
  };
}

export type Delivery = {
  readonly ackDeadlineSeconds: number;
  readonly maxDeliveryAttempts: number;
  readonly retry: { readonly minimumBackoffSeconds: number; readonly maximumBackoffSeconds: number };
};

const LABELS = { created_by: "activate" } as const;

/** Whether the workbook made it: the topic of the clickstream is there already where the chapter before made it. */
const isOurs = ({ labels }: Topic): boolean => labels.created_by === LABELS.created_by;

/** The live pipeline's tables, topics and subscriptions. Every method may be called twice. */
export class PipelineResources {
  readonly #connections: Connections;
  readonly #warehouse: Warehouse;
  readonly #pubsub: PubSubResources;
  readonly #access: AccessManagement;

  constructor(connections: Connections) {
    this.#connections = connections;
    this.#warehouse = new Warehouse(connections);
    this.#pubsub = new PubSubResources(connections);
    this.#access = new AccessManagement(connections);
  }

  /** Id of the subscription by which Pub/Sub writes dead letters into their table. */
  get deadLetterSubscription(): string {
    return `${this.#connections.config.deadLetterTopic}-bigquery`;
  }

  /**
   * The tables that the scorer writes, with the columns that it needs, and the views that count a message once, which
   * features are then read from. Tables that
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
    this.#warehouse.forgetTables();
    if ((await this.#warehouse.eventsTable()) === table) await this.#warehouse.rows("features/purchase_features.sql");
    await this.#warehouse.rows("pipeline/dead_letters.sql");
    await this.#warehouse.rows("pipeline/dead_letters_once.sql");
  }

  /**
   * The dead-letter topic, and the subscription by which Pub/Sub writes what arrives there into table `dead_letter`, as its own
   * service agent, which needs the role for it.
   */
  async ensureDeadLetters(): Promise<Topic> {
    const { config } = this.#connections;
    const agent = serviceAgents(await this.#access.projectNumber()).pubsub;
    await this.#access.grantInProject([{ role: "roles/bigquery.dataEditor", member: `serviceAccount:${agent}` }]);
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
      // Cloud Run takes tokens for its own address, to the letter.
      push: { endpoint, ...(serviceAccount === undefined ? {} : { serviceAccount, audience: endpoint }) },
      deadLetter: { topic: await this.ensureDeadLetters(), maxDeliveryAttempts: delivery.maxDeliveryAttempts },
      retry: delivery.retry,
      labels: LABELS,
    });
    return subscription;
  }

  /**
   * The roles of Pub/Sub's own service agent, without which Google Cloud never moves a message to the dead letters, and does
   * not say so.
   */
  async grantDeadLettering(): Promise<void> {
    const topic = await this.ensureDeadLetters();
    const projectNumber = await this.#access.projectNumber();
    await this.#pubsub.grantDeadLettering(this.#connections.config.subscription, topic, projectNumber);
  }

  /**
   * Publishes a dead letter's payload anew to the topic of the clickstream, with the attributes that it had.
   * @param messageId of the message as it was published first: column message_id of view `dead_letter_once`.
   * @param mend makes the payload right; default: as it was.
   * @returns id of the new message.
   * @throws ActivateError NOT_FOUND when no such dead letter is in the table (yet).
   */
  async replay(messageId: string, mend: (payload: string) => string = (payload) => payload): Promise<string> {
    const [letter] = await this.#warehouse.rows("pipeline/dead_letter.sql", { params: { message_id: messageId } });
    if (letter === undefined) {
      throw new ActivateError("NOT_FOUND", `Table dead_letter has no message ${messageId}.`);
    }
    const data = Buffer.from(String(letter.data ?? ""), "base64");
    const payload = letter.packed === true ? gunzipSync(data) : data;
    const mended = mend(payload.toString("utf8"));
    const all = Object.entries(JSON.parse(String(letter.attributes)) as Record<string, string>);
    const own = all.filter(([name]) => !/^(dead_letter_|CloudPubSubDeadLetter|ordering_key$)/.test(name));
    const publisher = await this.#pubsub.publisher(await this.ensureTopic());
    return await publisher.publish({
      // What is no text must come back to the byte.
      data: mended === payload.toString("utf8") ? payload : Buffer.from(mended),
      attributes: { ...Object.fromEntries(own), replay_of: messageId },
    });
  }

  /** The topic of the clickstream, when the workbook made it. */
  async ownTopic(): Promise<Topic | undefined> {
    const topic = await this.#pubsub.topic(this.#connections.config.topic);
    return topic && isOurs(topic) ? topic : undefined;
  }

  /** Subscriptions and topics of ours; the tables, with all that was written, stay. Not there is no error. */
  async remove(): Promise<void> {
    const { subscription, deadLetterTopic } = this.#connections.config;
    const topic = await this.ownTopic();
    if (topic) await this.#pubsub.removeTopic(topic.id);
    await this.#pubsub.removeSubscription(subscription);
    await this.#pubsub.removeSubscription(this.deadLetterSubscription);
    await this.#pubsub.removeTopic(deadLetterTopic);
  }
}
