import { Contract } from "../platform/contract/contract.js";
import { CloudError } from "../platform/errors.js";
import type { Service, ServiceContext } from "../platform/service.js";
import { createGrpc } from "../platform/transport/grpc.js";
import type { ServedContract } from "../platform/transport/handler.js";
import { createRest } from "../platform/transport/rest.js";
import { helloContractSource } from "./contractSource.js";
import { greetingHandlers } from "./handlers/greetings.js";

/**
 * The smallest service there is: the pattern to copy. A contract, handlers by method, and what they need; gRPC and REST
 * come from the contract. DeleteGreeting has no handler: it answers UNIMPLEMENTED and names itself.
 * A new service is added to `server/services.ts`; this one is not, it runs in its test only.
 */
export function createHello(context: ServiceContext): Service {
  const served: ServedContract = {
    contract: new Contract(helloContractSource),
    handlers: greetingHandlers(context.store),
    fieldError: (violations) =>
      new CloudError(
        "INVALID_ARGUMENT",
        violations.map(({ field, description }) => `${field}: ${description}`).join(" "),
        {
          fieldViolations: violations,
        },
      ),
    domain: "hello.activate.local",
  };
  const rest = createRest(served);
  return {
    name: "hello",
    owns: (request) => rest.owns(request),
    handle: (request) => rest.handle(request),
    methodOf: (request) => rest.methodOf(request),
    grpc: createGrpc(served),
    start: async () => undefined,
    stop: async () => undefined,
  };
}
