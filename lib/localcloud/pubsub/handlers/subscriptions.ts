/** Subscriptions of a project. Contract: google.pubsub.v1.Subscriber, gRPC and REST alike. */

import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import type { Methods, Subscription } from "../contract/messages.js";
import * as errors from "../errors.js";
import { SUBSCRIPTIONS_MAX } from "../limits.js";
import { DELETED_TOPIC, projectOf } from "../names.js";
import { applyMask } from "../resourceMask.js";
import type { Pubsub } from "../service.js";
import type { SubscriptionState } from "../subscription.js";
import { checkedPushConfig, checkedSubscription, SUBSCRIPTION_FIELDS } from "../subscriptionResource.js";
import { inProject } from "./topics.js";

export function subscriptionHandlers({ broker, names, exports }: Pubsub): Handlers<Methods> {
  /** @throws INVALID_ARGUMENT, NOT_FOUND for a dead-letter topic or a table that does not exist. */
  const check = async (given: Subscription): Promise<Subscription> => {
    const resource = checkedSubscription(given, (name) => names.parse("topic", name));
    const deadLetterTopic = resource.deadLetterPolicy?.deadLetterTopic;
    if (deadLetterTopic !== undefined) broker.topic(deadLetterTopic);
    if (resource.bigqueryConfig) await exports.check(resource.bigqueryConfig);
    return resource;
  };
  const find = (name: string | undefined): SubscriptionState => broker.subscription(names.parse("subscription", name));
  const toSubscription = (subscription: SubscriptionState): Subscription => {
    const { resource } = subscription.record;
    const topic = broker.topicOf(subscription);
    const state = exports.stateOf(subscription);
    return {
      ...resource,
      topic: topic && !topic.deleted ? resource.topic : DELETED_TOPIC,
      topicMessageRetentionDuration: topic?.record.resource.messageRetentionDuration,
      ...(resource.bigqueryConfig ? { bigqueryConfig: { ...resource.bigqueryConfig, state } } : {}),
      state: resource.bigqueryConfig && state !== "ACTIVE" ? "RESOURCE_ERROR" : "ACTIVE",
    };
  };

  return {
    /** Durable when it returns. @throws INVALID_ARGUMENT, NOT_FOUND without its topic, ALREADY_EXISTS. */
    "Subscriber.CreateSubscription": async (request) => {
      const topicName = names.parse("topic", request.topic);
      const name = request.name
        ? names.parse("subscription", request.name)
        : `projects/${projectOf(topicName)}/subscriptions/${broker.newId("sub")}`;
      const resource = await check({ ...request, name, topic: topicName });
      if (broker.subscriptions.has(name)) throw errors.alreadyExists(name);
      const topic = broker.topic(topicName);
      if (inProject(broker.subscriptions.keys(), projectOf(name)).length >= SUBSCRIPTIONS_MAX) {
        throw errors.quota("subscriptions", SUBSCRIPTIONS_MAX);
      }
      return toSubscription(await broker.createSubscription(resource, topic));
    },

    /** @throws NOT_FOUND */
    "Subscriber.GetSubscription": (request) => toSubscription(find(request.subscription)),

    /** @throws NOT_FOUND, INVALID_ARGUMENT for a mask with what cannot be changed. */
    "Subscriber.UpdateSubscription": async (request) => {
      const subscription = find(request.subscription?.name);
      const changed = applyMask(
        "UpdateSubscription",
        "Subscription",
        subscription.record.resource,
        request.subscription,
        request.updateMask,
        SUBSCRIPTION_FIELDS,
      );
      await broker.updateSubscription(subscription, await check(changed));
      return toSubscription(subscription);
    },

    "Subscriber.ListSubscriptions": (request) => {
      const project = names.project(request.project);
      const all = inProject(broker.subscriptions.keys(), project);
      const { items, nextPageToken } = page(all, request, [], (name) => name, ["subscriptions", project]);
      return { subscriptions: items.map((name) => toSubscription(broker.subscription(name))), nextPageToken };
    },

    /** Its backlog goes with it. @throws NOT_FOUND */
    "Subscriber.DeleteSubscription": async (request) => {
      await broker.deleteSubscription(find(request.subscription));
      return {};
    },

    /** An empty configuration makes it a pull subscription. @throws NOT_FOUND, INVALID_ARGUMENT */
    "Subscriber.ModifyPushConfig": async (request) => {
      const subscription = find(request.subscription);
      const pushConfig = checkedPushConfig(request.pushConfig ?? {});
      await broker.updateSubscription(subscription, { ...subscription.record.resource, pushConfig });
      return {};
    },
  };
}
