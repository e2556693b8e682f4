/** BigQuery's door to the Model Registry (contracts 1.7): models that BigQuery ML trained become versions here. */

import type { ModelRegistry, RegisteredWarehouseModel } from "../platform/links.js";
import { refuseDeployed } from "./effects.js";
import { alreadyExists, invalidField, invalidFields } from "./errors.js";
import { LOCATIONS, MODEL_ID, VERSION_ALIAS } from "./limits.js";
import type { ModelRecord, ModelVersion } from "./store.js";
import { withoutVersion, withVersion } from "./versions.js";
import { now, type Vertex } from "./vertex.js";

export function createModelRegistry(vertex: Vertex): ModelRegistry {
  const { store } = vertex;
  const find = (trainingId: string): { model: ModelRecord; version: ModelVersion } | undefined => {
    for (const model of store.models()) {
      const version = model.versions.find((other) => other.warehouse?.trainingId === trainingId);
      if (version) return { model, version };
    }
    return undefined;
  };
  return {
    register: (registered) =>
      store.exclusive(async () => {
        const known = find(registered.trainingId);
        if (known) return { versionId: known.version.versionId };
        checkRegistered(registered);
        const time = now(vertex);
        const { location, vertexModelId: modelId } = registered;
        const current = store.findModel(location, modelId);
        if (current && current.sourceType !== "BQML") throw alreadyExists("Model", store.modelName(location, modelId));
        const { model, versionId } = withVersion(
          current ?? newModel(registered, time),
          {
            aliases: registered.versionAliases,
            description: "",
            labels: {},
            uploaded: {},
            warehouse: { trainingId: registered.trainingId, modelType: registered.modelType },
          },
          time,
        );
        await store.write([store.modelChange(model)]);
        return { versionId };
      }),

    unregister: (trainingId) =>
      store.exclusive(async () => {
        const known = find(trainingId);
        if (!known) return;
        const { model, version } = known;
        refuseDeployed(store, model, version.versionId);
        const remaining = withoutVersion(model, version.versionId, now(vertex));
        const change = remaining ? store.modelChange(remaining) : store.modelRemoval(model.location, model.modelId);
        await store.write([change]);
      }),

    checkUnregister: async (trainingId) => {
      const known = find(trainingId);
      if (known) refuseDeployed(store, known.model, known.version.versionId);
    },
  };
}

function checkRegistered({ vertexModelId, versionAliases, location }: RegisteredWarehouseModel): void {
  if (!MODEL_ID.test(vertexModelId)) {
    throw invalidField(
      "model_id",
      `"${vertexModelId}" must be up to 63 of [a-z0-9_-], and the first character must not be a number or hyphen.`,
    );
  }
  if (!LOCATIONS.includes(location)) throw invalidField("parent", `"${location}" is not a location of Vertex AI.`);
  const bad = versionAliases.filter((alias) => !VERSION_ALIAS.test(alias));
  if (bad.length > 0) {
    throw invalidFields(
      bad.map((alias) => ({
        field: "version_aliases",
        description: `"${alias}" must begin with a lowercase letter, contain only letters, numbers and hyphens, and end in a lowercase letter or number (2 to 128 characters).`,
      })),
    );
  }
}

function newModel(registered: RegisteredWarehouseModel, time: string): ModelRecord {
  return {
    location: registered.location,
    modelId: registered.vertexModelId,
    displayName: registered.vertexModelId,
    description: "",
    labels: {},
    createTime: time,
    updateTime: time,
    sourceType: "BQML",
    nextVersion: 1,
    versions: [],
  };
}
