import { noTrafficSplit } from "../errors.js";
import { endpointName, parseName } from "../names.js";
import type { DeployedModelRecord, ModelRecord, ModelVersion } from "../store.js";
import { chooseDeployedModel } from "../traffic.js";
import type { Vertex } from "../vertex.js";

/** The deployed model that takes a request. */
export interface Chosen {
  readonly endpointId: string;
  readonly deployed: DeployedModelRecord;
  readonly model: ModelRecord;
  readonly version: ModelVersion;
}

/** Drawn by the endpoint's traffic split. @throws CloudError NOT_FOUND, FAILED_PRECONDITION without traffic. */
export function chooseModel(vertex: Vertex, name: string | undefined): Chosen {
  const { store } = vertex;
  const { location, endpoint: endpointId } = parseName(store.project, endpointName, name, "endpoint");
  const endpoint = store.endpoint(location, endpointId);
  const ids = endpoint.deployedModels.map((candidate) => candidate.id);
  const id = chooseDeployedModel(endpoint.trafficSplit, ids, vertex.random);
  const deployed = endpoint.deployedModels.find((candidate) => candidate.id === id);
  if (!deployed) throw noTrafficSplit(name ?? "");
  const model = store.model({ location, modelId: deployed.modelId, version: undefined });
  return { endpointId, deployed, model, version: store.version(model, deployed.versionId) };
}
