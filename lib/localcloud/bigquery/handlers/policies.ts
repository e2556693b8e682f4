import { type BigQueryContext, type Call, type Handler, parameter } from "../context.js";
import { datasetNotFound, invalid, routineNotFound, tableNotFound } from "../errors.js";
import { etagOf } from "../listing.js";
import type { RoutineReference } from "../resources.js";
import type { TableReference } from "../schema.js";

/**
 * Policies of tables and routines: kept and given back. Everyone may do everything here, so nothing is refused for want
 * of a permission.
 */
interface Policy {
  readonly version?: number;
  readonly bindings?: readonly {
    readonly role?: string;
    readonly members?: readonly string[];
    readonly condition?: unknown;
  }[];
}

const withEtag = (policy: Policy): Policy & { readonly etag: string } => ({
  version: 1,
  ...policy,
  etag: etagOf(policy.version ?? 1, policy.bindings ?? []),
});

/** @throws CloudError invalid */
function readPolicy(call: Call, current: Policy): Policy {
  const policy = call.body.policy as (Policy & { readonly etag?: string }) | null | undefined;
  if (!policy) throw invalid("Required parameter is missing: policy");
  for (const binding of policy.bindings ?? []) {
    if (!binding.role?.startsWith("roles/") && !/^(projects|organizations)\/[^/]+\/roles\//.test(binding.role ?? "")) {
      throw invalid(`Role ${binding.role} is not a role: it is written roles/bigquery.dataViewer.`);
    }
    for (const member of binding.members ?? []) {
      if (member === "allUsers" || member === "allAuthenticatedUsers" || member.includes(":")) continue;
      throw invalid(`Member ${member} is not a principal: it is written user:name@example.com.`);
    }
  }
  const sent = (call.body.policy as { readonly etag?: string }).etag;
  if (sent !== undefined && sent !== withEtag(current).etag) {
    throw invalid(
      "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.",
    );
  }
  const { version, bindings } = policy;
  return { ...(version === undefined ? {} : { version }), bindings: bindings ?? [] };
}

const testIamPermissions: Handler = (call) => {
  const permissions = (call.body.permissions ?? []) as readonly string[];
  return permissions.length > 0 ? { permissions } : {};
};

const table = (call: Call): TableReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
  tableId: parameter(call, "tableId"),
});

/** @throws CloudError notFound */
function tablePolicy(call: Call, { catalog }: Pick<BigQueryContext, "catalog">): Policy {
  if (!catalog.dataset(table(call))) throw datasetNotFound(table(call));
  const record = catalog.table(table(call));
  if (!record) throw tableNotFound(table(call));
  return (record.iamPolicy as Policy | undefined) ?? {};
}

const setTablePolicy: Handler = async (call, context) => {
  const policy = readPolicy(call, tablePolicy(call, context));
  await context.catalog.write(async (transaction) => {
    const record = transaction.table(table(call));
    if (!record) throw tableNotFound(table(call));
    await transaction.putTable({ ...record, iamPolicy: policy });
  });
  return withEtag(policy);
};

const routine = (call: Call): RoutineReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
  routineId: parameter(call, "routineId"),
});

/** @throws CloudError notFound */
function routinePolicy(call: Call, { catalog }: Pick<BigQueryContext, "catalog">): Policy {
  const record = catalog.routine(routine(call));
  if (!record) throw routineNotFound(routine(call));
  return (record.iamPolicy as Policy | undefined) ?? {};
}

const setRoutinePolicy: Handler = async (call, context) => {
  const policy = readPolicy(call, routinePolicy(call, context));
  await context.catalog.write(async (transaction) => {
    const record = transaction.routine(routine(call));
    if (!record) throw routineNotFound(routine(call));
    await transaction.putRoutine({ ...record, iamPolicy: policy });
  });
  return withEtag(policy);
};

export const policies: Readonly<Record<string, Handler>> = {
  "tables.getIamPolicy": (call, context) => withEtag(tablePolicy(call, context)),
  "tables.setIamPolicy": setTablePolicy,
  "tables.testIamPermissions": (call, context) => {
    tablePolicy(call, context);
    return testIamPermissions(call, context);
  },
  "routines.getIamPolicy": (call, context) => withEtag(routinePolicy(call, context)),
  "routines.setIamPolicy": setRoutinePolicy,
  "routines.testIamPermissions": (call, context) => {
    routinePolicy(call, context);
    return testIamPermissions(call, context);
  },
};
