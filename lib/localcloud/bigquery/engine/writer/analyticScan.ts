import type {
  ResolvedAnalyticScan,
  ResolvedColumnRef,
  ResolvedWindowFrame,
  ResolvedWindowFrameExpr,
} from "../../googlesql/contract/resolved.js";
import { CannotWrite, type Scope, type WriterContext } from "./context.js";
import { columnSql, orderItems, required, writeAnalytic, writeExpression } from "./expressions.js";
import type { Frame } from "./frame.js";
import { scopeOf, writeScan } from "./scans.js";

/** Window functions: columns of the same SELECT, computed after its WHERE. */
export function writeAnalyticScan(scan: ResolvedAnalyticScan, scope: Scope, context: WriterContext): Frame {
  const input = writeScan(required(scan.input_scan), scope, context).readable();
  const frame = input.limit === undefined && input.offset === undefined ? input : input.sealed();
  const reach = scopeOf(frame, scope);
  for (const group of scan.function_group_list) {
    const partitionBy = (group.partition_by?.partition_by_list ?? []).map((item) => refSql(item, reach));
    const orderBy = orderItems(group.order_by?.order_by_item_list ?? [], reach);
    for (const column of group.analytic_function_list) {
      const call = required(column.expr);
      if (call.node !== "ResolvedAnalyticFunctionCall") throw new CannotWrite(`${call.node} as a window function`);
      const bounds = call.window_frame ? frameSql(call.window_frame, reach, context) : undefined;
      const window = { partitionBy, orderBy, ...(bounds ? { frame: bounds } : {}) };
      frame.columns.set(required(column.column).column_id, {
        sql: writeAnalytic(call, window, reach, context),
        plain: false,
      });
    }
  }
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
