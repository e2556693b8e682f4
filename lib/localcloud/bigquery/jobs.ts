import type { Clock } from "../platform/clock.js";
import type { JsonObject } from "../platform/discovery.js";
import { CloudError } from "../platform/errors.js";
import type { Catalog, CatalogTransaction } from "./catalog.js";
import { type ErrorProto, errorProto, jobExists, jobNotFound } from "./errors.js";
import { JobLog } from "./jobLog.js";
import { REQUEST_ID_MEMORY_MS } from "./limits.js";
import { LoadError } from "./loadJob.js";
import type { Result, ResultStore } from "./results.js";
import type { FieldSchema, TableReference } from "./schema.js";

export interface JobReference {
  readonly projectId: string;
  readonly jobId: string;
  readonly location: string;
}

/** Where the rows of a finished query are: kept apart, or in the table that it wrote. */
export type JobRows =
  | { readonly kind: "result"; readonly result: Result }
  | { readonly kind: "table"; readonly table: TableReference }
  | { readonly kind: "none"; readonly fields?: readonly FieldSchema[] };

/** What a job leaves behind. */
export interface JobOutcome {
  /** Parts of `JobStatistics` beside the times. */
  readonly statistics: JsonObject;
  /** The configuration as it is answered afterwards (destination table, job type). */
  readonly configuration: JsonObject;
  /** Entries of `status.errors` of a job that succeeded all the same (bad records that were allowed). */
  readonly warnings?: readonly ErrorProto[];
  readonly rows: JobRows;
}

/** A job as it is kept on disk. */
export interface StoredJob {
  readonly reference: JobReference;
  readonly configuration: JsonObject;
  readonly statistics: JsonObject;
  readonly errorResult?: ErrorProto;
  readonly errors?: readonly ErrorProto[];
  readonly creationTime: number;
  readonly startTime: number;
  readonly endTime: number;
  readonly parentJobId?: string;
  readonly requestKey?: string;
  /** The table that holds the rows of a query with a destination. */
  readonly rowsTable?: TableReference;
}

export class Job {
  state: "PENDING" | "RUNNING" | "DONE" = "PENDING";
  startTime: number | undefined;
  endTime: number | undefined;
  configuration: JsonObject;
  statistics: JsonObject = {};
  failure: CloudError | undefined;
  errors: readonly ErrorProto[] = [];
  rows: JobRows = { kind: "none" };
  readonly abort = new AbortController();
  /** Resolves when the job is DONE, well or not. */
  done: Promise<void> = Promise.resolve();

  constructor(
    readonly reference: JobReference,
    configuration: JsonObject,
    readonly creationTime: number,
    readonly parentJobId?: string,
    readonly requestKey?: string,
  ) {
    this.configuration = configuration;
  }

  /** The record of this job as if it ended now with that outcome. */
  stored(outcome: JobOutcome, now: number, failure?: CloudError): StoredJob {
    return {
      reference: this.reference,
      configuration: outcome.configuration,
      statistics: outcome.statistics,
      creationTime: this.creationTime,
      startTime: this.startTime ?? this.creationTime,
      endTime: now,
      ...(failure ? { errorResult: errorProto(failure), errors: [errorProto(failure)] } : {}),
      ...(this.parentJobId === undefined ? {} : { parentJobId: this.parentJobId }),
      ...(this.requestKey === undefined ? {} : { requestKey: this.requestKey }),
      ...(outcome.rows.kind === "table" ? { rowsTable: outcome.rows.table } : {}),
    };
  }
}

/** What runs: reports its outcome, or throws what becomes `status.errorResult`. */
export type JobWork = (job: Job) => Promise<JobOutcome>;

/** Jobs kept at most; the oldest finished ones are forgotten beyond, with their rows. */
const JOBS_MAX = 2_000;

/** All jobs that are known: those under way, and the latest finished ones. */
export class Jobs {
  readonly results: ResultStore;
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: JobLog;
  /** In order of creation. */
  readonly #jobs = new Map<string, Job>();
  readonly #byRequest = new Map<string, Job>();

