import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "../platform/clock.js";
import { CloudError } from "../platform/errors.js";
import type { ModelRegistry, RegisteredWarehouseModel } from "../platform/links.js";
import type { RemoteObjects } from "./objects.js";
import { Peer } from "./peer.js";
import { remoteClock } from "./remoteClock.js";
import { seededRandom } from "./seededRandom.js";
import { BigQuery } from "./service.js";
import type { PredictMessage, SentRequest, SentResponse, WorkerOptions } from "./workerMessages.js";

/**
 * BigQuery's thread: DuckDB, the analyzer and every request of the REST API. Started by `index.ts`; what is asked of the
 * other services goes back through the main thread.
 */

if (!parentPort) throw new Error("worker.ts runs in a worker thread");

const options = workerData as WorkerOptions;

/** How long a thread that has to end waits for the requests under way. */
const ANSWER_MS_MAX = 1_000;

// Node says of every use of WASI that it is experimental; what runs in it is pinned by its hash and tested here.
const emitWarning = process.emitWarning.bind(process) as (...warning: unknown[]) => void;
process.emitWarning = (...warning: unknown[]): void => {
  if (!String(warning[0]).startsWith("WASI is an experimental feature")) emitWarning(...warning);
};

/**
 * What nobody caught ends the thread, but not before DuckDB is at rest: a thread that ends with native calls under way
 * takes the whole process along. The main thread hears of the end, fails what was asked, and starts anew.
 */
let dying = false;
const underWay = new Set<Promise<unknown>>();
function die(cause: unknown): void {
  if (dying) return;
  dying = true;
  console.error("The local BigQuery was interrupted:", cause);
  const answered = Promise.race([Promise.allSettled(underWay), systemClock.sleep(ANSWER_MS_MAX)]);
  void Promise.all([opened, answered])
    .then(([service]) => service.close())
    .catch(() => undefined)
    // The last answers leave before the thread does.
    .then(() => setImmediate(() => process.exit(1)));
}
process.on("uncaughtException", die);

const main: Peer = new Peer(parentPort, {
  handle: async ({ query, ...request }: SentRequest, signal): Promise<SentResponse> => {
    if (dying) {
      throw new CloudError("UNAVAILABLE", "The local BigQuery was interrupted and starts again; try once more.", {
        reason: "backendError",
      });
    }
    const service = await opened;
    const answer = service.handle({ ...request, query: new URLSearchParams(query), signal });
    underWay.add(answer);
    return answer.finally(() => underWay.delete(answer));
  },
  ready: async () => {
    await opened;
  },
  predict: async ({ trainingId, instances }: PredictMessage) => {
    const service = await opened;
    return service.context.ml.predict(trainingId, instances);
  },
  close: async () => {
    const service = await opened.catch(() => undefined);
    await service?.close();
  },
});

const registry: ModelRegistry = {
  register: (model: RegisteredWarehouseModel) => main.call("register", model),
  unregister: (trainingId) => main.call("unregister", trainingId),
  checkUnregister: (trainingId) => main.call("checkUnregister", trainingId),
};

const objects: RemoteObjects = {
  bucketExists: (bucket) => main.call("bucketExists", bucket),
  list: (bucket, prefix) => main.call("listObjects", { bucket, prefix }),
  read: (bucket, name) => main.call("readObject", { bucket, name }),
  write: (bucket, name, content, contentType) => main.call("writeObject", { bucket, name, content, contentType }),
};

const clock = remoteClock(options.clock, main);
const random = seededRandom(options.seed);

const opened: Promise<BigQuery> = BigQuery.open({
  project: options.project,
  folder: options.folder,
  clock,
  random,
  registry,
  objects,
  broken: () => die("the database gave up and is opened anew"),
  openEngine: async (catalog, models) => {
    const { openEngine } = await import("./engine/index.js");
    return openEngine({ catalog, clock, models, objects });
  },
});
opened
  .then(
    // Finishes what a crash left open between here and the Model Registry.
    (service) => service.context.ml.reconcile(options.project.id),
  )
  .catch(() => undefined);
