/** Who may call a service. Contract: google.cloud.run.v2.Services, gRPC and REST alike. */

import { checkEtag } from "../../platform/etags.js";
import { bindingProblems, POLICY_FIELDS, withEtag } from "../../platform/policies.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods } from "../contract/messages.js";
import { violations } from "../errors.js";
import type { Run } from "../run.js";

export function policyHandlers({ names, store, fleet }: Run): Handlers<Methods> {
  return {
    "Services.GetIamPolicy": (request) => {
      refuseUnsupported(request, { honoured: ["resource", "options.requestedPolicyVersion"] });
      return withEtag(store.service(names.parseService(request.resource, "resource")).policy ?? {});
    },

    /** Decides about the next request already. @throws NOT_FOUND, ABORTED for a stale etag, INVALID_ARGUMENT */
    "Services.SetIamPolicy": (request) => {
      refuseUnsupported(request, {
        honoured: [...POLICY_FIELDS, "updateMask"],
      });
      const reference = names.parseService(request.resource, "resource");
      return store.exclusive(async () => {
        const service = store.service(reference);
        const { etag, ...policy } = request.policy ?? {};
        const problems = bindingProblems(policy);
        if (problems.length > 0) throw violations("SetIamPolicyRequest", problems);
        checkEtag(etag || undefined, withEtag(service.policy ?? {}).etag ?? "", `The policy of ${request.resource}`);
        const changed = { ...service, policy };
        await store.write([store.serviceChange(changed)]);
        fleet.apply(changed);
        return withEtag(policy);
      });
    },

    /** The one caller of a local cloud owns its project. */
    "Services.TestIamPermissions": (request) => {
      store.service(names.parseService(request.resource, "resource"));
      return { permissions: request.permissions };
    },
  };
}
