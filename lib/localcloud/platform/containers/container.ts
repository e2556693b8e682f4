/** What a service that runs containers asks of the local cloud. Here a container is a child process of our image's program. */

import type { ContainerLog } from "./log.js";

export interface ContainerSpec {
  /** As the resource spells it: `europe-west1-docker.pkg.dev/p/activate/activate:1`. */
  readonly image: string;
  /** Replaces the image's ENTRYPOINT and drops its CMD, as Docker, Cloud Run and Vertex AI do. */
  readonly command?: readonly string[];
  /** Replaces the image's CMD. */
  readonly args?: readonly string[];
  /** All that the container finds in its environment, beside PATH and where the local cloud answers. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the log, segments joined by slashes: "run/europe-west1/scorer/scorer-00001-abc". Containers may share one. */
  readonly name: string;
}

export interface ContainerExit {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
}

export interface Container {
  /** 0 when the program could not even be started: `exited` tells. */
  readonly pid: number;
  /** Drawn at the start; the log's lines carry it. */
  readonly instanceId: string;
  readonly exited: Promise<ContainerExit>;
  /** Undefined while it runs. */
  readonly exit: ContainerExit | undefined;
  readonly log: ContainerLog;
  /** SIGTERM, and SIGKILL when it still runs after `graceMs` (default 10 s, contracts 6.5). Resolves once it has ended. */
  stop(graceMs?: number): Promise<ContainerExit>;
}

export interface ImageInfo {
  readonly name: string;
  /** Absolute; the container's working directory. */
  readonly folder: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
}

export interface ContainerHost {
  /** @throws CloudError FAILED_PRECONDITION for an image that the local cloud does not have; it says what to do. */
  resolve(image: string): ImageInfo;
  /** @throws CloudError as `resolve` does. A program that does not start is an exit with code 127. */
  start(spec: ContainerSpec): Promise<Container>;
  /** The log of that name, also of containers that have ended, of this cloud's life or an earlier one. */
  log(name: string): ContainerLog;
  /** Forgets the log of that name and all whose names begin with `name/`. */
  removeLogs(name: string): Promise<void>;
  /** Ends every container, each with this grace (default 10 s), and closes the logs. None starts any more. */
  stopAll(graceMs?: number): Promise<void>;
}
