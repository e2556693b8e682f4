import type { SqlType } from "../../schema.js";

/**
 * One ORDER BY key in GoogleSQL's order: NULL first ascending and last descending unless said otherwise, and NaN below
 * every number (DuckDB has it above).
 */
export function orderTerms(
  sql: string,
  type: SqlType,
  item: { readonly is_descending: boolean; readonly null_order: string },
): string[] {
  const direction = item.is_descending ? "DESC" : "ASC";
  const nullsFirst = item.null_order === "ORDER_UNSPECIFIED" ? !item.is_descending : item.null_order === "NULLS_FIRST";
  const nulls = nullsFirst ? "NULLS FIRST" : "NULLS LAST";
  if (type.kind === "FLOAT64") return [`NOT isnan(${sql}) ${direction} ${nulls}`, `${sql} ${direction} ${nulls}`];
  if (type.kind === "BIGNUMERIC") return [`bignumeric_key(${sql}) ${direction} ${nulls}`];
  if (type.kind === "RANGE") {
    // An open start is below every start, an open end above every end.
    return [
      `(${sql} IS NULL) ${nullsFirst ? "DESC" : "ASC"}`,
      `coalesce((${sql})."start", '-infinity') ${direction}`,
      `coalesce((${sql})."end", 'infinity') ${direction}`,
    ];
  }
  return [`${sql} ${direction} ${nulls}`];
}
