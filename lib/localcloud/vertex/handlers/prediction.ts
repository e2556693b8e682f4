/** Online prediction. Contract: google.cloud.aiplatform.v1.PredictionService, gRPC and REST alike. */

import { CloudError } from "../../platform/errors.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { isObject } from "../../platform/transport/protoJson.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { JsonValue, Methods } from "../contract/messages.js";
import { invalidField, noTrafficSplit, payloadTooLarge } from "../errors.js";
import { PREDICTION_BYTES_MAX } from "../limits.js";
import { endpointName, parseName } from "../names.js";
import type { DeployedModelRecord, ModelRecord, ModelVersion } from "../store.js";
import { chooseDeployedModel } from "../traffic.js";
import type { Vertex } from "../vertex.js";

/** The deployed model that takes a request. */
interface Chosen {
  readonly endpointId: string;
  readonly deployed: DeployedModelRecord;
  readonly model: ModelRecord;
  readonly version: ModelVersion;
}

type Instance = Readonly<Record<string, unknown>>;

export function predictionHandlers(vertex: Vertex): Handlers<Methods> {
  const { store } = vertex;
  return {
    /** @throws FAILED_PRECONDITION without traffic, INVALID_ARGUMENT for instances that the model cannot read or too much of them. */
    "PredictionService.Predict": async (request, context) => {
      refuseLarge("request", context.requestBytes);
      const chosen = choose(vertex, request.endpoint);
      refuseUnsupported(request, { honoured: ["endpoint", "instances"] });
      const predictions = await predict(vertex, chosen, request.instances ?? []);
      refuseLarge("response", Buffer.byteLength(JSON.stringify(predictions)));
      return {
        predictions,
        deployedModelId: chosen.deployed.id,
        model: store.modelName(chosen.model.location, chosen.model.modelId),
        modelVersionId: chosen.version.versionId,
        modelDisplayName: chosen.model.displayName,
      };
    },

    /** The model's own JSON, both ways; who answered is said in headers (prediction_service.proto). */
    "PredictionService.RawPredict": async (request, context) => {
      refuseLarge("request", context.requestBytes);
      const chosen = choose(vertex, request.endpoint);
      const body = parseRaw(request.httpBody?.data);
      const predictions = await predict(vertex, chosen, body);
      context.setHeader("x-vertex-ai-endpoint-id", chosen.endpointId);
      context.setHeader("x-vertex-ai-deployed-model-id", chosen.deployed.id);
      const answer = Buffer.from(JSON.stringify({ predictions }));
      refuseLarge("response", answer.byteLength);
      return { contentType: "application/json", data: answer.toString("base64") };
    },
  };
}

function choose(vertex: Vertex, name: string | undefined): Chosen {
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

async function predict(vertex: Vertex, chosen: Chosen, instances: readonly unknown[]): Promise<readonly JsonValue[]> {
  const { warehouse } = chosen.version;
  const { warehouseModels } = vertex.links;
  if (!warehouse || !warehouseModels) {
    throw new CloudError("UNIMPLEMENTED", "This local cloud has no BigQuery that could answer for the deployed model.");
  }
  const rows = instances.map((instance, index): Instance => {
    if (isObject(instance)) return instance;
    throw invalidField(
      `instances[${index}]`,
      "Must be an object with a value for each feature, as the rows of ML.PREDICT.",
    );
  });
  if (rows.length === 0) throw invalidField("instances", "Required field is not set.");
  return (await warehouseModels.predict(warehouse.trainingId, rows)) as readonly JsonValue[];
}

function parseRaw(data: string | undefined): readonly unknown[] {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(data ?? "", "base64").toString("utf8"));
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", "The body of rawPredict must be JSON for this model.", { cause });
  }
  if (!isObject(body) || !Array.isArray(body.instances)) {
    throw new CloudError("INVALID_ARGUMENT", 'The body of rawPredict must be {"instances": [...]} for this model.');
  }
  const other = Object.keys(body).find((key) => key !== "instances");
  if (other !== undefined) {
    throw new CloudError("INVALID_ARGUMENT", `The body of rawPredict has "${other}", which this model does not take.`);
  }
  return body.instances;
}

function refuseLarge(what: "request" | "response", bytes: number): void {
  if (bytes > PREDICTION_BYTES_MAX) throw payloadTooLarge(what, bytes, PREDICTION_BYTES_MAX);
}
