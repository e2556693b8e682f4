/**
 * Long-running operations (AIP-151), durable. An operation is a kind and its arguments, kept in the store; its effect is
 * written in one transaction with its end, so it has happened wholly or not at all. One that was running when the
 * process died goes on at the next start.
 */

import type { Clock } from "./clock.js";
import { CloudError, STATUS } from "./errors.js";
import type { DocumentStore } from "./store.js";
import { timestamp } from "./time.js";

export interface StoreChange {
  readonly collection: string;
  readonly key: string;
  /** Undefined removes the document. */
  readonly value: unknown;
}

/** The effect of an operation: what it answers and what is written together with its end. */
export interface OperationEffect {
  readonly response: object;
  readonly changes: readonly StoreChange[];
}

export interface OperationKind<Arguments> {
  /** Full type names, as in `google.longrunning.operation_info`. */
  readonly responseType: string;
  readonly metadataType: string;
  /** What the metadata says beside times while it runs, stage after stage. */
  readonly stages: readonly object[];
  /** Metadata beside times once it is done, and once it has failed. */
  readonly doneMetadata?: object;
  readonly failedMetadata?: object;
  /** All of the metadata, for services that say something else than times and stages (Cloud Run: the resource itself). */
  describe?(args: Arguments): object;
  /**
   * What takes time of its own, called in each stage (from 0); outside the service's exclusive tasks, so that others go
   * on. After a restart it is called again from the stage that was reached.
   * @throws CloudError which becomes the operation's error; whatever it likes once the signal is aborted.
   */
  work?(args: Arguments, stage: number, signal: AbortSignal): Promise<void>;
  /** Runs when the last stage is over, one at a time. @throws CloudError which becomes the operation's error. */
  finish(args: Arguments): Promise<OperationEffect>;
  /** Runs once the effect is durable. */
  completed?(args: Arguments): Promise<void>;
  /** Takes back what `work` did, before the operation is seen to have failed or been cancelled. */
  abandon?(args: Arguments): Promise<void>;
}

/** `google.longrunning.Operation` in proto3 JSON. */
export interface OperationResource {
  readonly name: string;
  readonly metadata: TypedObject;
  readonly done?: boolean;
  readonly error?: { readonly code: number; readonly message: string };
  readonly response?: TypedObject;
}

export interface TypedObject {
  readonly "@type": string;
  readonly [field: string]: unknown;
}

interface OperationRecord {
  readonly name: string;
  readonly kind: string;
  readonly args: unknown;
  readonly createTime: string;
  readonly updateTime: string;
  readonly stage: number;
  readonly done: boolean;
  readonly error?: { readonly code: number; readonly message: string };
  readonly response?: object;
}

/** Draws the last segments of names: `IdGenerator`, or what the service has instead. */
export interface OperationIds {
  next(isTaken: (id: string) => boolean): string;
}

export interface OperationsOptions {
  readonly store: DocumentStore;
  readonly clock: Clock;
  /** Collection of the records. */
  readonly collection: string;
  /** Length of a stage in milliseconds of the clock; 0 finishes an operation before the first answer. */
  readonly stageMs: number;
  /** Finished operations that are kept; default 1,000. */
  readonly finishedMax?: number;
  /** Runs tasks one at a time: the same that guards the service's other writes. */
  readonly exclusive: <T>(task: () => Promise<T>) => Promise<T>;
}

/** Google forgets finished operations after some days, we by their number. */
const FINISHED_MAX = 1000;

const TYPE_PREFIX = "type.googleapis.com/";

export class Operations<Kinds extends Readonly<Record<string, unknown>>> {
  readonly #options: OperationsOptions;
  readonly #kinds: { readonly [Kind in keyof Kinds]: OperationKind<Kinds[Kind]> };
  readonly #ids: OperationIds;
  readonly #stopped = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  readonly #cancellations = new Map<string, AbortController>();
  readonly #finished: string[] = [];

  constructor(
    options: OperationsOptions,
    kinds: { readonly [Kind in keyof Kinds]: OperationKind<Kinds[Kind]> },
    ids: OperationIds,
  ) {
    this.#options = options;
    this.#kinds = kinds;
    this.#ids = ids;
  }

  /** Takes up what was running when the process ended. */
  resume(): void {
    for (const { value } of this.#options.store.list<OperationRecord>(this.#options.collection)) {
      if (value.done) this.#finished.push(value.name);
      else this.#advance(value);
    }
  }

