import type { ScalarKind, SqlType } from "../schema.js";
import type { Type } from "./contract/resolved.js";

/** GoogleSQL's `TypeProto` to and from the engine's types. */

const KINDS: readonly (readonly [string, ScalarKind])[] = [
  ["TYPE_INT64", "INT64"],
  ["TYPE_DOUBLE", "FLOAT64"],
  ["TYPE_BOOL", "BOOL"],
  ["TYPE_STRING", "STRING"],
  ["TYPE_BYTES", "BYTES"],
  ["TYPE_DATE", "DATE"],
  ["TYPE_DATETIME", "DATETIME"],
  ["TYPE_TIME", "TIME"],
  ["TYPE_TIMESTAMP", "TIMESTAMP"],
  ["TYPE_NUMERIC", "NUMERIC"],
  ["TYPE_BIGNUMERIC", "BIGNUMERIC"],
  ["TYPE_JSON", "JSON"],
  ["TYPE_INTERVAL", "INTERVAL"],
  ["TYPE_GEOGRAPHY", "GEOGRAPHY"],
];
const SCALAR_OF = new Map(KINDS);
const KIND_OF = new Map<string, string>(KINDS.map(([proto, kind]) => [kind, proto]));
const SHARED = new Map(KINDS.map(([proto, kind]) => [proto, { kind } as const]));

/** Types that GoogleSQL uses inside and BigQuery does not have (the date part of a function is an enum). */
export type AnalyzedType = SqlType | { readonly kind: "ENUM"; readonly name: string };

export function isSqlType(type: AnalyzedType): type is SqlType {
  return type.kind !== "ENUM";
}

/** @throws TypeError for a type that BigQuery does not have. */
export function sqlTypeOf(type: Type): SqlType {
  const analyzed = analyzedTypeOf(type);
  if (!isSqlType(analyzed)) throw new TypeError(`type ${type.type_kind} is not a type of BigQuery`);
  return analyzed;
}

export function analyzedTypeOf(type: Type): AnalyzedType {
  const scalar = SHARED.get(type.type_kind);
  if (scalar) return scalar;
  switch (type.type_kind) {
    case "TYPE_ARRAY":
      return { kind: "ARRAY", element: sqlTypeOf(required(type.array_type?.element_type)) };
    case "TYPE_RANGE":
      return { kind: "RANGE", element: sqlTypeOf(required(type.range_type?.element_type)) };
    case "TYPE_STRUCT":
      return {
        kind: "STRUCT",
        fields: (type.struct_type?.field ?? []).map((field) => ({
          name: field.field_name,
          type: sqlTypeOf(required(field.field_type)),
        })),
      };
    case "TYPE_ENUM":
      return { kind: "ENUM", name: type.enum_type?.enum_name ?? "" };
    case "TYPE_INT32":
    case "TYPE_UINT32":
    case "TYPE_UINT64":
      return { kind: "INT64" };
    default:
      throw new TypeError(`type ${type.type_kind} is not a type of BigQuery`);
  }
}

/** `TypeProto` in the form that requests take. */
export function typeProtoOf(type: SqlType): Readonly<Record<string, unknown>> {
  switch (type.kind) {
    case "ARRAY":
      return { type_kind: "TYPE_ARRAY", array_type: { element_type: typeProtoOf(type.element) } };
    case "RANGE":
      return { type_kind: "TYPE_RANGE", range_type: { element_type: typeProtoOf(type.element) } };
    case "STRUCT":
      return {
        type_kind: "TYPE_STRUCT",
        struct_type: {
          field: type.fields.map((field) => ({ field_name: field.name, field_type: typeProtoOf(field.type) })),
        },
      };
    default:
      return { type_kind: KIND_OF.get(type.kind) };
  }
}

/** The type as GoogleSQL writes it: `ARRAY<STRUCT<a INT64, STRING>>`. */
export function typeName(type: SqlType): string {
  switch (type.kind) {
    case "ARRAY":
    case "RANGE":
      return `${type.kind}<${typeName(type.element)}>`;
    case "STRUCT":
      return `STRUCT<${type.fields.map((field) => (field.name ? `${field.name} ${typeName(field.type)}` : typeName(field.type))).join(", ")}>`;
    default:
      return type.kind;
  }
}

export function sameType(a: SqlType, b: SqlType): boolean {
  return typeName(a) === typeName(b);
}

export { SCALAR_OF };

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError("GoogleSQL answered a type without its inner type");
  return value;
}
