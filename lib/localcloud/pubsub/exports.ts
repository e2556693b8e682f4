/** Subscriptions that deliver by themselves: started, changed and stopped with the subscription's resource. */

import type { Identity } from "../platform/identity.js";
import type { Links } from "../platform/service.js";
import { BigQuerySubscriber, checkTable, type ExportState } from "./bigqueryExport.js";
import type { Broker } from "./broker.js";
import type { BigQueryConfig } from "./contract/messages.js";
import * as errors from "./errors.js";
import { PushSubscriber } from "./push.js";
import { isPush, type Subscriber, type SubscriptionState } from "./subscription.js";

interface Running {
  readonly configuration: string;
  /** Undefined for a pull subscription. */
  readonly subscriber: Subscriber | undefined;
}

export class Exports {
  readonly #broker: Broker;
  readonly #identity: Identity;
  readonly #links: Links;
  readonly #running = new Map<SubscriptionState, Running>();

  constructor(broker: Broker, identity: Identity, links: Links) {
    this.#broker = broker;
    this.#identity = identity;
    this.#links = links;
    broker.onSubscriptionChange = (subscription) => this.#apply(subscription);
  }

  /** Starts what the subscriptions found at the start ask for. */
  start(): void {
    for (const subscription of this.#broker.subscriptions.values()) this.#apply(subscription);
  }

  /** @throws CloudError NOT_FOUND for a table that does not exist, INVALID_ARGUMENT for one that does not fit. */
  check(config: BigQueryConfig): Promise<void> {
    return checkTable(config, this.#links);
  }

  /** Of a BigQuery subscription. */
  stateOf(subscription: SubscriptionState): ExportState {
    const subscriber = this.#running.get(subscription)?.subscriber;
    return subscriber instanceof BigQuerySubscriber ? subscriber.state : "ACTIVE";
  }

  #apply(subscription: SubscriptionState): void {
    const { resource } = subscription.record;
    const { pushConfig, bigqueryConfig, detached } = resource;
    const configuration = JSON.stringify([pushConfig, bigqueryConfig, detached]);
    const before = this.#running.get(subscription);
    if (subscription.closed) {
      this.#running.delete(subscription);
      return;
    }
    if (before?.configuration === configuration) return;
    if (before) subscription.endSubscribers(detached ? errors.detached() : errors.wrongType());
    const subscriber = detached ? undefined : this.#create(subscription);
    this.#running.set(subscription, { configuration, subscriber });
    if (subscriber) subscription.attach(subscriber);
  }

  #create(subscription: SubscriptionState): Subscriber | undefined {
    const { resource } = subscription.record;
    if (resource.bigqueryConfig) {
      return new BigQuerySubscriber(subscription, resource.bigqueryConfig, this.#links, this.#broker.clock);
    }
    if (isPush(resource)) {
      return new PushSubscriber(subscription, resource.pushConfig ?? {}, this.#broker.clock, this.#identity);
    }
    return undefined;
  }
}
