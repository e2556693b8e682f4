import type { DuckDBConnection } from "@duckdb/node-api";
import { type RecordKind, Records } from "./catalogRecords.js";
import { Transaction } from "./catalogTransaction.js";
import type { Database } from "./engine/database.js";
import type {
  DatasetRecord,
  DatasetResource,
  ModelRecord,
  RoutineRecord,
  RoutineReference,
  TableRecord,
  TableResource,
} from "./resources.js";
import type { DatasetReference, FieldSchema, ModelReference, TableReference } from "./schema.js";

/** Look-ups; the records are immutable, names are case-sensitive as BigQuery's are. */
export interface CatalogReader {
  dataset(at: DatasetReference): DatasetRecord | undefined;
  datasets(projectId: string): readonly DatasetRecord[];
  table(at: TableReference): TableRecord | undefined;
  tables(at: DatasetReference): readonly TableRecord[];
  model(at: ModelReference): ModelRecord | undefined;
  models(at: DatasetReference): readonly ModelRecord[];
  routine(at: RoutineReference): RoutineRecord | undefined;
  routines(at: DatasetReference): readonly RoutineRecord[];
}

/**
 * Changes within one write transaction: rows and the records that describe them commit together. Look-ups see the
 * changes at once; other readers after the commit.
 */
export interface CatalogTransaction extends CatalogReader {
  /** For statements over the rows, in the same transaction. */
  readonly connection: DuckDBConnection;
  /** Milliseconds since 1970, as text: the time of every change in this transaction. */
  readonly now: string;
  /** Runs once the transaction is committed, before the next one begins; not at all when it is rolled back. */
  afterCommit(then: () => void): void;
  /** @throws CloudError duplicate. */
  createDataset(at: DatasetReference, resource: DatasetResource): Promise<DatasetRecord>;
  putDataset(record: DatasetRecord): Promise<void>;
  /** With everything in it: asking whether it is empty is the caller's business. */
  dropDataset(at: DatasetReference): Promise<void>;
  /**
   * Makes the physical table too, when there is a schema and it is no view.
   * @throws CloudError duplicate when a table or model has the name, notFound when the dataset is missing.
   */
  createTable(at: TableReference, resource: TableResource): Promise<TableRecord>;
  /** Changes the record alone; the schema's columns go through `changeSchema`. */
  putTable(record: TableRecord): Promise<void>;
  /**
   * Adds columns (at any depth), drops those left out, relaxes REQUIRED. Types of kept columns stay as they are.
   * Whether BigQuery allows the change is the caller's business. Makes the physical table if there was none.
   */
  changeSchema(at: TableReference, fields: readonly FieldSchema[]): Promise<TableRecord>;
  dropTable(at: TableReference): Promise<void>;
  /** The rows stay where they are. @throws CloudError notFound; duplicate when a table has the new name. */
  renameTable(from: TableReference, to: TableReference): Promise<void>;
  /** Notes that rows changed: `lastModifiedTime` moves. */
  touchRows(at: TableReference): Promise<void>;
  /** @throws CloudError duplicate when a table has the name, notFound when the dataset is missing. Replaces a model. */
  putModel(record: ModelRecord): Promise<void>;
  dropModel(at: ModelReference): Promise<void>;
  putRoutine(record: RoutineRecord): Promise<void>;
  dropRoutine(at: RoutineReference): Promise<void>;
}

export interface Catalog extends CatalogReader {
  /** Grows with every committed change of a record (not of rows): a cache of anything derived is stale when it differs. */
  readonly version: number;
  readonly database: Database;
  /** Tables of every dataset of every project. */
  allTables(): readonly TableRecord[];
  /** All or nothing; durable when it resolves. One writer at a time: do not nest. */
  write<T>(work: (transaction: CatalogTransaction) => Promise<T>): Promise<T>;
}

const SCHEMA_SQL = `
CREATE SCHEMA IF NOT EXISTS _activate;
CREATE TABLE IF NOT EXISTS _activate.resource (
  kind VARCHAR NOT NULL, project VARCHAR NOT NULL, dataset VARCHAR NOT NULL, id VARCHAR NOT NULL, record VARCHAR NOT NULL);
`;

/** Reads the catalog of the database, creating it in a new one. */
export async function openCatalog(database: Database, now: () => number): Promise<Catalog> {
  let records = new Records();
  let version = 1;
  let lastTable = 0;
  await database.write(async (connection) => {
    await connection.run(SCHEMA_SQL);
    const stored = await connection.runAndReadAll("SELECT kind, project, dataset, id, record FROM _activate.resource");
    const rows = stored.getRowsJS() as [RecordKind, string, string, string, string][];
    for (const [kind, projectId, datasetId, id, text] of rows) {
      records.set(kind, { projectId, datasetId }, id, JSON.parse(text));
    }
    const numbers = await connection.runAndReadAll(
      `SELECT coalesce(max(CAST(table_name[2:] AS BIGINT)), 0) FROM duckdb_tables()
       WHERE schema_name = 'main' AND regexp_full_match(table_name, 't[0-9]+')`,
    );
    lastTable = Number(numbers.getRowsJS()[0]?.[0] ?? 0);
  });

  const write = <T>(work: (transaction: CatalogTransaction) => Promise<T>): Promise<T> => {
    let transaction: Transaction | undefined;
    return database.write(
      (connection) => {
        transaction = new Transaction(connection, records, String(now()), () => `t${++lastTable}`);
        return work(transaction);
      },
      () => {
        if (!transaction) return;
        transaction.committed();
        if (!transaction.changed) return;
        records = transaction.records;
        version += 1;
      },
    );
  };
  return {
    get version() {
      return version;
    },
    database,
    write,
    allTables: () => records.allTables(),
    dataset: (at) => records.dataset(at),
    datasets: (projectId) => records.datasets(projectId),
    table: (at) => records.table(at),
    tables: (at) => records.tables(at),
    model: (at) => records.model(at),
    models: (at) => records.models(at),
    routine: (at) => records.routine(at),
    routines: (at) => records.routines(at),
  };
}
