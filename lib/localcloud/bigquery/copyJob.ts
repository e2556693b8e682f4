import type { BigQueryContext } from "./context.js";
import { quoteIdentifier } from "./engine/duckTypes.js";
import {
  datasetNotFound,
  datasetNotFoundInLocation,
  invalid,
  notSupported,
  tableExists,
  tableName,
  tableNotFound,
} from "./errors.js";
import { expiration } from "./expiration.js";
import type { Job, JobOutcome, JobReference } from "./jobs.js";
import { checkTableId, refuseDecorator } from "./names.js";
import type { TableRecord } from "./resources.js";
import type { FieldSchema, TableReference } from "./schema.js";

/** `JobConfigurationTableCopy`, as far as it is honoured. */
export interface CopyConfiguration {
  readonly sourceTable?: TableReference | null;
  readonly sourceTables?: readonly TableReference[] | null;
  readonly destinationTable?: TableReference | null;
  readonly createDisposition?: string | null;
  readonly writeDisposition?: string | null;
  readonly operationType?: string | null;
  readonly destinationExpirationTime?: string | null;
}

export interface CopyPlan {
  readonly sources: readonly TableReference[];
  readonly destination: TableReference;
  readonly configuration: CopyConfiguration;
}

/** What can be said before the job runs: the request fails, not the job. @throws CloudError */
export function checkCopy(
  { projectId, location }: JobReference,
  configuration: CopyConfiguration,
  { catalog }: BigQueryContext,
): CopyPlan {
  const { sourceTable, sourceTables, destinationTable } = configuration;
  const sources = (sourceTables && sourceTables.length > 0 ? sourceTables : sourceTable ? [sourceTable] : []).map(
    (table) => ({ ...table, projectId: table.projectId ?? projectId }),
  );
  if (sources.length === 0) throw invalid("Required parameter is missing: copy.sourceTable");
  if (!destinationTable) throw invalid("Required parameter is missing: copy.destinationTable");
  const destination = { ...destinationTable, projectId: destinationTable.projectId ?? projectId };
  checkTableId(destination.tableId);
  const operation = operationOf(configuration);
  if (operation !== "COPY" && sources.length > 1) {
    throw invalid(`Copy operation ${operation} takes one source table, not ${sources.length}.`);
  }
  for (const at of [...sources, destination]) {
    const dataset = catalog.dataset(at);
    if (!dataset) throw datasetNotFound(at);
    if (dataset.resource.location.toLowerCase() !== location.toLowerCase())
      throw datasetNotFoundInLocation(at, location);
  }
  for (const source of sources) {
    const record = catalog.table(source);
    if (!record && catalog.model({ ...source, modelId: source.tableId })) {
      throw notSupported("Copying a model", "Train it under the other name too: CREATE MODEL with the same query.");
    }
    if (!record) {
      refuseDecorator(source.tableId);
      throw tableNotFound(source);
    }
    const { type } = record.resource;
    if (operation === "RESTORE" && type !== "SNAPSHOT")
      throw invalid(`${tableName(source)} is a ${type}: only a snapshot can be restored.`);
    if (type !== "TABLE" && type !== "SNAPSHOT")
      throw invalid(`${tableName(source)} is a ${type} and cannot be copied.`);
  }
  return { sources, destination, configuration };
}

/** CLONE and RESTORE make an ordinary table, as COPY does; SNAPSHOT one that nothing changes. */
function operationOf({ operationType }: CopyConfiguration): "COPY" | "SNAPSHOT" | "RESTORE" | "CLONE" {
  switch (operationType) {
    case "SNAPSHOT":
    case "RESTORE":
    case "CLONE":
      return operationType;
    default:
      return "COPY";
  }
}