  /**
   * Starts an operation; durable when it resolves. Its name is `${parent}/operations/${digits}`.
   * An effect that throws makes a failed operation, also when operations finish at once.
   */
  async start<Kind extends keyof Kinds & string>(
    kind: Kind,
    parent: string,
    args: Kinds[Kind],
  ): Promise<OperationResource> {
    const now = timestamp(this.#options.clock.now());
    const id = this.#ids.next((candidate) => this.#read(`${parent}/operations/${candidate}`) !== undefined);
    const record: OperationRecord = {
      name: `${parent}/operations/${id}`,
      kind,
      args,
      createTime: now,
      updateTime: now,
      stage: 0,
      done: false,
    };
    await this.#write(record);
    this.#advance(record);
    const running = this.#running.get(record.name);
    if (this.#options.stageMs > 0) return this.#render(record);
    await running;
    return this.get(record.name);
  }

  /** @throws CloudError NOT_FOUND */
  get(name: string): OperationResource {
    const record = this.#read(name);
    if (!record) {
      throw new CloudError("NOT_FOUND", `Operation ${name} was not found.`, {
        reason: "RESOURCE_NOT_FOUND",
        metadata: { resource: name },
      });
    }
    return this.#render(record);
  }

  /** Every operation whose name begins with `prefix`, oldest first. */
  list(prefix: string): OperationResource[] {
    return this.#options.store
      .list<OperationRecord>(this.#options.collection)
      .filter(({ value }) => value.name.startsWith(prefix))
      .map(({ value }) => this.#render(value));
  }

  /** Arguments of the operations of a kind that are under way. */
  running<Kind extends keyof Kinds & string>(kind: Kind): Kinds[Kind][] {
    return [...this.#running.keys()].flatMap((name) => {
      const record = this.#read(name);
      return record && !record.done && record.kind === kind ? [record.args as Kinds[Kind]] : [];
    });
  }

  /** Asks an operation to end with CANCELLED; without effect on one that is done. @throws CloudError NOT_FOUND */
  cancel(name: string): void {
    if (!this.get(name).done) this.#cancellations.get(name)?.abort();
  }

  /** Forgets a finished operation. @throws CloudError NOT_FOUND, FAILED_PRECONDITION while it runs. */
  async delete(name: string): Promise<void> {
    if (!this.get(name).done) {
      throw new CloudError("FAILED_PRECONDITION", `Operation ${name} is still running: cancel it or wait.`);
    }
    this.#finished.splice(this.#finished.indexOf(name), 1);
    await this.#options.store.write([{ collection: this.#options.collection, key: name, value: undefined }]);
  }

  /** The operation once it is done, or as it is after `timeoutMs`. @throws CloudError NOT_FOUND */
  async wait(name: string, timeoutMs: number, signal: AbortSignal): Promise<OperationResource> {
    const running = this.#running.get(name);
    if (running) {
      const over = new AbortController();
      const limit = this.#options.clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal]));
      await Promise.race([running, limit.catch(() => undefined)]);
      over.abort();
    }
    return this.get(name);
  }

  /** Stops advancing; what runs is taken up by `resume` after the next start. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#running.values());
  }

  #advance(record: OperationRecord): void {
    const cancellation = new AbortController();
    this.#cancellations.set(record.name, cancellation);
    const run = this.#run(record, cancellation.signal).finally(() => {
      this.#running.delete(record.name);
      this.#cancellations.delete(record.name);
    });
    this.#running.set(record.name, run);
  }

  async #run(start: OperationRecord, cancelled: AbortSignal): Promise<void> {
    const kind = this.#kinds[start.kind];
    const stages = kind?.stages.length ?? 1;
    const signal = AbortSignal.any([cancelled, this.#stopped.signal]);
    let record = start;
    try {
      for (let stage = record.stage; stage < stages; stage++) {
        if (this.#options.stageMs > 0) await this.#options.clock.sleep(this.#options.stageMs, signal);
        await kind?.work?.(record.args as never, stage, signal);
        signal.throwIfAborted();
        if (stage + 1 < stages) {
          record = { ...record, stage: stage + 1, updateTime: timestamp(this.#options.clock.now()) };
          await this.#write(record);
        }
      }
      await this.#finish(record, signal);
    } catch (thrown) {
      // Stopping is no failure of the operation: it is taken up at the next start.
      if (this.#stopped.signal.aborted) return;
      const error = cancelled.aborted
        ? new CloudError("CANCELLED", "The operation was cancelled.")
        : CloudError.from(thrown);
      await kind?.abandon?.(record.args as never);
      await this.#fail(record, error);
    }
    await this.#forgetOld(record.name);
  }

  async #finish(record: OperationRecord, signal: AbortSignal): Promise<void> {
    const kind = this.#kinds[record.kind];
    await this.#options.exclusive(async () => {
      signal.throwIfAborted();
      if (!kind) throw new CloudError("ABORTED", `Operations of kind ${record.kind} are no longer known.`);
      const { response, changes } = await kind.finish(record.args as never);
      const updateTime = timestamp(this.#options.clock.now());
      await this.#write({ ...record, updateTime, done: true, response }, changes);
    });
    await kind?.completed?.(record.args as never);
  }

  async #fail(record: OperationRecord, error: CloudError): Promise<void> {
    await this.#write({
      ...record,
      updateTime: timestamp(this.#options.clock.now()),
      done: true,
      error: { code: STATUS[error.status].grpc, message: error.message },
    });
  }

  async #forgetOld(finished: string): Promise<void> {
    this.#finished.push(finished);
    const kept = this.#options.finishedMax ?? FINISHED_MAX;
    const old = this.#finished.splice(0, Math.max(0, this.#finished.length - kept));
    if (old.length === 0) return;
    await this.#options.store.write(
      old.map((key) => ({ collection: this.#options.collection, key, value: undefined })),
    );
  }

  #read(name: string): OperationRecord | undefined {
    return this.#options.store.get<OperationRecord>(this.#options.collection, name);
  }

  async #write(record: OperationRecord, changes: readonly StoreChange[] = []): Promise<void> {
    await this.#options.store.write([
      ...changes,
      { collection: this.#options.collection, key: record.name, value: record },
    ]);
  }

  #render(record: OperationRecord): OperationResource {
    const kind = this.#kinds[record.kind];
    const extra = record.error ? kind?.failedMetadata : record.done ? kind?.doneMetadata : kind?.stages[record.stage];
    return {
      name: record.name,
      metadata: {
        "@type": `${TYPE_PREFIX}${kind?.metadataType ?? "google.protobuf.Empty"}`,
        ...(kind?.describe?.(record.args as never) ?? {
          ...(kind ? { genericMetadata: { createTime: record.createTime, updateTime: record.updateTime } } : {}),
          ...extra,
        }),
      },
      ...(record.done ? { done: true } : {}),
      ...(record.error ? { error: record.error } : {}),
      ...(record.response
        ? { response: { "@type": `${TYPE_PREFIX}${kind?.responseType ?? ""}`, ...record.response } }
        : {}),
    };
  }
}
