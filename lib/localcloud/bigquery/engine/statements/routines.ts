import { invalidQuery, routineExists, routineNotFound } from "../../errors.js";
import { withoutScriptValue } from "../../functions/scriptValues.js";
import type {
  FunctionArgumentType,
  ResolvedCreateFunctionStmt,
  ResolvedCreateProcedureStmt,
  ResolvedCreateTableFunctionStmt,
  ResolvedDropFunctionStmt,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { RoutineRecord, RoutineReference } from "../../resources.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import { standardTypeOf } from "../routines.js";
import { targetOf } from "./ddl.js";
import { evaluateOptions, textOf, unknownOption } from "./options.js";

/**
 * CREATE FUNCTION, CREATE TABLE FUNCTION and DROP FUNCTION: SQL bodies, inlined by the analyzer where they are called, and
 * scalar functions in JavaScript.
 */
export async function createRoutine(
  statement: ResolvedCreateFunctionStmt | ResolvedCreateTableFunctionStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const table = statement.node === "ResolvedCreateTableFunctionStmt";
  const isScript = statement.node === "ResolvedCreateFunctionStmt" && /^js$/i.test(statement.language);
  if (isScript) checkScript(statement);
  else if (!/^(SQL|)$/i.test(statement.language)) {
    throw unsupportedStatement(`A function in ${statement.language.toUpperCase()}`);
  }
  if (statement.node === "ResolvedCreateFunctionStmt" && statement.is_remote)
    throw unsupportedStatement("A remote function");
  const resource = await routineResource(statement, plan, execution);
  const name = statement.name_path[statement.name_path.length - 1] ?? "";
  const statementType = table ? "CREATE_TABLE_FUNCTION" : "CREATE_FUNCTION";
  if (statement.create_scope === "CREATE_TEMP") {
    const at = { projectId: execution.session.projectId, datasetId: "", routineId: name };
    execution.session.temporaryRoutines.set(name.toLowerCase(), { reference: at, resource });
    return { statementType, ddlOperation: "CREATE" };
  }
  const at = routineOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const outcome = { statementType, ddlTargetRoutine: at };
    const existing = transaction.routine(at);
    if (existing && statement.create_mode === "CREATE_IF_NOT_EXISTS") {
      return { ...outcome, ddlOperation: "SKIP" as const };
    }
    if (existing && statement.create_mode !== "CREATE_OR_REPLACE") throw routineExists(at);
    if (!transaction.dataset(at)) throw execution.datasetNotFound(at);
    await transaction.putRoutine({
      reference: at,
      resource: {
        ...resource,
        creationTime: existing?.resource.creationTime ?? transaction.now,
        lastModifiedTime: transaction.now,
      },
    });
    return { ...outcome, ddlOperation: existing ? ("REPLACE" as const) : ("CREATE" as const) };
  });
}

async function routineResource(
  statement: ResolvedCreateFunctionStmt | ResolvedCreateTableFunctionStmt,
  plan: Plan,
  execution: Execution,
): Promise<RoutineRecord["resource"]> {
  const args = statement.argument_name_list.map((name, index) => ({
    name,
    ...argumentOf(statement.signature?.argument[index]),
  }));
  const isScript = /^js$/i.test(statement.language);
  let description: string | undefined;
  for (const option of await evaluateOptions(statement.option_list, plan, execution)) {
    if (isScript && option.name === "LIBRARY") throw unsupportedStatement("A library of a function in JavaScript");
    if (option.name !== "DESCRIPTION") throw unknownOption(option.name, "CREATE FUNCTION");
    description = textOf(option);
  }
  const shared = {
    language: isScript ? "JAVASCRIPT" : "SQL",
    ...(args.length > 0 ? { arguments: args } : {}),
    definitionBody: isScript ? statement.code : plan.asWritten(statement.code),
    ...(description === undefined ? {} : { description }),
  };
  if (statement.node === "ResolvedCreateTableFunctionStmt") {
    return { ...shared, routineType: "TABLE_VALUED_FUNCTION" };
  }
  const explicit = statement.has_explicit_return_type && statement.return_type ? statement.return_type : undefined;
  return {
    ...shared,
    routineType: statement.is_aggregate ? "AGGREGATE_FUNCTION" : "SCALAR_FUNCTION",
    ...determinismOf(statement),
    ...(explicit ? { returnType: standardTypeOf(sqlTypeOf(explicit)) } : {}),
  };
}

