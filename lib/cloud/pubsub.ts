import { pubsubClient, subscriberClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { retry } from "./retry.js";

/** A Pub/Sub topic. */
export interface Topic {
  /** `projects/P/topics/T` */
  readonly name: string;
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface TopicOptions {
  /** 3 to 255 characters, first a letter. */
  readonly topicId: string;
  /** Of a new topic; one that is there keeps its own. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** How a subscription hands out its messages. */
export interface SubscriptionOptions {
  /** 3 to 255 characters, first a letter. */
  readonly subscriptionId: string;
  readonly topic: Topic;
  /** Seconds in which a message must be acknowledged, 10 to 600; default 10. */
  readonly ackDeadlineSeconds?: number;
  /** Absent: a pull subscription. */
  readonly push?: {
    /** URL that takes the POSTs. */
    readonly endpoint: string;
    /** Address of the service account in whose name a token is attached; absent: none is. */
    readonly serviceAccount?: string;
    /** Default: the endpoint. */
    readonly audience?: string;
  };
  /**
   * `project.dataset.table`: Pub/Sub itself writes the messages there, at least once each, into the columns data,
   * subscription_name, message_id, publish_time, attributes. Excludes `push`.
   */
  readonly bigQueryTable?: string;
  /** Where messages go that could not be handled; the topic must exist. */
  readonly deadLetter?: {
    readonly topic: Topic;
    /** 5 to 100; default 5. */
    readonly maxDeliveryAttempts?: number;
  };
  /** Pause before another attempt, in seconds, 0 to 600, doubled from the first to the second. Absent: at once. */
  readonly retry?: { readonly minimumBackoffSeconds: number; readonly maximumBackoffSeconds: number };
  /** On attributes, fixed at creation: `attributes.event = "purchase"`. */
  readonly filter?: string;
  /** Fixed at creation. */
  readonly ordered?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A Pub/Sub subscription. */
export interface SubscriptionInfo {
  /** `projects/P/subscriptions/S` */
  readonly name: string;
  readonly id: string;
  /** Full name; `_deleted-topic_` when the topic is gone. */
  readonly topic: string;
  /** Empty for a pull subscription. */
  readonly pushEndpoint: string;
  readonly deadLetterTopic: string | undefined;
}

/** A message to publish. */
export interface OutgoingMessage {
  readonly data: Uint8Array;
  readonly attributes?: Readonly<Record<string, string>>;
  /** Needs a publisher made for ordering. */
  readonly orderingKey?: string;
}

/** Batching of a publisher: a request goes when one of the bounds is reached. */
export interface PublisherOptions {
  /** Default 100, at most 1000. */
  readonly messagesMax?: number;
  /** Default 10. */
  readonly waitMs?: number;
  readonly ordered?: boolean;
}

/**
 * As the client's own, whose pauses grow fourfold up to a minute, though: one that met an outage of ten seconds came back
 * after 34, or gave up.
 */
const PUBLISH_REPEATS = {
  initialRetryDelayMillis: 100,
  retryDelayMultiplier: 1.5,
  maxRetryDelayMillis: 2_000,
  initialRpcTimeoutMillis: 60_000,
  rpcTimeoutMultiplier: 1,
  maxRpcTimeoutMillis: 60_000,
  totalTimeoutMillis: 600_000,
} as const;

/** Publishes to one topic, in batches. */
export interface Publisher {
  /** Resolves to the message's ID once Pub/Sub has it. */
  publish(message: OutgoingMessage): Promise<string>;
  /** Sends what is waiting and resolves when it was answered. */
  flush(): Promise<void>;
}

/** A role given to a principal on a topic or subscription. */
export interface RoleBinding {
  /** "roles/pubsub.publisher" */
  readonly role: string;
  /** "serviceAccount:ADDRESS" */
  readonly member: string;
}

/** Pub/Sub: topics and subscriptions, found again rather than duplicated. */
export class PubSubResources {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** The topic: as it is, or made. @throws ActivateError REFUSED for a name that breaks the rules. */
  async ensureTopic({ topicId, labels = {} }: TopicOptions): Promise<Topic & { readonly created: boolean }> {
    const what = `Topic ${topicId}`;
    const client = await pubsubClient(this.#connections);
    const topic = client.topic(topicId);
    const created = await this.#createOrFind(what, () =>
      client.createTopic({ name: topic.name, labels: { ...labels } }),
    );
    if (created) return { name: topic.name, id: topicId, labels, created };
    return { ...(await this.#call(what, () => readTopic(topic, topicId))), created };
  }

  /** Undefined when there is none. */
  async topic(topicId: string): Promise<Topic | undefined> {
    const topic = (await pubsubClient(this.#connections)).topic(topicId);
    try {
      return await retry(() => readTopic(topic, topicId));
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return undefined;
      throw fromService(thrown, `Topic ${topicId}`);
    }
  }

  /**
   * The subscription: made, or brought to what is asked (push endpoint, deadline, dead letters, retry).
   * @throws ActivateError CONFLICT when one of that ID has another topic, filter or ordering, which cannot be changed.
   */
  async ensureSubscription(options: SubscriptionOptions): Promise<SubscriptionInfo & { readonly created: boolean }> {
    const what = `Subscription ${options.subscriptionId}`;
    const client = await pubsubClient(this.#connections);
    const subscription = client.topic(options.topic.name).subscription(options.subscriptionId);
    const settings = changeableSettings(options);
    const created = await this.#createOrFind(what, () =>
      subscription.create({
        ...settings,
        labels: { ...options.labels },
        ...(options.filter === undefined ? {} : { filter: options.filter }),
        enableMessageOrdering: options.ordered ?? false,
      }),
    );
    return await this.#call(what, async () => {
      if (!created) {
        const [before] = await subscription.getMetadata();
        checkFixed(options, before);
        await subscription.setMetadata(settings);
      }
      const [now] = await subscription.getMetadata();
      return { ...describe(now), created };
    });
  }

  /** Undefined when there is none. */
  async subscription(subscriptionId: string): Promise<SubscriptionInfo | undefined> {
    const client = await pubsubClient(this.#connections);
    try {
      const [metadata] = await retry(() => client.subscription(subscriptionId).getMetadata());
      return describe(metadata);
    } catch (thrown) {
      if (statusOf(thrown) === "NOT_FOUND") return undefined;
      throw fromService(thrown, `Subscription ${subscriptionId}`);
    }
  }

  /** A publisher of its own batches. */
  async publisher(topic: Topic, options: PublisherOptions = {}): Promise<Publisher> {
    const client = await pubsubClient(this.#connections);
    const handle = client.topic(topic.name, {
      batching: { maxMessages: options.messagesMax ?? 100, maxMilliseconds: options.waitMs ?? 10 },
      messageOrdering: options.ordered ?? false,
      gaxOpts: { isBundling: false, retry: { backoffSettings: PUBLISH_REPEATS } },
    });
    const what = `Publish to ${topic.id}`;
    return {
      publish: async ({ data, attributes, orderingKey }) => {
        try {
          return await handle.publishMessage({
            data,
            ...(attributes ? { attributes: { ...attributes } } : {}),
            ...(orderingKey === undefined ? {} : { orderingKey }),
          });
        } catch (thrown) {
          // A publisher of ordered messages stops a key after a failure until it is told to go on.
          if (orderingKey !== undefined) handle.resumePublishing(orderingKey);
          throw fromService(thrown, what);
        }
      },
      flush: async () => {
        await handle.flush();
      },
    };
  }

  /**
   * Up to `max` messages that wait in a pull subscription, acknowledged: none when it is empty. For looking into it
   * (a dead-letter subscription); a service streams instead.
   */
  async take(subscriptionId: string, max: number): Promise<TakenMessage[]> {
    const subscriber = await subscriberClient(this.#connections);
    const subscription = `projects/${this.#connections.config.project}/subscriptions/${subscriptionId}`;
    return await this.#call(`Pull from ${subscriptionId}`, async () => {
      const [{ receivedMessages }] = await subscriber.pull({ subscription, maxMessages: max, returnImmediately: true });
      const received = receivedMessages ?? [];
      const ackIds = received.flatMap(({ ackId }) => (ackId ? [ackId] : []));
      if (ackIds.length > 0) await subscriber.acknowledge({ subscription, ackIds });
      return received.map(({ message }) => ({
        messageId: message?.messageId ?? "",
        data: Buffer.from(message?.data ?? ""),
        attributes: { ...message?.attributes },
      }));
    });
  }

  /** Gives roles on a topic; those it has stay. */
  async grantOnTopic(topic: Topic, roles: readonly RoleBinding[]): Promise<void> {
    const client = await pubsubClient(this.#connections);
    await this.#grant(`Roles of topic ${topic.id}`, client.topic(topic.name).iam, roles);
  }

  /** Gives roles on a subscription; those it has stay. */
  async grantOnSubscription(subscriptionId: string, roles: readonly RoleBinding[]): Promise<void> {
    const client = await pubsubClient(this.#connections);
    await this.#grant(`Roles of subscription ${subscriptionId}`, client.subscription(subscriptionId).iam, roles);
  }

  /**
   * The two roles without which Google Cloud never moves a message to the dead-letter topic, and does not say so:
   * Pub/Sub's service agent publishes there and acknowledges here.
   * @param projectNumber of the project, twelve digits.
   */
  async grantDeadLettering(subscriptionId: string, deadLetterTopic: Topic, projectNumber: string): Promise<void> {
    const member = `serviceAccount:service-${projectNumber}@gcp-sa-pubsub.iam.gserviceaccount.com`;
    await this.grantOnTopic(deadLetterTopic, [{ role: "roles/pubsub.publisher", member }]);
    await this.grantOnSubscription(subscriptionId, [{ role: "roles/pubsub.subscriber", member }]);
  }

  /** Not there is no error. */
  async removeSubscription(subscriptionId: string): Promise<void> {
    const client = await pubsubClient(this.#connections);
    await this.#remove(`Subscription ${subscriptionId}`, () => client.subscription(subscriptionId).delete());
  }

  /** Its subscriptions stay. Not there is no error. */
  async removeTopic(topicId: string): Promise<void> {
    const client = await pubsubClient(this.#connections);
    await this.#remove(`Topic ${topicId}`, () => client.topic(topicId).delete());
  }

  /** @returns whether it was made. */
  async #createOrFind(what: string, create: () => Promise<unknown>): Promise<boolean> {
    try {
      await retry(create);
      return true;
    } catch (thrown) {
      if (statusOf(thrown) === "ALREADY_EXISTS") return false;
      throw fromService(thrown, what);
    }
  }

  async #call<Result>(what: string, attempt: () => Promise<Result>): Promise<Result> {
    try {
      return await retry(attempt);
    } catch (thrown) {
      throw thrown instanceof ActivateError ? thrown : fromService(thrown, what);
    }
  }

  /** Read, change and write with the etag that was read: another writer's roles are not lost. */
  async #grant(what: string, iam: AccessPolicies, roles: readonly RoleBinding[]): Promise<void> {
    await this.#call(what, async () => {
      const [policy] = await iam.getPolicy();
      const bindings = (policy.bindings ?? []).map(({ role, members }) => ({
        role: role ?? "",
        members: [...(members ?? [])],
      }));
      let changed = false;
      for (const { role, member } of roles) {
        const binding = bindings.find((one) => one.role === role);
        if (binding?.members.includes(member)) continue;
        changed = true;
        if (binding) binding.members.push(member);
        else bindings.push({ role, members: [member] });
      }
      if (changed) await iam.setPolicy({ bindings, ...(policy.etag ? { etag: bytesOf(policy.etag) } : {}) });
    });
  }

  async #remove(what: string, remove: () => Promise<unknown>): Promise<void> {
    try {
      await retry(remove);
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, what);
    }
  }
}

/** @param topic the part of the client's `Topic` that is used. */
async function readTopic(
  topic: {
    readonly name: string;
    getMetadata(): Promise<[{ readonly labels?: Readonly<Record<string, string>> | null }, ...unknown[]]>;
  },
  id: string,
): Promise<Topic> {
  const [{ labels }] = await topic.getMetadata();
  return { name: topic.name, id, labels: { ...labels } };
}

/** A message as `take` gives it. */
export interface TakenMessage {
  readonly messageId: string;
  readonly data: Buffer;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The part of the client's `IAM` that is used. */
interface AccessPolicies {
  getPolicy(): Promise<[PolicyMessage, ...unknown[]]>;
  setPolicy(policy: { bindings: { role: string; members: string[] }[]; etag?: string | Buffer }): Promise<unknown>;
}

interface PolicyMessage {
  readonly bindings?: readonly { readonly role?: string | null; readonly members?: readonly string[] | null }[] | null;
  readonly etag?: string | Uint8Array | null;
}

/** The part of `google.pubsub.v1.Subscription` that is read. */
interface SubscriptionMessage {
  readonly name?: string | null;
  readonly topic?: string | null;
  readonly filter?: string | null;
  readonly enableMessageOrdering?: boolean | null;
  readonly pushConfig?: { readonly pushEndpoint?: string | null } | null;
  readonly deadLetterPolicy?: { readonly deadLetterTopic?: string | null } | null;
}

interface ChangeableSettings {
  readonly ackDeadlineSeconds: number;
  readonly pushConfig: {
    pushEndpoint?: string;
    oidcToken?: { serviceAccountEmail: string; audience?: string };
  };
  readonly bigqueryConfig?: { table: string; writeMetadata: boolean };
  readonly deadLetterPolicy?: { deadLetterTopic: string; maxDeliveryAttempts: number };
  readonly retryPolicy?: { minimumBackoff: { seconds: number }; maximumBackoff: { seconds: number } };
}

function changeableSettings(options: SubscriptionOptions): ChangeableSettings {
  const { ackDeadlineSeconds, push, bigQueryTable, deadLetter, retry } = options;
  return {
    ...(bigQueryTable === undefined ? {} : { bigqueryConfig: { table: bigQueryTable, writeMetadata: true } }),
    ackDeadlineSeconds: ackDeadlineSeconds ?? 10,
    pushConfig: push
      ? {
          pushEndpoint: push.endpoint,
          ...(push.serviceAccount === undefined
            ? {}
            : {
                oidcToken: {
                  serviceAccountEmail: push.serviceAccount,
                  ...(push.audience === undefined ? {} : { audience: push.audience }),
                },
              }),
        }
      : {},
    ...(deadLetter
      ? {
          deadLetterPolicy: {
            deadLetterTopic: deadLetter.topic.name,
            maxDeliveryAttempts: deadLetter.maxDeliveryAttempts ?? 5,
          },
        }
      : {}),
    ...(retry
      ? {
          retryPolicy: {
            minimumBackoff: { seconds: retry.minimumBackoffSeconds },
            maximumBackoff: { seconds: retry.maximumBackoffSeconds },
          },
        }
      : {}),
  };
}

/** @throws ActivateError CONFLICT */
function checkFixed(options: SubscriptionOptions, found: SubscriptionMessage): void {
  const differences = [
    ["topic", options.topic.name, found.topic ?? ""],
    ["filter", options.filter ?? "", found.filter ?? ""],
    ["ordering", String(options.ordered ?? false), String(found.enableMessageOrdering ?? false)],
  ] as const;
  const different = differences.find(([, wanted, current]) => wanted !== current);
  if (different === undefined) return;
  const [what, wanted, current] = different;
  throw new ActivateError(
    "CONFLICT",
    `Subscription ${options.subscriptionId} is there with the ${what} "${current}", and "${wanted}" is asked for, which cannot be changed. Delete it first, or take another ID.`,
  );
}

function bytesOf(etag: string | Uint8Array): string | Buffer {
  return typeof etag === "string" ? etag : Buffer.from(etag);
}

function describe(message: SubscriptionMessage): SubscriptionInfo {
  const name = message.name ?? "";
  return {
    name,
    id: name.slice(name.lastIndexOf("/") + 1),
    topic: message.topic ?? "",
    pushEndpoint: message.pushConfig?.pushEndpoint ?? "",
    deadLetterTopic: message.deadLetterPolicy?.deadLetterTopic ?? undefined,
  };
}
