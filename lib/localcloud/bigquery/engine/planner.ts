import type { ScriptFunctions } from "../functions/scriptFunctions.js";
import type {
  AnyResolvedStatement,
  ResolvedFunctionArgument,
  ResolvedTVFScan,
} from "../googlesql/contract/resolved.js";
import { type Names, namesIn, unquotePaths } from "../googlesql/names.js";
import type { TableRecord } from "../resources.js";
import type { TableReference } from "../schema.js";
import type { Analysis, Analyzed, NamesOfStatement } from "./analysis.js";
import { sessionKey } from "./analysis.js";
import { type Bound, columnsOf, pathKey, sameBinding } from "./binding.js";
import { quoteIdentifier, quoteText } from "./duckTypes.js";
import { unsupportedStatement } from "./errors.js";
import { informationSchemaSql } from "./informationSchema.js";
import type { Relation } from "./modelHook.js";
import { RANGE_SESSIONIZE, sessionizedColumns, sessionizedSql } from "./rangeSessionize.js";
import { type Resolved, readsOf, type TableRead } from "./reads.js";
import { scriptFunctionOf } from "./routines.js";
import { Session } from "./session.js";
import { CannotWrite, type StoredTable, WriterContext, type WriterServices } from "./writer/context.js";
import { required } from "./writer/expressions.js";
import { type WrittenQuery, writeQuery } from "./writer/query.js";

/** An analyzed statement; a query is written once and kept. */
export class Plan {
  /** As the user wrote it. */
  readonly written: string;
  /** As the analyzer read it: as long, and alike but for quotes of paths. */
  readonly sql: string;
  readonly analyzed: Analyzed;
  readonly names: Names;
  /** What the statement's names meant when it was analyzed (the analyzer's catalog may know more). */
  readonly requested: readonly Bound[];
  readonly referencedTables: readonly TableReference[];
  /** INFORMATION_SCHEMA shows the moment, views rest on further tables: such plans are not kept. */
  readonly isLasting: boolean;
  /** Columns of stored tables, those of views seen through. */
  reads: readonly TableRead[] = [];
  isolatesSubqueries = false;
  #query: { readonly written: WrittenQuery; readonly exact: readonly string[] } | undefined;

  constructor(written: string, sql: string, analyzed: Analyzed, names: Names, requested: readonly Bound[]) {
    this.requested = requested;
    this.written = written;
    this.sql = sql;
    this.analyzed = analyzed;
    this.names = names;
    this.referencedTables = referencedTables(requested);
    this.isLasting = requested.every((entry) => entry.kind === "table" && entry.record.resource.type === "TABLE");
  }

  /** Writes the query again, subqueries beside the calls that they are arguments of. */
  isolateSubqueries(): void {
    this.isolatesSubqueries = true;
    this.#query = undefined;
  }

  /** The user's own writing of a part of the text. */
  asWritten(part: string): string {
    let start = this.sql.indexOf(part);
    if (start < 0) return part;
    let end = start + part.length;
    // A quote that became a blank may stand just outside.
    if (this.written[end] === "`" && this.sql[end] === " ") end += 1;
    if (this.written[start - 1] === "`" && this.sql[start - 1] === " ") start -= 1;
    return this.written.slice(start, end);
  }

  get statement(): AnyResolvedStatement {
    return this.analyzed.statement;
  }

  /** The SELECT of a query statement. @throws CannotWrite. */
  query(services: WriterServices): { readonly written: WrittenQuery; readonly exact: readonly string[] } {
    if (!this.#query) {
      if (this.statement.node !== "ResolvedQueryStmt") throw new CannotWrite(this.statement.node);
      const context = new WriterContext(services, this.isolatesSubqueries);
      const written = writeQuery(this.statement, context);
      this.#query = { written, exact: [...context.exact] };
    }
    return this.#query;
  }
}

/** Statements whose analysis is kept: by text, names, types of parameters and variables. */
const PLANS_MAX = 1000;

export class Planner {
  readonly #analysis: Analysis;
  readonly #functions: WriterServices["functions"];
  readonly #scripts: ScriptFunctions;
  readonly #plans = new Map<string, Plan>();

  constructor(analysis: Analysis, functions: WriterServices["functions"], scripts: ScriptFunctions) {
    this.#scripts = scripts;
    this.#analysis = analysis;
    this.#functions = functions;
  }

  get analysis(): Analysis {
    return this.#analysis;
  }

