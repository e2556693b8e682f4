import type { DistanceType } from "../../ml/kmeans/assign.js";
import { CloudError } from "../../platform/errors.js";
import type { ModelOption, OptionValue } from "../engine/modelHook.js";
import { invalidQuery, notSupported } from "../errors.js";
import { readTuningOptions, TUNING_OPTIONS, type TuningOptions } from "./tuning.js";

/** The options of a KMEANS model, validated, with their defaults (contracts 1.1). */
export interface KMeansCreateOptions {
  /** Undefined: tuned, or derived from the number of training rows. */
  readonly numClusters: number | undefined;
  readonly tuning: TuningOptions | undefined;
  readonly initMethod: "RANDOM" | "KMEANS++" | "CUSTOM";
  readonly initColumn: string | undefined;
  readonly distanceType: DistanceType;
  readonly standardizeFeatures: boolean;
  readonly maxIterations: number;
  readonly earlyStop: boolean;
  readonly minRelativeProgress: number;
  readonly warmStart: boolean;
  readonly registration: RegistrationOptions | undefined;
  /** Options of every resource. */
  readonly description?: string;
  readonly friendlyName?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface RegistrationOptions {
  /** Undefined: the model's own name. */
  readonly vertexModelId: string | undefined;
  readonly versionAliases: readonly string[];
}

type Options = readonly ModelOption[];

const MODEL_TYPES_ELSEWHERE =
  "AUTOENCODER PCA LINEAR_REG LOGISTIC_REG BOOSTED_TREE_CLASSIFIER BOOSTED_TREE_REGRESSOR RANDOM_FOREST_CLASSIFIER RANDOM_FOREST_REGRESSOR DNN_CLASSIFIER DNN_REGRESSOR DNN_LINEAR_COMBINED_CLASSIFIER DNN_LINEAR_COMBINED_REGRESSOR MATRIX_FACTORIZATION ARIMA_PLUS ARIMA_PLUS_XREG ARIMA TRANSFORM_ONLY TENSORFLOW TENSORFLOW_LITE ONNX XGBOOST AUTOML_CLASSIFIER AUTOML_REGRESSOR CONTRIBUTION_ANALYSIS".split(
    " ",
  );
const KMEANS_OPTIONS = [
  ..."MODEL_TYPE NUM_CLUSTERS KMEANS_INIT_METHOD KMEANS_INIT_COL DISTANCE_TYPE STANDARDIZE_FEATURES MAX_ITERATIONS EARLY_STOP MIN_REL_PROGRESS WARM_START MODEL_REGISTRY VERTEX_AI_MODEL_ID VERTEX_AI_MODEL_VERSION_ALIASES DESCRIPTION FRIENDLY_NAME LABELS".split(
    " ",
  ),
  ...TUNING_OPTIONS,
];

/**
 * Reads the options of CREATE MODEL.
 * @throws CloudError invalidQuery that names the option, the value and what is allowed; notImplemented for other model types.
 */
export function readKMeansOptions(options: Options): KMeansCreateOptions {
  const reader = new OptionReader(options);
  const modelType = reader.text("MODEL_TYPE")?.toUpperCase();
  if (modelType === undefined)
    throw invalidQuery("Option MODEL_TYPE must be specified in the OPTIONS of CREATE MODEL.");
  if (MODEL_TYPES_ELSEWHERE.includes(modelType)) {
    throw reader.placed(
      "MODEL_TYPE",
      notSupported(
        `MODEL_TYPE='${modelType}'`,
        "MODEL_TYPE='KMEANS' is; train other types on Google Cloud (ACTIVATE_TARGET=gcp).",
      ),
    );
  }
  if (modelType !== "KMEANS") {
    const error = invalidQuery(`Invalid value '${modelType}' for option MODEL_TYPE. Supported: 'KMEANS'.`);
    throw reader.placed("MODEL_TYPE", error);
  }
  refuseUnknown(options);

  const initMethod = reader.oneOf("KMEANS_INIT_METHOD", ["RANDOM", "KMEANS++", "CUSTOM"] as const) ?? "RANDOM";
  const initColumn = reader.text("KMEANS_INIT_COL");
  if (initColumn !== undefined && initMethod !== "CUSTOM") {
    const error = invalidQuery("Option KMEANS_INIT_COL can only be used with KMEANS_INIT_METHOD='CUSTOM'.");
    throw reader.placed("KMEANS_INIT_COL", error);
  }
  if (initColumn === undefined && initMethod === "CUSTOM") {
    const error = invalidQuery("Option KMEANS_INIT_COL must be specified with KMEANS_INIT_METHOD='CUSTOM'.");
    throw reader.placed("KMEANS_INIT_METHOD", error);
  }
  const tuning = readTuningOptions(reader);
  if (tuning && initMethod === "CUSTOM") {
    const error = invalidQuery("KMEANS_INIT_METHOD='CUSTOM' fixes the number of clusters: it cannot be tuned.");
    throw reader.placed("KMEANS_INIT_METHOD", error);
  }
  const warmStart = reader.boolean("WARM_START") ?? false;
  if (tuning && warmStart) {
    throw reader.placed("WARM_START", invalidQuery("Option WARM_START cannot be used with NUM_TRIALS."));
  }
  const general = generalOptions(reader);
  return {
    ...general,
    numClusters: tuning ? undefined : reader.integer("NUM_CLUSTERS", 2, 100),
    tuning,
    initMethod,
    initColumn,
    distanceType: reader.oneOf("DISTANCE_TYPE", ["EUCLIDEAN", "COSINE"] as const) ?? "EUCLIDEAN",
    standardizeFeatures: reader.boolean("STANDARDIZE_FEATURES") ?? true,
    maxIterations: reader.integer("MAX_ITERATIONS", 1, Number.MAX_SAFE_INTEGER) ?? 20,
    earlyStop: reader.boolean("EARLY_STOP") ?? true,
    minRelativeProgress: reader.number("MIN_REL_PROGRESS", 0) ?? 0.01,
    warmStart,
    registration: registrationOptions(reader),
  };
}

function refuseUnknown(options: Options): void {
  const seen = new Set<string>();
  for (const option of options) {
    const error = refusal(option.name, seen);
    if (error) throw placed(error, option);
    seen.add(option.name);
  }
}

function refusal(name: string, seen: ReadonlySet<string>): CloudError | undefined {
  if (name === "KMS_KEY_NAME") return notSupported("Option KMS_KEY_NAME", "Leave it out: there are no keys here.");
  if (name === "EXPIRATION_TIMESTAMP") {
    return notSupported("Option EXPIRATION_TIMESTAMP of a model", "Leave it out and DROP MODEL when it is time.");
  }
  if (!KMEANS_OPTIONS.includes(name)) {
    const like = nearest(name, KMEANS_OPTIONS);
    return invalidQuery(
      `Unknown option '${name.toLowerCase()}' for MODEL_TYPE='KMEANS'.${like ? ` Did you mean '${like.toLowerCase()}'?` : ""} Supported: ${KMEANS_OPTIONS.join(", ")}.`,
    );
  }
  return seen.has(name) ? invalidQuery(`Option ${name} is specified more than once.`) : undefined;
}

/** Options that describe any resource; CREATE and ALTER MODEL share them. */
export function generalOptions(
  reader: OptionReader,
): Pick<KMeansCreateOptions, "description" | "friendlyName" | "labels"> {
  const description = reader.text("DESCRIPTION");
  const friendlyName = reader.text("FRIENDLY_NAME");
  const labels = reader.labels("LABELS");
  return {
    ...(description === undefined ? {} : { description }),
    ...(friendlyName === undefined ? {} : { friendlyName }),
    ...(labels === undefined ? {} : { labels }),
  };
}

function registrationOptions(reader: OptionReader): RegistrationOptions | undefined {
  const registry = reader.oneOf("MODEL_REGISTRY", ["VERTEX_AI"] as const);
  const vertexModelId = reader.text("VERTEX_AI_MODEL_ID");
  const aliases = reader.texts("VERTEX_AI_MODEL_VERSION_ALIASES");
  if (!registry) {
    const alone = vertexModelId === undefined ? aliases && "VERTEX_AI_MODEL_VERSION_ALIASES" : "VERTEX_AI_MODEL_ID";
    if (alone) {
      throw reader.placed(alone, invalidQuery(`Option ${alone} can only be used with MODEL_REGISTRY='VERTEX_AI'.`));
    }
    return undefined;
  }
  if (vertexModelId !== undefined) {
    const error = vertexModelIdError(vertexModelId, "Option VERTEX_AI_MODEL_ID");
    if (error) throw reader.placed("VERTEX_AI_MODEL_ID", error);
  }
  for (const alias of aliases ?? []) {
    if (!/^[a-z][a-zA-Z0-9-]{0,126}[a-z0-9]$/.test(alias)) {
      const error = invalidQuery(
        `Invalid value '${alias}' for option VERTEX_AI_MODEL_VERSION_ALIASES: an alias must match [a-z][a-z0-9-]{0,126}[a-z0-9].`,
      );
      throw reader.placed("VERTEX_AI_MODEL_VERSION_ALIASES", error);
    }
  }
  return { vertexModelId, versionAliases: aliases ?? [] };
}

/** @throws CloudError invalidQuery when the id breaks Vertex AI's rule for model ids. */
export function checkVertexModelId(id: string, what: string): void {
  const error = vertexModelIdError(id, what);
  if (error) throw error;
}

function vertexModelIdError(id: string, what: string): CloudError | undefined {
  if (/^[a-z_][a-z0-9_-]{0,62}$/.test(id)) return undefined;
  return invalidQuery(
    `${what} '${id}' is not a valid Vertex AI model id: up to 63 of [a-z0-9_-], the first not a digit or hyphen. Set VERTEX_AI_MODEL_ID.`,
  );
}

/** The error with ` at [line:column]` of an option. */
export function placed(error: CloudError, option: ModelOption | undefined): CloudError {
  if (!option?.place) return error;
  const { line, column } = option.place;
  return new CloudError(error.status, `${error.message} at [${line}:${column}]`, error.details);
}

/** Typed access to the options of a statement; every error names the option, what was given and what is allowed. */
export class OptionReader {
  readonly #options: Options;
  readonly #values: ReadonlyMap<string, OptionValue>;

