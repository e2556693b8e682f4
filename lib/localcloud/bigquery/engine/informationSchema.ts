import type { CatalogReader } from "../catalog.js";
import { typeName } from "../googlesql/types.js";
import type { TableRecord } from "../resources.js";
import type { DatasetReference, FieldSchema, SqlType } from "../schema.js";
import { columnType } from "../storage.js";
import { duckType, quoteIdentifier } from "./duckTypes.js";
import { constraintColumnRows, keyColumnRows, tableConstraintRows } from "./informationConstraints.js";
import { schemaOptionRows, tableOptionRows } from "./informationOptions.js";
import { partitionsSql } from "./informationPartitions.js";
import { textSql } from "./literals.js";
import type { Column } from "./modelHook.js";

/** The INFORMATION_SCHEMA views that we have, as queries over literal rows of the catalog. */

const STRING: SqlType = { kind: "STRING" };
const INT64: SqlType = { kind: "INT64" };
const TIMESTAMP: SqlType = { kind: "TIMESTAMP" };

type Cell = string | undefined;
interface View {
  /** Where rows are not the catalog's alone: complete SELECTs to be united. */
  readonly selects?: (catalog: CatalogReader, at: DatasetReference) => readonly string[];
  readonly columns: readonly Column[];
  readonly rows: (catalog: CatalogReader, at: DatasetReference) => readonly (readonly Cell[])[];
}

const text = (name: string): Column => ({ name, type: STRING });

const TABLE = ["table_catalog", "table_schema", "table_name"].map(text);
const CONSTRAINT = ["constraint_catalog", "constraint_schema", "constraint_name"].map(text);

const VIEWS: Readonly<Record<string, View>> = {
  SCHEMATA: {
    columns: [
      text("catalog_name"),
      text("schema_name"),
      text("schema_owner"),
      { name: "creation_time", type: TIMESTAMP },
      { name: "last_modified_time", type: TIMESTAMP },
      text("location"),
    ],
    rows: (catalog, at) =>
      catalog
        .datasets(at.projectId)
        .map(({ reference, resource }) => [
          reference.projectId,
          reference.datasetId,
          undefined,
          `${resource.creationTime}000`,
          `${resource.lastModifiedTime}000`,
          resource.location,
        ]),
  },
  TABLES: {
    columns: [
      text("table_catalog"),
      text("table_schema"),
      text("table_name"),
      text("table_type"),
      text("is_insertable_into"),
      text("is_typed"),
      { name: "creation_time", type: TIMESTAMP },
    ],
    rows: (catalog, at) =>
      tablesOf(catalog, at).map((record) => [
        ...names(record),
        tableType(record),
        record.resource.type === "TABLE" ? "YES" : "NO",
        "NO",
        `${record.resource.creationTime}000`,
      ]),
  },
  COLUMNS: {
    columns: [
      text("table_catalog"),
      text("table_schema"),
      text("table_name"),
      text("column_name"),
      { name: "ordinal_position", type: INT64 },
      text("is_nullable"),
      text("data_type"),
      text("is_generated"),
      text("is_hidden"),
      text("is_system_defined"),
      text("is_partitioning_column"),
      { name: "clustering_ordinal_position", type: INT64 },
      text("column_default"),
    ],
    rows: (catalog, at) =>
      tablesOf(catalog, at).flatMap((record) =>
        (record.resource.schema?.fields ?? []).map((field, index) => {
          const cluster = (record.resource.clustering?.fields ?? []).indexOf(field.name);
          return [
            ...names(record),
            field.name,
            String(index + 1),
            field.mode === "REQUIRED" ? "NO" : "YES",
            typeName(columnType(field)),
            "NEVER",
            "NO",
            "NO",
            record.resource.timePartitioning?.field === field.name ||
            record.resource.rangePartitioning?.field === field.name
              ? "YES"
              : "NO",
            cluster < 0 ? undefined : String(cluster + 1),
            field.defaultValueExpression ?? "NULL",
          ];
        }),
      ),
  },
  TABLE_OPTIONS: {
    columns: ["table_catalog", "table_schema", "table_name", "option_name", "option_type", "option_value"].map(text),
    rows: (catalog, at) =>
      tablesOf(catalog, at).flatMap((record) =>
        tableOptionRows(record.resource).map((option) => [...names(record), ...option]),
      ),
  },
  SCHEMATA_OPTIONS: {
    columns: ["catalog_name", "schema_name", "option_name", "option_type", "option_value"].map(text),
    rows: (catalog, at) =>
      catalog
        .datasets(at.projectId)
        .filter(({ reference }) => at.datasetId === "" || reference.datasetId === at.datasetId)
        .flatMap(({ reference, resource }) =>
          schemaOptionRows(resource).map((option) => [reference.projectId, reference.datasetId, ...option]),
        ),
  },
  TABLE_CONSTRAINTS: {
    columns: [
      ...CONSTRAINT,
      ...TABLE,
      ...["constraint_type", "is_deferrable", "initially_deferred", "enforced"].map(text),
    ],
    rows: (catalog, at) => tablesOf(catalog, at).flatMap(tableConstraintRows),
  },
  KEY_COLUMN_USAGE: {
    columns: [
      ...CONSTRAINT,
      ...TABLE,
      text("column_name"),
      { name: "ordinal_position", type: INT64 },
      { name: "position_in_unique_constraint", type: INT64 },
    ],
    rows: (catalog, at) => tablesOf(catalog, at).flatMap(keyColumnRows),
  },
  CONSTRAINT_COLUMN_USAGE: {
    columns: [...TABLE, text("column_name"), ...CONSTRAINT],
    rows: (catalog, at) => tablesOf(catalog, at).flatMap(constraintColumnRows),
  },
  COLUMN_FIELD_PATHS: {
    columns: [
      "table_catalog",
      "table_schema",
      "table_name",
      "column_name",
      "field_path",
      "data_type",
      "description",
    ].map(text),
    rows: (catalog, at) =>
      tablesOf(catalog, at).flatMap((record) =>
        (record.resource.schema?.fields ?? []).flatMap((field) =>
          fieldPaths(field, "").map(([path, inner]) => [
            ...names(record),
            field.name,
            path,
            typeName(columnType(inner)),
            inner.description,
          ]),
        ),
      ),
  },
  PARTITIONS: {
    columns: [
      ...["table_catalog", "table_schema", "table_name", "partition_id"].map(text),
      { name: "total_rows", type: INT64 },
      { name: "last_modified_time", type: TIMESTAMP },
      text("storage_tier"),
    ],
    rows: () => [],
    selects: (catalog, at) =>
      tablesOf(catalog, at)
        .filter((record) => record.resource.type === "TABLE" && record.physicalName !== undefined)
        .map(partitionsSql),
  },
  VIEWS: {
    columns: [
      text("table_catalog"),
      text("table_schema"),
      text("table_name"),
      text("view_definition"),
      text("check_option"),
      text("use_standard_sql"),
    ],
    rows: (catalog, at) =>
      tablesOf(catalog, at)
        .filter((record) => record.resource.type === "VIEW")
        .map((record) => [...names(record), record.resource.view?.query, undefined, "YES"]),
  },
  ROUTINES: {
    columns: [
      text("specific_catalog"),
      text("specific_schema"),
      text("specific_name"),
      text("routine_catalog"),
      text("routine_schema"),
      text("routine_name"),
      text("routine_type"),
      text("data_type"),
      text("routine_body"),
      text("routine_definition"),
      text("external_language"),
      text("is_deterministic"),
      text("security_type"),
      { name: "created", type: TIMESTAMP },
      { name: "last_altered", type: TIMESTAMP },
    ],
    rows: (catalog, at) =>
      datasetsOf(catalog, at).flatMap((dataset) =>
        catalog.routines(dataset).map(({ reference, resource }) => {
          const name = [reference.projectId, reference.datasetId, reference.routineId];
          const isScript = resource.language === "JAVASCRIPT";
          const kind =
            resource.routineType === "SCALAR_FUNCTION"
              ? "FUNCTION"
              : String(resource.routineType ?? "").replaceAll("_", " ");
          return [
            ...name,
            ...name,
            kind,
            undefined,
            isScript ? "EXTERNAL" : "SQL",
            String(resource.definitionBody ?? ""),
            isScript ? "JAVASCRIPT" : undefined,
            DETERMINISTIC[String(resource.determinismLevel)],
            undefined,
            `${String(resource.creationTime)}000`,
            `${String(resource.lastModifiedTime)}000`,
          ];
        }),
      ),
  },
};

