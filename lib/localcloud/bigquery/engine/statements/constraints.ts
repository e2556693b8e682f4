import type {
  ResolvedCreateTableAsSelectStmt,
  ResolvedCreateTableStmt,
  ResolvedForeignKey,
} from "../../googlesql/contract/resolved.js";
import type { TableConstraints } from "../../resources.js";
import type { Plan } from "../planner.js";

/** `TableConstraints` of the REST table: kept and shown, never enforced, as BigQuery has them. */
export function constraintsOf(
  statement: ResolvedCreateTableStmt | ResolvedCreateTableAsSelectStmt,
  plan: Plan,
): { readonly tableConstraints?: TableConstraints } {
  const { primary_key: primary, foreign_key_list: foreign } = statement;
  if (!primary && foreign.length === 0) return {};
  return {
    tableConstraints: {
      ...(primary ? { primaryKey: { columns: primary.column_name_list } } : {}),
      ...(foreign.length > 0 ? { foreignKeys: foreign.map((key, index) => foreignKey(key, index, plan)) } : {}),
    },
  };
}

function foreignKey(key: ResolvedForeignKey, index: number, plan: Plan) {
  const bound = plan.analyzed.bound[key.referenced_table?.serialization_id ?? -1];
  if (bound?.kind !== "table") throw new TypeError("a foreign key that references no table");
  return {
    name: key.constraint_name === "" ? `fk$${index + 1}` : key.constraint_name,
    referencedTable: bound.record.reference,
    columnReferences: key.referencing_column_list.map((referencingColumn, place) => ({
      referencingColumn,
      referencedColumn: bound.columns[key.referenced_column_offset_list[place] ?? -1]?.name ?? "",
    })),
  };
}
