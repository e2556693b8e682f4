import { ActivateError } from "../../cloud/errors.js";
import { type Html, html } from "../show/html.js";
import type { Output } from "../show/output.js";
import { colors, theme } from "../show/theme.js";

/** What a check found. There is no fifth possibility. */
export type Outcome =
  | { readonly result: "right"; readonly says: string; readonly remarks?: readonly string[] }
  /** `look`: where to look, not the answer. */
  | { readonly result: "wrong"; readonly says: string; readonly look: string; readonly remarks?: readonly string[] }
  | { readonly result: "not tried yet"; readonly says: string }
  | { readonly result: "cannot be checked"; readonly why: string };

export const right = (says: string, remarks: readonly string[] = []): Outcome => ({ result: "right", says, remarks });
export const wrong = (says: string, look: string, remarks: readonly string[] = []): Outcome => ({
  result: "wrong",
  says,
  look,
  remarks,
});
export const notTried = (says: string): Outcome => ({ result: "not tried yet", says });

/** Status words of what is nobody's query's fault: no leave, no answer, no room. */
const NOT_OF_THE_QUERY = ["PERMISSION_DENIED", "UNAUTHENTICATED", "RESOURCE_EXHAUSTED", "INTERNAL", "UNAVAILABLE"];

/** What a participant's query came to grief on, in BigQuery's words. @throws what was thrown, where the query is not to blame. */
export function wrongQuery(thrown: unknown): Outcome {
  if (!(thrown instanceof ActivateError) || thrown.code === "UNAVAILABLE") throw thrown;
  if (NOT_OF_THE_QUERY.includes(thrown.status ?? "")) throw thrown;
  return wrong(`BigQuery says: ${thrown.message}`, "The numbers in [line:column] count in your query, from 1.");
}

/** Thrown by a check that is not right when ACTIVATE_CHECKS is strict. */
export class CheckFailed extends Error {
  override readonly name = "CheckFailed";
}

/**
 * Runs a check, shows what it found, and answers it.
 * What the services refuse or cannot answer is "cannot be checked", with their reason: a check never breaks the room.
 * @throws CheckFailed when `strict` and the answer is not right.
 */
export async function runCheck(
  name: string,
  look: () => Promise<Outcome>,
  output: Output,
  strict: boolean,
): Promise<Outcome> {
  const outcome = await look().catch(
    (thrown: unknown): Outcome => ({ result: "cannot be checked", why: reasonOf(thrown) }),
  );
  output.slot().html(outcomeHtml(outcome).text);
  if (strict && outcome.result !== "right") {
    throw new CheckFailed(`Check "${name}": ${outcome.result}. ${"says" in outcome ? outcome.says : outcome.why}`);
  }
  return outcome;
}

function reasonOf(thrown: unknown): string {
  if (thrown instanceof ActivateError) return thrown.message;
  return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
}

const looks: Readonly<Record<Outcome["result"], { sign: string; color: string; ground: string; title: string }>> = {
  right: { sign: "✔", color: colors.good, ground: "#e6f4ea", title: "Right" },
  wrong: { sign: "✘", color: colors.bad, ground: "#fce8e6", title: "Not yet" },
  "not tried yet": { sign: "○", color: colors.open, ground: "#fef7e0", title: "Not tried yet" },
  "cannot be checked": { sign: "?", color: colors.unknown, ground: "#f1f3f4", title: "Cannot be checked" },
};

export function outcomeHtml(outcome: Outcome): Html {
  const { sign, color, ground, title } = looks[outcome.result];
  const remarks = "remarks" in outcome ? (outcome.remarks ?? []) : [];
  return html`<div role="status" style="border-left:4px solid ${color};background:${ground};color:#202124;padding:10px 16px;border-radius:0 6px 6px 0;font:14px/1.5 ${theme.font};max-width:860px;margin:4px 0"><div><b style="color:${color}">${sign} ${title}.</b> ${"says" in outcome ? outcome.says : outcome.why}</div>${outcome.result === "wrong" ? html`<div style="margin-top:4px"><b>Where to look:</b> ${outcome.look}</div>` : ""}${remarks.length === 0 ? "" : html`<ul style="margin:6px 0 0;padding-left:20px">${remarks.map((remark) => html`<li>${remark}</li>`)}</ul>`}</div>`;
}
