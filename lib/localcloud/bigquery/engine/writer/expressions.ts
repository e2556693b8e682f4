import type { AnalyticCall, Argument, Literal, Written } from "../../functions/call.js";
import type {
  AnyResolvedExpr,
  ResolvedAggregateFunctionCall,
  ResolvedAnalyticFunctionCall,
  ResolvedCast,
  ResolvedFunctionArgument,
  ResolvedFunctionCall,
  ResolvedLiteral,
  ResolvedOrderByItem,
  ResolvedSubqueryExpr,
  ResolvedWithExpr,
  Type,
  TypeModifiers,
} from "../../googlesql/contract/resolved.js";
import { type AnalyzedType, analyzedTypeOf, isSqlType, sqlTypeOf } from "../../googlesql/types.js";
import type { SqlType } from "../../schema.js";
import { duckType, quoteText, structField } from "../duckTypes.js";
import { nullSql, structSql, valueSql } from "../literals.js";
import { scriptPlace } from "../routines.js";
import { writeArraySubquery } from "./arraySubquery.js";
import { CannotWrite, parameterMarker, type Scope, type WriterContext } from "./context.js";
import { columnName } from "./frame.js";
import { orderTerms } from "./ordering.js";
import { writeScan } from "./scans.js";

/** Resolved expressions as DuckDB SQL, bracketed so that they may stand anywhere. */
export function writeExpression(expression: AnyResolvedExpr, scope: Scope, context: WriterContext): string {
  switch (expression.node) {
    case "ResolvedLiteral":
      return literalSql(expression);
    case "ResolvedParameter":
      return parameterMarker(expression.name === "" ? `#${expression.position}` : `@${expression.name.toLowerCase()}`);
    case "ResolvedConstant":
      return parameterMarker(`$${(expression.constant?.name ?? "").toLowerCase()}`);
    case "ResolvedSystemVariable":
      return parameterMarker(`%${expression.name_path.join(".").toLowerCase()}`);
    case "ResolvedColumnRef":
      return columnSql(required(expression.column).column_id, scope);
    case "ResolvedFunctionCall":
      return writeCall(expression, scope, context);
    case "ResolvedCast":
      return writeCast(expression, scope, context);
    case "ResolvedMakeStruct":
      return structSql(expression.field_list.map((field) => writeExpression(field, scope, context)));
    case "ResolvedGetStructField":
      return `struct_extract(${writeExpression(required(expression.expr), scope, context)}, '${structField(expression.field_idx)}')`;
    case "ResolvedGetJsonField": {
      const json: Argument = {
        sql: writeExpression(required(expression.expr), scope, context),
        type: { kind: "JSON" },
      };
      const name: Argument = {
        sql: quoteText(expression.field_name),
        type: { kind: "STRING" },
        literal: expression.field_name,
      };
      const call = { name: "$json_field", args: [json, name], returnType: { kind: "JSON" }, safe: false } as const;
      return context.written(call.name, context.services.functions.scalar(call));
    }
    case "ResolvedSubqueryExpr":
      return writeSubquery(expression, scope, context);
    case "ResolvedWithExpr":
      return writeWithExpression(expression, scope, context);
    case "ResolvedArgumentRef":
      return parameterMarker(`&${expression.name.toLowerCase()}`);
    default:
      throw new CannotWrite(expression.node);
  }
}

/** The type of an expression. */
export function typeOf(expression: { readonly type?: Type }): SqlType {
  return sqlTypeOf(required(expression.type));
}

export function columnSql(id: number, scope: Scope): string {
  const sql = scope.get(id);
  if (sql === undefined) throw new CannotWrite(`column ${id}, which is out of reach`);
  return sql;
}

function literalSql(literal: ResolvedLiteral): string {
  const type = analyzedTypeOf(required(literal.type));
  if (!isSqlType(type)) return quoteText(String(enumText(literal)));
  return valueSql(literal.value?.value ?? {}, type);
}

function literalOf(expression: AnyResolvedExpr): { readonly literal: Literal } | undefined {
  if (expression.node !== "ResolvedLiteral") return undefined;
  const value = expression.value?.value ?? {};
  const type = expression.type?.type_kind;
  if (type === "TYPE_ENUM") return { literal: enumText(expression) };
  const found = value.int64_value ?? value.string_value ?? value.double_value ?? value.bool_value ?? value.json_value;
  if (found !== undefined) return { literal: found };
  return Object.keys(value).length === 0 ? { literal: null } : undefined;
}

/** Enums are named by GoogleSQL's own declarations, which travel with the literal's type. */
function enumText(literal: ResolvedLiteral): string {
  const name = literal.type?.enum_type?.enum_name ?? "";
  return enumName(name, literal.value?.value?.enum_value ?? 0);
}

