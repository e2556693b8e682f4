import { type BigQueryContext, type Call, type Handler, parameter } from "../context.js";
import { datasetNotFound, invalid, notSupported, tableNotFound } from "../errors.js";
import { expiration, partitionExpiration } from "../expiration.js";
import { checkPrecondition, etagOf, mergePatch, pageOf } from "../listing.js";
import { checkLabels, checkTableId, refuseDecorator } from "../names.js";
import type { TableRecord, TableResource, ViewDefinition } from "../resources.js";
import type { DatasetReference, FieldSchema, TableReference } from "../schema.js";
import { type TableSize, tableSize } from "../tableBytes.js";
import { checkLayout, evolveFields, readFields } from "../tableSchema.js";
import { later } from "./datasets.js";

const dataset = (call: Call): DatasetReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
});
const at = (call: Call): TableReference => ({ ...dataset(call), tableId: parameter(call, "tableId") });

/** @throws CloudError notFound */
export function findTable(call: Call, { catalog }: BigQueryContext): TableRecord {
  if (!catalog.dataset(dataset(call))) throw datasetNotFound(dataset(call));
  const record = catalog.table(at(call));
  if (record) return record;
  refuseDecorator(at(call).tableId);
  throw tableNotFound(at(call));
}

const etag = (record: TableRecord): string => etagOf(record.reference, record.resource);

function toWire(record: TableRecord, origin: string, size: TableSize | undefined): Record<string, unknown> {
  const { projectId, datasetId, tableId } = record.reference;
  const sizes = size && {
    numBytes: String(size.bytes),
    numLongTermBytes: "0",
    numRows: String(size.rows),
    numTotalLogicalBytes: String(size.bytes),
    numActiveLogicalBytes: String(size.bytes),
    numLongTermLogicalBytes: "0",
  };
  return {
    kind: "bigquery#table",
    etag: etag(record),
    id: `${projectId}:${datasetId}.${tableId}`,
    selfLink: `${origin}/bigquery/v2/projects/${projectId}/datasets/${datasetId}/tables/${encodeURIComponent(tableId)}`,
    tableReference: record.reference,
    ...record.resource,
    ...sizes,
  };
}

/** Checks what a caller may set, apart from what depends on the table as it is. @throws CloudError invalid */
function readResource(body: Readonly<Record<string, unknown>>, now: number): Record<string, unknown> {
  const { kind: _, tableReference: __, ...sent } = body;
  const fields: Record<string, unknown> = { ...sent };
  checkLabels(fields.labels);
  if (typeof fields.expirationTime === "string") {
    if (fields.expirationTime === "0") fields.expirationTime = null;
    else if (Number(fields.expirationTime) <= now) {
      throw invalid(`Invalid value for expirationTime: ${fields.expirationTime} is in the past`);
    }
  }
  const schema = fields.schema as { readonly fields?: readonly FieldSchema[] } | null | undefined;
  // The command line sends null for a schema that it leaves alone.
  if (schema === null || schema?.fields === undefined) delete fields.schema;
  else fields.schema = { fields: readFields(schema.fields) };
  if (fields.maxStaleness !== undefined && fields.maxStaleness !== null) {
    throw notSupported("Field 'maxStaleness'", "Leave it out: every read here is fresh.");
  }
  if (fields.materializedView !== undefined && fields.materializedView !== null) {
    throw notSupported("A materialized view", "Create a view: it is computed when it is read.");
  }
  return fields;
}

/** A view's columns are those of its query. @throws CloudError when the query does not resolve. */
async function viewFields(view: ViewDefinition, call: Call, context: BigQueryContext): Promise<readonly FieldSchema[]> {
  if (view.useLegacySql !== false && view.useLegacySql !== undefined) {
    throw notSupported("Legacy SQL in a view", "Set view.useLegacySql to false and write GoogleSQL.");
  }
  if (!view.query) throw invalid("Required parameter is missing: view.query");
  const engine = await context.engine();
  const result = await engine.run({
    projectId: parameter(call, "projectId"),
    sql: view.query,
    parameters: [],
    parameterMode: "named",
    dryRun: true,
    sink: () => ({ begin: () => undefined, rows: () => undefined }),
    signal: call.signal,
  });
  const fields = result.statements[0]?.schema;
  if (!fields) throw invalid("The query of a view must be a SELECT statement.");
  return fields;
}

const insert: Handler = async (call, context) => {
  const parent = dataset(call);
  const tableId = (call.body.tableReference as Partial<TableReference> | undefined)?.tableId;
  if (!tableId) throw invalid("Required parameter is missing: tableReference.tableId");
  checkTableId(tableId);
  if (!context.catalog.dataset(parent)) throw datasetNotFound(parent);
  const fields = mergePatch({}, readResource(call.body, context.clock.now())) as Partial<TableResource>;
  const view = fields.view;
  const schema = view
    ? { fields: describe(await viewFields(view, call, context), fields.schema?.fields) }
    : fields.schema;
  checkLayout(fields, schema?.fields ?? []);
  const record = await context.catalog.write((transaction) => {
    const owner = transaction.dataset(parent);
    if (!owner) throw datasetNotFound(parent);
    return transaction.createTable(
      { ...parent, tableId },
      {
        ...fields,
        ...(schema ? { schema } : {}),
        ...(view ? { view: { useLegacySql: false, ...view } } : {}),
        ...expiration(fields, owner, Number(transaction.now)),
        ...partitionExpiration(fields, owner),
        type: view ? "VIEW" : "TABLE",
        location: owner.resource.location,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
      },
    );
  });
  return toWire(record, call.origin, { rows: 0, bytes: 0 });
};

