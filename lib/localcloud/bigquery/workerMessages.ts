import type { HttpRequest, HttpResponse, Project } from "../platform/service.js";
import type { SharedClock } from "./remoteClock.js";

/** What the main thread and BigQuery's worker tell each other. */

export interface WorkerOptions {
  readonly project: Project;
  readonly folder: string;
  readonly clock: SharedClock;
  /** Four numbers of the injected random source, from which the worker draws its own. */
  readonly seed: readonly number[];
}

/** An `HttpRequest` that can be cloned. */
export interface SentRequest extends Omit<HttpRequest, "query" | "signal"> {
  readonly query: string;
}

export type SentResponse = HttpResponse;

export interface ObjectMessage {
  readonly bucket: string;
  readonly name: string;
}

export interface WrittenObjectMessage extends ObjectMessage {
  readonly content: Uint8Array;
  readonly contentType: string;
}

export interface PredictMessage {
  readonly trainingId: string;
  readonly instances: readonly Readonly<Record<string, unknown>>[];
}