function writeCall(call: ResolvedFunctionCall, scope: Scope, context: WriterContext): string {
  return writtenCall(call, scope, context).sql;
}

function writtenCall(
  call: ResolvedFunctionCall,
  scope: Scope,
  context: WriterContext,
): Pick<Written, "sql" | "unchecked"> {
  const name = functionName(call);
  const script = scriptPlace(call.function?.name ?? "");
  if (script !== undefined) return { sql: writeScriptCall(call, script, scope, context) };
  if (OVER_VALUES.has(name) && call.argument_list.some((argument) => argument.type?.type_kind === "TYPE_ENUM")) {
    throw new CannotWrite("an enum as a value");
  }
  const isolated: string[] = [];
  const alias = context.aliases.next("i");
  const args = argumentsOf(call, scope, context).map((argument, index): Argument => {
    const expression = call.argument_list[index];
    if (!context.isolatesSubqueries || !expression || !holdsSubquery(expression)) return argument;
    isolated.push(`${argument.sql} AS a${index}`);
    const { unchecked: _, ...rest } = argument;
    return { ...rest, sql: `${alias}.a${index}` };
  });
  const scalar = {
    name,
    args,
    returnType: typeOf(call),
    safe: call.error_mode === "SAFE_ERROR_MODE",
  };
  if (isPreprocessing(name) || isolated.length > 0) {
    const sql = isPreprocessing(name)
      ? required(context.services.preprocessing).writeScalar(scalar)
      : context.written(name, context.services.functions.scalar(scalar));
    return { sql: isolated.length === 0 ? sql : `(SELECT ${sql} FROM (SELECT ${isolated.join(", ")}) AS ${alias})` };
  }
  const written = context.services.functions.scalar(scalar);
  context.written(name, written);
  return written;
}

/** Operators that the analyzer puts over the modes of functions that it writes out (ARRAY_ZIP). */
const OVER_VALUES: ReadonlySet<string> = new Set(["$equal", "$not_equal", "$is_null", "$in", "if", "coalesce"]);

/** A call of a function in JavaScript. DuckDB's TRY takes no function whose answers may change. */
function writeScriptCall(call: ResolvedFunctionCall, place: number, scope: Scope, context: WriterContext): string {
  const args = call.argument_list.map((argument) => writeExpression(argument, scope, context));
  const isSafe = call.error_mode === "SAFE_ERROR_MODE";
  const sql = context.services.scriptFunction(place, args, isSafe);
  return isSafe ? `try(${sql})` : sql;
}

function holdsSubquery(expression: AnyResolvedExpr): boolean {
  switch (expression.node) {
    case "ResolvedSubqueryExpr":
    case "ResolvedWithExpr":
      return true;
    case "ResolvedFunctionCall":
      return expression.argument_list.some(holdsSubquery);
    case "ResolvedCast":
    case "ResolvedGetStructField":
      return expression.expr !== undefined && holdsSubquery(expression.expr);
    default:
      return false;
  }
}

/** An aggregate call as it stands in a SELECT with GROUP BY. */
export function writeAggregate(call: ResolvedAggregateFunctionCall, scope: Scope, context: WriterContext): string {
  if (call.group_by_list.length > 0) throw new CannotWrite("GROUP BY inside an aggregate function");
  const name = functionName(call);
  const nulls = nullHandling(call.null_handling_modifier);
  const having = call.having_modifier;
  const written = context.services.functions.aggregate({
    name,
    args: argumentsOf(call, scope, context).map((argument) => ({
      ...argument,
      sql: argument.unchecked?.sql ?? argument.sql,
    })),
    returnType: typeOf(call),
    safe: call.error_mode === "SAFE_ERROR_MODE",
    distinct: call.distinct,
    ...(nulls ? { nulls } : {}),
    orderBy: orderItems(call.order_by_item_list, scope),
    ...(call.limit ? { limit: writeExpression(call.limit, scope, context) } : {}),
    ...(having?.having_expr
      ? {
          having: {
            kind: having.kind === "MAX" ? ("MAX" as const) : ("MIN" as const),
            sql: writeExpression(having.having_expr, scope, context),
          },
        }
      : {}),
    ...(call.where_expr ? { where: writeExpression(call.where_expr, scope, context) } : {}),
  });
  return context.written(name, written);
}

interface Window {
  readonly partitionBy: readonly string[];
  readonly orderBy: readonly string[];
  readonly frame?: string;
}

/** An analytic call, its window written by the scan. */
export function writeAnalytic(
  call: ResolvedAnalyticFunctionCall,
  window: Window,
  scope: Scope,
  context: WriterContext,
): string {
  const written = context.services.functions.analytic(analyticCall(call, window, scope, context));
  return context.written(functionName(call), written);
}

