import { type BigQueryContext, type Call, type Handler, parameter } from "../context.js";
import { datasetInUse, datasetNotFound, invalid, notSupported } from "../errors.js";
import { DEFAULT_EXPIRATION_MIN_MS } from "../limits.js";
import { checkPrecondition, etagOf, flagOf, labelFilter, mergePatch, pageOf } from "../listing.js";
import { checkDatasetId, checkLabels, checkProjectId } from "../names.js";
import type { DatasetRecord, DatasetResource } from "../resources.js";
import type { DatasetReference } from "../schema.js";

const LOCATION_DEFAULT = "US";

/** The access that every new dataset has (REST reference, datasets). */
const DEFAULT_ACCESS = [
  { role: "WRITER", specialGroup: "projectWriters" },
  { role: "OWNER", specialGroup: "projectOwners" },
  { role: "OWNER", userByEmail: "activate@localhost" },
  { role: "READER", specialGroup: "projectReaders" },
];

/** Sent as IAM roles, these come back as the basic ones (REST reference, datasets). */
const BASIC_ROLES: Readonly<Record<string, string>> = {
  "roles/bigquery.dataOwner": "OWNER",
  "roles/bigquery.dataEditor": "WRITER",
  "roles/bigquery.dataViewer": "READER",
};

const at = (call: Call): DatasetReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
});

/** @throws CloudError notFound */
function find(call: Call, { catalog }: BigQueryContext): DatasetRecord {
  const record = catalog.dataset(at(call));
  if (!record) throw datasetNotFound(at(call));
  return record;
}

const etag = (record: DatasetRecord): string => etagOf(record.reference, record.resource);

function toWire(record: DatasetRecord, origin: string): Record<string, unknown> {
  const { projectId, datasetId } = record.reference;
  return {
    kind: "bigquery#dataset",
    etag: etag(record),
    id: `${projectId}:${datasetId}`,
    selfLink: `${origin}/bigquery/v2/projects/${projectId}/datasets/${datasetId}`,
    datasetReference: record.reference,
    ...record.resource,
    type: "DEFAULT",
  };
}

/** Checks what a caller may set. @throws CloudError invalid */
function readResource(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { kind: _, datasetReference: __, ...sent } = body;
  const fields: Record<string, unknown> = { ...sent };
  checkLabels(fields.labels);
  for (const name of ["defaultTableExpirationMs", "defaultPartitionExpirationMs"]) {
    const value = fields[name];
    if (value === "0") fields[name] = null;
    else if (typeof value === "string" && Number(value) < DEFAULT_EXPIRATION_MIN_MS) {
      throw invalid(
        `Invalid value for ${name}: ${value} is less than the minimum of ${DEFAULT_EXPIRATION_MIN_MS} (one hour)`,
      );
    }
  }
  const hours = fields.maxTimeTravelHours;
  if (typeof hours === "string" && (Number(hours) < 48 || Number(hours) > 168 || Number(hours) % 24 !== 0)) {
    throw invalid(`Invalid value for maxTimeTravelHours: ${hours}. It is a multiple of 24 between 48 and 168.`);
  }
  if (fields.isCaseInsensitive === true) {
    throw notSupported("A dataset with isCaseInsensitive", "Leave it out: names of tables are case-sensitive.");
  }
  if (Array.isArray(fields.access)) {
    fields.access = fields.access.map((entry: Record<string, unknown>) => {
      const role = typeof entry.role === "string" ? (BASIC_ROLES[entry.role] ?? entry.role) : undefined;
      return role === undefined ? entry : { ...entry, role };
    });
  }
  return fields;
}

const insert: Handler = async (call, { catalog }) => {
  const projectId = parameter(call, "projectId");
  checkProjectId(projectId);
  const datasetId = (call.body.datasetReference as Partial<DatasetReference> | undefined)?.datasetId;
  if (!datasetId) throw invalid("Required parameter is missing: datasetReference.datasetId");
  checkDatasetId(datasetId);
  const fields = mergePatch({}, readResource(call.body)) as Partial<DatasetResource>;
  const record = await catalog.write((transaction) =>
    transaction.createDataset(
      { projectId, datasetId },
      {
        access: DEFAULT_ACCESS,
        ...fields,
        location: fields.location ?? LOCATION_DEFAULT,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
      },
    ),
  );
  return toWire(record, call.origin);
};

