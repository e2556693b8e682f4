import { CloudError } from "../../platform/errors.js";
import { invalidQuery } from "../errors.js";
import type { ParseNode, Proto } from "../googlesql/analyzer.js";
import type { PreprocessingHook } from "./modelHook.js";
import { childList, type ScriptText } from "./scriptNodes.js";

/** A call of a function whose result is a STRUCT with fields named after its argument's. */
export interface StructFunctionCall {
  readonly name: string;
  /** Its name in the text given to the analyzer. */
  readonly alias: string;
  readonly proto: Proto;
}

/**
 * Gives each such call of the text a function of its own, under a name as long as the written one (so that places in errors
 * stay): the analyzer has no way to say "a STRUCT with a field for each pair of fields".
 * @throws CloudError invalidQuery, with the call's place, when the argument is not written as STRUCT(…).
 */
export function bindStructFunctions(
  root: ParseNode,
  text: ScriptText,
  hook: PreprocessingHook,
): { readonly sql: string; readonly calls: readonly StructFunctionCall[] } {
  const calls: StructFunctionCall[] = [];
  let sql = text.sql;
  for (const { node, nameNode, name } of structCallsIn(root, hook)) {
    const { start, end } = text.range(nameNode);
    const alias = `F${String(calls.length).padStart(end - start - 1, "0")}`;
    sql = sql.slice(0, start) + alias + sql.slice(end);
    const [features, degree] = childList(node, "arguments");
    try {
      const call = { name, alias, fields: fieldNames(name, features), degree: degree && integerOf(degree) };
      calls.push({ name, alias, proto: hook.structFunction(call) });
    } catch (thrown) {
      const error = CloudError.from(thrown);
      const { startLine, startColumn } = text.spanOf(node);
      throw new CloudError(error.status, `${error.message} at [${startLine}:${startColumn}]`, error.details);
    }
  }
  return { sql, calls };
}

interface FoundCall {
  readonly node: ParseNode;
  readonly nameNode: ParseNode;
  readonly name: string;
}

function structCallsIn(root: ParseNode, hook: PreprocessingHook): FoundCall[] {
  const found: FoundCall[] = [];
  const visit = (node: ParseNode): void => {
    if (node.node === "ASTFunctionCall") {
      const [folder, nameNode, ...more] = childList(node.function as ParseNode, "names");
      const name = String(nameNode?.id_string ?? "").toUpperCase();
      const isMl = String(folder?.id_string ?? "").toUpperCase() === "ML" && more.length === 0;
      if (isMl && nameNode && hook.structFunctions.includes(name)) found.push({ node, nameNode, name });
    }
    for (const value of Object.values(node)) {
      for (const item of Array.isArray(value) ? value : [value]) {
        if (typeof item === "object" && item !== null && "node" in item) visit(item as ParseNode);
      }
    }
  };
  visit(root);
  return found;
}

/** Names of the fields of `STRUCT(a, t.b, c + 1 AS d)`: a, b, d. */
function fieldNames(name: string, features: ParseNode | undefined): string[] {
  const advice = `ML.${name} expects its features as STRUCT(a, b AS name, …), each with a name.`;
  if (features?.node !== "ASTStructConstructorWithKeyword") throw invalidQuery(advice);
  return childList(features, "fields").map((field) => {
    const found = nameOf(field);
    if (found === undefined) throw invalidQuery(advice);
    return found;
  });
}

/** The name of an item of a SELECT list or a STRUCT: its alias, else the last name of a path. */
export function nameOf(item: ParseNode): string | undefined {
  const alias = item.alias as ParseNode | undefined;
  if (alias) return String((alias.identifier as ParseNode | undefined)?.id_string ?? alias.id_string);
  const expression = item.expression as ParseNode | undefined;
  if (expression?.node === "ASTPathExpression") {
    return String(childList(expression, "names").at(-1)?.id_string);
  }
  if (expression?.node === "ASTDotIdentifier") return String((expression.name as ParseNode | undefined)?.id_string);
  return undefined;
}

const integerOf = (node: ParseNode): number => (node.node === "ASTIntLiteral" ? Number(node.image) : Number.NaN);
