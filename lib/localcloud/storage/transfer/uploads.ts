import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import type { Blob } from "../blobs.js";
import type { Call, StorageState } from "../call.js";
import { bodyRules, discovery } from "../contract.js";
import { GCP_INSTEAD, invalid, notSupported, required } from "../errors.js";
import { JSON_BODY_BYTES_MAX, METADATA_PART_BYTES_MAX, OBJECT_BYTES_MAX, UPLOAD_STEP_BYTES } from "../limits.js";
import { selectFields } from "../partial.js";
import type { ObjectRecord } from "../records.js";
import { objectResource } from "../resources.js";
import { boundaryOf, MultipartReader, readAll } from "./multipart.js";
import { type Announced, announce, finish } from "./newObject.js";
import type { Piece, SessionRecord, Sessions, Upload } from "./resumable.js";

/** Uploads (contracts 5.3): `media`, `multipart` and `resumable`; bytes pass through, never held as a whole. */
export class Uploads {
  readonly #state: StorageState;
  readonly #sessions: Sessions;

  constructor(state: StorageState, sessions: Sessions) {
    this.#state = state;
    this.#sessions = sessions;
  }

  /** @throws CloudError */
  async handle(request: HttpRequest, bucket: string): Promise<HttpResponse> {
    const session = request.query.get("upload_id");
    if (session !== null) return this.#continue(request, session);
    if (request.method !== "POST" && request.method !== "PUT") throw required("upload_id");
    switch (request.query.get("uploadType") ?? request.headers["x-goog-upload-protocol"]) {
      case "media":
        return this.#media(request, bucket);
      case "multipart":
        return this.#multipart(request, bucket);
      case "resumable":
        return this.#begin(request, bucket);
      case null:
      case undefined:
        throw required("uploadType");
      default:
        throw notSupported(`uploadType '${request.query.get("uploadType")}'`, "Use media, multipart or resumable.");
    }
  }

  async #media(request: HttpRequest, bucket: string): Promise<HttpResponse> {
    const announced = announce(callOf(request, bucket, {}), this.#state, request.headers["content-type"]);
    return this.#answer(request, announced, await this.#state.blobs.write(limited(bytesOf(request))));
  }

  async #multipart(request: HttpRequest, bucket: string): Promise<HttpResponse> {
    const reader = new MultipartReader(bytesOf(request), boundaryOf(request.headers["content-type"]));
    const first = await reader.next();
    if (!first) throw invalid("A multipart upload has two parts: the object's metadata as JSON, and its bytes.");
    const tooLarge = () => new PlainError(400, "Metadata part is too large.");
    const metadata = readMetadata(await readAll(first.body, METADATA_PART_BYTES_MAX, tooLarge));
    const second = await reader.next();
    if (!second) throw invalid("A multipart upload has two parts: the object's metadata as JSON, and its bytes.");
    const announced = announce(callOf(request, bucket, metadata), this.#state, second.headers["content-type"]);
    const blob = await this.#state.blobs.write(limited(second.body));
    if (await reader.next()) {
      await this.#state.blobs.remove(blob.id);
      throw invalid("A multipart upload has two parts, not more.");
    }
    return this.#answer(request, announced, blob);
  }

  async #begin(request: HttpRequest, bucket: string): Promise<HttpResponse> {
    const tooLarge = () => invalid("The metadata of an upload is too long.");
    const metadata = readMetadata(await readAll(bytesOf(request), JSON_BODY_BYTES_MAX, tooLarge));
    const call = callOf(request, bucket, metadata);
    const announced = announce(call, this.#state, request.headers["x-upload-content-type"]);
    return this.open(request, announced, `/upload/storage/v1/b/${encodeURIComponent(bucket)}/o`);
  }

  /** Opens a session whose address lies below `path`. */
  async open(request: HttpRequest, announced: Announced, path: string): Promise<HttpResponse> {
    const length = request.headers["x-upload-content-length"];
    if (length !== undefined && !/^\d+$/.test(length)) {
      throw invalid(`Invalid value '${length}'. A whole number is expected.`, "X-Upload-Content-Length");
    }
    if (Number(length ?? 0) > OBJECT_BYTES_MAX) throw tooLargeObject();
    const { id } = await this.#sessions.begin(announced, length === undefined ? undefined : Number(length));
    const query = new URLSearchParams({ uploadType: "resumable", name: announced.name, upload_id: id });
    return {
      status: request.method === "POST" && path.startsWith("/upload") ? 200 : 201,
      headers: { location: `${request.origin}${path}?${query}`, "x-guploader-uploadid": id },
      body: "",
    };
  }

