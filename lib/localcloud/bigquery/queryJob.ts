import type { JsonObject } from "../platform/discovery.js";
import { CloudError } from "../platform/errors.js";
import type { BigQueryContext } from "./context.js";
import type {
  Engine,
  QueryDestination,
  QueryParameter,
  RunRequest,
  RunResult,
  StatementResult,
} from "./engine/engine.js";
import { invalid, notSupported } from "./errors.js";
import { checkLocation } from "./jobLocation.js";
import type { Job, JobOutcome, JobRows } from "./jobs.js";
import { QUERY_CHARACTERS_MAX } from "./limits.js";
import { queryConfiguration, queryStatistics, scriptStatistics } from "./queryStatistics.js";
import type { Result } from "./results.js";
import type { DatasetReference, TableReference } from "./schema.js";
import { bytesRead } from "./tableBytes.js";

/** `JobConfigurationQuery` as we read it; `jobs.query` is brought into the same form. */
export interface QueryConfiguration {
  readonly query?: string;
  readonly useLegacySql?: boolean | null;
  readonly parameterMode?: string | null;
  readonly queryParameters?: readonly QueryParameter[] | null;
  readonly defaultDataset?: Partial<DatasetReference> | null;
  readonly destinationTable?: TableReference | null;
  readonly createDisposition?: QueryDestination["createDisposition"] | null;
  readonly writeDisposition?: QueryDestination["writeDisposition"] | null;
  readonly maximumBytesBilled?: string | null;
  readonly createSession?: boolean | null;
  readonly connectionProperties?: readonly { readonly key: string; readonly value: string }[] | null;
  readonly timePartitioning?: unknown;
  readonly rangePartitioning?: unknown;
  readonly clustering?: unknown;
  readonly schemaUpdateOptions?: readonly string[] | null;
  readonly scriptOptions?: { readonly keyResultStatement?: string } | null;
}

/** Everything of a query job that does not change while it runs. */
export interface QueryRequest {
  readonly projectId: string;
  readonly location: string;
  readonly configuration: QueryConfiguration;
  readonly dryRun: boolean;
  readonly jobTimeoutMs: number | undefined;
}

const LEGACY = notSupported(
  "Legacy SQL",
  "Set useLegacySql to false (bq: --use_legacy_sql=false) and write GoogleSQL: `project.dataset.table` instead of [project:dataset.table].",
);

/**
 * What can be said before anything runs. An absent `useLegacySql` means legacy by the API's default; as most statements
 * read the same in both dialects it runs as GoogleSQL unless it is written as only legacy SQL is.
 * @throws CloudError
 */
export function checkQuery({ configuration }: QueryRequest): string {
  const { query } = configuration;
  if (typeof query !== "string" || query.trim() === "") throw invalid("Required parameter is missing: query");
  if (query.length > QUERY_CHARACTERS_MAX) {
    throw invalid(
      `The query is too large. The maximum standard SQL query length is ${QUERY_CHARACTERS_MAX / 1024}K characters.`,
    );
  }
  const marked = /^\s*#legacySQL\b/i.test(query);
  const written = /\b(?:from|join|,)\s*\[[\w-]+(?:[:.][\w$-]+)+\]/i.test(query);
  const unset = configuration.useLegacySql === undefined || configuration.useLegacySql === null;
  if (configuration.useLegacySql === true || marked || (unset && written)) throw LEGACY;
  for (const { key } of configuration.connectionProperties ?? []) {
    if (key !== "session_id") throw notSupported(`Connection property '${key}'`, "Leave it out.");
    if (configuration.createSession) throw invalid("A query cannot create a session and belong to one.");
  }
  const mode = configuration.parameterMode?.toLowerCase();
  if (mode !== undefined && mode !== "named" && mode !== "positional") {
    throw invalid(`Invalid value for parameterMode: ${configuration.parameterMode} is none of NAMED, POSITIONAL`);
  }
  return query;
}

