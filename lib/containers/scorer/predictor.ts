import { type Features, isAnomalous, normalizedDistance } from "../../anomaly/index.js";
import { ActivateError } from "../../cloud/errors.js";
import { type Predictions, toDistances } from "../../cloud/prediction.js";
import type { Json } from "../../cloud/value.js";
import type { VersionRecord } from "../../cloud/versionRecord.js";
import type { Settled } from "./batcher.js";

/** What a model says of a purchase, and its decision by its own threshold. */
export interface Scored {
  /** Higher is more anomalous; may be infinite. */
  readonly score: number;
  readonly threshold: number;
  readonly isAnomaly: boolean;
  /** Of a k-means model. */
  readonly centroidId: number | null;
  readonly modelId: string;
  readonly version: string;
}

/** Scores purchases, one request a call. */
export interface Predictor {
  /** @throws ActivateError when there is no answer. */
  score(features: readonly Features[], timeoutMs: number): Promise<readonly Settled<Scored>[]>;
}

/** Thresholds and radii by model version. */
export interface Versions {
  /** @throws ActivateError NOT_FOUND */
  get(modelId: string, version: string): Promise<VersionRecord>;
}

/** A Vertex AI endpoint: with a k-means model of BigQuery ML, or with a model that decides itself. */
export function vertexPredictor(predictions: Predictions, endpoint: string, versions: Versions): Predictor {
  return {
    score: async (features, timeoutMs) => {
      const { predictions: answers, modelId, version } = await predictions.ask(endpoint, features, timeoutMs);
      if (answers.length !== features.length) throw incomplete(features.length, answers.length);
      const [first] = answers;
      if (!isRecord(first) || !("centroid_distances" in first)) {
        return answers.map((answer) => ownDecision(answer, modelId, version));
      }
      const record = await versions.get(modelId, version);
      return answers.map((answer) => {
        const { centroidId, normalizedDistance: score } = normalizedDistance(toDistances(answer), record.clusters);
        const { threshold } = record;
        return {
          answer: { score, threshold, isAnomaly: isAnomalous(score, threshold), centroidId, modelId, version },
        };
      });
    },
  };
}

/** A predictor behind a URL, such as one on Cloud Run. @param post sends a JSON body with an identity token and answers JSON. */
export function urlPredictor(post: (body: object, timeoutMs: number) => Promise<Json>, modelId: string): Predictor {
  return {
    score: async (features, timeoutMs) => {
      const body = await post({ instances: features }, timeoutMs);
      const answers = isRecord(body) && Array.isArray(body.predictions) ? (body.predictions as readonly Json[]) : [];
      if (answers.length !== features.length) throw incomplete(features.length, answers.length);
      return answers.map((answer) => ownDecision(answer, modelId, ""));
    },
  };
}

/** The answer of a predictor of ours: `{score, isAnomaly, threshold, modelVersion}`, or an error for this one instance. */
function ownDecision(answer: Json, modelId: string, version: string): Settled<Scored> {
  const { score, threshold, modelVersion, error }: Readonly<Record<string, Json>> = isRecord(answer) ? answer : {};
  if (isRecord(error)) {
    return { failure: new ActivateError("REFUSED", `Predict: ${String(error.message)}`, "INVALID_ARGUMENT") };
  }
  if (typeof score !== "number" || typeof threshold !== "number") {
    throw new ActivateError(
      "CONFLICT",
      `A predictor answers score and threshold, a k-means model distances; this one said ${JSON.stringify(answer)}.`,
      "FAILED_PRECONDITION",
    );
  }
  const said = typeof modelVersion === "string" || typeof modelVersion === "number" ? String(modelVersion) : version;
  const isAnomaly = isAnomalous(score, threshold);
  return { answer: { score, threshold, isAnomaly, centroidId: null, modelId, version: said } };
}

function incomplete(sent: number, came: number): ActivateError {
  return new ActivateError(
    "REFUSED",
    `Predict: ${sent} purchases were sent, ${came} predictions came back.`,
    "INTERNAL",
  );
}

const isRecord = (json: Json | undefined): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json);
