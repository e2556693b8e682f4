import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "activate/cloud/paths.js";
import { Enum, type Field, Root, type Type } from "protobufjs";

/** What is wrong with a request by Google's own contracts; nothing when it keeps them. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
}

interface Method {
  readonly id: string;
  readonly httpMethod: string;
  readonly path: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly request?: { readonly $ref: string };
}

interface Discovery {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly resources: Readonly<Record<string, { readonly methods: Readonly<Record<string, Method>> }>>;
}

const discovery: Discovery = JSON.parse(
  readFileSync(join(repositoryRoot(), "lib/localcloud/bigquery/contract/bigquery.v2.json"), "utf8"),
);
const methods = Object.values(discovery.resources).flatMap((resource) => Object.values(resource.methods));

/** @param url path and query below the host. @returns the Discovery method's id and what is wrong. */
export function checkBigQueryRequest(verb: string, url: string, body: unknown): { method: string; faults: string[] } {
  const { pathname, searchParams } = new URL(url, "http://host");
  const path = pathname.replace(/^(\/upload)?\/bigquery\/v2\//, "");
  const method = methods.find((candidate) => candidate.httpMethod === verb && pattern(candidate.path).test(path));
  if (method === undefined) return { method: `${verb} ${pathname}`, faults: ["no method of the Discovery document"] };
  const known = [...Object.keys(method.parameters ?? {}), ...Object.keys(discovery.parameters), "uploadType"];
  const faults = [...searchParams.keys()]
    .filter((name) => !isKnownParameter(name, known))
    .map((name) => `parameter ${name}`);
  if (body !== undefined) {
    if (method.request === undefined) faults.push("a body where none belongs");
    else faults.push(...schemaFaults(body, { $ref: method.request.$ref }, method.request.$ref));
  }
  return { method: method.id, faults };
}

/** `formatOptions.useInt64Timestamp` is declared with that dotted name. */
const isKnownParameter = (name: string, known: readonly string[]): boolean => known.includes(name);

const pattern = (path: string): RegExp => new RegExp(`^${path.replace(/\{\+?\w+\}/g, "[^/]+")}$`);

function schemaFaults(value: unknown, schema: Schema, at: string): string[] {
  if (schema.$ref !== undefined) return schemaFaults(value, discovery.schemas[schema.$ref] ?? {}, at);
  if (value === null || schema.type === undefined || schema.type === "any") return [];
  switch (schema.type) {
    case "object": {
      if (typeof value !== "object" || Array.isArray(value)) return [`${at} is no object`];
      return Object.entries(value).flatMap(([name, inner]) => {
        const property = schema.properties?.[name] ?? schema.additionalProperties;
        return property === undefined ? [`${at}.${name} is unknown`] : schemaFaults(inner, property, `${at}.${name}`);
      });
    }
    case "array":
      if (!Array.isArray(value)) return [`${at} is no array`];
      return value.flatMap((item, index) => schemaFaults(item, schema.items ?? {}, `${at}[${index}]`));
    case "string":
      if (schema.enum !== undefined && !schema.enum.includes(String(value))) return [`${at} is ${String(value)}`];
      // A parameter's value may travel as a JSON number or boolean; the client sends it so (contracts 2.7).
      return typeof value === "object" ? [`${at} is no text`] : [];
    case "integer":
    case "number":
      return Number.isFinite(Number(value)) ? [] : [`${at} is no number`];
    case "boolean":
      return typeof value === "boolean" ? [] : [`${at} is no boolean`];
    default:
      return [`${at} has type ${schema.type}`];
  }
}

const protos = createRequire(require.resolve("@google-cloud/aiplatform"))("../protos/protos.json");
const root = Root.fromJSON(protos);

/** @param method such as "deployModel". @param request as the library handed it to the client. */
export const checkVertexRequest = (service: string, method: string, request: unknown): string[] =>
  checkRpc(root, `google.cloud.aiplatform.v1.${service}`, method, request);

const runRoot = Root.fromJSON(createRequire(require.resolve("@google-cloud/run"))("../protos/protos.json"));

/** @param method of Cloud Run's Services, such as "createService", or of another of its services. */
export const checkRunRequest = (method: string, request: unknown, service = "Services"): string[] =>
  checkRpc(runRoot, `google.cloud.run.v2.${service}`, method, request);

const pubsubRoot = Root.fromJSON(createRequire(require.resolve("@google-cloud/pubsub"))("../protos/protos.json"));
const iamRoot = Root.fromJSON(createRequire(require.resolve("google-gax"))("../protos/iam_service.json"));

/** @param service "Publisher" or "Subscriber", which have the methods of IAMPolicy as well. */
export const checkPubsubRequest = (service: string, method: string, request: unknown): string[] =>
  /IamPolicy$|IamPermissions$/.test(method)
    ? checkRpc(iamRoot, "google.iam.v1.IAMPolicy", method, request)
    : checkRpc(pubsubRoot, `google.pubsub.v1.${service}`, method, request);

function checkRpc(types: Root, service: string, method: string, request: unknown): string[] {
  const declared = types.lookupService(service);
  const { requestType } = declared.methods[method.charAt(0).toUpperCase() + method.slice(1)] ?? {};
  if (requestType === undefined) return [`${service} has no method ${method}`];
  const within = declared.parent ?? types;
  return messageFaults(request, within.lookupType(requestType), requestType);
}

function messageFaults(value: unknown, type: Type, at: string): string[] {
  if (typeof value !== "object" || value === null) return [`${at} is no message`];
  const required = type.fieldsArray
    .filter((field) => isRequired(field) && !Object.hasOwn(value, field.name))
    .map((field) => `${at}.${field.name} is required`);
  const given = Object.entries(value).flatMap(([name, inner]) => {
    const field = type.fields[name];
    return field === undefined ? [`${at}.${name} is unknown`] : fieldFaults(inner, field.resolve(), `${at}.${name}`);
  });
  return [...required, ...given];
}

function isRequired(field: Field): boolean {
  const options = JSON.stringify([field.options, field.parsedOptions]);
  return options.includes("REQUIRED");
}

function fieldFaults(value: unknown, field: Field, at: string): string[] {
  const one = (inner: unknown, place: string): string[] => {
    const type = field.resolvedType;
    if (type instanceof Enum) {
      return Object.hasOwn(type.values, String(inner)) || Object.hasOwn(type.valuesById, Number(inner))
        ? []
        : [`${place} is no ${type.name}`];
    }
    if (type !== null) return messageFaults(inner, type, place);
    const wanted =
      field.type === "string"
        ? "string"
        : field.type === "bool"
          ? "boolean"
          : field.type === "bytes"
            ? "object"
            : "number";
    return typeof inner === wanted ? [] : [`${place} is ${typeof inner}, not ${field.type}`];
  };
  if (field.map) {
    if (typeof value !== "object" || value === null) return [`${at} is no map`];
    return Object.entries(value).flatMap(([key, inner]) => one(inner, `${at}[${key}]`));
  }
  if (!field.repeated) return one(value, at);
  return Array.isArray(value) ? value.flatMap((inner, index) => one(inner, `${at}[${index}]`)) : [`${at} is no list`];
}
