import type { ParseNode } from "../googlesql/analyzer.js";
import { unsupportedStatement } from "./errors.js";
import type { Script } from "./script.js";

/** CALL. */
export async function callProcedure(_node: ParseNode, _script: Script): Promise<void> {
  throw unsupportedStatement("CALL of a procedure");
}
