import type { CloudError } from "./errors.js";

/**
 * A Discovery document (developers.google.com/discovery/v1/reference/apis) as a contract: the routes of an API that has
 * no protos, and the shapes of what it takes and gives.
 */

export interface DiscoverySchema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly readOnly?: boolean;
  readonly properties?: Readonly<Record<string, DiscoverySchema>>;
  readonly additionalProperties?: DiscoverySchema;
  readonly items?: DiscoverySchema;
}

interface DiscoveryMethod {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  /** The path with every segment spelled out, where `path` takes several as one ("{+resource}:getIamPolicy"). */
  readonly flatPath?: string;
  readonly request?: { readonly $ref: string };
  readonly response?: { readonly $ref: string };
}

interface DiscoveryResource {
  readonly methods?: Readonly<Record<string, DiscoveryMethod>>;
  readonly resources?: Readonly<Record<string, DiscoveryResource>>;
}

export interface DiscoveryDocument extends DiscoveryResource {
  readonly name: string;
  readonly schemas: Readonly<Record<string, DiscoverySchema>>;
}

/** A method as a request names it. */
export interface DiscoveryRoute {
  /** Without the API's name: "objects.insert". */
  readonly method: string;
  readonly requestSchema: string | undefined;
  readonly responseSchema: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

export type JsonObject = { readonly [name: string]: unknown };

/** How an API treats what its bodies hold beside what it honours. */
export interface BodyRules {
  /** Paths below a schema ("Bucket.ipFilter") that are refused by name unless they say nothing. */
  readonly refused: ReadonlySet<string>;
  readonly invalid: (message: string) => CloudError;
  readonly refuse: (path: string) => CloudError;
}

/** How an API's paths are read, where that is not by the document alone. */
export interface PathRules {
  /** Names of handlers for those that flat paths use: "projectsId" is "projectId". */
  readonly names?: Readonly<Record<string, string>>;
  /** What a parameter may match: any segment by default. */
  readonly segment?: (name: string) => string;
}

interface CompiledRoute {
  readonly httpMethod: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly route: Omit<DiscoveryRoute, "params">;
}

export class Discovery {
  readonly #document: DiscoveryDocument;
  readonly #routes: readonly CompiledRoute[];

  constructor(document: DiscoveryDocument, rules: PathRules = {}) {
    this.#document = document;
    this.#routes = methodsOf(document).map((method) => compile(method, document.name, rules));
  }

  get schemas(): Readonly<Record<string, DiscoverySchema>> {
    return this.#document.schemas;
  }

  /** Every method of the contract, and the schema of its answer. */
  get methods(): readonly Omit<DiscoveryRoute, "params">[] {
    return this.#routes.map(({ route }) => route);
  }

  /** @param path relative to the service, percent-encoded: "b/shop/o/a%2Fb". */
  find(httpMethod: string, path: string): DiscoveryRoute | undefined {
    for (const { httpMethod: verb, pattern, names, route } of this.#routes) {
      if (verb !== httpMethod) continue;
      const match = pattern.exec(path);
      if (!match) continue;
      const params = Object.fromEntries(names.map((name, index) => [name, decode(match[index + 1] ?? "")]));
      return { ...route, params };
    }
    return undefined;
  }

  /** Does any method have this path, whatever its HTTP verb? */
  hasPath(path: string): boolean {
    return this.#routes.some(({ pattern }) => pattern.test(path));
  }

