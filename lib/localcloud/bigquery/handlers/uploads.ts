import { gunzipSync } from "node:zlib";
import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import type { BigQueryContext, Call } from "../context.js";
import { readBody } from "../discoveryRequest.js";
import { invalid } from "../errors.js";
import { insertJob } from "./jobs.js";

/**
 * Uploads of load jobs: `uploadType=multipart` (the Node client) and `resumable` (`bq`, the Python client).
 * Protocol: cloud.google.com/bigquery/docs/reference/api-uploads
 */

interface Session {
  readonly call: Call;
  readonly parts: Buffer[];
  received: number;
  /** Milliseconds of the clock; a session ends a week after its last use. */
  lastUse: number;
}

const SESSIONS_MAX = 100;

export class Uploads {
  readonly #sessions = new Map<string, Session>();

  /** @throws CloudError */
  async handle(request: HttpRequest, projectId: string, context: BigQueryContext): Promise<HttpResponse> {
    const session = request.query.get("upload_id");
    if (session !== null) return this.#continue(request, session, context);
    switch (request.query.get("uploadType")) {
      case "multipart": {
        const { metadata, data } = splitMultipart(request);
        return json(await insertJob(this.#call(request, projectId, metadata), data, context));
      }
      case "resumable":
        return this.#begin(request, projectId, context);
      case "media":
        throw invalid("uploadType media carries no job; use multipart or resumable.");
      default:
        throw invalid("Required parameter is missing: uploadType", "uploadType");
    }
  }

  #call(request: HttpRequest, projectId: string, metadata: Uint8Array): Call {
    const { query, headers, origin, signal } = request;
    const text = new TextDecoder().decode(metadata);
    const body = readBody("Job", text.trim() === "" ? {} : parse(text));
    return { params: { projectId }, query, headers, body, origin, signal };
  }

  #begin(request: HttpRequest, projectId: string, { jobs, clock }: BigQueryContext): HttpResponse {
    const call = this.#call(request, projectId, unzipped(request));
    const id = jobs.newId("upload_");
    this.#sessions.set(id, { call, parts: [], received: 0, lastUse: clock.now() });
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size > SESSIONS_MAX && oldest !== undefined) this.#sessions.delete(oldest);
    const location = `${request.origin}/upload/bigquery/v2/projects/${projectId}/jobs?uploadType=resumable&upload_id=${id}`;
    return { status: 200, headers: { location, "x-guploader-uploadid": id }, body: "" };
  }

  async #continue(request: HttpRequest, id: string, context: BigQueryContext): Promise<HttpResponse> {
    const session = this.#sessions.get(id);
    if (!session)
      throw invalid(`No upload session ${id}: it has ended or never began. Start the upload again.`, "upload_id");
    session.lastUse = context.clock.now();
    const range = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(request.headers["content-range"] ?? "");
    const data = Buffer.from(request.body);
    const first = range?.[1] === undefined ? session.received : Number(range[1]);
    const total =
      range?.[3] === undefined ? session.received + data.length : range[3] === "*" ? undefined : Number(range[3]);
    if (first > session.received)
      throw invalid(`Upload continues at byte ${first}, but only ${session.received} bytes have arrived.`);
    const fresh = data.subarray(session.received - first);
    if (fresh.length > 0) {
      session.parts.push(fresh);
      session.received += fresh.length;
    }
    if (total === undefined || session.received < total) {
      const got = session.received > 0 ? { range: `bytes=0-${session.received - 1}` } : {};
      return { status: 308, headers: got, body: "" };
    }
    this.#sessions.delete(id);
    const call = { ...session.call, origin: request.origin, signal: request.signal };
    return json(await insertJob(call, Buffer.concat(session.parts), context));
  }
}

const json = (value: unknown): HttpResponse => ({
  status: 200,
  headers: { "content-type": "application/json; charset=UTF-8" },
  body: JSON.stringify(value),
});

function unzipped(request: HttpRequest): Uint8Array {
  return request.headers["content-encoding"] === "gzip" ? gunzipSync(request.body) : request.body;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid("Invalid JSON payload received. The job's description is no JSON.");
  }
}

/** The two parts of a multipart/related body (RFC 2387). @throws CloudError invalid */
function splitMultipart(request: HttpRequest): { metadata: Uint8Array; data: Uint8Array } {
  const boundary = /boundary="?([^";]+)"?/i.exec(request.headers["content-type"] ?? "")?.[1];
  if (!boundary) throw invalid("A multipart upload needs a boundary in its content-type header.", "content-type");
  const body = Buffer.from(request.body.buffer, request.body.byteOffset, request.body.byteLength);
  const mark = Buffer.from(`--${boundary}`);
  const places: number[] = [];
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    // A mark stands at the beginning of a line.
    if (at === 0 || body[at - 1] === 0x0a) places.push(at);
  }
  const parts = places
    .slice(0, -1)
    .map((place, index) => partOf(body, place + mark.length, places[index + 1] ?? body.length));
  const [metadata, data] = parts;
  if (!metadata || !data) throw invalid("A multipart upload has two parts: the job as JSON, and the file.");
  return { metadata, data };
}

/** What stands between a part's headers and the line end before the next mark. */
function partOf(body: Buffer, start: number, end: number): Uint8Array {
  let crlf = body.indexOf("\r\n\r\n", start);
  let skip = 4;
  if (crlf === -1 || crlf > end) {
    crlf = body.indexOf("\n\n", start);
    skip = 2;
  }
  if (crlf === -1 || crlf > end) return new Uint8Array();
  const close = body[end - 2] === 0x0d ? end - 2 : end - 1;
  return body.subarray(crlf + skip, Math.max(close, crlf + skip));
}
