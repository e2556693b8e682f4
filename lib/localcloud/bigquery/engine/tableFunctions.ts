import { CloudError } from "../../platform/errors.js";
import { invalidQuery } from "../errors.js";
import type { ParseNode, Proto } from "../googlesql/analyzer.js";
import type { AnyResolvedScan, ResolvedTVFScan } from "../googlesql/contract/resolved.js";
import { type Names, namesIn } from "../googlesql/names.js";
import { sqlTypeOf, typeProtoOf } from "../googlesql/types.js";
import type { Analysis, Analyzed } from "./analysis.js";
import { constantValue } from "./constants.js";
import type { Column, ModelHook, TableFunctionArgument } from "./modelHook.js";
import { badMode, RANGE_SESSIONIZE, sessionizedColumns } from "./rangeSessionize.js";
import { ScriptText } from "./scriptNodes.js";
import type { Session } from "./session.js";
import { bindStructFunctions } from "./structFunctions.js";
import { required, typeOf } from "./writer/expressions.js";

/** An `ML.*` call in a statement: its output is known before the statement around it is analyzed. */
export interface TableFunctionCall {
  /** Without `ML.`, in upper case. */
  readonly name: string;
  readonly args: readonly TableFunctionArgument[];
  /** `TableValuedFunctionProto` under the name that this call has in the text given to the analyzer. */
  readonly proto: Proto;
  /** A scalar function whose result type hangs on its call; then `proto` is a `FunctionProto`. */
  readonly isScalar?: true;
  /** Not of BigQuery ML: it stands at the root of the catalog. */
  readonly isBuiltIn?: true;
}

interface Bound {
  readonly sql: string;
  readonly calls: ReadonlyMap<string, TableFunctionCall>;
}

/**
 * Gives each `ML.*` call of the text a function of its own, under a name as long as the written one (so that places in
 * errors stay), whose output columns are those of the call: what goes into it is analyzed first, innermost call first.
 * @throws CloudError what BigQuery ML says of the call, with its place.
 */
export function bindTableFunctions(sql: string, names: Names, session: Session, analysis: Analysis): Bound {
  const { models } = session;
  const uses = names.paths.some(
    ([first, second]) =>
      first?.toUpperCase() === RANGE_SESSIONIZE || (models && second !== undefined && first?.toUpperCase() === "ML"),
  );
  if (!uses) return { sql, calls: NONE };
  const text = new ScriptText(sql);
  const calls = new Map<string, TableFunctionCall>();
  const script = analysis.googleSql.parseScript(sql);
  let renamed = sql;
  if (models) {
    const structCalls = bindStructFunctions(script, text, models.preprocessing);
    for (const call of structCalls.calls) calls.set(call.alias, { ...call, args: [], isScalar: true });
    renamed = structCalls.sql;
  }
  for (const found of tableFunctionsIn(script, models)) {
    const { start, end } = text.range(found.nameNode);
    const alias = `M${String(calls.size).padStart(end - start - 1, "0")}`;
    renamed = renamed.slice(0, start) + alias + renamed.slice(end);
    calls.set(
      alias,
      bindCall(found, alias, new ScriptText(renamed), { session, analysis, models, calls, original: text }),
    );
  }
  return { sql: renamed, calls };
}

const NONE: ReadonlyMap<string, TableFunctionCall> = new Map();

interface FoundCall {
  readonly node: ParseNode;
  /** Of the last segment of the function's path. */
  readonly nameNode: ParseNode;
  readonly name: string;
  /** WITH clauses of the queries around it, outermost first. */
  readonly withClauses: readonly ParseNode[];
}

