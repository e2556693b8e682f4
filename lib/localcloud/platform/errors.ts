/**
 * The one error of the local cloud: every transport renders it in its own shape.
 * Codes and HTTP mapping: googleapis/googleapis google/rpc/code.proto; rules for messages and reasons: AIP-193.
 */

/** gRPC code and HTTP status of each canonical status word. */
export const STATUS = {
  CANCELLED: { grpc: 1, http: 499 },
  UNKNOWN: { grpc: 2, http: 500 },
  INVALID_ARGUMENT: { grpc: 3, http: 400 },
  DEADLINE_EXCEEDED: { grpc: 4, http: 504 },
  NOT_FOUND: { grpc: 5, http: 404 },
  ALREADY_EXISTS: { grpc: 6, http: 409 },
  PERMISSION_DENIED: { grpc: 7, http: 403 },
  RESOURCE_EXHAUSTED: { grpc: 8, http: 429 },
  FAILED_PRECONDITION: { grpc: 9, http: 400 },
  ABORTED: { grpc: 10, http: 409 },
  OUT_OF_RANGE: { grpc: 11, http: 400 },
  UNIMPLEMENTED: { grpc: 12, http: 501 },
  INTERNAL: { grpc: 13, http: 500 },
  UNAVAILABLE: { grpc: 14, http: 503 },
  DATA_LOSS: { grpc: 15, http: 500 },
  UNAUTHENTICATED: { grpc: 16, http: 401 },
} as const;

export type StatusWord = keyof typeof STATUS;

export interface CloudErrorDetails {
  /** BigQuery's `reason` ("notFound") or an ErrorInfo reason ("RESOURCE_NOT_FOUND"). */
  readonly reason?: string;
  /** BigQuery's `location` of the fault: a field, "q" for the query text. */
  readonly location?: string;
  readonly locationType?: string;
  /** HTTP status where the service deviates from the canonical mapping (BigQuery's 412). */
  readonly httpStatus?: number;
  /** The variable parts of the message (AIP-193: every variable part belongs here). */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Faults of single fields (google.rpc.BadRequest), paths in the spelling of the proto. */
  readonly fieldViolations?: readonly { readonly field: string; readonly description: string }[];
  /** For the log; never sent. */
  readonly cause?: unknown;
}

export class CloudError extends Error {
  override readonly name = "CloudError";
  readonly status: StatusWord;
  readonly details: CloudErrorDetails;

  constructor(status: StatusWord, message: string, details: CloudErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = status;
    this.details = details;
  }

  get httpStatus(): number {
    return this.details.httpStatus ?? STATUS[this.status].http;
  }

  get grpcCode(): number {
    return STATUS[this.status].grpc;
  }

  /** Whatever was thrown, something typed leaves: an unknown value becomes INTERNAL, its cause kept for the log. */
  static from(thrown: unknown): CloudError {
    if (thrown instanceof CloudError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new CloudError("INTERNAL", message, { cause: thrown });
  }
}
