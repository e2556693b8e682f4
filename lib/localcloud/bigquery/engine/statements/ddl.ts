import type { CatalogTransaction } from "../../catalog.js";
import { datasetExists, invalidQuery, tableExists } from "../../errors.js";
import type {
  ResolvedCreateMaterializedViewStmt,
  ResolvedCreateSchemaStmt,
  ResolvedCreateSnapshotTableStmt,
  ResolvedCreateTableAsSelectStmt,
  ResolvedCreateTableStmt,
  ResolvedCreateViewStmt,
  ResolvedDropStmt,
} from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { DatasetResource, TableRecord, TableResource } from "../../resources.js";
import type { DatasetReference, FieldSchema, SqlType, TableReference } from "../../schema.js";
import { fieldOf } from "../../storage.js";
import { referenceOf } from "../binding.js";
import { duckType, quoteIdentifier } from "../duckTypes.js";
import { unsupportedStatement } from "../errors.js";
import type { Execution, Outcome } from "../execution.js";
import type { Plan } from "../planner.js";
import { required } from "../writer/expressions.js";
import { writeQuery } from "../writer/query.js";
import { fieldOfDefinition } from "./columns.js";
import { constraintsOf } from "./constraints.js";
import { daysAsMillis, evaluateOptions, labelsOf, textOf, unknownOption } from "./options.js";
import { clusteringOf, partitioningOf } from "./partitioning.js";
import { tableOptions } from "./tableOptions.js";
import { createTemporaryTable } from "./temporary.js";

/** CREATE and DROP of tables, views and schemas. */

/** The table, view or routine that a statement's path names. @throws CloudError without a dataset. */
export function targetOf(path: readonly string[], execution: Execution): TableReference {
  const segments = path.flatMap((segment) => segment.split("."));
  const at = referenceOf(segments, execution.session);
  if (!at) {
    throw invalidQuery(
      `Table name "${path.join(".")}" missing dataset while no default dataset is set in the request.`,
    );
  }
  return at;
}

export async function createTable(
  statement: ResolvedCreateTableStmt | ResolvedCreateTableAsSelectStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const fields: FieldSchema[] = [];
  for (const definition of statement.column_definition_list) {
    fields.push(await fieldOfDefinition(definition, plan, execution));
  }
  const source = statement.node === "ResolvedCreateTableStmt" ? sourceOf(statement, plan) : undefined;
  const schemaFields = source && fields.length === 0 ? [...(source.resource.schema?.fields ?? [])] : fields;
  const options = await evaluateOptions(statement.option_list, plan, execution);
  const partitioned = statement.partition_by_list.length > 0 ? await partitioningOf(statement, execution, plan) : {};
  const withOptions = tableOptions(options, partitioned, "CREATE TABLE");
  const clustering = clusteringOf(statement.cluster_by_list);
  const query =
    statement.node === "ResolvedCreateTableAsSelectStmt" ? queryOf(statement, plan, execution, fields) : undefined;
  const copied =
    source?.physicalName !== undefined && statement.node === "ResolvedCreateTableStmt" && !statement.like_table?.name
      ? `SELECT * FROM main.${source.physicalName}`
      : undefined;
  const rows = query ?? copied;
  const statementType = query === undefined ? "CREATE_TABLE" : "CREATE_TABLE_AS_SELECT";
  const inherited = source
    ? {
        ...(source.resource.timePartitioning ? { timePartitioning: source.resource.timePartitioning } : {}),
        ...(source.resource.rangePartitioning ? { rangePartitioning: source.resource.rangePartitioning } : {}),
        ...(source.resource.clustering ? { clustering: source.resource.clustering } : {}),
      }
    : {};
  if (statement.create_scope === "CREATE_TEMP") {
    return createTemporaryTable(statement.name_path, schemaFields, rows, statementType, execution);
  }
  const at = targetOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const operation = await clearWay(at, statement.create_mode, transaction);
    const outcome: Outcome = { statementType, ddlOperation: operation, ddlTargetTable: at, schema: schemaFields };
    if (operation === "SKIP") return outcome;
    const record = await transaction.createTable(at, {
      type: "TABLE",
      schema: { fields: schemaFields },
      ...inherited,
      ...withOptions,
      ...(clustering ? { clustering } : {}),
      ...constraintsOf(statement, plan),
      ...born(transaction, at),
    });
    if (rows === undefined) return outcome;
    const result = await transaction.connection.run(`INSERT INTO main.${record.physicalName} ${execution.fill(rows)}`);
    return { ...outcome, totalRows: result.rowsChanged };
  });
}

