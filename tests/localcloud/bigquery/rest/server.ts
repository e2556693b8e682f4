import { BigQuery } from "@google-cloud/bigquery";
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from "activate/localcloud";
import { bigquery } from "activate/localcloud/bigquery";
import { PassThroughClient } from "google-auth-library";
import { checkAnswer } from "./contractCheck.js";

export interface ErrorBody {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly status: string;
    readonly errors: readonly { readonly reason: string; readonly message: string; readonly location?: string }[];
  };
}

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Headers;
}

/** A running local cloud, the official client on it, and plain requests whose answers are checked against the contract. */
export interface TestServer {
  readonly cloud: LocalCloud;
  readonly client: BigQuery;
  /** `path` is relative to the project: "datasets/d". A success that breaks the contract fails the test. */
  call<T>(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer<T>>;
  stop(): Promise<void>;
}

export async function startServer(options: LocalCloudOptions = {}): Promise<TestServer> {
  const cloud = await startLocalCloud({ services: [bigquery], ...options });
  const client = new BigQuery({
    projectId: cloud.project,
    apiEndpoint: cloud.rest,
    authClient: new PassThroughClient(),
    autoRetry: false,
  });
  return {
    cloud,
    client,
    call: async <T>(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) => {
      const response = await fetch(`${cloud.rest}/bigquery/v2/projects/${cloud.project}/${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const answer: unknown = text === "" ? undefined : JSON.parse(text);
      if (response.ok && answer !== undefined) {
        checkAnswer(method, `projects/${cloud.project}/${path.split("?")[0]}`, answer);
      }
      return { status: response.status, body: answer as T, headers: response.headers };
    },
    stop: () => cloud.stop(),
  };
}
