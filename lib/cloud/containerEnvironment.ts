import type { Config } from "./config.js";

/** The settings as a container's environment: its programs read them by `configFrom`, as we do here. */
export function containerEnvironment(config: Config): Readonly<Record<string, string>> {
  return {
    ACTIVATE_TARGET: config.target,
    ACTIVATE_PROJECT: config.project,
    ACTIVATE_REGION: config.region,
    ACTIVATE_DATASET: config.dataset,
    ACTIVATE_EVENTS: config.events,
    ACTIVATE_EVENTS_TABLE: config.eventsTable,
    ACTIVATE_SIMULATED_EVENTS_TABLE: config.simulatedEventsTable,
    ACTIVATE_MODEL: config.model,
    ACTIVATE_CUSTOM_MODEL: config.customModel,
    ACTIVATE_ENDPOINT: config.endpoint,
    ACTIVATE_TOPIC: config.topic,
    ACTIVATE_BUCKET: config.bucket,
    ACTIVATE_IMAGE: config.image,
  };
}
