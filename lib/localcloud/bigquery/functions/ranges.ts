import { duckType } from "../engine/duckTypes.js";
import { kindOf, sqlOf } from "./arithmetic.js";
import type { Family, ScalarWriter } from "./call.js";

/** RANGE<DATE|DATETIME|TIMESTAMP>: a struct of start and end, NULL for an open end. */

const make: ScalarWriter = (call) => {
  if (call.returnType.kind !== "RANGE") return undefined;
  const type = duckType(call.returnType.element);
  return `bq_range(CAST(${sqlOf(call, 0)} AS ${type}), CAST(${sqlOf(call, 1)} AS ${type}))`;
};

export const ranges: Family = {
  scalars: {
    range: make,
    range_start: (call) => `(${sqlOf(call, 0)})."start"`,
    range_end: (call) => `(${sqlOf(call, 0)})."end"`,
    range_is_start_unbounded: (call) => `bq_range_open(${sqlOf(call, 0)}, (${sqlOf(call, 0)})."start")`,
    range_is_end_unbounded: (call) => `bq_range_open(${sqlOf(call, 0)}, (${sqlOf(call, 0)})."end")`,
    range_contains: (call) =>
      kindOf(call, 1) === "RANGE"
        ? `bq_range_contains_range(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`
        : `bq_range_contains(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    range_overlaps: (call) => `bq_range_overlaps(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
    range_intersect: (call) => `bq_range_intersect(${sqlOf(call, 0)}, ${sqlOf(call, 1)})`,
  },
  macros: [
    `bq_range(a, b) AS CASE WHEN a >= b THEN bq_error('Range start element must be smaller than range end element') ELSE {'start': a, 'end': b} END`,
    "bq_range_open(r, e) AS CASE WHEN r IS NOT NULL THEN e IS NULL END",
    `bq_range_contains(r, x) AS CASE WHEN r IS NOT NULL AND x IS NOT NULL THEN COALESCE(x >= r."start", TRUE) AND COALESCE(x < r."end", TRUE) END`,
    `bq_range_contains_range(r, x) AS CASE WHEN r IS NOT NULL AND x IS NOT NULL THEN (r."start" IS NULL OR COALESCE(x."start" >= r."start", FALSE)) AND (r."end" IS NULL OR COALESCE(x."end" <= r."end", FALSE)) END`,
    `bq_range_overlaps(a, b) AS CASE WHEN a IS NOT NULL AND b IS NOT NULL THEN COALESCE(a."start" < b."end", TRUE) AND COALESCE(b."start" < a."end", TRUE) END`,
    `bq_range_intersect(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL WHEN NOT bq_range_overlaps(a, b) THEN bq_error('Provided RANGE inputs do not overlap. Please check RANGE_OVERLAPS before calling RANGE_INTERSECT') ELSE {'start': greatest(a."start", b."start"), 'end': least(a."end", b."end")} END`,
  ],
};
