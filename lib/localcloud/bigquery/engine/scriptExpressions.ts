import { invalidQuery } from "../errors.js";
import type { ParseNode } from "../googlesql/analyzer.js";
import type { AnyResolvedExpr } from "../googlesql/contract/resolved.js";
import { typeName } from "../googlesql/types.js";
import type { SqlType } from "../schema.js";
import type { WireValue } from "./engine.js";
import { unsupportedStatement } from "./errors.js";
import type { Execution } from "./execution.js";
import { nullSql, textSql, wireSql } from "./literals.js";
import { child, childList, identifier, type ScriptText } from "./scriptNodes.js";
import type { Variable } from "./session.js";
import { WriterContext } from "./writer/context.js";
import { typeOf, writeExpression } from "./writer/expressions.js";

/** Variables of a script and the expressions that they are set from. */
export class ScriptExpressions {
  readonly #execution: Execution;
  readonly #text: ScriptText;

  constructor(execution: Execution, text: ScriptText) {
    this.#execution = execution;
    this.#text = text;
    this.#system("project_id", { kind: "STRING" }, textSql(execution.session.projectId, { kind: "STRING" }));
    this.rowCount = 0;
    this.error = undefined;
  }

  set rowCount(rows: number) {
    this.#system("row_count", { kind: "INT64" }, textSql(String(rows), { kind: "INT64" }));
  }

  /** `@@error.message` within an exception handler. */
  set error(message: string | undefined) {
    const type: SqlType = { kind: "STRING" };
    const sql = message === undefined ? nullSql(type) : textSql(message, type);
    this.#system("error.message", type, sql);
    this.#system("error.formatted_stack_trace", type, sql);
  }

