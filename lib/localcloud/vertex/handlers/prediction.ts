/**
 * Online prediction. Contract: google.cloud.aiplatform.v1.PredictionService, gRPC and REST alike. The binary handlers
 * answer gRPC; what they leave, and REST, goes through the JSON ones.
 */

import type { BinaryHandler, CallContext, Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { JsonValue, Methods } from "../contract/messages.js";
import { payloadTooLarge } from "../errors.js";
import { PREDICTION_BYTES_MAX } from "../limits.js";
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
