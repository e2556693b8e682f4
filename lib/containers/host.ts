import type { Environment } from "../cloud/config.js";

/** Time as a program sees it; injected, so that a test advances it by hand. */
export interface ContainerClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** All that a program of the image knows of the machine it runs on. */
export interface ContainerHost {
  readonly environment: Environment;
  /** What follows the program's name on the command line. */
  readonly arguments: readonly string[];
  readonly clock: ContainerClock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Writes one line to the container's log; one JSON object a line is read as a structured entry (contracts 6.7). */
  output(line: string): void;
  /** Aborted by SIGTERM: ten seconds are left to end. */
  readonly terminated: AbortSignal;
}

/** A program of the image. Resolves to the container's exit code; the process ends with it. */
export type Program = (host: ContainerHost) => Promise<number>;

/**
 * The address that a serving program listens on: every interface in a real container, as Cloud Run and Vertex AI demand;
 * loopback where the local cloud runs it, since there the laptop's network lies outside.
 */
export function listenAddress(environment: Environment): "0.0.0.0" | "127.0.0.1" {
  return environment.ACTIVATE_LOCAL_REST === undefined ? "0.0.0.0" : "127.0.0.1";
}

/** The host of a process that is a container. */
export function processHost(): ContainerHost {
  const termination = new AbortController();
  process.once("SIGTERM", () => termination.abort(new Error("The container was asked to end (SIGTERM).")));
  return {
    environment: process.env,
    arguments: process.argv.slice(3),
    clock: {
      now: () => Date.now(),
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          signal?.throwIfAborted();
          const callOff = (): void => {
            clearTimeout(timer);
            reject(signal?.reason);
          };
          const timer = setTimeout(() => {
            signal?.removeEventListener("abort", callOff);
            resolve();
          }, ms);
          signal?.addEventListener("abort", callOff, { once: true });
        }),
    },
    random: Math.random,
    output: (line) => void process.stdout.write(`${line}\n`),
    terminated: termination.signal,
  };
}
