import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { type Clock, systemClock } from "../platform/clock.js";
import type { Links, Service, ServiceContext } from "../platform/service.js";
import { openDocumentStore } from "../platform/store.js";
import { listenHttp } from "./httpServer.js";
import { services as installedServices } from "./services.js";

export interface LocalCloudOptions {
  /** Folder of the state; created when missing. Default: a temporary folder, removed by `stop`. */
  readonly stateDir?: string;
  /** Default "activate-local". */
  readonly project?: string;
  /** Port of the REST server; 0, the default, takes a free one. */
  readonly port?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Milliseconds of one stage of a long-running operation; default 60, so that a deployment is seen to run and takes a third of a second. */
  readonly operationStageMs?: number;
  /** What runs; default: every installed service. */
  readonly services?: readonly ((context: ServiceContext) => Service)[];
}

export interface LocalCloud {
  /** `http://127.0.0.1:P` */
  readonly rest: string;
  /** `127.0.0.1:Q` */
  readonly grpc: string;
  readonly project: string;
  readonly stateDir: string;
  stop(): Promise<void>;
}

const OPERATION_STAGE_MS = 60;

/** Starts the local cloud in this process. A second owner of the same state folder is the launcher's business, not ours. */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const ephemeral = options.stateDir === undefined;
  const stateDir = resolve(options.stateDir ?? mkdtempSync(join(tmpdir(), "activate-")));
  mkdirSync(stateDir, { recursive: true });
  const projectId = options.project ?? "activate-local";
  const store = openDocumentStore(join(stateDir, "documents"));
  const links: Links = { registry: undefined, warehouseModels: undefined };
  const context: ServiceContext = {
    project: { id: projectId, number: projectNumber(projectId) },
    stateDir,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    store,
    operationStageMs: options.operationStageMs ?? OPERATION_STAGE_MS,
    links,
  };
  const services: Service[] = (options.services ?? installedServices).map((create) => create(context));
  for (const service of services) await service.start();
  const http = await listenHttp(services, options.port ?? 0);
  const grpc = await listenGrpc(services);

  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    grpc.server.forceShutdown();
    http.server.closeAllConnections();
    await new Promise((done) => http.server.close(done));
    for (const service of [...services].reverse()) await service.stop();
    await store.close();
    if (ephemeral) rmSync(stateDir, { recursive: true, force: true });
  };
  return {
    rest: `http://127.0.0.1:${http.port}`,
    grpc: `127.0.0.1:${grpc.port}`,
    project: projectId,
    stateDir,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

async function listenGrpc(services: readonly Service[]): Promise<{ port: number; server: GrpcServer }> {
  const server = new GrpcServer({ "grpc.max_receive_message_length": 64 * 1024 * 1024 });
  for (const binding of services.flatMap((service) => service.grpc)) {
    server.addService(binding.definition, binding.implementation);
  }
  const port = await new Promise<number>((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? fail(error) : done(bound),
    );
  });
  return { port, server };
}

/** Twelve digits, the same for the same id. */
export function projectNumber(projectId: string): string {
  const digest = createHash("sha256").update(projectId).digest();
  return String(100_000_000_000 + (digest.readUIntBE(0, 6) % 900_000_000_000));
}