const DETERMINISTIC: Readonly<Record<string, string>> = { DETERMINISTIC: "YES", NOT_DETERMINISTIC: "NO" };

export function informationSchemaColumns(view: string): readonly Column[] | undefined {
  return VIEWS[view]?.columns;
}

/** A complete SELECT of the view's rows as they are now. */
export function informationSchemaSql(view: string, catalog: CatalogReader, at: DatasetReference): string {
  const { columns, rows, selects } = VIEWS[view] ?? { columns: [], rows: () => [] };
  const names = columns.map((column) => quoteIdentifier(column.name)).join(", ");
  const united = selects?.(catalog, at) ?? [];
  if (united.length > 0) return `SELECT * FROM (${united.join(" UNION ALL ")}) AS v(${names})`;
  const written = rows(catalog, at).map(
    (row) =>
      `(${columns
        .map(({ type }, index) => {
          const cell = row[index];
          return cell === undefined ? `CAST(NULL AS ${duckType(type)})` : textSql(cell, type);
        })
        .join(", ")})`,
  );
  if (written.length > 0) return `SELECT * FROM (VALUES ${written.join(", ")}) AS v(${names})`;
  const empty = columns.map(({ name, type }) => `CAST(NULL AS ${duckType(type)}) AS ${quoteIdentifier(name)}`);
  return `SELECT ${empty.join(", ")} WHERE false`;
}

function fieldPaths(field: FieldSchema, prefix: string): readonly (readonly [string, FieldSchema])[] {
  const path = `${prefix}${field.name}`;
  return [[path, field], ...(field.fields ?? []).flatMap((inner) => fieldPaths(inner, `${path}.`))];
}

function datasetsOf(catalog: CatalogReader, at: DatasetReference): readonly DatasetReference[] {
  return at.datasetId === "" ? catalog.datasets(at.projectId).map((record) => record.reference) : [at];
}

function tablesOf(catalog: CatalogReader, at: DatasetReference): readonly TableRecord[] {
  return datasetsOf(catalog, at).flatMap((dataset) => [...catalog.tables(dataset)]);
}

function names(record: TableRecord): readonly string[] {
  return [record.reference.projectId, record.reference.datasetId, record.reference.tableId];
}

function tableType(record: TableRecord): string {
  if (record.resource.type === "TABLE") return "BASE TABLE";
  return record.resource.type.replace("_", " ");
}
