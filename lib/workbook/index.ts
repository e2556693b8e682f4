/** What a notebook imports. */
export type { Cluster, TrainedModel } from "../cloud/bqml.js";
export { ActivateError } from "../cloud/errors.js";
export type { CentroidDistances } from "../cloud/prediction.js";
export { CheckFailed } from "./checks/outcome.js";
export type { Decide } from "./checks/serving.js";
export * as figures from "./figures/index.js";
export type { PoisonedEvent } from "./liveStream.js";
export { open } from "./open.js";
export type { ScoredPurchase } from "./purchases.js";
export type { TrainingRun } from "./training.js";
export type { Workbook } from "./workbook.js";
