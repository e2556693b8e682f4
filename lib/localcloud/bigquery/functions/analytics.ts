import { sqlOf } from "./arithmetic.js";
import type { AnalyticCall, AnalyticWriter, Family } from "./call.js";

/** Numbering and navigation functions. Aggregates over windows are in `aggregates`. */

const over = (call: AnalyticCall, name: string, args = "") => `${name}(${args}) OVER (${call.window})`;

const numbering =
  (name: string): AnalyticWriter =>
  (call) =>
    over(call, name);

const withNulls = (call: AnalyticCall) => (call.nulls === undefined ? "" : ` ${call.nulls} NULLS`);

const navigation =
  (name: string): AnalyticWriter =>
  (call) =>
    over(call, name, `${call.args.map((arg) => arg.sql).join(", ")}${withNulls(call)}`);

export const analytics: Family = {
  analytics: {
    row_number: numbering("row_number"),
    rank: numbering("rank"),
    dense_rank: numbering("dense_rank"),
    percent_rank: numbering("percent_rank"),
    cume_dist: numbering("cume_dist"),
    ntile: (call) => over(call, "ntile", sqlOf(call, 0)),
    lead: navigation("lead"),
    lag: navigation("lag"),
    first_value: navigation("first_value"),
    last_value: navigation("last_value"),
    nth_value: navigation("nth_value"),
  },
};
