import type { CatalogHandle, GoogleSql, Proto } from "../googlesql/analyzer.js";
import type { AnyResolvedExpr, AnyResolvedStatement } from "../googlesql/contract/resolved.js";
import type { Names } from "../googlesql/names.js";
import { namesIn, unquotePaths } from "../googlesql/names.js";
import { typeName, typeProtoOf } from "../googlesql/types.js";
import { type Bound, bindNames, catalogProto, looksSame, pathKey, sameBinding } from "./binding.js";
import { analysisError } from "./errors.js";
import type { Session } from "./session.js";
import { bindTableFunctions, type TableFunctionCall } from "./tableFunctions.js";

/** What the names of an analyzed text meant. */
export interface NamesOfStatement {
  /** A table's serialization id in the statement is its index here. */
  readonly bound: readonly Bound[];
  /** `ML.*` calls by the name that the analyzer knows them by. */
  readonly tableFunctions: ReadonlyMap<string, TableFunctionCall>;
}

/** A statement as the analyzer resolved it. */
export interface Analyzed extends NamesOfStatement {
  readonly statement: AnyResolvedStatement;
}

interface CachedCatalog {
  readonly bound: readonly Bound[];
  readonly byPath: ReadonlyMap<string, Bound>;
  readonly extra: string;
  readonly handle: CatalogHandle;
}

/** Catalogs that stay registered with the analyzer: registering one costs more than analyzing a statement. */
const CATALOGS_MAX = 32;

const EXPRESSIONS_MAX = 500;

/** Analyzes statements with catalogs of just the names they hold. */
export class Analysis {
  readonly #googleSql: GoogleSql;
  #catalogs: CachedCatalog[] = [];
  /** A loop's conditions are asked again and again. */
  readonly #expressions = new Map<
    string,
    { readonly expression: AnyResolvedExpr; readonly catalog: CachedCatalog; readonly analyzed: NamesOfStatement }
  >();

  constructor(googleSql: GoogleSql) {
    this.#googleSql = googleSql;
  }

  get googleSql(): GoogleSql {
    return this.#googleSql;
  }

  /** @throws CloudError in BigQuery's words. */
  analyze(sql: string, session: Session, location: string, names: Names = namesIn(sql)): Analyzed {
    try {
      const prepared = bindTableFunctions(sql, names, session, this);
      return this.analyzeBound(prepared.sql, session, names, prepared.calls);
    } catch (thrown) {
      throw analysisError(thrown, session.names, location);
    }
  }

