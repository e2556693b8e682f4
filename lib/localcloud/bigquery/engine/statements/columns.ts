import { invalidQuery } from "../../errors.js";
import type {
  ResolvedColumnAnnotations,
  ResolvedColumnDefinition,
  TypeParameters,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { FieldSchema, SqlType } from "../../schema.js";
import { fieldOf } from "../../storage.js";
import type { Execution } from "../execution.js";
import type { Plan } from "../planner.js";
import { required } from "../writer/expressions.js";
import { evaluateOptions, textOf, unknownOption } from "./options.js";

/** The REST field of a column definition, with what its annotations say at any depth. */
export async function fieldOfDefinition(
  definition: ResolvedColumnDefinition,
  plan: Plan,
  execution: Execution,
): Promise<FieldSchema> {
  if (definition.generated_column_info)
    throw invalidQuery("Generated columns are not supported by the local BigQuery.");
  const type = sqlTypeOf(required(definition.type));
  const field = await annotated(fieldOf(definition.name, type), type, definition.annotations, plan, execution);
  return definition.default_value ? { ...field, defaultValueExpression: definition.default_value.sql } : field;
}

async function annotated(
  field: FieldSchema,
  type: SqlType,
  annotations: ResolvedColumnAnnotations | undefined,
  plan: Plan,
  execution: Execution,
): Promise<FieldSchema> {
  if (!annotations) return field;
  let result: FieldSchema = { ...field, ...typeParameterFields(annotations.type_parameters) };
  if (annotations.not_null) result = { ...result, mode: "REQUIRED" };
  for (const option of await evaluateOptions(annotations.option_list, plan, execution)) {
    if (option.name === "ROUNDING_MODE") continue;
    if (option.name !== "DESCRIPTION") throw unknownOption(option.name, `column ${field.name}`);
    const description = textOf(option);
    if (description !== undefined) result = { ...result, description };
  }
  if (type.kind === "ARRAY") {
    const element = annotations.child_list[0];
    const inner = await annotated({ ...result, mode: "NULLABLE" }, type.element, element, plan, execution);
    return { ...inner, mode: "REPEATED" };
  }
  if (type.kind === "STRUCT" && annotations.child_list.length > 0) {
    const fields: FieldSchema[] = [];
    for (const [index, inner] of type.fields.entries()) {
      const before = required(result.fields?.[index]);
      fields.push(await annotated(before, inner.type, annotations.child_list[index], plan, execution));
    }
    return { ...result, fields };
  }
  return result;
}

export function typeParameterFields(
  parameters: TypeParameters | undefined,
): Pick<FieldSchema, "maxLength" | "precision" | "scale"> {
  const { numeric_type_parameters: numeric, string_type_parameters: text } = parameters ?? {};
  if (numeric?.precision !== undefined) {
    return { precision: String(numeric.precision), ...(numeric.scale === 0 ? {} : { scale: String(numeric.scale) }) };
  }
  return text?.max_length === undefined ? {} : { maxLength: String(text.max_length) };
}
