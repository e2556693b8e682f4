import type { ResolvedQueryStmt } from "../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../googlesql/types.js";
import type { FieldSchema } from "../schema.js";
import { fieldOf } from "../storage.js";
import type { StatementResult } from "./engine.js";
import type { Execution } from "./execution.js";
import type { Plan } from "./planner.js";
import { wholeSpan } from "./spans.js";
import { statementTypeOf } from "./statements/run.js";
import { required } from "./writer/expressions.js";
import { outputNames } from "./writer/query.js";

/** What a statement would be and give: analyzed, not run. */
export function dryRun(plan: Plan, execution: Execution): StatementResult {
  const now = execution.parts.clock.now();
  const { statement } = plan;
  return {
    statementType: statementTypeOf(plan),
    route: "native",
    ...(statement.node === "ResolvedQueryStmt" ? { schema: outputSchema(statement) } : {}),
    referencedTables: plan.referencedTables,
    reads: plan.reads,
    bytesProcessed: 0,
    span: wholeSpan(plan.sql),
    evaluationKind: "STATEMENT",
    startMs: now,
    endMs: now,
  };
}

/** The columns that a query gives, under the names that they have in its answer. */
export function outputSchema(statement: ResolvedQueryStmt): FieldSchema[] {
  const columns = statement.output_column_list.flatMap((output) => {
    const type = sqlTypeOf(required(output.column?.type));
    return statement.is_value_table && type.kind === "STRUCT" ? type.fields : [{ name: output.name, type }];
  });
  const names = outputNames(columns.map((column) => column.name));
  return columns.map((column, index) => fieldOf(names[index] ?? "", column.type));
}