/** What a copy's resource says of its source. */
function originOf(operation: ReturnType<typeof operationOf>, source: TableRecord, now: string) {
  const origin = { baseTableReference: source.reference };
  const time = new Date(Number(now)).toISOString();
  if (operation === "SNAPSHOT") {
    return { type: "SNAPSHOT" as const, snapshotDefinition: { ...origin, snapshotTime: time } };
  }
  return {
    type: "TABLE" as const,
    ...(operation === "CLONE" ? { cloneDefinition: { ...origin, cloneTime: time } } : {}),
  };
}

/** Copies rows and schema; all or nothing, with the job's record. */
export async function runCopy(job: Job, plan: CopyPlan, context: BigQueryContext): Promise<JobOutcome> {
  const { sources, destination, configuration } = plan;
  return context.catalog.write(async (transaction) => {
    const records = sources.map((source) => {
      const record = transaction.table(source);
      if (!record) throw tableNotFound(source);
      return record;
    });
    const [first] = records;
    if (!first) throw invalid("Required parameter is missing: copy.sourceTable");
    const write = configuration.writeDisposition ?? "WRITE_EMPTY";
    let target = transaction.table(destination);
    if (!target && configuration.createDisposition === "CREATE_NEVER") throw tableNotFound(destination);
    // A table may be copied onto itself: its rows are put aside first.
    const copies: string[] = [];
    for (const [index, record] of records.entries()) {
      if (record.physicalName === undefined) continue;
      await transaction.connection.run(`CREATE TEMP TABLE copy_${index} AS SELECT * FROM main.${record.physicalName}`);
      copies.push(`copy_${index}`);
    }
    if (target && write === "WRITE_EMPTY" && target.physicalName !== undefined) {
      const found = await transaction.connection.runAndReadAll(`SELECT 1 FROM main.${target.physicalName} LIMIT 1`);
      if (found.currentRowCount > 0) throw tableExists(destination);
    }
    if (target && write !== "WRITE_APPEND") {
      await transaction.dropTable(destination);
      target = undefined;
    }
    const owner = transaction.dataset(destination);
    if (!owner) throw datasetNotFound(destination);
    if (!target) {
      const { expirationTime: _, snapshotDefinition: _s, cloneDefinition: _c, ...resource } = first.resource;
      const given = configuration.destinationExpirationTime;
      target = await transaction.createTable(destination, {
        ...resource,
        ...originOf(operationOf(configuration), first, transaction.now),
        ...expiration(given ? { expirationTime: String(Date.parse(given)) } : {}, owner, Number(transaction.now)),
        location: owner.resource.location,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
      });
    }
    let rows = 0;
    const columns = target.resource.schema?.fields ?? [];
    for (const record of records) checkSameColumns(record, columns, destination);
    const names = columns.map((field) => quoteIdentifier(field.name)).join(", ");
    for (const copy of copies) {
      const inserted = await transaction.connection.run(
        `INSERT INTO main.${target.physicalName} (${names}) SELECT ${names} FROM temp.${copy}`,
      );
      rows += inserted.rowsChanged;
      await transaction.connection.run(`DROP TABLE temp.${copy}`);
    }
    await transaction.touchRows(destination);
    const outcome: JobOutcome = {
      configuration: job.configuration,
      statistics: { copy: { copiedRows: String(rows) } },
      rows: { kind: "none" },
    };
    await context.jobs.record(transaction, job.stored(outcome, context.clock.now()));
    return outcome;
  });
}

/** @throws CloudError invalid when the destination cannot take the source's rows. */
function checkSameColumns(source: TableRecord, columns: readonly FieldSchema[], destination: TableReference): void {
  const normal = (fields: readonly FieldSchema[]): string =>
    JSON.stringify(
      fields.map((field) => [
        field.name.toLowerCase(),
        field.type,
        field.mode === "REPEATED",
        normal(field.fields ?? []),
      ]),
    );
  if (normal(source.resource.schema?.fields ?? []) === normal(columns)) return;
  throw invalid(
    `Provided Schema does not match Table ${tableName(destination)}. Table ${tableName(source.reference)} has other columns.`,
  );
}
