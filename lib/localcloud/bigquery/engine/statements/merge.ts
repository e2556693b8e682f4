import type { ResolvedMergeStmt, ResolvedMergeWhen } from "../../googlesql/contract/resolved.js";
import type { FieldSchema } from "../../schema.js";
import { quoteIdentifier } from "../duckTypes.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import type { Scope, WriterContext } from "../writer/context.js";
import { required, writeExpression } from "../writer/expressions.js";
import { scopeOf, writeScan } from "../writer/scans.js";
import { assignments } from "./assignments.js";
import { changeRows, defaultSql, dml, fieldNamed, refuseSeveralMatches, stored, targetTable } from "./dml.js";

const MATCHES: Readonly<Record<string, string>> = {
  MATCHED: "MATCHED",
  NOT_MATCHED_BY_TARGET: "NOT MATCHED BY TARGET",
  NOT_MATCHED_BY_SOURCE: "NOT MATCHED BY SOURCE",
};

/** MERGE: DuckDB's own, with BigQuery's rule that a row of the target meets one row of the source at most. */
export async function merge(statement: ResolvedMergeStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  const record = targetTable(statement.table_scan, plan);
  const context = execution.writerContext(plan);
  const target = writeScan(required(statement.table_scan), new Map(), context);
  const source = writeScan(required(statement.from_scan), new Map(), context).joinable();
  const scope = scopeOf(source, scopeOf(target, new Map()));
  const condition = writeExpression(required(statement.merge_expr), scope, context);
  const fields = record.resource.schema?.fields ?? [];
  const clauses = statement.when_clause_list.map((when) => {
    const match = MATCHES[when.match_type];
    if (!match) throw unsupportedStatement(`MERGE with WHEN ${when.match_type}`);
    const also = when.match_expr ? ` AND ${writeExpression(when.match_expr, scope, context)}` : "";
    return `WHEN ${match}${also} THEN ${action(when, { fields, scope, context, plan, execution })}`;
  });
  const merging = `MERGE INTO ${target.from} USING ${source.from} ON ${condition} ${clauses.join(" ")} RETURNING merge_action`;
  const checks = statement.when_clause_list.some((when) => when.match_type === "MATCHED");
  return changeRows(execution, record, async (connection) => {
    if (checks) await refuseSeveralMatches(connection, execution, target, source, condition);
    const counts = { inserted: 0, updated: 0, deleted: 0 };
    const result = await connection.stream(execution.fill(merging));
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const name of chunk.getColumnValues(0)) {
        if (name === "INSERT") counts.inserted += 1;
        else if (name === "UPDATE") counts.updated += 1;
        else counts.deleted += 1;
      }
    }
    return dml("MERGE", counts);
  });
}

function action(
  when: ResolvedMergeWhen,
  from: {
    readonly fields: readonly FieldSchema[];
    readonly scope: Scope;
    readonly context: WriterContext;
    readonly plan: Plan;
    readonly execution: Execution;
  },
): string {
  const defaultOf = (field: FieldSchema) => defaultSql(field, from.plan, from.execution, from.context);
  if (when.action_type === "DELETE") return "DELETE";
  if (when.action_type === "UPDATE") {
    return `UPDATE SET ${assignments(when.update_item_list, { ...from, defaultOf }).join(", ")}`;
  }
  const given = when.insert_column_list.map((column) => fieldNamed(from.fields, column.name));
  const values = (when.insert_row?.value_list ?? []).map((value, index) => {
    const field = required(given[index]);
    const expression = required(value.value);
    const written =
      expression.node === "ResolvedDMLDefault"
        ? defaultOf(field)
        : writeExpression(expression, from.scope, from.context);
    return stored(written, field, from.context);
  });
  const missing = from.fields.filter((field) => !given.includes(field) && field.defaultValueExpression !== undefined);
  const columns = [...given, ...missing].map((field) => quoteIdentifier(field.name));
  const all = [...values, ...missing.map((field) => stored(defaultOf(field), field, from.context))];
  return `INSERT (${columns.join(", ")}) VALUES (${all.join(", ")})`;
}
