import { invalid } from "../errors.js";
import type { SqlType } from "../schema.js";
import { scalarKind } from "../storage.js";
import { duckType, quoteText } from "./duckTypes.js";
import type { QueryParameter, QueryParameterType, QueryParameterValue } from "./engine.js";
import { arraySql, bytesSql, float64Sql, int64Sql, nullSql, structSql } from "./literals.js";

/** Query parameters of the REST API: their types for the analyzer, their values as DuckDB expressions (contracts 2.7). */

/** @throws CloudError invalid for a type that BigQuery does not have. */
export function parameterType(type: QueryParameterType): SqlType {
  const upper = type.type.toUpperCase();
  if (upper === "ARRAY") {
    if (!type.arrayType) throw invalid("An ARRAY query parameter needs arrayType.");
    return { kind: "ARRAY", element: parameterType(type.arrayType) };
  }
  if (upper === "STRUCT" || upper === "RECORD") {
    return {
      kind: "STRUCT",
      fields: (type.structTypes ?? []).map((field) => ({ name: field.name ?? "", type: parameterType(field.type) })),
    };
  }
  if (upper === "RANGE") {
    if (!type.rangeElementType) throw invalid("A RANGE query parameter needs rangeElementType.");
    return { kind: "RANGE", element: parameterType(type.rangeElementType) };
  }
  const kind = scalarKind(upper);
  if (!kind) throw invalid(`Invalid value for type: ${type.type} is not a valid value`);
  return { kind };
}

export function parameterSql(parameter: QueryParameter): string {
  return valueSql(parameter.parameterValue ?? {}, parameterType(parameter.parameterType), parameter.name ?? "");
}

function valueSql(value: QueryParameterValue, type: SqlType, name: string): string {
  if (type.kind === "ARRAY") {
    if (value.arrayValues === undefined) return arraySql([], type.element);
    return arraySql(
      value.arrayValues.map((element) => valueSql(element, type.element, name)),
      type.element,
    );
  }
  if (type.kind === "STRUCT") {
    const fields = value.structValues;
    if (!fields) return nullSql(type);
    return structSql(type.fields.map((field) => valueSql(fields[field.name] ?? {}, field.type, name)));
  }
  if (type.kind === "RANGE") {
    const range = value.rangeValue;
    if (!range) return nullSql(type);
    const bound = (part: QueryParameterValue | undefined) => valueSql(part ?? {}, type.element, name);
    return `struct_pack("start" := ${bound(range.start)}, "end" := ${bound(range.end)})`;
  }
  const raw = value.value;
  return raw === null || raw === undefined ? nullSql(type) : scalarSql(raw, type, name);
}

const DATE = /^\d{4}-\d{1,2}-\d{1,2}$/;
const TIME = /^\d{1,2}:\d{1,2}:\d{1,2}(\.\d{1,9})?$/;
const MOMENT =
  /^(\d{4}-\d{1,2}-\d{1,2})(?:[ Tt](\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d{1,9})?)?))?\s*(Z|z|UTC|[+-]\d{1,2}(?::?\d{2})?)?$/;

function scalarSql(raw: string | number | boolean, type: SqlType, name: string): string {
  const text = String(raw).trim();
  const refuse = (): never => {
    throw invalid(
      `Invalid value for type ${type.kind}: '${String(raw)}'${name === "" ? "" : ` (query parameter ${name})`}`,
    );
  };
  switch (type.kind) {
    case "INT64": {
      if (!/^[+-]?\d+$/.test(text)) return refuse();
      const value = BigInt(text.replace(/^\+/, ""));
      return BigInt.asIntN(64, value) === value ? int64Sql(value) : refuse();
    }
    case "FLOAT64": {
      const word = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
      if (word) return float64Sql(/nan/i.test(text) ? Number.NaN : word[1] === "-" ? -Infinity : Infinity);
      return text !== "" && Number.isFinite(Number(text)) ? float64Sql(Number(text)) : refuse();
    }
    case "BOOL":
      return /^(true|false)$/i.test(text) ? text.toLowerCase() : refuse();
    case "NUMERIC":
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? `CAST('${text}' AS ${duckType(type)})` : refuse();
    case "BYTES":
      return bytesSql(Buffer.from(text, "base64"));
    case "DATE":
      return DATE.test(text) ? `CAST('${text}' AS DATE)` : refuse();
    case "TIME":
      return TIME.test(text) ? `CAST('${padClock(text)}' AS TIME)` : refuse();
    case "DATETIME": {
      const match = MOMENT.exec(text);
      return match && match[3] === undefined ? `CAST('${match[1]} ${padClock(match[2])}' AS TIMESTAMP)` : refuse();
    }
    case "TIMESTAMP": {
      const match = MOMENT.exec(text);
      return match ? `CAST('${match[1]} ${padClock(match[2])}${offset(match[3])}' AS TIMESTAMPTZ)` : refuse();
    }
    case "INTERVAL":
      return `CAST(${quoteText(text)} AS INTERVAL)`;
    default:
      return quoteText(String(raw));
  }
}

function padClock(text: string | undefined): string {
  const [hour = "0", minute = "0", second = "0"] = (text ?? "").split(":");
  const [whole = "0", fraction] = second.split(".");
  return `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}:${whole.padStart(2, "0")}${fraction ? `.${fraction.slice(0, 6)}` : ""}`;
}

function offset(zone: string | undefined): string {
  if (zone === undefined || /^(z|utc)$/i.test(zone)) return "+00";
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone);
  return match ? `${match[1]}${(match[2] ?? "0").padStart(2, "0")}:${match[3] ?? "00"}` : "+00";
}
