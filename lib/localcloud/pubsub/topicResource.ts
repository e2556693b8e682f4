import { labelProblem } from "../platform/labels.js";
import { refuseUnsupported } from "../platform/unsupported.js";
import type { Topic } from "./contract/messages.js";
import { secondsOf, spellDuration } from "./durations.js";
import * as errors from "./errors.js";
import { RETENTION_SECONDS_MAX, RETENTION_SECONDS_MIN } from "./limits.js";
import type { UpdatableFields } from "./resourceMask.js";

export const TOPIC_FIELDS: UpdatableFields = {
  name: false,
  labels: true,
  message_storage_policy: true,
  kms_key_name: false,
  schema_settings: true,
  message_retention_duration: true,
  ingestion_data_source_settings: true,
  message_transforms: true,
};

/** @throws CloudError INVALID_ARGUMENT for a value out of bounds, UNIMPLEMENTED for what is not emulated. */
export function checkedTopic(topic: Topic): Topic {
  if (topic.schemaSettings) throw errors.schemasNotSupported(topic.schemaSettings.schema ?? "");
  refuseUnsupported(topic, {
    honoured: ["name", "labels", "messageRetentionDuration"],
    // Where messages rest: there is one machine.
    ignored: ["messageStoragePolicy"],
  });
  checkLabels(topic.labels);
  checkRetention("message retention duration", topic.messageRetentionDuration);
  return topic;
}

/** @throws CloudError INVALID_ARGUMENT */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined): void {
  const problem = labelProblem(labels ?? {}, ["goog"]);
  if (problem !== undefined) throw errors.invalidArgument(`Invalid labels: ${problem}`);
}

/** @throws CloudError INVALID_ARGUMENT */
export function checkRetention(what: string, duration: string | undefined): void {
  if (duration === undefined) return;
  const seconds = secondsOf(duration);
  if (seconds >= RETENTION_SECONDS_MIN && seconds <= RETENTION_SECONDS_MAX) return;
  throw errors.retention(what, spellDuration(seconds));
}