/** Calls of the text, inner ones before those around them. */
function tableFunctionsIn(root: ParseNode, models: ModelHook | undefined): FoundCall[] {
  const found: FoundCall[] = [];
  const visit = (node: ParseNode, withClauses: readonly ParseNode[]): void => {
    const own = node.node === "ASTQuery" ? (node.with_clause as ParseNode | undefined) : undefined;
    const inner = own ? [...withClauses, own] : withClauses;
    for (const [field, value] of Object.entries(node)) {
      // A WITH clause sees the clauses around its query, and its own earlier entries.
      const reach = field === "with_clause" ? inner : inner;
      for (const item of Array.isArray(value) ? value : [value]) {
        if (typeof item === "object" && item !== null && "node" in item) visit(item as ParseNode, reach);
      }
    }
    if (node.node !== "ASTTVF") return;
    const path = ((node.name as ParseNode | undefined)?.names ?? []) as readonly ParseNode[];
    const [first, second] = path;
    if (path.length === 1 && first && String(first.id_string).toUpperCase() === RANGE_SESSIONIZE) {
      found.push({ node, nameNode: first, name: RANGE_SESSIONIZE, withClauses });
    }
    const name = String(second?.id_string ?? "").toUpperCase();
    if (path.length !== 2 || !second || String(first?.id_string).toUpperCase() !== "ML") return;
    if (models?.tableFunctions.includes(name)) found.push({ node, nameNode: second, name, withClauses });
  };
  visit(root, []);
  return found;
}

interface BindContext {
  readonly session: Session;
  readonly analysis: Analysis;
  readonly models: ModelHook | undefined;
  readonly calls: ReadonlyMap<string, TableFunctionCall>;
  readonly original: ScriptText;
}

function bindCall(found: FoundCall, alias: string, text: ScriptText, context: BindContext): TableFunctionCall {
  const entries = (found.node.argument_entries ?? []) as readonly ParseNode[];
  const signature = entries.map(argumentProto);
  const builtIn = found.name === RANGE_SESSIONIZE ? ({ isBuiltIn: true } as const) : {};
  const call = { name: found.name, ...builtIn };
  const probe: TableFunctionCall = { ...call, args: [], proto: functionProto(alias, signature, PROBED) };
  const sql = probeText(found, text);
  const analyzed = context.analysis.analyzeBound(
    sql,
    context.session,
    namesIn(sql),
    new Map([...context.calls, [alias, probe]]),
  );
  const scan = tableFunctionScan(analyzed, alias);
  const args = scan.argument_list.map((argument) => argumentOf(argument, analyzed, context.session));
  const columns = outputColumns(found, args, context);
  return { ...call, args, proto: functionProto(alias, signature, columns) };
}

function outputColumns(
  found: FoundCall,
  args: readonly TableFunctionArgument[],
  context: BindContext,
): readonly Column[] {
  try {
    if (found.name !== RANGE_SESSIONIZE) return required(context.models).outputColumns(found.name, args);
    const wrong = badMode(args);
    if (wrong !== undefined) throw invalidQuery(`${wrong}${placeOf(found, 3, context)}`);
    return sessionizedColumns(args);
  } catch (thrown) {
    const error = CloudError.from(thrown);
    if (error.details.reason !== "invalidQuery" || / at \[\d+:\d+\]$/.test(error.message)) throw error;
    throw new CloudError(error.status, `${error.message}${placeOf(found, undefined, context)}`, error.details);
  }
}

/** Where the call stands, or one of its arguments: ` at [line:column]`. */
function placeOf(found: FoundCall, argument: number | undefined, context: BindContext): string {
  const entries = (found.node.argument_entries ?? []) as readonly ParseNode[];
  const node = (argument === undefined ? undefined : entries[argument]) ?? found.node;
  const { startLine, startColumn } = context.original.spanOf(node);
  return ` at [${startLine}:${startColumn}]`;
}

