import type {
  ResolvedAnalyticScan,
  ResolvedColumnRef,
  ResolvedWindowFrame,
  ResolvedWindowFrameExpr,
} from "../../googlesql/contract/resolved.js";
import { CannotWrite, type Scope, type WriterContext } from "./context.js";
import {
  analyticCall,
  columnSql,
  functionName,
  isPreprocessing,
  orderItems,
  required,
  writeAnalytic,
  writeExpression,
} from "./expressions.js";
import { columnName, Frame } from "./frame.js";
import { scopeOf, writeScan } from "./scans.js";

/** Window functions: columns of the same SELECT, computed after its WHERE. */
export function writeAnalyticScan(scan: ResolvedAnalyticScan, scope: Scope, context: WriterContext): Frame {
  const input = writeScan(required(scan.input_scan), scope, context).readable();
  const calls = scan.function_group_list.flatMap((group) =>
    group.analytic_function_list.map((column) => {
      const call = required(column.expr);
      if (call.node !== "ResolvedAnalyticFunctionCall") throw new CannotWrite(`${call.node} as a window function`);
      return { id: required(column.column).column_id, call, group };
    }),
  );
  const isMl = calls.some(({ call }) => isPreprocessing(functionName(call)));
  const isOpen = input.limit === undefined && input.offset === undefined;
  const frame = isMl ? named(input, context) : isOpen ? input : input.sealed();
  const reach = scopeOf(frame, scope);
  const statistics: string[] = [];
  const alias = isMl ? context.aliases.next("st") : "";
  for (const { id, call, group } of calls) {
    const bounds = call.window_frame ? frameSql(call.window_frame, reach, context) : undefined;
    const window = {
      partitionBy: (group.partition_by?.partition_by_list ?? []).map((item) => refSql(item, reach)),
      orderBy: orderItems(group.order_by?.order_by_item_list ?? [], reach),
      ...(bounds ? { frame: bounds } : {}),
    };
    if (!isPreprocessing(functionName(call))) {
      frame.columns.set(id, { sql: writeAnalytic(call, window, reach, context), plain: false });
      continue;
    }
    const hook = required(context.services.preprocessing);
    const { statistic, apply } = hook.writeAnalytic(analyticCall(call, window, reach, context), "query");
    frame.columns.set(id, { sql: apply(`${alias}.v${statistics.length}`), plain: false });
    statistics.push(`${statistic} AS v${statistics.length}`);
  }
  // The inner FROM is the outer one again, alias included, so that the arguments read the same.
  if (isMl) frame.from = `${frame.from} CROSS JOIN (SELECT ${statistics.join(", ")} FROM ${frame.from}) AS ${alias}`;
  return frame;
}

/** A frame over its input under a name, to be read twice: for its statistics, and row by row. */
function named(input: Frame, context: WriterContext): Frame {
  const name = context.aliases.next("m");
  const frame = Frame.table(
    context.aliases,
    name,
    [...input.columns.keys()].map((id) => [id, columnName(id)]),
  );
  frame.with = [`${name} AS MATERIALIZED (${input.selectColumns()})`];
  return frame;
}

function refSql(item: ResolvedColumnRef, reach: Scope): string {
  return columnSql(required(item.column).column_id, reach);
}

function frameSql(frame: ResolvedWindowFrame, reach: Scope, context: WriterContext): string {
  const start = boundSql(required(frame.start_expr), reach, context);
  const end = boundSql(required(frame.end_expr), reach, context);
  return `${frame.frame_unit} BETWEEN ${start} AND ${end}`;
}

function boundSql(bound: ResolvedWindowFrameExpr, reach: Scope, context: WriterContext): string {
  const offset = (): string => writeExpression(required(bound.expression), reach, context);
  switch (bound.boundary_type) {
    case "UNBOUNDED_PRECEDING":
      return "UNBOUNDED PRECEDING";
    case "OFFSET_PRECEDING":
      return `${offset()} PRECEDING`;
    case "CURRENT_ROW":
      return "CURRENT ROW";
    case "OFFSET_FOLLOWING":
      return `${offset()} FOLLOWING`;
    default:
      return "UNBOUNDED FOLLOWING";
  }
}
