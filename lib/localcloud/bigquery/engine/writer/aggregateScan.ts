import type {
  AnyResolvedComputedColumnBase,
  AnyResolvedGroupingSetBase,
  ResolvedAggregateScan,
  ResolvedColumnRef,
} from "../../googlesql/contract/resolved.js";
import { CannotWrite, type Scope, type WriterContext } from "./context.js";
import { required, writeAggregate, writeExpression } from "./expressions.js";
import { columnName, Frame } from "./frame.js";
import { scopeOf, writeScan } from "./scans.js";

/** GROUP BY, with grouping sets. Keys are computed below it where it has sets, so that each key is one column. */
export function writeAggregateScan(scan: ResolvedAggregateScan, scope: Scope, context: WriterContext): Frame {
  const below = writeScan(required(scan.input_scan), scope, context).readable();
  let input =
    below.limit === undefined && below.offset === undefined && below.with.length === 0 ? below : below.sealed();
  input.orderBy = [];
  const keys = scan.group_by_list.map((key) => ({
    id: required(key.column).column_id,
    expression: required(key.expr),
  }));
  const hasSets = scan.grouping_set_list.length > 0;
  const computed: string[] = [];
  let reach = scopeOf(input, scope);
  if (hasSets) {
    for (const key of keys) {
      input.columns.set(key.id, { sql: writeExpression(key.expression, reach, context), plain: false });
    }
    input = input.sealed();
    reach = scopeOf(input, scope);
  }
  const items: string[] = [];
  for (const key of keys) {
    const sql = hasSets ? input.columnSql(key.id) : writeExpression(key.expression, reach, context);
    computed.push(sql);
    items.push(`${sql} AS ${columnName(key.id)}`);
  }
  const ids = keys.map((key) => key.id);
  for (const aggregate of scan.aggregate_list) {
    items.push(`${aggregateSql(aggregate, reach, context)} AS ${columnName(required(aggregate.column).column_id)}`);
    ids.push(required(aggregate.column).column_id);
  }
  for (const call of scan.grouping_call_list) {
    const column = required(call.output_column).column_id;
    // Without grouping sets every key takes part in every group.
    const grouping = hasSets ? `CAST(grouping(${keySql(call.group_by_column, input)}) AS BIGINT)` : "CAST(0 AS BIGINT)";
    items.push(`${grouping} AS ${columnName(column)}`);
    ids.push(column);
  }
  let groupBy = "";
  if (hasSets) groupBy = ` GROUP BY ${groupingSets(scan, input)}`;
  else if (keys.length > 0) groupBy = ` GROUP BY ${keys.map((_, index) => index + 1).join(", ")}`;
  return Frame.over(context.aliases, `${input.select(items)}${groupBy}`, ids);
}

function aggregateSql(column: AnyResolvedComputedColumnBase, reach: Scope, context: WriterContext): string {
  const expression = required(column.expr);
  if (expression.node !== "ResolvedAggregateFunctionCall") throw new CannotWrite(`${expression.node} as an aggregate`);
  return writeAggregate(expression, reach, context);
}

function groupingSets(scan: ResolvedAggregateScan, input: Frame): string {
  return `GROUPING SETS (${scan.grouping_set_list.map((set) => groupingSet(set, input)).join(", ")})`;
}

function groupingSet(set: AnyResolvedGroupingSetBase, input: Frame): string {
  const multi = (list: readonly { readonly column_list: readonly ResolvedColumnRef[] }[]) =>
    list.map((item) => `(${item.column_list.map((column) => keySql(column, input)).join(", ")})`).join(", ");
  switch (set.node) {
    case "ResolvedGroupingSet":
      return `(${set.group_by_column_list.map((column) => keySql(column, input)).join(", ")})`;
    case "ResolvedRollup":
      return `ROLLUP (${multi(set.rollup_column_list)})`;
    case "ResolvedCube":
      return `CUBE (${multi(set.cube_column_list)})`;
    default:
      throw new CannotWrite(set.node);
  }
}

function keySql(column: ResolvedColumnRef | undefined, input: Frame): string {
  return input.columnSql(required(column?.column).column_id);
}
