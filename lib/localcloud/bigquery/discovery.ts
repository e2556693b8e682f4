import document from "./contract/bigquery.v2.json";

/**
 * Google's Discovery document of BigQuery v2 (PyPI google-api-python-client, descriptions left out): the routes we
 * serve and the shapes that requests and answers must have.
 */

export interface Schema {
  readonly id?: string;
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly readOnly?: boolean;
}

interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly flatPath: string;
  readonly request?: { readonly $ref: string };
  readonly response?: { readonly $ref: string };
}

interface Resource {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly resources?: Readonly<Record<string, Resource>>;
}

/** A method of the API as a request names it. */
export interface Route {
  /** "datasets.insert" */
  readonly method: string;
  readonly requestSchema: string | undefined;
  readonly responseSchema: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

export const schemas: Readonly<Record<string, Schema>> = document.schemas;

/** Names that the flat paths use for the parts of a resource name, and ours. */
const PARAMETER_NAMES: Readonly<Record<string, string>> = {
  projectsId: "projectId",
  datasetsId: "datasetId",
  tablesId: "tableId",
  jobsId: "jobId",
  queriesId: "jobId",
  modelsId: "modelId",
  routinesId: "routineId",
  rowAccessPoliciesId: "policyId",
};

interface CompiledRoute {
  readonly httpMethod: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly method: Omit<Route, "params">;
}

const compiled: readonly CompiledRoute[] = methodsOf(document as unknown as Resource).map((method) => {
  const names: string[] = [];
  const source = method.flatPath.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(PARAMETER_NAMES[name] ?? name);
    // An id holds no colon, except in a project of the old form "example.com:project".
    return name === "projectsId" ? "([^/]+?)" : "([^/:]+)";
  });
  return {
    httpMethod: method.httpMethod,
    pattern: new RegExp(`^${source}$`),
    names,
    method: {
      method: method.id.replace(/^bigquery\./, ""),
      requestSchema: method.request?.$ref,
      responseSchema: method.response?.$ref,
    },
  };
});

/** Every method of the contract, "datasets.insert" and so on. */
export const methodNames: readonly string[] = compiled.map((route) => route.method.method);

function methodsOf(resource: Resource): Method[] {
  return [
    ...Object.values(resource.methods ?? {}),
    ...Object.values(resource.resources ?? {}).flatMap((inner) => methodsOf(inner)),
  ];
}

/** The method that `httpMethod path` names; `path` is relative to the service ("projects/p/datasets"). */
export function findRoute(httpMethod: string, path: string): Route | undefined {
  for (const route of compiled) {
    if (route.httpMethod !== httpMethod) continue;
    const match = route.pattern.exec(path);
    if (!match) continue;
    const params: Record<string, string> = {};
    for (const [index, name] of route.names.entries()) params[name] = decodeURIComponent(match[index + 1] ?? "");
    return { ...route.method, params };
  }
  return undefined;
}

/** The document as this server answers it: the addresses are those by which the caller reached us. */
export function discoveryDocument(origin: string): string {
  return JSON.stringify({ ...document, rootUrl: `${origin}/`, baseUrl: `${origin}/bigquery/v2/` });
}
