import { join } from "node:path";
import { Contract } from "../platform/contract/contract.js";
import { CERTIFICATES_PATH } from "../platform/identity.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { BinaryHandler, ServedContract, StreamHandler, UntypedHandler } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { Broker } from "./broker.js";
import { pubsubContractSource } from "./contractSource.js";
import { DOMAIN, missingFields } from "./errors.js";
import { Exports } from "./exports.js";
import { policyHandlers } from "./handlers/policies.js";
import { publishHandlers } from "./handlers/publish.js";
import { pullHandlers } from "./handlers/pull.js";
import { snapshotHandlers } from "./handlers/snapshots.js";
import { streamHandlers } from "./handlers/streamingPull.js";
import { subscriptionHandlers } from "./handlers/subscriptions.js";
import { topicHandlers } from "./handlers/topics.js";
import { Names } from "./names.js";
import type { Pubsub } from "./service.js";
import { PubsubStore } from "./store.js";
import { topicLink } from "./topicLink.js";

export interface PubsubHandlers {
  readonly handlers: Readonly<Record<string, UntypedHandler | undefined>>;
  readonly binary: Readonly<Record<string, BinaryHandler>>;
  readonly streams: Readonly<Record<string, StreamHandler>>;
}

export function pubsubHandlers(pubsub: Pubsub): PubsubHandlers {
  return {
    handlers: {
      ...topicHandlers(pubsub),
      ...subscriptionHandlers(pubsub),
      ...snapshotHandlers(pubsub),
      ...policyHandlers(pubsub),
    },
    binary: { ...publishHandlers(pubsub), ...pullHandlers(pubsub) },
    streams: streamHandlers(pubsub),
  };
}

/** Pub/Sub: topics, subscriptions, messages; gRPC and REST. */
export function createPubsub(context: ServiceContext): Service {
  const broker = new Broker(new PubsubStore(join(context.stateDir, "pubsub")), context.clock);
  const exports = new Exports(broker, context.identity, context.links);
  const served: ServedContract = {
    contract: new Contract(pubsubContractSource),
    ...pubsubHandlers({ broker, names: new Names(context.project), exports }),
    fieldError: missingFields,
    domain: DOMAIN,
  };
  const rest = createRest(served);
  context.links.topics = topicLink((request) => rest.handle(request));
  let stopped: Promise<void> | undefined;
  return {
    name: "pubsub",
    owns: (request) => request.path === CERTIFICATES_PATH || rest.owns(request),
    handle: async (request) =>
      request.path === CERTIFICATES_PATH
        ? {
            status: 200,
            headers: { "content-type": "application/json; charset=UTF-8" },
            body: JSON.stringify(await context.identity.keySet()),
          }
        : rest.handle(request),
    methodOf: (request) => rest.methodOf(request),
    grpc: createGrpc(served),
    start: async () => exports.start(),
    stop: () => {
      stopped ??= broker.close();
      return stopped;
    },
  };
}
