import type { ContainerHost } from "./host.js";

export type Severity = "INFO" | "WARNING" | "ERROR" | "CRITICAL";

/** Writes a structured entry: Cloud Logging takes `severity` and `message` out of a JSON line, the rest stays its payload. */
export function log(
  host: Pick<ContainerHost, "output">,
  severity: Severity,
  message: string,
  payload: Readonly<Record<string, unknown>> = {},
): void {
  host.output(JSON.stringify({ severity, message, ...payload }));
}
