import { modelNotFound } from "../../errors.js";
import type {
  ResolvedAlterModelStmt,
  ResolvedCreateModelStmt,
  ResolvedExportModelStmt,
} from "../../googlesql/contract/resolved.js";
import type { ModelReference } from "../../schema.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { CreateModelRequest, ModelHook } from "../modelHook.js";
import type { Plan } from "../planner.js";
import { transformClause } from "../transform.js";
import { writeQuery } from "../writer/query.js";
import { targetOf } from "./ddl.js";
import { evaluateOptions } from "./options.js";

/** CREATE, ALTER, DROP and EXPORT MODEL: handed to BigQuery ML. */

function hook(execution: Execution): ModelHook {
  if (!execution.parts.models) throw unsupportedStatement("BigQuery ML");
  return execution.parts.models;
}

function modelOf(path: readonly string[], execution: Execution): ModelReference {
  const at = targetOf(path, execution);
  return { projectId: at.projectId, datasetId: at.datasetId, modelId: at.tableId };
}

export async function createModel(
  statement: ResolvedCreateModelStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  if (statement.is_remote) throw unsupportedStatement("A remote model");
  if (statement.aliased_query_list.length > 0) throw unsupportedStatement("CREATE MODEL with several queries");
  const reference = modelOf(statement.name_path, execution);
  if (!execution.session.catalog.dataset(reference)) throw execution.datasetNotFound(reference);
  const options = await evaluateOptions(statement.option_list, plan, execution);
  const transform = transformClause(statement, plan, execution);
  const query = statement.query
    ? writeQuery(
        { output_column_list: statement.output_column_list, query: statement.query },
        execution.writerContext(plan),
        statement.output_column_list.map((output) => output.name),
      )
    : undefined;
  const request = (training: CreateModelRequest["training"]): CreateModelRequest => ({
    reference,
    mode: createMode(statement.create_mode),
    options,
    training,
    transform,
    sql: plan.sql,
    signal: execution.request.signal,
  });
  const create = hook(execution);
  const result = query
    ? await execution.read((connection) => {
        const relation = { sql: execution.fill(query.sql), columns: query.columns };
        return create.create(request({ columns: query.columns, connection, relation }));
      })
    : await create.create(request(undefined));
  return {
    statementType: "CREATE_MODEL",
    ddlOperation: result.operation,
    ddlTargetModel: reference,
    ...(result.mlStatistics === undefined ? {} : { mlStatistics: result.mlStatistics }),
  };
}

function createMode(mode: string): CreateModelRequest["mode"] {
  if (mode === "CREATE_OR_REPLACE") return "CREATE_OR_REPLACE";
  return mode === "CREATE_IF_NOT_EXISTS" ? "CREATE_IF_NOT_EXISTS" : "CREATE";
}

export async function alterModel(
  statement: ResolvedAlterModelStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const reference = modelOf(statement.name_path, execution);
  for (const action of statement.alter_action_list) {
    if (action.node !== "ResolvedSetOptionsAction") throw unsupportedStatement(`ALTER MODEL with ${action.node}`);
    const options = await evaluateOptions(action.option_list, plan, execution);
    await hook(execution).alter(reference, options, statement.is_if_exists);
  }
  return { statementType: "ALTER_MODEL", ddlOperation: "ALTER", ddlTargetModel: reference };
}

export async function dropModel(path: readonly string[], ifExists: boolean, execution: Execution): Promise<Outcome> {
  const reference = modelOf(path, execution);
  const models = hook(execution);
  if (!models.hasModel(reference) && !ifExists) throw modelNotFound(reference);
  const dropped = await models.drop(reference, ifExists);
  return { statementType: "DROP_MODEL", ddlOperation: dropped ? "DROP" : "SKIP", ddlTargetModel: reference };
}

export async function exportModel(
  statement: ResolvedExportModelStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const reference = modelOf(statement.model_name_path, execution);
  await hook(execution).exportModel(reference, await evaluateOptions(statement.option_list, plan, execution));
  return { statementType: "EXPORT_MODEL" };
}
