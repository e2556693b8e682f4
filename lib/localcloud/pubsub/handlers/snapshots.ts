/** Snapshots and seeking. Contract: google.pubsub.v1.Subscriber, gRPC and REST alike. */

import { page } from "../../platform/pages.js";
import { timestamp } from "../../platform/time.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods } from "../contract/messages.js";
import * as errors from "../errors.js";
import { SNAPSHOT_SECONDS_MAX, SNAPSHOT_SECONDS_MIN, SNAPSHOTS_MAX } from "../limits.js";
import { projectOf } from "../names.js";
import type { SnapshotRecord } from "../records.js";
import { applyMask } from "../resourceMask.js";
import type { Pubsub } from "../service.js";
import { checkLabels } from "../topicResource.js";
import { inProject } from "./topics.js";

const FIELDS = { name: false, topic: false, expire_time: true, labels: true };

export function snapshotHandlers({ broker, names }: Pubsub): Handlers<Methods> {
  /** @throws NOT_FOUND */
  const find = (given: string | undefined): SnapshotRecord => {
    const name = names.parse("snapshot", given);
    const found = broker.snapshots.get(name);
    if (!found) throw errors.notFound(name);
    return found;
  };

  return {
    /** Holds what is unacknowledged now and everything after. @throws NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION */
    "Subscriber.CreateSnapshot": async (request) => {
      refuseUnsupported(request, { honoured: ["name", "subscription", "labels"] });
      const name = names.parse("snapshot", request.name);
      checkLabels(request.labels);
      const subscription = broker.subscription(names.parse("subscription", request.subscription));
      if (subscription.record.resource.detached) throw errors.detached();
      if (broker.snapshots.has(name)) throw errors.alreadyExists(name);
      if (inProject(broker.snapshots.keys(), projectOf(name)).length >= SNAPSHOTS_MAX) {
        throw errors.quota("snapshots", SNAPSHOTS_MAX);
      }
      const nowMs = broker.clock.now();
      const expireMs = (broker.oldestMs(subscription) ?? nowMs) + 1000 * SNAPSHOT_SECONDS_MAX;
      if (expireMs - nowMs < 1000 * SNAPSHOT_SECONDS_MIN) throw errors.snapshotTooShort();
      const { topic } = subscription.record.resource;
      const resource = { name, topic, expireTime: timestamp(expireMs), labels: request.labels };
      await broker.createSnapshot(resource, subscription, expireMs);
      return resource;
    },

    /** @throws NOT_FOUND */
    "Subscriber.GetSnapshot": (request) => find(request.snapshot).resource,

    "Subscriber.ListSnapshots": (request) => {
      const project = names.project(request.project);
      const all = inProject(broker.snapshots.keys(), project);
      const { items, nextPageToken } = page(all, request, [], (name) => name, ["snapshots", project]);
      return { snapshots: items.map((name) => find(name).resource), nextPageToken };
    },

    /** @throws NOT_FOUND, INVALID_ARGUMENT for a mask with what cannot be changed. */
    "Subscriber.UpdateSnapshot": async (request) => {
      const record = find(request.snapshot?.name);
      const resource = applyMask(
        "UpdateSnapshot",
        "Snapshot",
        record.resource,
        request.snapshot,
        request.updateMask,
        FIELDS,
      );
      checkLabels(resource.labels);
      const expireMs = resource.expireTime === undefined ? record.expireMs : Date.parse(resource.expireTime);
      await broker.updateSnapshot({ ...record, resource, expireMs });
      return resource;
    },

    /** @throws NOT_FOUND */
    "Subscriber.DeleteSnapshot": async (request) => {
      await broker.deleteSnapshot(find(request.snapshot));
      return {};
    },

    /** To a time: earlier messages are acknowledged, later ones are not. @throws NOT_FOUND, INVALID_ARGUMENT */
    "Subscriber.Seek": async (request) => {
      const subscription = broker.subscription(names.parse("subscription", request.subscription));
      if (subscription.record.resource.detached) throw errors.detached();
      if (request.time !== undefined) {
        const timeMs = Date.parse(request.time);
        await broker.seek(subscription, (_, publishMs) => publishMs >= timeMs, false);
        return {};
      }
      if (request.snapshot === undefined) throw errors.invalidArgument("target");
      const snapshot = find(request.snapshot);
      if (snapshot.topicNumber !== subscription.record.topicNumber) {
        throw errors.invalidArgument("snapshot: it is of another topic than the subscription");
      }
      const held = new Set(snapshot.unacknowledged);
      await broker.seek(subscription, (sequence) => sequence > snapshot.after || held.has(sequence), true);
      return {};
    },
  };
}
