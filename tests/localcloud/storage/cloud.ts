import { Storage } from "@google-cloud/storage";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import { createStorage } from "activate/localcloud/storage";

export const PROJECT = "activate-local";

export interface Shop {
  readonly cloud: LocalCloud;
  readonly storage: Storage;
  stop(): Promise<void>;
}

/** A local cloud with Cloud Storage alone, and the official client of it. */
export async function openShop(options: Parameters<typeof startLocalCloud>[0] = {}): Promise<Shop> {
  const cloud = await startLocalCloud({ project: PROJECT, services: [createStorage], ...options });
  return { cloud, storage: clientOf(cloud.rest), stop: () => cloud.stop() };
}

/** Retries wait for seconds: a test that wants one asks for it. */
export function clientOf(rest: string, retries = 0): Storage {
  return new Storage({
    projectId: PROJECT,
    apiEndpoint: rest,
    retryOptions: { autoRetry: retries > 0, maxRetries: retries },
  });
}

/** Repeatable bytes that no checksum takes for others. */
export function bytes(length: number, seed = 1): Buffer {
  const result = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    result[at] = state >>> 24;
  }
  return result;
}
