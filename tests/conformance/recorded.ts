import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type BigQueryClient, type Json, ServiceError, type WireField } from "./client.js";
import { difference, rowsAsRecorded, shown } from "./values.js";

/** The answers that real BigQuery gave, where their file is there: beside the repository, in `../shared/golden`. */

export interface RecordedCase {
  readonly name: string;
  readonly sql: string;
  readonly setup: string;
  readonly setupRest: readonly { readonly method: string; readonly path: string; readonly body?: Json }[];
  readonly parameters: {
    readonly mode: "named" | "positional";
    readonly parameters: readonly RecordedParameter[];
  } | null;
  readonly jobConfig: Json | null;
  readonly expected: {
    readonly schema?: readonly WireField[];
    readonly rows?: readonly Json[];
    readonly error?: {
      readonly reason: string;
      readonly http_status: number;
      readonly message_pattern: string;
    };
    readonly job_metadata?: Json;
  };
}

interface RecordedParameter {
  readonly name?: string;
  readonly type: string | RecordedType;
  readonly value: unknown;
}
interface RecordedType {
  readonly type: string;
  readonly arrayType?: RecordedType;
  readonly structTypes?: readonly { readonly name?: string; readonly type: string | RecordedType }[];
}

/** Candidates from the repository's root (tests run compiled, in `build/tests`). */
const PLACES = ["../shared/golden", "../../shared/golden"];

export function recordedCases(root = process.cwd()): readonly RecordedCase[] {
  const file = PLACES.map((place) => resolve(root, place, "bigquery-recorded.jsonl")).find(existsSync);
  if (file === undefined) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(lenient(line)) as RecordedCase);
}

/** The file holds NaN and Infinity bare, as Python writes them, and integers that a double would round. */
function lenient(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') || !/^-?(?:Infinity|NaN|\d{16,})$/.test(token) ? token : `"${token}"`,
  );
}

/** Where cases that export write to. */
export const BUCKET = "conformance";

export interface Outcome {
  /** What is wrong; undefined when the answer is the recorded one. */
  readonly wrong: string | undefined;
  /** The answer came without Google's evaluator. */
  readonly native: boolean;
}

/** Runs one case in a dataset of its own, where it speaks of one. */
export async function runRecorded(recorded: RecordedCase, client: BigQueryClient, datasetId: string): Promise<Outcome> {
  const fillings = [
    ["PROJECT", client.project],
    ["DATASET_ID", datasetId],
    ["DATASET", `${client.project}.${datasetId}`],
    ["GCS_BUCKET", BUCKET],
    ["PRINCIPAL", "user:someone@example.com"],
  ] as const;
  const fill = <T>(value: T): T => {
    let text = JSON.stringify(value);
    for (const [name, filling] of fillings) text = text.replaceAll(`\${${name}}`, filling);
    return JSON.parse(text) as T;
  };
  const { sql, setup, setupRest, jobConfig } = fill(recorded);
  if (/\$\{DATASET/.test(JSON.stringify(recorded))) await client.createDataset(datasetId);
  try {
    if (setup.trim() !== "") await client.run(setup);
    for (const step of setupRest) await client.call(step.method, step.path, step.body);
  } catch (thrown) {
    return { wrong: `setup: ${thrown instanceof Error ? thrown.message : String(thrown)}`, native: false };
  }
  const { query, further } = configurationOf(jobConfig ?? {}, client.project);
  try {
    const answer = await client.query(
      { query: sql, useLegacySql: false, ...query, ...parametersOf(recorded) },
      further,
    );
    return { wrong: compare(recorded, answer), native: answer.native };
  } catch (thrown) {
    if (!(thrown instanceof ServiceError)) throw thrown;
    return { wrong: compareError(recorded, thrown), native: false };
  }
}

function configurationOf(config: Json, project: string): { readonly query: Json; readonly further: Json } {
  const query: Record<string, unknown> = {};
  const further: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    switch (name) {
      case "use_query_cache":
        query.useQueryCache = value;
        break;
      case "destination":
        query.destinationTable = tableOf(String(value));
        break;
      case "write_disposition":
        query.writeDisposition = value;
        break;
      case "create_disposition":
        query.createDisposition = value;
        break;
      case "default_dataset":
        query.defaultDataset = { projectId: project, datasetId: String(value).split(".").at(-1) };
        break;
      case "clustering_fields":
        query.clustering = { fields: value };
        break;
      case "time_partitioning":
        query.timePartitioning = timePartitioningOf(value as Json);
        break;
      case "range_partitioning":
        query.rangePartitioning = value;
        break;
      case "schema_update_options":
        query.schemaUpdateOptions = value;
        break;
      case "maximum_bytes_billed":
        query.maximumBytesBilled = String(value);
        break;
      case "priority":
        query.priority = value;
        break;
      case "create_session":
        query.createSession = value;
        break;
      case "dry_run":
        further.dryRun = value;
        break;
      case "labels":
        further.labels = value;
        break;
      case "job_timeout_ms":
        further.jobTimeoutMs = String(value);
        break;
      default:
        throw new Error(`nobody knows how job option ${name} goes over the wire`);
    }
  }
  return { query, further };
}

function timePartitioningOf(value: Json): Json {
  const { expiration_ms, require_partition_filter, ...rest } = value;
  return {
    ...rest,
    ...(expiration_ms !== undefined && { expirationMs: String(expiration_ms) }),
    ...(require_partition_filter !== undefined && { requirePartitionFilter: require_partition_filter }),
  };
}

