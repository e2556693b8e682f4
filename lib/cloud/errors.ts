import { inspect } from "node:util";

/** What can go wrong in `lib/cloud`, by cause. The message says what, where, and what would be right. */
export type ActivateErrorCode =
  /** A setting is missing, misspelt or out of range. */
  | "CONFIGURATION"
  /** The caller asked for something that cannot be: a bad argument, an unknown file or placeholder. */
  | "INVALID_ARGUMENT"
  /** A resource that the call needs is not there. */
  | "NOT_FOUND"
  /** The resource is there and is not what was asked for: we do not change what we did not make. */
  | "CONFLICT"
  /** Google (or the local cloud) refused the request, see `status`. */
  | "REFUSED"
  /** Nobody answered, or kept answering "try again" until the time was up. */
  | "UNAVAILABLE";

/** The only error that leaves `lib/cloud`. */
export class ActivateError extends Error {
  override readonly name = "ActivateError";

  constructor(
    readonly code: ActivateErrorCode,
    message: string,
    /** Canonical status word of the service, such as "NOT_FOUND", when a service answered. */
    readonly status?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  /** In a cell's output the sentence, not the stack of the client behind it; `cause` has the full story. */
  [inspect.custom](): string {
    return `${this.name} (${this.status ?? this.code}): ${this.message}`;
  }
}

/** Canonical codes (google/rpc/code.proto) by number. */
const canonical: readonly string[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Status words of BigQuery's HTTP codes (contracts 2.11). */
const statusOfHttp: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  409: "ALREADY_EXISTS",
  412: "FAILED_PRECONDITION",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  501: "UNIMPLEMENTED",
  503: "UNAVAILABLE",
};

/** The canonical status word of whatever a Google client threw (gRPC number, HTTP code, or neither). */
export function statusOf(thrown: unknown): string {
  if (thrown instanceof ActivateError) return thrown.status ?? "UNKNOWN";
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "UNKNOWN";
  const code = Number(thrown.code);
  return (code < 100 ? canonical[code] : statusOfHttp[code]) ?? "UNKNOWN";
}

/**
 * Whatever a Google client threw, as an `ActivateError`. `what` begins the message: "Create endpoint anomaly-detection".
 * The service's own sentence follows unchanged; the original error is kept as `cause`.
 */
export function fromService(thrown: unknown, what: string): ActivateError {
  if (thrown instanceof ActivateError) return thrown;
  const status = statusOf(thrown);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const sentence = text.replace(/^\d+ [A-Z_]+: /, "");
  const code = status === "NOT_FOUND" ? "NOT_FOUND" : status === "UNAVAILABLE" ? "UNAVAILABLE" : "REFUSED";
  return new ActivateError(code, `${what}: ${sentence}`, status === "UNKNOWN" ? undefined : status, { cause: thrown });
}
