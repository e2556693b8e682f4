import { once } from "node:events";
import { Readable } from "node:stream";
import type { Query } from "@google-cloud/bigquery";
import { bigQueryClient } from "./clients.js";
import type { Config } from "./config.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import { type DataFrame, toDataFrame } from "./frame.js";
import { didYouMean } from "./nearest.js";
import { plainRow, type Row } from "./rows.js";
import { type ParameterType, readSql, renderSql } from "./sql.js";

/** A value of a query parameter. */
export type Parameter =
  | string
  | number
  | boolean
  | null
  | readonly Parameter[]
  | { readonly [field: string]: Parameter };

/** What a statement is given. */
export interface Given {
  /** Values of `@name`s. */
  readonly params?: Readonly<Record<string, Parameter>>;
  /** Values of a file's `${name}`s, beside the names of the configuration that it may always use. */
  readonly names?: Readonly<Record<string, string | number>>;
}

export interface TableState {
  readonly rows: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
}

/** BigQuery: datasets, tables, and the statements of `sql/`. Every method may be called twice. */
export class Warehouse {
  readonly #connections: Connections;
  #eventsTable: string | undefined;
  #readersTable: Promise<string> | undefined;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  get config(): Config {
    return this.#connections.config;
  }

  /**
   * Runs a statement: a file of `sql/` ("bqml/centroids.sql") or GoogleSQL text; `dataset.table` names need no project.
   * @returns all rows; none for a statement without result.
   * @throws ActivateError REFUSED with BigQuery's own sentence and position.
   */
  async rows(statement: string, given: Given = {}): Promise<Row[]> {
    const prepared = await this.prepare(statement, given);
    const client = await bigQueryClient(this.#connections);
    try {
      const [rows] = await client.query(this.#request(prepared));
      return rows.map((row) => plainRow(row));
    } catch (thrown) {
      throw fromService(thrown, prepared.what);
    }
  }

  /** As `rows`, for a statement that answers one row. @throws ActivateError NOT_FOUND when it answers none. */
  async row(statement: string, given: Given = {}): Promise<Row> {
    const [first] = await this.rows(statement, given);
    if (first === undefined) throw new ActivateError("NOT_FOUND", `${whatOf(statement)}: the result is empty.`);
    return first;
  }

  /** As `rows`, as a danfo DataFrame. */
  async frame(statement: string, given: Given = {}): Promise<DataFrame> {
    return toDataFrame(await this.rows(statement, given));
  }

  /** What the statement would read, without running it. @returns bytes. @throws ActivateError REFUSED as `rows`. */
  async dryRun(statement: string, given: Given = {}): Promise<{ bytes: number; statementType: string }> {
    const prepared = await this.prepare(statement, given);
    const client = await bigQueryClient(this.#connections);
    try {
      const [job] = await client.createQueryJob({ ...this.#request(prepared), dryRun: true });
      const statistics: { totalBytesProcessed?: string; query?: { statementType?: string } } = job.metadata.statistics;
      return {
        bytes: Number(statistics.totalBytesProcessed ?? 0),
        statementType: statistics.query?.statementType ?? "",
      };
    } catch (thrown) {
      throw fromService(thrown, prepared.what);
    }
  }

  /** The text that would be sent, with its parameters. @throws ActivateError INVALID_ARGUMENT */
  async prepare(statement: string, given: Given): Promise<Prepared> {
    const params = given.params ?? {};
    if (!statement.endsWith(".sql")) {
      const types = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, typeOf(name, value)]));
      return prepared("Query", statement, params, types);
    }
    const file = readSql(statement);
    for (const name of Object.keys(params)) {
      if (!file.params.has(name)) {
        const hint = didYouMean(name, [...file.params.keys()]);
        throw new ActivateError("INVALID_ARGUMENT", `sql/${file.path} has no parameter @${name}.${hint}`);
      }
    }
    for (const name of file.params.keys()) {
      if (params[name] === undefined) throw new ActivateError("INVALID_ARGUMENT", `sql/${file.path} needs @${name}.`);
    }
    const names: Record<string, string | number> = { ...given.names };
    for (const name of file.placeholders) {
      const usual = names[name] === undefined ? await this.#usualName(name) : undefined;
      if (usual !== undefined) names[name] = usual;
    }
    const query = renderSql(file, names);
    return prepared(`sql/${file.path}`, query, params, Object.fromEntries(file.params));
  }

  /** Name of the table whose events are learnt from: see ACTIVATE_EVENTS. */
  async eventsTable(): Promise<string> {
    const { events, eventsTable, simulatedEventsTable } = this.config;
    if (events === "own") return eventsTable;
    this.#eventsTable ??= (await this.exists(simulatedEventsTable)) ? simulatedEventsTable : eventsTable;
    return this.#eventsTable;
  }

  /**
   * What reads of the clickstream: the view that counts a message once where the live pipeline has made it, else the table
   * itself, into which nothing was delivered twice. What `${events}` stands for in a file of `sql/`.
   */
  async readersTable(): Promise<string> {
    this.#readersTable ??= this.#lookForOnce(await this.eventsTable());
    return await this.#readersTable;
  }

  async #lookForOnce(table: string): Promise<string> {
    const view = `${table}_once`;
    return (await this.exists(view)) ? view : table;
  }

  /** Has `eventsTable` and `readersTable` look again: a table was made or dropped. */
  forgetTables(): void {
    this.#eventsTable = undefined;
    this.#readersTable = undefined;
  }

  /** Placeholders that any file of `sql/` may use without being given them. */
  async #usualName(placeholder: string): Promise<string | undefined> {
    switch (placeholder) {
      case "project":
        return this.config.project;
      case "dataset":
        return this.config.dataset;
      case "events":
        return await this.readersTable();
      case "features_view":
        return "purchase_features";
      case "registry_model":
        return this.config.model;
      default:
        return undefined;
    }
  }

  async exists(table: string): Promise<boolean> {
    const client = await bigQueryClient(this.#connections);
    return await this.#asking(`Table ${table}`, async () => {
      const [exists] = await client.dataset(this.config.dataset).table(table).exists();
      return exists;
    });
  }

  /** Sets labels of a table; others stay. */
  async label(table: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const client = await bigQueryClient(this.#connections);
    await this.#asking(`Labels of ${table}`, () =>
      client
        .dataset(this.config.dataset)
        .table(table)
        .setMetadata({ labels: { ...labels } }),
    );
  }

  /** Makes the dataset in the configured region unless it is there. @throws ActivateError CONFLICT when it is elsewhere. */
  async ensureDataset(): Promise<{ created: boolean }> {
    const client = await bigQueryClient(this.#connections);
    const { dataset, region } = this.config;
    return await this.#asking(`Dataset ${dataset}`, async () => {
      const found = await found404(client.dataset(dataset).getMetadata());
      if (found !== undefined) {
        const location = String(found[0].location ?? "");
        if (location.toLowerCase() === region) return { created: false };
        throw new ActivateError(
          "CONFLICT",
          `Dataset ${dataset} is in ${location}, the models would be in ${region}. Set ACTIVATE_REGION or ACTIVATE_DATASET.`,
        );
      }
      await ignoringDuplicate(client.createDataset(dataset, { location: region, labels: { created_by: "activate" } }));
      return { created: true };
    });
  }

  /** What is known of a table or view; undefined when there is none. `rows` is counted, so streamed rows are in it. */
  async table(table: string): Promise<TableState | undefined> {
    const client = await bigQueryClient(this.#connections);
    const found = await this.#asking(`Table ${table}`, () =>
      found404(client.dataset(this.config.dataset).table(table).getMetadata()),
    );
    if (found === undefined) return undefined;
    const metadata: { labels?: Record<string, string>; schema?: { fields?: { name: string }[] } } = found[0];
    const [count] = await this.rows(`SELECT COUNT(*) AS n FROM ${this.quoted(table)}`);
    return {
      rows: Number(count?.n ?? 0),
      labels: metadata.labels ?? {},
      columns: (metadata.schema?.fields ?? []).map(({ name }) => name),
    };
  }

  /** Names of the tables and views in the dataset; none when the dataset is missing. */
  async tables(): Promise<string[]> {
    const client = await bigQueryClient(this.#connections);
    const found = await this.#asking(`Dataset ${this.config.dataset}`, () =>
      found404(client.dataset(this.config.dataset).getTables()),
    );
    return (found?.[0] ?? []).map((table) => table.id ?? "").sort();
  }

  /**
   * Streams rows into a table, 500 a request. A row with an id that was sent within the last minute is not written twice.
   * @throws ActivateError REFUSED naming the first bad row and field; of that request nothing is written.
   */
  async insert<Item extends object>(
    table: string,
    items: readonly Item[],
    insertId: (item: Item) => string,
  ): Promise<void> {
    const client = await bigQueryClient(this.#connections);
    for (let start = 0; start < items.length; start += 500) {
      const batch = items.slice(start, start + 500).map((item) => ({ insertId: insertId(item), json: item }));
      try {
        await client.dataset(this.config.dataset).table(table).insert(batch, { raw: true, partialRetries: 0 });
      } catch (thrown) {
        throw insertError(thrown, table, start);
      }
    }
  }

  /**
   * Replaces the rows of a table by these, in one load job: all or none.
   * @param report called with the number of rows handed over so far.
   * @returns rows written.
   */
  async load(table: string, rows: Iterable<object>, report?: (rows: number) => void): Promise<number> {
    const client = await bigQueryClient(this.#connections);
    const upload = client.dataset(this.config.dataset).table(table).createWriteStream({
      sourceFormat: "NEWLINE_DELIMITED_JSON",
      writeDisposition: "WRITE_TRUNCATE",
      createDisposition: "CREATE_NEVER",
    });
    try {
      const done = once(upload, "complete");
      Readable.from(linesOf(rows, report)).pipe(upload);
      const [job]: { metadata: { statistics?: { load?: { outputRows?: string } } } }[] = await done;
      return Number(job?.metadata.statistics?.load?.outputRows ?? 0);
    } catch (thrown) {
      throw fromService(thrown, `Load into ${table}`);
    }
  }

  /** Drops a table or view; none there is no error. */
  async drop(table: string): Promise<void> {
    const client = await bigQueryClient(this.#connections);
    await this.#asking(`Drop ${table}`, () =>
      client.dataset(this.config.dataset).table(table).delete({ ignoreNotFound: true }),
    );
  }

  /** `project.dataset.name` in backticks. */
  quoted(name: string): string {
    return `\`${this.config.project}.${this.config.dataset}.${name}\``;
  }

  #request({ query, params, types }: Prepared): Query {
    const { project, dataset, region } = this.config;
    const request: Query = { query, location: region, defaultDataset: { projectId: project, datasetId: dataset } };
    // The client's declaration of `types` is narrower than what it takes: nested types, as its documentation shows them.
    return params === undefined ? request : { ...request, params, types: types as NonNullable<Query["types"]> };
  }

  async #asking<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      return await ask();
    } catch (thrown) {
      throw fromService(thrown, what);
    }
  }
}

