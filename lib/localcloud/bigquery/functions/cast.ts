import { duckType, structField } from "../engine/duckTypes.js";
import type { SqlType } from "../schema.js";
import type { CastCall, Family } from "./call.js";
import { CAST_JAVASCRIPT } from "./castFunctions.js";
import { localTime, timestampOf } from "./timeZone.js";
import { tried } from "./tried.js";

/** CAST and SAFE_CAST without FORMAT, from every type to every type that GoogleSQL allows. */

/** DuckDB SQL of the cast, or undefined when it is not written natively. */
export function castSql(call: CastCall): string | undefined {
  if (call.format) return undefined;
  const { arg, to } = call;
  if (arg.literal === null) return `CAST(NULL AS ${duckType(to)})`;
  const limited = (sql: string) => {
    const converted = convert(sql, arg.type, to, call);
    return converted !== undefined && call.typeParameters?.length
      ? limit(converted, to, call.typeParameters)
      : converted;
  };
  if (!call.safe || cannotFail(arg.type, to)) return limited(arg.sql);
  const asCall = { name: "safe_cast", args: [arg], returnType: to, safe: true };
  return tried(asCall, ({ args }) => limited(args[0]?.sql ?? "NULL"));
}

function cannotFail(from: SqlType, to: SqlType): boolean {
  return from.kind === to.kind && from.kind !== "ARRAY" && from.kind !== "STRUCT";
}

function convert(sql: string, from: SqlType, to: SqlType, call: CastCall): string | undefined {
  if (from.kind === "ARRAY" && to.kind === "ARRAY") {
    const element = convert("e", from.element, to.element, call);
    if (element === "e") return sql;
    return element === undefined ? undefined : `list_transform(${sql}, e -> ${element})`;
  }
  if (from.kind === "STRUCT" && to.kind === "STRUCT") return convertStruct(sql, from, to, call);
  if (from.kind === to.kind) return sql;
  switch (to.kind) {
    case "STRING":
      return toText(sql, from, call);
    case "INT64":
      return toInteger(sql, from);
    case "FLOAT64":
      return toFloat(sql, from);
    case "BOOL":
      return from.kind === "INT64" ? `(${sql} <> 0)` : from.kind === "STRING" ? `bq_text_to_bool(${sql})` : undefined;
    case "BYTES":
      return from.kind === "STRING" ? `encode(${sql})` : undefined;
    case "NUMERIC":
      return toNumeric(sql, from);
    case "BIGNUMERIC":
      return toBignumeric(sql, from);
    case "INTERVAL":
      return from.kind === "STRING" ? `bq_parse_interval(${sql})` : undefined;
    default:
      return toTime(sql, from, to, call);
  }
}

type StructType = Extract<SqlType, { kind: "STRUCT" }>;

function convertStruct(sql: string, from: StructType, to: StructType, call: CastCall): string | undefined {
  const fields = to.fields.map((field, index) => {
    const source = from.fields[index];
    const name = structField(index);
    return source && convert(`(${sql}).${name}`, source.type, field.type, call);
  });
  if (fields.includes(undefined)) return undefined;
  if (fields.every((field, index) => field === `(${sql}).${structField(index)}`)) return sql;
  const packed = fields.map((field, index) => `'${structField(index)}': ${field}`).join(", ");
  return `CASE WHEN ${sql} IS NULL THEN NULL ELSE {${packed}} END`;
}

function toText(sql: string, from: SqlType, call: CastCall): string | undefined {
  switch (from.kind) {
    case "INT64":
    case "BOOL":
    case "DATE":
    case "BIGNUMERIC":
      return `CAST(${sql} AS VARCHAR)`;
    case "FLOAT64":
      return `bq_float64_text(${sql})`;
    case "NUMERIC":
      return `bq_numeric_text(${sql})`;
    case "BYTES":
      return `bq_bytes_to_string(${sql})`;
    case "DATETIME":
      return `bq_datetime_text(${sql})`;
    case "TIME":
      return `bq_time_text(${sql})`;
    case "TIMESTAMP":
      return call.timeZone
        ? `bq_timestamp_text(epoch_us(${sql}), ${call.timeZone.sql})`
        : `(bq_datetime_text(bq_utc(${sql})) || '+00')`;
    case "INTERVAL":
      return `bq_interval_text(${sql})`;
    default:
      return undefined;
  }
}

function toInteger(sql: string, from: SqlType): string | undefined {
  switch (from.kind) {
    case "BOOL":
      return `CAST(${sql} AS BIGINT)`;
    case "FLOAT64":
      return `bq_float_to_int64(${sql})`;
    case "NUMERIC":
      return `CAST(round(${sql}) AS BIGINT)`;
    case "BIGNUMERIC":
      return `bq_bignumeric_to_int64(${sql})`;
    case "STRING":
      return `bq_text_to_int64(${sql})`;
    default:
      return undefined;
  }
}

function toFloat(sql: string, from: SqlType): string | undefined {
  switch (from.kind) {
    case "INT64":
    case "NUMERIC":
    case "BIGNUMERIC":
      return `CAST(${sql} AS DOUBLE)`;
    case "STRING":
      return `bq_text_to_float64(${sql})`;
    default:
      return undefined;
  }
}

function toNumeric(sql: string, from: SqlType): string | undefined {
  switch (from.kind) {
    case "INT64":
      return `CAST(${sql} AS DECIMAL(38,9))`;
    case "FLOAT64":
      return `bq_float_to_numeric(${sql})`;
    case "STRING":
    case "BIGNUMERIC":
      return `bq_text_to_numeric(${sql})`;
    default:
      return undefined;
  }
}

