import { type Call, type Handler, parameter } from "../call.js";
import { conditionNotMet, GCP_INSTEAD, invalid, notSupported } from "../errors.js";
import type { Binding, BucketRecord } from "../records.js";
import { shortEtag } from "../resources.js";

/** IAM policies of buckets (docs.cloud.google.com/storage/docs/access-control/iam). Everybody here is the project's owner. */

const etag = ({ generation, policy }: BucketRecord): string =>
  Buffer.from(shortEtag(generation, policy.revision)).toString("base64");

function policyResource(record: BucketRecord, version: number): object {
  const { policy, name } = record;
  // A caller that knows no conditions is not shown bindings that have them (the policy's version says so).
  const bindings = version >= 3 ? policy.bindings : policy.bindings.filter(({ condition }) => !condition);
  return {
    kind: "storage#policy",
    resourceId: `projects/_/buckets/${name}`,
    version: version >= 3 ? policy.version : 1,
    etag: etag(record),
    bindings,
  };
}

const getIamPolicy: Handler = (call, { catalog }) =>
  policyResource(
    catalog.bucket(parameter(call, "bucket")),
    Number(call.query.get("optionsRequestedPolicyVersion") ?? 1),
  );

const setIamPolicy: Handler = async (call, state) => {
  const version = Number(call.body.version ?? 1);
  const bindings = readBindings(call, version);
  const record = await state.buckets.update(parameter(call, "bucket"), {}, (before) => {
    const expected = call.body.etag;
    if (typeof expected === "string" && expected !== "" && expected !== etag(before)) throw conditionNotMet();
    const uniform = before.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled;
    if (bindings.some(({ condition }) => condition) && !uniform) {
      throw invalid("IAM Conditions require uniform bucket-level access to be enabled on the bucket.");
    }
    return { policy: { version, bindings, revision: before.policy.revision + 1 } };
  });
  return policyResource(record, version);
};

function readBindings(call: Call, version: number): readonly Binding[] {
  const bindings = (call.body.bindings ?? []) as readonly Binding[];
  for (const { role, members, condition } of bindings) {
    if (!/^(roles\/|projects\/|organizations\/)/.test(role ?? "")) throw invalid(`Invalid role: '${role ?? ""}'`);
    if (!Array.isArray(members)) throw invalid(`The binding of ${role} needs members.`);
    const wrong = members.find((member) => !/^(allUsers|allAuthenticatedUsers|[a-zA-Z]+:.+)$/.test(member));
    if (wrong !== undefined) throw invalid(`Invalid member: '${wrong}'`);
    if (condition && version < 3) throw invalid("A policy with conditions has version 3.");
  }
  return bindings.filter(({ members }) => members.length > 0);
}

const testIamPermissions: Handler = (call, { catalog }) => {
  catalog.bucket(parameter(call, "bucket"));
  const permissions = call.query.getAll("permissions");
  const wrong = permissions.find((permission) => !/^storage\.\w+\.\w+$/.test(permission));
  if (wrong !== undefined) throw invalid(`Invalid permission: '${wrong}'`);
  return { kind: "storage#testIamPermissionsResponse", ...(permissions.length === 0 ? {} : { permissions }) };
};

const objectPolicies: Handler = () => {
  throw notSupported("An IAM policy of a single object", GCP_INSTEAD);
};

export const policies: Readonly<Record<string, Handler>> = {
  "buckets.getIamPolicy": getIamPolicy,
  "buckets.setIamPolicy": setIamPolicy,
  "buckets.testIamPermissions": testIamPermissions,
  "objects.getIamPolicy": objectPolicies,
  "objects.setIamPolicy": objectPolicies,
  "objects.testIamPermissions": (call, state) => {
    state.objects.find(parameter(call, "bucket"), parameter(call, "object"), call.query.get("generation"));
    const permissions = call.query.getAll("permissions");
    return { kind: "storage#testIamPermissionsResponse", ...(permissions.length === 0 ? {} : { permissions }) };
  },
};
