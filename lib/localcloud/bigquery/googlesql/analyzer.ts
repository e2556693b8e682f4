import { type GoogleSqlArtifact, loadGoogleSqlArtifact } from "./artifact.js";
import type { AnyResolvedExpr, AnyResolvedStatement, Value } from "./contract/resolved.js";
import { GoogleSqlHost } from "./host.js";
import { Messages } from "./messages.js";

/** A field list as a request takes it: the protos' own names. */
export type Proto = Readonly<Record<string, unknown>>;

/** A node of the parse tree: its name in `node`, children as fields; typed by those who read it. */
export interface ParseNode {
  readonly node: string;
  readonly parse_location_range?: { readonly start: number; readonly end: number };
  readonly [field: string]: unknown;
}

export interface AnalyzeOptions {
  /** From `registerCatalog`. */
  readonly catalog: CatalogHandle;
  readonly namedParameters?: readonly { readonly name: string; readonly type: Proto }[];
  readonly positionalParameters?: readonly Proto[];
  /** Parameters that the request does not declare get the type that their place asks for (dry runs). */
  readonly allowUndeclaredParameters?: boolean;
  readonly systemVariables?: readonly { readonly name_path: readonly string[]; readonly type: Proto }[];
  readonly ddlPseudoColumns?: readonly { readonly name: string; readonly type: Proto }[];
}

/** A catalog that the module keeps; registered again by itself after a trap has cost the instance. */
export interface CatalogHandle {
  readonly catalog: Proto;
  readonly tableContent: readonly Proto[];
}

export interface EvaluateOptions {
  readonly parameters?: readonly { readonly name: string; readonly value: Proto; readonly type: Proto }[];
  /** Rows of the inline catalog's tables: `{key: table name, value: {table_data: {row: [{cell: [ValueProto]}]}}}`. */
  readonly tableContent?: readonly Proto[];
  /** Inline; the evaluator reads rows only beside an inline catalog. */
  readonly catalog?: Proto;
}

export interface EvaluatedRows {
  readonly columns: readonly { readonly name: string; readonly type: unknown }[];
  readonly rows: readonly { readonly cell: readonly Value[] }[];
}

/** Google's GoogleSQL: analyzer, parser, reference evaluator. Synchronous; each call takes milliseconds. */
export class GoogleSql {
  readonly #host: GoogleSqlHost;
  readonly #messages: Messages;
  readonly #registered = new Map<CatalogHandle, { readonly id: number; readonly generation: number }>();
  readonly #prepared = new Map<
    string,
    { readonly id: number; readonly generation: number; readonly columns: unknown }
  >();
  /** Every language feature, external product mode, every kind of statement. */
  readonly language: Proto;
  readonly #options: Proto;

