import type { Broker } from "./broker.js";
import type { Exports } from "./exports.js";
import type { Names } from "./names.js";

/** What Pub/Sub's handlers share. */
export interface Pubsub {
  readonly broker: Broker;
  readonly names: Names;
  readonly exports: Exports;
}