function tableOf(name: string): Json {
  const [projectId, datasetId, tableId] = name.split(".");
  return { projectId, datasetId, tableId };
}

function parametersOf({ parameters }: RecordedCase): Json {
  if (!parameters) return {};
  return {
    parameterMode: parameters.mode.toUpperCase(),
    queryParameters: parameters.parameters.map(({ name, type, value }) => ({
      ...(name !== undefined && { name }),
      parameterType: typeOf(type),
      parameterValue: parameterValue(value, typeOf(type)),
    })),
  };
}

function typeOf(type: string | RecordedType): RecordedType {
  if (typeof type === "string") return { type };
  return {
    ...type,
    ...(type.structTypes && { structTypes: type.structTypes.map((field) => ({ ...field, type: typeOf(field.type) })) }),
  };
}

function parameterValue(value: unknown, type: RecordedType): Json {
  if (value === null) return { value: null };
  if (Array.isArray(value)) {
    return { arrayValues: value.map((item: unknown) => parameterValue(item, type.arrayType ?? { type: "STRING" })) };
  }
  if (typeof value === "object") {
    const fields = type.structTypes ?? [];
    const values = value as Json;
    return {
      structValues: Object.fromEntries(
        fields.map((field) => [field.name ?? "", parameterValue(values[field.name ?? ""], typeOf(field.type))]),
      ),
    };
  }
  return { value: String(value) };
}

function compareError({ expected }: RecordedCase, thrown: ServiceError): string | undefined {
  if (!expected.error) return `failed: ${thrown.message}`;
  if (thrown.reason !== expected.error.reason) return `reason ${thrown.reason}, expected ${expected.error.reason}`;
  if (thrown.httpStatus !== expected.error.http_status) {
    return `HTTP status ${thrown.httpStatus}, expected ${expected.error.http_status}`;
  }
  // Python's re.escape escapes blanks and more, which JavaScript's `u` flag would refuse and its plain form takes.
  return new RegExp(expected.error.message_pattern).test(thrown.message)
    ? undefined
    : `message ${shown(thrown.message)}, expected /${expected.error.message_pattern}/`;
}

function compare(
  { expected, sql }: RecordedCase,
  answer: Awaited<ReturnType<BigQueryClient["query"]>>,
): string | undefined {
  if (expected.error) return `answered, expected error ${expected.error.message_pattern}`;
  return (
    differenceOfSchema(answer.schema, expected.schema ?? [], "schema") ??
    differenceOfRows(rowsAsRecorded(answer), expected.rows ?? [], answer.schema, /\border\s+by\b/i.test(sql)) ??
    differenceOfJob(answer.job, expected.job_metadata ?? {})
  );
}

function differenceOfSchema(
  actual: readonly WireField[],
  expected: readonly WireField[],
  path: string,
): string | undefined {
  if (actual.length !== expected.length) return `${path}: ${actual.length} columns, expected ${expected.length}`;
  for (const [index, field] of expected.entries()) {
    const found = actual[index];
    const at = `${path}.${field.name}`;
    if (found?.name !== field.name) return `${at}: name ${found?.name}`;
    if (found.type !== field.type) return `${at}: type ${found.type}, expected ${field.type}`;
    if ((found.mode ?? "NULLABLE") !== (field.mode ?? "NULLABLE"))
      return `${at}: mode ${found.mode}, expected ${field.mode}`;
    const inner = field.fields && differenceOfSchema(found.fields ?? [], field.fields, at);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

export function differenceOfRows(
  actual: readonly unknown[],
  expected: readonly unknown[],
  fields: readonly WireField[],
  ordered: boolean,
): string | undefined {
  if (actual.length !== expected.length) {
    return `${actual.length} rows, expected ${expected.length}: ${shown(actual)}`;
  }
  const row: WireField = { name: "", type: "RECORD", fields };
  if (ordered) {
    for (const [index, found] of actual.entries()) {
      const wrong = difference(found, expected[index], row, `row ${index}`);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  const left = [...expected];
  for (const [index, found] of actual.entries()) {
    const at = left.findIndex((candidate) => difference(found, candidate, row, "") === undefined);
    if (at < 0)
      return difference(found, expected[index], row, `row ${index}`) ?? `row ${index} too often: ${shown(found)}`;
    left.splice(at, 1);
  }
  return undefined;
}

function differenceOfJob(job: Json, expected: Json): string | undefined {
  const statistics = ((job.statistics as Json | undefined)?.query ?? {}) as Json;
  const facts: Json = {
    statement_type: statistics.statementType,
    cache_hit: statistics.cacheHit,
    num_dml_affected_rows:
      statistics.numDmlAffectedRows === undefined ? undefined : Number(statistics.numDmlAffectedRows),
    ddl_operation_performed: statistics.ddlOperationPerformed,
  };
  for (const [name, value] of Object.entries(expected)) {
    if (!(name in facts)) continue;
    // A job that never touches a cache may say so or say nothing.
    if (name === "cache_hit" && value === false && facts.cache_hit === undefined) continue;
    if (facts[name] !== value) return `job's ${name}: ${shown(facts[name])}, expected ${shown(value)}`;
  }
  return undefined;
}
