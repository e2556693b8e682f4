/**
 * Access policies of topics, subscriptions and snapshots. Contract: google.iam.v1.IAMPolicy, gRPC and REST alike.
 * Kept and given back; nothing is decided by them, for the one caller of a local cloud owns its project.
 */

import { checkEtag } from "../../platform/etags.js";
import { bindingProblems, POLICY_FIELDS, withEtag } from "../../platform/policies.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Policy } from "../contract/messages.js";
import * as errors from "../errors.js";
import type { Pubsub } from "../service.js";

export function policyHandlers({ broker, names }: Pubsub): Handlers<Methods> {
  /** The resource's name. @throws CloudError NOT_FOUND, INVALID_ARGUMENT */
  const find = (resource = ""): string => {
    const collection = resource.split("/")[2];
    if (collection === "topics") return broker.topic(names.parse("topic", resource)).name;
    if (collection === "snapshots") {
      const name = names.parse("snapshot", resource);
      if (!broker.snapshots.has(name)) throw errors.notFound(name);
      return name;
    }
    return broker.subscription(names.parse("subscription", resource)).name;
  };
  const read = (name: string): Policy => broker.store.resource<Policy>("policy", name) ?? {};

  return {
    "IAMPolicy.GetIamPolicy": (request) => {
      refuseUnsupported(request, { honoured: ["resource", "options.requestedPolicyVersion"] });
      return withEtag(read(find(request.resource)));
    },

    /** @throws ABORTED for a stale etag, INVALID_ARGUMENT for a role or member that is none. */
    "IAMPolicy.SetIamPolicy": async (request) => {
      refuseUnsupported(request, {
        honoured: [...POLICY_FIELDS, "updateMask"],
      });
      const name = find(request.resource);
      const { etag, ...policy } = request.policy ?? {};
      const [problem] = bindingProblems(policy);
      if (problem) throw errors.invalidArgument(`${problem.field}: ${problem.description}`);
      checkEtag(etag, withEtag(read(name)).etag ?? "", `The policy of ${name}`);
      broker.store.putResource("policy", name, policy);
      await broker.store.durable();
      return withEtag(policy);
    },

    "IAMPolicy.TestIamPermissions": (request) => {
      find(request.resource);
      return { permissions: request.permissions };
    },
  };
}