  #system(name: string, type: SqlType, sql: string): void {
    this.#execution.session.systemVariables.set(name, { type, sql });
  }

  /** DECLARE. */
  async declare(node: ParseNode): Promise<void> {
    const names = childList(child(node, "variable_list"), "identifier_list").map(identifier);
    const declared = node.type as ParseNode | undefined;
    const initial = node.default_value as ParseNode | undefined;
    const scope = this.#execution.session.scopes[this.#execution.session.scopes.length - 1];
    let variable: Variable;
    if (declared) {
      const type = await this.#typeOf(declared);
      variable = initial ? await this.coerced(initial, type) : { type, sql: nullSql(type) };
    } else if (initial) {
      variable = await this.value(initial);
    } else {
      throw invalidQuery("DECLARE needs a type or a default");
    }
    for (const name of names) {
      if (this.#execution.session.variable(name)) throw invalidQuery(`Variable '${name}' redeclaration is not allowed`);
      scope?.set(name, { ...variable });
    }
  }

  /** SET x = expression. */
  async assign(names: readonly string[], expression: ParseNode): Promise<void> {
    const [name = ""] = names;
    const variable = this.#variable(name, expression);
    variable.sql = (await this.coerced(expression, variable.type)).sql;
  }

  /** SET (x, y) = struct. */
  async assignStruct(names: readonly string[], expression: ParseNode): Promise<void> {
    if (names.length === 1) return this.assign(names, expression);
    const { type, wire } = await this.#evaluate(this.#text.padded(expression));
    if (type.kind !== "STRUCT" || type.fields.length !== names.length) {
      throw invalidQuery(
        `Number of fields in struct (${type.kind === "STRUCT" ? type.fields.length : 1}) does not match number of variables (${names.length})`,
      );
    }
    const fields = wire !== null && typeof wire === "object" && "f" in wire ? wire.f : [];
    for (const [index, name] of names.entries()) {
      const variable = this.#variable(name, expression);
      const field = type.fields[index];
      if (field) await this.assignWire(variable, fields[index]?.v ?? null, field.type);
    }
  }

  /** A value given in wire form, of its own type. */
  async assignWire(variable: Variable, wire: WireValue, type: SqlType): Promise<void> {
    if (typeName(type) === typeName(variable.type)) {
      variable.sql = wireSql(wire, type);
      return;
    }
    const { functions } = this.#execution.parts.planner.services(
      NOTHING,
      this.#execution.session,
      this.#execution.location,
    );
    const cast = functions.cast({ arg: { sql: wireSql(wire, type), type }, to: variable.type, safe: false });
    variable.sql = wireSql(await this.#execution.single(`SELECT ${cast.sql} AS o1`, variable.type), variable.type);
  }

  async assignSystem(node: ParseNode): Promise<void> {
    const path = childList(child(child(node, "system_variable"), "path"), "names")
      .map(identifier)
      .join(".");
    const expression = child(node, "expression");
    if (path === "time_zone" && /^\s*["']UTC["']$/i.test(this.#text.slice(expression))) return;
    throw unsupportedStatement(`SET @@${path}`);
  }

  #variable(name: string, at: ParseNode): Variable {
    const variable = this.#execution.session.variable(name);
    if (variable) return variable;
    const place = this.#text.spanOf(at);
    throw invalidQuery(
      `Undeclared variable: ${name} at [${place.startLine}:${Math.max(1, place.startColumn - name.length - 3)}]`,
    );
  }

  variable(name: string, at: ParseNode): Variable {
    return this.#variable(name, at);
  }

  async value(expression: ParseNode): Promise<Variable> {
    const { type, wire } = await this.#evaluate(this.#text.padded(expression));
    return { type, sql: wireSql(wire, type) };
  }

  async isTrue(condition: ParseNode): Promise<boolean> {
    const { type, wire } = await this.#evaluate(this.#text.padded(condition));
    if (type.kind !== "BOOL") {
      throw invalidQuery(`Expected BOOL type for the condition but got ${typeName(type)}`);
    }
    return wire === "true";
  }

  async areEqual(left: ParseNode, right: ParseNode): Promise<boolean> {
    const sql = `(${this.#text.slice(left)}) = (${this.#text.slice(right)})`;
    return (await this.#evaluate(sql)).wire === "true";
  }

  async text(expression: ParseNode): Promise<string | undefined> {
    const { wire } = await this.#evaluate(this.#text.padded(expression));
    return typeof wire === "string" ? wire : undefined;
  }

  /** The rows of a query as structs. */
  async rowsOf(query: ParseNode): Promise<{ readonly type: SqlType; readonly values: readonly string[] }> {
    const execution = this.#execution;
    const plan = execution.plan(this.#text.padded(query));
    const { written } = plan.query(
      execution.parts.planner.services(plan.analyzed, execution.session, execution.location),
    );
    const type: SqlType = { kind: "STRUCT", fields: written.columns };
    const values: string[] = [];
    await execution.stream(written.sql, written.columns, {
      begin: () => undefined,
      rows: (batch) => {
        for (const row of batch) values.push(wireSql({ f: row.f }, type));
      },
    });
    return { type, values };
  }

  async #typeOf(node: ParseNode): Promise<SqlType> {
    const padded = this.#text.padded(node);
    const start = padded.length - this.#text.slice(node).length;
    const analyzed = this.#execution.planExpression(
      `${padded.slice(0, Math.max(0, start - 13))}CAST(NULL AS ${padded.slice(start)})`,
    );
    return typeOf(analyzed.expression);
  }

  /** An expression's value as a type, as an assignment coerces it. @throws CloudError invalidQuery. */
  async coerced(expression: ParseNode, type: SqlType): Promise<Variable> {
    const first = this.#execution.planExpression(this.#text.padded(expression));
    const from = typeOf(first.expression);
    if (typeName(from) === typeName(type)) return this.value(expression);
    if (!coerces(from, type) && !literalCoerces(first.expression, from, type)) {
      const place = this.#text.spanOf(expression);
      throw invalidQuery(
        `Cannot coerce expression ${this.#text.slice(expression)} to type ${typeName(type)} at [${place.startLine}:${place.startColumn}]`,
      );
    }
    const padded = this.#text.padded(expression);
    const start = padded.length - this.#text.slice(expression).length;
    const cast = `${padded.slice(0, Math.max(0, start - 6))}CAST((${padded.slice(start)}) AS ${typeName(type)})`;
    const { wire } = await this.#evaluate(cast);
    return { type, sql: wireSql(wire, type) };
  }

  async #evaluate(sql: string): Promise<{ readonly type: SqlType; readonly wire: WireValue }> {
    const { expression, analyzed } = this.#execution.planExpression(sql);
    const { session, location, parts } = this.#execution;
    const context = new WriterContext(parts.planner.services(analyzed, session, location));
    const type = typeOf(expression);
    const written = writeExpression(expression, new Map(), context);
    return { type, wire: await this.#execution.single(`SELECT ${written} AS o1`, type) };
  }
}

const NOTHING = { bound: [], tableFunctions: new Map() } as const;

const COERCIONS: Readonly<Record<string, readonly string[]>> = {
  INT64: ["FLOAT64", "NUMERIC", "BIGNUMERIC"],
  NUMERIC: ["FLOAT64", "BIGNUMERIC"],
  BIGNUMERIC: ["FLOAT64"],
  DATE: ["DATETIME", "TIMESTAMP"],
  DATETIME: ["TIMESTAMP"],
};

const LITERAL_COERCIONS: Readonly<Record<string, readonly string[]>> = {
  STRING: ["DATE", "DATETIME", "TIME", "TIMESTAMP"],
  FLOAT64: ["NUMERIC", "BIGNUMERIC"],
};

/** What literals alone coerce to: NULL to anything, text to dates and times. */
function literalCoerces(expression: AnyResolvedExpr, from: SqlType, to: SqlType): boolean {
  if (expression.node !== "ResolvedLiteral") return false;
  return (
    Object.keys(expression.value?.value ?? {}).length === 0 || (LITERAL_COERCIONS[from.kind] ?? []).includes(to.kind)
  );
}

/** Implicit coercion (docs …/standard-sql/conversion_rules#coercion); arrays and structs by their parts. */
function coerces(from: SqlType, to: SqlType): boolean {
  if (typeName(from) === typeName(to)) return true;
  if (from.kind === "ARRAY" && to.kind === "ARRAY") return coerces(from.element, to.element);
  if (from.kind === "STRUCT" && to.kind === "STRUCT") {
    return (
      from.fields.length === to.fields.length &&
      from.fields.every((field, index) => coerces(field.type, to.fields[index]?.type ?? field.type))
    );
  }
  return (COERCIONS[from.kind] ?? []).includes(to.kind);
}
