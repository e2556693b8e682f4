import { quoteText, structField } from "../engine/duckTypes.js";
import type { SqlType } from "../schema.js";
import { kindOf, sqlOf } from "./arithmetic.js";
import type { Argument, Family, ScalarWriter } from "./call.js";
import { JSON_JAVASCRIPT } from "./jsonFunctions.js";

/** JSON functions, over STRING and over JSON (kept as its text). */

/** `f(json, path)`; without a path the whole document. */
const byPath =
  (ofText: string, ofJson = ofText): ScalarWriter =>
  (call) =>
    `${kindOf(call, 0) === "JSON" ? ofJson : ofText}(${sqlOf(call, 0)}, ${call.args[1]?.sql ?? "'$'"})`;

const ofJson =
  (name: string): ScalarWriter =>
  (call) =>
    kindOf(call, 0) === "JSON" && call.args.slice(1).every(isDefault) ? `${name}(${sqlOf(call, 0)})` : undefined;

/** Named arguments that were left out arrive as their defaults. */
function isDefault(arg: Argument): boolean {
  return arg.literal === "exact" || arg.literal === "strict" || arg.literal === null || arg.literal === "round";
}

/** How INT64, FLOAT64 and NUMERIC are written: TO_JSON_STRING quotes what a double cannot hold. */
type Style = "text" | "value";

/** SQL of a value's JSON text; NULL gives `null`. Undefined for GEOGRAPHY and RANGE. */
function jsonOf(sql: string, type: SqlType, style: Style): string | undefined {
  const inner = presentJson(sql, type, style);
  return inner === undefined ? undefined : `COALESCE(${inner}, 'null')`;
}

function presentJson(sql: string, type: SqlType, style: Style): string | undefined {
  switch (type.kind) {
    case "BOOL":
      return `CAST(${sql} AS VARCHAR)`;
    case "INT64":
      return style === "text" ? `bq_json_int_text(${sql})` : `CAST(${sql} AS VARCHAR)`;
    case "FLOAT64":
      return style === "text" ? `bq_json_float_text(${sql})` : `bq_json_double(${sql})`;
    case "NUMERIC":
      return style === "text" ? `bq_json_numeric_text(${sql})` : `bq_numeric_text(${sql})`;
    case "BIGNUMERIC":
      return style === "text" ? `('"' || ${sql} || '"')` : sql;
    case "STRING":
      return `bq_json_text(${sql})`;
    case "BYTES":
      return `('"' || to_base64(${sql}) || '"')`;
    case "DATE":
      return `('"' || CAST(${sql} AS VARCHAR) || '"')`;
    case "TIME":
      return `('"' || bq_time_text(${sql}) || '"')`;
    case "DATETIME":
      return `('"' || replace(bq_datetime_text(${sql}), ' ', 'T') || '"')`;
    case "TIMESTAMP":
      return `('"' || replace(bq_datetime_text(bq_utc(${sql})), ' ', 'T') || 'Z"')`;
    case "JSON":
      return sql;
    case "ARRAY": {
      const element = jsonOf("e", type.element, style);
      return element && `('[' || array_to_string(list_transform(${sql}, e -> ${element}), ',') || ']')`;
    }
    case "STRUCT": {
      const fields = type.fields.map((field, index) => {
        const value = jsonOf(`(${sql}).${structField(index)}`, field.type, style);
        return value && `${quoteText(`${index === 0 ? "" : ","}${JSON.stringify(field.name)}:`)} || ${value}`;
      });
      if (fields.includes(undefined)) return undefined;
      return `CASE WHEN ${sql} IS NOT NULL THEN '{' || ${[...fields, "'}'"].join(" || ")} END`;
    }
    default:
      return undefined;
  }
}

function typeOf(arg: Argument | undefined): SqlType | undefined {
  return arg && arg.type.kind !== "ENUM" ? arg.type : undefined;
}

const toJsonString: ScalarWriter = (call) => {
  const type = typeOf(call.args[0]);
  const text = type && jsonOf(sqlOf(call, 0), type, "text");
  const pretty = call.args[1];
  if (text === undefined || pretty === undefined || pretty.literal === false) return text;
  return pretty.literal === true
    ? `bq_json_pretty(${text})`
    : `CASE WHEN ${pretty.sql} THEN bq_json_pretty(${text}) ELSE ${text} END`;
};

const toJson: ScalarWriter = (call) => {
  const type = typeOf(call.args[0]);
  if (call.args[1] && call.args[1].literal !== false) return undefined;
  const text = type && jsonOf(sqlOf(call, 0), type, "value");
  return text && (type.kind === "STRUCT" || type.kind === "ARRAY" ? `bq_parse_json(${text}, 'round')` : text);
};

