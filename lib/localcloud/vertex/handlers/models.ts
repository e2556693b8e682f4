/** Models of the registry. Contract: google.cloud.aiplatform.v1.ModelService, gRPC and REST alike. */

import { CloudError } from "../../platform/errors.js";
import { checkEtag } from "../../platform/etags.js";
import { parseFieldMask } from "../../platform/fieldMask.js";
import { type FilterFields, parseFilter } from "../../platform/filter.js";
import { type OrderFields, parseOrderBy } from "../../platform/order.js";
import { page } from "../../platform/pages.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Model } from "../contract/messages.js";
import { refuseDeployed } from "../effects.js";
import { invalidField, invalidFields, onlyVersion } from "../errors.js";
import { toModel } from "../messages.js";
import { locationName, parseModelName, parseName } from "../names.js";
import type { ModelRecord, ModelVersion } from "../store.js";
import { describedProblems, now, type Vertex } from "../vertex.js";

const FILTER_FIELDS: FilterFields<ModelRecord> = {
  model: { kind: "text", operators: ["=", "!="], read: (model) => model.modelId },
  display_name: { kind: "text", operators: ["=", "!="], read: (model) => model.displayName },
  labels: { kind: "map", read: (model) => model.labels },
};

const ORDER_FIELDS: OrderFields<ModelRecord> = {
  display_name: (model) => model.displayName,
  create_time: (model) => model.createTime,
  update_time: (model) => model.updateTime,
};

/** Fields of the model itself, and fields of one version: a request changes the one or the other (UpdateModelRequest). */
const MODEL_FIELDS = ["display_name", "description", "labels"];
const VERSION_FIELDS = ["version_description", "labels"];

export function modelHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, operations } = vertex;
  const { project } = store;
  return {
    /** The default version, or the one that the name asks for by id or alias. */
    "ModelService.GetModel": (request) => {
      const reference = parseModelName(project, request.name, "name");
      const model = store.model(reference);
      return toModel(store, model, store.version(model, reference.version));
    },

    /** Each model's default version; newest first unless `order_by` says otherwise. */
    "ModelService.ListModels": (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      refuseUnsupported(request, { honoured: ["parent", "filter", "pageSize", "pageToken", "orderBy"] });
      const matches = parseFilter(request.filter ?? "", FILTER_FIELDS);
      const order = parseOrderBy(request.orderBy || "create_time desc", ORDER_FIELDS);
      const found = store.models(location).filter(matches);
      const scope = [location, request.filter, request.orderBy];
      const { items, nextPageToken } = page(found, request, order, (model) => model.modelId, scope);
      return {
        models: items.map((model) => toModel(store, model, store.version(model, undefined))),
        nextPageToken,
      };
    },

    /** @throws FAILED_PRECONDITION when fields of the model and of a version are mixed, or do not fit the name. */
    "ModelService.UpdateModel": (request) => {
      const given = request.model ?? {};
      const reference = parseModelName(project, given.name, "model.name");
      const paths = parseFieldMask(request.updateMask, [...new Set([...MODEL_FIELDS, ...VERSION_FIELDS])]);
      const ofVersion = reference.version !== undefined && reference.version !== "-";
      const allowed = ofVersion ? VERSION_FIELDS : MODEL_FIELDS;
      const misplaced = paths.filter((path) => !allowed.includes(path));
      if (misplaced.length > 0) {
        throw new CloudError(
          "FAILED_PRECONDITION",
          ofVersion
            ? `${misplaced.join(", ")} belongs to the Model, not to a version: update it under the name without "@${reference.version}".`
            : `${misplaced.join(", ")} belongs to a version: update it under a name that ends in "@VERSION".`,
        );
      }
      const violations = describedProblems("model", {
        displayName: paths.includes("display_name") ? given.displayName : undefined,
        labels: paths.includes("labels") ? given.labels : undefined,
      });
      if (violations.length > 0) throw invalidFields(violations);
      if (paths.includes("display_name") && !given.displayName) {
        throw invalidField("model.display_name", "Required field is not set.");
      }
      return store.exclusive(async () => {
        const model = store.model(reference);
        const version = store.version(model, ofVersion ? reference.version : undefined);
        checkEtag(given.etag, toModel(store, model, version).etag ?? "", given.name ?? "");
        const changed = ofVersion
          ? updateVersion(model, version, given, paths, now(vertex))
          : updateModel(model, given, paths, now(vertex));
        await store.write([store.modelChange(changed)]);
        return toModel(store, changed, store.version(changed, version.versionId));
      });
    },

    /** @throws FAILED_PRECONDITION while an endpoint has any version of it; INVALID_ARGUMENT for a name with a version. */
    "ModelService.DeleteModel": (request) => {
      const { location, modelId, version } = parseModelName(project, request.name, "name");
      if (version !== undefined) {
        throw invalidField("name", "Must not contain a version: use DeleteModelVersion to delete one version.");
      }
      const model = store.model({ location, modelId, version });
      refuseWarehouse(model);
      refuseDeployed(store, model);
      return operations.start("deleteModel", store.locationName(location), { location, modelId });
    },

    /** @throws FAILED_PRECONDITION for a version that is deployed, or the only one. */
    "ModelService.DeleteModelVersion": (request) => {
      const { location, modelId, version: versionId } = parseModelName(project, request.name, "name");
      if (versionId === undefined || !/^\d+$/.test(versionId)) {
        throw invalidField("name", "Must end in a version ID: models/{model}@{version}.");
      }
      const model = store.model({ location, modelId, version: versionId });
      store.version(model, versionId);
      refuseWarehouse(model);
      refuseDeployed(store, model, versionId);
      if (model.versions.length === 1) throw onlyVersion(request.name ?? "");
      return operations.start("deleteModelVersion", store.modelName(location, modelId), {
        location,
        modelId,
        versionId,
      });
    },
  };
}

/** BigQuery ML models are deleted in BigQuery only, and the registry follows (contracts 3.6). */
function refuseWarehouse(model: ModelRecord): void {
  if (model.sourceType !== "BQML") return;
  throw new CloudError(
    "FAILED_PRECONDITION",
    `Model ${model.modelId} was trained by BigQuery ML: delete it in BigQuery (DROP MODEL), and the registry follows.`,
    { reason: "MANAGED_BY_BIGQUERY", metadata: { model: model.modelId } },
  );
}

function updateModel(model: ModelRecord, given: Model, paths: readonly string[], time: string): ModelRecord {
  return {
    ...model,
    updateTime: time,
    ...(paths.includes("display_name") ? { displayName: given.displayName ?? "" } : {}),
    ...(paths.includes("description") ? { description: given.description ?? "" } : {}),
    ...(paths.includes("labels") ? { labels: given.labels ?? {} } : {}),
  };
}

function updateVersion(
  model: ModelRecord,
  version: ModelVersion,
  given: Model,
  paths: readonly string[],
  time: string,
): ModelRecord {
  const changed: ModelVersion = {
    ...version,
    updateTime: time,
    ...(paths.includes("version_description") ? { description: given.versionDescription ?? "" } : {}),
    ...(paths.includes("labels") ? { labels: given.labels ?? {} } : {}),
  };
  return {
    ...model,
    updateTime: time,
    versions: model.versions.map((other) => (other.versionId === version.versionId ? changed : other)),
  };
}
