import { invalid } from "../errors.js";

export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Must be read to its end before the next part is asked for. */
  readonly body: AsyncIterable<Buffer>;
}

const HEADER_BYTES_MAX = 16 * 1024;

/** The boundary of a multipart content type: bare, or in quotes of either kind (contracts 5.3). @throws CloudError invalid */
export function boundaryOf(contentType: string | undefined): string {
  const match = /boundary=(?:"([^"]+)"|'([^']+)'|([^;\s]+))/i.exec(contentType ?? "");
  const boundary = match?.[1] ?? match?.[2] ?? match?.[3];
  if (!boundary) throw invalid("A multipart request needs a boundary in its Content-Type.", "Content-Type");
  return boundary;
}

/** Takes a multipart body apart as it arrives; holds no more of it than a piece (RFC 2046; line ends may be bare LF). */
export class MultipartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #boundary: string;
  #buffer: Buffer = Buffer.alloc(0);
  #delimiter: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>, boundary: string) {
    this.#source = source[Symbol.asyncIterator]();
    this.#boundary = boundary;
  }

  /** The next part; undefined after the last. @throws CloudError invalid when the body is cut off or malformed */
  async next(): Promise<Part | undefined> {
    if (this.#delimiter.length === 0) await this.#start();
    const line = await this.#line();
    if (line.startsWith("--")) return undefined;
    const headers: Record<string, string> = {};
    for (let bytes = 0; ; ) {
      const header = await this.#line();
      if (header === "") break;
      bytes += header.length;
      if (bytes > HEADER_BYTES_MAX) throw invalid("The headers of a part are too long.");
      const colon = header.indexOf(":");
      if (colon > 0) headers[header.slice(0, colon).trim().toLowerCase()] = header.slice(colon + 1).trim();
    }
    return { headers, body: this.#body() };
  }

  /** Up to behind the first boundary, whose line end tells the delimiter of all. */
  async #start(): Promise<void> {
    const first = Buffer.from(`--${this.#boundary}`);
    for (;;) {
      const at = this.#buffer.indexOf(first);
      const end = at === -1 ? -1 : this.#buffer.indexOf("\n", at);
      if (end !== -1) {
        const crlf = this.#buffer[end - 1] === 0x0d;
        this.#delimiter = Buffer.concat([Buffer.from(crlf ? "\r\n" : "\n"), first]);
        this.#buffer = this.#buffer.subarray(at + first.length);
        return;
      }
      if (this.#buffer.length > HEADER_BYTES_MAX || !(await this.#more())) {
        throw invalid("The body does not begin with the boundary that its Content-Type names.");
      }
    }
  }

  async *#body(): AsyncIterable<Buffer> {
    const delimiter = this.#delimiter;
    for (;;) {
      const at = this.#buffer.indexOf(delimiter);
      if (at !== -1) {
        if (at > 0) yield this.#buffer.subarray(0, at);
        this.#buffer = this.#buffer.subarray(at + delimiter.length);
        return;
      }
      const sure = this.#buffer.length - delimiter.length + 1;
      if (sure > 0) {
        yield this.#buffer.subarray(0, sure);
        this.#buffer = this.#buffer.subarray(sure);
      }
      if (!(await this.#more())) throw invalid("The multipart body ends before its closing boundary.");
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#buffer.indexOf("\n");
      if (end !== -1 || this.#ended) {
        const stop = end === -1 ? this.#buffer.length : end;
        const line = this.#buffer.subarray(0, stop).toString("utf8").replace(/\r$/, "");
        this.#buffer = this.#buffer.subarray(end === -1 ? stop : stop + 1);
        if (end === -1 && line === "") throw invalid("The multipart body ends before its closing boundary.");
        return line;
      }
      if (this.#buffer.length > HEADER_BYTES_MAX) throw invalid("The headers of a part are too long.");
      await this.#more();
    }
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const { done, value } = await this.#source.next();
    if (done) {
      this.#ended = true;
      return false;
    }
    this.#buffer = this.#buffer.length === 0 ? Buffer.from(value) : Buffer.concat([this.#buffer, value]);
    return true;
  }
}

/** All of a stream, which must not be longer than `max`. */
export async function readAll(source: AsyncIterable<Uint8Array>, max: number, tooLong: () => Error): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > max) throw tooLong();
    parts.push(part);
  }
  return Buffer.concat(parts);
}
