import { type FeatureValue, layOut } from "../../ml/features.js";
import { type KMeansModel, KMeansPredictor, servingForm } from "../../ml/kmeans/model.js";
import { CloudError } from "../../platform/errors.js";
import { parseTimestamp } from "../times.js";
import { type FeatureSource, inputName } from "./columns.js";
import type { ModelState } from "./state.js";
import { timestampFeature } from "./timestampParts.js";

/** An instance of a prediction request: feature name to JSON value. */
export type Instance = Readonly<Record<string, unknown>>;

/** Predicts instances of a deployed model without TRANSFORM by `ml/`; built once a model. */
export class InstancePredictor {
  readonly #sources: readonly (FeatureSource & { readonly input: string })[];
  readonly #names: readonly string[];
  readonly #predictor: KMeansPredictor;

  constructor(state: ModelState) {
    this.#sources = state.sources.map((source) => ({ ...source, input: inputName(source) }));
    this.#names = [...new Set(this.#sources.map((source) => source.input))];
    this.#predictor = new KMeansPredictor(kmeansModel(state));
  }

  /** @throws CloudError INVALID_ARGUMENT for a missing, unknown or ill-typed feature, as TensorFlow Serving words it. */
  predict(instances: readonly Instance[]): Readonly<Record<string, unknown>>[] {
    return instances.map((instance, index) => {
      checkKeys(instance, index, this.#names);
      return servingForm(
        this.#predictor.predict(this.#sources.map((source) => featureValue(source, instance[source.input]))),
      );
    });
  }
}

function kmeansModel(state: ModelState): KMeansModel {
  const { width } = layOut(state.encodings);
  return {
    encodings: state.encodings,
    distanceType: state.distanceType,
    centroids: state.centroids.map((centroid) => Float64Array.from({ length: width }, (_, at) => centroid[at] ?? 0)),
    memberCounts: state.memberCounts,
    iterations: state.runs[state.runs.length - 1] ?? [],
    trainingRowCount: state.trainingRowCount,
    daviesBouldinIndex: state.daviesBouldinIndex,
    meanSquaredDistance: state.meanSquaredDistance,
    normalizedDistances: new Float64Array(),
  };
}

/**
 * Every feature and nothing else. Wording of TensorFlow Serving, which serves BigQuery ML's models
 * (tensorflow/serving tensorflow_serving/util/json_tensor.cc).
 */
export function checkKeys(instance: Instance, index: number, names: readonly string[]): void {
  const unknown = Object.keys(instance).find((key) => !names.includes(key));
  if (unknown !== undefined) {
    throw invalidInstance(
      `Failed to process element: ${index} key: ${unknown} of 'instances' list. Error: INVALID_ARGUMENT: JSON object: does not have named input: ${unknown}. The model's inputs: ${names.join(", ")}`,
    );
  }
  const missing = names.filter((name) => !(name in instance));
  if (missing.length > 0) {
    throw invalidInstance(
      `Failed to process element: ${index} of 'instances' list. JSON object: ${JSON.stringify(instance)} keys must be equal: ${names.join(",")}. Missing: ${missing.join(", ")}`,
    );
  }
}

function featureValue(source: FeatureSource, value: unknown): FeatureValue {
  if (value === null || value === undefined) return null;
  if (source.type.kind === "TIMESTAMP") {
    const micros = typeof value === "string" ? parseTimestamp(value) : undefined;
    if (micros === undefined) throw wrongType(source, value, "a TIMESTAMP as text, such as 2026-01-31 12:00:00 UTC");
    return timestampFeature(micros, source.part);
  }
  switch (source.kind) {
    case "numeric":
      return numeric(source, value);
    case "categorical":
      return categorical(source, value);
    case "vector":
      return list(source, value).map((item) => (item === null ? null : numeric(source, item)));
    case "multiHot":
      return list(source, value).map((item) => (item === null ? null : categorical(source, item)));
    case "sparseVector":
      throw invalidInstance(
        `Feature ${source.name} is a sparse vector, which online prediction does not take; use ML.PREDICT.`,
      );
  }
}

function numeric(source: FeatureSource, value: unknown): number {
  if (typeof value === "number") return value;
  throw wrongType(source, value, "a number");
}

function categorical(source: FeatureSource, value: unknown): string {
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  throw wrongType(source, value, source.type.kind === "BOOL" ? "a boolean" : "a string");
}

function list(source: FeatureSource, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(source, value, "a list");
}

const wrongType = (source: FeatureSource, value: unknown, expected: string): CloudError =>
  invalidInstance(
    `Feature ${inputName(source)}: JSON Value: ${JSON.stringify(value)} is not of expected type: ${expected}.`,
  );

export const invalidInstance = (message: string): CloudError =>
  new CloudError("INVALID_ARGUMENT", message, { reason: "INVALID_INSTANCE" });

/** A prediction asked of a training that is no more (or never was). */
export const trainingNotFound = (trainingId: string): CloudError =>
  new CloudError("NOT_FOUND", `The BigQuery ML model of training ${trainingId} is not there any more.`, {
    reason: "notFound",
  });