/** The call alone, behind the WITH clauses around it; nothing before it is longer than what stood there. */
function probeText(found: FoundCall, text: ScriptText): string {
  const own = text.range(found.node);
  const before = found.withClauses
    .map((clause) => text.range(clause))
    // A call inside a WITH clause sees the entries before its own.
    .map(({ start, end }) =>
      end > own.start && start < own.start ? entriesBefore(start, own.start, found, text) : text.sql.slice(start, end),
    )
    .filter((clause) => clause.trim() !== "");
  const entries = before.map((clause) => clause.replace(/^\s*WITH\s+/i, ""));
  const recursive = entries.some((entry) => /^RECURSIVE\s/i.test(entry));
  const list = entries.map((entry) => entry.replace(/^RECURSIVE\s+/i, "")).join(", ");
  const call = text.sql.slice(own.start, own.end).replace(/\)(?:(?!\)).)*$/s, ")");
  return `${list === "" ? "" : `WITH ${recursive ? "RECURSIVE " : ""}${list} `}SELECT 1 FROM ${call}`;
}

/** The part of a WITH clause in front of the entry that holds the call. */
function entriesBefore(start: number, callStart: number, found: FoundCall, text: ScriptText): string {
  const clause = found.withClauses.find((candidate) => text.range(candidate).start === start);
  const entries = ((clause?.with ?? []) as readonly ParseNode[]).map((entry) => text.range(entry));
  const holding = entries.findIndex((entry) => entry.start < callStart && callStart < entry.end);
  const last = entries[holding - 1];
  return last ? text.sql.slice(start, last.end) : "";
}

function argumentProto(entry: ParseNode): Proto {
  const one = { num_occurrences: 1 };
  if (entry.model_clause) return { kind: "ARG_TYPE_MODEL", ...one };
  const expression = entry.expr as ParseNode | undefined;
  if (entry.table_clause || expression?.node === "ASTExpressionSubquery") return { kind: "ARG_TYPE_RELATION", ...one };
  return { kind: "ARG_TYPE_ARBITRARY", ...one };
}

const PROBED: readonly Column[] = [{ name: "probed", type: { kind: "INT64" } }];

function functionProto(alias: string, signature: readonly Proto[], columns: readonly Column[]): Proto {
  return {
    name_path: [alias],
    type: "FIXED_OUTPUT_SCHEMA_TVF",
    signature: {
      argument: signature.map((argument) => ({ ...argument, options: { cardinality: "REQUIRED" } })),
      return_type: {
        kind: "ARG_TYPE_RELATION",
        num_occurrences: 1,
        options: {
          relation_input_schema: {
            column: columns.map((column) => ({ name: column.name, type: typeProtoOf(column.type) })),
          },
        },
      },
    },
  };
}

function tableFunctionScan(analyzed: Analyzed, alias: string): ResolvedTVFScan {
  const { statement } = analyzed;
  let scan: AnyResolvedScan | undefined = statement.node === "ResolvedQueryStmt" ? statement.query : undefined;
  while (scan && scan.node !== "ResolvedTVFScan") {
    if (scan.node === "ResolvedProjectScan") scan = scan.input_scan;
    else if (scan.node === "ResolvedWithScan") scan = scan.query;
    else scan = undefined;
  }
  if (scan?.node !== "ResolvedTVFScan") throw new Error(`the analyzer gave no scan of ${alias}`);
  return scan;
}

function argumentOf(
  argument: ResolvedTVFScan["argument_list"][number],
  analyzed: Analyzed,
  session: Session,
): TableFunctionArgument {
  if (argument.model) {
    const bound = analyzed.bound[required(argument.model.model).serialization_id];
    if (bound?.kind !== "model") throw new Error("the analyzer gave a model that it was not given");
    return { kind: "model", reference: bound.reference };
  }
  if (argument.scan) {
    const columns = argument.argument_column_list.map((column) => ({
      name: column.name,
      type: sqlTypeOf(required(column.type)),
    }));
    return { kind: "relation", columns };
  }
  const expression = required(argument.expr);
  return { kind: "scalar", value: constantValue(expression, session), type: typeOf(expression) };
}
