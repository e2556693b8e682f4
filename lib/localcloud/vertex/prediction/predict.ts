/** Predictions of a deployed model: of its containers, or of BigQuery for a model that BigQuery ML trained. */

import { CloudError } from "../../platform/errors.js";
import { isObject } from "../../platform/transport/protoJson.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import { invalidField, modelServerAnswer, payloadTooLarge, unreadableAnswer } from "../errors.js";
import { PREDICTION_BYTES_MAX } from "../limits.js";
import type { Answer } from "../serving/connection.js";
import type { Vertex } from "../vertex.js";
import type { Chosen } from "./choice.js";

const JSON_TYPE = "application/json";

export interface Predictions {
  readonly predictions: readonly unknown[];
  /** What the container said beside its predictions. */
  readonly metadata?: unknown;
}

/** One prediction an instance, in order. @throws CloudError, a container's own refusal among them. */
export async function predict(
  vertex: Vertex,
  chosen: Chosen,
  instances: readonly unknown[],
  parameters: unknown,
): Promise<Predictions> {
  if (chosen.version.warehouse) {
    refuseUnsupported({ parameters }, { honoured: [] });
    const predictions = await predictWarehouse(vertex, chosen, instances);
    refuseLarge(Buffer.byteLength(JSON.stringify(predictions)));
    return { predictions };
  }
  const body = JSON.stringify(parameters === undefined ? { instances } : { instances, parameters });
  const answer = await ask(vertex, chosen, JSON_TYPE, body);
  return parsePredictions(chosen, answer);
}

/** The body and its type as they are, both ways, for a container; JSON for a model of BigQuery ML. @throws CloudError */
export async function rawPredict(
  vertex: Vertex,
  chosen: Chosen,
  contentType: string,
  body: Uint8Array,
): Promise<Pick<Answer, "contentType" | "body">> {
  if (!chosen.version.warehouse) return await ask(vertex, chosen, contentType || JSON_TYPE, body);
  const predictions = await predictWarehouse(vertex, chosen, parseRaw(body));
  const answer = Buffer.from(JSON.stringify({ predictions }));
  refuseLarge(answer.byteLength);
  return { contentType: JSON_TYPE, body: answer };
}

async function ask(vertex: Vertex, chosen: Chosen, contentType: string, body: Uint8Array | string): Promise<Answer> {
  const server = vertex.servers.find(chosen.endpointId, chosen.deployed.id);
  const model = `${chosen.model.modelId}@${chosen.version.versionId}`;
  // Deployed a moment ago or taken off a moment ago: like a replica that is not ready.
  if (!server) throw new CloudError("UNAVAILABLE", `Model ${model} is being started or stopped. Try again.`);
  const answer = await server.predict(contentType, body);
  if (answer.status !== 200) throw modelServerAnswer(model, answer.status, answer.body.toString("utf8"));
  refuseLarge(answer.body.byteLength);
  return answer;
}

function parsePredictions({ model }: Chosen, answer: Answer): Predictions {
  let json: unknown;
  try {
    json = JSON.parse(answer.body.toString("utf8"));
  } catch (cause) {
    throw unreadableAnswer(model.modelId, "is not JSON", cause);
  }
  if (!isObject(json) || !Array.isArray(json.predictions)) {
    throw unreadableAnswer(model.modelId, 'has no list "predictions"');
  }
  const { predictions, metadata } = json;
  return metadata === undefined ? { predictions } : { predictions, metadata };
}

async function predictWarehouse(
  vertex: Vertex,
  chosen: Chosen,
  instances: readonly unknown[],
): Promise<readonly unknown[]> {
  const { warehouse } = chosen.version;
  const { warehouseModels } = vertex.links;
  if (!warehouse || !warehouseModels) {
    throw new CloudError("UNIMPLEMENTED", "This local cloud has no BigQuery that could answer for the deployed model.");
  }
  const rows = instances.map((instance, index): Readonly<Record<string, unknown>> => {
    if (isObject(instance)) return instance;
    throw invalidField(
      `instances[${index}]`,
      "Must be an object with a value for each feature, as the rows of ML.PREDICT.",
    );
  });
  if (rows.length === 0) throw invalidField("instances", "Required field is not set.");
  return await warehouseModels.predict(warehouse.trainingId, rows);
}

function parseRaw(data: Uint8Array): readonly unknown[] {
  let body: unknown;
  try {
    body = JSON.parse(Buffer.from(data).toString("utf8"));
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

function refuseLarge(bytes: number): void {
  if (bytes > PREDICTION_BYTES_MAX) throw payloadTooLarge("response", bytes, PREDICTION_BYTES_MAX);
}
