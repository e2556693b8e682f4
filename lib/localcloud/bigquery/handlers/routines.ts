import type { JsonObject } from "../../platform/discovery.js";
import { type BigQueryContext, type Call, type Handler, parameter } from "../context.js";
import { datasetNotFound, invalid, routineExists, routineNotFound } from "../errors.js";
import { checkPrecondition, etagOf, mergePatch, pageOf } from "../listing.js";
import { checkMemberId } from "../names.js";
import type { RoutineRecord, RoutineReference } from "../resources.js";
import { createRoutineSql } from "../routineSql.js";
import type { DatasetReference } from "../schema.js";
import { later } from "./datasets.js";

const dataset = (call: Call): DatasetReference => ({
  projectId: parameter(call, "projectId"),
  datasetId: parameter(call, "datasetId"),
});
const at = (call: Call): RoutineReference => ({ ...dataset(call), routineId: parameter(call, "routineId") });

const etag = (record: RoutineRecord): string => etagOf(record.reference, record.resource);

const toWire = (record: RoutineRecord): Record<string, unknown> => ({
  etag: etag(record),
  routineReference: record.reference,
  ...record.resource,
});

/** The routine is analyzed as the CREATE FUNCTION that says the same. @throws CloudError when it does not resolve. */
async function check(
  reference: RoutineReference,
  resource: JsonObject,
  call: Call,
  context: BigQueryContext,
): Promise<void> {
  const sql = createRoutineSql(reference, resource);
  const engine = await context.engine();
  await engine.run({
    projectId: reference.projectId,
    sql,
    parameters: [],
    parameterMode: "named",
    dryRun: true,
    sink: () => ({ begin: () => undefined, rows: () => undefined }),
    signal: call.signal,
  });
}

const withDefaults = (fields: JsonObject): JsonObject => {
  const kept = mergePatch({} as JsonObject, fields);
  return { ...kept, language: kept.language ?? "SQL" };
};

const insert: Handler = async (call, context) => {
  const { routineReference, ...fields } = call.body;
  const routineId = (routineReference as Partial<RoutineReference> | null | undefined)?.routineId;
  if (!routineId) throw invalid("Required parameter is missing: routineReference.routineId");
  checkMemberId("Routine", routineId);
  const reference = { ...dataset(call), routineId };
  if (!context.catalog.dataset(reference)) throw datasetNotFound(reference);
  if (context.catalog.routine(reference)) throw routineExists(reference);
  const resource = withDefaults(fields);
  await check(reference, resource, call, context);
  const record = await context.catalog.write(async (transaction) => {
    if (transaction.routine(reference)) throw routineExists(reference);
    const made = {
      reference,
      resource: { ...resource, creationTime: transaction.now, lastModifiedTime: transaction.now },
    };
    await transaction.putRoutine(made);
    return made;
  });
  return toWire(record);
};

/** PUT of the whole: no PATCH exists. */
const update: Handler = async (call, context) => {
  const { routineReference: _, ...fields } = call.body;
  const resource = withDefaults(fields);
  const known = find(call, context);
  if (createRoutineSql(at(call), resource) !== createRoutineSql(at(call), known.resource)) {
    await check(at(call), resource, call, context);
  }
  const record = await context.catalog.write(async (transaction) => {
    const before = transaction.routine(at(call));
    if (!before) throw routineNotFound(at(call));
    checkPrecondition(call, etag(before));
    const times = {
      creationTime: before.resource.creationTime,
      lastModifiedTime: later(String(before.resource.lastModifiedTime ?? "0"), transaction.now),
    };
    const after = { ...before, resource: { ...resource, ...times } };
    await transaction.putRoutine(after);
    return after;
  });
  return toWire(record);
};

/** @throws CloudError notFound */
function find(call: Call, { catalog }: Pick<BigQueryContext, "catalog">): RoutineRecord {
  if (!catalog.dataset(dataset(call))) throw datasetNotFound(dataset(call));
  const record = catalog.routine(at(call));
  if (!record) throw routineNotFound(at(call));
  return record;
}

const get: Handler = (call, context) => toWire(find(call, context));

/** Without a mask a list shows only these (REST reference, routines.list). */
const LISTED = ["routineType", "creationTime", "lastModifiedTime", "language"];

const list: Handler = (call, { catalog }) => {
  if (!catalog.dataset(dataset(call))) throw datasetNotFound(dataset(call));
  const filter = call.query.get("filter");
  const wanted = filter ? /^\s*routineType\s*[:=]\s*"?(\w+)"?\s*$/.exec(filter)?.[1] : undefined;
  if (filter && wanted === undefined)
    throw invalid(`Invalid filter expression: ${filter}. It is written routineType:SCALAR_FUNCTION`, "filter");
  const matching = catalog
    .routines(dataset(call))
    .filter(({ resource }) => wanted === undefined || resource.routineType === wanted);
  const { items, nextPageToken } = pageOf(call, matching, (record) => record.reference.routineId);
  const mask = [...LISTED, ...(call.query.get("readMask") ?? "").split(",").map((name) => name.trim())];
  const routines = items.map((record) => ({
    etag: etag(record),
    routineReference: record.reference,
    ...Object.fromEntries(Object.entries(record.resource).filter(([name]) => mask.includes(name))),
  }));
  return {
    ...(routines.length === 0 ? {} : { routines }),
    ...(nextPageToken === undefined ? {} : { nextPageToken }),
  };
};

const remove: Handler = async (call, context) => {
  find(call, context);
  await context.catalog.write((transaction) => transaction.dropRoutine(at(call)));
};

export const routines: Readonly<Record<string, Handler>> = {
  "routines.insert": insert,
  "routines.update": update,
  "routines.get": get,
  "routines.list": list,
  "routines.delete": remove,
};
