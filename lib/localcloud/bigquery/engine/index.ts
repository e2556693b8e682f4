import type { Clock } from "../../platform/clock.js";
import { CloudError } from "../../platform/errors.js";
import type { Catalog } from "../catalog.js";
import { bigqueryMessage } from "../functions/errorText.js";
import { EvaluatorFunctions } from "../functions/exact.js";
import { installFunctions } from "../functions/javascript.js";
import { FunctionLibrary } from "../functions/registry.js";
import { ScriptFunctions } from "../functions/scriptFunctions.js";
import { GoogleSql } from "../googlesql/analyzer.js";
import { namesIn } from "../googlesql/names.js";
import type { RemoteObjects } from "../objects.js";
import { Analysis } from "./analysis.js";
import { dryRun } from "./dryRun.js";
import type { Engine, RunRequest, RunResult, StatementResult } from "./engine.js";
import { executionError } from "./errors.js";
import { type EngineParts, Execution, type Outcome } from "./execution.js";
import type { ModelHook } from "./modelHook.js";
import { parameterSql, parameterType } from "./parameters.js";
import { type Plan, Planner } from "./planner.js";
import { isScript, runScript } from "./script.js";
import { Session } from "./session.js";
import { type SessionState, Sessions } from "./sessions.js";
import { wholeSpan } from "./spans.js";
import { runStatement } from "./statements/run.js";
import { dropTemporaryTables, TEMPORARY_PREFIX } from "./statements/temporary.js";

export interface EngineOptions {
  readonly catalog: Catalog;
  readonly clock: Clock;
  /** Where datasets are made that do not say where. Default "US". */
  readonly location?: string;
  readonly models?: ModelHook;
  /** Where EXPORT DATA writes; without it the statement is refused. */
  readonly objects?: RemoteObjects;
  /** Opened already; by default the module that set-up put in place. */
  readonly googleSql?: GoogleSql;
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The engine over a catalog. Resolves when it is warm: analyzer compiled and called once, functions known to DuckDB.
 * @throws CloudError FAILED_PRECONDITION when the analyzer's module is missing or not the pinned one.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { catalog, clock } = options;
  const googleSql = options.googleSql ?? (await GoogleSql.open());
  await catalog.database.prepare(installFunctions);
  await dropLeftovers(catalog);
  const sessions = new Sessions(catalog);
  const functions = new FunctionLibrary(await evaluatorOf(options, googleSql));
  const scripts = await ScriptFunctions.open(await catalog.database.connect());
  let temporary = 0;
  const parts: EngineParts = {
    catalog,
    planner: new Planner(new Analysis(googleSql), functions, scripts),
    clock,
    models: options.models,
    objects: options.objects,
    errorText: bigqueryMessage,
    mayEvaluate: (options.environment ?? process.env).ACTIVATE_SQL_ENGINE !== "duckdb",
    nextTemporary: () => ++temporary,
    location: options.location ?? "US",
    endSession: (id) => sessions.end(id),
  };
  const engine: Engine = {
    run: async (request) => {
      const { session } = request;
      return run(parts, request, session && (await sessions.open(session.id, session.isNew, clock.now())));
    },
    close: () => Promise.resolve(),
  };
  await warmUp(engine);
  return engine;
}

/** Functions that Google's evaluator answers behind DuckDB's, unless `ACTIVATE_SQL_ENGINE=duckdb` forbids it. */
async function evaluatorOf(options: EngineOptions, googleSql: GoogleSql): Promise<EvaluatorFunctions | undefined> {
  if ((options.environment ?? process.env).ACTIVATE_SQL_ENGINE === "duckdb") return undefined;
  return new EvaluatorFunctions(googleSql, await options.catalog.database.connect());
}

async function warmUp(engine: Engine): Promise<void> {
  await engine.run({
    projectId: "warm-up",
    sql: "SELECT x, COUNT(*) AS n FROM UNNEST([1, 2]) AS x WHERE x > 0 GROUP BY x ORDER BY n LIMIT 1",
    parameters: [],
    parameterMode: "named",
    dryRun: false,
    sink: () => ({ begin: () => undefined, rows: () => undefined }),
    signal: new AbortController().signal,
  });
}

/** Temporary tables that a crash left behind. */
async function dropLeftovers(catalog: Catalog): Promise<void> {
  await catalog.database.prepare(async (connection) => {
    const reader = await connection.runAndReadAll(
      `SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main' AND starts_with(table_name, '${TEMPORARY_PREFIX}')`,
    );
    for (const [name] of reader.getRowsJS()) await connection.run(`DROP TABLE main.${String(name)}`);
  });
}

async function run(parts: EngineParts, request: RunRequest, kept: SessionState | undefined): Promise<RunResult> {
  const execution = new Execution(parts, request, sessionOf(parts, request, kept));
  try {
    const names = namesIn(request.sql);
    if (isScript(names)) return await runScript(execution);
    const plan = execution.plan(request.sql);
    if (request.dryRun) return { isScript: false, statements: [dryRun(plan, execution)] };
    return { isScript: false, statements: [await runSingle(plan, execution)] };
  } catch (thrown) {
    throw thrown instanceof CloudError ? thrown : executionError(thrown, parts.errorText);
  }
}

async function runSingle(plan: Plan, execution: Execution): Promise<StatementResult> {
  const { request, parts } = execution;
  const startMs = parts.clock.now();
  execution.finish = (outcome: Outcome): StatementResult => ({
    ...execution.route,
    ...outcome,
    referencedTables: plan.referencedTables,
    reads: plan.reads,
    bytesProcessed: 0,
    span: wholeSpan(request.sql),
    evaluationKind: "STATEMENT",
    startMs,
    endMs: parts.clock.now(),
  });
  try {
    return execution.finish(await runStatement(plan, execution, () => request.sink(0)));
  } finally {
    await dropTemporaryTables(execution);
  }
}

function sessionOf(parts: EngineParts, request: RunRequest, kept: SessionState | undefined): Session {
  const session = new Session({
    projectId: request.projectId,
    defaultDataset: request.defaultDataset,
    catalog: parts.catalog,
    models: parts.models,
    ...(kept ? { kept } : {}),
  });
  session.positional = request.parameterMode === "positional" && request.parameters.length > 0;
  session.allowUndeclared = request.dryRun;
  request.parameters.forEach((parameter, index) => {
    const type = parameterType(parameter.parameterType);
    if (session.positional) {
      session.positionalTypes.push(type);
      session.parameters.set(`#${index + 1}`, parameterSql(parameter));
      session.parameterValues.set(`#${index + 1}`, parameter.parameterValue ?? {});
    } else {
      const name = (parameter.name ?? "").toLowerCase();
      session.namedTypes.push({ name, type });
      session.parameters.set(`@${name}`, parameterSql(parameter));
      session.parameterValues.set(`@${name}`, parameter.parameterValue ?? {});
    }
  });
  return session;
}