/** Runs a query to its end. The statements of a script become child jobs. */
export async function runQuery(request: QueryRequest, job: Job, context: BigQueryContext): Promise<JobOutcome> {
  checkLocation(context.catalog, request.projectId, request.location, checkQuery(request));
  const engine = await context.engine();
  const results = new Map<number, Result>();
  if (request.configuration.maximumBytesBilled) await checkBytesBilled(request, engine, job, context);
  const stopTimer = limitTime(request, job, context);
  const session = sessionOf(request, context);
  let result: RunResult;
  try {
    result = await engine.run({
      ...runRequest(request, job.abort.signal),
      ...(session ? { session } : {}),
      dryRun: false,
      sink: (statement) => {
        const rows = context.jobs.results.create();
        results.set(statement, rows);
        return rows;
      },
      beforeCommit: async (transaction, statement, isScript) => {
        const outcome = {
          statistics: isScript ? scriptStatistics([statement]) : queryStatistics(statement),
          configuration: queryConfiguration(job.configuration, isScript ? undefined : statement, request.projectId),
          rows: isScript ? ({ kind: "none" } as const) : rowsOf(request, statement, undefined, context),
        };
        const interrupted = new CloudError(
          "INTERNAL",
          "The script was interrupted when the local BigQuery stopped; what its earlier statements changed is kept.",
        );
        await context.jobs.record(
          transaction,
          job.stored(outcome, context.clock.now(), isScript ? interrupted : undefined),
        );
      },
    });
  } catch (thrown) {
    for (const rows of results.values()) context.jobs.results.drop(rows);
    throw thrown;
  } finally {
    stopTimer();
  }
  for (const rows of results.values()) rows.finish();
  result = await withBytes(result, context);
  const outcome = result.isScript
    ? await scriptOutcome(request, job, result, results, context)
    : statementOutcome(request, job, result.statements[0], results.get(0), context);
  if (!session) return outcome;
  return { ...outcome, statistics: { ...outcome.statistics, sessionInfo: { sessionId: session.id } } };
}

/** The session that the query makes or belongs to. */
function sessionOf({ configuration }: QueryRequest, { jobs }: BigQueryContext): RunRequest["session"] {
  if (configuration.createSession) return { id: jobs.newId("session_"), isNew: true };
  const named = configuration.connectionProperties?.find(({ key }) => key === "session_id");
  return named && { id: named.value, isNew: false };
}

/** What a dry run says: nothing is run, nothing is kept. @throws CloudError */
export async function dryRunQuery(
  request: QueryRequest,
  signal: AbortSignal,
  context: BigQueryContext,
): Promise<RunResult> {
  checkLocation(context.catalog, request.projectId, request.location, checkQuery(request));
  const engine = await context.engine();
  const sink = { begin: () => undefined, rows: () => undefined };
  return withBytes(await engine.run({ ...runRequest(request, signal), dryRun: true, sink: () => sink }), context);
}

/** Bytes that the engine does not count itself: those of the columns that a statement reads. */
async function withBytes(run: RunResult, { catalog }: BigQueryContext): Promise<RunResult> {
  const statements: StatementResult[] = [];
  for (const statement of run.statements) {
    const counted = statement.bytesProcessed > 0 || !statement.reads?.length;
    statements.push(
      counted ? statement : { ...statement, bytesProcessed: await bytesRead(catalog, statement.reads ?? []) },
    );
  }
  return { ...run, statements };
}

function runRequest(request: QueryRequest, signal: AbortSignal) {
  const { projectId, location, configuration } = request;
  const { defaultDataset, destinationTable } = configuration;
  const destination: QueryDestination | undefined = destinationTable
    ? {
        table: { ...destinationTable, projectId: destinationTable.projectId ?? projectId },
        createDisposition: configuration.createDisposition ?? "CREATE_IF_NEEDED",
        writeDisposition: configuration.writeDisposition ?? "WRITE_EMPTY",
        ...(configuration.timePartitioning ? { timePartitioning: configuration.timePartitioning } : {}),
        ...(configuration.rangePartitioning ? { rangePartitioning: configuration.rangePartitioning } : {}),
        ...(configuration.clustering ? { clustering: configuration.clustering } : {}),
        ...(configuration.schemaUpdateOptions ? { schemaUpdateOptions: configuration.schemaUpdateOptions } : {}),
      }
    : undefined;
  const parameters = configuration.queryParameters ?? [];
  const mode = configuration.parameterMode?.toLowerCase();
  const named = mode === "named" || (mode === undefined && parameters.some((parameter) => parameter.name));
  return {
    projectId,
    location,
    sql: checkQuery(request),
    parameters,
    parameterMode: named || parameters.length === 0 ? ("named" as const) : ("positional" as const),
    ...(defaultDataset?.datasetId
      ? { defaultDataset: { projectId: defaultDataset.projectId ?? projectId, datasetId: defaultDataset.datasetId } }
      : {}),
    ...(destination ? { destination } : {}),
    signal,
  };
}

/** The smallest amount that is billed for a query that reads anything (docs.cloud.google.com/bigquery/pricing). */
const BILLED_MIN = 10 * 1024 * 1024;

