import { Contract } from "../platform/contract/contract.js";
import { CloudError } from "../platform/errors.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { ServedContract } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { iamContractSource } from "./contractSource.js";
import { accountHandlers } from "./handlers/accounts.js";
import { policyHandlers } from "./handlers/policies.js";
import { IamStore } from "./store.js";

/** Service accounts, their identity tokens, and the project's roles: what deploying programs takes of IAM. */
export function createIam(context: ServiceContext): Service {
  const store = new IamStore(context.store, context.project);
  const served: ServedContract = {
    contract: new Contract(iamContractSource),
    handlers: { ...accountHandlers(store, context.identity), ...policyHandlers(store) },
    fieldError: (violations) =>
      new CloudError(
        "INVALID_ARGUMENT",
        violations.map(({ field, description }) => `${field}: ${description}`).join(" "),
        { fieldViolations: violations },
      ),
    domain: "iam.googleapis.com",
  };
  const rest = createRest(served);
  return {
    name: "iam",
    owns: (request) => rest.owns(request),
    handle: (request) => rest.handle(request),
    grpc: createGrpc(served),
    start: async () => undefined,
    stop: async () => undefined,
  };
}
