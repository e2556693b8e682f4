/** What a training container finds in its environment (training/code-requirements; contracts 3.10). Pure. */

import { expandEnvironment } from "../containers/expansion.js";
import type { CustomJobSpec, WorkerPoolSpec } from "../contract/messages.js";

/** One container of a job. */
export interface Replica {
  readonly pool: WorkerPoolSpec;
  readonly poolIndex: number;
  readonly index: number;
  /** "workerpool0-0" */
  readonly name: string;
}

/** The containers of a job, the primary one first; an empty pool has none. */
export function replicasOf(spec: CustomJobSpec): Replica[] {
  return (spec.workerPoolSpecs ?? []).flatMap((pool, poolIndex) =>
    Array.from({ length: replicaCount(pool, poolIndex) }, (_, index) => ({
      pool,
      poolIndex,
      index,
      name: `workerpool${poolIndex}-${index}`,
    })),
  );
}

/** The first pool has one replica unless it says so; another pool that is left empty is skipped (custom_job.proto). */
export function replicaCount({ replicaCount: count }: WorkerPoolSpec, poolIndex: number): number {
  return count === undefined ? (poolIndex === 0 ? 1 : 0) : Number(count);
}

export interface TrainingCall {
  readonly jobId: string;
  readonly projectNumber: string;
  readonly spec: CustomJobSpec;
  /** Every container of the job with its address. */
  readonly cluster: readonly { readonly replica: Replica; readonly address: string }[];
}

/** The environment of one replica: the service's own variables, and over them the user's. */
export function trainingEnvironment(call: TrainingCall, replica: Replica): Record<string, string> {
  const { jobId, projectNumber, spec } = call;
  return expandEnvironment(replica.pool.containerSpec?.env ?? [], {
    CLOUD_ML_PROJECT_ID: projectNumber,
    CLOUD_ML_JOB_ID: jobId,
    CLUSTER_SPEC: JSON.stringify({ ...clusterOf(call, replica), job: spec }),
    ...(call.cluster.length > 1 ? { TF_CONFIG: JSON.stringify(clusterOf(call, replica)) } : {}),
    ...outputFolders(spec),
  });
}

/** Folders under the base output directory, each with its final slash; none without one. */
function outputFolders({ baseOutputDirectory }: CustomJobSpec): Record<string, string> {
  const prefix = baseOutputDirectory?.outputUriPrefix;
  if (prefix === undefined) return {};
  const base = prefix.replace(/\/*$/, "");
  return {
    AIP_MODEL_DIR: `${base}/model/`,
    AIP_CHECKPOINT_DIR: `${base}/checkpoints/`,
    AIP_TENSORBOARD_LOG_DIR: `${base}/logs/`,
  };
}

function clusterOf({ cluster }: TrainingCall, replica: Replica): object {
  const addresses: Record<string, string[]> = {};
  for (const { replica: other, address } of cluster) {
    const pool = `workerpool${other.poolIndex}`;
    addresses[pool] = [...(addresses[pool] ?? []), address];
  }
  return {
    cluster: addresses,
    environment: "cloud",
    task: { type: `workerpool${replica.poolIndex}`, index: replica.index },
  };
}
