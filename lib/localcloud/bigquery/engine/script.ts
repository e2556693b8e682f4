import type { Names } from "../googlesql/names.js";
import type { RunResult } from "./engine.js";
import { unsupportedStatement } from "./errors.js";
import type { Execution } from "./execution.js";

const SCRIPT_WORDS = new Set([
  "DECLARE",
  "SET",
  "IF",
  "LOOP",
  "WHILE",
  "FOR",
  "BEGIN",
  "REPEAT",
  "CASE",
  "CALL",
  "EXECUTE",
  "RAISE",
  "COMMIT",
  "ROLLBACK",
]);

/** More than one statement, or control flow. */
export function isScript(names: Names): boolean {
  return names.hasSeveralStatements || SCRIPT_WORDS.has(names.firstWord);
}

export async function runScript(_execution: Execution): Promise<RunResult> {
  throw unsupportedStatement("A script");
}
