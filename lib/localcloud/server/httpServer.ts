import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { CloudError } from "../platform/errors.js";
import type { HttpRequest, HttpResponse, Service } from "../platform/service.js";

/** The largest body we take; the real services stop at 10 MB for JSON, uploads are longer. */
const BODY_BYTES_MAX = 512 * 1024 * 1024;

/** Listens on loopback only and hands each request to the service that owns its path. */
export async function listenHttp(
  services: readonly Service[],
  port: number,
): Promise<{ port: number; server: Server }> {
  const server = createServer((request, response) => {
    answer(services, request)
      .catch((thrown: unknown) => errorResponse(CloudError.from(thrown)))
      .then((result) => send(response, result))
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port, server };
}

async function answer(services: readonly Service[], incoming: IncomingMessage): Promise<HttpResponse> {
  const host = incoming.headers.host ?? "";
  if (!isLoopback(host)) {
    throw new CloudError(
      "PERMISSION_DENIED",
      `The local cloud answers only to 127.0.0.1, localhost and [::1], not to Host "${host}".`,
    );
  }
  const url = new URL(incoming.url ?? "/", `http://${host}`);
  const hangUp = new AbortController();
  incoming.once("close", () => {
    if (!incoming.complete) hangUp.abort();
  });
  const request: HttpRequest = {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    ),
    body: await readBody(incoming),
    origin: url.origin,
    signal: hangUp.signal,
  };
  const service = services.find((candidate) => candidate.owns(request));
  if (!service) {
    throw new CloudError(
      "NOT_FOUND",
      `No service of the local cloud answers ${request.method} ${request.path}. It serves: ${services.map((s) => s.name).join(", ")}.`,
    );
  }
  return service.handle(request);
}

/** A web page that a browser was lured to must not reach us by a name of its own (DNS rebinding). */
function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) {
      throw new CloudError("INVALID_ARGUMENT", `Request body is larger than ${BODY_BYTES_MAX} bytes.`, {
        httpStatus: 413,
      });
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Google's JSON error body (AIP-193). */
export function errorResponse(error: CloudError): HttpResponse {
  const body = { error: { code: error.httpStatus, message: error.message, status: error.status } };
  return {
    status: error.httpStatus,
    headers: { "content-type": "application/json; charset=UTF-8" },
    body: JSON.stringify(body),
  };
}

function send(response: ServerResponse, result: HttpResponse): void {
  const body = result.body ?? "";
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  response.writeHead(result.status, { ...result.headers, "content-length": length });
  response.end(body);
}