/** A view keeps the descriptions that its creator wrote for its columns. */
function describe(fields: readonly FieldSchema[], given: readonly FieldSchema[] | undefined): readonly FieldSchema[] {
  return fields.map((field) => {
    const description = given?.find((other) => other.name === field.name)?.description;
    return description === undefined ? field : { ...field, description };
  });
}

const get: Handler = async (call, context) => {
  const record = findTable(call, context);
  const basic = call.query.get("view") === "BASIC";
  const wire = toWire(record, call.origin, basic ? undefined : await tableSize(context.catalog, record));
  const selected = call.query.get("selectedFields");
  if (!selected || !record.resource.schema) return wire;
  const names = selected.split(",").map((name) => name.split(".")[0]?.trim().toLowerCase());
  const fields = record.resource.schema.fields.filter((field) => names.includes(field.name.toLowerCase()));
  return { ...wire, schema: { fields } };
};

const list: Handler = (call, { catalog }) => {
  const parent = dataset(call);
  if (!catalog.dataset(parent)) throw datasetNotFound(parent);
  const records = catalog.tables(parent);
  const { items, nextPageToken } = pageOf(call, records, (record) => record.reference.tableId);
  const tables = items.map(({ reference, resource }) => ({
    kind: "bigquery#table",
    id: `${reference.projectId}:${reference.datasetId}.${reference.tableId}`,
    tableReference: reference,
    type: resource.type,
    ...(resource.friendlyName ? { friendlyName: resource.friendlyName } : {}),
    ...(resource.labels ? { labels: resource.labels } : {}),
    ...(resource.view ? { view: { useLegacySql: false } } : {}),
    ...(resource.timePartitioning ? { timePartitioning: resource.timePartitioning } : {}),
    ...(resource.rangePartitioning ? { rangePartitioning: resource.rangePartitioning } : {}),
    ...(resource.clustering ? { clustering: resource.clustering } : {}),
    ...(resource.expirationTime ? { expirationTime: resource.expirationTime } : {}),
    creationTime: resource.creationTime,
  }));
  return {
    kind: "bigquery#tableList",
    etag: etagOf(tables),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
    ...(tables.length === 0 ? {} : { tables }),
    totalItems: records.length,
  };
};

async function change(
  call: Call,
  context: BigQueryContext,
  apply: (resource: TableResource, fields: Record<string, unknown>) => TableResource,
): Promise<unknown> {
  const fields = readResource(call.body, context.clock.now());
  const newView = fields.view as ViewDefinition | null | undefined;
  const columns = newView ? await viewFields(newView, call, context) : undefined;
  const record = await context.catalog.write(async (transaction) => {
    if (!transaction.dataset(dataset(call))) throw datasetNotFound(dataset(call));
    const before = transaction.table(at(call));
    if (!before) throw tableNotFound(at(call));
    checkPrecondition(call, etag(before));
    checkKept(before.resource, fields);
    const { schema, ...changed } = apply(before.resource, fields);
    const old = before.resource.schema?.fields ?? [];
    const view = before.resource.type === "VIEW";
    const next = view
      ? describe(columns ?? old, schema?.fields)
      : schema === undefined
        ? old
        : evolveFields(at(call), old, schema.fields);
    const resource: TableResource = {
      ...changed,
      ...(next.length > 0 || before.resource.schema ? { schema: { fields: next } } : {}),
      type: before.resource.type,
      location: before.resource.location,
      creationTime: before.resource.creationTime,
      lastModifiedTime: later(before.resource.lastModifiedTime, transaction.now),
    };
    checkLayout(resource, next);
    const placed = !view && next !== old ? await transaction.changeSchema(at(call), next) : before;
    const after = { ...placed, resource };
    await transaction.putTable(after);
    return after;
  });
  return toWire(record, call.origin, await tableSize(context.catalog, record));
}

/** What is fixed when a table is made. @throws CloudError invalid */
function checkKept(resource: TableResource, fields: Readonly<Record<string, unknown>>): void {
  if (fields.view !== undefined && fields.view !== null && resource.type !== "VIEW") {
    throw invalid("Cannot change a table into a view.");
  }
  const partitioning = fields.timePartitioning as TableResource["timePartitioning"] | null;
  if (partitioning && resource.timePartitioning?.field !== partitioning.field) {
    throw invalid("Cannot convert non partitioned/clustered table to partitioned/clustered table.");
  }
}

const patch: Handler = (call, context) => change(call, context, (resource, fields) => mergePatch(resource, fields));

const update: Handler = (call, context) =>
  change(call, context, (resource, fields) => {
    const kept = mergePatch(
      {
        ...(resource.view ? { view: resource.view } : {}),
        ...(resource.timePartitioning ? { timePartitioning: resource.timePartitioning } : {}),
        ...(resource.rangePartitioning ? { rangePartitioning: resource.rangePartitioning } : {}),
      },
      fields,
    );
    return { ...kept, type: resource.type, location: resource.location, creationTime: "", lastModifiedTime: "" };
  });

const remove: Handler = async (call, context) => {
  await context.catalog.write(async (transaction) => {
    if (!transaction.dataset(dataset(call))) throw datasetNotFound(dataset(call));
    const record = transaction.table(at(call));
    if (!record) throw tableNotFound(at(call));
    checkPrecondition(call, etag(record));
    await transaction.dropTable(at(call));
  });
};

export const tables: Readonly<Record<string, Handler>> = {
  "tables.insert": insert,
  "tables.get": get,
  "tables.list": list,
  "tables.patch": patch,
  "tables.update": update,
  "tables.delete": remove,
};
