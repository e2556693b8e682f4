import { Readable } from "node:stream";
import type { HttpRequest, HttpResponse } from "../platform/service.js";
import { invalid } from "./errors.js";
import { BATCH_BYTES_MAX, BATCH_CALLS_MAX } from "./limits.js";
import { boundaryOf, MultipartReader, readAll } from "./transfer/multipart.js";

/**
 * Several calls in one request (docs.cloud.google.com/storage/docs/batch): parts of type application/http, each answered
 * by a part. They run one after the other, and one that fails does not stop the others.
 * @throws CloudError invalid
 */
export async function batch(
  request: HttpRequest,
  handle: (inner: HttpRequest) => Promise<HttpResponse>,
): Promise<HttpResponse> {
  if (request.body.byteLength > BATCH_BYTES_MAX) throw invalid(`A batch request has at most ${BATCH_BYTES_MAX} bytes.`);
  const reader = new MultipartReader(Readable.from([request.body]), boundaryOf(request.headers["content-type"]));
  const calls: { readonly id: string | undefined; readonly call: HttpRequest }[] = [];
  for (let part = await reader.next(); part; part = await reader.next()) {
    const text = await readAll(part.body, BATCH_BYTES_MAX, () => invalid("A part of the batch is too long."));
    calls.push({ id: part.headers["content-id"], call: innerRequest(text, request) });
    if (calls.length > BATCH_CALLS_MAX) throw invalid(`A batch request has at most ${BATCH_CALLS_MAX} calls.`);
  }
  const boundary = "batch_local_cloud_storage";
  const parts: string[] = [];
  for (const { id, call } of calls) parts.push(`--${boundary}\r\n${await answerPart(id, await handle(call))}`);
  return {
    status: 200,
    headers: { "content-type": `multipart/mixed; boundary=${boundary}` },
    body: `${parts.join("")}--${boundary}--\r\n`,
  };
}

function innerRequest(text: Buffer, outer: HttpRequest): HttpRequest {
  const whole = text.toString("utf8");
  const [, head = "", body = ""] = /^(.*?)(?:\r?\n\r?\n(.*))?$/s.exec(whole.replace(/^\s+/, "")) ?? [];
  const [requestLine = "", ...lines] = head.split(/\r?\n/);
  const [method = "GET", target = "/"] = requestLine.split(" ");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  let url: URL;
  try {
    url = new URL(target, outer.origin);
  } catch {
    throw invalid(`Failed to parse batch request: '${requestLine}'`);
  }
  return {
    method,
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.from(body.replace(/\r?\n$/, "")),
    origin: outer.origin,
    signal: outer.signal,
  };
}

async function answerPart(id: string | undefined, response: HttpResponse): Promise<string> {
  const body = response.stream
    ? await readAll(response.stream as AsyncIterable<Uint8Array>, BATCH_BYTES_MAX, () =>
        invalid("Media downloads do not belong in a batch."),
      )
    : Buffer.from(response.body ?? "");
  const headers = { ...response.headers, "content-length": String(body.length) };
  const answerId = id === undefined ? "" : `Content-ID: ${id.replace(/^<?/, "<response-").replace(/>?$/, ">")}\r\n`;
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `Content-Type: application/http\r\n${answerId}\r\nHTTP/1.1 ${response.status} ${REASONS[response.status] ?? "Status"}\r\n${lines.join("")}\r\n${body.toString("utf8")}\r\n`;
}

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  204: "No Content",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
  412: "Precondition Failed",
};
