/**
 * Access policies of models and endpoints. Contract: google.iam.v1.IAMPolicy, gRPC and REST alike.
 * Kept and given back; nothing is decided by them, for the one caller of a local cloud owns its project and no policy of
 * a resource can take rights away from an owner.
 */

import { checkEtag } from "../../platform/etags.js";
import { bindingProblems, POLICY_FIELDS, withEtag } from "../../platform/policies.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods } from "../contract/messages.js";
import { invalidField, invalidFields } from "../errors.js";
import { endpointName, modelName, parseModelName, parseName } from "../names.js";
import type { EndpointRecord, ModelRecord } from "../store.js";
import type { Vertex } from "../vertex.js";

export function policyHandlers(vertex: Vertex): Handlers<Methods> {
  const { store } = vertex;
  const find = (resource: string | undefined): Found => {
    if (endpointName.tryParse(resource ?? "")) {
      const { location, endpoint } = parseName(store.project, endpointName, resource, "resource");
      return { kind: "endpoint", record: store.endpoint(location, endpoint) };
    }
    if (modelName.tryParse(resource ?? "")) {
      return { kind: "model", record: store.model(parseModelName(store.project, resource, "resource")) };
    }
    throw invalidField("resource", `Must be the name of a Model or an Endpoint; it is "${resource ?? ""}".`);
  };
  return {
    "IAMPolicy.GetIamPolicy": (request) => {
      refuseUnsupported(request, { honoured: ["resource", "options.requestedPolicyVersion"] });
      return withEtag(find(request.resource).record.policy ?? {});
    },

    /** @throws ABORTED for a stale etag, INVALID_ARGUMENT for a role or member that is none. */
    "IAMPolicy.SetIamPolicy": (request) => {
      refuseUnsupported(request, {
        honoured: POLICY_FIELDS,
      });
      const { etag, ...policy } = request.policy ?? {};
      const problems = bindingProblems(policy);
      if (problems.length > 0) throw invalidFields(problems);
      return store.exclusive(async () => {
        const found = find(request.resource);
        checkEtag(etag, withEtag(found.record.policy ?? {}).etag ?? "", `The policy of ${request.resource}`);
        await store.write([
          found.kind === "endpoint"
            ? store.endpointChange({ ...found.record, policy })
            : store.modelChange({ ...found.record, policy }),
        ]);
        return withEtag(policy);
      });
    },

    "IAMPolicy.TestIamPermissions": (request) => {
      find(request.resource);
      return { permissions: request.permissions };
    },
  };
}

type Found =
  | { readonly kind: "endpoint"; readonly record: EndpointRecord }
  | { readonly kind: "model"; readonly record: ModelRecord };
