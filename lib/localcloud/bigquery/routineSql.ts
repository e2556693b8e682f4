import type { JsonObject } from "../platform/discovery.js";
import { invalid, notSupported } from "./errors.js";
import type { RoutineReference } from "./resources.js";

/** `StandardSqlDataType` of the REST API. */
interface StandardSqlDataType {
  readonly typeKind?: string;
  readonly arrayElementType?: StandardSqlDataType;
  readonly structType?: {
    readonly fields?: readonly { readonly name?: string; readonly type?: StandardSqlDataType }[];
  };
  readonly rangeElementType?: StandardSqlDataType;
}

interface Argument {
  readonly name?: string;
  readonly argumentKind?: string;
  readonly mode?: string;
  readonly dataType?: StandardSqlDataType;
}

/**
 * The CREATE statement that makes the routine which a REST resource describes.
 * @throws CloudError for a kind or language that is not supported.
 */
export function createRoutineSql(at: RoutineReference, resource: JsonObject): string {
  const { routineType, definitionBody } = resource;
  const language = String(resource.language ?? "SQL");
  const isScript = language === "JAVASCRIPT" && routineType === "SCALAR_FUNCTION";
  if (language !== "SQL" && !isScript) throw notSupported(`A routine in ${language}`, "Write it in SQL.");
  if (isScript && Array.isArray(resource.importedLibraries) && resource.importedLibraries.length > 0) {
    throw notSupported("A library of a function in JavaScript", "Put its code into the definitionBody.");
  }
  if (typeof definitionBody !== "string" || definitionBody === "")
    throw invalid("Required parameter is missing: definitionBody");
  const parts = (resource.arguments ?? []) as readonly Argument[];
  const name = `\`${at.projectId}\`.\`${at.datasetId}\`.\`${at.routineId}\``;
  const list = parts.map((argument) => argumentSql(argument)).join(", ");
  switch (routineType) {
    case "SCALAR_FUNCTION": {
      const returns = resource.returnType ? ` RETURNS ${typeSql(resource.returnType as StandardSqlDataType)}` : "";
      if (isScript) {
        const level = /^(?:NOT_)?DETERMINISTIC$/.test(String(resource.determinismLevel))
          ? resource.determinismLevel
          : "";
        const determinism = String(level).replace("_", " ");
        return `CREATE OR REPLACE FUNCTION ${name}(${list})${returns} ${determinism} LANGUAGE js AS ${JSON.stringify(definitionBody)}`;
      }
      return `CREATE OR REPLACE FUNCTION ${name}(${list})${returns} AS (\n${definitionBody}\n)`;
    }
    case "TABLE_VALUED_FUNCTION":
      return `CREATE OR REPLACE TABLE FUNCTION ${name}(${list}) AS (\n${definitionBody}\n)`;
    case "PROCEDURE":
      return `CREATE OR REPLACE PROCEDURE ${name}(${list})\n${block(definitionBody)}`;
    default:
      throw notSupported(
        `A routine of type ${String(routineType)}`,
        "Use SCALAR_FUNCTION, TABLE_VALUED_FUNCTION or PROCEDURE.",
      );
  }
}

/** A procedure's body is a block, or the statements of one. */
function block(body: string): string {
  if (/^\s*BEGIN\b(?!\s*(?:TRANSACTION\b|;))/i.test(body)) return body;
  return `BEGIN\n${body}${/;\s*$/.test(body) ? "" : "\n;"}\nEND`;
}

function argumentSql({ name, argumentKind, mode, dataType }: Argument): string {
  const type = argumentKind === "ANY_TYPE" || !dataType ? "ANY TYPE" : typeSql(dataType);
  const direction = mode && mode !== "MODE_UNSPECIFIED" && mode !== "IN" ? `${mode} ` : "";
  return `${direction}${name ? `\`${name}\` ` : ""}${type}`;
}

/** @throws CloudError invalid */
function typeSql(type: StandardSqlDataType): string {
  if (type.typeKind === "ARRAY" && type.arrayElementType) return `ARRAY<${typeSql(type.arrayElementType)}>`;
  if (type.typeKind === "RANGE" && type.rangeElementType) return `RANGE<${typeSql(type.rangeElementType)}>`;
  if (type.typeKind === "STRUCT") {
    const fields = (type.structType?.fields ?? []).map((field) => {
      if (!field.type) throw invalid(`Field ${field.name ?? ""} of a STRUCT has no type.`);
      return `${field.name ? `\`${field.name}\` ` : ""}${typeSql(field.type)}`;
    });
    return `STRUCT<${fields.join(", ")}>`;
  }
  if (!type.typeKind || !/^[A-Z0-9]+$/.test(type.typeKind))
    throw invalid(`Invalid value for typeKind: ${type.typeKind}`);
  return type.typeKind;
}
