import type { AnyResolvedScan, ResolvedOutputColumn } from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import { quoteIdentifier, structField } from "../duckTypes.js";
import type { Column } from "../modelHook.js";
import type { WriterContext } from "./context.js";
import { required } from "./expressions.js";
import { writeScan } from "./scans.js";

export interface WrittenQuery {
  /** A complete SELECT. */
  readonly sql: string;
  readonly columns: readonly Column[];
}

/**
 * A query as a statement writes it. `names`: what its columns are called in DuckDB (for views and CREATE TABLE AS; they must
 * then differ), otherwise they stand in order. A value table of structs gives the structs' fields, as BigQuery does.
 */
export function writeQuery(
  query: {
    readonly output_column_list: readonly ResolvedOutputColumn[];
    readonly is_value_table?: boolean;
    readonly query?: AnyResolvedScan;
  },
  context: WriterContext,
  names?: readonly string[],
): WrittenQuery {
  const frame = writeScan(required(query.query), new Map(), context);
  const items: string[] = [];
  const columns: Column[] = [];
  const add = (sql: string, column: Column): void => {
    const name = names?.[columns.length];
    items.push(`${sql} AS ${name === undefined ? `o${columns.length + 1}` : quoteIdentifier(name)}`);
    columns.push(column);
  };
  for (const output of query.output_column_list) {
    const column = required(output.column);
    const type = sqlTypeOf(required(column.type));
    const sql = frame.columnSql(column.column_id);
    if (query.is_value_table && type.kind === "STRUCT") {
      type.fields.forEach((field, index) => {
        add(`struct_extract(${sql}, '${structField(index)}')`, field);
      });
      continue;
    }
    add(sql, { name: output.name, type });
  }
  const given = outputNames(columns.map((column) => column.name));
  return {
    sql: frame.select(items),
    columns: columns.map(({ type }, index) => ({ name: given[index] ?? "", type })),
  };
}

/**
 * Names of a query's columns in its answer: columns without a name are called `f0_`, `f1_` …; of those with equal names
 * the later ones get a number, `a_1`.
 */
export function outputNames(names: readonly string[]): readonly string[] {
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const used = new Set<string>();
  let unnamed = 0;
  const free = (next: () => string): string => {
    let name = next();
    while (taken.has(name.toLowerCase()) || used.has(name.toLowerCase())) name = next();
    return name;
  };
  return names.map((name) => {
    let number = 0;
    const isNamed = name !== "" && !name.startsWith("$");
    const isFirst = isNamed && !used.has(name.toLowerCase());
    const given = isFirst ? name : free(() => (isNamed ? `${name}_${++number}` : `f${unnamed++}_`));
    used.add(given.toLowerCase());
    return given;
  });
}
