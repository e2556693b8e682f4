import { Contract } from "../platform/contract/contract.js";
import { IdGenerator } from "../platform/ids.js";
import { Operations } from "../platform/operations.js";
import { RememberingStore } from "../platform/rememberingStore.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { ServedContract } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { vertexContractSource } from "./contractSource.js";
import type { OperationArguments } from "./effects.js";
import { operationKinds } from "./effects.js";
import { DOMAIN, invalidFields } from "./errors.js";
import { batchPredictionJobHandlers } from "./handlers/batchPredictionJobs.js";
import { customJobHandlers } from "./handlers/customJobs.js";
import { deploymentHandlers } from "./handlers/deployments.js";
import { endpointHandlers } from "./handlers/endpoints.js";
import { modelHandlers } from "./handlers/models.js";
import { operationHandlers } from "./handlers/operations.js";
import { policyHandlers } from "./handlers/policies.js";
import { binaryPredictionHandlers, jsonPredictionHandlers, predictionHandlers } from "./handlers/prediction.js";
import { versionHandlers } from "./handlers/versions.js";
import { batchPredictionWork } from "./jobs/batch/work.js";
import { customJobWork } from "./jobs/customJobWork.js";
import { JobRunner } from "./jobs/runner.js";
import { Slots } from "./jobs/slots.js";
import { JOBS_RUNNING_MAX } from "./limits.js";
import { logStreams } from "./logs.js";
import { createModelRegistry } from "./registry.js";
import { ModelServers } from "./serving/modelServers.js";
import { VertexStore } from "./store.js";
import type { Vertex } from "./vertex.js";

/** Vertex AI: Model Registry, endpoints, online prediction. Contract: aiplatform v1, gRPC and REST alike. */
export function createVertexAi(context: ServiceContext): Service {
  const { clock, random, links, containers } = context;
  const documents = new RememberingStore(context.store);
  const store = new VertexStore(documents, context.project);
  const ids = new IdGenerator(clock, random);
  const servers = new ModelServers(store, containers, clock);
  const queue = {
    store: documents,
    clock,
    ids,
    stageMs: context.operationStageMs,
    slots: new Slots(JOBS_RUNNING_MAX),
  };
  const customJobs = new JobRunner(
    { ...queue, collection: "vertex/customJobs" },
    customJobWork({ store, clock, containers }),
  );
  const batchPredictionJobs = new JobRunner(
    { ...queue, collection: "vertex/batchPredictionJobs" },
    batchPredictionWork({ store, clock, containers, links }),
  );
  const operations = new Operations<OperationArguments>(
    {
      store: documents,
      clock,
      collection: "vertex/operations",
      stageMs: context.operationStageMs,
      exclusive: (task) => store.exclusive(task),
    },
    operationKinds({ store, clock, containers, servers, customJobs, batchPredictionJobs }),
    ids,
  );
  const vertex: Vertex = {
    store,
    operations,
    clock,
    random,
    ids,
    links,
    containers,
    servers,
    customJobs,
    batchPredictionJobs,
  };
  const served: ServedContract = {
    contract: new Contract(vertexContractSource),
    handlers: {
      ...modelHandlers(vertex),
      ...versionHandlers(vertex),
      ...endpointHandlers(vertex),
      ...deploymentHandlers(vertex),
      ...predictionHandlers(vertex),
      ...customJobHandlers(vertex),
      ...batchPredictionJobHandlers(vertex),
      ...operationHandlers(vertex),
      ...policyHandlers(vertex),
    },
    binary: binaryPredictionHandlers(vertex),
    json: jsonPredictionHandlers(vertex),
    fieldError: invalidFields,
    domain: DOMAIN,
  };
  links.registry = createModelRegistry(vertex);
  links.logs.push(() => logStreams(vertex));
  const rest = createRest(served);
  let stopping: Promise<void> | undefined;
  const stopped = (): Promise<void> => {
    stopping ??= Promise.all([operations.stop(), customJobs.stop(), batchPredictionJobs.stop()]).then(() =>
      servers.stop(),
    );
    return stopping;
  };
  return {
    name: "vertex",
    owns: (request) => rest.owns(request),
    handle: (request) => rest.handle(request),
    methodOf: (request) => rest.methodOf(request),
    grpc: createGrpc(served),
    start: async () => {
      await Promise.all([customJobs.recover(), batchPredictionJobs.recover()]);
    },
    opened: () => {
      servers.resume();
      operations.resume();
      customJobs.resume();
      batchPredictionJobs.resume();
    },
    closing: () => stopped(),
    stop: () => stopped(),
  };
}
