import type { ContainerHost } from "../host.js";

export type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** Fields of an entry beside severity and text (contracts 6.7). */
export interface LogFields {
  readonly messageId?: string;
  /** Of the request: 32 hexadecimal digits. */
  readonly trace?: string | undefined;
  readonly [name: string]: unknown;
}

/** Structured entries, one JSON object a line, as Cloud Logging reads them from a container's output. */
export class Log {
  readonly #host: Pick<ContainerHost, "output" | "clock">;
  readonly #project: string;
  readonly #debug: boolean;

  constructor(host: Pick<ContainerHost, "output" | "clock">, project: string, level: "DEBUG" | "INFO") {
    this.#host = host;
    this.#project = project;
    this.#debug = level === "DEBUG";
  }

  write(severity: Severity, message: string, { trace, ...fields }: LogFields = {}): void {
    if (severity === "DEBUG" && !this.#debug) return;
    const entry = {
      severity,
      message,
      time: new Date(this.#host.clock.now()).toISOString(),
      ...fields,
      ...(trace === undefined ? {} : { "logging.googleapis.com/trace": `projects/${this.#project}/traces/${trace}` }),
    };
    this.#host.output(JSON.stringify(entry));
  }
}

/** The trace of a request, from either of the headers that Cloud Run adds. */
export function traceOf(headers: Readonly<Record<string, unknown>>): string | undefined {
  const text = `${headers["x-cloud-trace-context"] ?? ""} ${headers.traceparent ?? ""}`;
  return /(?:^|-)([0-9a-f]{32})(?=[/-])/.exec(text.replace(" ", "-"))?.[1];
}
