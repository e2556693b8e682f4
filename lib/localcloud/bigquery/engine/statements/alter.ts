import type { CatalogTransaction } from "../../catalog.js";
import { invalidQuery } from "../../errors.js";
import type {
  AnyResolvedAlterAction,
  ResolvedAlterMaterializedViewStmt,
  ResolvedAlterSchemaStmt,
  ResolvedAlterTableSetOptionsStmt,
  ResolvedAlterTableStmt,
  ResolvedAlterViewStmt,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { TableRecord } from "../../resources.js";
import type { FieldSchema, TableReference } from "../../schema.js";
import { columnType, fieldOf } from "../../storage.js";
import { duckType, quoteIdentifier } from "../duckTypes.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import { required } from "../writer/expressions.js";
import { fieldOfDefinition, typeParameterFields } from "./columns.js";
import { datasetOf, datasetOption, targetOf } from "./ddl.js";
import { evaluateOptions, textOf } from "./options.js";
import { tableOptions } from "./tableOptions.js";

/** ALTER TABLE, VIEW, MATERIALIZED VIEW and SCHEMA. */

type AlterRelation = ResolvedAlterTableStmt | ResolvedAlterViewStmt | ResolvedAlterMaterializedViewStmt;
const KINDS = {
  ResolvedAlterTableStmt: "TABLE",
  ResolvedAlterViewStmt: "VIEW",
  ResolvedAlterMaterializedViewStmt: "MATERIALIZED_VIEW",
} as const;

export async function alterRelation(statement: AlterRelation, plan: Plan, execution: Execution): Promise<Outcome> {
  const at = targetOf(statement.name_path, execution);
  const statementType = `ALTER_${KINDS[statement.node]}`;
  return execution.change(async (transaction) => {
    const outcome = { statementType, ddlTargetTable: at };
    if (!transaction.table(at)) {
      if (statement.is_if_exists) return { ...outcome, ddlOperation: "SKIP" as const };
      throw execution.notFound(at);
    }
    for (const action of statement.alter_action_list) await alterTable(at, action, { transaction, plan, execution });
    return { ...outcome, ddlOperation: "ALTER" as const };
  });
}

/** ALTER TABLE … SET OPTIONS, which the analyzer resolves to a statement of its own. */
export async function setTableOptions(
  statement: ResolvedAlterTableSetOptionsStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const at = targetOf(statement.name_path, execution);
  const options = await evaluateOptions(statement.option_list, plan, execution);
  return execution.change(async (transaction) => {
    const outcome = { statementType: "ALTER_TABLE", ddlTargetTable: at };
    const record = transaction.table(at);
    if (!record) {
      if (statement.is_if_exists) return { ...outcome, ddlOperation: "SKIP" as const };
      throw execution.notFound(at);
    }
    const changes = tableOptions(options, record.resource, "ALTER TABLE");
    await putResource(record, changes, { transaction, plan, execution });
    return { ...outcome, ddlOperation: "ALTER" as const };
  });
}

interface Alteration {
  readonly transaction: CatalogTransaction;
  readonly plan: Plan;
  readonly execution: Execution;
}

async function alterTable(at: TableReference, action: AnyResolvedAlterAction, to: Alteration): Promise<void> {
  const { transaction, plan, execution } = to;
  const record = required(transaction.table(at));
  const fields = record.resource.schema?.fields ?? [];
  switch (action.node) {
    case "ResolvedSetOptionsAction": {
      const options = await evaluateOptions(action.option_list, plan, execution);
      await putResource(record, tableOptions(options, record.resource, "ALTER TABLE"), to);
      return;
    }
    case "ResolvedAddColumnAction": {
      const field = await fieldOfDefinition(required(action.column_definition), plan, execution);
      if (find(fields, field.name)) {
        if (action.is_if_not_exists) return;
        throw invalidQuery(`Column already exists: ${field.name}`);
      }
      if (field.mode === "REQUIRED")
        throw invalidQuery(`Cannot add required column ${field.name} to an existing table`);
      await transaction.changeSchema(at, [...fields, field]);
      return;
    }
    case "ResolvedDropColumnAction": {
      if (!find(fields, action.name)) {
        if (action.is_if_exists) return;
        throw invalidQuery(`Column not found: ${action.name}`);
      }
      if (fields.length === 1) throw invalidQuery("ALTER TABLE DROP COLUMN cannot drop the only column of a table");
      await transaction.changeSchema(
        at,
        fields.filter((field) => !isNamed(field, action.name)),
      );
      return;
    }
    case "ResolvedRenameColumnAction": {
      const field = find(fields, action.name);
      if (!field) {
        if (action.is_if_exists) return;
        throw invalidQuery(`Column not found: ${action.name}`);
      }
      if (find(fields, action.new_name)) throw invalidQuery(`Column already exists: ${action.new_name}`);
      await transaction.connection.run(
        `ALTER TABLE main.${record.physicalName} RENAME COLUMN ${quoteIdentifier(field.name)} TO ${quoteIdentifier(action.new_name)}`,
      );
      await putFields(record, replaced(fields, field, { ...field, name: action.new_name }), to);
      return;
    }
    case "ResolvedRenameToAction": {
      const target = { ...at, tableId: action.new_path[action.new_path.length - 1] ?? "" };
      await transaction.renameTable(at, target);
      return;
    }
    case "ResolvedAlterColumnDropNotNullAction":
      await changeColumn(record, action, (field) => ({ ...field, mode: "NULLABLE" }), to, true);
      return;
    case "ResolvedAlterColumnSetDefaultAction":
      await changeColumn(
        record,
        action,
        (field) => ({ ...field, defaultValueExpression: required(action.default_value).sql }),
        to,
      );
      return;
    case "ResolvedAlterColumnDropDefaultAction":
      await changeColumn(record, action, ({ defaultValueExpression: _, ...field }) => field, to);
      return;
    case "ResolvedAlterColumnOptionsAction": {
      const options = await evaluateOptions(action.option_list, plan, execution);
      const description = options.find((option) => option.name === "DESCRIPTION");
      await changeColumn(
        record,
        action,
        ({ description: before, ...field }) => {
          const text = description ? textOf(description) : before;
          return text === undefined ? field : { ...field, description: text };
        },
        to,
      );
      return;
    }
    case "ResolvedAlterColumnSetDataTypeAction": {
      const type = sqlTypeOf(required(action.updated_type));
      const parameters = typeParameterFields(action.updated_type_parameters);
      const field = find(fields, action.column);
      if (!field) {
        if (action.is_if_exists) return;
        throw invalidQuery(`Column not found: ${action.column}`);
      }
      if (!widens(columnType(field).kind, type.kind)) {
        throw invalidQuery(
          `ALTER TABLE ALTER COLUMN SET DATA TYPE requires that the existing column type (${columnType(field).kind}) is assignable to the new type (${type.kind})`,
        );
      }
      await transaction.connection.run(
        `ALTER TABLE main.${record.physicalName} ALTER COLUMN ${quoteIdentifier(field.name)} SET DATA TYPE ${duckType(type)}`,
      );
      const { maxLength: _m, precision: _p, scale: _s, ...kept } = field;
      await putFields(record, replaced(fields, field, { ...kept, type: fieldOf("", type).type, ...parameters }), to);
      return;
    }
    default:
      throw unsupportedStatement(`ALTER TABLE with ${action.node.replace(/^Resolved|Action$/g, "")}`);
  }
}

const WIDER: Readonly<Record<string, readonly string[]>> = {
  INT64: ["NUMERIC", "BIGNUMERIC", "FLOAT64"],
  NUMERIC: ["BIGNUMERIC", "FLOAT64"],
  BIGNUMERIC: ["FLOAT64"],
};

function widens(from: string, to: string): boolean {
  return from === to || (WIDER[from] ?? []).includes(to);
}

async function changeColumn(
  record: TableRecord,
  action: { readonly column: string; readonly is_if_exists: boolean },
  change: (field: FieldSchema) => FieldSchema,
  to: Alteration,
  physical = false,
): Promise<void> {
  const fields = record.resource.schema?.fields ?? [];
  const field = find(fields, action.column);
  if (!field) {
    if (action.is_if_exists) return;
    throw invalidQuery(`Column not found: ${action.column}`);
  }
  const next = replaced(fields, field, change(field));
  if (physical) await to.transaction.changeSchema(record.reference, next);
  else await putFields(record, next, to);
}

function find(fields: readonly FieldSchema[], name: string): FieldSchema | undefined {
  return fields.find((field) => isNamed(field, name));
}

function isNamed(field: FieldSchema, name: string): boolean {
  return field.name.toLowerCase() === name.toLowerCase();
}

function replaced(fields: readonly FieldSchema[], before: FieldSchema, after: FieldSchema): FieldSchema[] {
  return fields.map((field) => (field === before ? after : field));
}

async function putFields(record: TableRecord, fields: readonly FieldSchema[], to: Alteration): Promise<void> {
  await putResource(record, { schema: { fields } }, to);
}

async function putResource(
  record: TableRecord,
  changes: Partial<TableRecord["resource"]>,
  to: Alteration,
): Promise<void> {
  const resource = { ...record.resource, ...changes, lastModifiedTime: to.transaction.now };
  await to.transaction.putTable({ ...record, resource });
}

export async function alterSchema(
  statement: ResolvedAlterSchemaStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const at = datasetOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const outcome = { statementType: "ALTER_SCHEMA", ddlTargetDataset: at };
    const record = transaction.dataset(at);
    if (!record) {
      if (statement.is_if_exists) return { ...outcome, ddlOperation: "SKIP" as const };
      throw execution.datasetNotFound(at);
    }
    let resource = record.resource;
    for (const action of statement.alter_action_list) {
      if (action.node !== "ResolvedSetOptionsAction") throw unsupportedStatement(`ALTER SCHEMA with ${action.node}`);
      for (const option of await evaluateOptions(action.option_list, plan, execution)) {
        resource = { ...resource, ...datasetOption(option, "ALTER SCHEMA") };
      }
    }
    await transaction.putDataset({ ...record, resource: { ...resource, lastModifiedTime: transaction.now } });
    return { ...outcome, ddlOperation: "ALTER" as const };
  });
}
