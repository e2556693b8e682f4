import { CloudError } from "../platform/errors.js";
import type { Links, Project } from "../platform/service.js";
import type { Listener } from "./objects.js";
import type { NotificationRecord } from "./records.js";
import { objectResource } from "./resources.js";
import { timestamp } from "./times.js";

/** Where resources of a message say that they are: it belongs to no request that came by an address. */
const ORIGIN = "https://www.googleapis.com";

/**
 * Tells Pub/Sub of changes as buckets' notification configurations ask for it
 * (docs.cloud.google.com/storage/docs/pubsub-notifications): published before the change is acknowledged, so that no
 * acknowledged one goes untold. A topic that is gone is told nothing.
 */
export function notifier(links: Links, project: Project): Listener {
  return async (eventType, record, bucket, other) => {
    const { topics } = links;
    const wanted = bucket.notifications.filter((configuration) => isWanted(configuration, eventType, record.name));
    if (!topics || wanted.length === 0) return;
    const view = { origin: ORIGIN, project, full: false };
    const payload = JSON.stringify(objectResource(record, bucket, view));
    const relation = eventType === "OBJECT_FINALIZE" ? "overwroteGeneration" : "overwrittenByGeneration";
    for (const { id, topic, payload_format, custom_attributes } of wanted) {
      const attributes = {
        ...custom_attributes,
        notificationConfig: `projects/_/buckets/${bucket.name}/notificationConfigs/${id}`,
        eventType,
        payloadFormat: payload_format,
        bucketId: bucket.name,
        objectId: record.name,
        objectGeneration: record.generation,
        eventTime: timestamp(record.timeDeleted ?? record.updated),
        ...(other === undefined ? {} : { [relation]: other }),
      };
      try {
        await topics.publish(topicOf(topic), { data: payload_format === "NONE" ? "" : payload, attributes });
      } catch (thrown) {
        if (!(thrown instanceof CloudError)) throw thrown;
      }
    }
  };
}

/** `//pubsub.googleapis.com/projects/P/topics/T` without the service's name. */
export function topicOf(topic: string): string {
  return topic.replace(/^\/\/pubsub\.googleapis\.com\//, "");
}

function isWanted({ event_types, object_name_prefix }: NotificationRecord, eventType: string, name: string): boolean {
  return (!event_types || event_types.includes(eventType)) && name.startsWith(object_name_prefix ?? "");
}