  /** An expression of a script. @throws CloudError in BigQuery's words. */
  analyzeExpression(
    written: string,
    session: Session,
    location: string,
  ): { readonly expression: AnyResolvedExpr; readonly analyzed: NamesOfStatement } {
    const sql = unquotePaths(written);
    try {
      const catalog = this.catalogFor(namesIn(sql), session, new Map());
      const key = `${sessionKey(session)}\u0000${sql}`;
      const known = this.#expressions.get(key);
      if (known?.catalog === catalog) return known;
      const options = { ...this.#options(session), catalog: catalog.handle };
      const expression = this.#googleSql.analyzeExpression(sql, options);
      const found = { expression, catalog, analyzed: { bound: catalog.bound, tableFunctions: new Map() } };
      if (this.#expressions.size >= EXPRESSIONS_MAX) this.#expressions.clear();
      this.#expressions.set(key, found);
      return found;
    } catch (thrown) {
      throw analysisError(thrown, session.names, location);
    }
  }

  /** As `analyze`, table functions already known; errors come as the analyzer throws them. */
  analyzeBound(sql: string, session: Session, names: Names, calls: ReadonlyMap<string, TableFunctionCall>): Analyzed {
    const catalog = this.catalogFor(names, session, calls);
    const statement = this.#googleSql.analyze(sql, { ...this.#options(session), catalog: catalog.handle });
    return { statement, bound: catalog.bound, tableFunctions: calls };
  }

  /** The registered catalog for a text's names. */
  catalogFor(names: Names, session: Session, calls: ReadonlyMap<string, TableFunctionCall>): CachedCatalog {
    const bound = this.bind(names, session);
    const constants = [...session.variables()].map(([name, variable]) => ({
      name_path: [name],
      type: typeProtoOf(variable.type),
      value: {},
    }));
    const extra = JSON.stringify([constants, [...calls.values()].map((call) => call.proto)]);
    const wanted = new Map(bound.map((entry) => [pathKey(entry.path), entry]));
    const found = this.#catalogs.find((cached) => cached.extra === extra && fits(cached, wanted, names));
    if (found) {
      const current = withCurrent(found, wanted);
      this.#catalogs = [current, ...this.#catalogs.filter((cached) => cached !== found)];
      return current;
    }
    const made: CachedCatalog = {
      bound,
      byPath: new Map(bound.map((entry) => [pathKey(entry.path), entry])),
      extra,
      handle: this.#googleSql.catalog(
        catalogProto(bound, { constants, calls: [...calls.values()], models: session.models }),
      ),
    };
    this.#catalogs.unshift(made);
    for (const old of this.#catalogs.splice(CATALOGS_MAX)) this.#googleSql.releaseCatalog(old.handle);
    return made;
  }

  /** What the names mean, those of SQL routines' bodies included: the analyzer inlines them. */
  bind(names: Names, session: Session): readonly Bound[] {
    const all = new Map<string, Bound>();
    let paths = names.paths;
    for (let depth = 0; paths.length > 0 && depth < 16; depth++) {
      const inner: (readonly string[])[] = [];
      for (const entry of bindNames(paths, session.names)) {
        const key = pathKey(entry.path);
        if (all.has(key)) continue;
        all.set(key, entry);
        if (entry.kind === "routine" && entry.record.resource.language !== "JAVASCRIPT")
          inner.push(...namesIn(unquotePaths(String(entry.record.resource.definitionBody ?? ""))).paths);
      }
      paths = inner;
    }
    return [...all.values()].sort((a, b) => (pathKey(a.path) < pathKey(b.path) ? -1 : 1));
  }

  #options(session: Session): { readonly [key: string]: unknown } & {
    readonly namedParameters: readonly { readonly name: string; readonly type: Proto }[];
  } {
    return {
      namedParameters: session.namedTypes.map(({ name, type }) => ({ name, type: typeProtoOf(type) })),
      ...(session.positional ? { positionalParameters: session.positionalTypes.map(typeProtoOf) } : {}),
      allowUndeclaredParameters: session.allowUndeclared,
      systemVariables: [...session.systemVariables].map(([name, variable]) => ({
        name_path: name.split("."),
        type: typeProtoOf(variable.type),
      })),
    };
  }
}

/**
 * Does a registered catalog serve a statement? It has what the statement's names mean now, as far as the analyzer sees it,
 * and nothing that they meant once (a dropped table, another script's temporary one). What else it knows does no harm.
 */
function fits(cached: CachedCatalog, wanted: ReadonlyMap<string, Bound>, names: Names): boolean {
  for (const [key, entry] of wanted) {
    const known = cached.byPath.get(key);
    if (!known || !looksSame(known, entry)) return false;
  }
  return names.paths.every((path) =>
    path.every((_, index) => {
      const key = pathKey(path.slice(0, index + 1));
      return wanted.has(key) || !cached.byPath.has(key);
    }),
  );
}

/** The same registered catalog, its names bound to the records of now: a table or a model that was replaced looks the same. */
function withCurrent(cached: CachedCatalog, wanted: ReadonlyMap<string, Bound>): CachedCatalog {
  if ([...wanted].every(([key, entry]) => isSameBinding(cached.byPath.get(key), entry))) return cached;
  const bound = cached.bound.map((entry) => wanted.get(pathKey(entry.path)) ?? entry);
  return { ...cached, bound, byPath: new Map(bound.map((entry) => [pathKey(entry.path), entry])) };
}

const isSameBinding = (known: Bound | undefined, entry: Bound): boolean =>
  known !== undefined && sameBinding(known, entry);

/** Everything but the text that the meaning of a statement rests on, beside the bound names. */
export function sessionKey(session: Session): string {
  const types = (list: readonly { readonly name: string; readonly type: Parameters<typeof typeName>[0] }[]) =>
    list.map(({ name, type }) => `${name} ${typeName(type)}`).join(",");
  const dataset = session.defaultDataset;
  return [
    session.projectId,
    dataset ? `${dataset.projectId}.${dataset.datasetId}` : "",
    types(session.namedTypes),
    session.positional ? session.positionalTypes.map(typeName).join(",") : "-",
    types([...session.variables()].map(([name, variable]) => ({ name, type: variable.type }))),
    String(session.allowUndeclared),
    [...session.systemVariables.keys()].join(","),
  ].join("|");
}
