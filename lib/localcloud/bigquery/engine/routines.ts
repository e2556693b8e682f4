import { notSupported } from "../errors.js";
import type { ScriptFunction } from "../functions/scriptFunctions.js";
import type { Proto } from "../googlesql/analyzer.js";
import { unquotePaths } from "../googlesql/names.js";
import { typeProtoOf } from "../googlesql/types.js";
import type { RoutineRecord } from "../resources.js";
import type { SqlType } from "../schema.js";
import { scalarKind } from "../storage.js";

/** SQL routines as the analyzer takes them: it inlines their bodies itself. */

/** `StandardSqlDataType` of the REST Routine. */
export interface StandardSqlType {
  readonly typeKind?: string;
  readonly arrayElementType?: StandardSqlType;
  readonly rangeElementType?: StandardSqlType;
  readonly structType?: { readonly fields?: readonly { readonly name?: string; readonly type?: StandardSqlType }[] };
}

interface RoutineArgument {
  readonly name?: string;
  readonly argumentKind?: string;
  readonly dataType?: StandardSqlType;
  readonly isAggregate?: boolean;
}

/** The group of functions in JavaScript; what follows is the routine's place among the bound names. */
const SCRIPT_GROUP = "JavaScript#";

/** The place among the bound names of a function in JavaScript, by its full name in the resolved tree. */
export function scriptPlace(functionName: string): number | undefined {
  return functionName.startsWith(SCRIPT_GROUP)
    ? Number.parseInt(functionName.slice(SCRIPT_GROUP.length), 10)
    : undefined;
}

/** A routine in JavaScript as the sandbox takes it. */
export function scriptFunctionOf({ reference, resource }: RoutineRecord): ScriptFunction {
  return {
    name: reference.routineId,
    args: ((resource.arguments ?? []) as readonly RoutineArgument[]).map((argument) => ({
      name: argument.name ?? "",
      type: sqlTypeOfStandard(argument.dataType ?? {}),
    })),
    returns: sqlTypeOfStandard((resource.returnType ?? {}) as StandardSqlType),
    body: String(resource.definitionBody ?? ""),
    isDeterministic: resource.determinismLevel === "DETERMINISTIC",
  };
}

/** @param place the routine's index among the bound names. */
export function routineProto(name: string, record: RoutineRecord, place: number): Proto {
  const routine = record.resource;
  const args = (routine.arguments ?? []) as readonly RoutineArgument[];
  const returns = routine.returnType as StandardSqlType | undefined;
  if (routine.language === "JAVASCRIPT") {
    return {
      name_path: [name],
      group: `${SCRIPT_GROUP}${place}`,
      mode: "SCALAR",
      signature: [{ argument: args.map(argumentProto), return_type: fixed(sqlTypeOfStandard(returns ?? {})) }],
    };
  }
  if (routine.language !== undefined && routine.language !== "SQL") {
    throw notSupported(`A function in ${String(routine.language)}`, "Write it in SQL or JavaScript.");
  }
  const aggregate = routine.routineType === "AGGREGATE_FUNCTION";
  return {
    name_path: [name],
    group: aggregate ? "Templated_SQL_Aggregate_Function" : "Templated_SQL_Function",
    mode: aggregate ? "AGGREGATE" : "SCALAR",
    signature: [
      {
        argument: args.map(argumentProto),
        return_type: returns ? fixed(sqlTypeOfStandard(returns)) : ARBITRARY,
      },
    ],
    templated_sql_function_argument_name: args.map((argument) => argument.name ?? ""),
    parse_resume_location: {
      input: unquotePaths(String(routine.definitionBody ?? "")),
      byte_position: 0,
      allow_resume: false,
    },
  };
}

export function tableFunctionProto(name: string, record: RoutineRecord): Proto {
  const args = (record.resource.arguments ?? []) as readonly RoutineArgument[];
  return {
    name_path: [name],
    type: "TEMPLATED_SQL_TVF",
    signature: {
      argument: args.map(argumentProto),
      return_type: { kind: "ARG_TYPE_RELATION", num_occurrences: 1 },
    },
    argument_name: args.map((argument) => argument.name ?? ""),
    parse_resume_location: {
      input: unquotePaths(String(record.resource.definitionBody ?? "")),
      byte_position: 0,
      allow_resume: false,
    },
  };
}

const ARBITRARY = { kind: "ARG_TYPE_ARBITRARY", num_occurrences: 1 };

function argumentProto(argument: RoutineArgument): Proto {
  return argument.argumentKind === "ANY_TYPE" || !argument.dataType
    ? ARBITRARY
    : fixed(sqlTypeOfStandard(argument.dataType));
}

function fixed(type: SqlType): Proto {
  return { kind: "ARG_TYPE_FIXED", type: typeProtoOf(type), num_occurrences: 1 };
}

export function sqlTypeOfStandard(type: StandardSqlType): SqlType {
  switch (type.typeKind) {
    case "ARRAY":
      return { kind: "ARRAY", element: sqlTypeOfStandard(type.arrayElementType ?? {}) };
    case "RANGE":
      return { kind: "RANGE", element: sqlTypeOfStandard(type.rangeElementType ?? {}) };
    case "STRUCT":
      return {
        kind: "STRUCT",
        fields: (type.structType?.fields ?? []).map((field) => ({
          name: field.name ?? "",
          type: sqlTypeOfStandard(field.type ?? {}),
        })),
      };
    default: {
      const kind = scalarKind(type.typeKind ?? "");
      if (!kind) throw new TypeError(`${type.typeKind ?? "a type without a kind"} is not a type of BigQuery`);
      return { kind };
    }
  }
}

export function standardTypeOf(type: SqlType): StandardSqlType {
  switch (type.kind) {
    case "ARRAY":
      return { typeKind: "ARRAY", arrayElementType: standardTypeOf(type.element) };
    case "RANGE":
      return { typeKind: "RANGE", rangeElementType: standardTypeOf(type.element) };
    case "STRUCT":
      return {
        typeKind: "STRUCT",
        structType: { fields: type.fields.map((field) => ({ name: field.name, type: standardTypeOf(field.type) })) },
      };
    default:
      return { typeKind: type.kind };
  }
}
