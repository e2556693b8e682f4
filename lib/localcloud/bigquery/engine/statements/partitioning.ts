import { invalidQuery } from "../../errors.js";
import type { AnyResolvedExpr } from "../../googlesql/contract/resolved.js";
import { sqlTypeOf } from "../../googlesql/types.js";
import type { RangePartitioning, TableResource, TimePartitioning } from "../../resources.js";
import type { Execution } from "../execution.js";
import type { Plan } from "../planner.js";
import { functionName, required } from "../writer/expressions.js";

/** PARTITION BY and CLUSTER BY as the REST API spells them. */

type Unit = TimePartitioning["type"];
const UNITS: Readonly<Record<number, Unit>> = { 1: "YEAR", 2: "MONTH", 3: "DAY", 7: "HOUR" };

export async function partitioningOf(
  statement: { readonly partition_by_list: readonly AnyResolvedExpr[] },
  execution: Execution,
  plan: Plan,
): Promise<Partial<TableResource>> {
  const [expression, second] = statement.partition_by_list;
  if (!expression || second) throw invalidQuery("Only a single PARTITION BY expression is supported but found 2");
  if (expression.node === "ResolvedColumnRef") {
    const column = required(expression.column);
    if (sqlTypeOf(required(column.type)).kind !== "DATE") throw wrongPartitioning();
    return { timePartitioning: timePartitioning("DAY", column.name) };
  }
  if (expression.node !== "ResolvedFunctionCall") throw wrongPartitioning();
  const [first, part] = expression.argument_list;
  switch (functionName(expression)) {
    case "date":
      return { timePartitioning: timePartitioning("DAY", columnNameOf(first)) };
    case "date_trunc":
    case "timestamp_trunc":
    case "datetime_trunc": {
      const unit = part?.node === "ResolvedLiteral" ? UNITS[part.value?.value?.enum_value ?? 0] : undefined;
      if (!unit) throw wrongPartitioning();
      return { timePartitioning: timePartitioning(unit, columnNameOf(first)) };
    }
    case "range_bucket":
      return { rangePartitioning: await rangePartitioning(columnNameOf(first), part, execution, plan) };
    default:
      throw wrongPartitioning();
  }
}

/** A table partitioned by the pseudo columns of its arrival has no column in its partitioning. */
function timePartitioning(type: Unit, field: string): TimePartitioning {
  return field === "_PARTITIONTIME" || field === "_PARTITIONDATE" ? { type } : { type, field };
}

function columnNameOf(expression: AnyResolvedExpr | undefined): string {
  if (expression?.node !== "ResolvedColumnRef") throw wrongPartitioning();
  return required(expression.column).name;
}

async function rangePartitioning(
  field: string,
  array: AnyResolvedExpr | undefined,
  execution: Execution,
  plan: Plan,
): Promise<RangePartitioning> {
  if (array?.node !== "ResolvedFunctionCall" || functionName(array) !== "generate_array") throw wrongPartitioning();
  const values: string[] = [];
  for (const argument of array.argument_list) values.push(String((await execution.evaluate(argument, plan)).wire));
  const [start = "0", end = "0", interval = "1"] = values;
  return { field, range: { start, end, interval } };
}

export function clusteringOf(list: readonly AnyResolvedExpr[]): { readonly fields: readonly string[] } | undefined {
  if (list.length === 0) return undefined;
  if (list.length > 4) throw invalidQuery("Table can be clustered by at most 4 columns");
  return { fields: list.map(columnNameOf) };
}

function wrongPartitioning(): Error {
  return invalidQuery(
    "PARTITION BY expression must be DATE(<timestamp_column>), DATE(<datetime_column>), DATETIME_TRUNC(<datetime_column>, DAY/HOUR/MONTH/YEAR), a DATE column, TIMESTAMP_TRUNC(<timestamp_column>, DAY/HOUR/MONTH/YEAR), DATE_TRUNC(<date_column>, MONTH/YEAR), or RANGE_BUCKET(<int64_column>, GENERATE_ARRAY(<int64_value>, <int64_value>[, <int64_value>]))",
  );
}
