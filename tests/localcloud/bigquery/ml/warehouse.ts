import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalog, openCatalog } from "activate/localcloud/bigquery/catalog.js";
import { openDatabase } from "activate/localcloud/bigquery/engine/database.js";
import type {
  Column,
  CreateModelRequest,
  CreateModelResult,
  TableFunctionArgument,
} from "activate/localcloud/bigquery/engine/modelHook.js";
import { type BigQueryMl, createBigQueryMl } from "activate/localcloud/bigquery/ml/index.js";
import type { SqlType } from "activate/localcloud/bigquery/schema.js";
import { systemClock } from "activate/localcloud/platform/clock.js";
import type { ModelRegistry } from "activate/localcloud/platform/links.js";
import { readPenguins } from "../../ml/penguins.js";

/** A catalog with dataset `d` over a real database, and BigQuery ML on it, without the analyzer and the REST side. */
export interface Warehouse {
  readonly catalog: Catalog;
  readonly ml: BigQueryMl;
  /** Trains model `name` on a DuckDB query. */
  create(
    name: string,
    sql: string,
    columns: readonly Column[],
    options: Readonly<Record<string, CreateModelRequest["options"][number]["value"]>>,
    mode?: CreateModelRequest["mode"],
  ): Promise<CreateModelResult>;
  /** Rows of a call of `ML.<name>` on a model, as JSON. */
  call(
    name: string,
    model: string,
    args: readonly TableFunctionArgument[],
    input?: string,
  ): Promise<Record<string, unknown>[]>;
  /** The training id of a model. */
  trainingId(model: string): string;
  rows(sql: string): Promise<Record<string, unknown>[]>;
  /** Closes and opens the same state again. */
  reopen(): Promise<Warehouse>;
  close(): Promise<void>;
}

export const PROJECT = "activate-test";
export const at = (modelId: string) => ({ projectId: PROJECT, datasetId: "d", modelId });
export const FLOAT64: SqlType = { kind: "FLOAT64" };
export const STRING: SqlType = { kind: "STRING" };
export const numbers = (...names: string[]): Column[] => names.map((name) => ({ name, type: FLOAT64 }));
export const PENGUIN_COLUMNS: readonly Column[] = [
  ...numbers("culmen_length_mm", "culmen_depth_mm", "flipper_length_mm"),
  { name: "sex", type: STRING },
];

/** A DuckDB query that yields the penguins in file order, with their number. */
export function penguinsSql(): string {
  const value = (item: number | string | undefined): string =>
    item === undefined ? "NULL" : typeof item === "string" ? `'${item}'` : `${item}::DOUBLE`;
  const rows = readPenguins().map(
    (row, i) =>
      `(${i}, ${[row.culmen_length_mm, row.culmen_depth_mm, row.flipper_length_mm, row.sex].map(value).join(", ")})`,
  );
  return `SELECT * FROM (VALUES ${rows.join(", ")}) AS v(row_number, culmen_length_mm, culmen_depth_mm, flipper_length_mm, sex)`;
}

export async function openWarehouse(
  registry?: ModelRegistry,
  folder = mkdtempSync(join(tmpdir(), "activate-ml-")),
): Promise<Warehouse> {
  const database = await openDatabase(folder);
  const catalog = await openCatalog(database, () => Date.UTC(2026, 2, 1));
  if (!catalog.dataset({ projectId: PROJECT, datasetId: "d" })) {
    await catalog.write((transaction) =>
      transaction.createDataset(
        { projectId: PROJECT, datasetId: "d" },
        { location: "europe-west1", creationTime: "1", lastModifiedTime: "1" },
      ),
    );
  }
  const now = () => Date.UTC(2026, 2, 1);
  const ml = createBigQueryMl({ catalog, registry: () => registry, now, clock: systemClock, projectId: PROJECT });
  const rows = async (sql: string) =>
    database.read(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJson());
  return {
    catalog,
    ml,
    rows,
    trainingId: (model) => {
      const record = catalog.model(at(model));
      if (!record) throw new Error(`no model ${model}`);
      return (record.state as { readonly trainingId: string }).trainingId;
    },
    // A connection of its own: the database would wait for a reader that a crashed registry never answers.
    create: async (name, sql, columns, options, mode = "CREATE") =>
      ml.hook.create({
        reference: at(name),
        mode,
        options: Object.entries(options).map(([key, value]) => ({ name: key, value, type: STRING })),
        training: { columns, connection: await database.connect(), relation: { sql, columns } },
        transform: undefined,
        sql: "",
        signal: new AbortController().signal,
      }),
    call: async (name, model, args, input) => {
      const all: TableFunctionArgument[] = [{ kind: "model", reference: at(model) }, ...args];
      ml.hook.outputColumns(name, all);
      const columns = args.flatMap((argument) => (argument.kind === "relation" ? argument.columns : []));
      return rows(ml.hook.write(name, all, input === undefined ? [] : [{ sql: input, columns }]));
    },
    reopen: async () => {
      await database.close();
      return openWarehouse(registry, folder);
    },
    close: async () => {
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const relation = (columns: readonly Column[]): TableFunctionArgument => ({ kind: "relation", columns });
export const setting = (name: string, value: number | boolean): TableFunctionArgument => ({
  kind: "scalar",
  value: { [name]: value },
  type: { kind: "STRUCT", fields: [{ name, type: FLOAT64 }] },
});
