import { invalidQuery, routineNotFound } from "../errors.js";
import type { ParseNode } from "../googlesql/analyzer.js";
import { typeName } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";
import { referenceOf } from "./binding.js";
import { nullSql } from "./literals.js";
import { type StandardSqlType, sqlTypeOfStandard } from "./routines.js";
import { Script } from "./script.js";
import { child, childList, identifier, ReturnSignal, ScriptText } from "./scriptNodes.js";
import type { Variable } from "./session.js";

interface ProcedureArgument {
  readonly name?: string;
  readonly mode?: "IN" | "OUT" | "INOUT";
  readonly dataType?: StandardSqlType;
}

/** CALL: the procedure's body sees its arguments and nothing of its caller; OUT arguments come back. */
export async function callProcedure(node: ParseNode, script: Script): Promise<void> {
  const { execution } = script;
  const path = childList(child(node, "procedure_name"), "names").map((segment) => String(segment.id_string ?? ""));
  if (path.join(".").toUpperCase() === "BQ.ABORT_SESSION") return abortSession(node, script);
  const at = referenceOf(
    path.flatMap((segment) => segment.split(".")),
    execution.session,
  );
  const reference = at && { projectId: at.projectId, datasetId: at.datasetId, routineId: at.tableId };
  const routine = reference && execution.session.catalog.routine(reference);
  if (routine?.resource.routineType !== "PROCEDURE") {
    throw reference ? routineNotFound(reference) : invalidQuery(`Procedure not found: ${path.join(".")}`);
  }
  const declared = (routine.resource.arguments ?? []) as readonly ProcedureArgument[];
  const given = childList(node, "arguments").map((argument) => child(argument, "expr"));
  if (given.length !== declared.length) {
    throw invalidQuery(
      `Number of arguments does not match for procedure ${path.join(".")}: expected ${declared.length}, got ${given.length}`,
    );
  }
  const scope = new Map<string, Variable>();
  for (const [index, argument] of declared.entries()) {
    const expression = given[index];
    if (!expression) continue;
    scope.set((argument.name ?? "").toLowerCase(), await argumentValue(argument, expression, script));
  }
  const { session } = execution;
  const outer = session.scopes.splice(0, session.scopes.length, scope);
  try {
    const text = new ScriptText(String(routine.resource.definitionBody ?? ""));
    const root = execution.parts.planner.analysis.googleSql.parseScript(text.sql);
    const inner = new Script(execution, text, script);
    await inner.runList(childList(child(root, "statement_list_node"), "statement_list"), true);
  } catch (thrown) {
    if (!(thrown instanceof ReturnSignal)) throw thrown;
  } finally {
    session.scopes.splice(0, session.scopes.length, ...outer);
  }
  for (const [index, argument] of declared.entries()) {
    if (argument.mode !== "OUT" && argument.mode !== "INOUT") continue;
    const expression = given[index];
    const value = scope.get((argument.name ?? "").toLowerCase());
    if (expression && value) script.expressions.variable(variableName(expression), expression).sql = value.sql;
  }
}

/** CALL BQ.ABORT_SESSION([session_id]): the session ends, its own query's by default. */
async function abortSession(node: ParseNode, script: Script): Promise<void> {
  const { request, parts } = script.execution;
  const [given] = childList(node, "arguments").map((argument) => child(argument, "expr"));
  const id = given ? await script.expressions.text(given) : request.session?.id;
  if (!id) throw invalidQuery("BQ.ABORT_SESSION needs the id of a session, or a session to be called in");
  await parts.endSession(id);
}

async function argumentValue(argument: ProcedureArgument, expression: ParseNode, script: Script): Promise<Variable> {
  const type: SqlType | undefined = argument.dataType && sqlTypeOfStandard(argument.dataType);
  if (argument.mode === "OUT" || argument.mode === "INOUT") {
    const variable = script.expressions.variable(variableName(expression), expression);
    if (type && typeName(type) !== typeName(variable.type)) {
      throw invalidQuery(
        `Variable of type ${typeName(variable.type)} cannot be passed as ${argument.mode} argument ${argument.name ?? ""} of type ${typeName(type)}`,
      );
    }
    return argument.mode === "OUT"
      ? { type: variable.type, sql: nullSql(variable.type) }
      : { type: variable.type, sql: variable.sql };
  }
  return type ? script.expressions.coerced(expression, type) : script.expressions.value(expression);
}

function variableName(expression: ParseNode): string {
  const [name, second] = childList(expression, "names");
  if (expression.node !== "ASTPathExpression" || !name || second) {
    throw invalidQuery("An OUT or INOUT argument must be a variable");
  }
  return identifier(name);
}
