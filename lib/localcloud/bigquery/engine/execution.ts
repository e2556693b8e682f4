import type { DuckDBConnection } from "@duckdb/node-api";
import { type Clock, systemClock } from "../../platform/clock.js";
import { CloudError } from "../../platform/errors.js";
import type { Catalog, CatalogTransaction } from "../catalog.js";
import { datasetInUse, datasetNotFoundInLocation, invalidQuery, tableNotFoundInLocation } from "../errors.js";
import type { AnyResolvedExpr } from "../googlesql/contract/resolved.js";
import type { RemoteObjects } from "../objects.js";
import type { DatasetReference, SqlType, TableReference } from "../schema.js";
import { encodeRows } from "../wire.js";
import type { NamesOfStatement } from "./analysis.js";
import { isStorageFailure } from "./database.js";
import type { Route, RowSink, RunRequest, StatementResult, WireValue } from "./engine.js";
import { executionError } from "./errors.js";
import type { Column, ModelHook } from "./modelHook.js";
import type { Plan, Planner } from "./planner.js";
import type { Session } from "./session.js";
import { MARK, WriterContext } from "./writer/context.js";
import { typeOf, writeExpression } from "./writer/expressions.js";

/** What statements need of the engine. */
export interface EngineParts {
  readonly catalog: Catalog;
  readonly planner: Planner;
  readonly clock: Clock;
  readonly models: ModelHook | undefined;
  readonly objects: RemoteObjects | undefined;
  /** DuckDB's run-time errors in BigQuery's words. */
  readonly errorText: (message: string) => string;
  /** Whether Google's evaluator may run what DuckDB cannot. */
  readonly mayEvaluate: boolean;
  /** Numbers temporary tables. */
  readonly nextTemporary: () => number;
  /** Where datasets are made that do not say where. */
  readonly location: string;
  /** Drops what a session kept (BQ.ABORT_SESSION). */
  readonly endSession: (id: string) => Promise<void>;
}

/** What a statement's own code says of its outcome; the rest of `StatementResult` is the same for all. */
export type Outcome = Omit<
  StatementResult,
  | "span"
  | "evaluationKind"
  | "startMs"
  | "endMs"
  | "route"
  | "routeReason"
  | "referencedTables"
  | "reads"
  | "bytesProcessed"
> & { readonly route?: Route; readonly routeReason?: string };

const INTERRUPT_EVERY_MS = 20;

/** Runs the statements of one request. */
export class Execution {
  readonly parts: EngineParts;
  readonly request: RunRequest;
  readonly session: Session;
  readonly location: string;
  /** Open between BEGIN TRANSACTION and COMMIT. */
  transaction: CatalogTransaction | undefined;
  /** Makes the whole result of an outcome; set by whoever runs the statement. */
  finish: (outcome: Outcome) => StatementResult = (outcome) => {
    throw new Error(`nobody finishes ${outcome.statementType}`);
  };
  isScript = false;
  /** Functions of the statement being run that needed Google's evaluator. */
  readonly exact = new Set<string>();

  /** How the statement being run was answered so far, for those that do not say so themselves. */
  get route(): Pick<StatementResult, "route" | "routeReason"> {
    if (this.exact.size === 0) return { route: "native" };
    return { route: "exact", routeReason: [...this.exact].join(", ") };
  }

  constructor(parts: EngineParts, request: RunRequest, session: Session) {
    this.parts = parts;
    this.request = request;
    this.session = session;
    this.location = request.location ?? parts.location;
  }

  plan(sql: string): Plan {
    return this.parts.planner.plan(sql, this.session, this.location);
  }

  /** @throws CloudError in BigQuery's words. */
  planExpression(sql: string): { readonly expression: AnyResolvedExpr; readonly analyzed: NamesOfStatement } {
    const { planner } = this.parts;
    const found = planner.analysis.analyzeExpression(sql, this.session, this.location);
    planner.reads({ statement: found.expression, bound: found.analyzed.bound }, this.session, this.location);
    return found;
  }

  writerContext(plan: Plan): WriterContext {
    const services = this.parts.planner.services(plan.analyzed, this.session, this.location);
    return new WriterContext(services, plan.isolatesSubqueries, this.exact);
  }

  /** A table that a statement names and that is not there, or whose dataset is not. */
  notFound(at: TableReference): CloudError {
    return this.session.catalog.dataset(at) ? tableNotFoundInLocation(at, this.location) : this.datasetNotFound(at);
  }

  datasetNotFound(at: DatasetReference): CloudError {
    return datasetNotFoundInLocation(at, this.location);
  }

  datasetInUse(at: DatasetReference): CloudError {
    return datasetInUse(at);
  }

