import type { DuckDBConnection } from "@duckdb/node-api";
import type { CatalogTransaction } from "../../catalog.js";
import { badRequest, invalidQuery } from "../../errors.js";
import type {
  AnyResolvedExpr,
  ResolvedDeleteStmt,
  ResolvedInsertStmt,
  ResolvedTableScan,
  ResolvedTruncateStmt,
  ResolvedUpdateStmt,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { TableRecord } from "../../resources.js";
import type { FieldSchema, SqlType } from "../../schema.js";
import { columnType } from "../../storage.js";
import { duckType, quoteIdentifier } from "../duckTypes.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import { nullSql } from "../literals.js";
import type { Plan } from "../planner.js";
import { CannotWrite, type WriterContext } from "../writer/context.js";
import { required, writeExpression } from "../writer/expressions.js";
import type { Frame } from "../writer/frame.js";
import { scopeOf, writeScan } from "../writer/scans.js";
import { assignments } from "./assignments.js";

/** INSERT, UPDATE, DELETE, TRUNCATE. */

/** The stored table that a statement changes. @throws CloudError for views and the like. */
export function targetTable(
  scan: ResolvedTableScan | undefined,
  plan: Plan,
): TableRecord & { readonly physicalName: string } {
  const bound = plan.analyzed.bound[required(scan?.table).serialization_id];
  const record = bound?.kind === "table" ? bound.record : undefined;
  if (record?.resource.type !== "TABLE" || record.physicalName === undefined) {
    const name = record ? `${record.reference.datasetId}.${record.reference.tableId}` : "what the statement names";
    throw invalidQuery(`DML over ${name}, which is not a table, is not supported`);
  }
  return { ...record, physicalName: record.physicalName };
}

/** Runs the change; a temporary table has no record whose time could move. */
export function changeRows(
  execution: Execution,
  record: TableRecord,
  work: (connection: DuckDBConnection) => Promise<Outcome>,
): Promise<Outcome> {
  return execution.change(async (transaction: CatalogTransaction) => {
    const outcome = await work(transaction.connection);
    if (transaction.table(record.reference)) await transaction.touchRows(record.reference);
    return outcome;
  });
}

/** An expression as a column stores it: NULL arrays empty, limits of parameterised types kept. */
export function stored(sql: string, field: FieldSchema, context: WriterContext): string {
  const type = columnType(field);
  if (type.kind === "ARRAY") return `coalesce(${sql}, CAST([] AS ${duckType(type)}))`;
  const typeParameters = parametersOf(field);
  if (!typeParameters) return sql;
  const written = context.services.functions.cast({ arg: { sql, type }, to: type, safe: false, typeParameters });
  return context.written("cast", written);
}

function parametersOf(field: FieldSchema): readonly number[] | undefined {
  if (field.precision !== undefined) return [Number(field.precision), Number(field.scale ?? 0)];
  return field.maxLength === undefined ? undefined : [Number(field.maxLength)];
}

/** DEFAULT of a column, or NULL. */
export function defaultSql(field: FieldSchema, _plan: Plan, execution: Execution, context: WriterContext): string {
  const type = columnType(field);
  if (field.defaultValueExpression === undefined) return nullSql(type);
  const text = `CAST((${field.defaultValueExpression}) AS ${typeText(type)})`;
  const names = { paths: [], firstWord: "", hasSeveralStatements: false };
  const catalog = execution.parts.planner.analysis.catalogFor(names, execution.session, new Map());
  const expression = execution.parts.planner.analysis.googleSql.analyzeExpression(text, { catalog: catalog.handle });
  return writeExpression(expression, new Map(), context);
}

function typeText(type: SqlType): string {
  if (type.kind === "ARRAY") return `ARRAY<${typeText(type.element)}>`;
  if (type.kind === "RANGE") return `RANGE<${typeText(type.element)}>`;
  if (type.kind !== "STRUCT") return type.kind;
  return `STRUCT<${type.fields.map((field) => `\`${field.name}\` ${typeText(field.type)}`).join(", ")}>`;
}

export async function insert(statement: ResolvedInsertStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  if (statement.returning) throw unsupportedStatement("THEN RETURN");
  const record = targetTable(statement.table_scan, plan);
  const context = execution.writerContext(plan);
  const fields = record.resource.schema?.fields ?? [];
  const given = statement.insert_column_list.map((column) => fieldNamed(fields, column.name));
  const missing = fields.filter((field) => !given.includes(field) && field.defaultValueExpression !== undefined);
  const defaults = missing.map((field) => stored(defaultSql(field, plan, execution, context), field, context));
  const columns = [...given, ...missing].map((field) => quoteIdentifier(field.name)).join(", ");
  const sql = statement.query ? insertedQuery(statement, given, defaults, context) : rowsSql();
  function rowsSql(): string {
    const rows = statement.row_list.map((row) => {
      const values = row.value_list.map((value, index) => {
        const field = required(given[index]);
        const expression = required(value.value);
        const written =
          expression.node === "ResolvedDMLDefault"
            ? defaultSql(field, plan, execution, context)
            : writeExpression(expression, new Map(), context);
        return stored(written, field, context);
      });
      return `(${[...values, ...defaults].join(", ")})`;
    });
    return `VALUES ${rows.join(", ")}`;
  }
  return changeRows(execution, record, async (connection) => {
    const result = await connection.run(execution.fill(`INSERT INTO main.${record.physicalName} (${columns}) ${sql}`));
    return dml("INSERT", { inserted: result.rowsChanged });
  });
}

function insertedQuery(
  statement: ResolvedInsertStmt,
  given: readonly FieldSchema[],
  defaults: readonly string[],
  context: WriterContext,
): string {
  const frame = writeScan(required(statement.query), new Map(), context).readable();
  const list = statement.query_output_column_list.map((column, index) =>
    stored(frame.columnSql(column.column_id), required(given[index]), context),
  );
  return frame.select([...list, ...defaults]);
}

export function fieldNamed(fields: readonly FieldSchema[], name: string): FieldSchema {
  const field = fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
  if (!field) throw new CannotWrite(`column ${name}, which the table does not have`);
  return field;
}

export async function update(statement: ResolvedUpdateStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  if (statement.returning) throw unsupportedStatement("THEN RETURN");
  const record = targetTable(statement.table_scan, plan);
  const context = execution.writerContext(plan);
  const target = writeScan(required(statement.table_scan), new Map(), context);
  const from = statement.from_scan ? writeScan(statement.from_scan, new Map(), context).joinable() : undefined;
  const scope = from ? scopeOf(from, scopeOf(target, new Map())) : scopeOf(target, new Map());
  const condition = writeExpression(required(statement.where_expr), scope, context);
  const sets = assignments(statement.update_item_list, {
    fields: record.resource.schema?.fields ?? [],
    scope,
    context,
    defaultOf: (field) => defaultSql(field, plan, execution, context),
  });
  const joined = from ? ` FROM ${from.from}` : "";
  return changeRows(execution, record, async (connection) => {
    if (from) await refuseSeveralMatches(connection, execution, target, from, condition);
    const sql = `UPDATE ${target.from} SET ${sets.join(", ")}${joined} WHERE ${condition}`;
    const result = await connection.run(execution.fill(sql));
    return dml("UPDATE", { updated: result.rowsChanged });
  });
}

/** A row of the target may meet one row of the source at most. @throws CloudError invalidQuery. */
export async function refuseSeveralMatches(
  connection: DuckDBConnection,
  execution: Execution,
  target: Frame,
  from: Frame,
  condition: string,
): Promise<void> {
  const alias = required(target.from).split(" AS ")[1] ?? "";
  const sql = `SELECT 1 FROM ${target.from}, ${from.from} WHERE ${condition} GROUP BY ${alias}.rowid HAVING count(*) > 1 LIMIT 1`;
  const result = await connection.runAndReadAll(execution.fill(sql));
  if (result.currentRowCount > 0) {
    throw invalidQuery("UPDATE/MERGE must match at most one source row for each target row");
  }
}

export async function remove(statement: ResolvedDeleteStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  if (statement.returning) throw unsupportedStatement("THEN RETURN");
  const record = targetTable(statement.table_scan, plan);
  const context = execution.writerContext(plan);
  const target = writeScan(required(statement.table_scan), new Map(), context);
  const condition = writeExpression(required(statement.where_expr), scopeOf(target, new Map()), context);
  return changeRows(execution, record, async (connection) => {
    const result = await connection.run(execution.fill(`DELETE FROM ${target.from} WHERE ${condition}`));
    return dml("DELETE", { deleted: result.rowsChanged });
  });
}

export async function truncate(statement: ResolvedTruncateStmt, plan: Plan, execution: Execution): Promise<Outcome> {
  if (statement.where_expr) throw badRequest("TRUNCATE TABLE takes no WHERE clause");
  const record = targetTable(statement.table_scan, plan);
  return changeRows(execution, record, async (connection) => {
    const result = await connection.run(`DELETE FROM main.${record.physicalName}`);
    return dml("TRUNCATE_TABLE", { deleted: result.rowsChanged });
  });
}

export function dml(
  statementType: string,
  counts: { readonly inserted?: number; readonly updated?: number; readonly deleted?: number },
): Outcome {
  return {
    statementType,
    dmlStats: {
      insertedRowCount: counts.inserted ?? 0,
      updatedRowCount: counts.updated ?? 0,
      deletedRowCount: counts.deleted ?? 0,
    },
  };
}

export function typeOfColumn(expression: AnyResolvedExpr): SqlType {
  return sqlTypeOf(required(expression.type));
}
