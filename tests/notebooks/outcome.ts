import assert from "node:assert/strict";
import type { LocalCloud } from "activate/localcloud";
import type { Outcome } from "activate/workbook/checks/outcome.js";
import { planFault } from "../faults.js";

const says = (outcome: Outcome): string => ("says" in outcome ? outcome.says : outcome.why);

export function assertOutcome(outcome: Outcome, result: Outcome["result"], pattern: RegExp): void {
  assert.equal(outcome.result, result, says(outcome));
  assert.match(says(outcome), pattern);
  if (outcome.result === "wrong") assert.notEqual(outcome.look, "", "where to look");
}

/** Somebody without the role for the next call of a service: the check says that it cannot tell, and why. */
export async function assertCannotTell(
  { rest }: LocalCloud,
  match: { readonly service: string; readonly method?: string },
  check: () => Promise<Outcome>,
): Promise<void> {
  const message = "Permission denied, by plan.";
  const fault = await planFault(rest, { match, respond: { httpStatus: 403, message, reason: "accessDenied" } });
  assertOutcome(await check(), "cannot be checked", /denied, by plan/);
  await fault.mustHaveFired(1);
  await fault.remove();
}
