import { type ClientConfig, type Message, PubSub, type Subscription, v1 } from "@google-cloud/pubsub";
import type { LocalCloud } from "activate/localcloud";
import { PassThroughClient } from "google-auth-library";
import { grpc } from "google-gax";

/** The two ways in which the official client reaches the service. */
export const TRANSPORTS = ["gRPC", "REST"] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const PROJECT = "projects/activate-local";

/** google-gax carries a copy of google-auth-library of its own, whose types are not ours. */
function noCredentials(): NonNullable<ClientConfig["authClient"]> {
  return new PassThroughClient() as unknown as NonNullable<ClientConfig["authClient"]>;
}

/** The client that everybody uses. */
export function createClient(cloud: LocalCloud): PubSub {
  return new PubSub({
    projectId: cloud.project,
    apiEndpoint: cloud.grpc,
    emulatorMode: true,
    authClient: noCredentials(),
  });
}

export interface RawClients {
  readonly publisher: v1.PublisherClient;
  readonly subscriber: v1.SubscriberClient;
  close(): Promise<void>;
}

/** The generated clients below it, which speak REST too. */
export function createRawClients(cloud: LocalCloud, transport: Transport): RawClients {
  const [apiEndpoint = "", port = ""] = (transport === "gRPC" ? cloud.grpc : new URL(cloud.rest).host).split(":");
  const options = {
    apiEndpoint,
    port: Number(port),
    projectId: cloud.project,
    authClient: noCredentials(),
    ...(transport === "gRPC"
      ? { sslCreds: grpc.credentials.createInsecure() }
      : { fallback: true as const, protocol: "http" }),
  };
  const publisher = new v1.PublisherClient(options);
  const subscriber = new v1.SubscriberClient(options);
  return {
    publisher,
    subscriber,
    close: async () => {
      await Promise.all([publisher.close(), subscriber.close()]);
    },
  };
}

/** Listens until `done` says so of everything received, in order; `handle` acknowledges. */
export function listen(
  subscription: Subscription,
  handle: (message: Message, index: number) => void,
  done: (received: readonly Message[]) => boolean,
): Promise<Message[]> {
  const received: Message[] = [];
  return new Promise((resolve, reject) => {
    subscription.on("error", reject);
    subscription.on("message", (message: Message) => {
      received.push(message);
      handle(message, received.length - 1);
      if (!done(received)) return;
      subscription.removeAllListeners("message");
      subscription.close().then(() => resolve(received), reject);
    });
  });
}

/** What a rejected call says. @throws Error when the call succeeds. */
export async function failureOf(call: Promise<unknown>): Promise<{ readonly code: number; readonly message: string }> {
  try {
    await call;
  } catch (thrown) {
    const { code, message } = thrown as { code: number; message: string };
    return { code, message };
  }
  throw new Error("The call succeeded.");
}
