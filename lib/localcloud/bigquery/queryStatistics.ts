import type { JsonObject } from "../platform/discovery.js";
import type { StatementResult } from "./engine/engine.js";
import { bytesBilled } from "./queryJob.js";

/** Statistics and configuration of query jobs as BigQuery answers them (contracts 2.5). */

/** `JobStatistics` of one statement, beside the times. */
export function queryStatistics(statement: StatementResult): JsonObject {
  const bytes = String(statement.bytesProcessed);
  return {
    totalBytesProcessed: bytes,
    query: {
      statementType: statement.statementType,
      totalBytesProcessed: bytes,
      totalBytesBilled: String(bytesBilled(statement.bytesProcessed)),
      totalBytesProcessedAccuracy: statement.bytesProcessed === 0 ? "PRECISE" : "UPPER_BOUND",
      cacheHit: false,
      billingTier: 0,
      ...(statement.referencedTables.length > 0 ? { referencedTables: statement.referencedTables } : {}),
      ...dmlStatistics(statement),
      ...exportStatistics(statement),
      ...ddlStatistics(statement),
      ...(statement.mlStatistics ? { mlStatistics: statement.mlStatistics } : {}),
      ...(statement.undeclaredParameters ? { undeclaredQueryParameters: statement.undeclaredParameters } : {}),
      queryPlan: [
        {
          // How the statement ran: DuckDB alone, with Google's evaluator behind a function, or the evaluator alone.
          name: `route: ${statement.route}`,
          id: "0",
          status: "COMPLETE",
          steps: [
            { kind: "ROUTE", substeps: [statement.route, ...(statement.routeReason ? [statement.routeReason] : [])] },
          ],
        },
      ],
    },
  };
}

function dmlStatistics({ dmlStats }: StatementResult): JsonObject {
  if (!dmlStats) return {};
  const { insertedRowCount, updatedRowCount, deletedRowCount } = dmlStats;
  return {
    numDmlAffectedRows: String(insertedRowCount + updatedRowCount + deletedRowCount),
    dmlStats: {
      insertedRowCount: String(insertedRowCount),
      updatedRowCount: String(updatedRowCount),
      deletedRowCount: String(deletedRowCount),
    },
  };
}

function exportStatistics({ exportStats }: StatementResult): JsonObject {
  if (!exportStats) return {};
  const { fileCount, rowCount } = exportStats;
  return { exportDataStatistics: { fileCount: String(fileCount), rowCount: String(rowCount) } };
}

function ddlStatistics(statement: StatementResult): JsonObject {
  if (statement.ddlOperation === undefined) return {};
  const model = statement.ddlTargetModel;
  const table =
    statement.ddlTargetTable ??
    (model && { projectId: model.projectId, datasetId: model.datasetId, tableId: model.modelId });
  return {
    ddlOperationPerformed: statement.ddlOperation,
    ...(table ? { ddlTargetTable: table } : {}),
    ...(statement.ddlTargetDataset ? { ddlTargetDataset: statement.ddlTargetDataset } : {}),
    ...(statement.ddlTargetRoutine ? { ddlTargetRoutine: statement.ddlTargetRoutine } : {}),
  };
}

/** `JobStatistics` of the parent of a script. */
export function scriptStatistics(statements: readonly StatementResult[]): JsonObject {
  const bytes = statements.reduce((sum, statement) => sum + statement.bytesProcessed, 0);
  return {
    totalBytesProcessed: String(bytes),
    query: {
      statementType: "SCRIPT",
      totalBytesProcessed: String(bytes),
      totalBytesBilled: String(bytesBilled(bytes)),
      cacheHit: false,
    },
  };
}

/** The dataset of results that no table was named for; it is in no list. */
const ANONYMOUS_DATASET = "_activate_results";

/** The configuration with `jobType` and a destination: the target of a CREATE, else an anonymous table of a SELECT. */
export function queryConfiguration(
  configuration: JsonObject,
  statement: StatementResult | undefined,
  projectId: string,
): JsonObject {
  const query = configuration.query as JsonObject | undefined;
  const model = statement?.ddlTargetModel;
  const target = model
    ? { projectId: model.projectId, datasetId: model.datasetId, tableId: model.modelId }
    : statement?.statementType.startsWith("CREATE_TABLE")
      ? statement.ddlTargetTable
      : undefined;
  const anonymous = statement?.schema ? { projectId, datasetId: ANONYMOUS_DATASET, tableId: "anon" } : undefined;
  const destinationTable = query?.destinationTable ?? target ?? anonymous;
  return {
    ...configuration,
    jobType: "QUERY",
    query: { ...query, priority: query?.priority ?? "INTERACTIVE", ...(destinationTable ? { destinationTable } : {}) },
  };
}