  /** @throws CloudError in BigQuery's words. */
  plan(written: string, session: Session, location: string): Plan {
    return this.#plan(written, session, location, (plan) => {
      plan.reads = this.reads({ statement: plan.statement, bound: plan.analyzed.bound }, session, location);
    });
  }

  /** What a resolved text reads. @throws CloudError invalidQuery where a table wants a filter that is not there. */
  reads(resolved: Resolved, session: Session, location: string): readonly TableRead[] {
    return readsOf(resolved, (view) => {
      const plan = this.#viewPlan(view, session, location);
      return { statement: plan.statement, bound: plan.analyzed.bound };
    });
  }

  #plan(written: string, session: Session, location: string, check: (plan: Plan) => void): Plan {
    const sql = unquotePaths(written);
    const key = `${sessionKey(session)}\u0000${sql}`;
    // ML.* calls take their parameters' values in when they are analyzed.
    const known = this.#plans.get(key);
    if (known && this.#isCurrent(known, session)) {
      this.#plans.delete(key);
      this.#plans.set(key, known);
      return known;
    }
    const names = namesIn(sql);
    const analyzed = this.#analysis.analyze(sql, session, location, names);
    const plan = new Plan(written, sql, analyzed, names, this.#analysis.bind(names, session));
    check(plan);
    if (plan.isLasting && (analyzed.tableFunctions.size === 0 || session.parameters.size === 0)) {
      this.#plans.set(key, plan);
      for (const oldest of this.#plans.keys()) {
        if (this.#plans.size <= PLANS_MAX) break;
        this.#plans.delete(oldest);
      }
    }
    return plan;
  }

  #isCurrent(plan: Plan, session: Session): boolean {
    const bound = this.#analysis.bind(plan.names, session);
    const requested = plan.requested;
    return (
      bound.length === requested.length &&
      bound.every((entry, index) => {
        const known = requested[index];
        return known !== undefined && pathKey(known.path) === pathKey(entry.path) && sameBinding(known, entry);
      })
    );
  }

  /** What the writer asks for, for a statement analyzed with these names. */
  services(analyzed: NamesOfStatement, session: Session, location: string): WriterServices {
    return {
      functions: this.#functions,
      preprocessing: session.models?.preprocessing,
      scriptFunction: (place, args, isFixed) => {
        const routine = required(analyzed.bound[place]);
        if (routine.kind !== "routine") throw new CannotWrite(`${routine.kind} as a function`);
        const definition = scriptFunctionOf(routine.record);
        return this.#scripts.call(isFixed ? { ...definition, isDeterministic: true } : definition, args);
      },
      table: (id) => this.#table(required(analyzed.bound[id]), session, location),
      tableFunction: (scan, relation) => this.#tableFunction(scan, relation, analyzed, session),
    };
  }

  #table(bound: Bound, session: Session, location: string): StoredTable {
    switch (bound.kind) {
      case "table":
        return this.#storedTable(bound, session, location);
      case "wildcard": {
        const list = bound.columns.map((column) => quoteIdentifier(column.name));
        const parts = bound.records.map((record) => {
          const suffix = quoteText(record.reference.tableId.slice(bound.prefix.length));
          const there = new Set(columnsOf(record).map((column) => column.name.toLowerCase()));
          const items = bound.columns.map((column, index) => {
            if (column.name === "_TABLE_SUFFIX") return `${suffix} AS "_TABLE_SUFFIX"`;
            return there.has(column.name.toLowerCase()) ? `${list[index]}` : `NULL AS ${list[index]}`;
          });
          return `SELECT ${items.join(", ")} FROM main.${record.physicalName}`;
        });
        return { kind: "query", sql: parts.join(" UNION ALL "), columns: bound.columns };
      }
      case "information":
        return {
          kind: "query",
          sql: informationSchemaSql(bound.view, session.catalog, bound.dataset),
          columns: bound.columns,
        };
      default:
        throw new CannotWrite(`${bound.kind} ${bound.path.join(".")} as a table`);
    }
  }

  #storedTable(bound: Extract<Bound, { readonly kind: "table" }>, session: Session, location: string): StoredTable {
    const { record } = bound;
    if (record.resource.view ?? record.resource.materializedView) {
      const plan = this.#viewPlan(record, session, location);
      if (plan.statement.node !== "ResolvedQueryStmt") throw unsupportedStatement("A view that is not a query");
      const inner = viewSession(record, session);
      const context = new WriterContext(this.services(plan.analyzed, inner, location));
      const written = writeQuery(
        plan.statement,
        context,
        bound.columns.map((column) => column.name),
      );
      return { kind: "query", sql: written.sql, columns: bound.columns };
    }
    if (record.physicalName === undefined) {
      throw unsupportedStatement(`Table ${record.reference.tableId}, which has no schema yet, in a query`);
    }
    return { kind: "table", name: `main.${record.physicalName}`, columns: bound.columns };
  }

  /** A view's query. Whether it filters enough is for the query over it to say. */
  #viewPlan(record: TableRecord, session: Session, location: string): Plan {
    const view = record.resource.view ?? record.resource.materializedView;
    return this.#plan(view?.query ?? "", viewSession(record, session), location, () => undefined);
  }

  #tableFunction(
    scan: ResolvedTVFScan,
    relation: (argument: ResolvedFunctionArgument) => Relation,
    analyzed: NamesOfStatement,
    session: Session,
  ): Relation {
    const name = (scan.tvf?.name ?? "").split(".").at(-1)?.toUpperCase() ?? "";
    const call = analyzed.tableFunctions.get(name);
    const relations = scan.argument_list.filter((argument) => argument.scan).map(relation);
    if (call?.name === RANGE_SESSIONIZE) {
      return { sql: sessionizedSql(call.args, required(relations[0])), columns: sessionizedColumns(call.args) };
    }
    if (!call || !session.models) throw unsupportedStatement(`Table function ${scan.tvf?.name ?? ""}`);
    const columns = session.models.outputColumns(call.name, call.args);
    return { sql: session.models.write(call.name, call.args, relations), columns };
  }
}

/** Names within a view are resolved where it stands, without the parameters of the query over it. */
function viewSession(record: TableRecord, session: Session): Session {
  return new Session({
    projectId: record.reference.projectId,
    defaultDataset: undefined,
    catalog: session.catalog,
    models: session.models,
  });
}

function referencedTables(bound: readonly Bound[]): TableReference[] {
  const all = new Map<string, TableReference>();
  for (const entry of bound) {
    const records = entry.kind === "table" ? [entry.record] : entry.kind === "wildcard" ? entry.records : [];
    for (const { reference } of records) {
      all.set(`${reference.projectId}.${reference.datasetId}.${reference.tableId}`, reference);
    }
  }
  return [...all.values()];
}
