import type { KMeansModel } from "../../ml/kmeans/model.js";
import type { IterationReport } from "../../ml/kmeans/train.js";
import type { OptionValue } from "../engine/modelHook.js";
import { invalidQuery } from "../errors.js";
import { seededRandom } from "../seededRandom.js";
import type { OptionReader } from "./options.js";
import type { ModelState } from "./state.js";

/** Hyperparameter tuning of NUM_CLUSTERS (docs.cloud.google.com/bigquery/docs/hp-tuning-overview): one model a trial. */

export const TUNING_OPTIONS = [
  "NUM_TRIALS",
  "MAX_PARALLEL_TRIALS",
  "HPARAM_TUNING_ALGORITHM",
  "HPARAM_TUNING_OBJECTIVES",
];
const ALGORITHMS = ["VIZIER_DEFAULT", "RANDOM_SEARCH", "GRID_SEARCH"] as const;
const CLUSTERS = { min: 2, max: 100 };
const DEFAULT_RANGE = { min: 2, max: 10 };

export interface TuningOptions {
  readonly numTrials: number;
  readonly maxParallelTrials: number;
  readonly algorithm: (typeof ALGORITHMS)[number];
  /** HPARAM_RANGE(min, max) or HPARAM_CANDIDATES([…]) of NUM_CLUSTERS. */
  readonly space: { readonly min: number; readonly max: number } | { readonly candidates: readonly number[] };
}

/** @throws CloudError invalidQuery. @returns undefined without NUM_TRIALS. */
export function readTuningOptions(reader: OptionReader): TuningOptions | undefined {
  const numTrials = reader.integer("NUM_TRIALS", 1, 100);
  const given = reader.value("NUM_CLUSTERS");
  const isSpace = typeof given === "object" && given !== null;
  if (numTrials === undefined) {
    const alone = TUNING_OPTIONS.find((name) => reader.has(name)) ?? (isSpace ? "NUM_CLUSTERS" : undefined);
    if (!alone) return undefined;
    const what = alone === "NUM_CLUSTERS" ? "Option NUM_CLUSTERS with a range or candidates" : `Option ${alone}`;
    throw reader.placed(alone, invalidQuery(`${what} can only be used with NUM_TRIALS.`));
  }
  if (given !== undefined && !isSpace) {
    const text = "NUM_TRIALS needs a hyperparameter to tune: NUM_CLUSTERS = HPARAM_RANGE(2, 10), or leave it out.";
    throw reader.placed("NUM_CLUSTERS", invalidQuery(text));
  }
  for (const objective of objectives(reader.value("HPARAM_TUNING_OBJECTIVES"))) {
    if (typeof objective === "string" && objective.toUpperCase() === "DAVIES_BOULDIN_INDEX") continue;
    const text = "Option HPARAM_TUNING_OBJECTIVES of a KMEANS model must be ['DAVIES_BOULDIN_INDEX'].";
    throw reader.placed("HPARAM_TUNING_OBJECTIVES", invalidQuery(text));
  }
  return {
    numTrials,
    maxParallelTrials: reader.integer("MAX_PARALLEL_TRIALS", 1, 5) ?? 1,
    algorithm: reader.oneOf("HPARAM_TUNING_ALGORITHM", ALGORITHMS) ?? "VIZIER_DEFAULT",
    space: isSpace ? spaceOf(given, reader) : DEFAULT_RANGE,
  };
}

function objectives(value: OptionValue | undefined): readonly OptionValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value as OptionValue];
}

/** The STRUCT that HPARAM_RANGE and HPARAM_CANDIDATES make (`functions/protos.ts`). */
function spaceOf(value: object, reader: OptionReader): TuningOptions["space"] {
  const { least, greatest, candidates } = value as Readonly<Record<string, OptionValue>>;
  const wrong = (text: string) => reader.placed("NUM_CLUSTERS", invalidQuery(`Invalid option NUM_CLUSTERS: ${text}.`));
  const count = (item: OptionValue | undefined): number => {
    const number = typeof item === "bigint" ? Number(item) : Number.NaN;
    if (number >= CLUSTERS.min && number <= CLUSTERS.max) return number;
    throw wrong(`every value must be between ${CLUSTERS.min} and ${CLUSTERS.max}`);
  };
  if (Array.isArray(candidates)) {
    if (candidates.length === 0) throw wrong("HPARAM_CANDIDATES must not be empty");
    return { candidates: [...new Set(candidates.map(count))] };
  }
  const [min, max] = [count(least), count(greatest)];
  if (min >= max) throw wrong(`the first value of HPARAM_RANGE, ${min}, must be less than the second, ${max}`);
  return { min, max };
}

