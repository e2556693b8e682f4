import { type DescField, type DescMessage, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { CloudError } from "../errors.js";
import { camelMask, findField, type JsonObject } from "./protoJson.js";

/** Query parameters of Google's front end that say nothing to a method (cloud.google.com/apis/docs/system-parameters). */
const SYSTEM_PARAMETERS = new Set([
  "alt",
  "$alt",
  "key",
  "$key",
  "access_token",
  "oauth_token",
  "prettyPrint",
  "$prettyPrint",
  "quotaUser",
  "$quotaUser",
  "userIp",
  "$userProject",
  "$.xgafv",
  "$httpMethod",
]);

/**
 * Query parameters as fields of the request: nested by dots, either spelling, repeated ones as lists.
 * @throws CloudError INVALID_ARGUMENT for an unknown name, in the words of Google's JSON front end.
 */
export function queryToJson(message: DescMessage, query: URLSearchParams): JsonObject {
  const json: JsonObject = {};
  for (const name of new Set(query.keys())) {
    if (SYSTEM_PARAMETERS.has(name)) continue;
    if (name === "fields" || name === "$fields") {
      throw new CloudError(
        "UNIMPLEMENTED",
        'The local cloud does not cut answers to a part: leave out the query parameter "fields".',
      );
    }
    assign(message, json, name, name.split("."), query.getAll(name));
  }
  return json;
}

/** Sets `parent.child` of `json`, making what lies between; used for path variables too. */
export function assign(
  message: DescMessage,
  json: JsonObject,
  fullName: string,
  path: readonly string[],
  values: readonly string[],
): void {
  const [first = "", ...rest] = path;
  const field = findField(message, first);
  if (!field) {
    throw new CloudError(
      "INVALID_ARGUMENT",
      `Invalid JSON payload received. Unknown name "${fullName}": Cannot bind query parameter. Field '${first}' could not be found in request message.`,
    );
  }
  if (rest.length > 0) {
    if (!field.message) throw badQuery(fullName);
    if (field.fieldKind === "map") {
      json[field.jsonName] = { ...asObject(json[field.jsonName]), [rest.join(".")]: values.at(-1) ?? "" };
      return;
    }
    const child = asObject(json[field.jsonName]);
    json[field.jsonName] = child;
    assign(field.message, child, fullName, rest, values);
    return;
  }
  json[field.jsonName] =
    field.fieldKind === "list" ? values.map((value) => convert(field, value)) : convert(field, values.at(-1) ?? "");
}

function asObject(value: JsonValue | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** Text to the JSON that the field's type reads; what does not fit is left as text, for the body check to name. */
function convert(field: DescField, text: string): JsonValue {
  if (field.message?.typeName === "google.protobuf.FieldMask") return camelMask(text);
  if (field.enum) return /^-?\d+$/.test(text) ? Number(text) : text;
  switch (field.scalar) {
    case ScalarType.BOOL:
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : text;
    default:
      return text;
  }
}

function badQuery(name: string): CloudError {
  return new CloudError(
    "INVALID_ARGUMENT",
    `Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter. '${name}' is a primitive type.`,
  );
}