/** LIKE, COPY and CLONE take another table's columns (the latter two its rows). */
function sourceOf(statement: ResolvedCreateTableStmt, plan: Plan): TableRecord | undefined {
  const scan = statement.clone_from ?? statement.copy_from;
  // An absent LIKE comes as a table without a name.
  const like = statement.like_table?.name ? statement.like_table : undefined;
  const id = (scan?.node === "ResolvedTableScan" ? scan.table : like)?.serialization_id;
  if (id === undefined) {
    if (scan) throw unsupportedStatement("CREATE TABLE CLONE or COPY of a part of a table");
    return undefined;
  }
  const bound = plan.analyzed.bound[id];
  return bound?.kind === "table" ? bound.record : undefined;
}

function queryOf(
  statement: ResolvedCreateTableAsSelectStmt,
  plan: Plan,
  execution: Execution,
  fields: readonly FieldSchema[],
): string {
  const context = execution.writerContext(plan);
  const written = writeQuery(
    {
      output_column_list: statement.output_column_list,
      ...(statement.query ? { query: statement.query } : {}),
      is_value_table: statement.is_value_table,
    },
    context,
  );
  return storable(
    written.sql,
    written.columns.map((column) => column.type),
    fields,
  );
}

/** A NULL array is stored empty. */
export function storable(sql: string, types: readonly SqlType[], fields: readonly FieldSchema[]): string {
  if (!types.some((type) => type.kind === "ARRAY")) return sql;
  const list = types.map((type, index) =>
    type.kind === "ARRAY" ? `coalesce(o${index + 1}, CAST([] AS ${duckType(type)}))` : `o${index + 1}`,
  );
  return `SELECT ${list.join(", ")} FROM (${sql}) AS stored(${fields.map((_, index) => `o${index + 1}`).join(", ")})`;
}

type CreateOperation = "CREATE" | "REPLACE" | "SKIP";

/** What CREATE does where something of the name is there. @throws CloudError duplicate. */
export async function clearWay(
  at: TableReference,
  mode: string,
  transaction: CatalogTransaction,
): Promise<CreateOperation> {
  const existing = transaction.table(at);
  if (!existing) return "CREATE";
  if (mode === "CREATE_IF_NOT_EXISTS") return "SKIP";
  if (mode !== "CREATE_OR_REPLACE") throw tableExists(at);
  await transaction.dropTable(at);
  return "REPLACE";
}

/** The parts of a new resource that do not come from the statement. */
export function born(
  transaction: CatalogTransaction,
  at: DatasetReference,
): Pick<TableResource, "location" | "creationTime" | "lastModifiedTime"> & { readonly expirationTime?: string } {
  const dataset = transaction.dataset(at)?.resource;
  const lifetime = dataset?.defaultTableExpirationMs;
  return {
    location: dataset?.location ?? "US",
    creationTime: transaction.now,
    lastModifiedTime: transaction.now,
    ...(lifetime === undefined ? {} : { expirationTime: String(BigInt(transaction.now) + BigInt(lifetime)) }),
  };
}

/** CREATE SNAPSHOT TABLE: a copy that DML refuses to change. */
export async function createSnapshot(
  statement: ResolvedCreateSnapshotTableStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const scan = statement.clone_from;
  const bound =
    scan?.node === "ResolvedTableScan" ? plan.analyzed.bound[scan.table?.serialization_id ?? -1] : undefined;
  if (bound?.kind !== "table" || bound.record.physicalName === undefined) {
    throw unsupportedStatement("CREATE SNAPSHOT TABLE of what is not a whole table");
  }
  const { physicalName, resource } = bound.record;
  const options = tableOptions(await evaluateOptions(statement.option_list, plan, execution), {}, "CREATE SNAPSHOT");
  const at = targetOf(statement.name_path, execution);
  return execution.change(async (transaction) => {
    const operation = await clearWay(at, statement.create_mode, transaction);
    if (operation !== "SKIP") {
      const record = await transaction.createTable(at, {
        type: "SNAPSHOT",
        snapshotDefinition: {
          baseTableReference: bound.record.reference,
          snapshotTime: new Date(Number(transaction.now)).toISOString(),
        },
        ...(resource.schema ? { schema: resource.schema } : {}),
        ...options,
        ...born(transaction, at),
      });
      await transaction.connection.run(`INSERT INTO main.${record.physicalName} SELECT * FROM main.${physicalName}`);
    }
    return { statementType: "CREATE_SNAPSHOT_TABLE", ddlOperation: operation, ddlTargetTable: at };
  });
}

