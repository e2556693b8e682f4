import { simulateClickstream, toSinkRow } from "../anomaly/index.js";
import { BigQueryMl } from "../cloud/bqml.js";
import { configFrom } from "../cloud/config.js";
import { addressOf, Connections } from "../cloud/connections.js";
import { Endpoints } from "../cloud/endpoints.js";
import { Warehouse } from "../cloud/warehouse.js";
import { ModelVersions } from "../workbook/modelVersions.js";

/** Where a local cloud answers. */
export interface Addresses {
  readonly rest: string;
  readonly grpc: string;
  readonly project: string;
}

/** A local cloud in which everything that comes before the live pipeline is there: events, a model, an endpoint. */
export interface Shop {
  readonly connections: Connections;
  readonly warehouse: Warehouse;
  /** Full name. */
  readonly endpoint: string;
  readonly threshold: number;
  /** What a container of ours is given. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Trains four clusters on two thousand simulated events, registers, deploys, and keeps a threshold. */
export async function openShop({ rest, grpc, project }: Addresses): Promise<Shop> {
  const environment = { ACTIVATE_PROJECT: project, ACTIVATE_LOCAL_REST: rest, ACTIVATE_LOCAL_GRPC: grpc };
  const config = configFrom(environment);
  const connections = new Connections(config, addressOf(config, environment));
  const warehouse = new Warehouse(connections);
  await warehouse.ensureDataset();
  await warehouse.rows("tables/events.sql", { names: { events: config.eventsTable } });
  await warehouse.rows("tables/purchase_label.sql");
  const { events } = simulateClickstream({ events: 2000, days: 3 });
  await warehouse.load(config.eventsTable, events.map(toSinkRow));
  await warehouse.rows("features/purchase_features.sql", { names: { events: config.eventsTable } });
  const bqml = new BigQueryMl(connections, warehouse);
  const { modelId } = await bqml.train(`
    CREATE MODEL IF NOT EXISTS {model} OPTIONS (MODEL_TYPE = 'KMEANS', NUM_CLUSTERS = 4)
    AS SELECT value_log, tax_log, shipping, tax_rate, quantity_log, item_price_log, unexplained_log FROM purchase_features`);
  const registered = await bqml.register(modelId);
  const threshold = 1.1;
  await new ModelVersions(warehouse).keep(await bqml.model(modelId), threshold, "of a trial");
  const endpoints = new Endpoints(connections);
  const { created: _, ...endpoint } = await endpoints.ensure({ displayName: config.endpoint });
  const model = `projects/${project}/locations/${config.region}/models/${registered.modelId}`;
  await endpoints.deploy({ endpoint, model, version: registered.version });
  return { connections, warehouse, endpoint: endpoint.name, threshold, environment };
}
