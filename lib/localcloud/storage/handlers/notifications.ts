import { CloudError } from "../../platform/errors.js";
import { type Call, type Handler, parameter, type StorageState } from "../call.js";
import { invalid, notFound, notSupported, required } from "../errors.js";
import { NOTIFICATIONS_MAX } from "../limits.js";
import type { NotificationRecord } from "../records.js";
import { notificationResource } from "../resources.js";

/** Which changes of a bucket's objects are told to which Pub/Sub topic (docs.cloud.google.com/storage/docs/pubsub-notifications). */

const EVENT_TYPES = ["OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE", "OBJECT_DELETE", "OBJECT_ARCHIVE"];
const TOPIC = /^(?:\/\/pubsub\.googleapis\.com\/)?(projects\/[^/]+\/topics\/[^/]+)$/;

const insert: Handler = async (call, state) => {
  const sent = call.body as Partial<NotificationRecord>;
  if (!sent.topic) throw required("topic");
  const topic = TOPIC.exec(sent.topic)?.[1];
  if (topic === undefined) {
    throw invalid(
      `Invalid topic: '${sent.topic}'. It is written //pubsub.googleapis.com/projects/PROJECT/topics/TOPIC.`,
    );
  }
  const format = sent.payload_format ?? "JSON_API_V1";
  if (!["JSON_API_V1", "NONE"].includes(format)) throw invalid(`Invalid payload_format: '${format}'`);
  const unknown = sent.event_types?.find((type) => !EVENT_TYPES.includes(type));
  if (unknown !== undefined) throw invalid(`Invalid event type: '${unknown}'`);
  const name = parameter(call, "bucket");
  const topics = state.topics();
  if (!topics) throw notSupported("A notification", "Pub/Sub is not part of this local cloud.");
  await topics.check(topic).catch((cause: unknown) => {
    throw new CloudError("NOT_FOUND", `Cloud Pub/Sub topic '${topic}' was not found.`, { reason: "notFound", cause });
  });
  const after = await state.buckets.update(name, {}, ({ notifications, nextNotification }) => {
    if (notifications.length >= NOTIFICATIONS_MAX) {
      throw invalid(`A bucket has at most ${NOTIFICATIONS_MAX} notification configurations.`);
    }
    const record: NotificationRecord = {
      id: String(nextNotification),
      topic: `//pubsub.googleapis.com/${topic}`,
      payload_format: format,
      ...(sent.event_types && sent.event_types.length > 0 ? { event_types: sent.event_types } : {}),
      ...(sent.custom_attributes ? { custom_attributes: sent.custom_attributes } : {}),
      ...(sent.object_name_prefix ? { object_name_prefix: sent.object_name_prefix } : {}),
    };
    return { notifications: { notifications: [...notifications, record], nextNotification: nextNotification + 1 } };
  });
  const made = after.notifications.at(-1);
  return made && notificationResource(name, made, call.origin);
};

function find(call: Call, { catalog }: StorageState): NotificationRecord {
  const { notifications } = catalog.bucket(parameter(call, "bucket"));
  const found = notifications.find(({ id }) => id === parameter(call, "notification"));
  if (!found) throw notFound();
  return found;
}

export const notifications: Readonly<Record<string, Handler>> = {
  "notifications.insert": insert,
  "notifications.get": (call, state) => notificationResource(parameter(call, "bucket"), find(call, state), call.origin),
  "notifications.list": (call, { catalog }) => {
    const { name, notifications: all } = catalog.bucket(parameter(call, "bucket"));
    const items = all.map((record) => notificationResource(name, record, call.origin));
    return { kind: "storage#notifications", ...(items.length === 0 ? {} : { items }) };
  },
  "notifications.delete": async (call, state) => {
    const { id } = find(call, state);
    await state.buckets.update(parameter(call, "bucket"), {}, ({ notifications: all, nextNotification }) => ({
      notifications: { notifications: all.filter((other) => other.id !== id), nextNotification },
    }));
  },
};
