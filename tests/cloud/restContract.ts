import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "activate/cloud/paths.js";

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

interface Api {
  readonly methods: readonly {
    readonly id: string;
    readonly httpMethod: string;
    readonly path: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly request?: { readonly $ref: string };
  }[];
  readonly schemas: Readonly<Record<string, Schema>>;
}

/** What we call of five APIs, cut from the Discovery documents in google-api-python-client 2.202.0. */
const apis = JSON.parse(readFileSync(join(repositoryRoot(), "tests/cloud/contract/restApis.json"), "utf8")) as Readonly<
  Record<string, Api>
>;

/** @returns the Discovery method's id and what is wrong with the request. */
export function checkRestRequest(
  name: string,
  verb: string,
  url: string,
  body: unknown,
): { method: string; faults: string[] } {
  const api = apis[name];
  const { pathname, searchParams } = new URL(url, "http://host");
  const path = pathname.slice(1);
  const method = api?.methods.find((one) => one.httpMethod === verb && pattern(one.path).test(path));
  if (!api || !method)
    return { method: `${name} ${verb} ${pathname}`, faults: ["no method of the Discovery document"] };
  const faults = [...searchParams.keys()].filter((key) => !(key in method.parameters)).map((key) => `parameter ${key}`);
  if (method.request && body !== undefined)
    faults.push(...faultsOf(api, body, { $ref: method.request.$ref }, method.request.$ref));
  else if (body !== undefined) faults.push("a body where none belongs");
  return { method: method.id, faults };
}

/** "v1/projects/{projectsId}/serviceAccounts/{serviceAccountsId}:getIamPolicy" */
const pattern = (path: string): RegExp => new RegExp(`^${path.replace(/\{\+?\w+\}/g, "[^/:]+")}$`);

function faultsOf(api: Api, value: unknown, schema: Schema, at: string): string[] {
  if (schema.$ref !== undefined) return faultsOf(api, value, api.schemas[schema.$ref] ?? {}, at);
  switch (schema.type) {
    case "object":
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at} is no object`];
      return Object.entries(value).flatMap(([name, inner]) => {
        const property = schema.properties?.[name] ?? schema.additionalProperties;
        return property ? faultsOf(api, inner, property, `${at}.${name}`) : [`${at}.${name} is unknown`];
      });
    case "array":
      if (!Array.isArray(value)) return [`${at} is no list`];
      return value.flatMap((item, index) => faultsOf(api, item, schema.items ?? {}, `${at}[${index}]`));
    case "string":
      if (typeof value !== "string") return [`${at} is no text`];
      return schema.enum && !schema.enum.includes(value) ? [`${at} is ${value}`] : [];
    case "integer":
    case "number":
      return typeof value === "number" ? [] : [`${at} is no number`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at} is no boolean`];
    default:
      return [`${at} has type ${schema.type}`];
  }
}
