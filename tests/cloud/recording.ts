import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Call {
  readonly service: string;
  /** Such as "deployModel". */
  readonly method: string;
  /** As the library handed it to the client. */
  readonly request: unknown;
}

/** Has every call of the client noted before it is made. */
export function record(service: string, client: object, calls: Call[]): void {
  const methods = client as Record<string, unknown>;
  const names = Object.getOwnPropertyNames(Object.getPrototypeOf(client)).filter(
    (name) =>
      /^(list|get|set|create|update|delete|deploy|undeploy|upload|cancel|mutate|merge|predict|rawPredict|pull|acknowledge)[A-Za-z]*$/.test(
        name,
      ) && !/Async|Stream|Client|ProjectId/.test(name),
  );
  for (const method of names) {
    const call = methods[method];
    if (typeof call !== "function") continue;
    methods[method] = (...given: unknown[]) => {
      calls.push({ service, method, request: given[0] });
      return call.apply(client, given);
    };
  }
}

/** A request as it came over the wire. */
export interface RestCall {
  readonly verb: string;
  /** Path and query. */
  readonly url: string;
  readonly body: unknown;
}

export interface RestRecorder {
  readonly url: string;
  close(): void;
}

/** Stands before a local cloud's REST address, notes each request, and passes it on. */
export async function recordRest(target: string, calls: RestCall[]): Promise<RestRecorder> {
  const proxy = createServer(
    (incoming, outgoing) =>
      void forward(incoming, target, calls).then((answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      }),
  );
  await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => {
      proxy.closeAllConnections();
      proxy.close();
    },
  };
}

/** Has every request of the Pub/Sub client's resources and publishers noted: all but streaming pull goes by `request`. */
export function recordPubsub(client: object, calls: Call[]): void {
  const methods = client as { request: (config: PubsubRequest, ...rest: unknown[]) => unknown };
  const request = methods.request;
  methods.request = (config, ...rest) => {
    const service = config.client === "PublisherClient" ? "Publisher" : "Subscriber";
    calls.push({ service, method: config.method, request: config.reqOpts });
    return request.call(client, config, ...rest);
  };
}

interface PubsubRequest {
  readonly client: string;
  readonly method: string;
  readonly reqOpts: unknown;
}

async function forward(incoming: IncomingMessage, rest: string, requests: RestCall[]): Promise<IncomingMessage> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const { method: verb = "GET", url = "/" } = incoming;
  requests.push({
    verb,
    url,
    body: body.length === 0 ? undefined : jsonOf(body, incoming.headers["content-type"] ?? ""),
  });
  const target = new URL(url, rest);
  return await new Promise((answered, failed) => {
    const { "transfer-encoding": _, ...sent } = incoming.headers;
    const headers = { ...sent, host: target.host, "content-length": String(body.length) };
    const outgoing = httpRequest(target, { method: verb, headers }, answered);
    outgoing.on("error", failed).end(body);
  });
}

/** The body as JSON; of an upload in parts, its first part, which is the job. */
function jsonOf(body: Buffer, contentType: string): unknown {
  const text = body.toString("utf8", 0, contentType.startsWith("multipart") ? 20_000 : body.length);
  if (!contentType.startsWith("multipart")) return JSON.parse(text);
  const start = text.indexOf("\r\n\r\n") + 4;
  return JSON.parse(text.slice(start, text.indexOf("\r\n--", start)));
}
