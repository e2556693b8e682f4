import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { DiscoveryRoute } from "../platform/discovery.js";
import { CloudError } from "../platform/errors.js";
import type { HttpRequest, HttpResponse, ServiceContext } from "../platform/service.js";
import { batch } from "./batch.js";
import { BlobStore } from "./blobs.js";
import { Buckets } from "./buckets.js";
import { type Call, RawAnswer, type StorageState } from "./call.js";
import { Catalog } from "./catalog.js";
import { bodyRules, discovery, discoveryDocument } from "./contract.js";
import { errorBody, invalid, notFound } from "./errors.js";
import { handlers, unserved } from "./handlers/index.js";
import { HmacKeys } from "./hmacKeys.js";
import { JSON_BODY_BYTES_MAX } from "./limits.js";
import { SharedLocks } from "./locks.js";
import { notifier } from "./notifier.js";
import { Objects } from "./objects.js";
import { selectFields } from "./partial.js";
import { Rewrites } from "./rewrites.js";
import { Sessions } from "./transfer/resumable.js";
import { PlainError, Uploads } from "./transfer/uploads.js";
import { isForm } from "./xml/formUpload.js";
import { MultipartUploads } from "./xml/multipart.js";
import { placeOf, XmlService } from "./xml/service.js";
import { isSigned } from "./xml/signature.js";

const JSON_HEADERS = {
  "content-type": "application/json; charset=UTF-8",
  "cache-control": "no-cache, no-store, max-age=0, must-revalidate",
};

/** `/upload/…`, also below the prefix that a client's address may carry already, and gsutil's `/resumable/upload/…`. */
const UPLOAD = /^(?:\/storage\/v1)?(?:\/resumable)?\/upload\/storage\/v1\/b\/([^/]+)\/o$/;
const BATCH = /^\/batch(?:\/storage\/v1)?$/;
const DISCOVERY = "/discovery/v1/apis/storage/v1/rest";
/** The JSON API with its prefix, for downloads too; without it, for clients whose whole base address was replaced (contracts 5.1). */
const API = /^\/(?:download\/)?storage\/v1\/(.*)$/;
const BARE = /^\/((?:b|channels)(?:\/.*)?|projects\/[^/]+\/hmacKeys(?:\/.*)?)$/;
/** First segments of other services' paths: no bucket of such a name is reached by its XML path. */
const RESERVED =
  /^\/(?:v\d\w*|_activate|projects|bigquery|upload|resumable|discovery|oauth2|token|\$discovery)(?:\/|$)/;

/** Cloud Storage over one state folder. Knows no sockets. */
export class Storage {
  readonly state: StorageState;
  readonly sessions: Sessions;
  readonly multipart: MultipartUploads;
  readonly #uploads: Uploads;
  readonly #xml: XmlService;

  constructor({ project, clock, store, stateDir, links }: ServiceContext) {
    const catalog = new Catalog(store, clock);
    const blobs = new BlobStore(join(stateDir, "storage", "objects"));
    const locks = new SharedLocks();
    const parts = { project, clock, catalog, blobs, locks };
    this.state = {
      ...parts,
      buckets: new Buckets(parts),
      objects: new Objects({ ...parts, listener: notifier(links, project) }),
      rewrites: new Rewrites(),
      hmacKeys: new HmacKeys(store, clock),
      topics: () => links.topics,
    };
    this.sessions = new Sessions(join(stateDir, "storage", "uploads"), store, clock);
    this.#uploads = new Uploads(this.state, this.sessions);
    this.multipart = new MultipartUploads(this.state, store);
    this.#xml = new XmlService(this.state, this.#uploads, this.multipart);
  }

  owns(request: HttpRequest): boolean {
    const { path, query, headers } = request;
    if (UPLOAD.test(path) || BATCH.test(path) || API.test(path) || BARE.test(path) || path === DISCOVERY) return true;
    // Both BigQuery and Storage have this method where the address carries no prefix.
    if (/^\/projects\/[^/]+\/serviceAccount$/.test(path)) return /storage/.test(headers["user-agent"] ?? "");
    if (RESERVED.test(path)) return false;
    const { bucketName } = placeOf(path);
    if (bucketName === "") return isForm(request);
    return this.state.catalog.findBucket(bucketName) !== undefined || isSigned(query);
  }

  /** Uploads may be longer than memory; everything else is small. */
  streams({ path, method }: HttpRequest): boolean {
    if (UPLOAD.test(path)) return true;
    return (method === "PUT" || method === "POST") && !BATCH.test(path) && apiPath(path) === undefined;
  }

