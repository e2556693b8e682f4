import { quoteText } from "../engine/duckTypes.js";
import { sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";
import { formatTime, parseTimeByFormat, type TimeKind } from "./timeFormat.js";
import { localTime } from "./timeZone.js";

/** FORMAT_DATE … PARSE_TIMESTAMP. */

/** Formats that DuckDB's strftime writes alike for years of four digits. */
const PLAIN = /^(?:[^%]|%[YmdHMSBbAajy])*$/;
const PLAIN_DATE = /^(?:[^%]|%[YmdBbAajy])*$/;

const format =
  (kind: TimeKind): ScalarWriter =>
  (call) => {
    const [pattern, value, zone] = call.args;
    if (!pattern || !value) return undefined;
    const micros = kind === "DATE" ? `epoch_us(CAST(${value.sql} AS TIMESTAMP))` : `epoch_us(${value.sql})`;
    const general = `bq_format_time(${pattern.sql}, ${micros}, ${zone?.sql ?? "'UTC'"}, '${kind}')`;
    if (typeof pattern.literal !== "string" || kind === "TIME") return general;
    if (!(kind === "DATE" ? PLAIN_DATE : PLAIN).test(pattern.literal)) return general;
    const civil = kind === "TIMESTAMP" ? localTime(value.sql, zone) : value.sql;
    return `CASE WHEN year(${civil}) >= 1000 THEN strftime(${civil}, ${quoteText(pattern.literal)}) ELSE ${general} END`;
  };

const parse =
  (kind: TimeKind, wrap: (micros: string) => string): ScalarWriter =>
  (call) =>
    wrap(`bq_parse_time_by_format(${sqlOf(call, 0)}, ${sqlOf(call, 1)}, ${call.args[2]?.sql ?? "'UTC'"}, '${kind}')`);

export const timeFormatting: Family = {
  scalars: {
    format_date: (call) =>
      format(
        call.args[1]?.type.kind === "TIMESTAMP"
          ? "TIMESTAMP"
          : call.args[1]?.type.kind === "DATETIME"
            ? "DATETIME"
            : "DATE",
      )(call),
    format_datetime: (call) => format(call.args[1]?.type.kind === "TIMESTAMP" ? "TIMESTAMP" : "DATETIME")(call),
    format_time: format("TIME"),
    format_timestamp: (call) => format(call.args[1]?.type.kind === "DATETIME" ? "DATETIME" : "TIMESTAMP")(call),
    parse_date: parse("DATE", (micros) => `CAST(make_timestamp(${micros}) AS DATE)`),
    parse_datetime: parse("DATETIME", (micros) => `make_timestamp(${micros})`),
    parse_time: parse("TIME", (micros) => `CAST(make_timestamp(${micros}) AS TIME)`),
    parse_timestamp: parse("TIMESTAMP", (micros) => `make_timestamptz(${micros})`),
  },
  javascript: [
    {
      name: "bq_format_time",
      parameters: ["string", "bigint", "string", "string"],
      returns: "string",
      call: (pattern: string, micros: bigint, zone: string, kind: string) =>
        formatTime(pattern, micros, zone, kind as TimeKind),
    },
    {
      name: "bq_parse_time_by_format",
      parameters: ["string", "string", "string", "string"],
      returns: "bigint",
      call: (pattern: string, text: string, zone: string, kind: string) =>
        parseTimeByFormat(pattern, text, zone, kind as TimeKind),
    },
  ],
};