async function checkBytesBilled(
  request: QueryRequest,
  engine: Engine,
  job: Job,
  context: BigQueryContext,
): Promise<void> {
  const limit = Number(request.configuration.maximumBytesBilled);
  const sink = { begin: () => undefined, rows: () => undefined };
  const dry = await withBytes(
    await engine.run({ ...runRequest(request, job.abort.signal), dryRun: true, sink: () => sink }),
    context,
  );
  const billed = bytesBilled(dry.statements.reduce((sum, statement) => sum + statement.bytesProcessed, 0));
  if (billed <= limit) return;
  throw new CloudError(
    "INVALID_ARGUMENT",
    `Query exceeded limit for bytes billed: ${limit}. ${billed} or higher required.`,
    {
      reason: "bytesBilledLimitExceeded",
    },
  );
}

/** Rounded up to a megabyte. */
export function bytesBilled(bytesProcessed: number): number {
  if (bytesProcessed === 0) return 0;
  return Math.max(BILLED_MIN, Math.ceil(bytesProcessed / 1_048_576) * 1_048_576);
}

/** `jobTimeoutMs` stops the job; answers what takes the limit away. */
function limitTime({ jobTimeoutMs }: QueryRequest, job: Job, { clock }: BigQueryContext): () => void {
  if (jobTimeoutMs === undefined) return () => undefined;
  const timer = new AbortController();
  clock.sleep(jobTimeoutMs, timer.signal).then(
    () => {
      const text = `Job execution was cancelled: Job timed out after ${jobTimeoutMs / 1000}s`;
      job.abort.abort(new CloudError("CANCELLED", text, { reason: "stopped", httpStatus: 400 }));
    },
    () => undefined,
  );
  return () => timer.abort();
}

function statementOutcome(
  request: QueryRequest,
  job: Job,
  statement: StatementResult | undefined,
  result: Result | undefined,
  context: BigQueryContext,
): JobOutcome {
  return {
    configuration: queryConfiguration(job.configuration, statement, request.projectId),
    statistics: statement ? queryStatistics(statement) : {},
    rows: rowsOf(request, statement, result, context),
  };
}

function rowsOf(
  { configuration, projectId }: QueryRequest,
  statement: StatementResult | undefined,
  result: Result | undefined,
  { jobs }: BigQueryContext,
): JobRows {
  const destination = configuration.destinationTable;
  if (destination && statement?.schema && statement.ddlOperation === undefined) {
    if (result) jobs.results.drop(result);
    return { kind: "table", table: { ...destination, projectId: destination.projectId ?? projectId } };
  }
  if (result) return { kind: "result", result };
  // A CREATE TABLE answers the columns that it wrote, and no rows.
  return statement?.schema ? { kind: "none", fields: statement.schema } : { kind: "none" };
}

async function scriptOutcome(
  request: QueryRequest,
  job: Job,
  run: RunResult,
  results: ReadonlyMap<number, Result>,
  context: BigQueryContext,
): Promise<JobOutcome> {
  const hash = context.jobs.newId("script_job_");
  const children = run.statements.map((statement, index) => {
    const outcome: JobOutcome = {
      configuration: queryConfiguration(
        { ...job.configuration, query: { query: statement.span.text } },
        statement,
        request.projectId,
      ),
      statistics: { ...queryStatistics(statement), scriptStatistics: frames(statement) },
      rows: rowsOf({ ...request, configuration: {} }, statement, results.get(index), context),
    };
    context.jobs.addChild(job, `${hash}_${index}`, outcome, statement.startMs, statement.endMs);
    return outcome;
  });
  const first = request.configuration.scriptOptions?.keyResultStatement === "FIRST_SELECT";
  const withRows = children.filter(
    (child, index) => run.statements[index]?.evaluationKind !== "EXPRESSION" && child.rows.kind === "result",
  );
  // A script that ends in a change has no rows, whatever it selected before.
  const last = run.statements[run.statements.length - 1];
  const endsInChange = last?.ddlOperation !== undefined || last?.dmlStats !== undefined;
  const key = first ? withRows[0] : endsInChange ? undefined : withRows[withRows.length - 1];
  const outcome: JobOutcome = {
    configuration: { ...job.configuration, jobType: "QUERY" },
    statistics: {
      ...scriptStatistics(run.statements),
      numChildJobs: String(children.length),
    },
    rows: key?.rows ?? { kind: "none" },
  };
  if (run.statements.some((statement) => statement.dmlStats ?? statement.ddlOperation)) {
    await context.catalog.write((transaction) =>
      context.jobs.record(transaction, job.stored(outcome, context.clock.now())),
    );
  }
  return outcome;
}

function frames({ span, evaluationKind }: StatementResult): JsonObject {
  return { evaluationKind, stackFrames: [span] };
}
