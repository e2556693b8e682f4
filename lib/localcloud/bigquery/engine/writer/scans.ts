import type {
  AnyResolvedScan,
  ResolvedArrayScan,
  ResolvedFilterScan,
  ResolvedJoinScan,
  ResolvedLimitOffsetScan,
  ResolvedOrderByScan,
  ResolvedProjectScan,
  ResolvedRecursiveScan,
  ResolvedSampleScan,
  ResolvedSetOperationScan,
  ResolvedTableScan,
  ResolvedTVFScan,
  ResolvedWithScan,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import { quoteIdentifier } from "../duckTypes.js";
import { writeAggregateScan } from "./aggregateScan.js";
import { writeAnalyticScan } from "./analyticScan.js";
import { CannotWrite, type Scope, type WriterContext } from "./context.js";
import { required, typeOf, writeExpression } from "./expressions.js";
import { columnName, Frame } from "./frame.js";
import { orderTerms } from "./ordering.js";

/** A scan as a SELECT under construction; `scope` holds the columns of queries around it. */
export function writeScan(scan: AnyResolvedScan, scope: Scope, context: WriterContext): Frame {
  switch (scan.node) {
    case "ResolvedSingleRowScan":
      return new Frame(context.aliases);
    case "ResolvedTableScan":
      return writeTableScan(scan, context);
    case "ResolvedFilterScan":
      return writeFilterScan(scan, scope, context);
    case "ResolvedProjectScan":
      return writeProjectScan(scan, scope, context);
    case "ResolvedJoinScan":
      return writeJoinScan(scan, scope, context);
    case "ResolvedArrayScan":
      return writeArrayScan(scan, scope, context);
    case "ResolvedAggregateScan":
      return writeAggregateScan(scan, scope, context);
    case "ResolvedAnalyticScan":
      return writeAnalyticScan(scan, scope, context);
    case "ResolvedOrderByScan":
      return writeOrderByScan(scan, scope, context);
    case "ResolvedLimitOffsetScan":
      return writeLimitOffsetScan(scan, scope, context);
    case "ResolvedSetOperationScan":
      return writeSetOperationScan(scan, scope, context);
    case "ResolvedWithScan":
      return writeWithScan(scan, scope, context);
    case "ResolvedWithRefScan": {
      const query = context.withQueries.get(scan.with_query_name);
      if (!query) throw new CannotWrite(`WITH query ${scan.with_query_name}, which is out of reach`);
      return overNamed(query, scan, context);
    }
    case "ResolvedRecursiveRefScan": {
      const recursion = context.recursions.at(-1);
      if (!recursion) throw new CannotWrite("a recursive reference outside its query");
      return overNamed(recursion, scan, context);
    }
    case "ResolvedRecursiveScan":
      return writeRecursiveScan(scan, scope, context);
    case "ResolvedSampleScan":
      return writeSampleScan(scan, scope, context);
    case "ResolvedTVFScan":
      return writeTableFunctionScan(scan, scope, context);
    case "ResolvedBarrierScan":
      return writeScan(required(scan.input_scan), scope, context).sealed();
    default:
      throw new CannotWrite(scan.node);
  }
}

/** The columns that expressions over a frame may refer to. */
export function scopeOf(frame: Frame, outer: Scope): Scope {
  const scope = new Map(outer);
  for (const [id, column] of frame.columns) scope.set(id, column.sql);
  return scope;
}

function writeTableScan(scan: ResolvedTableScan, context: WriterContext): Frame {
  if (scan.for_system_time_expr) throw new CannotWrite("FOR SYSTEM_TIME AS OF");
  const stored = context.services.table(required(scan.table).serialization_id);
  const columns = scan.column_list.map((column, index) => {
    const position = scan.column_index_list[index] ?? -1;
    return [column.column_id, required(stored.columns[position]).name] as const;
  });
  const source = stored.kind === "table" ? stored.name : `(${stored.sql})`;
  return Frame.table(context.aliases, source, columns);
}

function overNamed(
  query: { readonly name: string; readonly columns: readonly string[] },
  scan: { readonly column_list: readonly { readonly column_id: number }[] },
  context: WriterContext,
): Frame {
  const columns = scan.column_list.map((column, index) => [column.column_id, required(query.columns[index])] as const);
  return Frame.table(context.aliases, query.name, columns);
}

function writeFilterScan(scan: ResolvedFilterScan, scope: Scope, context: WriterContext): Frame {
  const input = writeScan(required(scan.input_scan), scope, context).readable();
  const frame = input.limit === undefined && input.offset === undefined ? input : input.sealed();
  frame.where.push(writeExpression(required(scan.filter_expr), scopeOf(frame, scope), context));
  return frame;
}

function writeProjectScan(scan: ResolvedProjectScan, scope: Scope, context: WriterContext): Frame {
  const frame = writeScan(required(scan.input_scan), scope, context).readable();
  if (scan.expr_list.length === 0) return frame;
  const reach = scopeOf(frame, scope);
  for (const computed of scan.expr_list) {
    const expression = required(computed.expr);
    const sql = writeExpression(expression, reach, context);
    const plain = expression.node === "ResolvedColumnRef" && frame.columns.has(required(expression.column).column_id);
    frame.columns.set(required(computed.column).column_id, { sql, plain });
  }
  return frame;
}

const JOINS: Readonly<Record<string, string>> = {
  INNER: "JOIN",
  LEFT: "LEFT JOIN",
  RIGHT: "RIGHT JOIN",
  FULL: "FULL JOIN",
};

function writeJoinScan(scan: ResolvedJoinScan, scope: Scope, context: WriterContext): Frame {
  const left = writeScan(required(scan.left_scan), scope, context).joinable();
  const rightScope = scan.is_lateral ? scopeOf(left, scope) : scope;
  const right = writeScan(required(scan.right_scan), rightScope, context).joinable();
  const frame = new Frame(context.aliases);
  for (const side of [left, right]) for (const [id, column] of side.columns) frame.columns.set(id, column);
  const rightFrom = right.isJoin ? `(${right.from})` : right.from;
  frame.isJoin = true;
  const lateral = scan.is_lateral ? "LATERAL " : "";
  if (!scan.join_expr) {
    frame.from = `${left.from} CROSS JOIN ${lateral}${rightFrom}`;
    return frame;
  }
  const condition = writeExpression(scan.join_expr, scopeOf(frame, scope), context);
  frame.from = `${left.from} ${JOINS[scan.join_type] ?? "JOIN"} ${lateral}${rightFrom} ON ${condition}`;
  return frame;
}

/**
 * UNNEST. Over an input it is written into the SELECT list, where DuckDB runs it as one pass (a lateral join would be
 * decorrelated into a join of the input with itself).
 */
function writeArrayScan(scan: ResolvedArrayScan, scope: Scope, context: WriterContext): Frame {
  const [expression, second] = scan.array_expr_list;
  const [element] = scan.element_column_list;
  if (second || !expression || !element) throw new CannotWrite("UNNEST of several arrays");
  const outer = scan.input_scan ? writeScan(scan.input_scan, scope, context).readable() : new Frame(context.aliases);
  // A LIMIT counts the rows before they are multiplied by their elements.
  const input = outer.limit === undefined && outer.offset === undefined ? outer : outer.sealed();
  const reach = scopeOf(input, scope);
  const array = writeExpression(expression, reach, context);
  const offset = scan.array_offset_column?.column;
  if (scan.is_outer && scan.join_expr) return writeOuterUnnest(scan, input, array, scope, context);
  const list = scan.is_outer ? `CASE WHEN coalesce(len(${array}), 0) = 0 THEN [NULL] ELSE ${array} END` : array;
  const isStruct = typeOf(expression).kind === "ARRAY" && sqlTypeOf(required(element.type)).kind === "STRUCT";
  const unnest = isStruct ? `unnest(${list}, max_depth := 1)` : `unnest(${list})`;
  const items = [...input.columns].map(([id, column]) => `${column.sql} AS ${columnName(id)}`);
  items.push(`${unnest} AS ${columnName(element.column_id)}`);
  if (offset) {
    const positions = `CAST(range(len(${array})) AS BIGINT[])`;
    const counted = scan.is_outer
      ? `CASE WHEN coalesce(len(${array}), 0) = 0 THEN [NULL] ELSE ${positions} END`
      : positions;
    items.push(`unnest(${counted}) AS ${columnName(offset.column_id)}`);
  }
  const ids = [...input.columns.keys(), element.column_id, ...(offset ? [offset.column_id] : [])];
  const frame = Frame.over(context.aliases, input.select(items), ids);
  if (scan.join_expr) frame.where.push(writeExpression(scan.join_expr, scopeOf(frame, scope), context));
  return frame;
}

function writeOuterUnnest(
  scan: ResolvedArrayScan,
  input: Frame,
  array: string,
  scope: Scope,
  context: WriterContext,
): Frame {
  const left = input.joinable();
  const element = required(scan.element_column_list[0]);
  const offset = scan.array_offset_column?.column;
  const source =
    left === input ? array : writeExpression(required(scan.array_expr_list[0]), scopeOf(left, scope), context);
  const items = [`unnest(${source}) AS ${columnName(element.column_id)}`];
  const ids = [element.column_id];
  if (offset) {
    items.push(`unnest(CAST(range(len(${source})) AS BIGINT[])) AS ${columnName(offset.column_id)}`);
    ids.push(offset.column_id);
  }
  const right = Frame.over(context.aliases, `SELECT ${items.join(", ")}`, ids);
  const frame = new Frame(context.aliases);
  for (const side of [left, right]) for (const [id, column] of side.columns) frame.columns.set(id, column);
  const condition = writeExpression(required(scan.join_expr), scopeOf(frame, scope), context);
  frame.isJoin = true;
  frame.from = `${left.from} LEFT JOIN LATERAL ${right.from} ON ${condition}`;
  return frame;
}

function writeOrderByScan(scan: ResolvedOrderByScan, scope: Scope, context: WriterContext): Frame {
  const input = writeScan(required(scan.input_scan), scope, context);
  const frame = input.limit === undefined && input.offset === undefined ? input : input.sealed();
  frame.orderBy = scan.order_by_item_list.map((item) => {
    const column = required(item.column_ref?.column);
    const type = sqlTypeOf(required(column.type));
    return { id: column.column_id, write: (sql) => orderTerms(sql, type, item).join(", ") };
  });
  return frame;
}

function writeLimitOffsetScan(scan: ResolvedLimitOffsetScan, scope: Scope, context: WriterContext): Frame {
  const input = writeScan(required(scan.input_scan), scope, context);
  const frame = input.limit === undefined && input.offset === undefined ? input : input.sealed();
  if (scan.limit) frame.limit = writeExpression(scan.limit, scope, context);
  if (scan.offset) frame.offset = writeExpression(scan.offset, scope, context);
  return frame;
}

const SET_OPERATIONS: Readonly<Record<string, string>> = {
  UNION_ALL: "UNION ALL",
  UNION_DISTINCT: "UNION",
  INTERSECT_ALL: "INTERSECT ALL",
  INTERSECT_DISTINCT: "INTERSECT",
  EXCEPT_ALL: "EXCEPT ALL",
  EXCEPT_DISTINCT: "EXCEPT",
};

function writeSetOperationScan(scan: ResolvedSetOperationScan, scope: Scope, context: WriterContext): Frame {
  const operator = SET_OPERATIONS[scan.op_type];
  if (!operator) throw new CannotWrite(`set operation ${scan.op_type}`);
  const items = scan.input_item_list.map((item) => {
    const frame = writeScan(required(item.scan), scope, context);
    const list = item.output_column_list.map(
      (column, index) =>
        `${frame.columnSql(column.column_id)} AS ${columnName(required(scan.column_list[index]).column_id)}`,
    );
    return `(${frame.select(list)})`;
  });
  return Frame.over(
    context.aliases,
    items.join(` ${operator} `),
    scan.column_list.map((column) => column.column_id),
  );
}

function writeWithScan(scan: ResolvedWithScan, scope: Scope, context: WriterContext): Frame {
  const entries = scan.with_entry_list.map((entry) => {
    const query = required(entry.with_subquery);
    const columns = query.column_list.map((column, index) => `${columnName(column.column_id)}_${index}`);
    const name = context.aliases.next("q");
    const listed = `${name}(${columns.join(", ")})`;
    if (query.node === "ResolvedRecursiveScan") {
      const sql = recursiveSql(query, { name, columns }, scope, context);
      context.withQueries.set(entry.with_query_name, { name, columns });
      return `${listed} AS (${sql})`;
    }
    const frame = writeScan(query, scope, context);
    context.withQueries.set(entry.with_query_name, { name, columns });
    return `${listed} AS (${frame.select(query.column_list.map((column) => frame.columnSql(column.column_id)))})`;
  });
  const body = writeScan(required(scan.query), scope, context);
  const frame = body.with.length === 0 ? body : body.sealed();
  frame.with = entries;
  frame.recursive = scan.recursive;
  return frame;
}

function recursiveSql(
  scan: ResolvedRecursiveScan,
  named: { readonly name: string; readonly columns: readonly string[] },
  scope: Scope,
  context: WriterContext,
): string {
  if (scan.recursion_depth_modifier) throw new CannotWrite("WITH DEPTH");
  const term = (item: typeof scan.recursive_term): string => {
    const frame = writeScan(required(item?.scan), scope, context);
    return frame.select(required(item).output_column_list.map((column) => frame.columnSql(column.column_id)));
  };
  const first = term(scan.non_recursive_term);
  context.recursions.push(named);
  try {
    return `(${first}) ${SET_OPERATIONS[scan.op_type] ?? "UNION ALL"} (${term(scan.recursive_term)})`;
  } finally {
    context.recursions.pop();
  }
}

function writeRecursiveScan(scan: ResolvedRecursiveScan, scope: Scope, context: WriterContext): Frame {
  const name = context.aliases.next("q");
  const columns = scan.column_list.map((column) => columnName(column.column_id));
  const sql = recursiveSql(scan, { name, columns }, scope, context);
  const frame = overNamed({ name, columns }, scan, context);
  frame.with = [`${name}(${columns.join(", ")}) AS (${sql})`];
  frame.recursive = true;
  return frame;
}

function writeSampleScan(scan: ResolvedSampleScan, scope: Scope, context: WriterContext): Frame {
  if (scan.partition_by_list.length > 0 || scan.weight_column)
    throw new CannotWrite("TABLESAMPLE with partitions or weights");
  const frame = writeScan(required(scan.input_scan), scope, context).joinable();
  const size = writeExpression(required(scan.size), scope, context);
  const literal = /^CAST\((\d+) AS BIGINT\)$/.exec(size)?.[1] ?? /^([\d.]+)e0$/.exec(size)?.[1];
  if (literal === undefined) throw new CannotWrite("TABLESAMPLE with a size that is not a literal");
  if (scan.unit === "PERCENT") {
    frame.where.push(`random() * 100 < ${literal}`);
    return frame;
  }
  const sampled = frame.sealed();
  sampled.from = `${sampled.from} TABLESAMPLE reservoir(${literal} ROWS)`;
  return sampled;
}

function writeTableFunctionScan(scan: ResolvedTVFScan, scope: Scope, context: WriterContext): Frame {
  const relation = context.services.tableFunction(scan, (argument) => {
    const input = required(argument.scan);
    const frame = writeScan(input, scope, context);
    const columns = argument.argument_column_list.map((column) => ({
      name: column.name,
      type: sqlTypeOf(required(column.type)),
    }));
    const list = argument.argument_column_list.map(
      (column) => `${frame.columnSql(column.column_id)} AS ${quoteIdentifier(column.name)}`,
    );
    return { sql: frame.select(list), columns };
  });
  const columns = scan.column_list.map((column, index) => {
    const position = scan.column_index_list[index] ?? index;
    return [column.column_id, required(relation.columns[position]).name] as const;
  });
  return Frame.table(context.aliases, `(${relation.sql})`, columns);
}