const jsonList = (args: readonly Argument[]): string | undefined => {
  const items = args.map((arg) => {
    const type = typeOf(arg);
    return type && jsonOf(arg.sql, type, "value");
  });
  return items.includes(undefined) ? undefined : `CAST([${items.join(", ")}] AS VARCHAR[])`;
};

const jsonArray: ScalarWriter = (call) => {
  const items = jsonList(call.args);
  return items && `('[' || array_to_string(${items}, ',') || ']')`;
};

const jsonObject: ScalarWriter = (call) => {
  const first = call.args[0];
  if (first?.type.kind === "ARRAY") {
    const values = call.args[1];
    const element = values?.type.kind === "ARRAY" ? jsonOf("e", values.type.element, "value") : undefined;
    return element && `bq_json_object(${first.sql}, list_transform(${values?.sql}, e -> ${element}))`;
  }
  const values = jsonList(call.args.filter((_, index) => index % 2 === 1));
  const keys = call.args.filter((_, index) => index % 2 === 0).map((arg) => arg.sql);
  return values && `bq_json_object(CAST([${keys.join(", ")}] AS VARCHAR[]), ${values})`;
};

const withValue =
  (name: string): ScalarWriter =>
  (call) => {
    if (call.args.length < 3) return undefined;
    let sql = sqlOf(call, 0);
    const pairs = call.args.slice(1).filter((arg) => arg.type.kind !== "BOOL");
    if (pairs.length % 2 !== 0 || pairs.length !== 2) return undefined;
    const [path, value] = pairs;
    const type = typeOf(value);
    const text = type && value && jsonOf(value.sql, type, "value");
    if (text === undefined || !path || type?.kind === "ARRAY") return undefined;
    sql = `${name}(${sql}, ${path.sql}, ${text})`;
    return sql;
  };

const subscript: ScalarWriter = (call) => {
  if (kindOf(call, 0) !== "JSON") return undefined;
  const key = kindOf(call, 1) === "STRING" ? "bq_json_field" : "bq_json_element";
  return `${key}(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`;
};

export const json: Family = {
  scalars: {
    json_value: byPath("bq_json_value"),
    json_extract_scalar: byPath("bq_json_value"),
    json_query: byPath("bq_json_query", "bq_json_query_json"),
    json_extract: byPath("bq_json_query", "bq_json_query_json"),
    json_query_array: byPath("bq_json_query_array"),
    json_extract_array: byPath("bq_json_query_array"),
    json_value_array: byPath("bq_json_value_array"),
    json_extract_string_array: byPath("bq_json_value_array"),
    parse_json: (call) => `bq_parse_json(${sqlOf(call, 0)}, ${call.args[1]?.sql || "'exact'"})`,
    to_json_string: toJsonString,
    to_json: toJson,
    json_type: ofJson("bq_json_type"),
    int64: ofJson("bq_json_int64"),
    float64: ofJson("bq_json_float64"),
    bool: ofJson("bq_json_bool"),
    string: ofJson("bq_json_string"),
    lax_int64: ofJson("bq_lax_int64"),
    lax_float64: ofJson("bq_lax_float64"),
    lax_bool: ofJson("bq_lax_bool"),
    lax_string: ofJson("bq_lax_string"),
    json_keys: (call) =>
      call.args.slice(2).every(isDefault)
        ? `bq_json_keys(${sqlOf(call, 0)}, COALESCE(${call.args[1]?.sql || "NULL"}, -1))`
        : undefined,
    json_strip_nulls: (call) => (call.args.length === 1 ? `bq_json_strip_nulls(${sqlOf(call, 0)})` : undefined),
    json_remove: (call) =>
      call.args.slice(1).reduce((sql, path) => `bq_json_remove(${sql}, ${path.sql})`, sqlOf(call, 0)),
    json_set: withValue("bq_json_set"),
    json_array_append: withValue("bq_json_array_append"),
    json_array_insert: withValue("bq_json_array_insert"),
    json_array: jsonArray,
    json_object: jsonObject,
    $subscript: subscript,
    /** `json.field`: the writer's name for a resolved JSON field access. */
    $json_field: (call) => `bq_json_field(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
  },
  macros: [
    "bq_json_int_text(x) AS CASE WHEN x BETWEEN -9007199254740992 AND 9007199254740992 THEN CAST(x AS VARCHAR) ELSE '\"' || x || '\"' END",
    "bq_json_numeric_text(x) AS CASE WHEN x = trunc(x) AND abs(x) <= 9007199254740992 THEN bq_numeric_text(x) ELSE '\"' || bq_numeric_text(x) || '\"' END",
  ],
  javascript: JSON_JAVASCRIPT,
};
