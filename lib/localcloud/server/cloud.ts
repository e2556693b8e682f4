import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { Server as HttpServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Server as GrpcServer, ServerCredentials } from "@grpc/grpc-js";
import { type Clock, systemClock } from "../platform/clock.js";
import type { ContainerHost } from "../platform/containers/container.js";
import { ChildProcessHost, defaultImagesFolder } from "../platform/containers/index.js";
import { Faults } from "../platform/faults.js";
import { Identity } from "../platform/identity.js";
import type { Links, Service, ServiceContext } from "../platform/service.js";
import { type DocumentStore, openDocumentStore } from "../platform/store.js";
import { writeBotoFile } from "./botoFile.js";
import { faultyBinding } from "./faultyGrpc.js";
import { joinBindings } from "./grpcBindings.js";
import { listenHttp } from "./httpServer.js";
import { services as installedServices } from "./services.js";
import type { OtherConnections } from "./tls.js";

export interface LocalCloudOptions {
  /** Folder of the state; created when missing. Default: a temporary folder, removed by `stop`. */
  readonly stateDir?: string;
  /** Default "activate-local". */
  readonly project?: string;
  /** Port of the REST server; 0, the default, takes a free one. */
  readonly port?: number;
  /** Port of the gRPC server; 0, the default, takes a free one. */
  readonly grpcPort?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Milliseconds of one stage of a long-running operation; default 60, so that a deployment is seen to run and takes a third of a second. */
  readonly operationStageMs?: number;
  /** Folder of the container images; default: that of the environment variable ACTIVATE_IMAGES, else the package's own. */
  readonly imagesFolder?: string;
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

/**
 * Starts the local cloud in this process. A second owner of the same state folder is the launcher's business, not ours.
 * @throws the file system's or the network's own error (EADDRINUSE, EACCES, ENOSPC …): whatever had started is freed.
 */
export async function startLocalCloud(options: LocalCloudOptions = {}): Promise<LocalCloud> {
  const ephemeral = options.stateDir === undefined;
  const stateDir = resolve(options.stateDir ?? mkdtempSync(join(tmpdir(), "activate-")));
  mkdirSync(stateDir, { recursive: true });
  const projectId = options.project ?? "activate-local";
  const store = openDocumentStore(join(stateDir, "documents"));
  const links: Links = {
    registry: undefined,
    warehouseModels: undefined,
    warehouseTables: undefined,
    warehouseTableData: undefined,
    objects: undefined,
    logs: [],
    topics: undefined,
  };
  const clock = options.clock ?? systemClock;
  const random = options.random ?? Math.random;
  const address: Record<string, string> = {};
  const containers = new ChildProcessHost({
    folder: join(stateDir, "containers"),
    imagesFolder: options.imagesFolder ?? defaultImagesFolder(),
    clock,
    random,
    address: () => address,
  });
  const context: ServiceContext = {
    project: { id: projectId, number: projectNumber(projectId) },
    stateDir,
    clock,
    random,
    store,
    identity: new Identity(store, clock),
    containers,
    operationStageMs: options.operationStageMs ?? OPERATION_STAGE_MS,
    links,
  };
  const running = new Running(store, containers);
  try {
    const services = (options.services ?? installedServices).map((create) => create(context));
    for (const service of services) {
      running.services.push(service);
      await service.start();
    }
    const describe = (): object => ({
      project: projectId,
      pid: process.pid,
      stateDir,
      services: services.map((service) => ({ name: service.name, state: service.state?.() ?? "ready" })),
    });
    const faults = new Faults(context.clock, () => services.map(({ name }) => name));
    running.http = await listenHttp(services, options.port ?? 0, describe, faults);
    running.grpc = await listenGrpc(services, options.grpcPort ?? 0, faults);
    address.ACTIVATE_LOCAL_REST = `http://127.0.0.1:${running.http.port}`;
    address.ACTIVATE_LOCAL_GRPC = `127.0.0.1:${running.grpc.port}`;
    for (const service of services) service.opened?.();
    writeBotoFile(stateDir, running.http.port, projectId);
    return {
      rest: `http://127.0.0.1:${running.http.port}`,
      grpc: `127.0.0.1:${running.grpc.port}`,
      project: projectId,
      stateDir,
      stop: () => running.stop(ephemeral ? stateDir : undefined),
    };
  } catch (thrown) {
    await running.stop(ephemeral ? stateDir : undefined);
    throw thrown;
  }
}

/** What has been started so far, to be freed in the opposite order: after a stop, or after a start that failed half way. */
class Running {
  readonly services: Service[] = [];
  readonly #store: DocumentStore;
  readonly #containers: ContainerHost;
  http: (Listening<HttpServer> & { readonly others: OtherConnections }) | undefined;
  grpc: Listening<GrpcServer> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(store: DocumentStore, containers: ContainerHost) {
    this.#store = store;
    this.#containers = containers;
  }

