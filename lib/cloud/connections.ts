import type { Config, Environment } from "./config.js";
import { ActivateError } from "./errors.js";

/** Where the clients of one configuration send their requests, and as whom. The only thing in which the targets differ. */
export interface Address {
  /** Root of BigQuery's REST API, such as `http://127.0.0.1:8123`; undefined is Google's own. */
  readonly bigQuery: string | undefined;
  readonly vertex: { readonly host: string; readonly port: number; readonly encrypted: boolean };
  readonly credentials: "application-default" | "none";
}

/**
 * The address of a configuration: Google's regional endpoints for `gcp`, the running local cloud for `local`.
 * @throws ActivateError CONFIGURATION when the local cloud's address is missing or is not a loopback address.
 */
export function addressOf(config: Config, environment: Environment = process.env): Address {
  if (config.target === "gcp") {
    return {
      bigQuery: undefined,
      vertex: { host: `${config.region}-aiplatform.googleapis.com`, port: 443, encrypted: true },
      credentials: "application-default",
    };
  }
  const rest = environment.ACTIVATE_LOCAL_REST;
  const grpc = environment.ACTIVATE_LOCAL_GRPC;
  if (rest === undefined || grpc === undefined) {
    throw new ActivateError(
      "CONFIGURATION",
      "The local cloud is not running for this process: ACTIVATE_LOCAL_REST and ACTIVATE_LOCAL_GRPC are not set. " +
        "In a notebook `await open(...)` starts it; elsewhere run the program by `npx activate exec -- COMMAND`.",
    );
  }
  const restUrl = new URL(rest);
  const grpcUrl = new URL(`grpc://${grpc}`);
  for (const { hostname } of [restUrl, grpcUrl]) {
    if (hostname !== "127.0.0.1" && hostname !== "localhost" && hostname !== "[::1]") {
      throw new ActivateError(
        "CONFIGURATION",
        `The local cloud listens on this machine only, and ${hostname} is another one. For Google Cloud set ACTIVATE_TARGET=gcp.`,
      );
    }
  }
  return {
    bigQuery: restUrl.origin,
    vertex: { host: grpcUrl.hostname, port: Number(grpcUrl.port), encrypted: false },
    credentials: "none",
  };
}

interface Closable {
  close(): Promise<unknown>;
}

/** The clients of one configuration, each made at its first use and shared. Close it, or the process stays alive. */
export class Connections {
  readonly #clients = new Map<string, Promise<unknown>>();
  readonly #closables: Closable[] = [];

  constructor(
    readonly config: Config,
    readonly address: Address = addressOf(config),
  ) {}

  /** The client of that name, made by `create` when it is asked for the first time. */
  once<Client>(name: string, create: () => Promise<Client>): Promise<Client> {
    const made = this.#clients.get(name) ?? create();
    this.#clients.set(name, made);
    return made as Promise<Client>;
  }

  /** Has `close` called with the rest. */
  closeLater(closable: Closable): void {
    this.#closables.push(closable);
  }

  async close(): Promise<void> {
    this.#clients.clear();
    await Promise.all(this.#closables.splice(0).map((closable) => closable.close()));
  }
}
