/**
 * The part of run v1 that `gcloud run services|revisions list|describe` reads. No npm package carries its contract
 * (Discovery document run.v1); all its other methods are refused by name.
 */

import { CloudError } from "../../platform/errors.js";
import { requireProject } from "../../platform/names.js";
import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import { errorBody } from "../../platform/transport/errorBody.js";
import { DOMAIN, notFound } from "../errors.js";
import type { RevisionRecord, RunStore, ServiceRecord } from "../store.js";
import { toKnativeRevision, toKnativeService } from "./resource.js";

const NAMESPACED = /^\/apis\/serving\.knative\.dev\/v1\/namespaces\/([^/]+)\/(services|revisions)(?:\/([^/:]+))?$/;
/** What the command asks without a region: all of them, at Cloud Run's address for all. */
const LOCATED = /^\/v1\/projects\/([^/]+)\/locations\/([^/]+)\/(services|revisions)(?:\/([^/:]+))?$/;
const ANY = /^\/apis\/(serving|domains|run)\.|^\/v1\/projects\/[^/]+\/locations\/[^/]+\/(services|revisions)\b/;

/** gcloud names the region before the host: `europe-west1-127.0.0.1`. */
const REGION_OF_HOST = /^([a-z]+-[a-z]+\d+)-/;

export const isKnative = (request: HttpRequest): boolean => ANY.test(request.path);

export function handleKnative(store: RunStore, request: HttpRequest): HttpResponse {
  try {
    return answer(store, request);
  } catch (thrown) {
    return errorBody(CloudError.from(thrown), DOMAIN);
  }
}

function answer(store: RunStore, request: HttpRequest): HttpResponse {
  const namespaced = NAMESPACED.exec(request.path);
  const located = LOCATED.exec(request.path);
  const [project = "", location, collection, name] = namespaced
    ? [namespaced[1], regionOf(request), namespaced[2], namespaced[3]]
    : [located?.[1], located?.[2], located?.[3], located?.[4]];
  if (request.method !== "GET" || (!namespaced && !located)) {
    throw new CloudError(
      "UNIMPLEMENTED",
      `The local cloud serves run v1 for reading services and revisions only, not ${request.method} ${request.path}. Use the Admin API v2 to change them.`,
      { reason: "METHOD_NOT_IMPLEMENTED", metadata: { method: `${request.method} ${request.path}` } },
    );
  }
  requireProject(store.names.project, project);
  const region = location === "-" ? undefined : location;
  const found: readonly (ServiceRecord | RevisionRecord)[] =
    collection === "services" ? store.services(region) : revisionsOf(store, region, request);
  const shown = (record: ServiceRecord | RevisionRecord): object =>
    "revision" in record ? toKnativeRevision(store, record) : toKnativeService(store, record);
  if (name === undefined) {
    const kind = collection === "services" ? "ServiceList" : "RevisionList";
    return json({ apiVersion: "serving.knative.dev/v1", kind, metadata: {}, items: found.map(shown) });
  }
  const one = found.find((record) => ("revision" in record ? record.revision : record.service) === name);
  if (!one) {
    const what = collection === "services" ? "SERVICE" : "REVISION";
    throw notFound(what, name, region ?? "-", store.names.project.id);
  }
  return json(shown(one));
}

function revisionsOf(store: RunStore, region: string | undefined, request: HttpRequest): RevisionRecord[] {
  const selector = request.query.get("labelSelector") ?? "";
  const service = /serving\.knative\.dev\/service\s*(?:=|in)\s*\(?([a-z0-9-]+)\)?/.exec(selector)?.[1];
  return store
    .services(region)
    .filter((record) => service === undefined || record.service === service)
    .flatMap((record) => store.revisions(record).reverse());
}

function regionOf({ headers }: HttpRequest): string {
  return REGION_OF_HOST.exec(headers.host ?? "")?.[1] ?? "-";
}

function json(value: object): HttpResponse {
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: `${JSON.stringify(value)}\n`,
  };
}
