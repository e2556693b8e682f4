import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../platform/clock.js";
import type { ContainerLog } from "../../platform/containers/index.js";
import type { Authorizer, Gate } from "./authorize.js";
import { forward, readBody, type Trace } from "./forward.js";
import type { Instance } from "./instance.js";
import {
  type FrontAnswer,
  forbidden,
  instanceFailed,
  methodNotAllowed,
  noInstance,
  notFoundPage,
  notServing,
  rateExceeded,
  timedOut,
  tooLarge,
  unauthorized,
} from "./pages.js";
import type { RevisionPool } from "./pool.js";

/** Google's front end keeps idle connections for longer than its callers do. */
const KEEP_ALIVE_MS = 620_000;
const RESERVED_PATH = /^\/(eventlog|healthz)$|^\/_ah\//;

/** What a front server asks of its service at each request. */
export interface FrontRoute {
  readonly gate: Gate;
  readonly isReachable: boolean;
  /** The pool of the revision that gets this request; undefined when none is ready. */
  pick(): RevisionPool | undefined;
}

export interface FrontOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly authorizer: Authorizer;
  readonly route: () => FrontRoute | undefined;
  /** Of the service's requests. */
  readonly log: ContainerLog;
  readonly project: string;
}

interface ActiveRequest {
  readonly deadlineMs: number;
  readonly timeOut: () => void;
}

/** The public side of a service, or of one of its tags: an HTTP server on a port of its own. */
export class Front {
  readonly #options: FrontOptions;
  readonly #server: Server;
  readonly #active = new Set<ActiveRequest>();

  constructor(options: FrontOptions) {
    this.#options = options;
    this.#server = createServer((incoming, response) => {
      this.#answer(incoming, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
    this.#server.requestTimeout = 0;
  }

  /** @returns the port: the one asked for, or another when somebody else has it. */
  async listen(port: number): Promise<number> {
    try {
      return await this.#listenOn(port);
    } catch (thrown) {
      if (port === 0) throw thrown;
      return this.#listenOn(0);
    }
  }

  /** Ends requests whose time is over. */
  tick(): void {
    const now = this.#options.clock.now();
    for (const request of this.#active) if (now >= request.deadlineMs) request.timeOut();
  }

  async close(): Promise<void> {
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  #listenOn(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  }

  async #answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, random } = this.#options;
    const startMs = clock.now();
    const trace = traceOf(incoming, random);
    const refusal = await this.#serve(incoming, response, trace, startMs);
    if (refusal && !response.headersSent && !response.destroyed) {
      response.writeHead(refusal.status, {
        ...refusal.headers,
        "content-length": Buffer.byteLength(refusal.body),
        "x-cloud-trace-context": trace.traceId,
        server: "Google Frontend",
        // What is left of the request's body is not read.
        ...(incoming.complete ? {} : { connection: "close" }),
      });
      response.end(refusal.body);
    } else if (refusal && !response.writableFinished) response.destroy();
    this.#record(incoming, response, trace, startMs, refusal);
  }

  /** @returns what to say in the container's stead. */
  async #serve(
    incoming: IncomingMessage,
    response: ServerResponse,
    trace: Trace,
    startMs: number,
  ): Promise<FrontAnswer | undefined> {
    const path = incoming.url ?? "/";
    const bare = path.split("?")[0] ?? "/";
    if (incoming.method === "TRACE") return methodNotAllowed;
    const route = this.#options.route();
    if (!route?.isReachable || !isLoopback(incoming.headers.host ?? "") || RESERVED_PATH.test(bare)) {
      return notFoundPage(bare);
    }
    const decision = await this.#options.authorizer.decide(incoming.headers, route.gate);
    if (decision === "forbidden") return forbidden(bare);
    if (decision === "unauthorized") return unauthorized(bare);
    const body = await readBody(incoming);
    if (body === "too large") return tooLarge;
    const pool = route.pick();
    if (!pool) return notServing;

    const over = new AbortController();
    let late = false;
    const active: ActiveRequest = {
      deadlineMs: startMs + pool.timeoutMs,
      timeOut: () => {
        late = true;
        over.abort();
      },
    };
    this.#active.add(active);
    const hangUp = (): void => over.abort();
    response.once("close", hangUp);
    try {
      const instance = await this.#acquire(pool, over.signal);
      if (instance === "full") return rateExceeded;
      if (instance === "unavailable") return noInstance;
      if (instance === "over") return late ? timedOut : undefined;
      try {
        const how = await forward(instance, incoming, response, body, trace, over.signal);
        if (late) return timedOut;
        if (how === "too large") return tooLarge;
        return how === "failed" ? instanceFailed : undefined;
      } finally {
        pool.release(instance);
      }
    } finally {
      this.#active.delete(active);
      response.off("close", hangUp);
    }
  }

  /** An instance that is there is taken at once; else the wait ends with the request's time too. */
  async #acquire(pool: RevisionPool, signal: AbortSignal): Promise<Instance | "full" | "unavailable" | "over"> {
    const acquired = pool.acquire();
    if (!(acquired instanceof Promise)) return acquired;
    const over = new Promise<"over">((resolve) => {
      if (signal.aborted) resolve("over");
      else signal.addEventListener("abort", () => resolve("over"), { once: true });
    });
    const first = await Promise.race([acquired, over]);
    if (first !== "over") return first;
    // It may be given one yet: back with it.
    acquired
      .then((instance) => {
        if (typeof instance !== "string") pool.release(instance);
      })
      .catch(() => undefined);
    return "over";
  }

  /** The request log, as Cloud Logging has it (contracts 6.7). */
  #record(
    incoming: IncomingMessage,
    response: ServerResponse,
    { traceId, spanId }: Trace,
    startMs: number,
    refusal: FrontAnswer | undefined,
  ): void {
    const { clock, log, project } = this.#options;
    const now = clock.now();
    const status = refusal?.status ?? response.statusCode;
    const severity = refusal?.severity ?? (status >= 500 ? "ERROR" : status >= 400 ? "WARNING" : "INFO");
    log.append({
      timeMs: now,
      stream: "system",
      instanceId: "",
      text: JSON.stringify({
        severity,
        ...(refusal ? { message: refusal.log } : {}),
        httpRequest: {
          requestMethod: incoming.method,
          requestUrl: `http://${incoming.headers.host ?? ""}${incoming.url ?? ""}`,
          status,
          latency: `${((now - startMs) / 1000).toFixed(3)}s`,
          remoteIp: incoming.socket.remoteAddress,
          userAgent: incoming.headers["user-agent"],
          protocol: `HTTP/${incoming.httpVersion}`,
        },
        "logging.googleapis.com/trace": `projects/${project}/traces/${traceId}`,
        "logging.googleapis.com/spanId": spanId,
      }),
    });
  }
}

/** The caller's trace goes on, under a span of our own. */
function traceOf({ headers }: IncomingMessage, random: () => number): Trace {
  const parent = /^00-([0-9a-f]{32})-[0-9a-f]{16}-/.exec(String(headers.traceparent ?? ""))?.[1];
  const google = /^([0-9a-f]{32})\b/.exec(String(headers["x-cloud-trace-context"] ?? ""))?.[1];
  return { traceId: parent ?? google ?? hexadecimal(4, random), spanId: hexadecimal(2, random) };
}

function hexadecimal(words: number, random: () => number): string {
  let text = "";
  for (let index = 0; index < words; index++)
    text += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  return text;
}

/** As the Admin API's server does: no page that a browser was lured to reaches a service by a name of its own. */
function isLoopback(host: string): boolean {
  return /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host);
}
