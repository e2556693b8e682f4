/**
 * Online prediction. Contract: google.cloud.aiplatform.v1.PredictionService, gRPC and REST alike. The binary handlers
 * answer gRPC and the JSON ones REST; what they leave goes through the ordinary ones.
 */

import type { BinaryHandler, CallContext, Handlers, JsonHandler } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { JsonValue, Methods } from "../contract/messages.js";
import { payloadTooLarge, unreadableAnswer } from "../errors.js";
import { PREDICTION_BYTES_MAX } from "../limits.js";
import { isCarried } from "../prediction/carried.js";
import { type Chosen, chooseModel } from "../prediction/choice.js";
import { predict, rawPredict } from "../prediction/predict.js";
import { decodePredict, decodeRawPredict, encodeHttpBody, encodePredict } from "../prediction/wire.js";
import type { Vertex } from "../vertex.js";

export function predictionHandlers(vertex: Vertex): Handlers<Methods> {
  return {
    /** @throws FAILED_PRECONDITION without traffic, INVALID_ARGUMENT for instances that the model cannot read or too much of them. */
    "PredictionService.Predict": async (request, context) => {
      refuseLarge(context);
      const chosen = chooseModel(vertex, request.endpoint);
      refuseUnsupported(request, { honoured: ["endpoint", "instances", "parameters"] });
      const { predictions, metadata } = await predict(vertex, chosen, request.instances ?? [], request.parameters);
      return {
        ...answerer(vertex, chosen),
        predictions: predictions as readonly JsonValue[],
        ...(metadata === undefined ? {} : { metadata: metadata as JsonValue }),
      };
    },

    /** The model's own bytes, both ways; who answered is said in headers (prediction_service.proto). */
    "PredictionService.RawPredict": async (request, context) => {
      refuseLarge(context);
      const chosen = chooseModel(vertex, request.endpoint);
      const { contentType = "", data = "" } = request.httpBody ?? {};
      const answer = await rawPredict(vertex, chosen, contentType, Buffer.from(data, "base64"));
      nameAnswerer(context, chosen);
      return { contentType: answer.contentType, data: Buffer.from(answer.body).toString("base64") };
    },
  };
}

export function binaryPredictionHandlers(vertex: Vertex): Readonly<Record<string, BinaryHandler>> {
  return {
    "PredictionService.Predict": async (bytes, context) => {
      const call = decodePredict(bytes);
      if (!call || call.endpoint === "" || call.instances.length === 0) return undefined;
      refuseLarge(context);
      const chosen = chooseModel(vertex, call.endpoint);
      const { predictions, metadata } = await predict(vertex, chosen, call.instances, call.parameters);
      return encodePredict({ ...answerer(vertex, chosen), predictions, metadata });
    },

    "PredictionService.RawPredict": async (bytes, context) => {
      const call = decodeRawPredict(bytes);
      if (!call || call.endpoint === "") return undefined;
      refuseLarge(context);
      const chosen = chooseModel(vertex, call.endpoint);
      const answer = await rawPredict(vertex, chosen, call.contentType, call.data);
      nameAnswerer(context, chosen);
      return encodeHttpBody(answer.contentType, answer.body);
    },
  };
}

const PREDICT_FIELDS: readonly string[] = ["endpoint", "instances", "parameters"];

/** A third of the time of the ordinary handler, whose request and answer become messages and JSON again. */
export function jsonPredictionHandlers(vertex: Vertex): Readonly<Record<string, JsonHandler>> {
  return {
    "PredictionService.Predict": (request, context) => {
      const { endpoint, instances, parameters } = request;
      if (typeof endpoint !== "string" || !Array.isArray(instances) || instances.length === 0) return undefined;
      if (!Object.keys(request).every((field) => PREDICT_FIELDS.includes(field)) || !isCarried(request))
        return undefined;
      refuseLarge(context);
      return printed(vertex, chooseModel(vertex, endpoint), instances, parameters);
    },
  };
}

/** The answer as JSON, in the order of the message's fields, without those that are empty. */
async function printed(
  vertex: Vertex,
  chosen: Chosen,
  instances: readonly unknown[],
  parameters: unknown,
): Promise<object> {
  const { predictions, metadata } = await predict(vertex, chosen, instances, parameters);
  if (!isCarried(predictions) || !isCarried(metadata)) {
    throw unreadableAnswer(chosen.model.modelId, "holds a number that is out of range, or is nested too deep");
  }
  const { deployedModelId, model, modelDisplayName, modelVersionId } = answerer(vertex, chosen);
  return {
    predictions: predictions.length === 0 ? undefined : predictions,
    deployedModelId,
    model,
    modelDisplayName: modelDisplayName || undefined,
    modelVersionId,
    metadata,
  };
}

function answerer({ store }: Vertex, { deployed, model, version }: Chosen) {
  return {
    deployedModelId: deployed.id,
    model: store.modelName(model.location, model.modelId),
    modelVersionId: version.versionId,
    modelDisplayName: model.displayName,
  };
}

function nameAnswerer(context: CallContext, { endpointId, deployed }: Chosen): void {
  context.setHeader("x-vertex-ai-endpoint-id", endpointId);
  context.setHeader("x-vertex-ai-deployed-model-id", deployed.id);
}

function refuseLarge({ requestBytes }: CallContext): void {
  if (requestBytes > PREDICTION_BYTES_MAX) throw payloadTooLarge("request", requestBytes, PREDICTION_BYTES_MAX);
}
