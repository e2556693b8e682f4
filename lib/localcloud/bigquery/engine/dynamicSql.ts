import { invalidQuery } from "../errors.js";
import type { ParseNode } from "../googlesql/analyzer.js";
import { namesIn } from "../googlesql/names.js";
import { fieldOf } from "../storage.js";
import type { WireValue } from "./engine.js";
import { unsupportedStatement } from "./errors.js";
import { isScript, type Script } from "./script.js";
import { child, childList, identifier } from "./scriptNodes.js";

/** EXECUTE IMMEDIATE: a statement made at run time, with parameters of its own. */
export async function runDynamic(node: ParseNode, script: Script): Promise<void> {
  const { execution, expressions } = script;
  const sql = await expressions.text(child(node, "sql"));
  if (sql === undefined) throw invalidQuery("EXECUTE IMMEDIATE sql string cannot be NULL");
  if (isScript(namesIn(sql))) throw unsupportedStatement("EXECUTE IMMEDIATE of a script");
  const into = node.into_clause ? childList(child(child(node, "into_clause"), "identifiers"), "identifier_list") : [];
  const { session } = execution;
  const before = {
    named: [...session.namedTypes],
    positional: [...session.positionalTypes],
    isPositional: session.positional,
    values: new Map(session.parameters),
  };
  session.namedTypes.length = 0;
  session.positionalTypes.length = 0;
  session.parameters.clear();
  session.positional = false;
  try {
    const using = node.using_clause ? childList(child(node, "using_clause"), "arguments") : [];
    for (const argument of using) {
      const variable = await expressions.value(child(argument, "expression"));
      const alias = argument.alias as ParseNode | undefined;
      if (alias) {
        const name = identifier(child(alias, "identifier"));
        session.namedTypes.push({ name, type: variable.type });
        session.parameters.set(`@${name}`, variable.sql);
      } else {
        session.positional = true;
        session.positionalTypes.push(variable.type);
        session.parameters.set(`#${session.positionalTypes.length}`, variable.sql);
      }
    }
    if (into.length === 0) return await script.runSql(sql, node);
    await runInto(sql, into.map(identifier), node, script);
  } finally {
    session.namedTypes.splice(0, session.namedTypes.length, ...before.named);
    session.positionalTypes.splice(0, session.positionalTypes.length, ...before.positional);
    session.positional = before.isPositional;
    session.parameters.clear();
    for (const [key, value] of before.values) session.parameters.set(key, value);
  }
}

async function runInto(sql: string, names: readonly string[], node: ParseNode, script: Script): Promise<void> {
  const { execution, expressions } = script;
  await script.runSql(sql, node, async (plan) => {
    const { written } = plan.query(
      execution.parts.planner.services(plan.analyzed, execution.session, execution.location),
    );
    if (written.columns.length !== names.length) {
      throw invalidQuery(`EXECUTE IMMEDIATE INTO expects ${names.length} columns but got ${written.columns.length}`);
    }
    const rows: (readonly { readonly v: WireValue }[])[] = [];
    const totalRows = await execution.stream(written.sql, written.columns, {
      begin: () => undefined,
      rows: (batch) => {
        for (const row of batch) rows.push(row.f);
      },
    });
    if (totalRows > 1) throw invalidQuery("Dynamic SQL result in EXECUTE IMMEDIATE INTO has more than one row");
    for (const [index, name] of names.entries()) {
      const column = written.columns[index];
      if (!column) continue;
      await expressions.assignWire(expressions.variable(name, node), rows[0]?.[index]?.v ?? null, column.type);
    }
    return {
      statementType: "SELECT",
      schema: written.columns.map((column) => fieldOf(column.name, column.type)),
      totalRows,
    };
  });
}
