import { BatchPredictions } from "../cloud/batchPredictions.js";
import { BigQueryMl } from "../cloud/bqml.js";
import type { Config } from "../cloud/config.js";
import type { Connections } from "../cloud/connections.js";
import { Endpoints } from "../cloud/endpoints.js";
import { AccessManagement } from "../cloud/iam.js";
import { Jobs } from "../cloud/jobs.js";
import { Predictions } from "../cloud/prediction.js";
import { PubSubResources } from "../cloud/pubsub.js";
import { ModelRegistry } from "../cloud/registry.js";
import { CloudRun } from "../cloud/run.js";
import { CloudStorage } from "../cloud/storage.js";
import { Warehouse } from "../cloud/warehouse.js";
import { Clickstream } from "./clickstream.js";
import { LivePipeline } from "./livePipeline.js";
import { LiveStream } from "./liveStream.js";
import { ModelVersions } from "./modelVersions.js";
import { Purchases } from "./purchases.js";
import { Rollout } from "./rollout.js";
import { Serving } from "./serving.js";
import type { Show } from "./show/show.js";
import { Training } from "./training.js";
import { WeekPredictions } from "./weekPrediction.js";

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
  readonly pubsub: PubSubResources;
  readonly run: CloudRun;
  readonly access: AccessManagement;
  readonly jobs: Jobs;
  readonly storage: CloudStorage;
  readonly pipeline: LivePipeline;
  readonly stream: LiveStream;
  readonly training: Training;
  readonly rollout: Rollout;
  readonly serving: Serving;
}

export function servicesOf(connections: Connections, show: Show): Services {
  const warehouse = new Warehouse(connections);
  const predictions = new Predictions(connections);
  const cloud = {
    config: connections.config,
    warehouse,
    bqml: new BigQueryMl(connections, warehouse),
    registry: new ModelRegistry(connections),
    endpoints: new Endpoints(connections),
    predictions,
    pubsub: new PubSubResources(connections),
    run: new CloudRun(connections),
    access: new AccessManagement(connections),
    jobs: new Jobs(connections),
    storage: new CloudStorage(connections),
  };
  const data = {
    clickstream: new Clickstream(warehouse, show),
    purchases: new Purchases(warehouse, predictions),
    versions: new ModelVersions(warehouse),
  };
  const parts = { ...cloud, ...data, show };
  const pipeline = new LivePipeline(connections, parts);
  const week = new WeekPredictions({ ...parts, batches: new BatchPredictions(connections) });
  const rollout = new Rollout({ ...parts, week });
  return {
    ...cloud,
    ...data,
    pipeline,
    stream: new LiveStream({ ...parts, pipeline }),
    training: new Training(parts),
    rollout,
    serving: new Serving({ ...parts, rollout }),
  };
}
