import type { Clock } from "../platform/clock.js";
import type { JsonObject } from "../platform/discovery.js";
import type { Project } from "../platform/service.js";
import type { Catalog } from "./catalog.js";
import type { Engine } from "./engine/engine.js";
import type { Jobs } from "./jobs.js";
import type { BigQueryMl } from "./ml/index.js";
import type { RemoteObjects } from "./objects.js";
import type { StreamedIds } from "./streamedIds.js";

/** What the handlers work with. */
export interface BigQueryContext {
  readonly project: Project;
  readonly clock: Clock;
  readonly random: () => number;
  readonly catalog: Catalog;
  readonly jobs: Jobs;
  readonly streamedIds: StreamedIds;
  readonly objects: RemoteObjects;
  /** Resolves when the engine is warm. */
  readonly engine: () => Promise<Engine>;
  readonly ml: BigQueryMl;
}

/** One request of the API, its body read against the contract. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly origin: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** Answers the JSON body of a success; undefined is an empty one. */
export type Handler = (call: Call, context: BigQueryContext) => Promise<unknown> | unknown;

/** A part of the resource name that the route matched. */
export function parameter(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no ${name}`);
  return value;
}
