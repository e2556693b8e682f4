/**
 * The project, and access policies of it and of its service accounts. Contracts: google.cloud.resourcemanager.v3.Projects,
 * google.iam.admin.v1.IAM. Kept and given back; the one caller of a local cloud owns its project.
 */

import { CloudError } from "../../platform/errors.js";
import { checkEtag } from "../../platform/etags.js";
import { requireProject } from "../../platform/names.js";
import { isPrincipal, isRole, POLICY_FIELDS, withEtag } from "../../platform/policies.js";
import type { Handlers } from "../../platform/transport/handler.js";
import { refuseUnsupported } from "../../platform/unsupported.js";
import type { Methods, Policy } from "../contractSource.js";
import type { IamStore } from "../store.js";

export function policyHandlers(store: IamStore): Handlers<Methods> {
  const { project } = store;
  const projectOf = (name = ""): string => {
    requireProject(project, name.replace("projects/", ""));
    return "project";
  };
  const set = (resource: string, request: Methods["IAM.SetIamPolicy"]["request"]): Promise<Policy> => {
    refuseUnsupported(request, {
      honoured: [...POLICY_FIELDS, "updateMask"],
    });
    return store.exclusive(async () => {
      const { etag, ...policy } = request.policy ?? {};
      checkBindings(store, policy);
      checkEtag(etag || undefined, withEtag(store.policy(resource)).etag ?? "", `The policy of ${request.resource}`);
      await store.putPolicy(resource, policy);
      return withEtag(policy);
    });
  };
  return {
    "Projects.GetProject": (request) => {
      projectOf(request.name);
      return { name: `projects/${project.number}`, projectId: project.id, state: "ACTIVE", displayName: project.id };
    },
    "Projects.GetIamPolicy": (request) => withEtag(store.policy(projectOf(request.resource))),

    /** @throws ABORTED for a stale etag, INVALID_ARGUMENT for a role or member that is none. */
    "Projects.SetIamPolicy": (request) => set(projectOf(request.resource), request),

    "IAM.GetIamPolicy": (request) => withEtag(store.policy(store.account(request.resource).email)),

    /** @throws NOT_FOUND, ABORTED for a stale etag, INVALID_ARGUMENT for a role or member that is none. */
    "IAM.SetIamPolicy": (request) => set(store.account(request.resource).email, request),
  };
}

/** An account of this project must be there; of others we know nothing. */
function checkBindings(store: IamStore, { bindings = [] }: Policy): void {
  for (const { role = "", members = [] } of bindings) {
    if (!isRole(role)) throw new CloudError("INVALID_ARGUMENT", `Role ${role} is not supported for this resource.`);
    for (const member of members) {
      if (!isPrincipal(member)) throw new CloudError("INVALID_ARGUMENT", `Invalid principal "${member}".`);
      const email = member.replace("serviceAccount:", "");
      if (email.endsWith(`@${store.project.id}.iam.gserviceaccount.com`) && !store.find(email)) {
        throw new CloudError("INVALID_ARGUMENT", `Service account ${email} does not exist.`);
      }
    }
  }
}