  /** The values of parameters and variables put into written SQL. */
  fill(sql: string): string {
    if (!sql.includes(MARK)) return sql;
    const parts = sql.split(MARK);
    return parts.map((part, index) => (index % 2 === 0 ? part : this.#value(part))).join("");
  }

  #value(key: string): string {
    const name = key.slice(1);
    if (key === "now") return `CAST(${this.parts.clock.now()}000 AS BIGINT)`;
    const found =
      key[0] === "$"
        ? this.session.variable(name)?.sql
        : key[0] === "%"
          ? this.session.systemVariables.get(name)?.sql
          : this.session.parameters.get(key);
    if (found === undefined) throw invalidQuery(`Query parameter '${name}' not found`);
    return found;
  }

  /** Reads on a connection of its own, or within the open transaction. */
  async read<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const guarded = (connection: DuckDBConnection) => this.#guarded(connection, work);
    return this.transaction ? guarded(this.transaction.connection) : this.parts.catalog.database.read(guarded);
  }

  /** Changes rows and records in one transaction, and records the outcome with it. */
  async change(work: (transaction: CatalogTransaction) => Promise<Outcome>): Promise<Outcome> {
    const inside = async (transaction: CatalogTransaction): Promise<Outcome> => {
      const catalog = this.session.catalog;
      this.session.catalog = transaction;
      try {
        return await this.#guarded(transaction.connection, () => work(transaction));
      } finally {
        this.session.catalog = catalog;
      }
    };
    if (this.transaction) return inside(this.transaction);
    return this.parts.catalog.write(async (transaction) => {
      const outcome = await inside(transaction);
      await this.request.beforeCommit?.(transaction, this.finish(outcome), this.isScript);
      return outcome;
    });
  }

  async #guarded<T>(connection: DuckDBConnection, work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    let settled = false;
    // DuckDB forgets an interrupt that comes between two queries, so it is repeated until the work has ended.
    const interrupt = async (): Promise<void> => {
      while (!settled) {
        connection.interrupt();
        await systemClock.sleep(INTERRUPT_EVERY_MS);
      }
    };
    this.request.signal.addEventListener("abort", interrupt);
    try {
      this.request.signal.throwIfAborted();
      return await work(connection);
    } catch (thrown) {
      if (this.request.signal.aborted) {
        throw new CloudError("CANCELLED", "Job execution was cancelled: User requested cancellation", {
          reason: "stopped",
          httpStatus: 200,
          cause: thrown,
        });
      }
      // Of the disk the database itself speaks, at the end of the transaction.
      throw isStorageFailure(thrown) ? thrown : executionError(thrown, this.parts.errorText);
    } finally {
      settled = true;
      this.request.signal.removeEventListener("abort", interrupt);
    }
  }

  /** Hands a query's rows to the sink, a chunk at a time. @returns their number. */
  async stream(sql: string, columns: readonly Column[], open: RowSink | (() => RowSink)): Promise<number> {
    const filled = this.fill(sql);
    const types = columns.map((column) => column.type);
    const arrays = columns.flatMap((column, index) => (holdsArray(column.type) ? [{ column, index }] : []));
    return this.read(async (connection) => {
      const result = await connection.stream(filled);
      const sink = typeof open === "function" ? open() : open;
      sink.begin(columns);
      let total = 0;
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        const rows = encodeRows(chunk, types);
        for (const { column, index } of arrays) {
          for (const row of rows) refuseNullElements(row.f[index]?.v ?? null, column.type, column.name);
        }
        total += rows.length;
        await sink.rows(rows);
        this.request.signal.throwIfAborted();
      }
      return total;
    });
  }

  /** The one value of a constant expression, in wire form. */
  async evaluate(
    expression: AnyResolvedExpr,
    plan: Plan,
  ): Promise<{ readonly type: SqlType; readonly wire: WireValue }> {
    const sql = writeExpression(expression, new Map(), this.writerContext(plan));
    const type = typeOf(expression);
    return { type, wire: await this.single(`SELECT ${sql} AS o1`, type) };
  }

  /** The first column of the first row, in wire form; null without rows. */
  async single(sql: string, type: SqlType): Promise<WireValue> {
    const filled = this.fill(sql);
    return this.read(async (connection) => {
      const result = await connection.run(filled);
      const chunk = await result.fetchChunk();
      if (!chunk || chunk.rowCount === 0) return null;
      return encodeRows(chunk, [type])[0]?.f[0]?.v ?? null;
    });
  }
}

function holdsArray(type: SqlType): boolean {
  if (type.kind === "ARRAY") return true;
  return type.kind === "STRUCT" && type.fields.some((field) => holdsArray(field.type));
}

/** BigQuery computes with NULL elements but writes none. */
function refuseNullElements(value: WireValue, type: SqlType, name: string): void {
  if (value === null || typeof value === "string") return;
  if (type.kind === "STRUCT" && "f" in value) {
    type.fields.forEach((field, index) => {
      refuseNullElements(value.f[index]?.v ?? null, field.type, field.name);
    });
  }
  if (type.kind !== "ARRAY" || "f" in value) return;
  for (const item of value) {
    if (item.v === null) throw invalidQuery(`Array cannot have a null element; error in writing field ${name}`);
    if (holdsArray(type.element)) refuseNullElements(item.v, type.element, name);
  }
}
