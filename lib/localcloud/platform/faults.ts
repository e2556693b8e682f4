/** Planned faults: "the next two insertAll answer 503". Off unless somebody plans one; kept in memory only. */

import type { Clock } from "./clock.js";
import { CloudError, STATUS, type StatusWord } from "./errors.js";

/** Which calls a fault meets. */
export interface FaultMatch {
  /** "bigquery", "vertex-ai", "pubsub" …: a name that `GET /` lists. */
  readonly service: string;
  /** "tabledata.insertAll", "PredictionService.Predict", or its last part alone; absent: every method. */
  readonly method?: string;
}

export interface FaultPlan {
  readonly match: FaultMatch;
  /** The answer instead of the method's own, which does not run. One of the two codes. */
  readonly respond?: {
    readonly httpStatus?: number;
    readonly grpcCode?: number;
    readonly message: string;
    /** BigQuery's word for it: "rateLimitExceeded". */
    readonly reason?: string;
  };
  /** Milliseconds by the clock before anything else happens. */
  readonly delayMs?: number;
  /** The method runs; its answer breaks off after so many bytes, as a broken connection does. */
  readonly breakAfterBytes?: number;
  /** Calls that it meets; default 1. */
  readonly times?: number;
}

/** A plan and what became of it. */
export interface PlannedFault extends Required<Pick<FaultPlan, "match" | "times">>, FaultPlan {
  readonly id: string;
  readonly times: number;
  readonly fired: number;
}

/** What befalls one call. */
export interface Fault {
  /** Waits, and throws the planned answer if there is one. @throws CloudError */
  before(signal?: AbortSignal): Promise<void>;
  readonly breakAfterBytes: number | undefined;
}

interface Entry {
  readonly id: string;
  readonly plan: FaultPlan & { readonly times: number };
  fired: number;
}

export class Faults {
  readonly #clock: Clock;
  readonly #services: () => readonly string[];
  readonly #entries: Entry[] = [];
  #planned = 0;

  /** @param services names of those that can be asked for. */
  constructor(clock: Clock, services: () => readonly string[]) {
    this.#clock = clock;
    this.#services = services;
  }

  /** @param json a `FaultPlan`. @throws CloudError INVALID_ARGUMENT that says what is wrong with it. */
  plan(json: unknown): PlannedFault {
    const plan = readPlan(json, this.#services());
    this.#planned += 1;
    const entry: Entry = { id: String(this.#planned), plan: { ...plan, times: plan.times ?? 1 }, fired: 0 };
    this.#entries.push(entry);
    return describe(entry);
  }

  list(): PlannedFault[] {
    return this.#entries.map(describe);
  }

  /** @throws CloudError NOT_FOUND */
  get(id: string): PlannedFault {
    return describe(this.#entry(id));
  }

  /** @throws CloudError NOT_FOUND */
  remove(id: string): void {
    this.#entries.splice(this.#entries.indexOf(this.#entry(id)), 1);
  }

  clear(): void {
    this.#entries.length = 0;
  }

  /** The fault that meets a call of this method, the first that was planned; it counts as fired. */
  take(service: string, method: string | undefined): Fault | undefined {
    if (this.#entries.length === 0) return undefined;
    const entry = this.#entries.find(
      ({ plan, fired }) => fired < plan.times && plan.match.service === service && names(plan.match.method, method),
    );
    if (!entry) return undefined;
    entry.fired += 1;
    const { delayMs = 0, respond, breakAfterBytes } = entry.plan;
    return {
      breakAfterBytes,
      before: async (signal) => {
        if (delayMs > 0) await this.#clock.sleep(delayMs, signal);
        if (respond) throw plannedError(respond);
      },
    };
  }

  #entry(id: string): Entry {
    const entry = this.#entries.find((candidate) => candidate.id === id);
    if (entry) return entry;
    throw new CloudError("NOT_FOUND", `There is no fault ${id}.`);
  }
}

function names(planned: string | undefined, method: string | undefined): boolean {
  if (planned === undefined) return true;
  return method !== undefined && (method === planned || method.endsWith(`.${planned}`));
}

function describe({ id, plan, fired }: Entry): PlannedFault {
  return { id, ...plan, fired };
}

function plannedError({ httpStatus, grpcCode, message, reason }: NonNullable<FaultPlan["respond"]>): CloudError {
  const words = Object.entries(STATUS) as [StatusWord, { readonly grpc: number; readonly http: number }][];
  const found = words.find(([, { grpc, http }]) => (grpcCode === undefined ? http === httpStatus : grpc === grpcCode));
  const word = found?.[0] ?? ((httpStatus ?? 500) >= 500 ? "UNAVAILABLE" : "FAILED_PRECONDITION");
  return new CloudError(word, message, {
    ...(httpStatus === undefined ? {} : { httpStatus }),
    ...(reason === undefined ? {} : { reason }),
  });
}

function readPlan(json: unknown, services: readonly string[]): FaultPlan {
  const plan = objectWith(json, "a fault", ["match", "respond", "delayMs", "breakAfterBytes", "times"]);
  const match = objectWith(plan.match, "match", ["service", "method"]);
  if (typeof match.service !== "string" || !services.includes(match.service)) {
    throw wrong(`match.service must be one of ${services.join(", ")}`);
  }
  if (match.method !== undefined && (typeof match.method !== "string" || match.method === "")) {
    throw wrong("match.method must be the name of a method, or absent");
  }
  if (plan.respond === undefined && plan.delayMs === undefined && plan.breakAfterBytes === undefined) {
    throw wrong("a fault does something: respond, delayMs or breakAfterBytes");
  }
  whole(plan.delayMs, "delayMs", 0);
  whole(plan.breakAfterBytes, "breakAfterBytes", 0);
  whole(plan.times, "times", 1);
  if (plan.respond !== undefined) {
    const respond = objectWith(plan.respond, "respond", ["httpStatus", "grpcCode", "message", "reason"]);
    if (typeof respond.message !== "string") throw wrong("respond.message must be a text");
    if ((respond.httpStatus === undefined) === (respond.grpcCode === undefined)) {
      throw wrong("respond needs either httpStatus or grpcCode");
    }
    whole(respond.httpStatus, "respond.httpStatus", 400, 599);
    whole(respond.grpcCode, "respond.grpcCode", 1, 16);
    if (respond.reason !== undefined && typeof respond.reason !== "string")
      throw wrong("respond.reason must be a text");
    if (plan.breakAfterBytes !== undefined) throw wrong("respond and breakAfterBytes exclude each other");
  }
  // The checks above establish the form that the type states.
  return plan as unknown as FaultPlan;
}

function objectWith(value: unknown, what: string, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(`${what} must be an object`);
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) throw wrong(`${what} has no ${unknown}; it may have ${known.join(", ")}`);
  return value as Record<string, unknown>;
}

function whole(value: unknown, what: string, low: number, high = Number.MAX_SAFE_INTEGER): void {
  if (value === undefined || (Number.isInteger(value) && Number(value) >= low && Number(value) <= high)) return;
  throw wrong(
    `${what} must be a whole number ${high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`}`,
  );
}

function wrong(sentence: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", `Fault: ${sentence}.`);
}