  constructor(options: Options) {
    this.#options = options;
    this.#values = new Map(options.map((option) => [option.name, option.value]));
  }

  /** The error with the place of the option that it is about. */
  placed(name: string, error: CloudError): CloudError {
    return placed(
      error,
      this.#options.find((option) => option.name === name),
    );
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** As it is, of any type. */
  value(name: string): OptionValue | undefined {
    return this.#values.get(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") throw this.#wrong(name, value, "a STRING");
    return value;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const given = this.text(name);
    if (given === undefined) return undefined;
    const found = allowed.find((value) => value === given.toUpperCase());
    if (!found) throw this.#wrong(name, given, `one of ${allowed.map((value) => `'${value}'`).join(", ")}`);
    return found;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "boolean") throw this.#wrong(name, value, "a BOOL");
    return value;
  }

  integer(name: string, min: number, max: number): number | undefined {
    const range = max === Number.MAX_SAFE_INTEGER ? `at least ${min}` : `between ${min} and ${max}`;
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "bigint") throw this.#wrong(name, value, `an INT64 ${range}`);
    if (value < BigInt(min) || value > BigInt(max)) throw this.#wrong(name, value, range);
    return Number(value);
  }

  number(name: string, min: number): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    const number = typeof value === "bigint" || typeof value === "string" ? Number(value) : value;
    if (typeof number !== "number" || !(number >= min)) throw this.#wrong(name, value, `a FLOAT64 of at least ${min}`);
    return number;
  }

  texts(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
      throw this.#wrong(name, value, "an ARRAY<STRING>");
    }
    return value as readonly string[];
  }

  /** `[('key', 'value'), …]` */
  labels(name: string): Readonly<Record<string, string>> | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw this.#wrong(name, value, "an ARRAY<STRUCT<STRING, STRING>>");
    const pairs = value.map((pair: OptionValue) => {
      const parts = Array.isArray(pair) ? pair : pair && typeof pair === "object" ? Object.values(pair) : [];
      if (parts.length !== 2 || parts.some((part) => typeof part !== "string")) {
        throw this.#wrong(name, value, "an ARRAY<STRUCT<STRING, STRING>>");
      }
      return parts as [string, string];
    });
    return Object.fromEntries(pairs);
  }

  #wrong(name: string, value: OptionValue, expected: string) {
    return this.placed(name, invalidQuery(`Invalid value ${shown(value)} for option ${name}: it must be ${expected}.`));
  }
}

function shown(value: OptionValue): string {
  if (typeof value === "string") return `'${value}'`;
  return JSON.stringify(value, (_, item: unknown) => (typeof item === "bigint" ? Number(item) : item));
}

/** The known name within a quarter of its letters, if any. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const scored = known.map((candidate) => ({ candidate, distance: editDistance(name, candidate) }));
  const best = scored.sort((a, b) => a.distance - b.distance)[0];
  return best && best.distance <= Math.ceil(best.candidate.length / 4) ? best.candidate : undefined;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