/** A statement ready to be sent. */
export interface Prepared {
  readonly what: string;
  readonly query: string;
  readonly params?: Record<string, unknown>;
  readonly types?: Record<string, ParameterType>;
}

function prepared(what: string, query: string, params: object, types: Record<string, ParameterType>): Prepared {
  if (Object.keys(params).length === 0) return { what, query };
  const values = Object.entries(params).map(([name, value]) => [name, parameterValue(value, types[name])] as const);
  return { what, query, params: Object.fromEntries(values), types };
}

/** The client reads `.value` of a time, and sends NULL for a plain text without a word. */
function parameterValue(value: unknown, type: ParameterType | undefined): unknown {
  if (typeof value === "string" && /^(TIMESTAMP|DATETIME|DATE|TIME)$/.test(String(type))) return { value };
  if (Array.isArray(type) && Array.isArray(value)) return value.map((item) => parameterValue(item, type[0]));
  if (typeof type === "object" && !Array.isArray(type) && typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, parameterValue(inner, type[field])]),
    );
  }
  return value;
}

function typeOf(name: string, value: Parameter): ParameterType {
  if (typeof value === "string") return "STRING";
  if (typeof value === "boolean") return "BOOL";
  if (typeof value === "number") return Number.isInteger(value) ? "INT64" : "FLOAT64";
  if (isList(value) && value.length > 0) {
    const types = value.map((item) => typeOf(name, item));
    return [types.includes("FLOAT64") ? "FLOAT64" : (types[0] ?? "STRING")];
  }
  if (value !== null && !isList(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([field, inner]) => [field, typeOf(`${name}.${field}`, inner)]),
    );
  }
  const given = value === null ? "null" : "empty";
  throw new ActivateError(
    "INVALID_ARGUMENT",
    `@${name} is ${given}: its type cannot be told. Use a file of sql/, whose head names it.`,
  );
}

