import type { TableRecord } from "../resources.js";

/** Rows of INFORMATION_SCHEMA's views of keys. */

interface Constraint {
  /** `orders.pk$`, `orders.fk$1`. */
  readonly name: string;
  readonly type: "PRIMARY KEY" | "FOREIGN KEY";
  readonly table: TableRecord;
  readonly columns: readonly string[];
  /** What the constraint rests on: the key's own columns, or those it references. */
  readonly used: { readonly table: TableRecord["reference"]; readonly columns: readonly string[] };
}

function constraintsOf(table: TableRecord): readonly Constraint[] {
  const { primaryKey, foreignKeys } = table.resource.tableConstraints ?? {};
  const name = (suffix: string) => `${table.reference.tableId}.${suffix}`;
  const primary = primaryKey?.columns ?? [];
  const found: Constraint[] = [];
  if (primary.length > 0) {
    const used = { table: table.reference, columns: primary };
    found.push({ name: name("pk$"), type: "PRIMARY KEY", table, columns: primary, used });
  }
  (foreignKeys ?? []).forEach((key, index) => {
    const pairs = key.columnReferences ?? [];
    found.push({
      name: name(key.name ?? `fk$${index + 1}`),
      type: "FOREIGN KEY",
      table,
      columns: pairs.map((pair) => pair.referencingColumn),
      used: { table: key.referencedTable, columns: pairs.map((pair) => pair.referencedColumn) },
    });
  });
  return found;
}

const constraintNames = ({ name, table }: Constraint): readonly string[] => [
  table.reference.projectId,
  table.reference.datasetId,
  name,
];

const tableNames = ({ projectId, datasetId, tableId }: TableRecord["reference"]): readonly string[] => [
  projectId,
  datasetId,
  tableId,
];

export function tableConstraintRows(table: TableRecord): readonly (readonly string[])[] {
  return constraintsOf(table).map((constraint) => [
    ...constraintNames(constraint),
    ...tableNames(table.reference),
    constraint.type,
    "NO",
    "NO",
    "NO",
  ]);
}

/** A foreign key's columns say which column of the key they reference stands against them. */
export function keyColumnRows(table: TableRecord): readonly (readonly (string | undefined)[])[] {
  return constraintsOf(table).flatMap((constraint) =>
    constraint.columns.map((column, index) => [
      ...constraintNames(constraint),
      ...tableNames(table.reference),
      column,
      String(index + 1),
      constraint.type === "FOREIGN KEY" ? String(index + 1) : undefined,
    ]),
  );
}

export function constraintColumnRows(table: TableRecord): readonly (readonly string[])[] {
  return constraintsOf(table).flatMap((constraint) =>
    constraint.used.columns.map((column) => [
      ...tableNames(constraint.used.table),
      column,
      ...constraintNames(constraint),
    ]),
  );
}
