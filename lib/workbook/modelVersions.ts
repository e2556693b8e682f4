import type { TrainedModel } from "../cloud/bqml.js";
import { ActivateError } from "../cloud/errors.js";
import { type VersionRecord, versionRecord } from "../cloud/versionRecord.js";
import type { Warehouse } from "../cloud/warehouse.js";
import { requireModel } from "./purchases.js";

export type { VersionRecord };

/** Table `model_version`: threshold, radii and features by version. */
export class ModelVersions {
  readonly #warehouse: Warehouse;

  constructor(warehouse: Warehouse) {
    this.#warehouse = warehouse;
  }

  /**
   * Keeps the threshold of a registered model, with its radii and features; kept before, the row is changed.
   * @param thresholdSource how the threshold was found, in words.
   * @throws ActivateError NOT_FOUND when the model is not registered yet; INVALID_ARGUMENT for a threshold that is no number or below 0
   *   (0 decides where all training purchases lie upon centroids: whatever is beside them is anomalous).
   */
  async keep(model: TrainedModel | undefined, threshold: number, thresholdSource: string): Promise<VersionRecord> {
    const { modelId, registered, features, clusters } = requireModel(model);
    if (registered === undefined) {
      throw new ActivateError(
        "NOT_FOUND",
        `Model ${modelId} is not registered, so it has no version yet: bqml.register(...) first.`,
      );
    }
    if (!(Number.isFinite(threshold) && threshold >= 0)) {
      throw new ActivateError("INVALID_ARGUMENT", `The threshold is ${threshold}; it must be a number from 0 on.`);
    }
    const { project, dataset } = this.#warehouse.config;
    const record: VersionRecord = {
      version: registered.version,
      source_model: `${project}.${dataset}.${modelId}`,
      features,
      threshold,
      clusters,
      training_rows: clusters.reduce((sum, { cluster_size }) => sum + cluster_size, 0),
    };
    await this.#warehouse.rows("tables/model_version.sql");
    await this.#warehouse.rows("registry/record_model_version.sql", {
      params: {
        registry_model: registered.modelId,
        version: record.version,
        source_model: record.source_model,
        features: record.features,
        threshold,
        threshold_source: thresholdSource,
        training_rows: record.training_rows,
        clusters: clusters.map((cluster) => ({ ...cluster })),
      },
    });
    return record;
  }

  /** Records of the configured model, the newest first; none when the table is missing. */
  async list(): Promise<VersionRecord[]> {
    if (!(await this.#warehouse.exists("model_version"))) return [];
    const params = { registry_model: this.#warehouse.config.model };
    return (await this.#warehouse.rows("registry/read_model_versions.sql", { params })).map(versionRecord);
  }

  /** @throws ActivateError NOT_FOUND with what to do. */
  async get(version: string): Promise<VersionRecord> {
    const record = (await this.list()).find((candidate) => candidate.version === version);
    if (record !== undefined) return record;
    throw new ActivateError(
      "NOT_FOUND",
      `Table model_version has no row for version ${version} of ${this.#warehouse.config.model}: notebook 01 writes it.`,
    );
  }
}