export function analyticCall(
  call: ResolvedAnalyticFunctionCall,
  window: Window,
  scope: Scope,
  context: WriterContext,
): AnalyticCall {
  const nulls = nullHandling(call.null_handling_modifier);
  const parts = [
    ...(window.partitionBy.length > 0 ? [`PARTITION BY ${window.partitionBy.join(", ")}`] : []),
    ...(window.orderBy.length > 0 ? [`ORDER BY ${window.orderBy.join(", ")}`] : []),
    ...(window.frame ? [window.frame] : []),
  ];
  return {
    name: functionName(call),
    args: argumentsOf(call, scope, context),
    returnType: typeOf(call),
    safe: call.error_mode === "SAFE_ERROR_MODE",
    distinct: call.distinct,
    ...(nulls ? { nulls } : {}),
    window: parts.join(" "),
    partitionBy: window.partitionBy,
    orderBy: window.orderBy,
    ...(window.frame ? { frame: window.frame } : {}),
  };
}

/** ORDER BY items as DuckDB terms, GoogleSQL's order of NULL and NaN written out. */
export function orderItems(items: readonly ResolvedOrderByItem[], scope: Scope): string[] {
  return items.flatMap((item) => {
    const column = required(item.column_ref?.column);
    return orderTerms(columnSql(column.column_id, scope), sqlTypeOf(required(column.type)), item);
  });
}

function argumentsOf(
  call: {
    readonly argument_list: readonly AnyResolvedExpr[];
    readonly generic_argument_list: readonly ResolvedFunctionArgument[];
  },
  scope: Scope,
  context: WriterContext,
): Argument[] {
  if (call.generic_argument_list.length > 0) {
    return call.generic_argument_list.map((argument) => genericArgument(argument, scope, context));
  }
  return call.argument_list.map((argument) => argumentOf(argument, scope, context));
}

function argumentOf(expression: AnyResolvedExpr, scope: Scope, context: WriterContext): Argument {
  const type: AnalyzedType = analyzedTypeOf(required(expression.type));
  const literal = literalOf(expression);
  const volatile = isVolatile(expression) ? { volatile: true } : {};
  const written = expression.node === "ResolvedFunctionCall" ? writtenCall(expression, scope, context) : undefined;
  return {
    sql: written?.sql ?? (isSqlType(type) ? writeExpression(expression, scope, context) : ""),
    ...(written?.unchecked ? { unchecked: written.unchecked } : {}),
    type,
    ...literal,
    ...volatile,
  };
}

function genericArgument(argument: ResolvedFunctionArgument, scope: Scope, context: WriterContext): Argument {
  if (argument.expr) return argumentOf(argument.expr, scope, context);
  const lambda = argument.inline_lambda;
  if (!lambda?.body) throw new CannotWrite("a function argument that is neither an expression nor a lambda");
  const inner = new Map(scope);
  const parameters = lambda.argument_list.map((parameter) => {
    const name = columnName(parameter.column_id);
    inner.set(parameter.column_id, name);
    return name;
  });
  return { sql: writeExpression(lambda.body, inner, context), type: typeOf(lambda.body), lambda: parameters };
}

/** RAND() and GENERATE_UUID() differ at each evaluation. */
function isVolatile(expression: AnyResolvedExpr): boolean {
  if (expression.node === "ResolvedCast") return expression.expr !== undefined && isVolatile(expression.expr);
  if (expression.node !== "ResolvedFunctionCall") return false;
  const name = functionName(expression);
  return name === "rand" || name === "generate_uuid" || expression.argument_list.some(isVolatile);
}

/**
 * Function names come with their group: "ZetaSQL:$add". Those of BigQuery ML are told by their group: a call may have a
 * name of its own.
 */
export function functionName(call: { readonly function?: { readonly name: string } }): string {
  const name = call.function?.name ?? "";
  return name.replace(name.startsWith("ML.") ? /:.*$/ : /^[^:]*:/, "").toLowerCase();
}

/** A function of BigQuery ML, which its own room writes. */
export const isPreprocessing = (name: string): boolean => name.startsWith("ml.");

function writeCast(cast: ResolvedCast, scope: Scope, context: WriterContext): string {
  const inner = required(cast.expr);
  const target = analyzedTypeOf(required(cast.type));
  const from = analyzedTypeOf(required(inner.type));
  if (!isSqlType(target) || !isSqlType(from)) return isSqlType(from) ? writeExpression(inner, scope, context) : "";
  const literal = literalOf(inner);
  if (literal?.literal === null) return nullSql(target);
  const parameters = typeParameters(cast.type_modifiers);
  const written = context.services.functions.cast({
    arg: { sql: writeExpression(inner, scope, context), type: from, ...literal },
    to: target,
    safe: cast.return_null_on_error,
    ...(cast.format ? { format: argumentOf(cast.format, scope, context) } : {}),
    ...(cast.time_zone ? { timeZone: argumentOf(cast.time_zone, scope, context) } : {}),
    ...(parameters ? { typeParameters: parameters } : {}),
  });
  return context.written("cast", written);
}

