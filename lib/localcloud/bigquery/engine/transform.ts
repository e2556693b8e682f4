import { invalidQuery, notSupported } from "../errors.js";
import { NOW_MICROS } from "../functions/registry.js";
import type { ParseNode } from "../googlesql/analyzer.js";
import type { AnyResolvedExpr, ResolvedCreateModelStmt } from "../googlesql/contract/resolved.js";
import { namesIn } from "../googlesql/names.js";
import { sqlTypeOf } from "../googlesql/types.js";
import { bindNames } from "./binding.js";
import type { Execution } from "./execution.js";
import { type TransformClause, transformInput } from "./modelHook.js";
import type { Plan } from "./planner.js";
import { child, childList, ScriptText } from "./scriptNodes.js";
import { nameOf } from "./structFunctions.js";
import type { Scope } from "./writer/context.js";
import { analyticCall, functionName, isPreprocessing, required, writeExpression } from "./writer/expressions.js";

/**
 * The TRANSFORM clause of CREATE MODEL as DuckDB SQL.
 * @throws CloudError for what may not stand in it (contracts 1.1): subqueries, aggregates, other window functions, UDFs.
 */
export function transformClause(
  statement: ResolvedCreateModelStmt,
  plan: Plan,
  execution: Execution,
): TransformClause | undefined {
  if (statement.transform_output_column_list.length === 0) return undefined;
  const written = writtenClause(plan, execution);
  refuseRoutines(written.text, execution);
  const groups = statement.transform_analytic_function_group_list;
  const read = columnsRead([statement.transform_list, groups]);
  const inputs = statement.transform_input_column_list.filter((input) => read.has(idOf(input)));
  const scope: Scope = new Map(inputs.map((input, index) => [idOf(input), transformInput(index)]));
  const context = execution.writerContext(plan);
  const hook = required(context.services.preprocessing);

  const analytics = groups.flatMap((group) =>
    group.analytic_function_list.map((column) => {
      const call = required(column.expr);
      if (call.node !== "ResolvedAnalyticFunctionCall") throw new TypeError(`${call.node} as a window function`);
      if (group.partition_by || group.order_by)
        throw invalidQuery("An OVER clause in TRANSFORM must be empty: OVER ().");
      const window = { partitionBy: [], orderBy: [] };
      const preprocessing = hook.writeAnalytic(analyticCall(call, window, scope, context), "transform");
      return { id: required(column.column).column_id, preprocessing };
    }),
  );
  const expressions = new Map(
    statement.transform_list.map((computed) => [required(computed.column).column_id, required(computed.expr)]),
  );
  const outputs = statement.transform_output_column_list.map((output) => {
    const column = required(output.column);
    const expression = expressions.get(column.column_id);
    const input = expression ? inputRead(expression) : column.column_id;
    const source = inputs.find((candidate) => idOf(candidate) === input);
    return {
      id: column.column_id,
      name: output.name,
      type: sqlTypeOf(required(column.type)),
      sql: written.items.get(output.name.toLowerCase()) ?? output.name,
      passesThrough: source !== undefined && source.name.toLowerCase() === output.name.toLowerCase(),
    };
  });
  const checked = (sql: string): string => {
    if (sql.includes(NOW_MICROS)) {
      throw notSupported("The current time in TRANSFORM", "Select it in the queries that train and predict.");
    }
    return execution.fill(sql);
  };
  const clause: TransformClause = {
    text: written.text,
    inputs: inputs.map((input) => ({ name: input.name, type: sqlTypeOf(required(input.type)) })),
    outputs: outputs.map(({ id: _, ...output }) => output),
    statistics: analytics.map(({ preprocessing }) => checked(preprocessing.statistic)),
    write: (statistics) => {
      const reach = new Map(scope);
      analytics.forEach(({ id, preprocessing }, index) => {
        reach.set(id, preprocessing.apply(required(statistics[index])));
      });
      return outputs.map(({ id }) => {
        const expression = expressions.get(id);
        return checked(expression ? writeExpression(expression, reach, context) : required(reach.get(id)));
      });
    },
  };
  clause.write(clause.statistics);
  const [exact] = context.exact;
  if (exact !== undefined) {
    throw notSupported(
      `Function ${exact.toUpperCase()} in TRANSFORM`,
      "Put it into the training query, and into the queries that predict.",
    );
  }
  return clause;
}

const idOf = (input: ResolvedCreateModelStmt["transform_input_column_list"][number]): number =>
  required(input.column).column_id;

function inputRead(expression: AnyResolvedExpr): number | undefined {
  return expression.node === "ResolvedColumnRef" ? expression.column?.column_id : undefined;
}

/** The columns that a list refers to. @throws CloudError for a node that may not stand in TRANSFORM. */
function columnsRead(root: unknown): ReadonlySet<number> {
  const read = new Set<number>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const node = value as Partial<AnyResolvedExpr>;
    switch (node.node) {
      case "ResolvedColumnRef":
        if (node.column) read.add(node.column.column_id);
        break;
      case "ResolvedSubqueryExpr":
        throw invalidQuery("The TRANSFORM clause cannot contain a subquery.");
      case "ResolvedAggregateFunctionCall":
        throw invalidQuery("The TRANSFORM clause cannot contain an aggregate function.");
      case "ResolvedAnalyticFunctionCall":
        if (!isPreprocessing(functionName(node as Parameters<typeof functionName>[0]))) {
          throw invalidQuery("The TRANSFORM clause cannot contain window functions other than those of ML.");
        }
        break;
    }
    Object.values(value).forEach(visit);
  };
  visit(root);
  return read;
}

function refuseRoutines(text: string, execution: Execution): void {
  const routine = bindNames(namesIn(text).paths, execution.session.names).find((bound) => bound.kind === "routine");
  if (routine) {
    throw invalidQuery(`The TRANSFORM clause cannot contain the user-defined function ${routine.path.join(".")}.`);
  }
}

/** The clause as written, and its expressions by the lower-case name of their column. */
function writtenClause(
  plan: Plan,
  execution: Execution,
): { readonly text: string; readonly items: ReadonlyMap<string, string> } {
  const text = new ScriptText(plan.written);
  const script = execution.parts.planner.analysis.googleSql.parseScript(plan.written);
  const statement = childList(child(script, "statement_list_node"), "statement_list")[0];
  const list = child(child(required(statement), "transform_clause"), "select_list");
  const items = new Map<string, string>();
  const add = (item: ParseNode): void => {
    const name = nameOf(item);
    if (name !== undefined) items.set(name.toLowerCase(), text.slice(child(item, "expression")));
  };
  for (const column of childList(list, "columns")) {
    add(column);
    const modifiers = child(column, "expression").modifiers as ParseNode | undefined;
    if (modifiers) childList(modifiers, "replace_items").forEach(add);
  }
  return { text: text.slice(list), items };
}
