import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { CloudError } from "../platform/errors.js";
import type { Fault, Faults } from "../platform/faults.js";
import type { HttpRequest, HttpResponse, Service } from "../platform/service.js";
import { errorBody } from "../platform/transport/errorBody.js";
import { faultsResource } from "./faultsResource.js";
import { tunnelToSelf, withoutHost, withoutRegion } from "./proxy.js";
import { type OtherConnections, speakTls } from "./tls.js";

/** The largest body we take; the real services stop at 10 MB for JSON, uploads are longer. */
const BODY_BYTES_MAX = 512 * 1024 * 1024;

/** Google's clients keep connections for a minute; ours must not be the side that closes first. */
const KEEP_ALIVE_MS = 65_000;

/**
 * Listens on loopback only and hands each request to the service that owns its path.
 * @param describe what `GET /` answers: the cloud and its services.
 */
export async function listenHttp(
  services: readonly Service[],
  port: number,
  describe: () => object,
  faults: Faults,
): Promise<{ port: number; server: Server; others: OtherConnections }> {
  const server = createServer((incoming, response) => {
    answer(services, describe, faults, incoming, response)
      .catch((thrown: unknown) => errorBody(CloudError.from(thrown)))
      .then((result) => {
        // A connection must not outlive the server that is being stopped.
        if (!server.listening) response.shouldKeepAlive = false;
        return send(response, result);
      })
      .catch(() => response.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const others = speakTls(server);
  tunnelToSelf(server);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return { port: (server.address() as AddressInfo).port, server, others };
}

async function answer(
  services: readonly Service[],
  describe: () => object,
  faults: Faults,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<Answer> {
  const host = withoutRegion(incoming.headers.host ?? "");
  if (!isLoopback(host)) {
    throw new CloudError(
      "PERMISSION_DENIED",
      `The local cloud answers only to 127.0.0.1, localhost and [::1], not to Host "${host}".`,
    );
  }
  const url = parseUrl(incoming.url ?? "/", host, incoming.socket instanceof TLSSocket);
  const hangUp = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) hangUp.abort(new CloudError("CANCELLED", "The caller hung up."));
  });
  const head: HttpRequest = {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.join(", ") : (value ?? ""),
      ]),
    ),
    body: new Uint8Array(),
    origin: url.origin,
    signal: hangUp.signal,
  };
  const service = services.find((candidate) => candidate.owns(head));
  const request = service?.streams?.(head)
    ? { ...head, stream: incoming }
    : { ...head, body: await readBody(incoming) };
  if (service) return withFault(faults.take(service.name, service.methodOf?.(request)), service, request);
  const planning = faultsResource(faults);
  if (planning.owns(request)) return planning.handle(request);
  if (request.path === "/" && request.method === "GET") {
    return { status: 200, headers: JSON_HEADERS, body: `${JSON.stringify(describe(), undefined, 2)}\n` };
  }
  throw new CloudError(
    "NOT_FOUND",
    `No service of the local cloud answers ${request.method} ${request.path}. It serves: ${services.map((s) => s.name).join(", ")}.`,
  );
}

/** An answer of which, after a planned fault, only the beginning goes out. */
type Answer = HttpResponse & { readonly breakAfterBytes?: number };

async function withFault(fault: Fault | undefined, service: Service, request: HttpRequest): Promise<Answer> {
  if (!fault) return service.handle(request);
  try {
    await fault.before(request.signal);
  } catch (thrown) {
    return plannedBody(CloudError.from(thrown));
  }
  const response = await service.handle(request);
  return fault.breakAfterBytes === undefined ? response : { ...response, breakAfterBytes: fault.breakAfterBytes };
}

/** Google's error body, with the list that BigQuery's clients look into when the fault names BigQuery's reason. */
function plannedBody(error: CloudError): HttpResponse {
  const { reason } = error.details;
  if (reason === undefined) return errorBody(error);
  const { message, status, httpStatus } = error;
  const errors = [{ message, domain: "global", reason }];
  const body = JSON.stringify({ error: { code: httpStatus, message, status, errors } });
  return { status: httpStatus, headers: JSON_HEADERS, body };
}

const JSON_HEADERS = { "content-type": "application/json; charset=UTF-8" };

/** A web page that a browser was lured to must not reach us by a name of its own (DNS rebinding). */
function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}

/** Paths may begin with two slashes (clients that join an address ending in one): they are paths all the same. */
function parseUrl(target: string, host: string, secure: boolean): URL {
  const path = withoutHost(target).replace(/^\/+/, "");
  try {
    return new URL(`http${secure ? "s" : ""}://${host}/${path}`);
  } catch (cause) {
    throw new CloudError("INVALID_ARGUMENT", `The request target "${target}" is not a URL.`, { cause });
  }
}

/** By events: an iterator over the chunks costs more than a small body's whole request. */
async function readBody(incoming: IncomingMessage): Promise<Uint8Array> {
  const declared = Number(incoming.headers["content-length"] ?? 0);
  if (declared > BODY_BYTES_MAX) throw bodyTooLarge();
  const body = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    incoming.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
      else reject(bodyTooLarge());
    });
    incoming.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    incoming.on("error", reject);
    incoming.on("close", () => {
      if (!incoming.readableEnded) reject(new CloudError("CANCELLED", "The caller hung up."));
    });
  });
  return decompress(body, incoming.headers["content-encoding"]);
}

async function decompress(body: Buffer, encoding: string | undefined): Promise<Uint8Array> {
  switch (encoding) {
    case undefined:
    case "identity":
      return body;
    case "gzip":
      try {
        return await promisify(gunzip)(body, { maxOutputLength: BODY_BYTES_MAX });
      } catch (cause) {
        throw new CloudError("INVALID_ARGUMENT", "The request body is not gzip data, or too long once unpacked.", {
          cause,
        });
      }
    default:
      throw new CloudError("INVALID_ARGUMENT", `Content-Encoding "${encoding}" is not supported; use gzip or none.`);
  }
}

function bodyTooLarge(): CloudError {
  return new CloudError("INVALID_ARGUMENT", `Request body is larger than ${BODY_BYTES_MAX} bytes.`, {
    httpStatus: 413,
  });
}

async function send(response: ServerResponse, result: Answer): Promise<void> {
  const { breakAfterBytes } = result;
  if (result.stream) {
    response.writeHead(result.status, result.headers);
    return breakAfterBytes === undefined
      ? pipeline(result.stream, response)
      : pipeline(result.stream, (bytes: AsyncIterable<Uint8Array>) => beginning(bytes, breakAfterBytes), response);
  }
  const body = result.body ?? "";
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.byteLength;
  // After a 413 the rest of the body is still on its way: the connection cannot serve another request.
  if (result.status === 413) response.setHeader("connection", "close");
  response.writeHead(result.status, { ...result.headers, "content-length": length });
  if (breakAfterBytes === undefined || length <= breakAfterBytes) {
    response.end(body);
    return;
  }
  const whole = typeof body === "string" ? Buffer.from(body) : body;
  response.write(whole.subarray(0, breakAfterBytes), () => response.destroy());
}

/** So many bytes, then a failure, which takes the connection along. */
async function* beginning(bytes: AsyncIterable<Uint8Array>, length: number): AsyncGenerator<Uint8Array> {
  let left = length;
  for await (const part of bytes) {
    if (part.byteLength > left) {
      if (left > 0) yield part.subarray(0, left);
      throw new CloudError("UNAVAILABLE", `Planned fault: the connection broke after ${length} bytes.`);
    }
    left -= part.byteLength;
    yield part;
  }
}
