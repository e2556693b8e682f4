import { tableExists } from "../../errors.js";
import type { TableRecord } from "../../resources.js";
import type { FieldSchema } from "../../schema.js";
import { columnDefinition } from "../../storage.js";
import type { Execution, Outcome } from "../execution.js";

/** The hidden dataset that a script's temporary tables are said to live in. */
export const TEMPORARY_DATASET = "_script";
/** Prefix of their physical names; what a crash left behind is dropped at the next start. */
export const TEMPORARY_PREFIX = "temporary_";

/** CREATE TEMP TABLE: lives as long as the script or the session, and is in no dataset. */
export async function createTemporaryTable(
  path: readonly string[],
  fields: readonly FieldSchema[],
  rows: string | undefined,
  statementType: string,
  execution: Execution,
): Promise<Outcome> {
  const name = path[path.length - 1] ?? "";
  const at = { projectId: execution.session.projectId, datasetId: TEMPORARY_DATASET, tableId: name };
  if (execution.session.temporaryTables.has(name.toLowerCase())) throw tableExists(at);
  const physicalName = `${TEMPORARY_PREFIX}${execution.parts.nextTemporary()}`;
  return execution.change(async (transaction) => {
    const definitions = fields.map(columnDefinition).join(", ");
    await transaction.connection.run(`CREATE TABLE main.${physicalName} (${definitions})`);
    if (rows !== undefined) {
      await transaction.connection.run(`INSERT INTO main.${physicalName} ${execution.fill(rows)}`);
    }
    const record: TableRecord = {
      reference: at,
      physicalName,
      resource: {
        type: "TABLE",
        schema: { fields },
        location: execution.location,
        creationTime: transaction.now,
        lastModifiedTime: transaction.now,
      },
    };
    execution.session.temporaryTables.set(name.toLowerCase(), record);
    return { statementType, ddlOperation: "CREATE", ddlTargetTable: at };
  });
}

/** Drops every temporary table of the request; those of a session stay until it ends. */
export async function dropTemporaryTables(execution: Execution): Promise<void> {
  if (execution.session.kept) return;
  const tables = [...execution.session.temporaryTables.values()];
  execution.session.temporaryTables.clear();
  if (tables.length === 0) return;
  await execution.parts.catalog.write(async ({ connection }) => {
    for (const table of tables) await connection.run(`DROP TABLE IF EXISTS main.${table.physicalName}`);
  });
}
