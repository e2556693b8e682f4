import { Mutex } from "../platform/mutex.js";
import type { StoreChange } from "../platform/operations.js";
import type { Project } from "../platform/service.js";
import type { DocumentStore } from "../platform/store.js";
import type { DeployedModel, Endpoint, Model, Policy } from "./contract/messages.js";
import { endpointNotFound, modelNotFound } from "./errors.js";
import { endpointName, locationName, type ModelReference, modelName } from "./names.js";

/** What an upload gives and a read gives back unchanged. */
export type UploadedFields = Pick<Model, "containerSpec" | "artifactUri" | "predictSchemata">;

export interface ModelVersion {
  readonly versionId: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createTime: string;
  readonly updateTime: string;
  readonly uploaded: UploadedFields;
  /** Present for a version that BigQuery ML trained. */
  readonly warehouse?: { readonly trainingId: string; readonly modelType: string };
}

export interface ModelRecord {
  readonly location: string;
  readonly modelId: string;
  readonly displayName: string;
  readonly description: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createTime: string;
  readonly updateTime: string;
  readonly sourceType: "CUSTOM" | "BQML";
  /** The number of the next version; numbers are never used twice. */
  readonly nextVersion: number;
  /** In order of their numbers; never empty. */
  readonly versions: readonly ModelVersion[];
  readonly policy?: Policy;
}

export interface EndpointRecord {
  readonly location: string;
  readonly endpointId: string;
  readonly resource: Omit<Endpoint, "name" | "etag" | "deployedModels" | "trafficSplit">;
  readonly deployedModels: readonly DeployedModelRecord[];
  readonly trafficSplit: Readonly<Record<string, number>>;
  readonly policy?: Policy;
}

export interface DeployedModelRecord {
  readonly id: string;
  readonly modelId: string;
  readonly versionId: string;
  readonly resource: Omit<DeployedModel, "id" | "model" | "modelVersionId">;
}

function locationOf({ location }: { readonly location: string }): string {
  return location;
}

const MODELS = "vertex/models";
const ENDPOINTS = "vertex/endpoints";

/** Models and endpoints; the only place of this service that knows the document store's keys. */
export class VertexStore {
  readonly project: Project;
  readonly #documents: DocumentStore;
  readonly #mutex = new Mutex();

  constructor(documents: DocumentStore, project: Project) {
    this.#documents = documents;
    this.project = project;
  }

  /** Read, decide and write as one step: every change of a model or endpoint runs in here. */
  exclusive<T>(task: () => Promise<T>): Promise<T> {
    return this.#mutex.run(task);
  }

  findModel(location: string, modelId: string): ModelRecord | undefined {
    return this.#documents.get<ModelRecord>(MODELS, `${location}/${modelId}`);
  }

  /** @throws CloudError NOT_FOUND */
  model(reference: ModelReference): ModelRecord {
    const model = this.findModel(reference.location, reference.modelId);
    if (model) return model;
    const others = this.models().filter(({ modelId }) => modelId === reference.modelId);
    throw modelNotFound(this.modelName(reference.location, reference.modelId), others.map(locationOf));
  }

  /** The version that the reference names by id, alias, or not at all ("default"). @throws CloudError NOT_FOUND */
  version(model: ModelRecord, version: string | undefined): ModelVersion {
    const wanted = version ?? "default";
    const found = model.versions.find((other) => other.versionId === wanted || other.aliases.includes(wanted));
    if (!found) throw modelNotFound(`${this.modelName(model.location, model.modelId)}@${wanted}`, []);
    return found;
  }

  models(location?: string): ModelRecord[] {
    const all = this.#documents.list<ModelRecord>(MODELS).map(({ value }) => value);
    return location === undefined ? all : all.filter((model) => model.location === location);
  }

  findEndpoint(location: string, endpointId: string): EndpointRecord | undefined {
    return this.#documents.get<EndpointRecord>(ENDPOINTS, `${location}/${endpointId}`);
  }

  /** @throws CloudError NOT_FOUND */
  endpoint(location: string, endpointId: string): EndpointRecord {
    const endpoint = this.findEndpoint(location, endpointId);
    if (endpoint) return endpoint;
    const others = this.endpoints().filter((other) => other.endpointId === endpointId);
    throw endpointNotFound(this.endpointName(location, endpointId), others.map(locationOf));
  }

  endpoints(location?: string): EndpointRecord[] {
    const all = this.#documents.list<EndpointRecord>(ENDPOINTS).map(({ value }) => value);
    return location === undefined ? all : all.filter((endpoint) => endpoint.location === location);
  }

  /** Where a model, or one version of it, is deployed. */
  deployments(model: ModelRecord, versionId?: string): { endpoint: EndpointRecord; deployed: DeployedModelRecord }[] {
    return this.endpoints(model.location).flatMap((endpoint) =>
      endpoint.deployedModels
        .filter((deployed) => deployed.modelId === model.modelId)
        .filter((deployed) => versionId === undefined || deployed.versionId === versionId)
        .map((deployed) => ({ endpoint, deployed })),
    );
  }

  modelChange(model: ModelRecord): StoreChange {
    return { collection: MODELS, key: `${model.location}/${model.modelId}`, value: model };
  }

  modelRemoval(location: string, modelId: string): StoreChange {
    return { collection: MODELS, key: `${location}/${modelId}`, value: undefined };
  }

  endpointChange(endpoint: EndpointRecord): StoreChange {
    return { collection: ENDPOINTS, key: `${endpoint.location}/${endpoint.endpointId}`, value: endpoint };
  }

  endpointRemoval(location: string, endpointId: string): StoreChange {
    return { collection: ENDPOINTS, key: `${location}/${endpointId}`, value: undefined };
  }

  /** Durable when it resolves. */
  write(changes: readonly StoreChange[]): Promise<void> {
    return this.#documents.write(changes);
  }

  locationName(location: string): string {
    return locationName.format({ project: this.project.number, location });
  }

  modelName(location: string, model: string): string {
    return modelName.format({ project: this.project.number, location, model });
  }

  endpointName(location: string, endpoint: string): string {
    return endpointName.format({ project: this.project.number, location, endpoint });
  }
}
