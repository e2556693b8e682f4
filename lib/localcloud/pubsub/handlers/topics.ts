/** Topics of a project. Contract: google.pubsub.v1.Publisher, gRPC and REST alike. */

import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import type { Methods } from "../contract/messages.js";
import * as errors from "../errors.js";
import { TOPICS_MAX } from "../limits.js";
import { projectOf } from "../names.js";
import { applyMask } from "../resourceMask.js";
import type { Pubsub } from "../service.js";
import { checkedTopic, TOPIC_FIELDS } from "../topicResource.js";

export function topicHandlers({ broker, names }: Pubsub): Handlers<Methods> {
  return {
    /** Durable when it returns. @throws INVALID_ARGUMENT, ALREADY_EXISTS, UNIMPLEMENTED for what is not emulated. */
    "Publisher.CreateTopic": async (request) => {
      const name = names.parse("topic", request.name);
      const resource = checkedTopic({ ...request, name });
      if (broker.topics.has(name)) throw errors.alreadyExists(name);
      if (inProject(broker.topics.keys(), projectOf(name)).length >= TOPICS_MAX) {
        throw errors.quota("topics", TOPICS_MAX);
      }
      await broker.createTopic(resource);
      return resource;
    },

    /** @throws NOT_FOUND, INVALID_ARGUMENT for a mask with what cannot be changed. */
    "Publisher.UpdateTopic": async (request) => {
      const topic = broker.topic(names.parse("topic", request.topic?.name));
      const changed = applyMask(
        "UpdateTopic",
        "Topic",
        topic.record.resource,
        request.topic,
        request.updateMask,
        TOPIC_FIELDS,
      );
      const resource = checkedTopic(changed);
      await broker.updateTopic(topic, resource);
      return resource;
    },

    /** @throws NOT_FOUND */
    "Publisher.GetTopic": (request) => broker.topic(names.parse("topic", request.topic)).record.resource,

    "Publisher.ListTopics": (request) => {
      const project = names.project(request.project);
      const { items, nextPageToken } = page(inProject(broker.topics.keys(), project), request, [], (name) => name, [
        "topics",
        project,
      ]);
      return { topics: items.map((name) => broker.topic(name).record.resource), nextPageToken };
    },

    /** Names only. */
    "Publisher.ListTopicSubscriptions": (request) => {
      const topic = broker.topic(names.parse("topic", request.topic));
      const attached = [...topic.subscriptions].filter((one) => !one.record.resource.detached).map(({ name }) => name);
      const { items, nextPageToken } = page(attached, request, [], (name) => name, ["subscriptions", topic.name]);
      return { subscriptions: items, nextPageToken };
    },

    /** Names only. */
    "Publisher.ListTopicSnapshots": (request) => {
      const topic = broker.topic(names.parse("topic", request.topic));
      const found = [...topic.snapshots.values()].map(({ resource }) => resource.name ?? "");
      const { items, nextPageToken } = page(found, request, [], (name) => name, ["snapshots", topic.name]);
      return { snapshots: items, nextPageToken };
    },

    /** Its subscriptions stay. @throws NOT_FOUND */
    "Publisher.DeleteTopic": async (request) => {
      await broker.deleteTopic(broker.topic(names.parse("topic", request.topic)));
      return {};
    },

    /** The subscription stays and never gets a message again; its backlog is dropped. @throws NOT_FOUND */
    "Publisher.DetachSubscription": async (request) => {
      const subscription = broker.subscription(names.parse("subscription", request.subscription));
      await broker.updateSubscription(subscription, { ...subscription.record.resource, detached: true });
      return {};
    },
  };
}

/** Names of one project's resources. */
export function inProject(all: Iterable<string>, project: string): string[] {
  return [...all].filter((name) => projectOf(name) === project);
}
