import { duckType } from "../engine/duckTypes.js";
import { sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";
import { equality } from "./comparison.js";

/** IF, CASE, COALESCE and their kind: only the branch taken is evaluated, in DuckDB as in GoogleSQL. */

const caseNoValue: ScalarWriter = (call) => {
  const parts: string[] = [];
  const args = call.args;
  for (let index = 0; index + 1 < args.length; index += 2) {
    parts.push(`WHEN ${args[index]?.sql} THEN ${args[index + 1]?.sql}`);
  }
  const otherwise = args.length % 2 === 1 ? ` ELSE ${args.at(-1)?.sql}` : "";
  return parts.length === 0 ? args.at(-1)?.sql : `CASE ${parts.join(" ")}${otherwise} END`;
};

const caseWithValue: ScalarWriter = (call) => {
  const [value, ...rest] = call.args;
  if (!value) return undefined;
  const parts: string[] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const test = equality(value.sql, rest[index]?.sql ?? "NULL", value.type);
    if (test === undefined) return undefined;
    parts.push(`WHEN ${test} THEN ${rest[index + 1]?.sql}`);
  }
  const otherwise = rest.length % 2 === 1 ? ` ELSE ${rest.at(-1)?.sql}` : "";
  return `CASE ${parts.join(" ")}${otherwise} END`;
};

const nullIf: ScalarWriter = (call) => {
  const type = call.args[0]?.type;
  const test = type && equality(sqlOf(call, 0), sqlOf(call, 1), type);
  return test && `CASE WHEN ${test} THEN NULL ELSE ${sqlOf(call, 0)} END`;
};

const hasSubquery = (sql: string) => /\bselect\b/i.test(sql);

export const conditional: Family = {
  scalars: {
    if: (call) => `CASE WHEN ${sqlOf(call, 0)} THEN ${sqlOf(call, 1)} ELSE ${sqlOf(call, 2)} END`,
    $case_no_value: caseNoValue,
    $case_with_value: caseWithValue,
    coalesce: (call) => `COALESCE(${call.args.map((arg) => arg.sql).join(", ")})`,
    ifnull: (call) => `COALESCE(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    nullif: nullIf,
    nullifzero: (call) => `NULLIF(${sqlOf(call, 0)}, 0)`,
    zeroifnull: (call) => `COALESCE(${sqlOf(call, 0)}, 0)`,
    nulliferror: (call) => (hasSubquery(sqlOf(call, 0)) ? undefined : `TRY(${sqlOf(call, 0)})`),
    iferror: (call) =>
      hasSubquery(sqlOf(call, 0)) ? undefined : `bq_if_error(TRY([${sqlOf(call, 0)}]), ${sqlOf(call, 1)})`,
    iserror: (call) => (hasSubquery(sqlOf(call, 0)) ? undefined : `(TRY([${sqlOf(call, 0)}]) IS NULL)`),
    error: (call) => `CAST(bq_error(${sqlOf(call, 0)}) AS ${duckType(call.returnType)})`,
  },
  macros: [
    "bq_if_error(tried, otherwise) AS CASE WHEN tried IS NULL THEN otherwise ELSE tried[1] END",
    // DuckDB's own error() counts as volatile, and TRY (SAFE.) takes nothing volatile. bq_null has the type of NULL, which
    // suits every branch of a CASE; it is never reached.
    "bq_error(message) AS CASE WHEN message IS NOT NULL THEN bq_null(bq_fail(message)) END",
  ],
  javascript: [
    {
      name: "bq_fail",
      parameters: ["string"],
      returns: "string",
      call: (message: string) => {
        throw new Error(message);
      },
    },
    { name: "bq_null", parameters: ["string"], returns: "nothing", call: () => null },
  ],
};
