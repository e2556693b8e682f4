import { v2 } from "@google-cloud/run";
import type { LocalCloud } from "activate/localcloud";
import { clientOptions, type Transport } from "../vertex/clients.js";

export { clientOptions, failureOf, TRANSPORTS, type Transport } from "../vertex/clients.js";

export const PARENT = "projects/activate-local/locations/europe-west1";
export const SERVICE = `${PARENT}/services/scorer`;

export interface Clients {
  readonly services: v2.ServicesClient;
  readonly revisions: v2.RevisionsClient;
  readonly jobs: v2.JobsClient;
  close(): Promise<void>;
}

/** The unmodified official clients, pointed at a local cloud. */
export function createClients(cloud: LocalCloud, transport: Transport): Clients {
  const options = clientOptions(cloud, transport);
  const services = new v2.ServicesClient(options);
  const revisions = new v2.RevisionsClient(options);
  const jobs = new v2.JobsClient(options);
  return {
    services,
    revisions,
    jobs,
    close: async () => {
      await Promise.all([services.close(), revisions.close(), jobs.close()]);
    },
  };
}

/** A clock that runs faster than ours, so that ten seconds of waiting are no ten seconds of testing. */
export function fastClock(factor: number): {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
} {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * factor,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal?.throwIfAborted();
        const abort = (): void => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener("abort", abort);
          resolve();
        }, ms / factor);
        signal?.addEventListener("abort", abort, { once: true });
      }),
  };
}
