import { v1 } from "@google-cloud/aiplatform";
import type { LocalCloud } from "activate/localcloud";
import { PassThroughClient } from "google-auth-library";
import { type ClientOptions, grpc } from "google-gax";

/** The two ways in which the official client reaches a service. */
export const TRANSPORTS = ["gRPC", "REST"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const PARENT = "projects/activate-local/locations/europe-west1";

export interface Clients {
  readonly endpoints: v1.EndpointServiceClient;
  readonly models: v1.ModelServiceClient;
  readonly prediction: v1.PredictionServiceClient;
  close(): Promise<void>;
}

/** The unmodified official clients, pointed at a local cloud. */
export function createClients(cloud: LocalCloud, transport: Transport): Clients {
  const options = clientOptions(cloud, transport);
  const endpoints = new v1.EndpointServiceClient(options);
  const models = new v1.ModelServiceClient(options);
  const prediction = new v1.PredictionServiceClient(options);
  return {
    endpoints,
    models,
    prediction,
    close: async () => {
      await Promise.all([endpoints.close(), models.close(), prediction.close()]);
    },
  };
}

export function clientOptions(cloud: LocalCloud, transport: Transport): ClientOptions {
  const address = transport === "gRPC" ? cloud.grpc : new URL(cloud.rest).host;
  const [apiEndpoint = "", port = ""] = address.split(":");
  return {
    apiEndpoint,
    port: Number(port),
    projectId: cloud.project,
    // google-gax carries a copy of google-auth-library of its own, whose types are not ours.
    authClient: new PassThroughClient() as unknown as NonNullable<ClientOptions["authClient"]>,
    ...(transport === "gRPC"
      ? { sslCreds: grpc.credentials.createInsecure() }
      : { fallback: true as const, protocol: "http" }),
  };
}

/** What a rejected call says, the same for both transports. */
export interface CallFailure {
  /** Canonical word: "NOT_FOUND". */
  readonly status: string;
  readonly message: string;
}

/** @throws Error when the call succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<CallFailure> {
  try {
    await call;
  } catch (thrown) {
    const { code, details, message } = thrown as { code: number; details?: string; message: string };
    if (details !== undefined && code < 17) return { status: grpc.status[code] ?? String(code), message: details };
    if (code < 17) return { status: grpc.status[code] ?? String(code), message };
    const body = JSON.parse(message) as { error: CallFailure };
    return body.error;
  }
  throw new Error("The call should have failed.");
}

/** Waits for a condition. @throws Error after 20 seconds. */
export async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error("The condition did not come true within 20 s.");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