  /** Safe to call twice. @param remove a folder that goes with the cloud. */
  stop(remove: string | undefined): Promise<void> {
    this.#stopped ??= this.#stop(remove);
    return this.#stopped;
  }

  async #stop(remove: string | undefined): Promise<void> {
    await Promise.all(this.services.map((service) => service.closing?.()));
    await this.#containers.stopAll(STOP_PATIENCE_MS);
    await Promise.all([closeHttp(this.http), closeGrpc(this.grpc?.server)]);
    for (const service of this.services.reverse()) await service.stop();
    await this.#store.close();
    if (remove !== undefined) rmSync(remove, { recursive: true, force: true });
  }
}

/** Calls under way may finish for this long once we stop; then they are cut off. */
const STOP_PATIENCE_MS = 2_000;

async function closeHttp(http: Running["http"]): Promise<void> {
  if (!http) return;
  const { server, others } = http;
  const closed = new Promise((done) => server.close(done));
  server.closeIdleConnections();
  others.closeIdle();
  const patience = new AbortController();
  const cutOff = systemClock.sleep(STOP_PATIENCE_MS, patience.signal).then(
    () => {
      server.closeAllConnections();
      others.closeAll();
    },
    () => undefined,
  );
  await closed;
  patience.abort();
  await cutOff;
}

async function closeGrpc(server: GrpcServer | undefined): Promise<void> {
  if (!server) return;
  const closed = new Promise<void>((done) => server.tryShutdown(() => done()));
  const patience = new AbortController();
  const cutOff = systemClock.sleep(STOP_PATIENCE_MS, patience.signal).then(
    () => server.forceShutdown(),
    () => undefined,
  );
  await closed;
  patience.abort();
  await cutOff;
}

interface Listening<Server> {
  readonly port: number;
  readonly server: Server;
}

/** Larger messages are refused by RESOURCE_EXHAUSTED; each service has smaller limits of its own. */
const GRPC_MESSAGE_BYTES_MAX = 64 * 1024 * 1024;

async function listenGrpc(services: readonly Service[], port: number, faults: Faults): Promise<Listening<GrpcServer>> {
  const server = new GrpcServer({
    "grpc.max_receive_message_length": GRPC_MESSAGE_BYTES_MAX,
    "grpc.max_send_message_length": GRPC_MESSAGE_BYTES_MAX,
  });
  const bindings = services.flatMap(({ name, grpc }) => grpc.map((binding) => faultyBinding(faults, name, binding)));
  for (const binding of joinBindings(bindings)) {
    server.addService(binding.definition, binding.implementation);
  }
  const bound = await new Promise<number>((done, fail) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
      error ? fail(error) : done(taken),
    );
  });
  return { port: bound, server };
}

/** Twelve digits, the same for the same id. */
export function projectNumber(projectId: string): string {
  const digest = createHash("sha256").update(projectId).digest();
  return String(100_000_000_000 + (digest.readUIntBE(0, 6) % 900_000_000_000));
}
