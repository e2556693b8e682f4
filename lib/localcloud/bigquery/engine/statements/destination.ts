import { invalid, tableExists } from "../../errors.js";
import type { TableResource } from "../../resources.js";
import type { FieldSchema } from "../../schema.js";
import { fieldOf } from "../../storage.js";
import { quoteIdentifier } from "../duckTypes.js";
import type { QueryDestination } from "../engine.js";
import type { Execution, Outcome } from "../execution.js";
import type { WrittenQuery } from "../writer/query.js";
import { born, storable } from "./ddl.js";

/** Writes a query's rows into the job's destination table, by its dispositions (contracts 2.5). */
export async function writeDestination(
  destination: QueryDestination,
  written: WrittenQuery,
  outcome: Outcome,
  execution: Execution,
): Promise<Outcome> {
  const at = destination.table;
  const fields = written.columns.map((column) => fieldOf(column.name, column.type));
  const types = written.columns.map((column) => column.type);
  const partitioned = (destination.timePartitioning as { readonly field?: string } | undefined)?.field;
  if (partitioned !== undefined && !fields.some((field) => field.name.toLowerCase() === partitioned.toLowerCase())) {
    throw invalid("The field specified for partitioning cannot be found in the schema.");
  }
  return execution.change(async (transaction) => {
    if (!transaction.dataset(at)) throw execution.datasetNotFound(at);
    let record = transaction.table(at);
    if (!record && destination.createDisposition === "CREATE_NEVER") throw execution.notFound(at);
    if (record && destination.writeDisposition === "WRITE_EMPTY") {
      const rows = record.physicalName === undefined ? 0 : await count(record.physicalName);
      if (rows > 0) throw tableExists(at);
    }
    const rows = `(${execution.fill(storable(written.sql, types, fields))})`;
    const staging = `${STAGING}${execution.parts.nextTemporary()}`;
    const listed = fields.map((_, index) => `o${index + 1}`).join(", ");
    await transaction.connection.run(`CREATE TEMP TABLE ${staging} AS SELECT * FROM ${rows} AS r(${listed})`);
    if (record && destination.writeDisposition === "WRITE_TRUNCATE") {
      await transaction.dropTable(at);
      record = undefined;
    }
    if (record && destination.writeDisposition === "WRITE_TRUNCATE_DATA" && record.physicalName !== undefined) {
      await transaction.connection.run(`DELETE FROM main.${record.physicalName}`);
    }
    if (!record) {
      record = await transaction.createTable(at, {
        type: "TABLE",
        schema: { fields },
        ...layout(destination),
        ...born(transaction, at),
      });
    } else {
      record = await transaction.changeSchema(at, merged(record.resource.schema?.fields ?? [], fields, destination));
    }
    const names = fields.map((field) => quoteIdentifier(field.name)).join(", ");
    const result = await transaction.connection.run(
      `INSERT INTO main.${record.physicalName} (${names}) SELECT ${listed} FROM temp.${staging}`,
    );
    await transaction.connection.run(`DROP TABLE temp.${staging}`);
    await transaction.touchRows(at);
    return { ...outcome, totalRows: result.rowsChanged };

    async function count(physicalName: string): Promise<number> {
      const reader = await transaction.connection.runAndReadAll(`SELECT count(*) FROM main.${physicalName}`);
      return Number(reader.getRowsJS()[0]?.[0] ?? 0);
    }
  });
}

const STAGING = "staging_";

function layout(destination: QueryDestination): Partial<TableResource> {
  return {
    ...(destination.timePartitioning
      ? { timePartitioning: destination.timePartitioning as NonNullable<TableResource["timePartitioning"]> }
      : {}),
    ...(destination.rangePartitioning
      ? { rangePartitioning: destination.rangePartitioning as NonNullable<TableResource["rangePartitioning"]> }
      : {}),
    ...(destination.clustering
      ? { clustering: destination.clustering as NonNullable<TableResource["clustering"]> }
      : {}),
  };
}

/** The table's columns, with those that the query has beyond them. @throws CloudError invalid unless allowed. */
function merged(
  before: readonly FieldSchema[],
  after: readonly FieldSchema[],
  destination: QueryDestination,
): readonly FieldSchema[] {
  const allowed = destination.schemaUpdateOptions ?? [];
  const name = `${destination.table.projectId}:${destination.table.datasetId}.${destination.table.tableId}`;
  const added: FieldSchema[] = [];
  for (const field of after) {
    const known = before.find((candidate) => candidate.name.toLowerCase() === field.name.toLowerCase());
    if (!known) {
      if (!allowed.includes("ALLOW_FIELD_ADDITION")) {
        throw invalid(`Provided Schema does not match Table ${name}. Cannot add fields (field: ${field.name})`);
      }
      added.push(field);
    } else if (known.type !== field.type) {
      throw invalid(
        `Provided Schema does not match Table ${name}. Field ${field.name} has changed type from ${known.type} to ${field.type}`,
      );
    }
  }
  return [...before, ...added];
}
