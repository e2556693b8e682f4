import { type JsonObject, type DiscoverySchema as Schema, saysNothing } from "../platform/discovery.js";
import { discovery } from "./discovery.js";
import { invalid, notSupported } from "./errors.js";
import { ignoredFields, supportedFields } from "./support.js";

/**
 * Reads a request body against its schema: names in snake case become camel case, numbers and texts are brought to the
 * form that the schema names, unknown names and known ones that are not honoured are refused by name unless they say
 * nothing, as the command line sends them for everything that was not asked for.
 * @throws CloudError invalid, notImplemented
 */
export function readBody(schemaName: string, body: unknown): JsonObject {
  return readObject(schemaName, body, "");
}

function readObject(schemaName: string, value: unknown, path: string): JsonObject {
  const schema = discovery.schemas[schemaName];
  if (!schema) throw new Error(`no schema ${schemaName}`);
  return readProperties(schema, schemaName, value, path);
}

function readProperties(schema: Schema, schemaName: string, value: unknown, path: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`Invalid value at '${path || schemaName}' (an object is expected), ${JSON.stringify(value)}`);
  }
  const honoured = supportedFields[schemaName];
  const ignored = ignoredFields[schemaName];
  const result: Record<string, unknown> = {};
  for (const [sent, inner] of Object.entries(value)) {
    const name = schema.properties?.[sent] ? sent : camelCase(sent);
    const property = schema.properties?.[name];
    const at = path === "" ? name : `${path}.${name}`;
    if (ignored?.includes(name) || property?.readOnly) continue;
    if (!property) {
      if (saysNothing(inner)) continue;
      throw invalid(
        `Invalid JSON payload received. Unknown name "${sent}"${path === "" ? "" : ` at '${path}'`}: Cannot find field.`,
      );
    }
    if (honoured && !honoured.includes(name)) {
      if (saysNothing(inner)) continue;
      throw notSupported(`Field '${at}'`, "Leave it out, or run this on Google Cloud (ACTIVATE_TARGET=gcp).");
    }
    result[name] = inner === null ? null : readValue(property, inner, at);
  }
  return result;
}

function readValue(schema: Schema, value: unknown, path: string): unknown {
  if (schema.$ref) return schema.$ref === "JsonObject" ? value : readObject(schema.$ref, value, path);
  switch (schema.type) {
    case "array":
      return list(value, path).map((item, index) => readValue(schema.items ?? {}, item, `${path}[${index}]`));
    case "object":
      if (schema.properties) return readProperties(schema, path, value, path);
      if (schema.additionalProperties) return readMap(schema.additionalProperties, value, path);
      return value;
    case "boolean":
      if (typeof value === "boolean") return value;
      if (value === "true" || value === "false") return value === "true";
      throw invalid(`Invalid value at '${path}' (TYPE_BOOL), ${JSON.stringify(value)}`);
    case "integer":
      if (typeof value === "number" && Number.isInteger(value)) return value;
      if (typeof value === "string" && /^-?\d+$/.test(value)) return Number(value);
      throw invalid(`Invalid value at '${path}' (TYPE_INT32), ${JSON.stringify(value)}`);
    case "string":
      return readText(schema, value, path);
    default:
      return value;
  }
}

function readText(schema: Schema, value: unknown, path: string): unknown {
  const integer = schema.format === "int64" || schema.format === "uint64";
  if (integer) {
    if (typeof value === "number" && Number.isInteger(value)) return String(value);
    if (typeof value === "string" && /^-?\d+$/.test(value)) return value;
    throw invalid(`Invalid value at '${path}' (TYPE_INT64), ${JSON.stringify(value)}`);
  }
  // A query parameter's value arrives as a JSON number or boolean from the Node client (contracts 2.7).
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "string") throw invalid(`Invalid value at '${path}' (TYPE_STRING), ${JSON.stringify(value)}`);
  if (schema.enum && !schema.enum.includes(value.toUpperCase())) {
    throw invalid(`Invalid value at '${path}': "${value}" is none of ${schema.enum.join(", ")}`);
  }
  return schema.enum ? value.toUpperCase() : value;
}

function list(value: unknown, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalid(`Invalid value at '${path}' (a list is expected), ${JSON.stringify(value)}`);
}

function readMap(schema: Schema, value: unknown, path: string): JsonObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`Invalid value at '${path}' (an object is expected), ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      inner === null ? null : readValue(schema, inner, `${path}.${name}`),
    ]),
  );
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
