import { CloudError } from "../../../platform/errors.js";
import { invalidQuery } from "../../errors.js";
import type { ResolvedAssertStmt } from "../../googlesql/contract/resolved.js";
import { fieldOf } from "../../storage.js";
import type { RowSink } from "../engine.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import { runWhole } from "../whole.js";
import { CannotWrite } from "../writer/context.js";
import { required, writeExpression } from "../writer/expressions.js";
import { alterRelation, alterSchema, setTableOptions } from "./alter.js";
import { createSchema, createSnapshot, createTable, createView, drop } from "./ddl.js";
import { writeDestination } from "./destination.js";
import { insert, remove, truncate, update } from "./dml.js";
import { exportData } from "./exportData.js";
import { merge } from "./merge.js";
import { alterModel, createModel, dropModel, exportModel } from "./models.js";
import { createProcedure, createRoutine, dropRoutine } from "./routines.js";

/** Runs one analyzed statement; rows go to the sink, or to the request's destination table. */
export async function runStatement(plan: Plan, execution: Execution, sink: () => RowSink): Promise<Outcome> {
  try {
    return await runWritten(plan, execution, sink);
  } catch (thrown) {
    if (!TRY_WITH_SUBQUERY.test(causeText(thrown)) || plan.isolatesSubqueries) throw thrown;
    plan.isolateSubqueries();
    return runWritten(plan, execution, sink);
  }
}

/** DuckDB says so when it binds a statement, before anything has run. */
const TRY_WITH_SUBQUERY = /TRY can not be used in combination with a scalar subquery/;

function causeText(thrown: unknown): string {
  return thrown instanceof CloudError && thrown.details.cause instanceof Error ? thrown.details.cause.message : "";
}

async function runWritten(plan: Plan, execution: Execution, sink: () => RowSink): Promise<Outcome> {
  const statement = plan.statement;
  switch (statement.node) {
    case "ResolvedQueryStmt":
      return runQuery(plan, execution, sink);
    case "ResolvedCreateTableStmt":
    case "ResolvedCreateTableAsSelectStmt":
      return createTable(statement, plan, execution);
    case "ResolvedCreateViewStmt":
    case "ResolvedCreateMaterializedViewStmt":
      return createView(statement, plan, execution);
    case "ResolvedCreateSchemaStmt":
      return createSchema(statement, plan, execution);
    case "ResolvedCreateFunctionStmt":
    case "ResolvedCreateTableFunctionStmt":
      return createRoutine(statement, plan, execution);
    case "ResolvedCreateProcedureStmt":
      return createProcedure(statement, plan, execution);
    case "ResolvedCreateSnapshotTableStmt":
      return createSnapshot(statement, plan, execution);
    case "ResolvedCreateModelStmt":
      return createModel(statement, plan, execution);
    case "ResolvedAlterModelStmt":
      return alterModel(statement, plan, execution);
    case "ResolvedExportModelStmt":
      return exportModel(statement, plan, execution);
    case "ResolvedExportDataStmt":
      return exportData(statement, plan, execution);
    case "ResolvedDropStmt":
      if (statement.object_type.toUpperCase() === "MODEL") {
        return dropModel(statement.name_path, statement.is_if_exists, execution);
      }
      if (statement.object_type.toUpperCase() === "PROCEDURE")
        return dropRoutine(statement, "DROP_PROCEDURE", execution);
      return drop(statement, execution);
    case "ResolvedDropMaterializedViewStmt":
      return drop({ ...statement, object_type: "MATERIALIZED VIEW" }, execution);
    case "ResolvedDropSnapshotTableStmt":
      return drop({ ...statement, object_type: "SNAPSHOT TABLE" }, execution);
    case "ResolvedDropFunctionStmt":
      return dropRoutine(statement, "DROP_FUNCTION", execution);
    case "ResolvedDropTableFunctionStmt":
      return dropRoutine(statement, "DROP_TABLE_FUNCTION", execution);
    case "ResolvedAlterTableStmt":
    case "ResolvedAlterViewStmt":
    case "ResolvedAlterMaterializedViewStmt":
      return alterRelation(statement, plan, execution);
    case "ResolvedAlterTableSetOptionsStmt":
      return setTableOptions(statement, plan, execution);
    case "ResolvedAlterSchemaStmt":
      return alterSchema(statement, plan, execution);
    case "ResolvedInsertStmt":
      return insert(statement, plan, execution);
    case "ResolvedUpdateStmt":
      return update(statement, plan, execution);
    case "ResolvedDeleteStmt":
      return remove(statement, plan, execution);
    case "ResolvedMergeStmt":
      return merge(statement, plan, execution);
    case "ResolvedTruncateStmt":
      return truncate(statement, plan, execution);
    case "ResolvedAssertStmt":
      return assertTrue(statement, plan, execution);
    default:
      throw unsupportedStatement(
        statement.node
          .replace(/^Resolved|Stmt$/g, "")
          .replace(/([a-z])([A-Z])/g, "$1 $2")
          .toUpperCase(),
      );
  }
}

