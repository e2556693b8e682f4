import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from "node:http";
import { REQUEST_BYTES_MAX } from "../limits.js";
import { withoutSignature } from "./authorize.js";
import type { Instance } from "./instance.js";

/** A body up to this size is read whole first: one write to the container, and a dead connection costs a second attempt only. */
const WHOLE_BODY_BYTES_MAX = 1024 * 1024;

const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

export interface Trace {
  readonly traceId: string;
  readonly spanId: string;
}

/** How a request to an instance ended; "answered" may be an error status of the container's own. */
export type Forwarded = "answered" | "failed" | "too large" | "caller gone";

/** The request's body: whole, or still to be streamed. */
export async function readBody(incoming: IncomingMessage): Promise<Buffer | "stream" | "too large"> {
  const { "content-length": declared, "transfer-encoding": encoding } = incoming.headers;
  if (declared === undefined && encoding === undefined) return Buffer.alloc(0);
  const length = declared === undefined ? Number.POSITIVE_INFINITY : Number(declared);
  if (declared !== undefined && length > REQUEST_BYTES_MAX) return "too large";
  if (length > WHOLE_BODY_BYTES_MAX) return "stream";
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

/** Sends the request to an instance and its answer to the caller. Aborting the signal ends both connections. */
export function forward(
  instance: Instance,
  incoming: IncomingMessage,
  response: ServerResponse,
  body: Buffer | "stream",
  trace: Trace,
  signal: AbortSignal,
): Promise<Forwarded> {
  const headers = requestHeaders(incoming, body, trace);
  const attempt = (again: boolean): Promise<Forwarded> =>
    new Promise((resolve) => {
      const outgoing = request({
        host: "127.0.0.1",
        port: instance.port,
        agent: instance.agent,
        method: incoming.method,
        path: incoming.url,
        headers,
      });
      const abort = (): void => void outgoing.destroy();
      signal.addEventListener("abort", abort, { once: true });
      const end = (how: Forwarded): void => {
        signal.removeEventListener("abort", abort);
        resolve(how);
      };
      outgoing.on("error", () => {
        // The container had closed a connection that it was idle on: nothing was lost yet.
        if (again && outgoing.reusedSocket && body !== "stream" && !signal.aborted && !response.headersSent) {
          signal.removeEventListener("abort", abort);
          resolve(attempt(false));
        } else end(signal.aborted ? "caller gone" : "failed");
      });
      outgoing.on("response", (answer) => passOn(answer, response, trace, end));
      if (body === "stream") stream(incoming, outgoing, end);
      else outgoing.end(body);
    });
  return attempt(true);
}

function stream(incoming: IncomingMessage, outgoing: ClientRequest, end: (how: Forwarded) => void): void {
  let bytes = 0;
  incoming.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= REQUEST_BYTES_MAX) return;
    end("too large");
    outgoing.destroy();
  });
  incoming.pipe(outgoing);
}

function passOn(answer: IncomingMessage, response: ServerResponse, trace: Trace, end: (how: Forwarded) => void): void {
  if (response.headersSent || response.destroyed) {
    answer.resume();
    end("caller gone");
    return;
  }
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, responseHeaders(answer, trace));
  answer.pipe(response);
  answer.on("error", () => {
    response.destroy();
    end("failed");
  });
  // "close" of the caller's side comes in any case, "finish" only when all was written.
  response.once("close", () => {
    if (!response.writableFinished) answer.destroy();
    end(response.writableFinished ? "answered" : "caller gone");
  });
  response.once("finish", () => end("answered"));
}

/** Headers as a container on Cloud Run sees them (contracts 6.5). */
function requestHeaders(
  incoming: IncomingMessage,
  body: Buffer | "stream",
  { traceId, spanId }: Trace,
): Record<string, string | string[]> {
  const headers = endToEnd(incoming.headers);
  const { authorization } = incoming.headers;
  if (authorization !== undefined) headers.authorization = withoutSignature(authorization);
  const serverless = incoming.headers["x-serverless-authorization"];
  if (typeof serverless === "string") headers["x-serverless-authorization"] = withoutSignature(serverless);
  const caller = incoming.socket.remoteAddress ?? "127.0.0.1";
  const before = incoming.headers["x-forwarded-for"];
  headers["x-forwarded-for"] = before === undefined ? caller : `${String(before)}, ${caller}`;
  headers["x-forwarded-proto"] = "https";
  headers.forwarded = `for="${caller}";proto=https`;
  headers.traceparent = `00-${traceId}-${spanId}-01`;
  headers["x-cloud-trace-context"] = `${traceId}/${BigInt(`0x${spanId}`)};o=1`;
  if (body !== "stream" && body.length > 0) headers["content-length"] = String(body.length);
  return headers;
}

function responseHeaders(answer: IncomingMessage, { traceId }: Trace): Record<string, string | string[]> {
  const headers = endToEnd(answer.headers);
  if (headers["set-cookie"] !== undefined) headers["cache-control"] = "private";
  headers["x-cloud-trace-context"] = traceId;
  headers.server = "Google Frontend";
  return headers;
}

function endToEnd(all: IncomingHttpHeaders): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const name in all) {
    const value = all[name];
    if (value !== undefined && !HOP_BY_HOP.has(name)) headers[name] = value;
  }
  return headers;
}