  private constructor(host: GoogleSqlHost, messages: Messages) {
    this.#host = host;
    this.#messages = messages;
    const features = this.#call<Record<string, unknown>>(
      "GetLanguageOptions",
      "zetasql.local_service.LanguageOptionsRequest",
      { maximum_features: true },
      "zetasql.LanguageOptionsProto",
    );
    const enabled = features.enabled_language_features as readonly string[];
    this.language = {
      ...features,
      enabled_language_features: [
        ...enabled.filter((feature) => !LEFT_OUT_FEATURES.test(feature)),
        ...ADDED_FEATURES.filter((feature) => !enabled.includes(feature)),
      ],
      product_mode: "PRODUCT_EXTERNAL",
      supported_statement_kinds: [],
    };
    this.#options = {
      language_options: this.language,
      error_message_mode: "ERROR_MESSAGE_ONE_LINE",
      default_timezone: "UTC",
      enabled_rewrites: ENABLED_REWRITES,
      parse_location_record_type: "PARSE_LOCATION_RECORD_FULL_NODE_SCOPE",
      preserve_column_aliases: true,
      prune_unused_columns: true,
    };
  }

  /** Reads, checks and compiles the module (about half a second). @throws CloudError FAILED_PRECONDITION. */
  static async open(artifact: GoogleSqlArtifact = loadGoogleSqlArtifact()): Promise<GoogleSql> {
    const host = await GoogleSqlHost.open(artifact);
    return new GoogleSql(host, new Messages());
  }

  /** A catalog for later calls. Registration with the module happens at its first use (35 ms: its built-in functions). */
  catalog(catalog: Proto, tableContent: readonly Proto[] = []): CatalogHandle {
    return {
      catalog: { builtin_function_options: { language_options: this.language }, ...catalog },
      tableContent,
    };
  }

  releaseCatalog(handle: CatalogHandle): void {
    const entry = this.#registered.get(handle);
    this.#registered.delete(handle);
    if (!entry || entry.generation !== this.#host.generation) return;
    this.#call("UnregisterCatalog", "zetasql.local_service.UnregisterRequest", { registered_id: entry.id }, EMPTY);
  }

  /** @throws GoogleSqlError with the analyzer's text. @throws GoogleSqlTrap. */
  analyze(sql: string, options: AnalyzeOptions): AnyResolvedStatement {
    const answer = this.#call<{ readonly resolved_statement: AnyResolvedStatement }>(
      "Analyze",
      "zetasql.local_service.AnalyzeRequest",
      {
        sql_statement: sql,
        registered_catalog_id: this.#idOf(options.catalog),
        options: this.#analyzerOptions(options),
      },
      "zetasql.local_service.AnalyzeResponse",
    );
    return answer.resolved_statement;
  }

  analyzeExpression(sql: string, options: AnalyzeOptions): AnyResolvedExpr {
    const answer = this.#call<{ readonly resolved_expression: AnyResolvedExpr }>(
      "Analyze",
      "zetasql.local_service.AnalyzeRequest",
      {
        sql_expression: sql,
        registered_catalog_id: this.#idOf(options.catalog),
        options: this.#analyzerOptions(options),
      },
      "zetasql.local_service.AnalyzeResponse",
    );
    return answer.resolved_expression;
  }

  /** The tree of a whole script, with byte positions. @throws GoogleSqlError for a syntax error. */
  parseScript(sql: string): ParseNode {
    const answer = this.#call<{ readonly parsed_script: ParseNode }>(
      "Parse",
      "zetasql.local_service.ParseRequest",
      { sql_statement: sql, options: this.language, allow_script: true },
      "zetasql.local_service.ParseResponse",
    );
    return answer.parsed_script;
  }

  /** Names of tables as written, one list of segments each; CTEs and correlated arrays left out. */
  extractTableNames(sql: string): readonly (readonly string[])[] {
    const answer = this.#call<{
      readonly table_name: readonly { readonly table_name_segment: readonly string[] }[];
    }>(
      "ExtractTableNamesFromStatement",
      "zetasql.local_service.ExtractTableNamesFromStatementRequest",
      { sql_statement: sql, options: this.language, allow_script: true },
      "zetasql.local_service.ExtractTableNamesFromStatementResponse",
    );
    return answer.table_name.map((name) => name.table_name_segment);
  }

  /** Runs a query on the reference evaluator. Without an inline catalog only built-in functions are known. */
  evaluate(sql: string, options: EvaluateOptions = {}): EvaluatedRows {
    const answer = this.#call<{
      readonly content?: { readonly table_data?: { readonly row: EvaluatedRows["rows"] } };
      readonly prepared?: { readonly columns: EvaluatedRows["columns"] };
    }>(
      "EvaluateQuery",
      "zetasql.local_service.EvaluateQueryRequest",
      {
        sql,
        simple_catalog: {
          builtin_function_options: { language_options: this.language },
          ...(options.catalog ?? { name: "evaluation" }),
        },
        table_content: options.tableContent ?? [],
        options: this.#evaluatorOptions(options.parameters ?? []),
        params: (options.parameters ?? []).map(({ name, value }) => ({ name, value })),
      },
      "zetasql.local_service.EvaluateQueryResponse",
    );
    return { columns: answer.prepared?.columns ?? [], rows: answer.content?.table_data?.row ?? [] };
  }

  /**
   * Runs a query that is asked again and again with other parameters: prepared once per text and parameter types.
   * Only built-in functions are known to it. Used by functions that hand chunks of values to the evaluator.
   */
  evaluatePrepared(
    sql: string,
    parameters: readonly { readonly name: string; readonly value: Proto; readonly type: Proto }[],
  ): EvaluatedRows {
    const key = `${sql}\u0000${JSON.stringify(parameters.map(({ name, type }) => [name, type]))}`;
    let prepared = this.#prepared.get(key);
    if (!prepared || prepared.generation !== this.#host.generation) {
      const answer = this.#call<{
        readonly prepared: { readonly prepared_query_id: number; readonly columns: unknown };
      }>(
        "PrepareQuery",
        "zetasql.local_service.PrepareQueryRequest",
        {
          sql,
          simple_catalog: { name: "prepared", builtin_function_options: { language_options: this.language } },
          options: this.#evaluatorOptions(parameters),
        },
        "zetasql.local_service.PrepareQueryResponse",
      );
      prepared = {
        id: answer.prepared.prepared_query_id,
        generation: this.#host.generation,
        columns: answer.prepared.columns,
      };
      this.#evictPrepared();
      this.#prepared.set(key, prepared);
    }
    const answer = this.#call<{ readonly content?: { readonly table_data?: { readonly row: EvaluatedRows["rows"] } } }>(
      "EvaluateQuery",
      "zetasql.local_service.EvaluateQueryRequest",
      { prepared_query_id: prepared.id, params: parameters.map(({ name, value }) => ({ name, value })) },
      "zetasql.local_service.EvaluateQueryResponse",
    );
    return {
      columns: prepared.columns as EvaluatedRows["columns"],
      rows: answer.content?.table_data?.row ?? [],
    };
  }

  #evictPrepared(): void {
    if (this.#prepared.size < PREPARED_MAX) return;
    const oldest = this.#prepared.entries().next().value;
    if (!oldest) return;
    this.#prepared.delete(oldest[0]);
    if (oldest[1].generation !== this.#host.generation) return;
    this.#call(
      "UnprepareQuery",
      "zetasql.local_service.UnprepareQueryRequest",
      { prepared_query_id: oldest[1].id },
      EMPTY,
    );
  }

  #evaluatorOptions(parameters: readonly { readonly name: string; readonly type: Proto }[]): Proto {
    return { ...this.#options, query_parameters: parameters.map(({ name, type }) => ({ name, type })) };
  }

  #analyzerOptions(options: AnalyzeOptions): Proto {
    return {
      ...this.#options,
      allow_undeclared_parameters: options.allowUndeclaredParameters ?? false,
      parameter_mode: options.positionalParameters ? "PARAMETER_POSITIONAL" : "PARAMETER_NAMED",
      query_parameters: options.namedParameters ?? [],
      positional_query_parameters: options.positionalParameters ?? [],
      system_variables: options.systemVariables ?? [],
      ddl_pseudo_columns: options.ddlPseudoColumns ?? [],
    };
  }

  #idOf(handle: CatalogHandle): number {
    const known = this.#registered.get(handle);
    if (known && known.generation === this.#host.generation) return known.id;
    const answer = this.#call<{ readonly registered_id: number }>(
      "RegisterCatalog",
      "zetasql.local_service.RegisterCatalogRequest",
      { simple_catalog: handle.catalog, table_content: handle.tableContent },
      "zetasql.local_service.RegisterResponse",
    );
    this.#registered.set(handle, { id: answer.registered_id, generation: this.#host.generation });
    return answer.registered_id;
  }

  #call<T>(method: string, requestType: string, request: Proto, answerType: string): T {
    const bytes = this.#host.call(method, this.#messages.encode(requestType, request));
    return this.#messages.decode<T>(answerType, bytes);
  }
}