const get: Handler = (call, context) => toWire(find(call, context), call.origin);

const list: Handler = (call, { catalog }) => {
  const projectId = parameter(call, "projectId");
  const matches = labelFilter(call.query.get("filter"));
  const all = flagOf(call, "all");
  const records = catalog
    .datasets(projectId)
    .filter(
      ({ reference, resource }) => (all || !reference.datasetId.startsWith("_")) && matches(resource.labels ?? {}),
    );
  const { items, nextPageToken } = pageOf(call, records, (record) => record.reference.datasetId);
  const datasets = items.map(({ reference, resource }) => ({
    kind: "bigquery#dataset",
    id: `${reference.projectId}:${reference.datasetId}`,
    datasetReference: reference,
    ...(resource.labels ? { labels: resource.labels } : {}),
    ...(resource.friendlyName ? { friendlyName: resource.friendlyName } : {}),
    location: resource.location,
    type: "DEFAULT",
  }));
  return {
    kind: "bigquery#datasetList",
    etag: etagOf(datasets),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(datasets.length === 0 ? {} : { datasets }),
  };
};

async function change(
  call: Call,
  context: BigQueryContext,
  apply: (resource: DatasetResource, fields: Record<string, unknown>) => DatasetResource,
): Promise<unknown> {
  const fields = readResource(call.body);
  const record = await context.catalog.write(async (transaction) => {
    const before = transaction.dataset(at(call));
    if (!before) throw datasetNotFound(at(call));
    checkPrecondition(call, etag(before));
    if (
      typeof fields.location === "string" &&
      fields.location.toLowerCase() !== before.resource.location.toLowerCase()
    ) {
      throw invalid(
        `Cannot change the location of dataset ${before.reference.projectId}:${before.reference.datasetId} from ${before.resource.location} to ${fields.location}`,
      );
    }
    const resource = {
      ...apply(before.resource, fields),
      location: before.resource.location,
      creationTime: before.resource.creationTime,
      lastModifiedTime: later(before.resource.lastModifiedTime, transaction.now),
    };
    const after = { reference: before.reference, resource };
    await transaction.putDataset(after);
    return after;
  });
  return toWire(record, call.origin);
}

/** The etag must move with every change, also with two in one millisecond. */
export function later(before: string, now: string): string {
  return Number(now) > Number(before) ? now : String(Number(before) + 1);
}

const patch: Handler = (call, context) => change(call, context, (resource, fields) => mergePatch(resource, fields));

const update: Handler = (call, context) =>
  change(call, context, (resource, fields) => ({
    location: resource.location,
    creationTime: resource.creationTime,
    lastModifiedTime: resource.lastModifiedTime,
    access: resource.access ?? DEFAULT_ACCESS,
    ...mergePatch({}, fields),
  }));

const remove: Handler = async (call, context) => {
  const { catalog, ml } = context;
  const contents = flagOf(call, "deleteContents");
  checkPrecondition(call, etag(find(call, context)));
  // A deployed model keeps its dataset: this is said before anything is lost.
  if (contents) await ml.hook.dropAll(at(call));
  await catalog.write(async (transaction) => {
    const record = transaction.dataset(at(call));
    if (!record) throw datasetNotFound(at(call));
    checkPrecondition(call, etag(record));
    const members = [
      ...transaction.tables(at(call)),
      ...transaction.models(at(call)),
      ...transaction.routines(at(call)),
    ];
    if (members.length > 0 && !contents) throw datasetInUse(at(call));
    await transaction.dropDataset(at(call));
  });
};

const undelete: Handler = () => {
  throw notSupported("datasets.undelete", "A deleted dataset is gone here; create it again.");
};

export const datasets: Readonly<Record<string, Handler>> = {
  "datasets.insert": insert,
  "datasets.get": get,
  "datasets.list": list,
  "datasets.patch": patch,
  "datasets.update": update,
  "datasets.delete": remove,
  "datasets.undelete": undelete,
};
