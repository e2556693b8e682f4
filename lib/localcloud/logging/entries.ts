/** Lines of containers as entries of Cloud Logging (google/logging/v2/log_entry.proto; logging/docs/structured-logging). Pure. */

import type { LogLine } from "../platform/containers/index.js";
import type { LogStream } from "../platform/links.js";

/** `LogEntry` in JSON. */
export interface LogEntry {
  readonly logName: string;
  readonly resource: LogStream["resource"];
  readonly timestamp: string;
  readonly receiveTimestamp: string;
  readonly insertId: string;
  readonly severity: string;
  readonly textPayload?: string;
  readonly jsonPayload?: Readonly<Record<string, unknown>>;
}

/** log_severity.proto, by name. */
export const SEVERITIES: readonly string[] = [
  "DEFAULT",
  "DEBUG",
  "INFO",
  "NOTICE",
  "WARNING",
  "ERROR",
  "CRITICAL",
  "ALERT",
  "EMERGENCY",
];

export function toEntries(projectId: string, stream: LogStream, lines: readonly LogLine[]): LogEntry[] {
  const logName = `projects/${projectId}/logs/${encodeURIComponent(stream.logId)}`;
  let last = "";
  let repeated = 0;
  return lines.map((line) => {
    const timestamp = new Date(line.timeMs).toISOString();
    // Lines of one millisecond keep their order by their ids.
    repeated = last === `${timestamp}${line.instanceId}` ? repeated + 1 : 0;
    last = `${timestamp}${line.instanceId}`;
    return {
      logName,
      resource: stream.resource,
      timestamp,
      receiveTimestamp: timestamp,
      insertId: `${line.timeMs.toString(36)}-${String(repeated).padStart(6, "0")}-${line.instanceId}`,
      ...payloadOf(line),
    };
  });
}

/** A line that is a JSON object has its severity taken out; with a message alone it is text. */
function payloadOf({ stream, text }: LogLine): Pick<LogEntry, "severity" | "textPayload" | "jsonPayload"> {
  const fallback = stream === "stderr" ? "ERROR" : "INFO";
  const json = objectOf(text);
  if (json === undefined) return { severity: fallback, textPayload: text };
  const { severity: given, ...rest } = json;
  const severity = SEVERITIES.find((name) => name === String(given).toUpperCase()) ?? fallback;
  const { message, ...others } = rest;
  if (typeof message === "string" && Object.keys(others).length === 0) return { severity, textPayload: message };
  return { severity, jsonPayload: rest };
}

function objectOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
