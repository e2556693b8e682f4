import { Contract } from "../platform/contract/contract.js";
import { IdGenerator } from "../platform/ids.js";
import { Operations } from "../platform/operations.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { ServedContract } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { vertexContractSource } from "./contractSource.js";
import type { OperationArguments } from "./effects.js";
import { operationKinds } from "./effects.js";
import { DOMAIN, invalidFields } from "./errors.js";
import { deploymentHandlers } from "./handlers/deployments.js";
import { endpointHandlers } from "./handlers/endpoints.js";
import { modelHandlers } from "./handlers/models.js";
import { operationHandlers } from "./handlers/operations.js";
import { policyHandlers } from "./handlers/policies.js";
import { predictionHandlers } from "./handlers/prediction.js";
import { versionHandlers } from "./handlers/versions.js";
import { createModelRegistry } from "./registry.js";
import { VertexStore } from "./store.js";
import type { Vertex } from "./vertex.js";

/** Vertex AI: Model Registry, endpoints, online prediction. Contract: aiplatform v1, gRPC and REST alike. */
export function createVertexAi(context: ServiceContext): Service {
  const { clock, random, links } = context;
  const store = new VertexStore(context.store, context.project);
  const ids = new IdGenerator(clock, random);
  const operations = new Operations<OperationArguments>(
    {
      store: context.store,
      clock,
      collection: "vertex/operations",
      stageMs: context.operationStageMs,
      exclusive: (task) => store.exclusive(task),
    },
    operationKinds(store, clock),
    ids,
  );
  const vertex: Vertex = { store, operations, clock, random, ids, links };
  const served: ServedContract = {
    contract: new Contract(vertexContractSource),
    handlers: {
      ...modelHandlers(vertex),
      ...versionHandlers(vertex),
      ...endpointHandlers(vertex),
      ...deploymentHandlers(vertex),
      ...predictionHandlers(vertex),
      ...operationHandlers(vertex),
      ...policyHandlers(vertex),
    },
    fieldError: invalidFields,
    domain: DOMAIN,
  };
  links.registry = createModelRegistry(vertex);
  const rest = createRest(served);
  return {
    name: "vertex",
    owns: (request) => rest.owns(request),
    handle: (request) => rest.handle(request),
    methodOf: (request) => rest.methodOf(request),
    grpc: createGrpc(served),
    start: async () => operations.resume(),
    stop: () => operations.stop(),
  };
}
