import type { DuckDBValue } from "@duckdb/node-api";
import { DuckDBListValue } from "@duckdb/node-api";
import { duckType, quoteIdentifier } from "../engine/duckTypes.js";
import {
  type Column,
  type Relation,
  type RelationReader,
  type TransformClause,
  transformInput,
} from "../engine/modelHook.js";
import { invalidQuery } from "../errors.js";
import { type FeatureSource, invalidFunction, isNumeric, typeName } from "./columns.js";
import { constantSql } from "./functions/analytics.js";
import type { TransformState } from "./state.js";

/** TRANSFORM clauses: statistics frozen at training, and the clause replayed on other rows. */

export interface FrozenTransform {
  /** Without the column of KMEANS_INIT_COL, which only training needs. */
  readonly state: TransformState;
  /** The training query through the clause. */
  readonly relation: Relation;
}

/**
 * Computes a clause's statistics over the training rows and makes constants of them.
 * @throws CloudError invalidQuery for an input of a type that TRANSFORM does not take, or a changed KMEANS_INIT_COL.
 */
export async function freezeTransform(
  clause: TransformClause,
  training: RelationReader,
  initColumn: string | undefined,
): Promise<FrozenTransform> {
  for (const { name, type } of clause.inputs) {
    const inner = type.kind === "ARRAY" ? type.element : type;
    if (inner.kind === "STRUCT" || inner.kind === "ARRAY") {
      throw invalidQuery(
        `Column ${name} of type ${typeName(type)} cannot be an input of TRANSFORM: select its fields.`,
      );
    }
  }
  const isInit = (name: string): boolean => name.toLowerCase() === initColumn?.toLowerCase();
  const init = clause.outputs.find((output) => isInit(output.name));
  if (init && !init.passesThrough) {
    throw invalidQuery(`Column ${init.name} of KMEANS_INIT_COL must pass through TRANSFORM as it is.`);
  }
  const statistics = await computeStatistics(clause, training);
  const written = clause.write(statistics.map(constantSql));
  const all: TransformState = {
    text: clause.text,
    inputs: clause.inputs,
    outputs: clause.outputs.map(({ name, type, sql }, index) => ({ name, type, sql, duckSql: written[index] ?? "" })),
  };
  return {
    state: { ...all, outputs: all.outputs.filter((output) => !isInit(output.name)) },
    relation: transformRelation(all, training.relation),
  };
}

async function computeStatistics(clause: TransformClause, training: RelationReader): Promise<unknown[]> {
  if (clause.statistics.length === 0) return [];
  const inputs = clause.inputs.map((input, index) => `${quoteIdentifier(input.name)} AS ${transformInput(index)}`);
  const from = `SELECT ${inputs.length > 0 ? inputs.join(", ") : "1"} FROM (${training.relation.sql})`;
  const result = await training.connection.runAndReadAll(`SELECT ${clause.statistics.join(", ")} FROM (${from})`);
  return (result.getRows()[0] ?? []).map(plain);
}

function plain(value: DuckDBValue): unknown {
  return value instanceof DuckDBListValue ? value.items.map(plain) : value;
}

/** The inputs that outputs use, with their numbers. */
export function neededInputs(transform: TransformState): { readonly column: Column; readonly index: number }[] {
  return transform.inputs
    .map((column, index) => ({ column, index }))
    .filter(({ index }) => transform.outputs.some(({ duckSql }) => duckSql.includes(transformInput(index))));
}

/**
 * TRANSFORM replayed: its outputs as further columns of a relation, named `names`, beside the relation's own.
 * Inputs are cast to the types that they had at training.
 */
export function transformedSql(transform: TransformState, relation: Relation, names: readonly string[]): string {
  const inputs = neededInputs(transform).map(
    ({ column, index }) =>
      `, CAST(i.${quoteIdentifier(column.name)} AS ${duckType(column.type)}) AS ${transformInput(index)}`,
  );
  const outputs = transform.outputs.map(
    ({ duckSql }, index) => `, ${duckSql} AS ${quoteIdentifier(names[index] ?? "")}`,
  );
  return `SELECT *${outputs.join("")} FROM (SELECT i.*${inputs.join("")} FROM (${relation.sql}) AS i)`;
}

/** A model's features as TRANSFORM makes them of a relation; the relation's own columns stay. */
export function transformedFeatures(
  transform: TransformState,
  sources: readonly FeatureSource[],
  given: Relation,
): { readonly sources: readonly FeatureSource[]; readonly relation: Relation } {
  const hidden = new Map(transform.outputs.map((output, index) => [output.name, ` t${index}`]));
  return {
    sources: sources.map((source) => ({ ...source, column: hidden.get(source.column) ?? source.column })),
    relation: { sql: transformedSql(transform, given, [...hidden.values()]), columns: given.columns },
  };
}

/** TRANSFORM replayed: its outputs alone, by their names. */
export function transformRelation(transform: TransformState, relation: Relation): Relation {
  const hidden = transform.outputs.map((_, index) => ` t${index}`);
  const columns = transform.outputs.map(
    ({ name }, index) => `${quoteIdentifier(hidden[index] ?? "")} AS ${quoteIdentifier(name)}`,
  );
  return {
    sql: `SELECT ${columns.join(", ")} FROM (${transformedSql(transform, relation, hidden)})`,
    columns: transform.outputs.map(({ name, type }) => ({ name, type })),
  };
}

/** @throws CloudError invalidQuery when a column that TRANSFORM reads is missing or of a kind that cannot be cast to it. */
export function checkTransformInputs(
  functionName: string,
  transform: TransformState,
  columns: readonly Column[],
): void {
  const byName = new Map(columns.map((column) => [column.name.toLowerCase(), column]));
  for (const { column: input } of neededInputs(transform)) {
    const column = byName.get(input.name.toLowerCase());
    if (!column) {
      throw invalidFunction(
        functionName,
        `Column ${input.name} is not found in the input data to the ${functionName} function.`,
      );
    }
    if (column.type.kind !== input.type.kind && !(isNumeric(column.type) && isNumeric(input.type))) {
      throw invalidFunction(
        functionName,
        `Column ${input.name} has type ${typeName(column.type)}, but the model was trained with ${typeName(input.type)}.`,
      );
    }
  }
}
