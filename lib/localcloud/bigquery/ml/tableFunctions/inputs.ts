import type { Column, OptionValue, Relation, TableFunctionArgument } from "../../engine/modelHook.js";
import type { SqlType } from "../../schema.js";
import { type FeatureSource, invalidFunction, matchFeatures } from "../columns.js";
import type { ModelState } from "../state.js";
import { checkTransformInputs, transformedFeatures } from "../transform.js";

export const INT64: SqlType = { kind: "INT64" };
export const FLOAT64: SqlType = { kind: "FLOAT64" };
export const STRING: SqlType = { kind: "STRING" };
export const BOOL: SqlType = { kind: "BOOL" };
export const struct = (...fields: Column[]): SqlType => ({ kind: "STRUCT", fields });
export const array = (element: SqlType): SqlType => ({ kind: "ARRAY", element });

/** A call of an `ML.*` table function on a model that is there. */
export interface Call {
  /** Without `ML.` */
  readonly name: string;
  readonly state: ModelState;
  /** The arguments behind the model. */
  readonly arguments: readonly TableFunctionArgument[];
}

/** One `ML.*` table function: its output columns before analysis, its SQL after. */
export interface TableFunction {
  outputColumns(call: Call): readonly Column[];
  write(call: Call, relation: Relation | undefined): string;
}

/** The columns of the call's relation, if it has one. */
export function relationColumns(call: Call): readonly Column[] | undefined {
  for (const argument of call.arguments) if (argument.kind === "relation") return argument.columns;
  return undefined;
}

/** @throws CloudError invalidQuery when the function got no TABLE or query. */
export function requireColumns(call: Call): readonly Column[] {
  const columns = relationColumns(call);
  if (!columns) throw invalidFunction(call.name, `ML.${call.name} expects a TABLE or a query after the model.`);
  return columns;
}

/** The settings STRUCT of the call by lower-case name. @throws CloudError invalidQuery for a name not in `allowed`. */
export function settings(call: Call, allowed: readonly string[]): ReadonlyMap<string, OptionValue> {
  const found = new Map<string, OptionValue>();
  for (const argument of call.arguments) {
    if (argument.kind !== "scalar") continue;
    const named =
      argument.type.kind === "STRUCT" && argument.value !== null && typeof argument.value === "object"
        ? structEntries(argument.value)
        : [[argument.name ?? "", argument.value] as const];
    for (const [name, value] of named) {
      if (!allowed.includes(name.toLowerCase())) {
        throw invalidFunction(
          call.name,
          `Unknown setting '${name}' of ML.${call.name}.${allowed.length > 0 ? ` Supported: ${allowed.join(", ")}.` : " It takes none."}`,
        );
      }
      found.set(name.toLowerCase(), value);
    }
  }
  return found;
}

function structEntries(value: object): (readonly [string, OptionValue])[] {
  return Array.isArray(value) ? [] : Object.entries(value as Readonly<Record<string, OptionValue>>);
}

/** A number of any GoogleSQL type (NUMERIC literals come as text). */
export function numberOf(value: OptionValue | undefined): number {
  return typeof value === "number" || typeof value === "bigint" || typeof value === "string"
    ? Number(value)
    : Number.NaN;
}

/** A call's features bound to its input: `sources` name columns of `relation(input)`, whose `columns` are the input's own. */
export interface BoundFeatures {
  readonly sources: readonly FeatureSource[];
  relation(input: Relation | undefined): Relation;
}

/**
 * Finds the model's features in the input; a model with TRANSFORM needs the columns that its TRANSFORM reads, and its
 * features are computed from them.
 * @throws CloudError invalidQuery when a column is missing or of another type.
 */
export function bindFeatures(call: Call): BoundFeatures {
  const columns = requireColumns(call);
  const { sources, transform } = call.state;
  if (!transform) {
    return { sources: matchFeatures(call.name, sources, columns), relation: (input) => required(call, input) };
  }
  checkTransformInputs(call.name, transform, columns);
  const named = { sql: "", columns };
  return {
    sources: transformedFeatures(transform, sources, named).sources,
    relation: (input) => transformedFeatures(transform, sources, required(call, input)).relation,
  };
}

function required(call: Call, input: Relation | undefined): Relation {
  if (!input) throw invalidFunction(call.name, `ML.${call.name} expects a TABLE or a query after the model.`);
  return input;
}
