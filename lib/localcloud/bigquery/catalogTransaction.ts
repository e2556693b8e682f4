import type { DuckDBConnection } from "@duckdb/node-api";
import type { CatalogTransaction } from "./catalog.js";
import { type RecordKind, Records } from "./catalogRecords.js";
import { duckType, quoteIdentifier } from "./engine/duckTypes.js";
import {
  datasetExists,
  datasetNotFound,
  modelExists,
  modelNotFound,
  routineNotFound,
  tableExists,
  tableNotFound,
} from "./errors.js";
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
import { columnDefinition, columnType, isRecord, reshape } from "./storage.js";
import { checkLayout } from "./tableSchema.js";

/** One open write transaction over rows and records. */
export class Transaction implements CatalogTransaction {
  #records: Records;
  #changed = false;
  readonly #afterCommit: (() => void)[] = [];

  constructor(
    readonly connection: DuckDBConnection,
    records: Records,
    readonly now: string,
    private readonly nextPhysicalName: () => string,
  ) {
    this.#records = records;
  }

  get changed(): boolean {
    return this.#changed;
  }
  get records(): Records {
    return this.#records;
  }

  afterCommit(then: () => void): void {
    this.#afterCommit.push(then);
  }
  committed(): void {
    for (const then of this.#afterCommit) then();
  }

  dataset = (at: DatasetReference): DatasetRecord | undefined => this.#records.dataset(at);
  datasets = (projectId: string): readonly DatasetRecord[] => this.#records.datasets(projectId);
  table = (at: TableReference): TableRecord | undefined => this.#records.table(at);
  tables = (at: DatasetReference): readonly TableRecord[] => this.#records.tables(at);
  model = (at: ModelReference): ModelRecord | undefined => this.#records.model(at);
  models = (at: DatasetReference): readonly ModelRecord[] => this.#records.models(at);
  routine = (at: RoutineReference): RoutineRecord | undefined => this.#records.routine(at);
  routines = (at: DatasetReference): readonly RoutineRecord[] => this.#records.routines(at);

  async createDataset(at: DatasetReference, resource: DatasetResource): Promise<DatasetRecord> {
    if (this.dataset(at)) throw datasetExists(at);
    const record = { reference: reference(at), resource };
    await this.#put("dataset", at, "", record);
    return record;
  }

  async putDataset(record: DatasetRecord): Promise<void> {
    await this.#put("dataset", record.reference, "", record);
  }

  async dropDataset(at: DatasetReference): Promise<void> {
    if (!this.dataset(at)) throw datasetNotFound(at);
    for (const table of this.tables(at)) await this.#dropRows(table);
    await this.connection.run("DELETE FROM _activate.resource WHERE project = ? AND dataset = ?", [
      at.projectId,
      at.datasetId,
    ]);
    this.#set("dataset", at, "", undefined);
  }

  async createTable(at: TableReference, resource: TableResource): Promise<TableRecord> {
    if (!this.dataset(at)) throw datasetNotFound(at);
    if (this.table(at)) throw tableExists(at);
    const model = { ...reference(at), modelId: at.tableId };
    if (this.model(model)) throw modelExists(model);
    if (resource.type === "TABLE") checkLayout(resource, resource.schema?.fields ?? []);
    const named = { reference: { ...reference(at), tableId: at.tableId }, resource };
    const record = await this.#withRows(named);
    await this.#put("table", at, at.tableId, record);
    return record;
  }

  async putTable(record: TableRecord): Promise<void> {
    if (!this.table(record.reference)) throw tableNotFound(record.reference);
    await this.#put("table", record.reference, record.reference.tableId, record);
  }

  async changeSchema(at: TableReference, fields: readonly FieldSchema[]): Promise<TableRecord> {
    const before = this.table(at);
    if (!before) throw tableNotFound(at);
    const resource = { ...before.resource, schema: { fields }, lastModifiedTime: this.now };
    let record: TableRecord = { ...before, resource };
    if (before.physicalName === undefined) record = await this.#withRows(record);
    else record = await this.#reshapeRows(record, before.physicalName, before.resource.schema?.fields ?? [], fields);
    await this.#put("table", at, at.tableId, record);
    return record;
  }

  async dropTable(at: TableReference): Promise<void> {
    const record = this.table(at);
    if (!record) throw tableNotFound(at);
    await this.#dropRows(record);
    await this.#put("table", at, at.tableId, undefined);
  }

  async renameTable(from: TableReference, to: TableReference): Promise<void> {
    const record = this.table(from);
    if (!record) throw tableNotFound(from);
    if (this.table(to)) throw tableExists(to);
    await this.#put("table", from, from.tableId, undefined);
    const moved = { ...record, reference: to, resource: { ...record.resource, lastModifiedTime: this.now } };
    await this.#put("table", to, to.tableId, moved);
  }

  async touchRows(at: TableReference): Promise<void> {
    const record = this.table(at);
    if (!record) throw tableNotFound(at);
    await this.putTable({ ...record, resource: { ...record.resource, lastModifiedTime: this.now } });
  }

  async putModel(record: ModelRecord): Promise<void> {
    const at = record.reference;
    if (!this.dataset(at)) throw datasetNotFound(at);
    const table = { ...reference(at), tableId: at.modelId };
    if (this.table(table)) throw tableExists(table);
    await this.#put("model", at, at.modelId, record);
  }

  async dropModel(at: ModelReference): Promise<void> {
    if (!this.model(at)) throw modelNotFound(at);
    await this.#put("model", at, at.modelId, undefined);
  }

  async putRoutine(record: RoutineRecord): Promise<void> {
    const at = record.reference;
    if (!this.dataset(at)) throw datasetNotFound(at);
    await this.#put("routine", at, at.routineId, record);
  }

  async dropRoutine(at: RoutineReference): Promise<void> {
    if (!this.routine(at)) throw routineNotFound(at);
    await this.#put("routine", at, at.routineId, undefined);
  }

  #set(kind: RecordKind, at: DatasetReference, id: string, record: unknown): void {
    if (!this.#changed) {
      this.#records = new Records(this.#records);
      this.#changed = true;
    }
    this.#records.set(kind, at, id, record);
  }

