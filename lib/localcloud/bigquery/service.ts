import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Clock } from "../platform/clock.js";
import type { DiscoveryRoute } from "../platform/discovery.js";
import { CloudError } from "../platform/errors.js";
import type { ModelRegistry } from "../platform/links.js";
import type { HttpRequest, HttpResponse, Project } from "../platform/service.js";
import { type Catalog, openCatalog } from "./catalog.js";
import type { BigQueryContext, Call } from "./context.js";
import { discovery, discoveryDocument } from "./discovery.js";
import { readBody } from "./discoveryRequest.js";
import { type Database, openDatabase } from "./engine/database.js";
import type { Engine } from "./engine/engine.js";
import type { ModelHook } from "./engine/modelHook.js";
import { errorBody, invalid } from "./errors.js";
import { Expirations } from "./expiration.js";
import { handlers, unserved } from "./handlers/index.js";
import { Uploads } from "./handlers/uploads.js";
import { Jobs } from "./jobs.js";
import { createBigQueryMl } from "./ml/index.js";
import { parseJsonExact } from "./numbers.js";
import type { RemoteObjects } from "./objects.js";
import { RawJson } from "./rawJson.js";
import { ResultStore } from "./results.js";
import { StreamedIds } from "./streamedIds.js";

export interface BigQueryOptions {
  readonly project: Project;
  /** Folder of the state; made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly registry: ModelRegistry;
  readonly objects: RemoteObjects;
  /** Makes the engine over the opened catalog; runs in the background, the first query waits for it. */
  readonly openEngine: (catalog: Catalog, models: ModelHook) => Promise<Engine>;
  /** Called when the database has given up: nothing works until it is opened anew. */
  readonly broken?: () => void;
}

const JSON_HEADERS = { "content-type": "application/json; charset=UTF-8", "cache-control": "no-cache" };

/** BigQuery's REST API over one state folder. Knows nothing of threads or sockets. */
export class BigQuery {
  readonly context: BigQueryContext;
  readonly #database: Database;
  readonly #engine: Promise<Engine>;
  readonly #uploads = new Uploads();
  readonly #expirations: Expirations;

  private constructor(context: BigQueryContext, database: Database, engine: Promise<Engine>) {
    this.context = context;
    this.#database = database;
    this.#engine = engine;
    this.#expirations = new Expirations(context.catalog);
  }

  /** @throws Error when the folder cannot be written or its files are damaged. */
  static async open(options: BigQueryOptions): Promise<BigQuery> {
    const { clock, random, project, registry } = options;
    const database = await openDatabase(options.folder, options.broken);
    const catalog = await openCatalog(database, () => clock.now());
    const jobs = await Jobs.open(catalog, clock, random, new ResultStore(join(options.folder, "results")));
    const now = () => clock.now();
    const ml = createBigQueryMl({
      catalog,
      registry: () => registry,
      now,
      clock,
      projectId: project.id,
      functionsReady: () => engine,
    });
    const engine: Promise<Engine> = new Promise((resolve) => setImmediate(resolve)).then(() =>
      options.openEngine(catalog, ml.hook),
    );
    // A failure to warm up is told to each query that asks.
    engine.catch(() => undefined);
    const context = {
      project,
      clock,
      random,
      catalog,
      jobs,
      ml,
      streamedIds: new StreamedIds(clock),
      objects: options.objects,
      engine: () => engine,
    };
    return new BigQuery(context, database, engine);
  }

  /** Answers a request; whatever goes wrong is an answer too. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    try {
      await this.#expirations.sweep(this.context.clock.now());
      return await this.#answer(request);
    } catch (thrown) {
      const error = CloudError.from(thrown);
      return { status: error.httpStatus, headers: JSON_HEADERS, body: errorBody(error) };
    }
  }

  async close(): Promise<void> {
    this.context.jobs.close();
    const engine = await this.#engine.catch(() => undefined);
    await engine?.close();
    await this.#database.close();
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const { path } = request;
    if (path === "/$discovery/rest" || path === "/discovery/v1/apis/bigquery/v2/rest") {
      return { status: 200, headers: JSON_HEADERS, body: discoveryDocument(request.origin) };
    }
    const upload = /^(?:\/bigquery\/v2)?(?:\/resumable)?\/upload\/bigquery\/v2\/projects\/([^/]+)\/jobs$/.exec(path);
    if (upload?.[1] && (request.method === "POST" || request.method === "PUT")) {
      return this.#uploads.handle(request, decodeURIComponent(upload[1]), this.context);
    }
    const method = request.headers["x-http-method-override"] ?? request.method;
    const route = discovery.find(method, path.replace(/^\/bigquery\/v2\//, "").replace(/^\//, ""));
    if (!route) {
      throw new CloudError("NOT_FOUND", `Not found: ${method} ${path} is no method of the BigQuery API v2.`, {
        reason: "notFound",
      });
    }
    const handler = handlers[route.method] ?? unserved(route.method);
    return respond(await handler(callOf(request, route), this.context));
  }
}

function callOf(request: HttpRequest, route: DiscoveryRoute): Call {
  const { query, headers, origin, signal } = request;
  const body = route.requestSchema === undefined ? {} : readBody(route.requestSchema, jsonOf(request));
  return { params: route.params, query, headers, body, origin, signal };
}

/** @throws CloudError invalid */
function jsonOf(request: HttpRequest): unknown {
  const bytes = request.headers["content-encoding"] === "gzip" ? gunzipSync(request.body) : request.body;
  if (bytes.byteLength === 0) return {};
  try {
    return parseJsonExact(new TextDecoder().decode(bytes));
  } catch (thrown) {
    throw invalid(
      `Invalid JSON payload received. ${thrown instanceof Error ? thrown.message : "It cannot be parsed."}`,
    );
  }
}

function respond(result: unknown): HttpResponse {
  if (result === undefined) return { status: 204, headers: {}, body: "" };
  return { status: 200, headers: JSON_HEADERS, body: result instanceof RawJson ? result.text : JSON.stringify(result) };
}
