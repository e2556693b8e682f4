import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { systemClock } from "../platform/clock.js";
import { CloudError } from "../platform/errors.js";
import type { RegisteredWarehouseModel, WarehouseModels } from "../platform/links.js";
import type { HttpRequest, HttpResponse, Service, ServiceContext } from "../platform/service.js";
import { discovery } from "./discovery.js";
import { Peer } from "./peer.js";
import { tableLink } from "./tableLink.js";
import type { ObjectMessage, SentRequest, WorkerOptions, WrittenObjectMessage } from "./workerMessages.js";

/** Bodies below this are copied to the worker, longer ones handed over. */
const TRANSFER_BYTES_MIN = 64 * 1024;

/** How long `stop` waits for the worker to close its files; queries under way are interrupted first. */
const CLOSE_MS_MAX = 10_000;

/** `/bigquery/v2/…`, the uploads, Discovery, and the bare paths of clients whose whole base address was replaced (contracts 2.1). */
const OWNED =
  /^\/(?:bigquery\/|upload\/bigquery\/|resumable\/upload\/bigquery\/|discovery\/v1\/apis\/bigquery\/|projects$|projects\/[^/]+\/(?:datasets|jobs|queries|serviceAccount)(?:[/:]|$))/;

/** BigQuery: the REST API v2 over a worker thread of its own. */
export function bigquery(context: ServiceContext): Service {
  const thread = new BigQueryThread(context);
  context.links.warehouseModels = thread;
  const tables = tableLink((request) => thread.handle(request));
  context.links.warehouseTables = tables;
  context.links.warehouseTableData = tables;
  return {
    name: "bigquery",
    owns: ({ path, query }) =>
      OWNED.test(path) || (path === "/$discovery/rest" && (query.get("version") ?? "v2") === "v2"),
    handle: (request) => thread.handle(request),
    methodOf: ({ method, path }) => discovery.find(method, path.replace(/^\/(?:bigquery\/v2\/)?/, ""))?.method,
    grpc: [],
    start: () => thread.start(),
    stop: () => thread.stop(),
  };
}

/** Keeps the worker alive: one that dies fails its requests and is started anew with the next. */
class BigQueryThread implements WarehouseModels {
  readonly #context: ServiceContext;
  readonly #sharedNow: Float64Array | undefined;
  #running: { readonly worker: Worker; readonly peer: Peer } | undefined;
  #stopping = false;

  constructor(context: ServiceContext) {
    this.#context = context;
    if (context.clock !== systemClock) this.#sharedNow = new Float64Array(new SharedArrayBuffer(8));
  }

  /** Resolves when the state is open; the analyzer warms up behind. @throws Error when the state cannot be opened. */
  async start(): Promise<void> {
    await this.#peer().call("ready", undefined);
  }

  async handle(request: HttpRequest): Promise<HttpResponse> {
    const { query, signal, body, ...rest } = request;
    const whole = body.byteLength >= TRANSFER_BYTES_MIN && body.byteLength === body.buffer.byteLength;
    const sent: SentRequest = { ...rest, query: query.toString(), body: whole ? body : body.slice() };
    const transfer = sent.body.byteLength >= TRANSFER_BYTES_MIN ? [sent.body.buffer as ArrayBuffer] : [];
    return this.#peer().call<HttpResponse>("handle", sent, { signal, transfer });
  }

  predict(
    trainingId: string,
    instances: readonly Readonly<Record<string, unknown>>[],
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.#peer().call("predict", { trainingId, instances });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    const patience = new AbortController();
    const closed = running.peer.call("close", undefined).then(
      () => true,
      () => true,
    );
    const late = systemClock.sleep(CLOSE_MS_MAX, patience.signal).then(
      () => false,
      () => false,
    );
    const atRest = await Promise.race([closed, late]);
    patience.abort();
    if (atRest) await running.worker.terminate();
    // What is acknowledged is on disk already. A thread that is ended in the middle of native code takes the whole
    // process along, so one that will not come to rest is left to end by itself, or with the process.
    else running.worker.unref();
  }

  /** The live worker's peer. The time is shared before anything is said. */
  #peer(): Peer {
    if (this.#stopping)
      throw new CloudError("UNAVAILABLE", "The local BigQuery is being stopped.", { reason: "backendError" });
    if (this.#sharedNow) this.#sharedNow[0] = this.#context.clock.now();
    this.#running ??= this.#launch();
    return this.#running.peer;
  }

  #launch(): { readonly worker: Worker; readonly peer: Peer } {
    const { project, stateDir, clock, random } = this.#context;
    const options: WorkerOptions = {
      project,
      folder: join(stateDir, "bigquery"),
      clock: this.#sharedNow ? { now: this.#sharedNow.buffer as SharedArrayBuffer } : {},
      seed: [random(), random(), random(), random()],
    };
    const worker = new Worker(join(__dirname, "worker.js"), { workerData: options });
    const peer = new Peer(worker, {
      sleep: async (ms: number, signal: AbortSignal) => {
        await clock.sleep(ms, signal);
        if (this.#sharedNow) this.#sharedNow[0] = clock.now();
      },
      register: (model: RegisteredWarehouseModel) => this.#registry().register(model),
      unregister: (trainingId: string) => this.#registry().unregister(trainingId),
      checkUnregister: (trainingId: string) => this.#registry().checkUnregister(trainingId),
      bucketExists: async (bucket: string) => this.#objects().bucketExists(bucket),
      listObjects: async ({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }) =>
        this.#objects().list(bucket, prefix),
      readObject: ({ bucket, name }: ObjectMessage) => this.#objects().read(bucket, name),
      writeObject: async ({ bucket, name, content, contentType }: WrittenObjectMessage) => {
        await this.#objects().write(bucket, name, content, contentType);
      },
    });
    const gone = (cause: unknown): void => {
      if (this.#running?.worker === worker) this.#running = undefined;
      peer.fail(
        new CloudError("UNAVAILABLE", "The local BigQuery was interrupted and starts again; try once more.", {
          reason: "backendError",
          cause,
        }),
      );
    };
    worker.on("error", gone);
    worker.on("exit", gone);
    return { worker, peer };
  }

  #objects() {
    const { objects } = this.#context.links;
    if (objects) return objects;
    throw new CloudError(
      "UNIMPLEMENTED",
      "Cloud Storage is not part of this local cloud: upload the file with the job.",
      {
        reason: "notImplemented",
      },
    );
  }

  #registry() {
    const { registry } = this.#context.links;
    if (!registry) {
      throw new CloudError(
        "UNIMPLEMENTED",
        "The Vertex AI Model Registry is not part of this local cloud: leave model_registry out.",
        {
          reason: "notImplemented",
        },
      );
    }
    return registry;
  }
}
