/**
 * Access policies of models and endpoints. Contract: google.iam.v1.IAMPolicy, gRPC and REST alike.
 * Kept and given back; nothing is decided by them, for the one caller of a local cloud owns its project and no policy of
 * a resource can take rights away from an owner.
 */

import { checkEtag, etagOf } from "../../platform/etags.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Policy } from "../contract/messages.js";
import { invalidField, invalidFields } from "../errors.js";
import { endpointName, modelName, parseModelName, parseName } from "../names.js";
import type { EndpointRecord, ModelRecord } from "../store.js";
import type { Vertex } from "../vertex.js";

/** cloud.google.com/iam/docs/reference/rest/v1/Policy#Binding. */
const MEMBER =
  /^(allUsers|allAuthenticatedUsers|(user|serviceAccount|group|domain|deleted|principal|principalSet|project\w+):.+)$/;

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
        honoured: ["resource", "policy.version", "policy.etag", "policy.bindings.role", "policy.bindings.members"],
      });
      const { etag, ...policy } = request.policy ?? {};
      checkBindings(policy);
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

/** The etag of a policy is bytes: base64 in JSON. */
function withEtag(policy: Policy): Policy {
  return { ...policy, etag: Buffer.from(etagOf(policy)).toString("base64") };
}

function checkBindings(policy: Policy): void {
  const violations = (policy.bindings ?? []).flatMap(({ role, members }, index) => {
    const field = `policy.bindings[${index}]`;
    const badMember = (members ?? []).find((member) => !MEMBER.test(member));
    return [
      ...(/^(roles|projects|organizations)\/.+/.test(role ?? "")
        ? []
        : [{ field: `${field}.role`, description: `"${role ?? ""}" is not a role; expected roles/NAME.` }]),
      ...(badMember === undefined
        ? []
        : [
            {
              field: `${field}.members`,
              description: `"${badMember}" is not a principal; expected user:EMAIL and the like.`,
            },
          ]),
    ];
  });
  if (violations.length > 0) throw invalidFields(violations);
}
