import { Contract } from "../platform/contract/contract.js";
import { Operations } from "../platform/operations.js";
import type { GrpcBinding, Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { ServedContract } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { runContractSource } from "./contractSource.js";
import { handleControl, isControl } from "./control.js";
import { deploy, type OperationArguments, operationKinds } from "./deployment.js";
import { DOMAIN, missingFields } from "./errors.js";
import { operationHandlers } from "./handlers/operations.js";
import { policyHandlers } from "./handlers/policies.js";
import { revisionHandlers } from "./handlers/revisions.js";
import { serviceHandlers } from "./handlers/services.js";
import { handleKnative, isKnative } from "./knative/reads.js";
import { logStreams } from "./logs.js";
import { RunNames } from "./names.js";
import { isReconciling } from "./resource.js";
import { drawUuid, type Run } from "./run.js";
import { Fleet } from "./serving/fleet.js";
import { RunStore } from "./store.js";

/** Cloud Run: services, revisions, traffic, instances. Contract: run v2, gRPC and REST alike. */
export function createRun(context: ServiceContext): Service {
  const { clock, random, project, containers, identity } = context;
  const names = new RunNames(project);
  const store = new RunStore(context.store, names);
  const fleet = new Fleet({ store, clock, random, containers, identity });
  const operations = new Operations<OperationArguments>(
    {
      store: context.store,
      clock,
      collection: "run/operations",
      stageMs: context.operationStageMs,
      exclusive: (task) => store.exclusive(task),
    },
    operationKinds({ store, fleet, clock }),
    { next: () => drawUuid(random) },
  );
  const run: Run = { project, names, store, operations, fleet, containers, clock, random };
  const served: ServedContract = {
    contract: new Contract(runContractSource),
    handlers: {
      ...serviceHandlers(run),
      ...revisionHandlers(run),
      ...policyHandlers(run),
      ...operationHandlers(run),
    },
    fieldError: missingFields,
    domain: DOMAIN,
  };
  context.links.logs.push(() => logStreams(store, containers));
  const rest = createRest(served);
  const closing = new AbortController();
  let stopped: Promise<void> | undefined;
  const close = (): Promise<void> => {
    stopped ??= fleet.stop();
    return stopped;
  };
  return {
    name: "run",
    owns: (request) => isControl(request) || rest.owns(request) || isKnative(request),
    handle: async (request) => {
      if (isControl(request)) return handleControl(run, request);
      return rest.owns(request) ? rest.handle(request) : handleKnative(store, request);
    },
    grpc: createGrpc(served).map(ownOperationsOnly),
    start: async () => {
      for (const record of store.services()) {
        const listening = await fleet.listen(record);
        await store.write([store.serviceChange(listening)]);
        fleet.apply(listening);
      }
    },
    opened: () => {
      fleet.open();
      operations.resume();
      // A process that died between the write of a change and that of its operation left it undone.
      for (const record of store.services().filter(isReconciling)) {
        deploy({ store, fleet, clock }, record, closing.signal).catch(() => undefined);
      }
    },
    closing: async () => {
      closing.abort();
      await Promise.all([operations.stop(), close()]);
    },
    stop: close,
  };
}

const UUID = /operations\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/;

/** Other services have operations at locations too; theirs are numbered, Cloud Run's have UUIDs. */
function ownOperationsOnly(binding: GrpcBinding): GrpcBinding {
  return {
    ...binding,
    owns: (method, request) =>
      binding.owns(method, request) &&
      (!method.endsWith("Operation") || UUID.test(Buffer.from(request).toString("latin1"))),
  };
}
