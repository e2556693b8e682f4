import { etagOf } from "./etags.js";
import type { FieldViolation } from "./transport/handler.js";

/** google.iam.v1.Policy in its JSON form, as far as every service takes it alike. */
interface Bindings {
  readonly bindings?: readonly Binding[] | undefined;
}

interface Binding {
  readonly role?: string | undefined;
  readonly members?: readonly string[] | undefined;
}

/** cloud.google.com/iam/docs/reference/rest/v1/Policy#Binding. */
const EVERYONE = /^(allUsers|allAuthenticatedUsers)$/;
const PRINCIPAL = /^(user|serviceAccount|group|domain|deleted|principal|principalSet|project\w+):.+$/;
const ROLE = /^(roles|projects|organizations)\/.+/;

/** Fields of a SetIamPolicyRequest that are kept and given back; conditions are refused by name. */
export const POLICY_FIELDS: readonly string[] = [
  "resource",
  "policy.version",
  "policy.etag",
  "policy.bindings.role",
  "policy.bindings.members",
];

export const isRole = (text: string): boolean => ROLE.test(text);

/** Somebody in particular: a project's own policy takes nobody else. */
export const isPrincipal = (text: string): boolean => PRINCIPAL.test(text);

/** The etag of a policy is bytes: base64 in JSON. */
export function withEtag<Policy extends object>(policy: Policy): Policy & { readonly etag: string } {
  return { ...policy, etag: Buffer.from(etagOf(policy)).toString("base64") };
}

/** What is wrong with the roles and members of a resource's policy; everyone may be a member. */
export function bindingProblems({ bindings = [] }: Bindings): FieldViolation[] {
  return bindings.flatMap(({ role = "", members = [] }, index) => {
    const field = `policy.bindings[${index}]`;
    const bad = members.find((member) => !isPrincipal(member) && !EVERYONE.test(member));
    return [
      ...(isRole(role)
        ? []
        : [{ field: `${field}.role`, description: `"${role}" is not a role; expected roles/NAME.` }]),
      ...(bad === undefined
        ? []
        : [
            {
              field: `${field}.members`,
              description: `"${bad}" is not a principal; expected user:EMAIL and the like.`,
            },
          ]),
    ];
  });
}