function typeParameters(modifiers: TypeModifiers | undefined): readonly number[] | undefined {
  const { numeric_type_parameters: numeric, string_type_parameters: text } = modifiers?.type_parameters ?? {};
  if (numeric) return numeric.precision === undefined ? undefined : [numeric.precision, numeric.scale];
  return text?.max_length === undefined ? undefined : [text.max_length];
}

function writeSubquery(expression: ResolvedSubqueryExpr, scope: Scope, context: WriterContext): string {
  const overArray = writeArraySubquery(expression, scope, context);
  if (overArray !== undefined) return overArray;
  const frame = writeScan(required(expression.subquery), scope, context);
  const first = required(expression.subquery).column_list[0];
  switch (expression.subquery_type) {
    case "EXISTS":
      return `EXISTS (${frame.select(["1"])})`;
    case "SCALAR":
      return `(${frame.select([frame.columnSql(required(first).column_id)])})`;
    case "IN": {
      const needle = writeExpression(required(expression.in_expr), scope, context);
      return `(${needle} IN (${frame.select([frame.columnSql(required(first).column_id)])}))`;
    }
    case "ARRAY":
      return arraySubquery(frame, required(first).column_id, typeOf(expression));
    default:
      throw new CannotWrite(`subquery of kind ${expression.subquery_type}`);
  }
}

function arraySubquery(frame: ReturnType<typeof writeScan>, id: number, type: SqlType): string {
  const simple = frame.limit === undefined && frame.offset === undefined && frame.with.length === 0;
  const inner = simple ? frame.readable() : frame.sealed();
  const order = inner.orderTerms();
  inner.orderBy = [];
  const list = `list(${inner.columnSql(id)}${order.length > 0 ? ` ORDER BY ${order.join(", ")}` : ""})`;
  return `coalesce((${inner.select([list])}), CAST([] AS ${duckType(type)}))`;
}

/** WITH(a AS x, f(a)): each name becomes a column of a subquery. */
function writeWithExpression(expression: ResolvedWithExpr, scope: Scope, context: WriterContext): string {
  const inner = new Map(scope);
  let from = "";
  for (const assignment of expression.assignment_list) {
    const id = required(assignment.column).column_id;
    const value = writeExpression(required(assignment.expr), inner, context);
    const alias = context.aliases.next("w");
    const subquery = `(SELECT ${value} AS ${columnName(id)}) AS ${alias}`;
    from = from === "" ? subquery : `${from}, LATERAL ${subquery}`;
    inner.set(id, `${alias}.${columnName(id)}`);
  }
  return `(SELECT ${writeExpression(required(expression.expr), inner, context)} FROM ${from})`;
}

function nullHandling(modifier: string): "IGNORE" | "RESPECT" | undefined {
  if (modifier === "IGNORE_NULLS") return "IGNORE";
  return modifier === "RESPECT_NULLS" ? "RESPECT" : undefined;
}

export function required<T>(value: T | undefined): T {
  if (value === undefined) throw new CannotWrite("a resolved node without a part that it must have");
  return value;
}

/** Names of the enums that stand in calls (googlesql/public/functions/datetime.proto, normalize_mode.proto …). */
function enumName(type: string, value: number): string {
  const names = ENUMS[type.slice(type.lastIndexOf(".") + 1)];
  const name = names?.[value];
  if (name === undefined) throw new CannotWrite(`value ${value} of ${type}`);
  return name;
}

const ENUMS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  DateTimestampPart: {
    1: "YEAR",
    2: "MONTH",
    3: "DAY",
    4: "DAYOFWEEK",
    5: "DAYOFYEAR",
    6: "QUARTER",
    7: "HOUR",
    8: "MINUTE",
    9: "SECOND",
    10: "MILLISECOND",
    11: "MICROSECOND",
    12: "NANOSECOND",
    13: "DATE",
    14: "WEEK",
    15: "DATETIME",
    16: "TIME",
    17: "ISOYEAR",
    18: "ISOWEEK",
    19: "WEEK_MONDAY",
    20: "WEEK_TUESDAY",
    21: "WEEK_WEDNESDAY",
    22: "WEEK_THURSDAY",
    23: "WEEK_FRIDAY",
    24: "WEEK_SATURDAY",
    25: "PICOSECOND",
  },
  NormalizeMode: { 0: "NFC", 1: "NFKC", 2: "NFD", 3: "NFKD" },
  RoundingMode: { 1: "ROUND_HALF_AWAY_FROM_ZERO", 2: "ROUND_HALF_EVEN" },
  ArrayZipMode: { 0: "UNKNOWN", 1: "PAD", 2: "TRUNCATE", 3: "STRICT" },
};
