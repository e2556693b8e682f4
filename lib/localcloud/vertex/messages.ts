/** Records of the store as the resources that the API answers with. */

import { etagOf } from "../platform/etags.js";
import type { Endpoint, Model } from "./contract/messages.js";
import type { EndpointRecord, ModelRecord, ModelVersion, VertexStore } from "./store.js";

/** BigQuery ML types that can be registered but not deployed (contracts 1.7). */
const NOT_DEPLOYABLE = new Set(["ARIMA_PLUS", "ARIMA_PLUS_XREG", "XGBOOST"]);

export function isDeployable(version: ModelVersion): boolean {
  return version.warehouse === undefined || !NOT_DEPLOYABLE.has(version.warehouse.modelType);
}

/** @param withVersionInName ListModelVersions answers with `models/m@3`. */
export function toModel(
  store: VertexStore,
  model: ModelRecord,
  version: ModelVersion,
  withVersionInName = false,
): Model {
  const name = store.modelName(model.location, model.modelId);
  const isWarehouse = version.warehouse !== undefined;
  const { containerSpec, artifactUri, predictSchemata } = version.uploaded;
  const deployedModels = store.deployments(model, version.versionId).map(({ endpoint, deployed }) => ({
    endpoint: store.endpointName(endpoint.location, endpoint.endpointId),
    deployedModelId: deployed.id,
  }));
  return {
    name: withVersionInName ? `${name}@${version.versionId}` : name,
    versionId: version.versionId,
    versionAliases: version.aliases,
    versionCreateTime: version.createTime,
    versionUpdateTime: version.updateTime,
    versionDescription: version.description,
    displayName: model.displayName,
    description: model.description,
    labels: { ...model.labels, ...version.labels },
    supportedDeploymentResourcesTypes: isDeployable(version) ? ["DEDICATED_RESOURCES"] : [],
    supportedInputStorageFormats: isWarehouse
      ? ["jsonl", "bigquery", "csv"]
      : ["jsonl", "bigquery", "csv", "tf-record", "tf-record-gzip", "file-list"],
    supportedOutputStorageFormats: ["jsonl", "bigquery"],
    supportedExportFormats: isWarehouse ? [] : [{ id: "custom-trained", exportableContents: ["ARTIFACT"] }],
    modelSourceInfo: { sourceType: model.sourceType },
    containerSpec,
    artifactUri,
    predictSchemata,
    deployedModels,
    createTime: model.createTime,
    updateTime: model.updateTime,
    etag: etagOf([model.updateTime, version]),
  };
}

export function toEndpoint(store: VertexStore, record: EndpointRecord): Endpoint {
  return {
    ...record.resource,
    name: store.endpointName(record.location, record.endpointId),
    deployedModels: record.deployedModels.map((deployed) => ({
      ...deployed.resource,
      id: deployed.id,
      model: store.modelName(record.location, deployed.modelId),
      modelVersionId: deployed.versionId,
    })),
    trafficSplit: record.trafficSplit,
    etag: endpointEtag(record),
  };
}

export function endpointEtag(record: EndpointRecord): string {
  return etagOf([record.resource, record.deployedModels, record.trafficSplit]);
}