/** @throws CloudError for what functions in JavaScript cannot be, take or give. */
function checkScript(statement: ResolvedCreateFunctionStmt): void {
  if (statement.is_aggregate) throw unsupportedStatement("An aggregate function in JavaScript");
  const types = [...(statement.signature?.argument ?? []).map((argument) => argument.type), statement.return_type];
  for (const type of types) {
    if (!type) throw unsupportedStatement("A function in JavaScript with a type that is not said");
    const without = withoutScriptValue(sqlTypeOf(type));
    if (without !== undefined) throw invalidQuery(`Type ${without} is not supported in JavaScript functions`);
  }
}

function determinismOf({ determinism_level: level }: ResolvedCreateFunctionStmt): { determinismLevel?: string } {
  if (level.includes("NOT_DETERMINISTIC")) return { determinismLevel: "NOT_DETERMINISTIC" };
  return level.endsWith("DETERMINISTIC") ? { determinismLevel: "DETERMINISTIC" } : {};
}

function argumentOf(argument: FunctionArgumentType | undefined): Readonly<Record<string, unknown>> {
  if (!argument?.type || argument.kind !== "ARG_TYPE_FIXED") return { argumentKind: "ANY_TYPE" };
  return { argumentKind: "FIXED_TYPE", dataType: standardTypeOf(sqlTypeOf(argument.type)) };
}

function routineOf(path: readonly string[], execution: Execution): RoutineReference {
  const at = targetOf(path, execution);
  return { projectId: at.projectId, datasetId: at.datasetId, routineId: at.tableId };
}

export async function dropRoutine(
  statement: Pick<ResolvedDropFunctionStmt, "name_path" | "is_if_exists">,
  statementType: "DROP_FUNCTION" | "DROP_TABLE_FUNCTION" | "DROP_PROCEDURE",
  execution: Execution,
): Promise<Outcome> {
  const at = routineOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const outcome = { statementType, ddlTargetRoutine: at };
    const existing = transaction.routine(at);
    if (!existing) {
      if (statement.is_if_exists) return { ...outcome, ddlOperation: "SKIP" as const };
      throw routineNotFound(at);
    }
    const kind = KINDS[String(existing.resource.routineType)] ?? "FUNCTION";
    if (`DROP_${kind.replace(" ", "_")}` !== statementType) {
      throw invalidQuery(`${at.datasetId}.${at.routineId} is a ${kind.toLowerCase()}; use DROP ${kind}`);
    }
    await transaction.dropRoutine(at);
    return { ...outcome, ddlOperation: "DROP" as const };
  });
}

const KINDS: Readonly<Record<string, string>> = { TABLE_VALUED_FUNCTION: "TABLE FUNCTION", PROCEDURE: "PROCEDURE" };

/** CREATE PROCEDURE: its body is a script, parsed when it is called. */
export async function createProcedure(
  statement: ResolvedCreateProcedureStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  if (!/^(SQL|)$/i.test(statement.language)) {
    throw unsupportedStatement(`A procedure in ${statement.language.toUpperCase()}`);
  }
  const args = statement.argument_name_list.map((name, index) => {
    const argument = statement.signature?.argument[index];
    const mode = argument?.options?.procedure_argument_mode ?? "NOT_SET";
    return { name, ...(mode === "NOT_SET" ? {} : { mode }), ...argumentOf(argument) };
  });
  for (const option of await evaluateOptions(statement.option_list, plan, execution)) {
    if (!["STRICT_MODE", "DESCRIPTION"].includes(option.name)) throw unknownOption(option.name, "CREATE PROCEDURE");
  }
  const at = routineOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const outcome = { statementType: "CREATE_PROCEDURE", ddlTargetRoutine: at };
    const existing = transaction.routine(at);
    if (existing && statement.create_mode === "CREATE_IF_NOT_EXISTS") {
      return { ...outcome, ddlOperation: "SKIP" as const };
    }
    if (existing && statement.create_mode !== "CREATE_OR_REPLACE") throw routineExists(at);
    if (!transaction.dataset(at)) throw execution.datasetNotFound(at);
    await transaction.putRoutine({
      reference: at,
      resource: {
        routineType: "PROCEDURE",
        language: "SQL",
        ...(args.length > 0 ? { arguments: args } : {}),
        definitionBody: plan.asWritten(statement.procedure_body),
        creationTime: existing?.resource.creationTime ?? transaction.now,
        lastModifiedTime: transaction.now,
      },
    });
    return { ...outcome, ddlOperation: existing ? ("REPLACE" as const) : ("CREATE" as const) };
  });
}