export async function createView(
  statement: ResolvedCreateViewStmt | ResolvedCreateMaterializedViewStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const materialized = statement.node === "ResolvedCreateMaterializedViewStmt";
  const at = targetOf(statement.name_path, execution);
  let fields: readonly FieldSchema[] = statement.output_column_list.map((output, index) => {
    const definition = statement.column_definition_list[index];
    return fieldOf(definition?.name || output.name, sqlTypeOf(required(output.column?.type)));
  });
  const valueType = statement.is_value_table
    ? sqlTypeOf(required(statement.output_column_list[0]?.column?.type))
    : undefined;
  if (valueType?.kind === "STRUCT") fields = valueType.fields.map((field) => fieldOf(field.name, field.type));
  for (const field of fields) {
    if (field.name.startsWith("$")) {
      throw invalidQuery("CREATE VIEW columns must be named, but column 1 has no name");
    }
  }
  const options = tableOptions(await evaluateOptions(statement.option_list, plan, execution), {}, "CREATE VIEW");
  const definition = { query: plan.asWritten(statement.sql), useLegacySql: false };
  return execution.change(async (transaction) => {
    const operation = await clearWay(at, statement.create_mode, transaction);
    if (operation !== "SKIP") {
      await transaction.createTable(at, {
        type: materialized ? "MATERIALIZED_VIEW" : "VIEW",
        schema: { fields },
        ...(materialized ? { materializedView: definition } : { view: definition }),
        ...options,
        ...born(transaction, at),
      });
    }
    const statementType = materialized ? "CREATE_MATERIALIZED_VIEW" : "CREATE_VIEW";
    return { statementType, ddlOperation: operation, ddlTargetTable: at };
  });
}

export async function createSchema(
  statement: ResolvedCreateSchemaStmt,
  plan: Plan,
  execution: Execution,
): Promise<Outcome> {
  const at = datasetOf(statement.name_path, execution);
  let resource: Partial<DatasetResource> & { location: string } = { location: execution.location };
  for (const option of await evaluateOptions(statement.option_list, plan, execution)) {
    resource = { ...resource, ...datasetOption(option, "CREATE SCHEMA") };
  }
  return execution.change(async (transaction) => {
    const outcome = { statementType: "CREATE_SCHEMA", ddlTargetDataset: at };
    if (transaction.dataset(at)) {
      if (statement.create_mode === "CREATE_IF_NOT_EXISTS") return { ...outcome, ddlOperation: "SKIP" as const };
      if (statement.create_mode !== "CREATE_OR_REPLACE") throw datasetExists(at);
      throw unsupportedStatement("CREATE OR REPLACE SCHEMA");
    }
    await transaction.createDataset(at, {
      ...resource,
      creationTime: transaction.now,
      lastModifiedTime: transaction.now,
    });
    return { ...outcome, ddlOperation: "CREATE" as const };
  });
}

export function datasetOf(path: readonly string[], execution: Execution): DatasetReference {
  const segments = path.flatMap((segment) => segment.split("."));
  const [first, second] = segments;
  if (segments.length === 2 && first !== undefined && second !== undefined) {
    return { projectId: first, datasetId: second };
  }
  if (segments.length !== 1 || first === undefined) throw invalidQuery(`Invalid dataset name: ${path.join(".")}`);
  return { projectId: execution.session.projectId, datasetId: first };
}

