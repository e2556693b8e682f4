import { invalidQuery } from "../errors.js";
import type {
  AnyResolvedExpr,
  AnyResolvedScan,
  AnyResolvedStatement,
  ResolvedColumn,
  ResolvedTableScan,
} from "../googlesql/contract/resolved.js";
import type { TableRecord } from "../resources.js";
import type { TableReference } from "../schema.js";
import type { Bound } from "./binding.js";
import { functionName } from "./writer/expressions.js";

/** Columns that a statement reads of a table. */
export interface TableRead {
  readonly table: TableReference;
  readonly columns: ReadonlySet<string>;
}

/** A resolved text with what its names mean. */
export interface Resolved {
  readonly statement: AnyResolvedStatement | AnyResolvedExpr;
  readonly bound: readonly Bound[];
}

/** Ids of columns that a filter above restricts. */
type Filtered = ReadonlySet<number>;

const NONE: Filtered = new Set();

/**
 * What a statement reads. `viewQuery` gives a view's query.
 * @throws CloudError invalidQuery for a table with `requirePartitionFilter` that is read without a filter on the column
 * it is partitioned by. A filter serves as BigQuery documents it: a predicate over this column alone, or an AND with
 * such a predicate, or an OR of nothing else (docs.cloud.google.com/bigquery/docs/querying-partitioned-tables).
 */
export function readsOf(resolved: Resolved, viewQuery: (view: TableRecord) => Resolved): readonly TableRead[] {
  const reads = new Map<string, { readonly table: TableReference; readonly columns: Set<string> }>();
  const collector: Collector = { reads, viewQuery };
  new Reader(resolved.bound, collector).statement(resolved.statement);
  return [...reads.values()];
}

interface Collector {
  readonly reads: Map<string, { readonly table: TableReference; readonly columns: Set<string> }>;
  readonly viewQuery: (view: TableRecord) => Resolved;
}

class Reader {
  readonly #bound: readonly Bound[];
  readonly #collector: Collector;
  readonly #withQueries = new Map<string, AnyResolvedScan>();

  constructor(bound: readonly Bound[], collector: Collector) {
    this.#bound = bound;
    this.#collector = collector;
  }

  statement(statement: AnyResolvedStatement | AnyResolvedExpr): void {
    switch (statement.node) {
      case "ResolvedQueryStmt":
      case "ResolvedCreateTableAsSelectStmt":
      case "ResolvedCreateModelStmt":
      case "ResolvedExportDataStmt":
      case "ResolvedAssertStmt":
      case "ResolvedSubqueryExpr":
      case "ResolvedFunctionCall":
      case "ResolvedCast":
        this.#inside(statement, NONE);
        break;
      case "ResolvedInsertStmt":
        this.#inside({ ...statement, table_scan: undefined }, NONE);
        break;
      case "ResolvedUpdateStmt":
      case "ResolvedDeleteStmt":
        this.#change(statement, statement.table_scan, filteredBy(statement.where_expr));
        break;
      case "ResolvedMergeStmt":
        this.#change(statement, statement.table_scan, filteredBy(statement.merge_expr));
        break;
      default:
        break;
    }
  }

  /** A column in the list of a view's query, and those of its scans that it comes from. */
  #view(view: TableRecord, positions: readonly (number | undefined)[]): void {
    const inner = this.#collector.viewQuery(view);
    if (inner.statement.node !== "ResolvedQueryStmt" || !inner.statement.query) return;
    const outputs = inner.statement.output_column_list;
    const filtered = new Set<number>();
    for (const position of positions) {
      const column = position === undefined ? undefined : outputs[position]?.column;
      if (column) filtered.add(column.column_id);
    }
    new Reader(inner.bound, this.#collector).#scan(inner.statement.query, filtered);
  }

