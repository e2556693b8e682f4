import { type DuckDBConnection, DuckDBListValue } from "@duckdb/node-api";
import { servingForm } from "../../ml/kmeans/model.js";
import { duckType, quoteIdentifier, quoteText } from "../engine/duckTypes.js";
import type { Relation } from "../engine/modelHook.js";
import type { SqlType } from "../schema.js";
import { isNumeric } from "./columns.js";
import { DISTANCES, distancesSql } from "./distances.js";
import { checkKeys, type Instance, invalidInstance } from "./instances.js";
import { double, type ModelState, type TransformState } from "./state.js";
import { neededInputs, transformedFeatures } from "./transform.js";

/** The number of the instance; no GoogleSQL name holds a space. */
const AT = " at";

/**
 * Predicts instances of a deployed model with TRANSFORM: they hold the columns that the clause reads, and go the way that
 * ML.PREDICT's rows go.
 * @throws CloudError INVALID_ARGUMENT for a missing, unknown or ill-typed input.
 */
export async function predictTransformed(
  connection: DuckDBConnection,
  state: ModelState & { readonly transform: TransformState },
  instances: readonly Instance[],
): Promise<Readonly<Record<string, unknown>>[]> {
  if (instances.length === 0) return [];
  const inputs = neededInputs(state.transform).map(({ column }) => column);
  const rows = instances.map((instance, index) => {
    checkKeys(
      instance,
      index,
      inputs.map((input) => input.name),
    );
    return `(${[index, ...inputs.map(({ name, type }) => literalSql(name, instance[name], type))].join(", ")})`;
  });
  const names = [AT, ...inputs.map((input) => input.name)].map(quoteIdentifier).join(", ");
  const given: Relation = {
    sql: `SELECT * FROM (VALUES ${rows.join(", ")}) AS v(${names})`,
    columns: [{ name: AT, type: { kind: "INT64" } }],
  };
  const { sources, relation } = transformedFeatures(state.transform, state.sources, given);
  const sql = `SELECT ${DISTANCES} FROM (${distancesSql(state, sources, relation)}) ORDER BY ${quoteIdentifier(AT)}`;
  const result = await connection.runAndReadAll(sql).catch((thrown: unknown) => {
    throw invalidInstance(`The instances cannot be transformed: ${thrown instanceof Error ? thrown.message : thrown}`);
  });
  return result.getRows().map(([list]) => {
    const distances = list instanceof DuckDBListValue ? list.items.map(Number) : [];
    return servingForm({ centroidId: 1 + distances.indexOf(Math.min(...distances)), distances });
  });
}

/** A JSON value as a DuckDB expression of the column's type. */
function literalSql(name: string, value: unknown, type: SqlType): string {
  return `CAST(${bareSql(name, value, type)} AS ${duckType(type)})`;
}

function bareSql(name: string, value: unknown, type: SqlType): string {
  const wrong = (expected: string) =>
    invalidInstance(`Feature ${name}: JSON Value: ${JSON.stringify(value)} is not of expected type: ${expected}.`);
  if (value === null || value === undefined) return "NULL";
  if (type.kind === "ARRAY") {
    if (!Array.isArray(value)) throw wrong("a list");
    return `[${value.map((item) => literalSql(name, item, type.element)).join(", ")}]`;
  }
  if (isNumeric(type)) {
    if (typeof value !== "number") throw wrong("a number");
    return double(value);
  }
  if (type.kind === "BOOL") {
    if (typeof value !== "boolean") throw wrong("a boolean");
    return String(value);
  }
  if (typeof value !== "string") throw wrong("a string");
  return type.kind === "BYTES" ? `from_base64(${quoteText(value)})` : quoteText(value);
}