  async #continue(request: HttpRequest, id: string): Promise<HttpResponse> {
    const record = this.#sessions.find(id);
    if (request.method === "DELETE") {
      await this.#sessions.end(record, "cancelled");
      return { status: 499, body: "" };
    }
    if (typeof record.end === "object") return this.#finished(request, record, record.end.generation);
    const piece = readRange(request.headers, record);
    const body = bytesOf(request);
    return this.#sessions.take(record, body, async (upload) => {
      // A request before this one may have finished the upload or given it up.
      const now = this.#sessions.find(id);
      if (typeof now.end === "object") return this.#finished(request, now, now.end.generation);
      return this.#receive(request, now, piece, body, upload);
    });
  }

  async #receive(
    request: HttpRequest,
    record: SessionRecord,
    piece: Piece,
    body: Readable,
    upload: Upload,
  ): Promise<HttpResponse> {
    let { total } = piece;
    if (piece.first !== undefined) {
      if (piece.first > upload.received) return resumeAt(upload.received);
      const length = piece.last === undefined ? undefined : piece.last - piece.first + 1;
      const isLast = piece.open || (total !== undefined && piece.last === total - 1);
      if (!isLast && length !== undefined && length % UPLOAD_STEP_BYTES !== 0) {
        throw invalid(
          `Invalid request. A chunk that is not the last must be a multiple of ${UPLOAD_STEP_BYTES} bytes, not ${length}.`,
        );
      }
      const got = await upload.append(body, piece.first, Math.min(length ?? OBJECT_BYTES_MAX, OBJECT_BYTES_MAX));
      if (length !== undefined && got !== length) {
        throw invalid(
          `Invalid request. There were ${got} byte(s) in the request body. There should have been ${length} byte(s) (starting at offset ${piece.first} and ending at offset ${piece.last}) according to the Content-Range header.`,
        );
      }
      if (piece.open) total = piece.first + got;
    }
    const expected = record.total ?? total;
    if (total !== undefined && expected !== total) {
      throw invalid(`Invalid request. The upload was announced with ${expected} byte(s), not ${total}.`);
    }
    if (total === undefined || upload.received < total) return resumeAt(upload.received);
    return this.#complete(request, record, upload);
  }

  async #complete(request: HttpRequest, record: SessionRecord, upload: Upload): Promise<HttpResponse> {
    await upload.truncate();
    const [size, checksums] = [upload.received, upload.digest()];
    // The bytes stay the session's until the object is made: a crash in between resumes at the same place.
    const id = await this.#state.blobs.take(upload.path);
    let object: ObjectRecord;
    try {
      object = await finish(this.#state, record.announced, { id, size, ...checksums });
    } catch (thrown) {
      await this.#sessions.end(record, "refused");
      throw thrown;
    }
    await this.#sessions.end(record, { generation: object.generation });
    return this.#show(request, record.announced, object);
  }

  /** A session that has made its object answers with it, for as long as it is there. */
  #finished(request: HttpRequest, { announced }: SessionRecord, generation: string): HttpResponse {
    const { record } = this.#state.objects.find(announced.bucket, announced.name, generation);
    return this.#show(request, announced, record);
  }

  async #answer(request: HttpRequest, announced: Announced, blob: Blob): Promise<HttpResponse> {
    return this.#show(request, announced, await finish(this.#state, announced, blob));
  }

  #show(request: HttpRequest, announced: Announced, record: ObjectRecord): HttpResponse {
    const { catalog, project } = this.#state;
    const view = { origin: request.origin, project, full: announced.full };
    const resource = objectResource(record, catalog.bucket(announced.bucket), view, true);
    return {
      status: 200,
      headers: { "content-type": "application/json; charset=UTF-8", etag: record.generation },
      body: JSON.stringify(selectFields(resource, request.query.get("fields"))),
    };
  }
}

/** An error whose body is no JSON, as Google's upload server words some. */
export class PlainError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function resumeAt(received: number): HttpResponse {
  return { status: 308, headers: received > 0 ? { range: `bytes=0-${received - 1}` } : {}, body: "" };
}

function tooLargeObject(): Error {
  return notSupported(`An object of more than ${OBJECT_BYTES_MAX} bytes`, GCP_INSTEAD);
}

/** A request's body as it arrives, unpacked: a `Content-Encoding` of the request is undone before storing. */
export function bytesOf(request: HttpRequest): Readable {
  const source = request.stream ?? Readable.from([request.body]);
  if (request.headers["content-encoding"] !== "gzip") return source;
  const unzipped = createGunzip();
  source.on("error", (error) => unzipped.destroy(error)).pipe(unzipped);
  return unzipped;
}

async function* limited(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let bytes = 0;
  for await (const part of source) {
    bytes += part.length;
    if (bytes > OBJECT_BYTES_MAX) throw tooLargeObject();
    yield part;
  }
}

function callOf({ query, headers, origin }: HttpRequest, bucket: string, body: Call["body"]): Call {
  return { params: { bucket }, query, headers, origin, body };
}

function readMetadata(bytes: Buffer): Call["body"] {
  const text = bytes.toString("utf8").trim();
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid("Parse Error: the object's metadata is no JSON.");
  }
  return discovery.read("Object", value, bodyRules);
}

/** What `Content-Range` says of a request to a session. @throws CloudError invalid */
function readRange(headers: Readonly<Record<string, string>>, { total: announced }: SessionRecord): Piece {
  const header = headers["content-range"];
  if (header === undefined) {
    const length = headers["content-length"];
    if (length === undefined) return { first: 0, open: true };
    const total = Number(length);
    return total === 0 && (announced ?? 0) > 0 ? { open: false } : { first: 0, last: total - 1, total, open: false };
  }
  const match = /^bytes (?:(\d+)-(\d+|\*)|\*)\/(\d+|\*)$/.exec(header);
  if (!match) throw invalid(`Failed to parse Content-Range header: '${header}'`, "Content-Range");
  const [, first, last, whole] = match;
  const total = whole === "*" || whole === undefined ? undefined : Number(whole);
  if (first === undefined) return { ...(total === undefined ? {} : { total }), open: false };
  if (last === "*")
    return { first: Number(first), open: total === undefined, ...(total === undefined ? {} : { total }) };
  return { first: Number(first), last: Number(last), ...(total === undefined ? {} : { total }), open: false };
}