export function datasetOption(
  option: Awaited<ReturnType<typeof evaluateOptions>>[number],
  statement: string,
): Partial<DatasetResource> {
  switch (option.name) {
    case "LOCATION":
      return { location: String(option.value) };
    case "DESCRIPTION":
      return { description: textOf(option) ?? "" };
    case "FRIENDLY_NAME":
      return { friendlyName: textOf(option) ?? "" };
    case "LABELS":
      return { labels: labelsOf(option) };
    case "DEFAULT_TABLE_EXPIRATION_DAYS": {
      const millis = daysAsMillis(option);
      return millis === undefined ? {} : { defaultTableExpirationMs: millis };
    }
    case "DEFAULT_PARTITION_EXPIRATION_DAYS": {
      const millis = daysAsMillis(option);
      return millis === undefined ? {} : { defaultPartitionExpirationMs: millis };
    }
    case "MAX_TIME_TRAVEL_HOURS":
      return { maxTimeTravelHours: String(option.value) };
    case "IS_CASE_INSENSITIVE":
      if (option.value === true) throw unsupportedStatement("A dataset with is_case_insensitive = TRUE");
      return { isCaseInsensitive: false };
    case "STORAGE_BILLING_MODEL":
      return { storageBillingModel: String(option.value) };
    default:
      throw unknownOption(option.name, statement);
  }
}

const DROP_TYPES: Readonly<Record<string, readonly string[]>> = {
  TABLE: ["TABLE"],
  VIEW: ["VIEW"],
  "MATERIALIZED VIEW": ["MATERIALIZED_VIEW"],
  "SNAPSHOT TABLE": ["SNAPSHOT"],
};

export async function drop(
  statement: Pick<ResolvedDropStmt, "object_type" | "is_if_exists" | "name_path"> & { readonly drop_mode?: string },
  execution: Execution,
): Promise<Outcome> {
  const kind = statement.object_type.toUpperCase();
  if (kind === "SCHEMA") return dropSchema(statement, execution);
  const types = DROP_TYPES[kind];
  if (!types) throw unsupportedStatement(`DROP ${kind}`);
  const temporary = execution.session.temporaryTables.get(statement.name_path.join(".").toLowerCase());
  const at = temporary?.reference ?? targetOf(statement.name_path, execution);
  const statementType = `DROP_${kind.replaceAll(" ", "_")}`;
  if (temporary) {
    execution.session.temporaryTables.delete(statement.name_path.join(".").toLowerCase());
    return execution.change(async (transaction) => {
      await transaction.connection.run(`DROP TABLE IF EXISTS main.${quoteIdentifier(temporary.physicalName ?? "")}`);
      return { statementType, ddlOperation: "DROP", ddlTargetTable: at };
    });
  }
  return execution.change(async (transaction) => {
    const existing = transaction.table(at);
    if (!existing) {
      if (statement.is_if_exists) return { statementType, ddlOperation: "SKIP", ddlTargetTable: at };
      throw execution.notFound(at);
    }
    if (!types.includes(existing.resource.type)) {
      throw invalidQuery(
        `Cannot drop ${at.projectId}:${at.datasetId}.${at.tableId} which has type ${existing.resource.type}. An object of type ${kind} is expected.`,
      );
    }
    await transaction.dropTable(at);
    return { statementType, ddlOperation: "DROP", ddlTargetTable: at };
  });
}

async function dropSchema(
  statement: Pick<ResolvedDropStmt, "is_if_exists" | "name_path"> & { readonly drop_mode?: string },
  execution: Execution,
): Promise<Outcome> {
  const at = datasetOf(statement.name_path, execution);
  if (statement.drop_mode === "CASCADE" && execution.session.catalog.models(at).length > 0) {
    if (execution.transaction) throw unsupportedStatement("DROP SCHEMA of a dataset with models in a transaction");
    // A deployed model keeps its dataset: this is said before anything is lost.
    await execution.parts.models?.dropAll(at);
  }
  return execution.change(async (transaction) => {
    const outcome = { statementType: "DROP_SCHEMA", ddlTargetDataset: at };
    if (!transaction.dataset(at)) {
      if (statement.is_if_exists) return { ...outcome, ddlOperation: "SKIP" as const };
      throw execution.datasetNotFound(at);
    }
    const inhabited =
      transaction.tables(at).length > 0 || transaction.models(at).length > 0 || transaction.routines(at).length > 0;
    if (inhabited && statement.drop_mode !== "CASCADE") throw execution.datasetInUse(at);
    await transaction.dropDataset(at);
    return { ...outcome, ddlOperation: "DROP" as const };
  });
}
