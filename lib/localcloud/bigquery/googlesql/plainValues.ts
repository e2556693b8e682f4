import type { Value } from "./contract/resolved.js";

/** A value of a kind that JavaScript has a type for; undefined for every other kind, null for NULL. */
export function plainValue(value: Value, kind: string): bigint | number | boolean | string | null | undefined {
  switch (kind) {
    case "INT64":
      return value.int64_value === undefined ? null : BigInt(value.int64_value);
    case "FLOAT64":
      return value.double_value ?? null;
    case "BOOL":
      return value.bool_value ?? null;
    case "STRING":
      return value.string_value ?? null;
    case "JSON":
      return value.json_value ?? null;
    default:
      return undefined;
  }
}
