import { type BigQueryContext, type Call, type Handler, parameter } from "../context.js";
import { datasetNotFound, modelNotFound } from "../errors.js";
import { checkPrecondition, etagOf, mergePatch, pageOf } from "../listing.js";
import { checkLabels } from "../names.js";
import type { ModelRecord } from "../resources.js";
import type { DatasetReference, ModelReference } from "../schema.js";
import { later } from "./datasets.js";

const dataset = (call: Call): DatasetReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
});
const at = (call: Call): ModelReference => ({ ...dataset(call), modelId: parameter(call, "modelId") });

const etag = (record: ModelRecord): string => etagOf(record.reference, record.resource);

const toWire = (record: ModelRecord): Record<string, unknown> => ({
  etag: etag(record),
  modelReference: record.reference,
  ...record.resource,
});

/** @throws CloudError notFound */
function find(call: Call, { catalog }: Pick<BigQueryContext, "catalog">): ModelRecord {
  if (!catalog.dataset(dataset(call))) throw datasetNotFound(dataset(call));
  const record = catalog.model(at(call));
  if (!record) throw modelNotFound(at(call));
  return record;
}

const get: Handler = (call, context) => toWire(find(call, context));

const list: Handler = (call, { catalog }) => {
  if (!catalog.dataset(dataset(call))) throw datasetNotFound(dataset(call));
  const { items, nextPageToken } = pageOf(call, catalog.models(dataset(call)), (record) => record.reference.modelId);
  const models = items.map(({ reference, resource }) => ({
    modelReference: reference,
    modelType: resource.modelType,
    creationTime: resource.creationTime,
    lastModifiedTime: resource.lastModifiedTime,
    ...(resource.labels ? { labels: resource.labels } : {}),
  }));
  return {
    ...(models.length === 0 ? {} : { models }),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  };
};

const patch: Handler = async (call, context) => {
  const { catalog, ml } = context;
  const { modelReference: _, trainingRuns, ...fields } = call.body;
  checkLabels(fields.labels);
  const vertexId = (trainingRuns as readonly { readonly vertexAiModelId?: string }[] | null | undefined)?.[0]
    ?.vertexAiModelId;
  const record = await catalog.write(async (transaction) => {
    const before = transaction.model(at(call));
    if (!before) throw transaction.dataset(dataset(call)) ? modelNotFound(at(call)) : datasetNotFound(dataset(call));
    checkPrecondition(call, etag(before));
    const lastModifiedTime = later(String(before.resource.lastModifiedTime ?? "0"), transaction.now);
    const after = { ...before, resource: { ...mergePatch(before.resource, fields), lastModifiedTime } };
    await transaction.putModel(after);
    return after;
  });
  if (!vertexId) return toWire(record);
  return toWire(await ml.registerModel(at(call), vertexId));
};

const remove: Handler = async (call, context) => {
  const record = find(call, context);
  checkPrecondition(call, etag(record));
  await context.ml.hook.drop(at(call), false);
};

export const models: Readonly<Record<string, Handler>> = {
  "models.get": get,
  "models.list": list,
  "models.patch": patch,
  "models.delete": remove,
};
