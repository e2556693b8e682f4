/** What a prediction container finds in its environment and how it is started (contracts 3.9; predictions/custom-container-requirements). Pure. */

import { expand, expandEnvironment } from "../containers/expansion.js";
import type { ModelContainerSpec } from "../contract/messages.js";

export interface ServingCall {
  readonly endpointId: string;
  readonly deployedModelId: string;
  readonly projectNumber: string;
  readonly machineType: string;
  readonly containerSpec: ModelContainerSpec;
  readonly artifactUri: string | undefined;
}

export interface ServingContainer {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly healthRoute: string;
  readonly predictRoute: string;
}

/**
 * @param port at which the container is to listen. The model's own port is one of its machine; replicas that share a
 *   machine need one each, and the contract has containers read it from AIP_HTTP_PORT.
 */
export function servingContainer(call: ServingCall, port: number): ServingContainer {
  const { endpointId, deployedModelId, containerSpec } = call;
  const { healthRoute, predictRoute } = routesOf(call);
  const env = expandEnvironment(containerSpec.env ?? [], {
    AIP_HTTP_PORT: String(port),
    AIP_HEALTH_ROUTE: healthRoute,
    AIP_PREDICT_ROUTE: predictRoute,
    AIP_STORAGE_URI: call.artifactUri ?? "",
    AIP_MODE: "PREDICTION",
    AIP_MODE_VERSION: "1.0.0",
    AIP_FRAMEWORK: "CUSTOM_CONTAINER",
    AIP_ENDPOINT_ID: endpointId,
    AIP_DEPLOYED_MODEL_ID: deployedModelId,
    AIP_MODEL_NAME: endpointId,
    AIP_VERSION_NAME: deployedModelId,
    AIP_PROJECT_NUMBER: call.projectNumber,
    AIP_MACHINE_TYPE: call.machineType,
  });
  return {
    image: containerSpec.imageUri ?? "",
    command: (containerSpec.command ?? []).map((word) => expand(word, env)),
    args: (containerSpec.args ?? []).map((word) => expand(word, env)),
    env,
    healthRoute,
    predictRoute,
  };
}

function routesOf({ endpointId, deployedModelId, containerSpec }: ServingCall): {
  healthRoute: string;
  predictRoute: string;
} {
  const base = `/v1/endpoints/${endpointId}/deployedModels/${deployedModelId}`;
  return {
    healthRoute: containerSpec.healthRoute || base,
    predictRoute: containerSpec.predictRoute || `${base}:predict`,
  };
}
