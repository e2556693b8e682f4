import { createHash } from "node:crypto";
import { createServer, type Server } from "node:http";
import { DetectorFormatError, loadDetector } from "../../anomaly/index.js";
import type { Environment } from "../../cloud/config.js";
import { connectionsOf, folderOf } from "../folder.js";
import { type ContainerHost, listenAddress, type Program } from "../host.js";
import { log } from "../log.js";
import type { ServedModel } from "./answer.js";
import { handler } from "./server.js";

const EXIT_USAGE = 64;
const EXIT_DATA = 65;
const EXIT_IO = 74;
const MODEL_FILE = "model.json";

/**
 * Serves a detector by Vertex AI's contract of custom containers (contracts 3.9), on Cloud Run as well. The model is `model.json` in the folder
 * `AIP_STORAGE_URI`; the port is `AIP_HTTP_PORT`, else `PORT`, else 8080; the routes are `AIP_HEALTH_ROUTE` and `AIP_PREDICT_ROUTE`, else `/health`
 * and `/predict`. `MODEL_VERSION` names the version in the answers; without it the beginning of the file's hash does. It listens once
 * it can predict, and ends with a line that says why when it never can.
 */
export const run: Program = async (host) => {
  const { environment, terminated } = host;
  const port = Number(environment.AIP_HTTP_PORT ?? environment.PORT ?? 8080);
  if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
    log(host, "CRITICAL", `The port "${environment.AIP_HTTP_PORT ?? environment.PORT}" is none.`);
    return EXIT_USAGE;
  }
  // Before it listens: Cloud Run takes an open port for readiness, and no port opens on a model that cannot be served.
  let model: ServedModel;
  try {
    model = await loadModel(host, environment);
  } catch (error) {
    log(host, "CRITICAL", `No model to serve: ${messageOf(error)}`);
    return error instanceof ModelError ? EXIT_DATA : EXIT_IO;
  }
  const server = createServer(
    handler({
      healthRoute: environment.AIP_HEALTH_ROUTE || "/health",
      predictRoute: environment.AIP_PREDICT_ROUTE || "/predict",
      model,
      failed: (message) => log(host, "ERROR", message),
    }),
  );
  // Longer than the idle time of Google's front ends, so that it is never this side that closes a connection in use.
  server.keepAliveTimeout = 620_000;
  try {
    await listening(server, port, listenAddress(environment));
  } catch (error) {
    log(host, "CRITICAL", `Port ${port} cannot be listened on: ${messageOf(error)}`);
    return EXIT_IO;
  }
  const { kind, featureNames, threshold } = model.detector;
  log(host, "INFO", `Serving ${kind} ${model.version} on port ${port}`, { features: featureNames, threshold });
  if (!terminated.aborted) {
    await new Promise<void>((resolve) => terminated.addEventListener("abort", () => resolve(), { once: true }));
  }
  log(host, "INFO", "Asked to end: no new connections, requests under way are answered");
  await closed(server);
  return 0;
};

class ModelError extends Error {}

async function loadModel(host: ContainerHost, environment: Environment): Promise<ServedModel> {
  const uri = environment.AIP_STORAGE_URI ?? "";
  if (uri === "")
    throw new ModelError("AIP_STORAGE_URI is not set; it is the folder that holds model.json (artifactUri)");
  const folder = folderOf(uri, () => connectionsOf(host));
  const text = await folder.read(MODEL_FILE);
  if (text === undefined) throw new ModelError(`there is no ${MODEL_FILE} in ${uri}`);
  try {
    const version = environment.MODEL_VERSION || createHash("sha256").update(text).digest("hex").slice(0, 12);
    return { detector: loadDetector(text), version };
  } catch (error) {
    if (error instanceof DetectorFormatError) throw new ModelError(`${uri} ${MODEL_FILE}: ${error.message}`);
    throw error;
  }
}

function listening(server: Server, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, resolve);
  });
}

/** Takes no new connections; those there end with the answer that is under way. */
function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.keepAliveTimeout = 1;
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
