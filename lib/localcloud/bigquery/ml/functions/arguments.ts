import { invalidQuery } from "../../errors.js";
import type { Argument, ScalarCall } from "../../functions/call.js";

/** Reading the arguments of a preprocessing function. */

/** DuckDB SQL of an argument. @throws RangeError when the analyzer let a call through without it. */
export function sqlAt(call: ScalarCall, index: number): string {
  const argument = call.args[index];
  if (!argument) throw new RangeError(`${call.name} has no argument ${index + 1}`);
  return argument.sql;
}

/** An INT64 literal within `min..max`; `fallback` when it is left out. @throws CloudError invalidQuery. */
export function integerAt(call: ScalarCall, index: number, range: IntegerRange, fallback?: number): number {
  const { min, max } = range;
  const literal = literalAt(call, index, fallback);
  if (typeof literal !== "number" && typeof literal !== "bigint") throw wrong(call, index, "an INT64 literal");
  const value = Number(literal);
  if (value < min || value > max) throw wrong(call, index, `between ${min} and ${max}, it is ${value}`);
  return value;
}

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
}

/** One of the allowed STRING literals, in any case. @throws CloudError invalidQuery. */
export function choiceAt<T extends string>(call: ScalarCall, index: number, allowed: readonly T[], fallback?: T): T {
  const literal = literalAt(call, index, fallback);
  const found = allowed.find((choice) => typeof literal === "string" && choice === literal.toLowerCase());
  if (found === undefined) throw wrong(call, index, `one of ${allowed.map((choice) => `'${choice}'`).join(", ")}`);
  return found;
}

/** A BOOL literal. @throws CloudError invalidQuery. */
export function flagAt(call: ScalarCall, index: number, fallback: boolean): boolean {
  const literal = literalAt(call, index, fallback);
  if (typeof literal !== "boolean") throw wrong(call, index, "a BOOL literal");
  return literal;
}

function literalAt(call: ScalarCall, index: number, fallback: Argument["literal"]): Argument["literal"] {
  const argument = call.args[index];
  return argument ? argument.literal : fallback;
}

export const wrong = (call: ScalarCall, index: number, expected: string) =>
  invalidQuery(`Argument ${index + 1} of ${call.name.toUpperCase()} must be ${expected}.`);
