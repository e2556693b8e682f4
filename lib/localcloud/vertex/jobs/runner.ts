/**
 * Runs jobs: QUEUED, PENDING, RUNNING and one of the three ends, each step durable before it is seen. Work that was
 * lost with the process is another attempt after the next start, or the job's failure.
 */

import type { Clock } from "../../platform/clock.js";
import { CloudError, STATUS } from "../../platform/errors.js";
import type { IdGenerator } from "../../platform/ids.js";
import { Mutex } from "../../platform/mutex.js";
import type { DocumentStore } from "../../platform/store.js";
import { timestamp } from "../../platform/time.js";
import type { JobState } from "../contract/messages.js";
import { isFinal, type JobRecord, RETRIES_MAX, TransientFailure } from "./record.js";
import type { Slots } from "./slots.js";

export interface JobContext<Resource> {
  /** Aborted when the job is cancelled or the cloud stops: the work ends soon, however. */
  readonly signal: AbortSignal;
  /** Output fields of the resource, durable when it resolves. */
  report(result: Partial<Resource>): Promise<void>;
}

export interface JobWork<Resource> {
  /** @throws CloudError which fails the job; TransientFailure for another attempt. */
  run(job: JobRecord<Resource>, context: JobContext<Resource>): Promise<void>;
  /** May the work be started again after a transient failure? */
  mayRetry(job: JobRecord<Resource>): boolean;
}

export interface JobRunnerOptions {
  readonly store: DocumentStore;
  readonly clock: Clock;
  readonly ids: IdGenerator;
  readonly collection: string;
  /** How long a job is QUEUED and PENDING at least, each, in milliseconds of the clock. */
  readonly stageMs: number;
  /** A job waits in QUEUED until one is free. */
  readonly slots: Slots;
}

interface Task {
  readonly cancelled: AbortController;
  readonly done: Promise<void>;
}

/** A cancelled job's error has code 1 (job_service.proto). */
const CANCELLED = { code: STATUS.CANCELLED.grpc, message: "CANCELED" };

export class JobRunner<Resource extends object> {
  readonly #options: JobRunnerOptions;
  readonly #work: JobWork<Resource>;
  readonly #stopped = new AbortController();
  readonly #tasks = new Map<string, Task>();
  readonly #mutex = new Mutex();

  constructor(options: JobRunnerOptions, work: JobWork<Resource>) {
    this.#options = options;
    this.#work = work;
  }

  /** Settles what became of the jobs that had not ended when the process did; those that go on wait for `resume`. */
  async recover(): Promise<void> {
    for (const job of this.list()) {
      if (job.state === "JOB_STATE_CANCELLING") await this.#end(job, "JOB_STATE_CANCELLED", CANCELLED);
      else if (job.state === "JOB_STATE_RUNNING") await this.#takeUp(job);
    }
  }

  /** Starts every job that has not ended. */
  resume(): void {
    for (const job of this.list()) if (!isFinal(job)) this.#begin(job);
  }

  /** Durable, in state QUEUED, when it resolves. */
  async create(location: string, resource: Resource): Promise<JobRecord<Resource>> {
    const now = this.#now();
    const job: JobRecord<Resource> = {
      location,
      jobId: this.#options.ids.next((id) => this.find(location, id) !== undefined),
      resource,
      result: {},
      state: "JOB_STATE_QUEUED",
      createTime: now,
      updateTime: now,
      attempts: 0,
    };
    await this.#write(job);
    this.#begin(job);
    return job;
  }

  find(location: string, jobId: string): JobRecord<Resource> | undefined {
    return this.#options.store.get<JobRecord<Resource>>(this.#options.collection, `${location}/${jobId}`);
  }

  list(location?: string): JobRecord<Resource>[] {
    const all = this.#options.store.list<JobRecord<Resource>>(this.#options.collection).map(({ value }) => value);
    return location === undefined ? all : all.filter((job) => job.location === location);
  }

  /** Asks a job to end; without effect on one that has. */
  async cancel(job: JobRecord<Resource>): Promise<void> {
    const now = await this.#update(job, (current) => ({ ...current, state: "JOB_STATE_CANCELLING" }));
    if (now.state === "JOB_STATE_CANCELLING") this.#tasks.get(keyOf(job))?.cancelled.abort();
  }

