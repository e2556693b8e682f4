import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { answerTo, BadRequest, BODY_BYTES_MAX, type ServedModel } from "./answer.js";

export interface Serving {
  readonly healthRoute: string;
  readonly predictRoute: string;
  readonly model: ServedModel;
  /** Something that must not happen. */
  failed(message: string): void;
}

/** The two routes of a prediction container. Errors are `{"error": MESSAGE}`, with the status that Vertex AI passes on. */
export function handler(serving: Serving): RequestListener {
  return (request, response) => {
    const path = request.url?.split("?")[0];
    if (path === serving.predictRoute) {
      if (request.method !== "POST")
        return refuse(response, 405, `${request.method} is not allowed here; predict by POST`);
      return predict(serving, request, response);
    }
    if (path === serving.healthRoute) {
      return send(response, 200, '{"status":"ok"}');
    }
    return refuse(response, 404, `there is nothing at ${path}; predict at ${serving.predictRoute}`);
  };
}

function predict(serving: Serving, request: IncomingMessage, response: ServerResponse): void {
  const type = request.headers["content-type"]?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "application/json") {
    request.resume();
    refuse(response, 415, `the content type must be application/json, got "${type}"`);
    return;
  }
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) {
    tooLarge(request, response);
    return;
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
    else if (!response.headersSent) tooLarge(request, response);
  });
  request.on("end", () => {
    if (response.headersSent) return;
    try {
      const first = chunks[0];
      const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
      send(response, 200, answerTo(body.toString("utf8"), serving.model));
    } catch (error) {
      if (error instanceof BadRequest) return refuse(response, error.status, error.message);
      serving.failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
      refuse(response, 500, "the prediction failed; the container's log says why");
    }
  });
}

/** The rest of the body is not read: the connection ends with the answer. */
function tooLarge(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader("connection", "close");
  refuse(response, 413, `the body is larger than ${BODY_BYTES_MAX} bytes; send fewer instances a request`);
  request.resume();
}

function refuse(response: ServerResponse, status: number, message: string): void {
  send(response, status, JSON.stringify({ error: message }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}
