import { CloudError } from "activate/localcloud/platform/errors.js";
import type { ModelRegistry } from "activate/localcloud/platform/links.js";
import type { Service, ServiceContext } from "activate/localcloud/platform/service.js";

/** Two centroids of standardised value and tax: what a small KMEANS model of BigQuery ML holds. */
export interface SmallModel {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  readonly centroids: readonly (readonly number[])[];
}

export const SMALL_MODEL: SmallModel = {
  means: [50, 5],
  deviations: [20, 2],
  centroids: [
    [-0.5, -0.5],
    [3, 2.5],
  ],
};

const FEATURES = ["value", "tax"];

/**
 * BigQuery's side of the links, in memory, for tests of Vertex AI alone: trained models by training id, predicting
 * in the form of a deployed BigQuery ML model.
 */
export class SmallWarehouse {
  readonly #models = new Map<string, SmallModel>();
  #registry: ModelRegistry | undefined;

  /** Registers a training of a model; answers with its version. */
  async train(
    vertexModelId: string,
    trainingId: string,
    options: { aliases?: readonly string[]; model?: SmallModel; modelType?: string } = {},
  ): Promise<string> {
    this.#models.set(trainingId, options.model ?? SMALL_MODEL);
    const { versionId } = await this.registry.register({
      source: { projectId: "activate-local", datasetId: "d", modelId: vertexModelId },
      modelType: options.modelType ?? "KMEANS",
      vertexModelId,
      versionAliases: options.aliases ?? [],
      location: "europe-west1",
      trainingId,
    });
    return versionId;
  }

  get registry(): ModelRegistry {
    if (!this.#registry) throw new Error("The cloud has not been started.");
    return this.#registry;
  }

  /** The service value to start a cloud with; after Vertex AI in the list. */
  readonly service = (context: ServiceContext): Service => {
    context.links.warehouseModels = {
      predict: async (trainingId, rows) => rows.map((row) => this.#predict(trainingId, row)),
    };
    this.#registry = context.links.registry;
    return {
      name: "Small warehouse",
      owns: () => false,
      handle: async () => ({ status: 404 }),
      grpc: [],
      start: async () => undefined,
      stop: async () => undefined,
    };
  };

  #predict(trainingId: string, row: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const model = this.#models.get(trainingId);
    if (!model) throw new CloudError("NOT_FOUND", `No training ${trainingId}.`);
    const standardised = FEATURES.map((feature, index) => {
      const value = row[feature];
      if (typeof value !== "number") throw new CloudError("INVALID_ARGUMENT", `Feature "${feature}" is missing.`);
      return (value - (model.means[index] ?? 0)) / (model.deviations[index] ?? 1);
    });
    const distances = model.centroids.map((centroid) =>
      Math.hypot(...centroid.map((coordinate, index) => coordinate - (standardised[index] ?? 0))),
    );
    return {
      centroid_distances: distances,
      centroid_ids: distances.map((_, index) => index + 1),
      nearest_centroid_id: [distances.indexOf(Math.min(...distances)) + 1],
    };
  }
}
