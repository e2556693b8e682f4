import type { Connections } from "./connections.js";
import { ActivateError, fromService } from "./errors.js";
import { retry } from "./retry.js";

/** A line that a container wrote. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** "INFO", "ERROR" … */
  readonly severity: string;
  /** The text of a plain line, the message of a structured one. */
  readonly text: string;
  /** Fields of a structured line besides severity; none for a plain one. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Unique: the same line read twice has the same. */
  readonly id: string;
}

/** `google.logging.v2.LogEntry` in JSON, what is read of it. */
interface Entry {
  readonly timestamp?: string;
  readonly severity?: string;
  readonly insertId?: string;
  readonly textPayload?: string;
  readonly jsonPayload?: Readonly<Record<string, unknown>>;
}

interface Page {
  readonly entries?: readonly Entry[];
  readonly nextPageToken?: string;
}

const PAGE_SIZE = 1000;
const SCOPE = "https://www.googleapis.com/auth/logging.read";

/**
 * Entries of Cloud Logging that match a filter, oldest first. `entries.list` is called over REST with Google's own
 * authentication library: the client for Node.js brings second copies of the libraries that every other client shares.
 * @throws ActivateError
 */
export async function readLog(connections: Connections, filter: string): Promise<LogLine[]> {
  const { config, address } = connections;
  const { googleAuthLibrary } = await import("google-gax");
  const client =
    address.credentials === "none"
      ? new googleAuthLibrary.PassThroughClient()
      : new googleAuthLibrary.GoogleAuth({ scopes: SCOPE, projectId: config.project });
  const lines: LogLine[] = [];
  let pageToken: string | undefined;
  do {
    const data = {
      resourceNames: [`projects/${config.project}`],
      filter,
      orderBy: "timestamp asc",
      pageSize: PAGE_SIZE,
      ...(pageToken === undefined ? {} : { pageToken }),
    };
    try {
      const answer = await retry(() =>
        client.request<Page>({
          url: `${address.bigQuery ?? "https://logging.googleapis.com"}/v2/entries:list`,
          method: "POST",
          data,
        }),
      );
      lines.push(...(answer.data.entries ?? []).map(describe));
      pageToken = answer.data.nextPageToken || undefined;
    } catch (thrown) {
      throw fromService(thrown, "Read logs");
    }
  } while (pageToken !== undefined);
  return lines;
}

const LAST_LINES = 5;

/**
 * What was thrown; of a Cloud Run revision that did not become ready, with the last that its container wrote: Cloud Run's
 * own sentence only refers to the log.
 */
export async function withLastLines(connections: Connections, thrown: unknown): Promise<unknown> {
  if (!(thrown instanceof ActivateError)) return thrown;
  const [, revision] = /\bRevision '([^']+)' is not ready\b/.exec(thrown.message) ?? [];
  if (revision === undefined) return thrown;
  const filter = `resource.type="cloud_run_revision" AND resource.labels.revision_name="${revision}"`;
  // Without the log there is still the reason.
  const lines = await readLog(connections, filter).catch(() => []);
  if (lines.length === 0) return thrown;
  const last = lines.slice(-LAST_LINES).flatMap(({ text }) => text.split("\n").map((line) => `\n  ${line}`));
  const message = `${thrown.message} Its last lines:${last.join("")}`;
  return new ActivateError(thrown.code, message, thrown.status, { cause: thrown });
}

function describe(entry: Entry): LogLine {
  const { message, ...fields } = entry.jsonPayload ?? {};
  return {
    at: Date.parse(entry.timestamp ?? ""),
    severity: entry.severity ?? "DEFAULT",
    text: entry.textPayload ?? (typeof message === "string" ? message : JSON.stringify(entry.jsonPayload ?? "")),
    fields,
    id: entry.insertId ?? "",
  };
}
