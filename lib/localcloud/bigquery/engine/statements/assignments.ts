import type { AnyResolvedExpr, ResolvedUpdateItem } from "../../googlesql/contract/resolved.js";
import type { FieldSchema, SqlType } from "../../schema.js";
import { columnType } from "../../storage.js";
import { quoteIdentifier, structField } from "../duckTypes.js";
import { structSql } from "../literals.js";
import { CannotWrite, type Scope, type WriterContext } from "../writer/context.js";
import { columnSql, required, writeExpression } from "../writer/expressions.js";
import { fieldNamed, stored } from "./dml.js";

/** What SET assigns to a column: a value, or values of some of its fields at any depth. */
type Assigned = { readonly value: string } | { readonly fields: Map<number, Assigned> };

/** SET items as DuckDB's `column = expression`, several fields of one struct in one. */
export function assignments(
  items: readonly ResolvedUpdateItem[],
  from: {
    readonly fields: readonly FieldSchema[];
    readonly scope: Scope;
    readonly context: WriterContext;
    readonly defaultOf: (field: FieldSchema) => string;
  },
): string[] {
  const columns = new Map<number, { readonly name: string; assigned: Assigned }>();
  for (const item of items) {
    if (item.delete_list.length > 0 || item.update_list.length > 0 || item.insert_list.length > 0) {
      throw new CannotWrite("nested DML on an array column");
    }
    if (item.update_item_element_list.length > 0) throw new CannotWrite("UPDATE of an array's element");
    const path = targetPath(required(item.target));
    const value = required(item.set_value?.value);
    const sql =
      value.node === "ResolvedDMLDefault"
        ? from.defaultOf(fieldNamed(from.fields, path.name))
        : writeExpression(value, from.scope, from.context);
    const before = columns.get(path.id)?.assigned;
    columns.set(path.id, { name: path.name, assigned: assign(before, path.indexes, sql) });
  }
  return [...columns].map(([id, { name, assigned }]) => {
    const field = fieldNamed(from.fields, name);
    const written = assignedSql(assigned, columnType(field), () => columnSql(id, from.scope));
    return `${quoteIdentifier(field.name)} = ${stored(written, field, from.context)}`;
  });
}

function targetPath(target: AnyResolvedExpr): {
  readonly id: number;
  readonly name: string;
  readonly indexes: number[];
} {
  if (target.node === "ResolvedColumnRef") {
    const column = required(target.column);
    return { id: column.column_id, name: column.name, indexes: [] };
  }
  if (target.node !== "ResolvedGetStructField") throw new CannotWrite(`UPDATE of ${target.node}`);
  const inner = targetPath(required(target.expr));
  return { ...inner, indexes: [...inner.indexes, target.field_idx] };
}

function assign(before: Assigned | undefined, indexes: readonly number[], sql: string): Assigned {
  const [index, ...rest] = indexes;
  if (index === undefined) return { value: sql };
  const fields = before && "fields" in before ? before.fields : new Map<number, Assigned>();
  fields.set(index, assign(fields.get(index), rest, sql));
  return { fields };
}

function assignedSql(assigned: Assigned, type: SqlType, current: () => string): string {
  if ("value" in assigned) return assigned.value;
  if (type.kind !== "STRUCT") throw new CannotWrite(`UPDATE of a field of a value of type ${type.kind}`);
  const before = current();
  return structSql(
    type.fields.map((field, index) => {
      const there = `struct_extract(${before}, '${structField(index)}')`;
      const inner = assigned.fields.get(index);
      return inner ? assignedSql(inner, field.type, () => there) : there;
    }),
  );
}
