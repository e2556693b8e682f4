/** How containers end, in Google's words (contracts 3.10). Pure. */

import { constants } from "node:os";
import type { Container, ContainerExit } from "../../platform/containers/index.js";

/** The status that a shell would report: 128 and the signal's number for a process that was killed. */
export function exitStatus({ code, signal }: ContainerExit): number {
  if (code !== null) return code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ""] ?? 0);
}

/** A log line as a reader wants it: the `message` of a structured one. */
export function plainLine(line: string): string {
  if (!line.startsWith("{")) return line;
  try {
    const { message } = JSON.parse(line) as { readonly message?: unknown };
    return typeof message === "string" ? message : line;
  } catch {
    return line;
  }
}

/** The end of what a container wrote itself, to stand behind a sentence; empty when it wrote nothing. */
export async function lastLines(container: Container, count: number): Promise<string> {
  // Containers may share a log, and the platform's own remarks stand there as well.
  const lines = (await container.log.tail(count * 4))
    .filter(({ instanceId, stream }) => instanceId === container.instanceId && stream !== "system")
    .slice(-count);
  if (lines.length === 0) return "";
  return ` Its last lines:\n${lines.map(({ text }) => `  ${plainLine(text)}`).join("\n")}`;
}
