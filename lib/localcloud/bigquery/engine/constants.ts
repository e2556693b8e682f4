import { invalidQuery } from "../errors.js";
import type { AnyResolvedExpr, Value } from "../googlesql/contract/resolved.js";
import { plainValue } from "../googlesql/plainValues.js";
import type { SqlType } from "../schema.js";
import type { QueryParameterValue } from "./engine.js";
import { valueText } from "./literals.js";
import type { OptionValue } from "./modelHook.js";
import type { Session } from "./session.js";
import { functionName, required, typeOf } from "./writer/expressions.js";

/** Values of expressions that are literals through and through, parameters included. */

/** @throws CloudError invalidQuery for anything that must be computed. */
export function constantValue(expression: AnyResolvedExpr, session: Session): OptionValue {
  const type = typeOf(expression);
  switch (expression.node) {
    case "ResolvedLiteral":
      return literalValue(expression.value?.value ?? {}, type);
    case "ResolvedMakeStruct":
      return structValue(
        type,
        expression.field_list.map((field) => constantValue(field, session)),
      );
    case "ResolvedCast":
      return castValue(constantValue(required(expression.expr), session), type);
    case "ResolvedParameter": {
      const key = expression.name === "" ? `#${expression.position}` : `@${expression.name.toLowerCase()}`;
      const given = session.parameterValues.get(key);
      if (given !== undefined) return parameterValue(given, type);
      break;
    }
    case "ResolvedFunctionCall": {
      const name = functionName(expression);
      if (name === "$make_array") return expression.argument_list.map((item) => constantValue(item, session));
      const [first] = expression.argument_list;
      if (name === "$unary_minus" && first) {
        const value = constantValue(first, session);
        if (typeof value === "bigint" || typeof value === "number") return -value;
      }
      break;
    }
    default:
      break;
  }
  throw invalidQuery("Arguments of ML functions must be literals or query parameters");
}

function literalValue(value: Value, type: SqlType): OptionValue {
  const plain = plainValue(value, type.kind);
  if (plain !== undefined) return plain;
  switch (type.kind) {
    case "ARRAY":
      return value.array_value?.element.map((element) => literalValue(element, type.element)) ?? null;
    case "STRUCT": {
      const struct = value.struct_value;
      if (!struct) return null;
      return structValue(
        type,
        type.fields.map((field, index) => literalValue(struct.field[index] ?? {}, field.type)),
      );
    }
    default: {
      const text = valueText(value, type) ?? null;
      return type.kind === "NUMERIC" && text !== null ? Number(text) : text;
    }
  }
}

function structValue(type: SqlType, values: readonly OptionValue[]): OptionValue {
  const fields = type.kind === "STRUCT" ? type.fields : [];
  return Object.fromEntries(
    values.map((value, index) => [fields[index]?.name || `_${index + 1}`, value] as [string, OptionValue]),
  );
}

function castValue(value: OptionValue, type: SqlType): OptionValue {
  if (type.kind === "FLOAT64" && typeof value === "bigint") return Number(value);
  return value;
}

function parameterValue(given: QueryParameterValue, type: SqlType): OptionValue {
  if (type.kind === "ARRAY") return (given.arrayValues ?? []).map((item) => parameterValue(item, type.element));
  if (type.kind === "STRUCT") {
    return structValue(
      type,
      type.fields.map((field) => parameterValue(given.structValues?.[field.name] ?? {}, field.type)),
    );
  }
  const { value } = given;
  if (value === null || value === undefined) return null;
  if (type.kind === "INT64") return BigInt(String(value));
  if (type.kind === "FLOAT64" || type.kind === "NUMERIC") return Number(value);
  return type.kind === "BOOL" ? String(value).toLowerCase() === "true" : String(value);
}
