import { predictionClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService } from "./errors.js";
import { type RetryOptions, retry } from "./retry.js";
import { fromValue, type Json, toValue } from "./value.js";

/** One row to predict: feature name to value. */
export type Instance = Readonly<Record<string, string | number | boolean | null>>;

/** What a deployed k-means model answers for one row: plain distances, no decision (contracts 3.8). */
export interface CentroidDistances {
  readonly centroid_ids: readonly number[];
  /** Distance to each centroid, in the order of `centroid_ids`, in standard deviations of the features. */
  readonly centroid_distances: readonly number[];
  readonly nearest_centroid_id: number;
}

export interface PredictOptions {
  /** Rows a request. Default 500; a request may have 1.5 MB. */
  readonly batchSize?: number;
  /** Requests under way at once. Default 4. */
  readonly concurrency?: number;
  /** Called with the number of rows answered. */
  readonly report?: (rows: number) => void;
  /** Default: 19 attempts, so that a call outlives a server that is replaced. */
  readonly retry?: RetryOptions;
}

/** What an endpoint answered, and which of its deployed models did. */
export interface Answered {
  /** One an instance, in order. */
  readonly predictions: readonly Json[];
  /** Id in the Model Registry. */
  readonly modelId: string;
  /** Version id in the Model Registry. */
  readonly version: string;
}

/** A prediction, and who made it. */
export interface Answer {
  readonly prediction: Json;
  readonly deployedModelId: string;
  /** Id of the model in the registry, and its version. */
  readonly model: string;
  readonly version: string;
}

/** Up to 31 s of pauses, 15 on average: a dead model server is replaced within five. */
const RETRY_DEFAULT: RetryOptions = { attempts: 19, pauseMs: 200, pauseMsMax: 2000 };

/** Online predictions of Vertex AI endpoints. */
export class Predictions {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * One prediction an instance, in order. Requests are batched, and repeated when the endpoint is busy or away.
   * @param endpoint full name.
   * @throws ActivateError REFUSED with the service's sentence, such as for a missing feature.
   */
  async predict(endpoint: string, instances: readonly Instance[], options: PredictOptions = {}): Promise<Json[]> {
    return (await this.answers(endpoint, instances, options)).map(({ prediction }) => prediction);
  }

  /** As `predict`, and who answered: all rows of a request are answered by one deployed model, drawn by the traffic split. */
  async answers(endpoint: string, instances: readonly Instance[], options: PredictOptions = {}): Promise<Answer[]> {
    const client = await predictionClient(this.#connections);
    const size = options.batchSize ?? 500;
    const batches = Array.from({ length: Math.ceil(instances.length / size) }, (_, index) =>
      instances.slice(index * size, (index + 1) * size),
    );
    const answers: Answer[][] = batches.map(() => []);
    let next = 0;
    let answered = 0;
    const work = async (): Promise<void> => {
      for (let index = next++; index < batches.length; index = next++) {
        const batch = batches[index] ?? [];
        const [response] = await retry(
          () =>
            client.predict({
              endpoint,
              instances: batch.map((instance, row) => toValue(instance, `instance ${index * size + row}`)),
            }),
          { ...RETRY_DEFAULT, ...options.retry },
        );
        const who = {
          deployedModelId: response.deployedModelId ?? "",
          model: (response.model ?? "").replace(/^.*\//, ""),
          version: response.modelVersionId ?? "",
        };
        const predictions = (response.predictions ?? []).map((prediction) => fromValue(prediction));
        if (predictions.length !== batch.length) {
          throw new ActivateError(
            "REFUSED",
            `${batch.length} rows were sent to ${endpoint}, ${predictions.length} predictions came back.`,
          );
        }
        answers[index] = predictions.map((prediction) => ({ prediction, ...who }));
        answered += batch.length;
        options.report?.(answered);
      }
    };
    try {
      await Promise.all(Array.from({ length: Math.min(options.concurrency ?? 4, batches.length) }, work));
    } catch (thrown) {
      throw fromService(thrown, "Predict");
    }
    return answers.flat();
  }

  /**
   * One request, not repeated: for callers with batches, deadlines and repeats of their own.
   * @param timeoutMs after which DEADLINE_EXCEEDED is thrown.
   * @throws ActivateError with the service's status and sentence.
   */
  async ask(endpoint: string, instances: readonly Instance[], timeoutMs: number): Promise<Answered> {
    const client = await predictionClient(this.#connections);
    try {
      const values = instances.map((instance, row) => toValue(instance, `instance ${row}`));
      const [response] = await client.predict({ endpoint, instances: values }, { timeout: Math.max(1, timeoutMs) });
      const predictions = (response.predictions ?? []).map((prediction) => fromValue(prediction));
      const model = response.model ?? "";
      return {
        predictions,
        modelId: model.slice(model.lastIndexOf("/") + 1),
        version: response.modelVersionId ?? "",
      };
    } catch (thrown) {
      throw fromService(thrown, "Predict");
    }
  }

  /** As `predict`, for a k-means model of BigQuery ML. @throws ActivateError CONFLICT when another kind of model answers. */
  async distances(
    endpoint: string,
    instances: readonly Instance[],
    options: PredictOptions = {},
  ): Promise<CentroidDistances[]> {
    return (await this.predict(endpoint, instances, options)).map(toDistances);
  }
}

/** The answer of a k-means model. @throws ActivateError CONFLICT when another kind of model answered. */
export function toDistances(prediction: Json): CentroidDistances {
  const answer = isObject(prediction) ? prediction : {};
  const ids = numbers(answer.centroid_ids);
  const distances = numbers(answer.centroid_distances);
  const [nearest] = numbers(answer.nearest_centroid_id);
  if (nearest === undefined || ids.length === 0 || ids.length !== distances.length) {
    throw new ActivateError(
      "CONFLICT",
      `A k-means model answers centroid_ids and centroid_distances; this one said ${JSON.stringify(prediction)}.`,
    );
  }
  return { centroid_ids: ids, centroid_distances: distances, nearest_centroid_id: nearest };
}

const isObject = (json: Json): json is { readonly [key: string]: Json } =>
  typeof json === "object" && json !== null && !Array.isArray(json);

const numbers = (json: Json | undefined): number[] => (Array.isArray(json) ? json.map(Number) : []);