/**
 * NUM_CLUSTERS of each trial. Ours, as Vizier's choices are not published: no value is tried twice, so there may be fewer
 * trials than NUM_TRIALS. GRID_SEARCH takes the values in their order, RANDOM_SEARCH in a seeded one, VIZIER_DEFAULT spreads
 * them evenly over the space.
 */
export function trialClusters({ numTrials, algorithm, space }: TuningOptions): number[] {
  const values =
    "candidates" in space
      ? [...space.candidates]
      : Array.from({ length: space.max - space.min + 1 }, (_, index) => space.min + index);
  const count = Math.min(numTrials, values.length);
  if (algorithm === "GRID_SEARCH") return values.slice(0, count);
  if (algorithm === "RANDOM_SEARCH") {
    const random = seededRandom([0.1, 0.2, 0.3, 0.4]);
    const drawn = values.map((value) => ({ value, at: random() })).sort((a, b) => a.at - b.at);
    return drawn.slice(0, count).map(({ value }) => value);
  }
  const last = values.length - 1;
  const ascending = values.sort((a, b) => a - b);
  return Array.from({ length: count }, (_, trial) =>
    count === 1 ? Math.round(last / 2) : Math.round((trial * last) / (count - 1)),
  ).map((at) => ascending[at] ?? CLUSTERS.min);
}

/** What the catalog keeps of a trial: what differs from the others. */
export interface TrialState {
  /** From 1, in the order in which they ran. */
  readonly trialId: number;
  readonly centroids: readonly (readonly number[])[];
  readonly memberCounts: readonly number[];
  readonly runs: readonly (readonly IterationReport[])[];
  readonly daviesBouldinIndex: number;
  readonly meanSquaredDistance: number;
}

/** @returns the trials of these models, and the best: least Davies-Bouldin index, of equal ones the first. */
export function trialsOf(models: readonly KMeansModel[]): { trials: TrialState[]; best: number } {
  let best = 0;
  const trials = models.map((model, index): TrialState => {
    if (model.daviesBouldinIndex < (models[best]?.daviesBouldinIndex ?? 0)) best = index;
    return {
      trialId: index + 1,
      centroids: model.centroids.map((centroid) => Array.from(centroid)),
      memberCounts: model.memberCounts,
      runs: [model.iterations],
      daviesBouldinIndex: model.daviesBouldinIndex,
      meanSquaredDistance: model.meanSquaredDistance,
    };
  });
  return { trials, best };
}

/** Whether the model itself is this trial's. */
export const isOptimal = (state: ModelState, trial: TrialState): boolean => state.optimalTrialId === trial.trialId;

/** `HparamTuningTrial` of the REST API. */
export function hparamTrials(trials: readonly TrialState[]): Readonly<Record<string, unknown>>[] {
  return trials.map(({ trialId, centroids, daviesBouldinIndex, meanSquaredDistance }) => ({
    trialId: String(trialId),
    hparams: { numClusters: String(centroids.length) },
    evaluationMetrics: { clusteringMetrics: { daviesBouldinIndex, meanSquaredDistance } },
    hparamTuningEvaluationMetrics: { clusteringMetrics: { daviesBouldinIndex } },
    status: "SUCCEEDED",
    trainingLoss: meanSquaredDistance,
  }));
}

/** What a tuned model's REST resource has beside any other's. */
export function tuningFields(tuning: TuningOptions, state: ModelState): Readonly<Record<string, unknown>> {
  const { space } = tuning;
  const id = String(state.optimalTrialId);
  return {
    hparamSearchSpaces: {
      numClusters:
        "candidates" in space
          ? { candidates: { candidates: space.candidates.map(String) } }
          : { range: { min: String(space.min), max: String(space.max) } },
    },
    hparamTrials: hparamTrials(state.trials ?? []),
    defaultTrialId: id,
    optimalTrialIds: [id],
  };
}
