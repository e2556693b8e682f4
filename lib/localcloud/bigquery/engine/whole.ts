import type { DuckDBValue } from "@duckdb/node-api";
import { CloudError } from "../../platform/errors.js";
import { invalidQuery } from "../errors.js";
import { fromProto, toProto } from "../functions/evaluatorValues.js";
import type { Proto } from "../googlesql/analyzer.js";
import type { Value } from "../googlesql/contract/resolved.js";
import { GoogleSqlError } from "../googlesql/host.js";
import { placedPaths } from "../googlesql/names.js";
import { sqlTypeOf, typeProtoOf } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";
import { encoder } from "../wire.js";
import { type Bound, catalogProto, pathKey } from "./binding.js";
import { outputSchema } from "./dryRun.js";
import { quoteIdentifier } from "./duckTypes.js";
import type { RowSink } from "./engine.js";
import { analyzerText, unsupportedStatement } from "./errors.js";
import type { Execution, Outcome } from "./execution.js";
import type { Column } from "./modelHook.js";
import type { Plan } from "./planner.js";
import { required } from "./writer/expressions.js";

/** Rows that a query may read, of all its tables, to run on Google's reference evaluator: it is slow and holds them all. */
export const WHOLE_ROWS_MAX = 10_000;

/** Runs a query that DuckDB cannot on Google's reference evaluator, its tables handed to it as they are. */
export async function runWhole(
  plan: Plan,
  reason: string,
  execution: Execution,
  sink: () => RowSink,
): Promise<Outcome> {
  const { statement, analyzed } = plan;
  if (statement.node !== "ResolvedQueryStmt" || analyzed.tableFunctions.size > 0) throw unsupportedStatement(reason);
  const flat = flatten(plan, execution);
  const tableContent = await contents(flat.tables, plan, reason, execution);
  const parameters = await parametersOf(execution);
  const evaluated = evaluate(flat, tableContent, parameters, execution);
  const columns = outputColumns(plan);
  const encoders = columns.map((column) => encoder(column.type));
  const expands =
    statement.is_value_table &&
    columns.length > 0 &&
    isStruct(statement.output_column_list[0]?.column?.type?.type_kind);
  const rows = evaluated.rows.map((row) => {
    const cells = expands ? (row.cell[0]?.struct_value?.field ?? []) : row.cell;
    return {
      f: columns.map((column, index) => ({
        v: encoders[index]?.(fromProto((cells[index] ?? {}) as Value, column.type)) ?? null,
      })),
    };
  });
  const to = sink();
  to.begin(columns);
  if (rows.length > 0) await to.rows(rows);
  return {
    statementType: "SELECT",
    schema: outputSchema(statement),
    totalRows: rows.length,
    route: "whole",
    routeReason: reason,
  };
}

function isStruct(kind: string | undefined): boolean {
  return kind === "TYPE_STRUCT";
}

function outputColumns(plan: Plan): Column[] {
  const { statement } = plan;
  if (statement.node !== "ResolvedQueryStmt") return [];
  const schema = outputSchema(statement);
  const types = statement.output_column_list.flatMap((output): SqlType[] => {
    const type = sqlTypeOf(required(output.column?.type));
    return statement.is_value_table && type.kind === "STRUCT" ? type.fields.map((field) => field.type) : [type];
  });
  return schema.map((field, index) => ({ name: field.name, type: required(types[index]) }));
}

/** What the evaluator says of functions that it does not have either. */
const NOT_EVALUATED =
  /Unsupported built-in function|has no evaluator|not supported|not implemented|UNIMPLEMENTED|Code: 12/i;

interface Flat {
  readonly sql: string;
  readonly catalog: Proto;
  /** By name in the evaluator's catalog, which knows rows of top-level tables only. */
  readonly tables: ReadonlyMap<string, { readonly id: number; readonly columns: readonly Column[] }>;
}

