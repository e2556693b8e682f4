import type { CatalogReader } from "../catalog.js";
import type { RoutineRecord, TableRecord } from "../resources.js";
import type { DatasetReference, SqlType } from "../schema.js";
import type { NameScope } from "./binding.js";
import type { QueryParameterValue } from "./engine.js";
import type { ModelHook } from "./modelHook.js";
import type { SessionState } from "./sessions.js";

/** A script variable: its type for the analyzer, its value as a DuckDB expression. */
export interface Variable {
  readonly type: SqlType;
  sql: string;
}

/** What statements of one request share: names, parameters, variables, temporary tables and functions. */
export class Session {
  readonly projectId: string;
  readonly defaultDataset: DatasetReference | undefined;
  readonly models: ModelHook | undefined;
  /** Look-ups; within an open transaction the transaction's own. */
  catalog: CatalogReader;
  /** DuckDB expressions by marker key: `@name`, `#position`. */
  readonly parameters = new Map<string, string>();
  /** The same as they were sent, for those who need values before anything runs. */
  readonly parameterValues = new Map<string, QueryParameterValue>();
  readonly namedTypes: { readonly name: string; readonly type: SqlType }[] = [];
  readonly positionalTypes: SqlType[] = [];
  positional = false;
  allowUndeclared = false;
  /** Innermost last. */
  readonly scopes: Map<string, Variable>[] = [];
  readonly systemVariables: Map<string, Variable>;
  readonly temporaryTables: Map<string, TableRecord>;
  readonly temporaryRoutines: Map<string, RoutineRecord>;
  /** Of a session that outlives the request (`createSession`). */
  readonly kept: SessionState | undefined;

  constructor(options: {
    readonly projectId: string;
    readonly defaultDataset: DatasetReference | undefined;
    readonly catalog: CatalogReader;
    readonly models: ModelHook | undefined;
    readonly kept?: SessionState;
  }) {
    const { kept } = options;
    this.kept = kept;
    if (kept) this.scopes.push(kept.variables);
    this.systemVariables = kept?.systemVariables ?? new Map();
    this.temporaryTables = kept?.tables ?? new Map();
    this.temporaryRoutines = kept?.routines ?? new Map();
    this.projectId = options.projectId;
    this.defaultDataset = options.defaultDataset;
    this.catalog = options.catalog;
    this.models = options.models;
  }

  get names(): NameScope {
    return {
      catalog: this.catalog,
      models: this.models,
      projectId: this.projectId,
      defaultDataset: this.defaultDataset,
      temporary: {
        table: (name) => this.temporaryTables.get(name),
        routine: (name) => this.temporaryRoutines.get(name),
      },
    };
  }

  /** By lower-case name. */
  variable(name: string): Variable | undefined {
    for (let index = this.scopes.length - 1; index >= 0; index--) {
      const found = this.scopes[index]?.get(name);
      if (found) return found;
    }
    return undefined;
  }

  /** Every variable in reach. */
  variables(): Map<string, Variable> {
    const all = new Map<string, Variable>();
    for (const scope of this.scopes) for (const [name, variable] of scope) all.set(name, variable);
    return all;
  }
}
