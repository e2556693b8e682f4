import { FEATURES, type FeatureName, normalizedDistance, SIMULATION_DEFAULTS } from "../anomaly/index.js";
import type { TrainedModel } from "../cloud/bqml.js";
import { ActivateError } from "../cloud/errors.js";
import type { CentroidDistances, Instance, Predictions } from "../cloud/prediction.js";
import { numberIn, type Row, textIn } from "../cloud/rows.js";
import type { Warehouse } from "../cloud/warehouse.js";

/** A purchase, its features and how far a model finds it from what it knows. */
export interface ScoredPurchase {
  readonly transaction_id: string;
  readonly event_datetime: string;
  /** EUR, what the customer pays. */
  readonly value: number;
  /** EUR, the articles alone. */
  readonly goods: number;
  readonly quantity: number;
  readonly features: Readonly<Record<FeatureName, number>>;
  readonly centroid_id: number;
  /** Distance to the nearest centroid in units of its cluster's radius. */
  readonly normalized_distance: number;
  /** Ground truth; null where nobody knows. */
  readonly truth: boolean | null;
  readonly kind: string | null;
}

/** Part of the days: `start` included, `end` not; days such as 2026-02-22. */
export interface Days {
  readonly start: string;
  readonly end: string;
}

/** Which days are for what. */
export interface LearningDays {
  readonly all: Days;
  readonly training: Days;
  readonly evaluation: Days;
  /** In a sentence: what models are judged on. */
  readonly says: string;
}

/** The purchases of the clickstream as models see them. */
export class Purchases {
  readonly #warehouse: Warehouse;
  readonly #predictions: Predictions;
  /** By model: immutable, as are the days that are judged. */
  readonly #weeks = new Map<string, Promise<readonly ScoredPurchase[]>>();

  constructor(warehouse: Warehouse, predictions: Predictions) {
    this.#warehouse = warehouse;
    this.#predictions = predictions;
  }

  /**
   * The days of the clickstream: all, those that models learn from, and the last week, which they have not seen.
   * Somebody's own events that span less than two weeks cannot be split: models are then judged on what they learnt from.
   */
  async days(): Promise<LearningDays> {
    const { events, simulation } = this.#warehouse.config;
    if (events === "simulated") {
      const { end } = simulation;
      return split({ start: dayBefore(end, SIMULATION_DEFAULTS.days), end });
    }
    const { first, last } = await this.#warehouse.row(
      "SELECT CAST(DATE(MIN(event_datetime)) AS STRING) AS first, CAST(DATE(MAX(event_datetime)) AS STRING) AS last FROM purchase_features",
    );
    if (typeof first !== "string" || typeof last !== "string") {
      throw new ActivateError("NOT_FOUND", `${this.#warehouse.config.eventsTable} has no purchase with a time.`);
    }
    return split({ start: first, end: dayBefore(last, -1) });
  }

  /** Writes the table `training_purchases`: the training days' purchases, each with its distance from the mean. @returns rows. */
  async writeTrainingTable(): Promise<{ readonly all: number; readonly far: number }> {
    const { start, end } = (await this.days()).training;
    await this.#warehouse.rows("features/training_purchases.sql", {
      names: { training_start: start, training_end: end },
    });
    const counts = await this.#warehouse.row(
      "SELECT COUNT(*) AS purchases, COUNTIF(is_far) AS far FROM training_purchases",
    );
    return { all: numberIn(counts, "purchases"), far: numberIn(counts, "far") };
  }

  /** Purchases with the model's distances, by SQL. @param days Default: all. */
  async scored(model: TrainedModel | undefined, days?: Days): Promise<ScoredPurchase[]> {
    const rows = await this.#warehouse.rows("bqml/distances.sql", {
      names: { model: requireModel(model).modelId },
      params: timestamps(days ?? (await this.days()).all),
    });
    return rows.map(toScoredPurchase);
  }

  /** The purchases that models are judged on, with the model's distances; read once a notebook. */
  async lastWeek(model: TrainedModel | undefined): Promise<readonly ScoredPurchase[]> {
    const { modelId } = requireModel(model);
    const week = this.#weeks.get(modelId) ?? this.days().then(({ evaluation }) => this.scored(model, evaluation));
    this.#weeks.set(modelId, week);
    // A read that failed is tried again.
    return await week.catch((thrown: unknown) => {
      this.#weeks.delete(modelId);
      throw thrown;
    });
  }

  /** The same purchases asked of the endpoint; what it answers, in the order given. */
  async online(
    endpoint: string,
    purchases: readonly ScoredPurchase[],
    report?: (rows: number) => void,
  ): Promise<CentroidDistances[]> {
    const instances: Instance[] = purchases.map(({ features }) => features);
    return await this.#predictions.distances(endpoint, instances, report === undefined ? {} : { report });
  }
}

export { normalizedDistance };

/** @throws ActivateError NOT_FOUND with what to do: the cell that trains was left as it is. */
export function requireModel(model: TrainedModel | undefined): TrainedModel {
  if (model !== undefined) return model;
  throw new ActivateError(
    "NOT_FOUND",
    "There is no model yet: write the training statement in the task's cell and run it, or unfold the solution and run that.",
  );
}

export const timestamps = ({ start, end }: Days): { start: string; end: string } => ({
  start: `${start}T00:00:00Z`,
  end: `${end}T00:00:00Z`,
});

function toScoredPurchase(row: Row): ScoredPurchase {
  const features = Object.fromEntries(FEATURES.map((name) => [name, numberIn(row, name)]));
  return {
    transaction_id: textIn(row, "transaction_id"),
    event_datetime: textIn(row, "event_datetime"),
    value: numberIn(row, "value"),
    goods: numberIn(row, "goods"),
    quantity: numberIn(row, "quantity"),
    features: features as Record<FeatureName, number>,
    centroid_id: numberIn(row, "centroid_id"),
    normalized_distance: numberIn(row, "normalized_distance"),
    truth: typeof row.truth === "boolean" ? row.truth : null,
    kind: typeof row.kind === "string" ? row.kind : null,
  };
}

/** The last week for judging, the rest for learning; days fewer than two weeks are for both. */
function split(all: Days): LearningDays {
  const week = dayBefore(all.end, 7);
  if (week < dayBefore(all.start, -7)) {
    const says = `The events from ${all.start} to ${dayBefore(all.end, 1)} are less than two weeks: the model is judged on what it learnt from.`;
    return { all, training: all, evaluation: all, says };
  }
  const says = `The week from ${week} on is kept for judging: no model learns from it.`;
  return { all, training: { start: all.start, end: week }, evaluation: { start: week, end: all.end }, says };
}

function dayBefore(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);
}
