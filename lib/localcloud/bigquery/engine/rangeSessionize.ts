import { invalidQuery } from "../errors.js";
import { quoteIdentifier } from "./duckTypes.js";
import type { Column, Relation, TableFunctionArgument } from "./modelHook.js";

/**
 * RANGE_SESSIONIZE(TABLE t, 'range_column', ['partition_column', …] [, 'MEETS' | 'OVERLAPS']): the table with a column
 * `session_range`, the union of the ranges of a partition that overlap or (by default) meet.
 * https://docs.cloud.google.com/bigquery/docs/reference/standard-sql/range-functions#range_sessionize
 */

export const RANGE_SESSIONIZE = "RANGE_SESSIONIZE";

const MODES: readonly unknown[] = ["MEETS", "OVERLAPS"];

interface Call {
  readonly columns: readonly Column[];
  readonly range: Column;
  readonly partition: readonly Column[];
  /** Ranges that only touch belong together. */
  readonly meets: boolean;
}

/** The fourth argument's error, when it is wrong. */
export function badMode(args: readonly TableFunctionArgument[]): string | undefined {
  const mode = args[3];
  if (!mode || (mode.kind === "scalar" && MODES.includes(mode.value))) return undefined;
  const shown = mode.kind === "scalar" ? String(mode.value) : mode.kind;
  return `Could not cast literal "${shown}" to type RANGE_SESSIONIZE_MODE`;
}

function callOf(args: readonly TableFunctionArgument[]): Call {
  const [input, range, partition, mode] = args;
  if (input?.kind !== "relation" || range?.kind !== "scalar" || partition?.kind !== "scalar" || args.length > 4) {
    throw invalidQuery(
      `No matching signature for table-valued function ${RANGE_SESSIONIZE}: it takes a table, the name of a RANGE column, an array of names of columns to partition by and, optionally, 'MEETS' or 'OVERLAPS'`,
    );
  }
  const find = (name: unknown): Column => {
    const column = input.columns.find((candidate) => candidate.name.toLowerCase() === String(name).toLowerCase());
    if (!column) throw invalidQuery(`Column ${String(name)} is not found in the input table of ${RANGE_SESSIONIZE}`);
    return column;
  };
  const column = find(range.value);
  if (column.type.kind !== "RANGE") {
    throw invalidQuery(
      `Column ${column.name} of ${RANGE_SESSIONIZE} must be of type RANGE, but is ${column.type.kind}`,
    );
  }
  const names = Array.isArray(partition.value) ? (partition.value as readonly unknown[]) : [];
  return {
    columns: input.columns,
    range: column,
    partition: names.map(find),
    meets: mode?.kind !== "scalar" || mode.value !== "OVERLAPS",
  };
}

/** @throws CloudError invalidQuery. */
export function sessionizedColumns(args: readonly TableFunctionArgument[]): readonly Column[] {
  const { columns, range } = callOf(args);
  return [...columns, { name: "session_range", type: range.type }];
}

export function sessionizedSql(args: readonly TableFunctionArgument[], input: Relation): string {
  const { columns, range, partition, meets } = callOf(args);
  const list = columns.map((column) => quoteIdentifier(column.name)).join(", ");
  const own = quoteIdentifier(range.name);
  const by = `PARTITION BY ${[...partition.map((column) => quoteIdentifier(column.name)), "true"].join(", ")}`;
  const bounded = `SELECT *, CASE WHEN ${own} IS NOT NULL THEN coalesce((${own})."start", '-infinity') END AS _s,
    CASE WHEN ${own} IS NOT NULL THEN coalesce((${own})."end", 'infinity') END AS _e FROM (${input.sql})`;
  const numbered = `SELECT *, row_number() OVER (${by} ORDER BY _s NULLS FIRST, _e) AS _n FROM (${bounded})`;
  // A NULL range comes first, has no session, and joins all that follow in its partition (recorded of the service).
  const apart = meets ? ">" : ">=";
  const begun = `SELECT *, coalesce(CAST(_s ${apart} max(coalesce(_e, 'infinity')) OVER (${by} ORDER BY _n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS INTEGER), 1) AS _b FROM (${numbered})`;
  const grouped = `SELECT *, sum(_b) OVER (${by} ORDER BY _n ROWS UNBOUNDED PRECEDING) AS _g FROM (${begun})`;
  const session = `CASE WHEN _s IS NOT NULL THEN {'start': nullif(min(_s) OVER (${by}, _g), '-infinity'), 'end': nullif(max(_e) OVER (${by}, _g), 'infinity')} END`;
  return `SELECT ${list}, ${session} AS session_range FROM (${grouped})`;
}