const EMPTY = "google.protobuf.Empty";
/** Prepared queries that the module keeps at most. */
const PREPARED_MAX = 200;

/** Features of GoogleSQL that BigQuery does not have, or whose nodes serve other engines only. */
const LEFT_OUT_FEATURES =
  /DISALLOW_GROUP_BY_FLOAT|TIMESTAMP_NANOS|TIMESTAMP_PICOS|TIMESTAMP_PRECISION|CONDITIONAL_EVALUATION|ROW_TYPE|UUID_TYPE|MAP_TYPE|MEASURE|SQL_GRAPH|DISABLE_OUTER_JOIN_ARRAY|SPANNER_LEGACY|PRIMARY_KEY_UPDATES|NULL_PRIMARY_KEYS|ANONYMIZATION|DIFFERENTIAL|FOR_UPDATE|_TEST_|LATERAL_COLUMN|EXPERIMENTAL|PROTO/;

/** Features that BigQuery has and GoogleSQL leaves out of its maximum. */
const ADDED_FEATURES: readonly string[] = [
  "FEATURE_CREATE_TABLE_CLONE",
  "FEATURE_CREATE_TABLE_COPY",
  "FEATURE_CREATE_TABLE_LIKE",
  "FEATURE_CREATE_SNAPSHOT_TABLE",
  "FEATURE_CREATE_TABLE_PARTITION_BY",
  "FEATURE_CREATE_TABLE_CLUSTER_BY",
  "FEATURE_CREATE_MATERIALIZED_VIEW_PARTITION_BY",
  "FEATURE_CREATE_MATERIALIZED_VIEW_CLUSTER_BY",
  "FEATURE_CREATE_TABLE_NOT_NULL",
  "FEATURE_CREATE_TABLE_FIELD_ANNOTATIONS",
  "FEATURE_COLUMN_DEFAULT_VALUE",
  "FEATURE_ALTER_TABLE_RENAME_COLUMN",
  "FEATURE_ALTER_COLUMN_SET_DATA_TYPE",
  "FEATURE_PARAMETERIZED_TYPES",
  "FEATURE_UNENFORCED_PRIMARY_KEYS",
  "FEATURE_FOREIGN_KEYS",
  "FEATURE_DML_UPDATE_WITH_JOIN",
];

