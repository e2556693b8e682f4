import type { Clock } from "../platform/clock.js";
import type { JsonObject } from "../platform/discovery.js";
import type { Topics } from "../platform/links.js";
import type { HttpResponse, Project } from "../platform/service.js";
import type { BlobStore } from "./blobs.js";
import type { Buckets } from "./buckets.js";
import type { Catalog } from "./catalog.js";
import type { HmacKeys } from "./hmacKeys.js";
import type { Objects } from "./objects.js";
import type { View } from "./resources.js";
import type { Rewrites } from "./rewrites.js";

/** One request of the JSON API, its body read against the contract. */
export interface Call {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly origin: string;
}

/** What the handlers work with. */
export interface StorageState {
  readonly project: Project;
  readonly clock: Clock;
  readonly catalog: Catalog;
  readonly blobs: BlobStore;
  readonly buckets: Buckets;
  readonly objects: Objects;
  readonly rewrites: Rewrites;
  readonly hmacKeys: HmacKeys;
  /** Undefined where Pub/Sub is not part of this local cloud. */
  readonly topics: () => Topics | undefined;
}

/** An answer that is no JSON. */
export class RawAnswer {
  readonly response: HttpResponse;

  constructor(response: HttpResponse) {
    this.response = response;
  }
}

/** Answers the JSON of a success, a RawAnswer, or undefined: nothing (204). */
export type Handler = (call: Call, state: StorageState) => unknown;

/** A part of the path that the route matched. */
export function parameter(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`the route has no ${name}`);
  return value;
}

/** @param asked whether the body or a parameter speaks of access: then the answer does as well. */
export function viewOf(call: Call, { project }: StorageState, asked = false): View {
  const projection = call.query.get("projection");
  return { origin: call.origin, project, full: projection === "full" || (projection === null && asked) };
}

export function isTrue(call: Call, name: string): boolean {
  return call.query.get(name)?.toLowerCase() === "true";
}
