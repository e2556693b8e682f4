/**
 * The official clients, unmodified. Import this file from implementations only: its types are Google's generated ones
 * (20 MB), and a notebook whose first cell reached them would wait ten seconds for the type checker.
 */
import type {
  EndpointServiceClient,
  JobServiceClient,
  ModelServiceClient,
  PredictionServiceClient,
} from "@google-cloud/aiplatform/build/src/v1/index.js";
import type { BigQuery } from "@google-cloud/bigquery";
import type { ClientConfig, PubSub, v1 } from "@google-cloud/pubsub";
import type { v2 } from "@google-cloud/run";
import type { Storage } from "@google-cloud/storage";
import type { ClientOptions } from "google-gax";
import type { Connections } from "./connections.js";

/**
 * Of every gRPC channel: how long it waits before it tries again to connect. Its own bound is two minutes, so that after an
 * outage of ten minutes a scorer would go on answering 503 long after the endpoint is back.
 */
const RECONNECT = { "grpc.max_reconnect_backoff_ms": 1_000 } as const;

export const bigQueryClient = (connections: Connections): Promise<BigQuery> =>
  connections.once("bigQuery", () => createBigQuery(connections, true));

/** One that repeats nothing: its own repeats of a 503 take 15 s, whatever deadline the caller has (contracts 2.11). */
export const singleAttemptBigQueryClient = (connections: Connections): Promise<BigQuery> =>
  connections.once("bigQuerySingleAttempt", () => createBigQuery(connections, false));

async function createBigQuery({ config, address }: Connections, autoRetry: boolean): Promise<BigQuery> {
  const [{ BigQuery }, { PassThroughClient }] = await Promise.all([
    import("@google-cloud/bigquery"),
    import("google-auth-library"),
  ]);
  return new BigQuery({
    projectId: config.project,
    location: config.region,
    retryOptions: { autoRetry },
    ...(address.bigQuery === undefined ? {} : { apiEndpoint: address.bigQuery }),
    ...(address.credentials === "none" ? { authClient: new PassThroughClient() } : {}),
  });
}

export const pubsubClient = (connections: Connections): Promise<PubSub> =>
  connections.once("pubsub", async () => {
    const { PubSub } = await import("@google-cloud/pubsub");
    const { config, address } = connections;
    const { PassThroughClient } = await import("google-auth-library");
    const client = new PubSub({
      ...RECONNECT,
      projectId: config.project,
      emulatorMode: address.credentials === "none",
      ...(address.credentials === "none"
        ? {
            apiEndpoint: `${address.vertex.host}:${address.vertex.port}`,
            // The client carries a copy of google-auth-library of its own, whose types are not ours.
            authClient: new PassThroughClient() as unknown as NonNullable<ClientConfig["authClient"]>,
          }
        : {}),
    });
    connections.closeLater(client);
    return client;
  });

/** Everything that `lib/cloud` does with objects may be done twice: the client repeats all of it, not reads alone. */
export const storageClient = (connections: Connections): Promise<Storage> =>
  connections.once("storage", async () => {
    // Required, not imported: an import would take the package's other build, which cannot be bundled (import.meta).
    const { IdempotencyStrategy, Storage } = require("@google-cloud/storage") as typeof import("@google-cloud/storage");
    const { config, address } = connections;
    return new Storage({
      projectId: config.project,
      // The local cloud serves all REST APIs at one address; there the client sends no credentials (contracts 5.1).
      ...(address.bigQuery === undefined ? {} : { apiEndpoint: address.bigQuery }),
      retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways, maxRetries: 5, totalTimeout: 120 },
    });
  });

/** Unary pulling, which the client above does not have. */
export const subscriberClient = (connections: Connections): Promise<v1.SubscriberClient> =>
  connections.once("subscriber", async () => {
    const { v1 } = await import("@google-cloud/pubsub");
    const local = connections.address.credentials === "none";
    const client = new v1.SubscriberClient(
      local ? await vertexOptions(connections) : { ...RECONNECT, projectId: connections.config.project },
    );
    connections.closeLater(client);
    return client;
  });

// One file a service client, 0.1 s each; the package's root loads them all in 1.5 s.
export const modelClient = (connections: Connections): Promise<ModelServiceClient> =>
  vertexClient(connections, "models", async (options) => {
    const file = await import("@google-cloud/aiplatform/build/src/v1/model_service_client.js");
    return new file.ModelServiceClient(options);
  });

export const endpointClient = (connections: Connections): Promise<EndpointServiceClient> =>
  vertexClient(connections, "endpoints", async (options) => {
    const file = await import("@google-cloud/aiplatform/build/src/v1/endpoint_service_client.js");
    return new file.EndpointServiceClient(options);
  });

export const jobClient = (connections: Connections): Promise<JobServiceClient> =>
  vertexClient(connections, "jobs", async (options) => {
    const file = await import("@google-cloud/aiplatform/build/src/v1/job_service_client.js");
    return new file.JobServiceClient(options);
  });

export const predictionClient = (connections: Connections): Promise<PredictionServiceClient> =>
  vertexClient(connections, "predictions", async (options) => {
    const file = await import("@google-cloud/aiplatform/build/src/v1/prediction_service_client.js");
    return new file.PredictionServiceClient(options);
  });

// As above: the package's root has ten clients.
export const servicesClient = (connections: Connections): Promise<v2.ServicesClient> =>
  runClient(connections, "run services", async (options) => {
    const file = await import("@google-cloud/run/build/src/v2/services_client.js");
    return new file.ServicesClient(options);
  });

export const revisionClient = (connections: Connections): Promise<v2.RevisionsClient> =>
  runClient(connections, "run revisions", async (options) => {
    const file = await import("@google-cloud/run/build/src/v2/revisions_client.js");
    return new file.RevisionsClient(options);
  });

/** Cloud Run has one address for all regions, the client's default. */
function runClient<Client extends { close(): Promise<void> }>(
  connections: Connections,
  name: string,
  create: (options: ClientOptions) => Promise<Client>,
): Promise<Client> {
  return connections.once(name, async () => {
    const { apiEndpoint, port, ...options } = await vertexOptions(connections);
    const isGoogle = connections.address.credentials === "application-default";
    const client = await create(
      isGoogle ? options : { ...options, ...(apiEndpoint ? { apiEndpoint } : {}), ...(port ? { port } : {}) },
    );
    connections.closeLater(client);
    return client;
  });
}

function vertexClient<Client extends { close(): Promise<void> }>(
  connections: Connections,
  name: string,
  create: (options: ClientOptions) => Promise<Client>,
): Promise<Client> {
  return connections.once(name, async () => {
    const client = await create(await vertexOptions(connections));
    connections.closeLater(client);
    return client;
  });
}

async function vertexOptions({ config, address }: Connections): Promise<ClientOptions> {
  const options: ClientOptions = {
    ...RECONNECT,
    projectId: config.project,
    apiEndpoint: address.vertex.host,
    port: address.vertex.port,
  };
  const { googleAuthLibrary, grpc } = await import("google-gax");
  // Without a client for credentials the metadata server would be probed: a warning, and a delay (contracts 3.1).
  if (address.credentials === "none") options.authClient = new googleAuthLibrary.PassThroughClient();
  if (!address.vertex.encrypted) options.sslCreds = grpc.credentials.createInsecure();
  return options;
}
