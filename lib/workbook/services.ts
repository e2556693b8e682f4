import { BigQueryMl } from "../cloud/bqml.js";
import type { Config } from "../cloud/config.js";
import type { Connections } from "../cloud/connections.js";
import { Endpoints } from "../cloud/endpoints.js";
import { Predictions } from "../cloud/prediction.js";
import { ModelRegistry } from "../cloud/registry.js";
import { Warehouse } from "../cloud/warehouse.js";
import { Clickstream } from "./clickstream.js";
import { ModelVersions } from "./modelVersions.js";
import { Purchases } from "./purchases.js";
import type { Show } from "./show/show.js";

/** Everything that a challenge works with, over one set of connections. */
export interface Services {
  readonly config: Config;
  readonly warehouse: Warehouse;
  readonly bqml: BigQueryMl;
  readonly registry: ModelRegistry;
  readonly endpoints: Endpoints;
  readonly predictions: Predictions;
  readonly clickstream: Clickstream;
  readonly purchases: Purchases;
  readonly versions: ModelVersions;
}

export function servicesOf(connections: Connections, show: Show): Services {
  const warehouse = new Warehouse(connections);
  const predictions = new Predictions(connections);
  return {
    config: connections.config,
    warehouse,
    bqml: new BigQueryMl(connections, warehouse),
    registry: new ModelRegistry(connections),
    endpoints: new Endpoints(connections),
    predictions,
    clickstream: new Clickstream(warehouse, show),
    purchases: new Purchases(warehouse, predictions),
    versions: new ModelVersions(warehouse),
  };
}
