import type { Readable } from "node:stream";
import type { ServiceDefinition, UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Clock } from "./clock.js";
import type { ContainerHost } from "./containers/container.js";
import type { Identity } from "./identity.js";
import type {
  LogSource,
  ModelRegistry,
  StorageObjects,
  Topics,
  WarehouseModels,
  WarehouseTableData,
  WarehouseTables,
} from "./links.js";
import type { DocumentStore } from "./store.js";

/** One HTTP request, read whole unless its service streams; handlers know no sockets. */
export interface HttpRequest {
  readonly method: string;
  /** Path as sent, percent-encoded, without the query string. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body as it arrives, still compressed, of a request that its service takes as a stream: `body` is empty then. */
  readonly stream?: Readable;
  /** `http://host:port` as the caller addressed us (for `selfLink` and upload locations). */
  readonly origin: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or bytes go out as they are; undefined is an empty body. */
  readonly body?: string | Uint8Array;
  /** Goes out instead of `body`, piece by piece; a `content-length` among the headers says how much it is. */
  readonly stream?: Readable;
}

/** What every service is given. */
export interface ServiceContext {
  readonly project: Project;
  /** Absolute folder of this cloud's state; each service keeps to a folder or a store of its own name. */
  readonly stateDir: string;
  readonly clock: Clock;
  /** Uniform in [0, 1); injected, so that a test is repeatable. */
  readonly random: () => number;
  readonly store: DocumentStore;
  /** Issues and verifies the tokens of service accounts. */
  readonly identity: Identity;
  /**
   * Length in milliseconds of one stage of a long-running operation, by the clock; 0 finishes operations within the
   * call that starts them.
   */
  readonly operationStageMs: number;
  /** Runs container images as child processes; not before the service was told `opened`. */
  readonly containers: ContainerHost;
  /** What services ask of each other, filled in before `start`. */
  readonly links: Links;
}

export interface Links {
  registry: ModelRegistry | undefined;
  warehouseModels: WarehouseModels | undefined;
  warehouseTables: WarehouseTables | undefined;
  warehouseTableData: WarehouseTableData | undefined;
  objects: StorageObjects | undefined;
  topics: Topics | undefined;
  /** Each service with containers adds its own. */
  readonly logs: LogSource[];
}

export interface Project {
  readonly id: string;
  /** Google answers with project numbers in resource names; ours is derived from the id. */
  readonly number: string;
}

export interface GrpcBinding {
  /**
   * Is the resource that the request names one of this service's? Asked where several services have the same gRPC
   * service (google.iam.v1.IAMPolicy, google.longrunning.Operations).
   */
  owns(method: string, request: Buffer): boolean;
  readonly definition: ServiceDefinition;
  readonly implementation: UntypedServiceImplementation;
}

/** A service of the local cloud as a value: its contract, its handlers, its background work. */
export interface Service {
  readonly name: string;
  /** Does this service own the path? The first service that says yes answers. */
  owns(request: HttpRequest): boolean;
  handle(request: HttpRequest): Promise<HttpResponse>;
  /** Whether this request's body must be handed over as a stream, because it may be longer than memory; default: never. */
  streams?(request: HttpRequest): boolean;
  /** Which method a REST request calls ("PredictionService.Predict"); absent: none can be picked for a planned fault. */
  methodOf?(request: HttpRequest): string | undefined;
  readonly grpc: readonly GrpcBinding[];
  /** Told by `GET /` of the REST server; absent is "ready". */
  state?(): "ready" | "warming up" | "failed";
  /** Returns as soon as the service can take requests; what warms up longer goes on in the background. */
  start(): Promise<void>;
  /** The cloud listens: containers that call it may start. */
  opened?(): void;
  /** The cloud is about to stop and answers still: what calls it (containers) is to be ended now. */
  closing?(): Promise<void>;
  /** Finishes what is under way, makes it durable, frees everything. Safe to call twice. */
  stop(): Promise<void>;
}
