import { duckType, quoteIdentifier } from "../engine/duckTypes.js";
import type { Column, Relation } from "../engine/modelHook.js";
import { invalidFunction, typeName } from "./columns.js";
import type { TransformState } from "./state.js";

/**
 * TRANSFORM replayed: its outputs as further columns of a relation, named `names`, beside the relation's own.
 * Inputs are cast to the types that they had at training.
 */
export function transformedSql(transform: TransformState, relation: Relation, names: readonly string[]): string {
  const inputs = transform.inputs.map(
    (column, index) =>
      `, CAST(i.${quoteIdentifier(column.name)} AS ${duckType(column.type)}) AS ${transformInput(index)}`,
  );
  const outputs = transform.outputs.map(
    ({ duckSql }, index) => `, ${duckSql} AS ${quoteIdentifier(names[index] ?? "")}`,
  );
  return `SELECT *${outputs.join("")} FROM (SELECT i.*${inputs.join("")} FROM (${relation.sql}) AS i)`;
}

/** The DuckDB name by which a TRANSFORM's expressions read their input column number `index`. */
export const transformInput = (index: number): string => quoteIdentifier(` x${index}`);

/** @throws CloudError invalidQuery when a column that TRANSFORM reads is missing or of a kind that cannot be cast to it. */
export function checkTransformInputs(
  functionName: string,
  transform: TransformState,
  columns: readonly Column[],
): void {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  for (const input of transform.inputs) {
    const column = byName.get(input.name.toLowerCase());
    if (!column) {
      throw invalidFunction(
        functionName,
        `Column ${input.name} is not found in the input data to the ${functionName} function.`,
      );
    }
    if (column.type.kind !== input.type.kind && !(isNumber(column) && isNumber(input))) {
      throw invalidFunction(
        functionName,
        `Column ${input.name} has type ${typeName(column.type)}, but the model was trained with ${typeName(input.type)}.`,
      );
    }
  }
}

const isNumber = ({ type }: Column): boolean => ["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"].includes(type.kind);