  async #put(kind: RecordKind, at: DatasetReference, id: string, record: unknown): Promise<void> {
    await this.connection.run(
      "DELETE FROM _activate.resource WHERE kind = ? AND project = ? AND dataset = ? AND id = ?",
      [kind, at.projectId, at.datasetId, id],
    );
    if (record !== undefined) {
      await this.connection.run("INSERT INTO _activate.resource VALUES (?, ?, ?, ?, ?)", [
        kind,
        at.projectId,
        at.datasetId,
        id,
        JSON.stringify(record),
      ]);
    }
    this.#set(kind, at, id, record);
  }

  async #withRows(record: TableRecord): Promise<TableRecord> {
    const { type, schema } = record.resource;
    if ((type !== "TABLE" && type !== "SNAPSHOT") || !schema || schema.fields.length === 0) return record;
    const physicalName = this.nextPhysicalName();
    await this.connection.run(`CREATE TABLE main.${physicalName} (${schema.fields.map(columnDefinition).join(", ")})`);
    return { ...record, physicalName };
  }

  async #dropRows(record: TableRecord): Promise<void> {
    if (record.physicalName !== undefined) await this.connection.run(`DROP TABLE main.${record.physicalName}`);
  }

  /** Added columns at the top are a change of DuckDB's catalog; anything else is a copy into a new physical table. */
  /** DuckDB adds a column whose default is an expression only where its configuration is not locked. */
  async #addColumn(physicalName: string, field: FieldSchema): Promise<void> {
    const table = `main.${physicalName}`;
    if (field.mode !== "REPEATED") {
      await this.connection.run(`ALTER TABLE ${table} ADD COLUMN ${columnDefinition(field)}`);
      return;
    }
    const name = quoteIdentifier(field.name);
    await this.connection.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${duckType(columnType(field))}`);
    await this.connection.run(`ALTER TABLE ${table} ALTER COLUMN ${name} SET DEFAULT []`);
    await this.connection.run(`UPDATE ${table} SET ${name} = []`);
  }

  async #reshapeRows(
    record: TableRecord,
    physicalName: string,
    before: readonly FieldSchema[],
    after: readonly FieldSchema[],
  ): Promise<TableRecord> {
    const added = after.slice(before.length);
    if (before.every((field, index) => sameStorage(field, after[index])) && added.every((f) => f.mode !== "REQUIRED")) {
      for (const field of added) {
        await this.#addColumn(physicalName, field);
      }
      return record;
    }
    const { physicalName: _, ...unplaced } = record;
    const moved = await this.#withRows(unplaced);
    const kept = after.flatMap((field) => {
      const old = before.find((other) => other.name.toLowerCase() === field.name.toLowerCase());
      return old ? [{ old, field }] : [];
    });
    if (moved.physicalName !== undefined && kept.length > 0) {
      const names = kept.map(({ field }) => quoteIdentifier(field.name)).join(", ");
      const values = kept.map(({ old, field }) => reshape(quoteIdentifier(old.name), old, field)).join(", ");
      await this.connection.run(
        `INSERT INTO main.${moved.physicalName} (${names}) SELECT ${values} FROM main.${physicalName} ORDER BY rowid`,
      );
    }
    await this.connection.run(`DROP TABLE main.${physicalName}`);
    return moved;
  }
}

function reference(at: DatasetReference): DatasetReference {
  return { projectId: at.projectId, datasetId: at.datasetId };
}

/** Do both columns have the same name, type and constraint in DuckDB? Descriptions and the like may differ. */
function sameStorage(before: FieldSchema, after: FieldSchema | undefined): boolean {
  if (!after || before.name !== after.name || (before.mode ?? "NULLABLE") !== (after.mode ?? "NULLABLE")) return false;
  if (!isRecord(before.type)) return true;
  const inner = before.fields ?? [];
  return (
    inner.length === (after.fields ?? []).length && inner.every((f, index) => sameStorage(f, after.fields?.[index]))
  );
}