async function runQuery(plan: Plan, execution: Execution, sink: () => RowSink): Promise<Outcome> {
  const services = execution.parts.planner.services(plan.analyzed, execution.session, execution.location);
  const begun = { rows: false };
  const watched = (): RowSink => {
    begun.rows = true;
    return sink();
  };
  try {
    const { written, exact } = plan.query(services);
    const schema = written.columns.map((column) => fieldOf(column.name, column.type));
    const route = exact.length > 0 ? ({ route: "exact", routeReason: exact.join(", ") } as const) : {};
    const outcome: Outcome = { statementType: "SELECT", schema, ...route };
    if (execution.request.destination && !execution.isScript) {
      return await writeDestination(execution.request.destination, written, outcome, execution);
    }
    const totalRows = await execution.stream(written.sql, written.columns, watched);
    return { ...outcome, totalRows };
  } catch (thrown) {
    const reason = unwritable(thrown);
    const mayRunWhole = execution.parts.mayEvaluate && !begun.rows && !execution.request.destination;
    if (reason === undefined || !mayRunWhole) throw thrown;
    try {
      return await runWhole(plan, reason, execution, sink);
    } catch (whole) {
      // Why DuckDB could not says more than that the evaluator could not either.
      throw whole instanceof CloudError && whole.details.reason === "invalidQuery" ? whole : thrown;
    }
  }
}

/** Why a query is not for DuckDB, where that is why it failed: it cannot be written, or DuckDB does not bind it. */
function unwritable(thrown: unknown): string | undefined {
  if (thrown instanceof CannotWrite) return thrown.message;
  if (!(thrown instanceof CloudError)) return undefined;
  if (thrown.details.reason === "notImplemented") return thrown.details.metadata?.function ?? thrown.message;
  return thrown.status === "INTERNAL" && !TRY_WITH_SUBQUERY.test(causeText(thrown))
    ? causeText(thrown).split("\n")[0]
    : undefined;
}

async function assertTrue(statement: ResolvedAssertStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  const sql = writeExpression(required(statement.expression), new Map(), execution.writerContext(plan));
  const holds = await execution.single(`SELECT ${sql} AS o1`, { kind: "BOOL" });
  if (holds !== "true") {
    throw invalidQuery(
      statement.description === "" ? "Assertion failed" : `Assertion failed: ${statement.description}`,
    );
  }
  return { statementType: "ASSERT" };
}

/** What a statement is called in job statistics, for those that are only analyzed (dry runs). */
export function statementTypeOf(plan: Plan): string {
  const node = plan.statement.node;
  const known = STATEMENT_TYPES[node];
  if (known) return known;
  const words = node
    .replace(/^Resolved|Stmt$/g, "")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toUpperCase();
  if (plan.statement.node === "ResolvedDropStmt")
    return `DROP_${plan.statement.object_type.toUpperCase().replaceAll(" ", "_")}`;
  return words;
}

const STATEMENT_TYPES: Readonly<Record<string, string>> = {
  ResolvedQueryStmt: "SELECT",
  ResolvedTruncateStmt: "TRUNCATE_TABLE",
  ResolvedExportDataStmt: "EXPORT_DATA",
};
