import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { ContainerClock } from "../host.js";
import { BrokenMessage, parseEnvelope, Unfit } from "./envelope.js";
import { type Log, traceOf } from "./log.js";
import { type Metrics, type Outcome, prometheusText } from "./metrics.js";
import type { Scorer } from "./scorer.js";
import type { ScorerSettings } from "./settings.js";
import { Turns } from "./turns.js";

/** A message of 10 MB in base64, its attributes and the envelope. */
const BODY_BYTES_MAX = 14_500_000;
/** Longer than Google's front ends keep a connection, so that they close first. */
const KEEP_ALIVE_MS = 620_000;

/** How to answer. */
interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP side: `POST /` takes pushes, `/health` and `/metrics` tell. Bounds how much is under way. */
export class ScorerServer {
  readonly #server: Server;
  readonly #scorer: Scorer;
  readonly #settings: ScorerSettings;
  readonly #clock: ContainerClock;
  readonly #log: Log;
  readonly #metrics: Metrics;
  readonly #turns: Turns;
  #underWay = 0;
  #bytesUnderWay = 0;
  #draining = false;

  constructor(scorer: Scorer, settings: ScorerSettings, clock: ContainerClock, log: Log, metrics: Metrics) {
    this.#scorer = scorer;
    this.#settings = settings;
    this.#clock = clock;
    this.#log = log;
    this.#metrics = metrics;
    this.#turns = new Turns(settings.concurrency);
    this.#server = createServer((request, response) => {
      this.#answer(request)
        .catch((thrown: unknown): Answer => {
          log.write("ERROR", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
          return failure(500, "internal", "The scorer failed; its log says how.");
        })
        .then((answer) => this.#send(response, answer))
        .catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /** @returns the port. @throws the network's own error (EADDRINUSE …). */
  listen(port: number, address: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, address, () => {
        const bound = this.#server.address();
        resolve(typeof bound === "object" && bound !== null ? bound.port : port);
      });
    });
  }

  /** Takes no more pushes and waits until those under way are answered, so long at most. @returns how many were not. */
  async drain(patienceMs: number): Promise<number> {
    this.#draining = true;
    const answered = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    this.#scorer.flush();
    const patience = new AbortController();
    await Promise.race([answered, this.#clock.sleep(patienceMs, patience.signal).catch(() => undefined)]);
    patience.abort();
    const left = this.#underWay;
    this.#server.closeAllConnections();
    return left;
  }

  async #answer(request: IncomingMessage): Promise<Answer> {
    const path = (request.url ?? "/").split("?")[0];
    if (path === "/" && request.method === "POST") return this.#push(request);
    request.resume();
    if (request.method === "GET" && path === "/health") return this.#health();
    if (request.method === "GET" && path === "/metrics") return this.#tell(request);
    if (path === "/" || path === "/health" || path === "/metrics") {
      return failure(
        405,
        "method_not_allowed",
        `${request.method} ${path}: / takes POST, /health and /metrics take GET.`,
      );
    }
    return failure(404, "not_found", `There is nothing at ${path}; a push goes to /.`);
  }

  async #push(request: IncomingMessage): Promise<Answer> {
    const arrivedMs = this.#clock.now();
    const bytes = Number(request.headers["content-length"] ?? 0);
    const { pushesMax, pushBytesMax } = this.#settings;
    const refusal = this.#draining
      ? failure(503, "draining", "This instance is ending.", { connection: "close" })
      : this.#underWay >= pushesMax || this.#bytesUnderWay + bytes > pushBytesMax
        ? failure(429, "busy", `${this.#underWay} pushes are under way; come back later.`, { "retry-after": "1" })
        : undefined;
    if (refusal) {
      request.resume();
      this.#metrics.count(this.#draining ? "later" : "busy", 0);
      return refusal;
    }
    this.#underWay += 1;
    this.#bytesUnderWay += bytes;
    try {
      await this.#turns.take();
      const { outcome, ...answer } = await this.#handle(request, arrivedMs);
      this.#metrics.count(outcome, this.#clock.now() - arrivedMs);
      return answer;
    } finally {
      this.#turns.leave();
      this.#underWay -= 1;
      this.#bytesUnderWay -= bytes;
    }
  }

  async #handle(request: IncomingMessage, arrivedMs: number): Promise<Answer & { readonly outcome: Outcome }> {
    const trace = traceOf(request.headers);
    const body = await readBody(request);
    if (body === undefined) {
      const sentence = `The body is longer than ${BODY_BYTES_MAX} bytes.`;
      this.#log.write("ERROR", sentence, { trace });
      return { ...failure(413, "body_too_large", sentence, { connection: "close" }), outcome: "refused" };
    }
    const handled = await this.#readAndHandle(body, arrivedMs, trace);
    switch (handled.outcome) {
      case "refused":
        this.#log.write("ERROR", handled.message, { trace, reason: handled.code });
        return { ...failure(400, handled.code, handled.message), outcome: "refused" };
      case "later":
        return { ...failure(503, handled.code, handled.message), outcome: "later" };
      case "dead_letter":
      case "written":
        return { status: 204, outcome: handled.outcome };
    }
  }

  async #readAndHandle(body: Buffer, arrivedMs: number, trace: string | undefined) {
    try {
      return await this.#scorer.handle(parseEnvelope(body), arrivedMs, trace);
    } catch (thrown) {
      if (thrown instanceof BrokenMessage) {
        return this.#scorer.bury(thrown.pushed, thrown, trace, arrivedMs + this.#settings.ackDeadlineMs);
      }
      if (thrown instanceof Unfit) return { outcome: "refused" as const, code: thrown.code, message: thrown.message };
      throw thrown;
    }
  }

  /** Whether this instance should get requests; a service behind it that is away is no reason to end the instance. */
  #health(): Answer {
    return this.#draining
      ? failure(503, "draining", "This instance is ending.")
      : { status: 200, headers: JSON_HEADERS, body: JSON.stringify({ status: "ok", underWay: this.#underWay }) };
  }

  #tell(request: IncomingMessage): Answer {
    const metrics = this.#metrics.read(this.#underWay, process.memoryUsage.rss());
    return /\bjson\b/.test(request.headers.accept ?? "")
      ? { status: 200, headers: JSON_HEADERS, body: JSON.stringify(metrics) }
      : { status: 200, headers: { "content-type": "text/plain; version=0.0.4" }, body: prometheusText(metrics) };
  }

  #send(response: ServerResponse, { status, body, headers }: Answer): void {
    // A connection must not outlive a server that is to end.
    if (this.#draining) response.shouldKeepAlive = false;
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body ?? "") });
    response.end(body);
  }
}

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" };

function failure(status: number, code: string, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify({ error: { code, message } }) };
}

/** Undefined for one that is too long. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > BODY_BYTES_MAX) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}