  /** The change that forgets a job. */
  removal({ location, jobId }: { readonly location: string; readonly jobId: string }) {
    return { collection: this.#options.collection, key: `${location}/${jobId}`, value: undefined };
  }

  /** Ends what runs, so that it can be taken up by `resume` after the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([...this.#tasks.values()].map(({ done }) => done));
  }

  #begin(job: JobRecord<Resource>): void {
    const cancelled = new AbortController();
    const key = keyOf(job);
    const done = this.#run(job, AbortSignal.any([cancelled.signal, this.#stopped.signal])).finally(() =>
      this.#tasks.delete(key),
    );
    this.#tasks.set(key, { cancelled, done });
  }

  /** Work that ran when the process ended is gone. */
  async #takeUp(job: JobRecord<Resource>): Promise<void> {
    if (this.#mayRetry(job)) {
      await this.#update(job, (current) => ({ ...current, state: "JOB_STATE_PENDING" }));
      return;
    }
    const message = "Internal error occurred for the current attempt: the local cloud stopped while the job ran.";
    await this.#end(job, "JOB_STATE_FAILED", { code: STATUS.INTERNAL.grpc, message });
  }

  #mayRetry(job: JobRecord<Resource>): boolean {
    return job.attempts <= RETRIES_MAX && this.#work.mayRetry(job);
  }

  async #run(start: JobRecord<Resource>, signal: AbortSignal): Promise<void> {
    let release: (() => void) | undefined;
    let job = start;
    try {
      release = await this.#options.slots.take(signal);
      if (job.state === "JOB_STATE_QUEUED") {
        await this.#pause(signal);
        job = await this.#update(job, (current) => ({ ...current, state: "JOB_STATE_PENDING" }));
      }
      await this.#pause(signal);
      for (;;) {
        job = await this.#update(job, (current) => ({
          ...current,
          state: "JOB_STATE_RUNNING",
          startTime: current.startTime ?? this.#now(),
          attempts: current.attempts + 1,
        }));
        signal.throwIfAborted();
        try {
          await this.#work.run(job, { signal, report: (result) => this.#report(job, result) });
          break;
        } catch (thrown) {
          if (signal.aborted || !(thrown instanceof TransientFailure) || !this.#mayRetry(job)) throw thrown;
          job = await this.#update(job, (current) => ({ ...current, state: "JOB_STATE_PENDING" }));
        }
      }
      await this.#end(job, "JOB_STATE_SUCCEEDED");
    } catch (thrown) {
      // Stopping is no end of the job: it is taken up at the next start.
      if (this.#stopped.signal.aborted) return;
      if (signal.aborted) await this.#end(job, "JOB_STATE_CANCELLED", CANCELLED);
      else await this.#end(job, "JOB_STATE_FAILED", errorOf(CloudError.from(thrown)));
    } finally {
      release?.();
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#options.stageMs > 0) await this.#options.clock.sleep(this.#options.stageMs, signal);
  }

  async #report(job: JobRecord<Resource>, result: Partial<Resource>): Promise<void> {
    await this.#mutex.run(async () => {
      const current = this.find(job.location, job.jobId) ?? job;
      await this.#write({ ...current, result: { ...current.result, ...result }, updateTime: this.#now() });
    });
  }

  async #end(job: JobRecord<Resource>, state: JobState, error?: { code: number; message: string }): Promise<void> {
    await this.#mutex.run(async () => {
      const current = this.find(job.location, job.jobId) ?? job;
      const now = this.#now();
      await this.#write({ ...current, state, endTime: now, updateTime: now, ...(error ? { error } : {}) });
    });
  }

  /** Read, change and write as one step. A job that ended or is being cancelled stays as it is. */
  async #update(
    job: JobRecord<Resource>,
    change: (current: JobRecord<Resource>) => JobRecord<Resource>,
  ): Promise<JobRecord<Resource>> {
    return await this.#mutex.run(async () => {
      const current = this.find(job.location, job.jobId) ?? job;
      if (isFinal(current) || current.state === "JOB_STATE_CANCELLING") return current;
      const changed = { ...change(current), updateTime: this.#now() };
      await this.#write(changed);
      return changed;
    });
  }

  #now(): string {
    return timestamp(this.#options.clock.now());
  }

  async #write(job: JobRecord<Resource>): Promise<void> {
    await this.#options.store.write([{ collection: this.#options.collection, key: keyOf(job), value: job }]);
  }
}

function keyOf({ location, jobId }: { readonly location: string; readonly jobId: string }): string {
  return `${location}/${jobId}`;
}

function errorOf(error: CloudError): { code: number; message: string } {
  return { code: error.grpcCode, message: error.message };
}
