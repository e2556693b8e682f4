/** Requests to a container's HTTP server over connections that are kept. */

import { Agent, type IncomingMessage, request } from "node:http";

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** No answer: the server is gone, or did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";

  constructor(
    readonly late: boolean,
    options?: { cause?: unknown },
  ) {
    super(late ? "timed out" : "connection lost", options);
  }
}

export class Connection {
  readonly port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 128, scheduling: "lifo" });

  constructor(port: number) {
    this.port = port;
  }

  /** @param body text goes out in one piece with the head. @throws NoAnswer */
  async post(path: string, contentType: string, body: Uint8Array | string, timeoutMs: number): Promise<Answer> {
    for (;;) {
      try {
        return await this.#post(path, contentType, body, timeoutMs);
      } catch (thrown) {
        // A kept connection that the server closed at this moment: nothing of the request was read (RFC 9112, 9.3.1).
        if (thrown instanceof StaleConnection) continue;
        throw thrown;
      }
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(path: string, contentType: string, body: Uint8Array | string, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      let late = false;
      const call = request(
        {
          host: "127.0.0.1",
          port: this.port,
          method: "POST",
          path,
          agent: this.#agent,
          headers: { "content-type": contentType, "content-length": Buffer.byteLength(body) },
          timeout: timeoutMs,
        },
        (response) => {
          read(response).then(
            (bytes) =>
              resolve({
                status: response.statusCode ?? 500,
                contentType: response.headers["content-type"] ?? "application/octet-stream",
                body: bytes,
              }),
            (cause: unknown) => reject(new NoAnswer(late, { cause })),
          );
        },
      );
      call.on("timeout", () => {
        late = true;
        call.destroy();
      });
      call.on("error", (cause: NodeJS.ErrnoException) => {
        const isStale = call.reusedSocket && !late && (cause.code === "ECONNRESET" || cause.code === "EPIPE");
        reject(isStale ? new StaleConnection() : new NoAnswer(late, { cause }));
      });
      call.end(body);
    });
  }
}

class StaleConnection extends Error {}

function read(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    response.on("error", reject);
    response.on("aborted", () => reject(new Error("cut off")));
  });
}
