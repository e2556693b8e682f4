import { jobClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { isEnded, type JobState, jobStateOf } from "./jobs.js";
import { waitForOperation } from "./operation.js";
import { pause, retry } from "./retry.js";

/** Rows from a table, or from JSON lines in Cloud Storage. */
export type BatchInput = { readonly table: string } | { readonly files: readonly string[] };

/** A dataset or a table of BigQuery, or a folder in Cloud Storage (`gs://bucket/folder`). */
export type BatchOutput = { readonly dataset: string } | { readonly table: string } | { readonly folder: string };

export interface BatchOptions {
  readonly displayName: string;
  /** Full name of the registered model; may end in `@version` or `@alias`. */
  readonly model: string;
  /** Tables as `dataset.table` of the configured project. */
  readonly input: BatchInput;
  readonly output: BatchOutput;
  /** Fields of a row that the model gets. Default: all. */
  readonly fields?: readonly string[];
  /** For a model in a container. Default: the configured machine type. */
  readonly machineType?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** A batch prediction job. */
export interface BatchPrediction {
  /** `projects/P/locations/L/batchPredictionJobs/J` */
  readonly name: string;
  readonly displayName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: JobState;
  /** `dataset.table`, or the folder; undefined until it is known. */
  readonly output: string | undefined;
  readonly successful: number;
  readonly failed: number;
  readonly error: string | undefined;
}

/** Predictions for many rows at once, without an endpoint. */
export class BatchPredictions {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Submits a job, always a new one. On Google Cloud it costs by the hour while it runs. @throws ActivateError REFUSED */
  async submit(options: BatchOptions): Promise<BatchPrediction> {
    const { project, machineType } = this.#connections.config;
    const client = await jobClient(this.#connections);
    const { input, output, fields } = options;
    const uri = (name: string): string => `bq://${project}.${name}`;
    const batchPredictionJob = {
      displayName: options.displayName,
      labels: { ...options.labels },
      model: options.model,
      inputConfig:
        "table" in input
          ? { instancesFormat: "bigquery", bigquerySource: { inputUri: uri(input.table) } }
          : { instancesFormat: "jsonl", gcsSource: { uris: [...input.files] } },
      outputConfig:
        "folder" in output
          ? { predictionsFormat: "jsonl", gcsDestination: { outputUriPrefix: output.folder } }
          : {
              predictionsFormat: "bigquery",
              bigqueryDestination: { outputUri: uri("table" in output ? output.table : output.dataset) },
            },
      instanceConfig: { instanceType: "object", ...(fields === undefined ? {} : { includedFields: [...fields] }) },
      dedicatedResources: {
        machineSpec: { machineType: options.machineType ?? machineType },
        startingReplicaCount: 1,
        maxReplicaCount: 1,
      },
    };
    try {
      const parent = this.#parent();
      const [job] = await client.createBatchPredictionJob({ parent, batchPredictionJob });
      return describe(job);
    } catch (thrown) {
      throw fromService(thrown, `Submit batch prediction ${options.displayName}`);
    }
  }

  /** The job as it is now. @throws ActivateError NOT_FOUND */
  async get(name: string): Promise<BatchPrediction> {
    const client = await jobClient(this.#connections);
    try {
      const [job] = await retry(() => client.getBatchPredictionJob({ name }));
      return describe(job);
    } catch (thrown) {
      throw fromService(thrown, `Batch prediction ${name}`);
    }
  }

  /** All jobs of the region. */
  async list(): Promise<BatchPrediction[]> {
    const client = await jobClient(this.#connections);
    try {
      const [jobs] = await retry(() => client.listBatchPredictionJobs({ parent: this.#parent() }));
      return jobs.map(describe);
    } catch (thrown) {
      throw fromService(thrown, "Batch predictions");
    }
  }

  /** Cancels the job when it runs, and forgets it; not there is no error. What it wrote stays. */
  async remove(name: string): Promise<void> {
    const client = await jobClient(this.#connections);
    try {
      if (!isEnded(await this.get(name))) {
        await retry(() => client.cancelBatchPredictionJob({ name }));
        while (!isEnded(await this.get(name))) await pause(200);
      }
      const [operation] = await client.deleteBatchPredictionJob({ name });
      await waitForOperation("Delete batch prediction", operation, (started) =>
        client.checkDeleteBatchPredictionJobProgress(started),
      );
    } catch (thrown) {
      if (statusOf(thrown) !== "NOT_FOUND") throw fromService(thrown, `Delete batch prediction ${name}`);
    }
  }

  /** Waits until the job has ended. @throws ActivateError REFUSED when it did not succeed. */
  async follow(name: string, report?: (job: BatchPrediction) => void): Promise<BatchPrediction> {
    const pauseMsMax = this.#connections.config.target === "local" ? 200 : 5000;
    for (let looks = 0; ; looks++) {
      const job = await this.get(name);
      report?.(job);
      if (job.state === "SUCCEEDED") return job;
      if (isEnded(job)) {
        const why = job.error ?? "it was cancelled.";
        throw new ActivateError("REFUSED", `Batch prediction ${job.displayName} did not succeed: ${why}`, job.state);
      }
      await pause(Math.min(pauseMsMax, 100 * 1.3 ** looks));
    }
  }

  #parent(): string {
    const { project, region } = this.#connections.config;
    return `projects/${project}/locations/${region}`;
  }
}

/** The part of `google.cloud.aiplatform.v1.BatchPredictionJob` that is read. */
interface BatchMessage {
  readonly name?: string | null;
  readonly displayName?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly state?: unknown;
  readonly error?: { readonly message?: string | null } | null;
  readonly completionStats?: { readonly successfulCount?: unknown; readonly failedCount?: unknown } | null;
  readonly outputInfo?: {
    readonly gcsOutputDirectory?: string | null;
    readonly bigqueryOutputDataset?: string | null;
    readonly bigqueryOutputTable?: string | null;
  } | null;
}

function describe(message: BatchMessage): BatchPrediction {
  const { gcsOutputDirectory, bigqueryOutputDataset, bigqueryOutputTable } = message.outputInfo ?? {};
  const dataset = (bigqueryOutputDataset ?? "").replace(/^bq:\/\/[^.]*\./, "");
  return {
    name: message.name ?? "",
    displayName: message.displayName ?? "",
    labels: { ...message.labels },
    state: jobStateOf(message.state),
    output: gcsOutputDirectory || (bigqueryOutputTable ? `${dataset}.${bigqueryOutputTable}` : undefined),
    successful: Number(String(message.completionStats?.successfulCount ?? 0)),
    failed: Number(String(message.completionStats?.failedCount ?? 0)),
    error: message.error?.message ?? undefined,
  };
}