  /** UPDATE, DELETE and MERGE read every column of the table they change. */
  #change(statement: object, target: ResolvedTableScan | undefined, filtered: Filtered): void {
    if (target) this.#table(target, filtered, true);
    this.#inside({ ...statement, table_scan: undefined }, filtered);
  }

  /** Whatever is inside a node; scans are read with the filters around them. */
  #inside(node: unknown, filtered: Filtered): void {
    if (Array.isArray(node)) for (const item of node) this.#any(item, filtered);
    else if (typeof node === "object" && node !== null && !(node instanceof Uint8Array)) {
      for (const value of Object.values(node)) this.#any(value, filtered);
    }
  }

  #any(node: unknown, filtered: Filtered): void {
    if (isScan(node)) this.#scan(node, filtered);
    else this.#inside(node, filtered);
  }

  #scan(scan: AnyResolvedScan, filtered: Filtered): void {
    switch (scan.node) {
      case "ResolvedTableScan":
        this.#table(scan, filtered, false);
        this.#inside(scan.for_system_time_expr, NONE);
        break;
      case "ResolvedFilterScan":
        this.#any(scan.input_scan, union(filtered, filteredBy(scan.filter_expr)));
        this.#inside(scan.filter_expr, NONE);
        break;
      case "ResolvedProjectScan":
        this.#any(scan.input_scan, through(scan.expr_list, filtered));
        this.#inside(scan.expr_list, NONE);
        break;
      case "ResolvedAggregateScan":
        this.#any(scan.input_scan, through(scan.group_by_list, filtered));
        this.#inside([scan.group_by_list, scan.aggregate_list], NONE);
        break;
      case "ResolvedJoinScan": {
        const on = union(filtered, filteredBy(scan.join_expr));
        this.#any(scan.left_scan, scan.join_type === "INNER" || scan.join_type === "RIGHT" ? on : filtered);
        this.#any(scan.right_scan, scan.join_type === "INNER" || scan.join_type === "LEFT" ? on : filtered);
        this.#inside(scan.join_expr, NONE);
        break;
      }
      case "ResolvedSetOperationScan":
        for (const item of scan.input_item_list) {
          this.#any(item.scan, mapped(scan.column_list, item.output_column_list, filtered));
        }
        break;
      case "ResolvedWithScan":
        for (const entry of scan.with_entry_list) {
          if (entry.with_subquery) this.#withQueries.set(entry.with_query_name, entry.with_subquery);
        }
        // A recursive query refers to itself: it is read where it stands, once.
        if (scan.recursive) this.#inside(scan.with_entry_list, NONE);
        this.#any(scan.query, filtered);
        break;
      case "ResolvedWithRefScan": {
        const query = this.#withQueries.get(scan.with_query_name);
        if (query && query.node !== "ResolvedRecursiveScan") {
          this.#scan(query, mapped(scan.column_list, query.column_list, filtered));
        }
        break;
      }
      case "ResolvedLimitOffsetScan":
      case "ResolvedAnalyticScan":
      case "ResolvedSampleScan":
        // A filter above is not one of the rows below: it comes after their number or their neighbours are known.
        this.#inside(scan, NONE);
        break;
      default:
        this.#inside(scan, filtered);
    }
  }

  #table(scan: ResolvedTableScan, filtered: Filtered, whole: boolean): void {
    const entry = scan.table && this.#bound[scan.table.serialization_id];
    if (entry?.kind !== "table" && entry?.kind !== "wildcard") return;
    if (entry.kind === "table" && (entry.record.resource.view || entry.record.resource.materializedView)) {
      const positions = scan.column_list.map((column, index) =>
        filtered.has(column.column_id) ? scan.column_index_list[index] : undefined,
      );
      this.#view(entry.record, positions);
      return;
    }
    const names = (columns: readonly ResolvedColumn[]) =>
      columns.map(
        (column) => entry.columns[scan.column_index_list[scan.column_list.indexOf(column)] ?? -1]?.name ?? "",
      );
    const restricted = new Set(
      names(scan.column_list.filter((column) => filtered.has(column.column_id))).map((name) => name.toLowerCase()),
    );
    const read = whole ? entry.columns.map((column) => column.name) : names(scan.column_list);
    for (const record of entry.kind === "table" ? [entry.record] : entry.records) {
      requireFilter(record, restricted);
      const { projectId, datasetId, tableId } = record.reference;
      const key = `${projectId}.${datasetId}.${tableId}`;
      const known = this.#collector.reads.get(key) ?? { table: record.reference, columns: new Set<string>() };
      this.#collector.reads.set(key, known);
      for (const name of read) known.columns.add(name.toLowerCase());
    }
  }
}

function requireFilter({ reference, resource }: TableRecord, restricted: ReadonlySet<string>): void {
  const { timePartitioning, rangePartitioning } = resource;
  if (!(resource.requirePartitionFilter || timePartitioning?.requirePartitionFilter)) return;
  const field = timePartitioning?.field ?? rangePartitioning?.field;
  if (field === undefined || restricted.has(field.toLowerCase())) return;
  const { projectId, datasetId, tableId } = reference;
  throw invalidQuery(
    `Cannot query over table '${projectId}.${datasetId}.${tableId}' without a filter over column(s) '${field}' that can be used for partition elimination`,
  );
}

/** The columns that a condition restricts, each by a predicate over it alone. */
function filteredBy(condition: AnyResolvedExpr | undefined): Filtered {
  if (!condition) return NONE;
  if (condition.node === "ResolvedFunctionCall") {
    const parts = condition.argument_list.map(filteredBy);
    const name = functionName(condition);
    if (name === "$and") return parts.reduce(union, NONE);
    if (name === "$or") return new Set([...(parts[0] ?? NONE)].filter((id) => parts.every((part) => part.has(id))));
  }
  const only = onlyColumnOf(condition);
  return only === undefined ? NONE : new Set([only]);
}

/** The one column that an expression refers to, if there is just one. */
function onlyColumnOf(expression: unknown): number | undefined {
  const columns = new Set<number>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === "object" && node !== null && !(node instanceof Uint8Array)) {
      const { node: kind, column } = node as { readonly node?: string; readonly column?: ResolvedColumn };
      // What a subquery finds is not known before it runs: it counts as one more column.
      if (kind === "ResolvedSubqueryExpr") columns.add(-1);
      else if (kind === "ResolvedColumnRef" && column) columns.add(column.column_id);
      else Object.values(node).forEach(visit);
    }
  };
  visit(expression);
  const [first] = columns;
  return columns.size === 1 && first !== -1 ? first : undefined;
}

/** Filters on computed columns as filters on what they are computed of. */
function through(
  computed: readonly { readonly column?: ResolvedColumn; readonly expr?: AnyResolvedExpr }[],
  filtered: Filtered,
): Filtered {
  if (filtered.size === 0) return filtered;
  const origins = computed.flatMap(({ column, expr }) => {
    const origin = column && filtered.has(column.column_id) ? onlyColumnOf(expr) : undefined;
    return origin === undefined ? [] : [origin];
  });
  return union(filtered, new Set(origins));
}

/** Filters on a list of columns as filters on those that stand in their places. */
function mapped(from: readonly ResolvedColumn[], to: readonly ResolvedColumn[], filtered: Filtered): Filtered {
  return new Set(
    from.flatMap((column, index) => {
      const target = to[index];
      return target && filtered.has(column.column_id) ? [target.column_id] : [];
    }),
  );
}

function union(a: Filtered, b: Filtered): Filtered {
  if (a.size === 0) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

function isScan(node: unknown): node is AnyResolvedScan {
  const kind = (node as { readonly node?: unknown } | null | undefined)?.node;
  return typeof kind === "string" && kind.endsWith("Scan");
}
