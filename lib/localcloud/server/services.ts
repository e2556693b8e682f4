import { bigquery } from "../bigquery/index.js";
import { createIam } from "../iam/index.js";
import { createLogging } from "../logging/index.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createPubsub } from "../pubsub/index.js";
import { createRun } from "../run/index.js";
import { createStorage } from "../storage/index.js";
import { createVertexAi } from "../vertex/index.js";

/** Every service of the local cloud: a new one is added here and nowhere else. */
export const services: readonly ((context: ServiceContext) => Service)[] = [
  createStorage,
  bigquery,
  createIam,
  createRun,
  createVertexAi,
  createPubsub,
  createLogging,
];
