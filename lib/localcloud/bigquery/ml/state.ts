import type { FeatureEncoding } from "../../ml/features.js";
import type { DistanceType } from "../../ml/kmeans/assign.js";
import type { IterationReport } from "../../ml/kmeans/train.js";
import type { Column } from "../engine/modelHook.js";
import type { ModelRecord } from "../resources.js";
import type { FeatureSource } from "./columns.js";
import type { TrialState } from "./tuning.js";

/**
 * What the catalog keeps of a trained model beside its REST resource; plain JSON. The training rows' normalised distances
 * (for anomaly thresholds) are too many for that: they lie in table `_activate.model_distance`, by training id.
 */
export interface ModelState {
  /** Unique to this training. */
  readonly trainingId: string;
  /** Of the training query (after TRANSFORM): what the encodings are fed with, in their order. */
  readonly sources: readonly FeatureSource[];
  readonly encodings: readonly FeatureEncoding[];
  readonly distanceType: DistanceType;
  readonly centroids: readonly (readonly number[])[];
  /** How many rows each centroid is the mean of. */
  readonly memberCounts: readonly number[];
  /** One list of iterations a training run; a warm start adds a run. The last run's last iteration describes the model. */
  readonly runs: readonly (readonly IterationReport[])[];
  readonly trainingRowCount: number;
  readonly daviesBouldinIndex: number;
  readonly meanSquaredDistance: number;
  readonly featureInfo: readonly FeatureInfo[];
  /** Present after hyperparameter tuning; the model is that of `optimalTrialId`. */
  readonly trials?: readonly TrialState[];
  readonly optimalTrialId?: number;
  /** Absent without TRANSFORM. */
  readonly transform?: TransformState;
  /** Absent while the model is not registered. */
  readonly registration?: RegistrationState;
  /** Trainings that this model replaced and whose versions are still to be deleted from the registry. */
  readonly unregister?: readonly string[];
  /** Set while the model is being dropped: the registry first, then the record. */
  readonly dropping?: true;
}

/** A row of ML.FEATURE_INFO. */
export interface FeatureInfo {
  readonly input: string;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  readonly median: number | null;
  readonly stddev: number | null;
  readonly categoryCount: number | null;
  readonly nullCount: number;
  readonly dimension: number | null;
}

/** A TRANSFORM clause with the statistics of its analytic functions frozen. */
export interface TransformState {
  readonly text: string;
  /** The columns of the training query that TRANSFORM reads; those that no output uses are not asked for again. */
  readonly inputs: readonly Column[];
  readonly outputs: readonly (Column & {
    /** DuckDB expression over the columns `inputs` of a relation; constants where statistics were. */
    readonly duckSql: string;
    /** As written, for `transformColumns[].transformSql`. */
    readonly sql: string;
  })[];
}

export interface RegistrationState {
  readonly vertexModelId: string;
  readonly versionAliases: readonly string[];
  /** Absent until the registry has answered. */
  readonly versionId?: string;
}

export const stateOf = (record: ModelRecord): ModelState => record.state as ModelState;

/** Iterations of the run that made the model. */
export const lastRun = (state: ModelState): readonly IterationReport[] => state.runs[state.runs.length - 1] ?? [];

/** Radius of each cluster. */
export function radiiOf(state: ModelState): number[] {
  const iterations = lastRun(state);
  return iterations[iterations.length - 1]?.clusters.map((cluster) => cluster.radius) ?? [];
}

/** A number as a DuckDB DOUBLE literal that reads back to the same bits. */
export function double(value: number): string {
  if (Number.isFinite(value)) return `(${value.toExponential()})`;
  return `'${Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity"}'::DOUBLE`;
}
