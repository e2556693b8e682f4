/** A detector behind an endpoint of our local cloud, and a network of its size behind FastAPI, both as running servers. */

import { join } from "node:path";
import { fitDetector, saveDetector } from "../anomaly/index.js";
import { ROOT } from "../cli/paths.js";
import {
  addressOf,
  CloudStorage,
  Connections,
  configFrom,
  type Endpoint,
  Endpoints,
  ModelRegistry,
} from "../cloud/index.js";
import { freePort } from "../localcloud/platform/containers/index.js";
import type { BenchContext } from "./bench.js";
import { answers, startProgram } from "./processes.js";
import { benchPython } from "./python.js";
import { PROJECT, startOurs } from "./servers.js";

export const CALLERS = 32;
const INSTANCES = 10;
const NETWORK = { networks: 1, hiddenUnits: 48, epochs: 20, batchSize: 200 } as const;

/** Seven features of three numbers; the rows of peers/endpoint.py, by the same arithmetic. */
function rowsOf(count: number): Record<string, number>[] {
  const share = (row: number, multiplier: number, modulus: number) => (((row + 1) * multiplier) % modulus) / modulus;
  return Array.from({ length: count }, (_, row) => {
    const [a, b, c] = [share(row, 48271, 1000003), share(row, 69621, 998244), share(row, 16807, 999983)];
    return { a, b, c, d: a + b, e: a * b, f: b - c, g: a * b * c };
  });
}

/** Requests of ten instances each, as bodies and as rows. */
export function requestsOf(rows: number): readonly (readonly Record<string, number>[])[] {
  const all = rowsOf(rows);
  return Array.from({ length: Math.floor(rows / INSTANCES) }, (_, index) =>
    all.slice(index * INSTANCES, (index + 1) * INSTANCES),
  );
}

export interface ServedDetector {
  readonly connections: Connections;
  readonly endpoints: Endpoints;
  readonly endpoint: Endpoint;
  /** Where Vertex AI's REST API takes predictions of the endpoint. */
  readonly url: string;
}

/**
 * Trains an autoencoder (one network, 7-48-48-7, as the peer has), registers it `versions` times, and deploys each to one endpoint; the first has all
 * of the traffic.
 */
export async function serveDetector(context: BenchContext, rows: number, versions = 1): Promise<ServedDetector> {
  const { rest, grpc } = await startOurs(context);
  const environment = { ACTIVATE_PROJECT: PROJECT, ACTIVATE_LOCAL_REST: rest, ACTIVATE_LOCAL_GRPC: grpc };
  const config = configFrom(environment);
  const connections = new Connections(config, addressOf(config, environment));
  context.afterwards(() => connections.close());
  const storage = new CloudStorage(connections);
  await storage.ensureBucket();
  const table = rowsOf(rows);
  const columns = Object.fromEntries(
    ["a", "b", "c", "d", "e", "f", "g"].map((name) => [name, Float64Array.from(table, (row) => row[name] ?? 0)]),
  );
  const detector = fitDetector("autoencoder", columns, { settings: NETWORK });
  const registry = new ModelRegistry(connections);
  const endpoints = new Endpoints(connections);
  let endpoint: Endpoint = await endpoints.ensure({ displayName: "bench" });
  for (let version = 1; version <= versions; version++) {
    const artifactUri = `gs://${config.bucket}/bench/${version}/`;
    await storage.upload(`${artifactUri}model.json`, saveDetector(detector));
    const registered = await registry.register({ modelId: "bench", artifactUri });
    endpoint = await endpoints.deploy({ endpoint, ...registered, traffic: version === 1 ? 100 : 0 });
  }
  return { connections, endpoints, endpoint, url: `${rest}/v1/${endpoint.name}:predict` };
}

/** Starts FastAPI with two workers of uvicorn. @returns where it predicts. @throws PeerAbsent */
export async function serveFastApi(context: BenchContext, rows: number): Promise<string> {
  const python = benchPython(context);
  const port = await freePort();
  const words = ["-m", "uvicorn", "endpoint:app", "--workers", "2", "--port", String(port), "--log-level", "error"];
  const program = await startProgram(python.interpreter, [...words, "--no-access-log"], {
    cwd: join(ROOT, "lib", "bench", "peers"),
    env: { ...process.env, ENDPOINT_ROWS: String(rows), OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" },
  });
  context.afterwards(() => program.stop());
  await answers(`http://127.0.0.1:${port}/health`);
  return `http://127.0.0.1:${port}/predict`;
}

/** Calls `call` with each index once, by callers that each wait for their answer. @returns milliseconds of each call. */
export async function callAll(
  count: number,
  callers: number,
  call: (index: number) => Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      const began = performance.now();
      await call(index);
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** A prediction over plain HTTP. @throws Error unless it succeeds. */
export async function post(url: string, instances: readonly object[]): Promise<readonly unknown[]> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ instances }),
  });
  if (!response.ok) throw new Error(`${response.status} ${(await response.text()).slice(0, 500)}`);
  return ((await response.json()) as { predictions: readonly unknown[] }).predictions;
}
