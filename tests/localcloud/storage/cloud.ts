import assert from "node:assert/strict";
import { Storage } from "@google-cloud/storage";
import { type LocalCloud, startLocalCloud } from "activate/localcloud";
import type { HttpRequest, HttpResponse } from "activate/localcloud/platform/service.js";
import { createStorage } from "activate/localcloud/storage";
import { discovery } from "activate/localcloud/storage/contract.js";
import { checkShape } from "./contractCheck.js";

export const PROJECT = "activate-local";

export interface Shop {
  readonly cloud: LocalCloud;
  readonly storage: Storage;
  stop(): Promise<void>;
}

/** A local cloud with Cloud Storage alone, and the official client of it. Its `stop` fails if an answer broke the contract. */
export async function openShop(options: Parameters<typeof startLocalCloud>[0] = {}): Promise<Shop> {
  const broken: unknown[] = [];
  const checkedStorage: typeof createStorage = (context) => {
    const service = createStorage(context);
    return {
      ...service,
      handle: async (request) => {
        const response = await service.handle(request);
        try {
          checkAnswer(request, response);
        } catch (thrown) {
          broken.push(thrown);
        }
        return response;
      },
    };
  };
  const cloud = await startLocalCloud({ project: PROJECT, services: [checkedStorage], ...options });
  return {
    cloud,
    storage: clientOf(cloud.rest),
    stop: async () => {
      await cloud.stop();
      assert.deepEqual(broken, []);
    },
  };
}

/** JSON of a success must have the shape that Google's Discovery document gives it. */
function checkAnswer({ method, path }: HttpRequest, { status, headers, body }: HttpResponse): void {
  if (status !== 200 || !headers?.["content-type"]?.startsWith("application/json")) return;
  const inner = path.replace(/^(\/resumable)?(\/upload|\/download)?\/(storage\/v1\/)?/, "");
  const route = discovery.find(path.includes("/upload/") ? "POST" : method, inner);
  if (route?.responseSchema) checkShape(route.responseSchema, JSON.parse(String(body)));
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

/** Checks what the official client threw, in whichever of its shapes (contracts 5.3). */
export const refused = (code: number, message: RegExp) => (thrown: unknown) => {
  const {
    code: actual,
    message: text,
    response,
  } = thrown as {
    code?: unknown;
    message: string;
    response?: { status: number; data?: { error?: { message?: string } } };
  };
  assert.equal(Number(actual ?? response?.status), code, text);
  assert.match(response?.data?.error?.message ?? text, message);
  return true;
};