  /**
   * Reads a body against its schema: numbers, booleans and texts are brought to the form that the schema names, names
   * that it does not have are left out (so do the APIs that have no protos), null is kept.
   * @throws CloudError what `rules` makes of a value of the wrong type and of a field that is refused.
   */
  read(schemaName: string, body: unknown, rules: BodyRules): JsonObject {
    return readObject(this.#document.schemas, schemaName, body, schemaName, rules);
  }
}

function methodsOf(resource: DiscoveryResource): DiscoveryMethod[] {
  return [
    ...Object.values(resource.methods ?? {}),
    ...Object.values(resource.resources ?? {}).flatMap((inner) => methodsOf(inner)),
  ];
}

function compile(method: DiscoveryMethod, api: string, rules: PathRules): CompiledRoute {
  const names: string[] = [];
  const source = (method.flatPath ?? method.path).replace(/\{\+?(\w+)\}/g, (_, sent: string) => {
    const name = rules.names?.[sent] ?? sent;
    names.push(name);
    return rules.segment?.(name) ?? "([^/]+)";
  });
  return {
    httpMethod: method.httpMethod,
    pattern: new RegExp(`^${source}$`),
    names,
    route: {
      method: method.id.slice(api.length + 1),
      requestSchema: method.request?.$ref,
      responseSchema: method.response?.$ref,
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

type Schemas = Readonly<Record<string, DiscoverySchema>>;

function readObject(schemas: Schemas, name: string, value: unknown, path: string, rules: BodyRules): JsonObject {
  const schema = schemas[name];
  if (!schema) throw new Error(`no schema ${name}`);
  return readProperties(schemas, schema, value, path, rules);
}

function readProperties(
  schemas: Schemas,
  schema: DiscoverySchema,
  value: unknown,
  path: string,
  rules: BodyRules,
): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw rules.invalid(`Invalid value at '${path}' (an object is expected): ${JSON.stringify(value)}`);
  }
  const result: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const property = schema.properties?.[name];
    if (!property) continue;
    const at = `${path}.${name}`;
    if (rules.refused.has(at)) {
      if (saysNothing(inner)) continue;
      throw rules.refuse(at);
    }
    result[name] = inner === null ? null : readValue(schemas, property, inner, at, rules);
  }
  return result;
}

function readValue(schemas: Schemas, schema: DiscoverySchema, value: unknown, path: string, rules: BodyRules): unknown {
  if (schema.$ref) return readObject(schemas, schema.$ref, value, path, rules);
  const wrong = (type: string) => rules.invalid(`Invalid value at '${path}' (${type}): ${JSON.stringify(value)}`);
  switch (schema.type) {
    case "array":
      if (!Array.isArray(value)) throw wrong("a list is expected");
      return value.map((item) => readValue(schemas, schema.items ?? {}, item, path, rules));
    case "object":
      if (schema.properties) return readProperties(schemas, schema, value, path, rules);
      if (!schema.additionalProperties) return value;
      return readMap(schemas, schema.additionalProperties, value, path, rules);
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      throw wrong("a boolean is expected");
    case "integer":
      if (Number.isInteger(Number(value)) && value !== "") return Number(value);
      throw wrong("an integer is expected");
    case "string":
      return readText(schema.format, value, wrong);
    default:
      return value;
  }
}

function readMap(
  schemas: Schemas,
  schema: DiscoverySchema,
  value: unknown,
  path: string,
  rules: BodyRules,
): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw rules.invalid(`Invalid value at '${path}' (an object is expected): ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner === null ? null : readValue(schemas, schema, inner, `${path}.${key}`, rules),
    ]),
  );
}

function readText(format: string | undefined, value: unknown, wrong: (type: string) => CloudError): string {
  switch (format) {
    case "int64":
    case "uint64":
      if (/^-?\d+$/.test(String(value))) return String(value);
      throw wrong("a whole number is expected");
    case "date-time":
      if (typeof value === "string" && Number.isFinite(Date.parse(value))) return new Date(value).toISOString();
      throw wrong("a time of RFC 3339 is expected");
    case "date":
      if (typeof value === "string" && Number.isFinite(Date.parse(value))) return value.slice(0, 10);
      throw wrong("a date YYYY-MM-DD is expected");
    default:
      if (typeof value === "string") return value;
      if (typeof value === "number" || typeof value === "boolean") return String(value);
      throw wrong("a text is expected");
  }
}

/** Null, false, empty lists and objects ask for nothing. */
export function saysNothing(value: unknown): boolean {
  if (value === null || value === false || value === "") return true;
  return typeof value === "object" && Object.values(value as object).every(saysNothing);
}

/**
 * Merges a patch into a resource (contracts 5.7): absent keeps, an object merges field by field, a list replaces, null
 * removes.
 */
export function mergeDeep<T extends object>(resource: T, patch: JsonObject): T {
  const result: Record<string, unknown> = { ...(resource as Record<string, unknown>) };
  for (const [name, value] of Object.entries(patch)) {
    const before = result[name];
    if (value === null) delete result[name];
    else if (isObject(value)) result[name] = mergeDeep(isObject(before) ? before : {}, value);
    else result[name] = value;
  }
  return result as T;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
