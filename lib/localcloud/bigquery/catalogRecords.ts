import type { CatalogReader } from "./catalog.js";
import type { DatasetRecord, ModelRecord, RoutineRecord, RoutineReference, TableRecord } from "./resources.js";
import type { DatasetReference, ModelReference, TableReference } from "./schema.js";

export type RecordKind = "dataset" | "table" | "model" | "routine";

type Members<T> = Map<string, ReadonlyMap<string, T>>;

/** No id holds a NUL. */
const key = (at: DatasetReference): string => `${at.projectId}\0${at.datasetId}`;

/** Every record of the catalog, in memory. A copy shares what is not changed in it. */
export class Records implements CatalogReader {
  readonly #datasets: Map<string, DatasetRecord>;
  readonly #tables: Members<TableRecord>;
  readonly #models: Members<ModelRecord>;
  readonly #routines: Members<RoutineRecord>;

  constructor(from?: Records) {
    this.#datasets = new Map(from ? from.#datasets : []);
    this.#tables = new Map(from ? from.#tables : []);
    this.#models = new Map(from ? from.#models : []);
    this.#routines = new Map(from ? from.#routines : []);
  }

  dataset(at: DatasetReference): DatasetRecord | undefined {
    return this.#datasets.get(key(at));
  }
  datasets(projectId: string): readonly DatasetRecord[] {
    const mine = [...this.#datasets.values()].filter((record) => record.reference.projectId === projectId);
    return mine.sort((a, b) => (a.reference.datasetId < b.reference.datasetId ? -1 : 1));
  }
  table(at: TableReference): TableRecord | undefined {
    return this.#tables.get(key(at))?.get(at.tableId);
  }
  tables(at: DatasetReference): readonly TableRecord[] {
    return inOrder(this.#tables.get(key(at)));
  }
  allTables(): readonly TableRecord[] {
    return [...this.#tables.values()].flatMap((members) => [...members.values()]);
  }
  model(at: ModelReference): ModelRecord | undefined {
    return this.#models.get(key(at))?.get(at.modelId);
  }
  models(at: DatasetReference): readonly ModelRecord[] {
    return inOrder(this.#models.get(key(at)));
  }
  routine(at: RoutineReference): RoutineRecord | undefined {
    return this.#routines.get(key(at))?.get(at.routineId);
  }
  routines(at: DatasetReference): readonly RoutineRecord[] {
    return inOrder(this.#routines.get(key(at)));
  }

  /** An undefined record removes; a dataset is removed with its members. `id` is empty for a dataset. */
  set(kind: RecordKind, at: DatasetReference, id: string, record: unknown): void {
    switch (kind) {
      case "dataset":
        if (record !== undefined) {
          this.#datasets.set(key(at), record as DatasetRecord);
          break;
        }
        for (const members of [this.#datasets, this.#tables, this.#models, this.#routines]) members.delete(key(at));
        break;
      case "table":
        change(this.#tables, at, id, record as TableRecord | undefined);
        break;
      case "model":
        change(this.#models, at, id, record as ModelRecord | undefined);
        break;
      case "routine":
        change(this.#routines, at, id, record as RoutineRecord | undefined);
        break;
    }
  }
}

function inOrder<T>(members: ReadonlyMap<string, T> | undefined): readonly T[] {
  if (!members) return [];
  return [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
}

function change<T>(members: Members<T>, at: DatasetReference, id: string, record: T | undefined): void {
  const changed = new Map(members.get(key(at)));
  if (record === undefined) changed.delete(id);
  else changed.set(id, record);
  members.set(key(at), changed);
}