  /** For planned faults: "objects.insert". */
  methodOf({ method, path }: HttpRequest): string | undefined {
    if (UPLOAD.test(path)) return "objects.insert";
    const inner = apiPath(path);
    return inner === undefined ? undefined : discovery.find(method, inner)?.method;
  }

  /** Answers a request; whatever goes wrong is an answer too. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#answer(request);
    } catch (thrown) {
      return failure(request, thrown);
    }
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const { path, origin } = request;
    const bucket = UPLOAD.exec(path)?.[1];
    if (bucket !== undefined) return this.#uploads.handle(request, decodeURIComponent(bucket));
    if (BATCH.test(path)) return batch(request, (inner) => this.handle(inner));
    if (path === DISCOVERY) return { status: 200, headers: JSON_HEADERS, body: discoveryDocument(origin) };
    const inner = apiPath(path);
    if (inner === undefined) return this.#xml.handle(request);
    const channel = this.#channel(request, inner);
    if (channel) throw channel;
    const method = request.headers["x-http-method-override"] ?? request.method;
    const route = discovery.find(method, inner);
    if (!route) throw notFound();
    const handler = handlers[route.method] ?? unserved(route.method);
    const isDownload = path.startsWith("/download/") && route.method === "objects.get";
    return respond(await handler(callOf(request, route, isDownload), this.state), request);
  }

  /** Object change notification of old: addresses on the web that nobody here owns (the contract has it no longer). */
  #channel(request: HttpRequest, inner: string): CloudError | undefined {
    if (request.method !== "POST") return undefined;
    const sent = (): { readonly id?: string; readonly address?: string } => jsonOf(request) as object;
    if (inner === "channels/stop") {
      return new CloudError(
        "NOT_FOUND",
        `Channel '${sent().id ?? ""}' not found for project '${this.state.project.id}'`,
        {
          reason: "notFound",
        },
      );
    }
    if (!/^b\/[^/]+\/o\/watch$/.test(inner)) return undefined;
    return new CloudError("UNAUTHENTICATED", `Unauthorized WebHook callback channel: ${sent().address ?? ""}`, {
      reason: "push.webhookUrlUnauthorized",
    });
  }
}

/** The path within the JSON API; undefined where it belongs to another. */
function apiPath(path: string): string | undefined {
  const inner = API.exec(path)?.[1] ?? BARE.exec(path)?.[1];
  return inner ?? /^\/(projects\/[^/]+\/serviceAccount)$/.exec(path)?.[1];
}

function callOf(request: HttpRequest, route: DiscoveryRoute, isDownload: boolean): Call {
  const { headers, origin } = request;
  const query = new URLSearchParams(request.query);
  if (isDownload) query.set("alt", "media");
  const body = route.requestSchema === undefined ? {} : discovery.read(route.requestSchema, jsonOf(request), bodyRules);
  return { params: route.params, query, headers, body, origin };
}

/** @throws CloudError invalid */
function jsonOf({ body, headers }: HttpRequest): unknown {
  if (body.byteLength > JSON_BODY_BYTES_MAX) throw invalid("The request body is too long.");
  const bytes = headers["content-encoding"] === "gzip" && body[0] === 0x1f ? gunzipSync(body) : body;
  const text = Buffer.from(bytes).toString("utf8").trim();
  if (text === "") return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new CloudError("INVALID_ARGUMENT", "Parse Error", { reason: "parseError" });
  }
}

function respond(result: unknown, { query }: HttpRequest): HttpResponse {
  if (result instanceof RawAnswer) return result.response;
  if (result === undefined) return { status: 204, headers: {} };
  const { etag } = result as { readonly etag?: string };
  return {
    status: 200,
    headers: { ...JSON_HEADERS, ...(etag === undefined ? {} : { etag }) },
    body: JSON.stringify(selectFields(result, query.get("fields"))),
  };
}

function failure({ query, path, method }: HttpRequest, thrown: unknown): HttpResponse {
  if (thrown instanceof PlainError) {
    return { status: thrown.status, headers: { "content-type": "text/plain; charset=UTF-8" }, body: thrown.message };
  }
  const error = CloudError.from(thrown);
  if (error.httpStatus === 304) return { status: 304, headers: {} };
  // The media path answers in plain text (contracts 5.4).
  const isMedia = method === "GET" && (query.get("alt") === "media" || path.startsWith("/download/"));
  if (isMedia) {
    const headers = { "content-type": "text/html; charset=UTF-8" };
    return { status: error.httpStatus, headers, body: error.message };
  }
  return { status: error.httpStatus, headers: JSON_HEADERS, body: errorBody(error) };
}