/** What the analyzer rewrites into plainer nodes, so that the writer and the evaluator have fewer to know. */
const ENABLED_REWRITES: readonly string[] = [
  "REWRITE_FLATTEN",
  "REWRITE_ARRAY_FILTER_TRANSFORM",
  "REWRITE_UNPIVOT",
  "REWRITE_PIVOT",
  "REWRITE_ARRAY_INCLUDES",
  "REWRITE_TYPEOF_FUNCTION",
  "REWRITE_NULLIFERROR_FUNCTION",
  "REWRITE_LIKE_ANY_ALL",
  "REWRITE_BUILTIN_FUNCTION_INLINER",
  "REWRITE_INLINE_SQL_FUNCTIONS",
  "REWRITE_INLINE_SQL_TVFS",
  "REWRITE_INLINE_SQL_UDAS",
  "REWRITE_MULTIWAY_UNNEST",
  "REWRITE_PIPE_ASSERT",
  "REWRITE_PIPE_IF",
  "REWRITE_GENERALIZED_QUERY_STMT",
  "REWRITE_IS_FIRST_IS_LAST_FUNCTION",
  "REWRITE_APPLY_ENABLED_REWRITES_TO_TEMPLATED_FUNCTION_CALLS",
  "REWRITE_UPDATE_CONSTRUCTOR",
];
