import type { Connections } from "./connections.js";
import { ActivateError, fromService } from "./errors.js";
import { retry } from "./retry.js";

/** Google's APIs without a client of their own among our dependencies, by the first part of their address. */
export type RestApi = "iam" | "iamcredentials" | "cloudresourcemanager" | "cloudbuild" | "artifactregistry" | "storage";

export interface RestRequest {
  readonly api: RestApi;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** With its version: "/v1/projects/p/serviceAccounts". */
  readonly path: string;
  /** An object goes as JSON, bytes as they are. */
  readonly body?: object | Uint8Array;
  /** In words, at the beginning of an error's message. */
  readonly what: string;
}

/** The statuses after which the same request may be sent again: nobody has taken it. */
const AGAIN = ["UNAVAILABLE", "RESOURCE_EXHAUSTED"];

/**
 * One request to a REST API of Google's, or of the local cloud, and its JSON answer.
 * @throws ActivateError with the service's own sentence.
 */
export async function callRest<Answer>(connections: Connections, request: RestRequest): Promise<Answer> {
  const { what } = request;
  try {
    return await retry(() => send<Answer>(connections, request), { statuses: AGAIN });
  } catch (thrown) {
    throw fromService(thrown, what);
  }
}

async function send<Answer>(connections: Connections, request: RestRequest): Promise<Answer> {
  const { api, method, path, body } = request;
  const isBytes = body instanceof Uint8Array;
  const response = await reach(
    fetch(`${restRoot(connections, api)}${path}`, {
      method,
      headers: {
        ...(await authorization(connections)),
        ...(body === undefined ? {} : { "content-type": isBytes ? "application/octet-stream" : "application/json" }),
      },
      ...(body === undefined ? {} : { body: isBytes ? Buffer.from(body) : JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  if (response.ok) return (text.trim() === "" ? {} : JSON.parse(text)) as Answer;
  throw Object.assign(new Error(sentenceOf(text) ?? `HTTP ${response.status}`), { code: response.status });
}

/** A connection that fails is UNAVAILABLE: `fetch` says only that it failed. */
export async function reach(response: Promise<Response>): Promise<Response> {
  try {
    return await response;
  } catch (thrown) {
    const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause.message : String(thrown);
    throw new ActivateError("UNAVAILABLE", cause, "UNAVAILABLE", { cause: thrown });
  }
}

function restRoot({ address }: Connections, api: RestApi): string {
  return address.bigQuery ?? `https://${api}.googleapis.com`;
}

async function authorization(connections: Connections): Promise<Record<string, string>> {
  if (connections.address.credentials === "none") return {};
  const auth = await connections.once("auth", async () => {
    const { GoogleAuth } = await import("google-auth-library");
    return new GoogleAuth({ scopes: "https://www.googleapis.com/auth/cloud-platform" });
  });
  return { authorization: `Bearer ${await auth.getAccessToken()}` };
}

function sentenceOf(text: string): string | undefined {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: string } };
    return error?.message;
  } catch {
    return undefined;
  }
}
