/** Versions of models: upload, listing, aliases. Contract: google.cloud.aiplatform.v1.ModelService, gRPC and REST alike. */

import { type FilterFields, parseFilter } from "../../platform/filter.js";
import { type OrderFields, parseOrderBy } from "../../platform/order.js";
import { page } from "../../platform/pages.js";
import type { FieldViolation, Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import { environmentProblems } from "../containers/variables.js";
import type { Methods, Model, ModelContainerSpec } from "../contract/messages.js";
import { alreadyExists, artifactsNotFound, invalidField, invalidFields } from "../errors.js";
import { isFolderUri, parseFolderUri } from "../folders.js";
import { DEPLOYMENT_SECONDS_MAX, MODEL_ID, VERSION_ALIAS } from "../limits.js";
import { toModel } from "../messages.js";
import { locationName, parseModelName, parseName } from "../names.js";
import type { ModelRecord, ModelVersion } from "../store.js";
import { withAliases } from "../versions.js";
import { describedProblems, now, type Vertex } from "../vertex.js";

const VERSION_FILTER_FIELDS: FilterFields<ModelVersion> = {
  labels: { kind: "map", read: (version) => version.labels },
};

const VERSION_ORDER_FIELDS: OrderFields<ModelVersion> = {
  create_time: (version) => version.createTime,
  update_time: (version) => version.updateTime,
};

/** What is honoured of an upload. Probes of one's own and gRPC ports are not: they are refused by name. */
const HONOURED = [
  "parent",
  "parentModel",
  "modelId",
  ...[
    "name",
    "etag",
    "displayName",
    "description",
    "labels",
    "versionDescription",
    "versionAliases",
    "containerSpec.imageUri",
    "containerSpec.command",
    "containerSpec.args",
    "containerSpec.env",
    "containerSpec.ports",
    "containerSpec.predictRoute",
    "containerSpec.healthRoute",
    "containerSpec.deploymentTimeout",
    "artifactUri",
  ].map((field) => `model.${field}`),
];
/** Memory is the machine's; schemata describe what the container takes and change no answer. */
const GIVEN_BACK = ["model.containerSpec.sharedMemorySizeMb", "model.predictSchemata"];

export function versionHandlers(vertex: Vertex): Handlers<Methods> {
  const { store, operations } = vertex;
  const { project } = store;
  return {
    /**
     * A new model, or the next version of `parent_model`.
     * Google Cloud takes a copy of the image now; here any is registered, and asked for when it is to run: see README.
     * @throws INVALID_ARGUMENT, NOT_FOUND for an unknown parent or a folder of artifacts that is not there,
     *   ALREADY_EXISTS for an id in use.
     */
    "ModelService.UploadModel": (request) => {
      const { location } = parseName(project, locationName, request.parent, "parent");
      const given = request.model ?? {};
      refuseUnsupported(request, { honoured: HONOURED, ignored: GIVEN_BACK });
      const violations = [...describedProblems("model", given), ...uploadProblems(request.modelId, given)];
      if (violations.length > 0) throw invalidFields(violations);
      checkArtifacts(vertex, given.artifactUri);
      const isTaken = (id: string): boolean =>
        store.findModel(location, id) !== undefined ||
        operations.running("uploadModel").some(({ model }) => model.location === location && model.modelId === id);
      let model: ModelRecord;
      if (request.parentModel) {
        const parent = parseModelName(project, request.parentModel, "parent_model");
        model = store.model(parent);
        if (model.sourceType === "BQML") {
          throw invalidField(
            "parent_model",
            "The Model was trained by BigQuery ML: its versions come from CREATE MODEL.",
          );
        }
      } else {
        if (request.modelId && isTaken(request.modelId)) {
          throw alreadyExists("Model", store.modelName(location, request.modelId));
        }
        model = newModel(location, request.modelId || vertex.ids.next(isTaken), given, now(vertex));
      }
      return operations.start("uploadModel", store.modelName(location, model.modelId), {
        model,
        version: {
          aliases: given.versionAliases ?? [],
          description: given.versionDescription ?? "",
          labels: request.parentModel ? (given.labels ?? {}) : {},
          uploaded: {
            containerSpec: given.containerSpec,
            artifactUri: given.artifactUri,
            predictSchemata: given.predictSchemata,
          },
        },
      });
    },

    /** Newest first unless `order_by` says otherwise; each name ends in `@version`. */
    "ModelService.ListModelVersions": (request) => {
      const reference = parseModelName(project, request.name, "name");
      refuseUnsupported(request, { honoured: ["name", "filter", "pageSize", "pageToken", "orderBy"] });
      const model = store.model(reference);
      const matches = parseFilter(request.filter ?? "", VERSION_FILTER_FIELDS);
      const order = parseOrderBy(request.orderBy || "create_time desc", VERSION_ORDER_FIELDS);
      const scope = [reference, request.filter, request.orderBy];
      const key = (version: ModelVersion): string => version.versionId.padStart(10, "0");
      const { items, nextPageToken } = page(model.versions.filter(matches), request, order, key, scope);
      return { models: items.map((version) => toModel(store, model, version, true)), nextPageToken };
    },

    /** "x" adds an alias, "-x" removes it; an alias that is added leaves the version that had it. */
    "ModelService.MergeVersionAliases": (request) => {
      const reference = parseModelName(project, request.name, "name");
      if (reference.version === undefined || !/^\d+$/.test(reference.version)) {
        throw invalidField("name", "Must end in a version ID: models/{model}@{version}.");
      }
      const { added, removed } = splitAliases(request.versionAliases ?? []);
      return store.exclusive(async () => {
        const model = store.model(reference);
        const version = store.version(model, reference.version);
        const changed = mergeAliases(model, version.versionId, added, removed, now(vertex));
        await store.write([store.modelChange(changed)]);
        return toModel(store, changed, store.version(changed, version.versionId));
      });
    },
  };
}

/** @throws CloudError NOT_FOUND */
function checkArtifacts({ links }: Vertex, uri: string | undefined): void {
  // Without Cloud Storage there is nobody to ask; the container will say what it misses.
  if (!uri || !links.objects) return;
  const { bucket, prefix } = parseFolderUri(uri);
  if (!links.objects.bucketExists(bucket)) throw artifactsNotFound(uri, `there is no bucket ${bucket}`);
  if (links.objects.list(bucket, prefix).length === 0) throw artifactsNotFound(uri, "nothing is there");
}

function uploadProblems(modelId: string | undefined, given: Model): FieldViolation[] {
  const violations: FieldViolation[] = [];
  if (modelId && !MODEL_ID.test(modelId)) {
    violations.push({
      field: "model_id",
      description: "Must be up to 63 of [a-z0-9_-], and the first character must not be a number or hyphen.",
    });
  }
  if (given.containerSpec === undefined) {
    violations.push({ field: "model.container_spec", description: "Required field is not set." });
  } else violations.push(...containerProblems(given.containerSpec));
  if (given.artifactUri && !isFolderUri(given.artifactUri)) {
    violations.push({
      field: "model.artifact_uri",
      description: `Must be a Cloud Storage URI that begins with gs:// and names a folder; it is "${given.artifactUri}".`,
    });
  }
  violations.push(...aliasProblems(given.versionAliases ?? [], "model.version_aliases"));
  return violations;
}

function containerProblems(spec: ModelContainerSpec): FieldViolation[] {
  const path = "model.container_spec";
  const violations = environmentProblems(spec.env ?? [], `${path}.env`);
  const reserved = spec.env?.find(({ name }) => name?.startsWith("AIP_"));
  if (reserved) {
    violations.push({
      field: `${path}.env`,
      description: `Environment variable names must not begin with AIP_: "${reserved.name}".`,
    });
  }
  for (const [field, route] of [
    ["predict_route", spec.predictRoute],
    ["health_route", spec.healthRoute],
  ] as const) {
    if (route && !/^\/[^\s?#]*$/.test(route)) {
      violations.push({
        field: `${path}.${field}`,
        description: `Must be a path that begins with "/"; it is "${route}".`,
      });
    }
  }
  const port = spec.ports?.find(({ containerPort = 0 }) => containerPort < 1 || containerPort > 65_535);
  if (port) {
    violations.push({
      field: `${path}.ports`,
      description: `Must be between 1 and 65535; it is ${port.containerPort ?? 0}.`,
    });
  }
  const seconds = Number.parseFloat(spec.deploymentTimeout ?? "1");
  if (!(seconds > 0 && seconds <= DEPLOYMENT_SECONDS_MAX)) {
    violations.push({
      field: `${path}.deployment_timeout`,
      description: `Must be more than 0 and at most ${DEPLOYMENT_SECONDS_MAX} seconds; it is ${spec.deploymentTimeout ?? ""}.`,
    });
  }
  return violations;
}

function aliasProblems(aliases: readonly string[], field: string): FieldViolation[] {
  return aliases
    .filter((alias) => !VERSION_ALIAS.test(alias))
    .map((alias) => ({
      field,
      description: `"${alias}" must begin with a lowercase letter, contain only letters, numbers and hyphens, and end in a lowercase letter or number (2 to 128 characters).`,
    }));
}

/** Order has no meaning; "x" together with "-x" is nothing (model_service.proto). @throws INVALID_ARGUMENT */
function splitAliases(aliases: readonly string[]): { added: string[]; removed: string[] } {
  const added = aliases.filter((alias) => !alias.startsWith("-"));
  const removed = aliases.filter((alias) => alias.startsWith("-")).map((alias) => alias.slice(1));
  const violations = aliasProblems([...added, ...removed], "version_aliases");
  if (violations.length > 0) throw invalidFields(violations);
  return {
    added: added.filter((alias) => !removed.includes(alias)),
    removed: removed.filter((alias) => !added.includes(alias)),
  };
}

function mergeAliases(
  model: ModelRecord,
  versionId: string,
  added: readonly string[],
  removed: readonly string[],
  time: string,
): ModelRecord {
  try {
    return withAliases(model, versionId, added, removed, time);
  } catch (thrown) {
    if (thrown instanceof RangeError) throw invalidField("version_aliases", thrown.message);
    throw thrown;
  }
}

function newModel(location: string, modelId: string, given: Model, time: string): ModelRecord {
  return {
    location,
    modelId,
    displayName: given.displayName ?? "",
    description: given.description ?? "",
    labels: given.labels ?? {},
    createTime: time,
    updateTime: time,
    sourceType: "CUSTOM",
    nextVersion: 1,
    versions: [],
  };
}