  private constructor(catalog: Catalog, clock: Clock, random: () => number, results: ResultStore, log: JobLog) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#random = random;
    this.results = results;
    this.#log = log;
  }

  static async open(catalog: Catalog, clock: Clock, random: () => number, results: ResultStore): Promise<Jobs> {
    const log = await JobLog.open(catalog.database);
    const jobs = new Jobs(catalog, clock, random, results, log);
    for (const stored of await log.read()) jobs.#restore(stored);
    return jobs;
  }

  /** An id that the service makes itself: "job_" and 27 letters and digits. */
  newId(prefix = "job_"): string {
    const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    return prefix + Array.from({ length: 27 }, () => letters[Math.floor(this.#random() * letters.length)]).join("");
  }

  /** @throws CloudError duplicate when the id is taken. */
  start(
    reference: JobReference,
    configuration: JsonObject,
    work: JobWork,
    options: { readonly requestKey?: string } = {},
  ): Job {
    const key = keyOf(reference.projectId, reference.jobId);
    if (this.#jobs.has(key)) throw jobExists(reference.projectId, reference.location, reference.jobId);
    const job = new Job(reference, configuration, this.#clock.now(), undefined, options.requestKey);
    this.#add(job);
    job.done = this.#run(job, work);
    return job;
  }

  /** A finished job of one statement of a script. */
  addChild(parent: Job, jobId: string, outcome: JobOutcome, startTime: number, endTime: number): void {
    const reference = { ...parent.reference, jobId };
    const job = new Job(reference, outcome.configuration, startTime, parent.reference.jobId);
    job.state = "DONE";
    job.startTime = startTime;
    job.endTime = endTime;
    job.statistics = outcome.statistics;
    job.rows = outcome.rows;
    this.#add(job);
  }

  /** @throws CloudError notFound, also when the job ran elsewhere; US and EU need not be named (contracts 2.3). */
  find(projectId: string, jobId: string, location: string | null | undefined): Job {
    const job = this.#jobs.get(keyOf(projectId, jobId));
    const named = location ? location.toLowerCase() : undefined;
    const home = job?.reference.location.toLowerCase();
    const found = named === undefined ? home === "us" || home === "eu" : home === named;
    if (!job || !found) throw jobNotFound(projectId, jobId, location ?? undefined);
    if (job.rows.kind === "result") this.results.touch(job.rows.result);
    return job;
  }

  /** The job of an earlier request with this key, for as long as a requestId is honoured. */
  findRequest(requestKey: string): Job | undefined {
    const job = this.#byRequest.get(requestKey);
    return job && this.#clock.now() - job.creationTime <= REQUEST_ID_MEMORY_MS ? job : undefined;
  }

  /** Newest first. */
  list(projectId: string): readonly Job[] {
    return [...this.#jobs.values()].filter((job) => job.reference.projectId === projectId).reverse();
  }

  /** Resolves when the job is done, the time is over or the caller has gone; says whether it is done. */
  async wait(job: Job, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (job.state === "DONE" || milliseconds <= 0) return job.state === "DONE";
    const timer = new AbortController();
    const leave = () => timer.abort();
    signal?.addEventListener("abort", leave);
    const slept = this.#clock.sleep(milliseconds, timer.signal).catch(() => undefined);
    await Promise.race([job.done, slept]);
    timer.abort();
    signal?.removeEventListener("abort", leave);
    return (job.state as string) === "DONE";
  }

  /** Asks a job to stop; one that is done stays as it is. */
  cancel(job: Job, reason = "Job execution was cancelled: User requested cancellation"): void {
    if (job.state !== "DONE")
      job.abort.abort(new CloudError("CANCELLED", reason, { reason: "stopped", httpStatus: 400 }));
  }

  /** Forgets a finished job, its children and its rows. */
  async delete(job: Job): Promise<void> {
    const family = [
      job,
      ...this.list(job.reference.projectId).filter((other) => other.parentJobId === job.reference.jobId),
    ];
    await this.#catalog.write((transaction) => this.#log.remove(transaction.connection, job.reference));
    for (const member of family) this.#forget(member);
  }

  /** Writes the outcome of a job that changes something, in the transaction of the change. */
  record(transaction: CatalogTransaction, stored: StoredJob): Promise<void> {
    return this.#log.write(transaction.connection, stored);
  }

  close(): void {
    for (const job of this.#jobs.values()) this.cancel(job, "The local BigQuery was stopped.");
    this.results.close();
  }

  async #run(job: Job, work: JobWork): Promise<void> {
    // The caller of `start` sees the job first; then it runs.
    await Promise.resolve();
    job.state = "RUNNING";
    job.startTime = this.#clock.now();
    try {
      const outcome = await work(job);
      job.configuration = outcome.configuration;
      job.statistics = outcome.statistics;
      job.errors = outcome.warnings ?? [];
      job.rows = outcome.rows;
    } catch (thrown) {
      const reason: unknown = job.abort.signal.aborted ? job.abort.signal.reason : undefined;
      job.failure = reason instanceof CloudError ? reason : CloudError.from(thrown);
      job.errors = [errorProto(job.failure), ...(job.failure instanceof LoadError ? job.failure.rows : [])];
    }
    job.endTime = this.#clock.now();
    job.state = "DONE";
  }

  #add(job: Job): void {
    this.#jobs.set(keyOf(job.reference.projectId, job.reference.jobId), job);
    if (job.requestKey !== undefined) this.#byRequest.set(job.requestKey, job);
    if (this.#jobs.size <= JOBS_MAX) return;
    for (const old of this.#jobs.values()) {
      if (old.state !== "DONE") continue;
      this.#forget(old);
      break;
    }
  }

  #forget(job: Job): void {
    this.#jobs.delete(keyOf(job.reference.projectId, job.reference.jobId));
    if (job.requestKey !== undefined && this.#byRequest.get(job.requestKey) === job) {
      this.#byRequest.delete(job.requestKey);
    }
    if (job.rows.kind === "result") this.results.drop(job.rows.result);
  }

  #restore(stored: StoredJob): void {
    const job = new Job(
      stored.reference,
      stored.configuration,
      stored.creationTime,
      stored.parentJobId,
      stored.requestKey,
    );
    job.state = "DONE";
    job.startTime = stored.startTime;
    job.endTime = stored.endTime;
    job.statistics = stored.statistics;
    job.errors = stored.errors ?? [];
    if (stored.errorResult) job.failure = failureOf(stored.errorResult);
    if (stored.rowsTable) job.rows = { kind: "table", table: stored.rowsTable };
    this.#add(job);
  }
}

const keyOf = (projectId: string, jobId: string): string => `${projectId}\0${jobId}`;

const STATUS_BY_REASON: Readonly<Record<string, ConstructorParameters<typeof CloudError>[0]>> = {
  notFound: "NOT_FOUND",
  duplicate: "ALREADY_EXISTS",
  notImplemented: "UNIMPLEMENTED",
  stopped: "CANCELLED",
  internalError: "INTERNAL",
};

function failureOf({ reason, message, location }: ErrorProto): CloudError {
  const status = STATUS_BY_REASON[reason] ?? "INVALID_ARGUMENT";
  return new CloudError(status, message, {
    reason,
    ...(location === undefined ? {} : { location }),
    ...(reason === "stopped" ? { httpStatus: 400 } : {}),
  });
}
