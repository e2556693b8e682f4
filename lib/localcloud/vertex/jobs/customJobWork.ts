/** Runs the containers of a CustomJob until its primary replica has ended (contracts 3.10). */

import { type Container, type ContainerSpec, freePort } from "../../platform/containers/index.js";
import { CloudError } from "../../platform/errors.js";
import { exitStatus, lastLines } from "../containers/exits.js";
import type { CustomJob } from "../contract/messages.js";
import { TIMEOUT_SECONDS_DEFAULT } from "../limits.js";
import type { Vertex } from "../vertex.js";
import { type JobRecord, TransientFailure } from "./record.js";
import type { JobWork } from "./runner.js";
import { type Replica, replicasOf, type TrainingCall, trainingEnvironment } from "./trainingEnvironment.js";

/** Lines of a failed container that its job's error repeats. */
const ERROR_LINES = 12;

/** Ends after which a job is retried: it aborted or crashed (training/understanding-training-service). */
const TRANSIENT_STATUSES = [6, 11, 134, 139];

interface Running {
  readonly replica: Replica;
  readonly container: Container;
}

export function customJobWork(vertex: Pick<Vertex, "store" | "clock" | "containers">): JobWork<CustomJob> {
  const { containers, clock } = vertex;
  return {
    mayRetry: ({ resource }) => resource.jobSpec?.scheduling?.disableRetries !== true,

    run: async (job, { signal }) => {
      const call = await callOf(job, vertex.store.project.number);
      const running: Running[] = [];
      const over = new AbortController();
      try {
        for (const { replica } of call.cluster) {
          signal.throwIfAborted();
          const container = await containers.start(specOf(call, replica));
          running.push({ replica, container });
        }
        const seconds = timeoutSeconds(job.resource);
        const limit = clock.sleep(seconds * 1000, AbortSignal.any([signal, over.signal])).then(async () => {
          throw await timedOut(seconds, running[0]);
        });
        await Promise.race([limit, whenDone(running)]);
      } finally {
        over.abort();
        await Promise.all(running.map(({ container }) => container.stop()));
      }
    },
  };
}

async function callOf({ jobId, resource }: JobRecord<CustomJob>, projectNumber: string): Promise<TrainingCall> {
  const spec = resource.jobSpec ?? {};
  const cluster: { replica: Replica; address: string }[] = [];
  for (const replica of replicasOf(spec)) {
    cluster.push({ replica, address: `127.0.0.1:${await freePort()}` });
  }
  return { jobId, projectNumber, spec, cluster };
}

function specOf(call: TrainingCall, replica: Replica): ContainerSpec {
  const { imageUri = "", command = [], args = [] } = replica.pool.containerSpec ?? {};
  return {
    image: imageUri,
    command,
    args,
    env: trainingEnvironment(call, replica),
    name: logNameOf(call.jobId, replica.name),
  };
}

/** Under what name a replica's log is kept. */
export function logNameOf(jobId: string, replica: string): string {
  return `customJobs/${jobId}/${replica}`;
}

/** Resolves when the primary replica has ended well; a replica that fails ends the job. */
async function whenDone(running: readonly Running[]): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    for (const [index, { replica, container }] of running.entries()) {
      container.exited
        .then(async (exit) => {
          const status = exitStatus(exit);
          if (status !== 0) throw await failure(replica, container, status, exit.signal);
          if (index === 0) resolve();
        })
        .catch(reject);
    }
  });
}

async function failure(
  { name }: Replica,
  container: Container,
  status: number,
  signal: string | null,
): Promise<CloudError> {
  const killed =
    signal === "SIGKILL" ? " It was killed (SIGKILL), as the operating system does when memory runs out." : "";
  const lines = await lastLines(container, ERROR_LINES);
  const message = `The replica ${name} exited with a non-zero status of ${status}. Termination reason: Error.${killed}${lines}`;
  return TRANSIENT_STATUSES.includes(status)
    ? new TransientFailure(message)
    : new CloudError("INVALID_ARGUMENT", message);
}

function timeoutSeconds({ jobSpec }: CustomJob): number {
  const { timeout } = jobSpec?.scheduling ?? {};
  return timeout === undefined ? TIMEOUT_SECONDS_DEFAULT : Number.parseFloat(timeout);
}

async function timedOut(seconds: number, primary: Running | undefined): Promise<CloudError> {
  const lines = primary ? await lastLines(primary.container, ERROR_LINES) : "";
  return new CloudError(
    "DEADLINE_EXCEEDED",
    `The job ran longer than its timeout of ${seconds} s (scheduling.timeout), so it was ended.${lines}`,
  );
}