const isList = (value: Parameter): value is readonly Parameter[] => Array.isArray(value);

const whatOf = (statement: string): string => (statement.endsWith(".sql") ? `sql/${statement}` : "Query");

async function found404<Answer>(answer: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await answer;
  } catch (thrown) {
    if (statusOf(thrown) === "NOT_FOUND") return undefined;
    throw thrown;
  }
}

async function ignoringDuplicate(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (thrown) {
    if (statusOf(thrown) !== "ALREADY_EXISTS") throw thrown;
  }
}

function* linesOf(rows: Iterable<object>, report?: (rows: number) => void): Generator<string> {
  const linesAtOnce = 500;
  let lines: string[] = [];
  let count = 0;
  for (const row of rows) {
    lines.push(JSON.stringify(row));
    count += 1;
    if (lines.length < linesAtOnce) continue;
    report?.(count);
    yield `${lines.join("\n")}\n`;
    lines = [];
  }
  report?.(count);
  if (lines.length > 0) yield `${lines.join("\n")}\n`;
}

/** The client's PartialFailureError says which rows and why, its message does not. */
function insertError(thrown: unknown, table: string, start: number): ActivateError {
  const failures = (thrown as { errors?: { row?: unknown; errors?: { message?: string; reason?: string }[] }[] })
    .errors;
  const reasons = (failures ?? []).flatMap(({ errors }, index) =>
    (errors ?? []).filter(({ reason }) => reason !== "stopped").map(({ message }) => ({ index, message })),
  );
  const [first] = reasons;
  if (first === undefined) return fromService(thrown, `Insert into ${table}`);
  const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
  return new ActivateError(
    "REFUSED",
    `Insert into ${table}, row ${start + first.index}: ${first.message}${more}`,
    "INVALID_ARGUMENT",
    { cause: thrown },
  );
}