function toBignumeric(sql: string, from: SqlType): string | undefined {
  switch (from.kind) {
    case "INT64":
      return `CAST(${sql} AS VARCHAR)`;
    case "NUMERIC":
      return `bq_numeric_text(${sql})`;
    case "FLOAT64":
      return `bq_float_to_bignumeric(${sql})`;
    case "STRING":
      return `bq_text_to_bignumeric(${sql})`;
    default:
      return undefined;
  }
}

function toTime(sql: string, from: SqlType, to: SqlType, call: CastCall): string | undefined {
  const zone = call.timeZone;
  if (from.kind === "STRING") {
    switch (to.kind) {
      case "DATE":
        return `(DATE '1970-01-01' + CAST(bq_parse_date(${sql}) AS INTEGER))`;
      case "DATETIME":
        return `make_timestamp(bq_parse_datetime(${sql}))`;
      case "TIME":
        return `CAST(make_timestamp(bq_parse_time(${sql})) AS TIME)`;
      case "TIMESTAMP":
        return `make_timestamptz(bq_parse_timestamp(${sql}, ${zone?.sql ?? "'UTC'"}))`;
      default:
        return undefined;
    }
  }
  switch (`${from.kind} ${to.kind}`) {
    case "DATE DATETIME":
      return `CAST(${sql} AS TIMESTAMP)`;
    case "DATE TIMESTAMP":
      return timestampOf(`CAST(${sql} AS TIMESTAMP)`, zone);
    case "DATETIME TIMESTAMP":
      return timestampOf(sql, zone);
    case "DATETIME DATE":
      return `CAST(${sql} AS DATE)`;
    case "DATETIME TIME":
      return `CAST(${sql} AS TIME)`;
    case "TIMESTAMP DATETIME":
      return localTime(sql, zone);
    case "TIMESTAMP DATE":
      return `CAST(${localTime(sql, zone)} AS DATE)`;
    case "TIMESTAMP TIME":
      return `CAST(${localTime(sql, zone)} AS TIME)`;
    default:
      return undefined;
  }
}

/** The limits of a parameterised type: STRING(n), BYTES(n), NUMERIC(p[, s]). */
function limit(sql: string, to: SqlType, parameters: readonly number[]): string | undefined {
  const [first = 0, second = 0] = parameters;
  switch (to.kind) {
    case "STRING":
      return `bq_limit_text(${sql}, ${first})`;
    case "BYTES":
      return `bq_limit_bytes(${sql}, ${first})`;
    case "NUMERIC":
      return `bq_limit_numeric(${sql}, ${first}, ${second})`;
    default:
      return undefined;
  }
}

export const casts: Family = {
  scalars: {
    string: (call) => {
      const [value, zone] = call.args;
      if (!value || value.type.kind === "ENUM" || value.type.kind === "JSON") return undefined;
      return toText(value.sql, value.type, {
        arg: { ...value, type: value.type },
        to: { kind: "STRING" },
        safe: false,
        ...(zone && { timeZone: zone }),
      });
    },
    parse_numeric: (call) => `bq_parse_numeric(${call.args[0]?.sql})`,
    parse_bignumeric: (call) => `bq_parse_bignumeric(${call.args[0]?.sql})`,
  },
  macros: [
    "bq_numeric_text(x) AS rtrim(rtrim(CAST(x AS VARCHAR), '0'), '.')",
    "bq_fraction(micros) AS CASE WHEN micros = 0 THEN '' WHEN micros % 1000 = 0 THEN '.' || lpad(CAST(micros // 1000 AS VARCHAR), 3, '0') ELSE '.' || lpad(CAST(micros AS VARCHAR), 6, '0') END",
    "bq_datetime_text(t) AS strftime(t, '%Y-%m-%d %H:%M:%S') || bq_fraction((epoch_us(t) + 62135596800000000) % 1000000)",
    "bq_time_text(t) AS bq_datetime_text(DATE '2000-01-01' + t)[12:]",
    "bq_float_to_int64(x) AS CASE WHEN round(x) >= -9223372036854775808 AND round(x) <= 9223372036854774784 THEN CAST(round(x) AS BIGINT) WHEN x IS NULL THEN NULL WHEN isfinite(x) THEN bq_error('int64 out of range: ' || bq_float64_text(x)) ELSE bq_error('Illegal conversion of non-finite floating point number to an integer: ' || bq_float64_text(x)) END",
    "bq_text_to_int64(s) AS CASE WHEN regexp_full_match(s, '[+-]?[0-9]{1,18}') THEN CAST(s AS BIGINT) ELSE bq_parse_int64(s) END",
    "bq_text_to_bool(s) AS CASE WHEN lower(s) = 'true' THEN TRUE WHEN lower(s) = 'false' THEN FALSE WHEN s IS NULL THEN NULL ELSE bq_error('Bad bool value: ' || s) END",
    "bq_limit_text(s, n) AS CASE WHEN length(s) > n THEN bq_error('maximum length of STRING(' || n || ') exceeded: ' || length(s)) ELSE s END",
    "bq_limit_bytes(s, n) AS CASE WHEN octet_length(s) > n THEN bq_error('maximum length of BYTES(' || n || ') exceeded: ' || octet_length(s)) ELSE s END",
    "bq_limit_numeric(x, p, s) AS CASE WHEN abs(bq_numeric_round(x, s, 'half')) >= pow(10, p - s) THEN bq_error('numeric overflow: value does not fit in NUMERIC(' || p || ', ' || s || ')') ELSE bq_numeric_round(x, s, 'half') END",
  ],
  javascript: CAST_JAVASCRIPT,
};