/** The statement over tables with one name each. */
function flatten(plan: Plan, execution: Execution): Flat {
  const tables = new Map<string, { readonly id: number; readonly columns: readonly Column[] }>();
  const others: Bound[] = [];
  const byPath = new Map<string, string>();
  plan.analyzed.bound.forEach((bound, id) => {
    if (bound.kind === "routine" || bound.kind === "model") {
      others.push(bound);
      return;
    }
    const last = bound.path[bound.path.length - 1] ?? "";
    const name = tables.has(last) ? `${last}_${id}` : last;
    tables.set(name, { id, columns: bound.columns });
    byPath.set(pathKey(bound.path), name);
  });
  let sql = plan.sql;
  for (const { segments, places } of [...placedPaths(plan.sql)].reverse()) {
    for (let length = segments.length; length > 1; length--) {
      const name = byPath.get(pathKey(segments.slice(0, length)));
      const [first, last] = [places[0], places[length - 1]];
      if (name === undefined || !first || !last) continue;
      sql = `${sql.slice(0, first.start)}\`${name}\`${sql.slice(last.end)}`;
      break;
    }
  }
  const table = [...tables].map(([name, { columns }], index) => ({
    name,
    serialization_id: index,
    column: columns.map((column) => ({ name: column.name, type: typeProtoOf(column.type) })),
  }));
  const catalog = { ...catalogProto(others, { constants: [], calls: [], models: undefined }), table };
  return { sql, catalog: { ...catalog, constant: constants(execution) }, tables };
}

function constants(execution: Execution): readonly Proto[] {
  const variables = [...execution.session.variables()];
  if (variables.length > 0)
    throw unsupportedStatement("A query that DuckDB cannot run, with script variables in reach,");
  return [];
}

async function contents(
  tables: Flat["tables"],
  plan: Plan,
  reason: string,
  execution: Execution,
): Promise<readonly Proto[]> {
  const services = execution.parts.planner.services(plan.analyzed, execution.session, execution.location);
  let total = 0;
  const entries: Proto[] = [];
  for (const [name, { id, columns }] of tables) {
    const stored = services.table(id);
    const source = stored.kind === "table" ? stored.name : `(${stored.sql})`;
    const list = columns.map((column) => quoteIdentifier(column.name)).join(", ");
    const rows = await execution.read(async (connection) => {
      const limit = WHOLE_ROWS_MAX - total + 1;
      const reader = await connection.runAndReadAll(
        execution.fill(`SELECT ${list} FROM ${source} AS s LIMIT ${limit}`),
      );
      return reader.getRows();
    });
    total += rows.length;
    if (total > WHOLE_ROWS_MAX) {
      throw new CloudError(
        "UNIMPLEMENTED",
        `${reason} runs on Google's reference evaluator here, which reads ${WHOLE_ROWS_MAX} rows at most; this query reads more. Read less, or run it on Google Cloud (ACTIVATE_TARGET=gcp).`,
        { reason: "notImplemented", httpStatus: 400 },
      );
    }
    entries.push({ key: name, value: { table_data: { row: rows.map((row) => ({ cell: cells(row, columns) })) } } });
  }
  return entries;
}

function cells(row: readonly DuckDBValue[], columns: readonly Column[]): readonly Proto[] {
  return columns.map((column, index) => toProto(row[index] ?? null, column.type));
}

async function parametersOf(
  execution: Execution,
): Promise<readonly { readonly name: string; readonly type: Proto; readonly value: Proto }[]> {
  const { session } = execution;
  if (session.positional) throw unsupportedStatement("A query that DuckDB cannot run, with positional parameters,");
  const given: { readonly name: string; readonly type: Proto; readonly value: Proto }[] = [];
  for (const { name, type } of session.namedTypes) {
    const sql = execution.fill(`SELECT ${session.parameters.get(`@${name}`) ?? "NULL"} AS o1`);
    const value = await execution.read(async (connection) => (await connection.runAndReadAll(sql)).getRows()[0]?.[0]);
    given.push({ name, type: typeProtoOf(type), value: toProto(value ?? null, type) });
  }
  return given;
}

function evaluate(
  flat: Flat,
  tableContent: readonly Proto[],
  parameters: Awaited<ReturnType<typeof parametersOf>>,
  execution: Execution,
) {
  try {
    return execution.parts.planner.analysis.googleSql.evaluate(flat.sql, {
      catalog: flat.catalog,
      tableContent,
      parameters,
    });
  } catch (thrown) {
    if (thrown instanceof GoogleSqlError && NOT_EVALUATED.test(thrown.message))
      throw unsupportedStatement(thrown.message);
    if (thrown instanceof GoogleSqlError) throw invalidQuery(analyzerText(thrown.message));
    throw thrown;
  }
}
