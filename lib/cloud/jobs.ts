import { jobClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { containerEnvironment } from "./containerEnvironment.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { type LogLine, readLog } from "./logging.js";
import { waitForOperation } from "./operation.js";
import { pause, retry } from "./retry.js";

export type JobState = "QUEUED" | "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLING" | "CANCELLED" | "OTHER";

/** A Vertex AI custom job. */
export interface Job {
  /** `projects/P/locations/L/customJobs/J` */
  readonly name: string;
  readonly id: string;
  readonly displayName: string;
  readonly state: JobState;
  readonly labels: Readonly<Record<string, string>>;
  /** What the job wrote goes below: `model/` is its AIP_MODEL_DIR. Undefined without one. */
  readonly outputFolder: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Why it failed. */
  readonly error: string | undefined;
}

export interface JobOptions {
  readonly displayName: string;
  /** Default: the configured image. */
  readonly image?: string;
  /** Replaces the image's entrypoint. */
  readonly command?: readonly string[];
  /** Default: ["trainer"]. */
  readonly args?: readonly string[];
  /** Besides the configuration, which every container of ours is given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Such as `gs://bucket/runs/7`. */
  readonly outputFolder?: string;
  /** Default: the configured machine type. */
  readonly machineType?: string;
  /** The job is ended after so many seconds of running. Default: seven days, Vertex AI's own. */
  readonly timeoutSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** One pass over the training data, as the trainer reports it. */
export interface Epoch {
  readonly epoch: number;
  /** How many there will be at most; 0 when the trainer does not say. */
  readonly epochs: number;
  readonly loss: number;
  readonly validationLoss: number | undefined;
}

export interface JobProgress {
  readonly job: Job;
  /** Lines of the log that were not reported before. */
  readonly lines: readonly LogLine[];
  /** All epochs so far, in order. */
  readonly curve: readonly Epoch[];
}

export interface FollowOptions {
  readonly report?: (progress: JobProgress) => void;
  /** Ends the waiting, not the job. */
  readonly signal?: AbortSignal;
  /** Longest pause between two looks, milliseconds; the first are shorter. Default 2000, locally 200: no quota is used up there. */
  readonly pauseMsMax?: number;
}

/** Training jobs of Vertex AI: submitted, followed, cancelled. */
export class Jobs {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * Submits a job, always a new one. On Google Cloud it costs by the hour while it runs.
   * @throws ActivateError REFUSED for what Vertex AI does not take, such as an image that is not there.
   */
  async submit(options: JobOptions): Promise<Job> {
    const { config } = this.#connections;
    const client = await jobClient(this.#connections);
    const environment = { ...containerEnvironment(config), ...options.environment };
    const customJob = {
      displayName: options.displayName,
      labels: { ...options.labels },
      jobSpec: {
        workerPoolSpecs: [
          {
            machineSpec: { machineType: options.machineType ?? config.machineType },
            replicaCount: 1,
            containerSpec: {
              imageUri: options.image ?? config.image,
              command: [...(options.command ?? [])],
              args: [...(options.args ?? ["trainer"])],
              env: Object.entries(environment).map(([name, value]) => ({ name, value })),
            },
          },
        ],
        ...(options.outputFolder === undefined
          ? {}
          : { baseOutputDirectory: { outputUriPrefix: options.outputFolder } }),
        ...(options.timeoutSeconds === undefined
          ? {}
          : { scheduling: { timeout: { seconds: Math.ceil(options.timeoutSeconds) } } }),
      },
    };
    try {
      const [job] = await client.createCustomJob({ parent: this.#parent(), customJob });
      return describe(job);
    } catch (thrown) {
      throw fromService(thrown, `Submit job ${options.displayName}`);
    }
  }

  /** The job as it is now. @throws ActivateError NOT_FOUND */
  async get(name: string): Promise<Job> {
    const client = await jobClient(this.#connections);
    try {
      const [job] = await retry(() => client.getCustomJob({ name }));
      return describe(job);
    } catch (thrown) {
      throw fromService(thrown, `Job ${name}`);
    }
  }

  /** Jobs of the region, the newest first. */
  async list({ displayName }: { readonly displayName?: string } = {}): Promise<Job[]> {
    const client = await jobClient(this.#connections);
    const filter = displayName === undefined ? "" : `display_name="${displayName}"`;
    try {
      const [jobs] = await retry(() => client.listCustomJobs({ parent: this.#parent(), filter }));
      return jobs.map(describe).sort((left, right) => right.id.localeCompare(left.id, "en", { numeric: true }));
    } catch (thrown) {
      throw fromService(thrown, "Jobs");
    }
  }

  /**
   * Waits until the job has ended, telling what it writes on the way.
   * @throws ActivateError REFUSED, with the container's last lines, when it failed or was cancelled.
   */
  async follow(name: string, options: FollowOptions = {}): Promise<Job> {
    const { report, signal, pauseMsMax = this.#connections.config.target === "local" ? 200 : 2000 } = options;
    const seen = new Set<string>();
    const curve: Epoch[] = [];
    for (let looks = 0; ; looks++) {
      signal?.throwIfAborted();
      // The state before the log: what was written before the end is then in the last report.
      const job = await this.get(name);
      const ended = isEnded(job);
      if (report) {
        const lines = (await this.logs(name)).filter(({ id }) => !seen.has(id));
        for (const line of lines) seen.add(line.id);
        curve.push(...lines.flatMap(epochOf));
        report({ job, lines, curve: [...curve] });
      }
      if (ended) return outcome(job);
      await pause(Math.min(pauseMsMax, 100 * 1.3 ** looks), signal);
    }
  }

  /** What the job's containers have written, oldest first: read from Cloud Logging on either target. */
  async logs(name: string): Promise<LogLine[]> {
    return await readLog(this.#connections, `resource.type="ml_job" AND resource.labels.job_id="${idOf(name)}"`);
  }

  /** Asks the job to end; one that has ended stays as it is. Follow it to see that it did. */
  async cancel(name: string): Promise<void> {
    const client = await jobClient(this.#connections);
    try {
      await retry(() => client.cancelCustomJob({ name }));
    } catch (thrown) {
      throw fromService(thrown, `Cancel job ${name}`);
    }
  }

  /** Cancels the job when it runs, and forgets it; not there is no error. Its artifacts stay. */
  async remove(name: string): Promise<void> {
    const client = await jobClient(this.#connections);
    try {
      if (!isEnded(await this.get(name))) {
        await this.cancel(name);
        while (!isEnded(await this.get(name))) await pause(200);
      }
      const [operation] = await client.deleteCustomJob({ name });
      await waitForOperation("Delete job", operation, (operationName) =>
        client.checkDeleteCustomJobProgress(operationName),
      );
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, `Delete job ${name}`);
    }
  }

  #parent(): string {
    const { project, region } = this.#connections.config;
    return `projects/${project}/locations/${region}`;
  }
}

/** The epoch that a line of the trainer's reports; none for any other line. */
export function epochOf({ fields }: LogLine): Epoch[] {
  const { epoch, epochs, loss, validationLoss } = fields;
  if (typeof epoch !== "number" || typeof loss !== "number") return [];
  return [
    {
      epoch,
      epochs: typeof epochs === "number" ? epochs : 0,
      loss,
      validationLoss: typeof validationLoss === "number" ? validationLoss : undefined,
    },
  ];
}

export function isEnded({ state }: { readonly state: JobState }): boolean {
  return state === "SUCCEEDED" || state === "FAILED" || state === "CANCELLED";
}

function outcome(job: Job): Job {
  if (job.state === "SUCCEEDED") return job;
  const why = job.state === "CANCELLED" ? "it was cancelled." : (job.error ?? "the service does not say why.");
  throw new ActivateError("REFUSED", `Job ${job.displayName} (${job.id}) did not succeed: ${why}`, job.state);
}

/** job_state.proto, by number. */
const STATES: readonly JobState[] = [
  "OTHER",
  "QUEUED",
  "PENDING",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "CANCELLING",
  "CANCELLED",
];

export function jobStateOf(state: unknown): JobState {
  if (typeof state === "number") return STATES[state] ?? "OTHER";
  const word = String(state).replace("JOB_STATE_", "");
  return STATES.find((known) => known === word) ?? "OTHER";
}

interface TimestampMessage {
  readonly seconds?: { toString(): string } | number | string | null;
  readonly nanos?: number | null;
}

export function timeOf(time: TimestampMessage | null | undefined): number | undefined {
  return time ? Number(String(time.seconds ?? 0)) * 1000 + (time.nanos ?? 0) / 1e6 : undefined;
}

const idOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** The part of `google.cloud.aiplatform.v1.CustomJob` that is read. */
interface JobMessage {
  readonly name?: string | null;
  readonly displayName?: string | null;
  readonly state?: unknown;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly createTime?: TimestampMessage | null;
  readonly startTime?: TimestampMessage | null;
  readonly endTime?: TimestampMessage | null;
  readonly error?: { readonly message?: string | null } | null;
  readonly jobSpec?: { readonly baseOutputDirectory?: { readonly outputUriPrefix?: string | null } | null } | null;
}

function describe(message: JobMessage): Job {
  const name = message.name ?? "";
  return {
    name,
    id: idOf(name),
    displayName: message.displayName ?? "",
    state: jobStateOf(message.state),
    labels: { ...message.labels },
    outputFolder: message.jobSpec?.baseOutputDirectory?.outputUriPrefix ?? undefined,
    createdAt: timeOf(message.createTime) ?? 0,
    startedAt: timeOf(message.startTime),
    endedAt: timeOf(message.endTime),
    error: message.error?.message ?? undefined,
  };
}
