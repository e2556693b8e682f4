/** Google Cloud for the workbook, over the official clients. Nothing above this folder knows which target it runs on. */

export {
  type BatchInput,
  type BatchOptions,
  type BatchOutput,
  type BatchPrediction,
  BatchPredictions,
} from "./batchPredictions.js";
export { BigQueryMl, type Cluster, type TrainedModel } from "./bqml.js";
export type { ComparisonOptions, DeployedModelComparison } from "./comparison.js";
export { type Config, configFrom, describeSettings, loadConfig, settingsMarkdown } from "./config.js";
export { type Address, addressOf, Connections } from "./connections.js";
export { type DeployedModel, type DeployOptions, type Endpoint, type EndpointOptions, Endpoints } from "./endpoints.js";
export { ActivateError, type ActivateErrorCode } from "./errors.js";
export type { DataFrame } from "./frame.js";
export { ACCOUNTS, AccessManagement, type AccountName, serviceAgents } from "./iam.js";
export { ImageRegistry, type PushedImage } from "./image.js";
export {
  type Epoch,
  type FollowOptions,
  type Job,
  type JobOptions,
  type JobProgress,
  type JobState,
  Jobs,
} from "./jobs.js";
export type { LogLine } from "./logging.js";
export type { Progress, ReportProgress } from "./operation.js";
export { type Answer, type CentroidDistances, type Instance, Predictions, type PredictOptions } from "./prediction.js";
export {
  type OutgoingMessage,
  type Publisher,
  type PublisherOptions,
  PubSubResources,
  type RoleBinding,
  type SubscriptionInfo,
  type SubscriptionOptions,
  type TakenMessage,
  type Topic,
  type TopicOptions,
} from "./pubsub.js";
export { CHALLENGER, CHAMPION, ModelRegistry, type ModelVersion, type Registration } from "./registry.js";
export { type Cell, numberIn, type Row, textIn } from "./rows.js";
export {
  CloudRun,
  type RunAnswer,
  type RunCall,
  type RunDeployment,
  type RunService,
  type RunTraffic,
} from "./run.js";
export {
  type Bucket,
  type BucketOptions,
  CloudStorage,
  type StoredObject,
  type UploadOptions,
} from "./storage.js";
export type { Json } from "./value.js";
export { type Given, type Parameter, type TableState, Warehouse } from "./warehouse.js";
