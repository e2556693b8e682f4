import { randomBytes } from "node:crypto";
import type { Clock } from "../../platform/clock.js";
import { CloudError } from "../../platform/errors.js";
import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import type { DocumentStore } from "../../platform/store.js";
import type { Blob } from "../blobs.js";
import type { StorageState } from "../call.js";
import { invalid } from "../errors.js";
import { JSON_BODY_BYTES_MAX, PART_BYTES_MIN, PARTS_MAX, UPLOAD_SESSION_MS } from "../limits.js";
import { etagOf } from "../resources.js";
import { readAll } from "../transfer/multipart.js";
import type { Announced } from "../transfer/newObject.js";
import { bytesOf } from "../transfer/uploads.js";
import { escapeXml } from "./errors.js";

const UPLOADS = "storage/xmlUploads";
const PARTS = "storage/xmlParts";

interface UploadRecord {
  readonly id: string;
  readonly announced: Announced;
  readonly opened: number;
}

interface PartRecord extends Blob {
  readonly upload: string;
  readonly number: number;
}

/**
 * Uploads in parts that may come at the same time and in any order
 * (docs.cloud.google.com/storage/docs/multipart-uploads); they live a week, through restarts.
 */
export class MultipartUploads {
  readonly #state: StorageState;
  readonly #store: DocumentStore;
  readonly #clock: Clock;

  constructor(state: StorageState, store: DocumentStore) {
    this.#state = state;
    this.#store = store;
    this.#clock = state.clock;
  }

  /** What the sweep of orphaned bytes must leave. */
  blobs(): readonly string[] {
    return this.#store.list<PartRecord>(PARTS).map(({ value }) => value.id);
  }

  async begin(announced: Announced): Promise<HttpResponse> {
    const id = randomBytes(24).toString("base64url");
    await this.#store.write([
      { collection: UPLOADS, key: id, value: { id, announced, opened: this.#clock.now() } satisfies UploadRecord },
    ]);
    return xml("InitiateMultipartUploadResult", { Bucket: announced.bucket, Key: announced.name, UploadId: id });
  }

  /** @throws CloudError for an upload or a part that is not there, for parts that do not fit each other */
  async handle(request: HttpRequest, bucket: string, name: string): Promise<HttpResponse> {
    const upload = this.#find(request.query.get("uploadId") ?? "", bucket, name);
    switch (request.method) {
      case "PUT":
        return this.#put(request, upload);
      case "POST":
        return this.#complete(request, upload);
      case "DELETE":
        await this.#forget(upload);
        return { status: 204 };
      default:
        return this.#list(upload);
    }
  }

  async expire(): Promise<void> {
    const limit = this.#clock.now() - UPLOAD_SESSION_MS;
    for (const { value } of this.#store.list<UploadRecord>(UPLOADS)) {
      if (value.opened <= limit) await this.#forget(value);
    }
  }

  #find(id: string, bucket: string, name: string): UploadRecord {
    const upload = this.#store.get<UploadRecord>(UPLOADS, id);
    const fits = upload?.announced.bucket === bucket && upload.announced.name === name;
    if (fits && upload.opened > this.#clock.now() - UPLOAD_SESSION_MS) return upload;
    throw new CloudError("NOT_FOUND", "The requested upload was not found.", { reason: "noSuchUpload" });
  }

  #parts({ id }: UploadRecord): readonly PartRecord[] {
    return this.#store
      .list<PartRecord>(PARTS)
      .map(({ value }) => value)
      .filter(({ upload }) => upload === id)
      .sort((a, b) => a.number - b.number);
  }

  async #put(request: HttpRequest, { id: upload, announced }: UploadRecord): Promise<HttpResponse> {
    const number = Number(request.query.get("partNumber"));
    if (!Number.isInteger(number) || number < 1 || number > PARTS_MAX) {
      throw invalid(`Part number must be an integer between 1 and ${PARTS_MAX}, inclusive.`, "partNumber");
    }
    const blob = await this.#state.blobs.write(bytesOf(request));
    const { blobs } = this.#state;
    try {
      checkHash(request.headers, blob);
      // It may have ended meanwhile.
      this.#find(upload, announced.bucket, announced.name);
    } catch (thrown) {
      await blobs.remove(blob.id);
      throw thrown;
    }
    const key = `${upload}/${number}`;
    const before = this.#store.get<PartRecord>(PARTS, key);
    await this.#store.write([{ collection: PARTS, key, value: { ...blob, upload, number } satisfies PartRecord }]);
    if (before) await blobs.remove(before.id);
    const hash = `crc32c=${blob.crc32c},md5=${blob.md5Hash}`;
    return { status: 200, headers: { etag: partEtag(blob), "x-goog-hash": hash }, body: "" };
  }

  async #complete(request: HttpRequest, upload: UploadRecord): Promise<HttpResponse> {
    const tooLong = () => invalid("The list of parts is too long.");
    const body = await readAll(bytesOf(request), JSON_BODY_BYTES_MAX, tooLong);
    const chosen = this.#choose(body.toString("utf8"), upload);
    const { blobs, objects } = this.#state;
    const { bucket, name, fields, acl, keySha256, conditions } = upload.announced;
    const joined = async function* (): AsyncIterable<Uint8Array> {
      for (const part of chosen) yield* (await blobs.read(part.id)) as AsyncIterable<Uint8Array>;
    };
    // The object has no MD5, as one of several components has none.
    const { md5Hash: _, ...content } = await blobs.write(joined());
    const record = await objects.insert(bucket, name, { content, fields, acl, keySha256 }, conditions);
    await this.#forget(upload);
    const etag = `"${etagOf(record)}"`;
    const location = `${request.origin}/${bucket}/${encodeURIComponent(name)}`;
    const answer = xml("CompleteMultipartUploadResult", { Location: location, Bucket: bucket, Key: name, ETag: etag });
    return { ...answer, headers: { ...answer.headers, etag, "x-goog-generation": record.generation } };
  }

  /** The parts that the caller names, in its order. @throws CloudError */
  #choose(body: string, upload: UploadRecord): readonly PartRecord[] {
    const there = new Map(this.#parts(upload).map((part) => [part.number, part]));
    const named = [...body.matchAll(/<Part>([\s\S]*?)<\/Part>/g)].map(([, inner = ""]) => ({
      number: Number(/<PartNumber>\s*(\d+)\s*<\/PartNumber>/.exec(inner)?.[1]),
      etag: /<ETag>([^<]*)<\/ETag>/.exec(inner)?.[1]?.replace(/&quot;|&#34;|"|\s/g, "") ?? "",
    }));
    if (named.length === 0) throw refused("malformedXml", "The XML you provided names no part.");
    const chosen = named.map(({ number, etag }) => {
      const part = there.get(number);
      if (part && partEtag(part) === `"${etag}"`) return part;
      throw refused("invalidPart", `Part ${number} was not found, or its ETag is not ${etag}.`);
    });
    for (const [index, part] of chosen.entries()) {
      const next = chosen[index + 1];
      if (!next) continue;
      if (next.number <= part.number) throw refused("invalidPartOrder", "The parts are not in ascending order.");
      if (part.size < PART_BYTES_MIN)
        throw refused("entityTooSmall", `Part ${part.number} is smaller than ${PART_BYTES_MIN} bytes.`);
    }
    return chosen;
  }

  #list(upload: UploadRecord): HttpResponse {
    const { bucket, name } = upload.announced;
    const parts = this.#parts(upload).map(
      (part) =>
        `<Part><PartNumber>${part.number}</PartNumber><ETag>${partEtag(part)}</ETag><Size>${part.size}</Size></Part>`,
    );
    return xml("ListPartsResult", { Bucket: bucket, Key: name, UploadId: upload.id }, parts.join(""));
  }

  async #forget(upload: UploadRecord): Promise<void> {
    const parts = this.#parts(upload);
    await this.#store.write([
      { collection: UPLOADS, key: upload.id, value: undefined },
      ...parts.map(({ number }) => ({ collection: PARTS, key: `${upload.id}/${number}`, value: undefined })),
    ]);
    for (const { id } of parts) await this.#state.blobs.remove(id);
  }
}

function partEtag({ md5Hash }: Blob): string {
  return `"${Buffer.from(md5Hash, "base64").toString("hex")}"`;
}

/** @throws CloudError */
function checkHash(headers: HttpRequest["headers"], { md5Hash, crc32c }: Blob): void {
  const md5 = headers["content-md5"];
  const crc = /crc32c=([A-Za-z0-9+/=]+)/.exec(headers["x-goog-hash"] ?? "")?.[1];
  if ((md5 ?? md5Hash) === md5Hash && (crc ?? crc32c) === crc32c) return;
  throw refused("badDigest", "The checksum of the part does not match its bytes.");
}

function refused(reason: string, message: string): CloudError {
  return new CloudError("INVALID_ARGUMENT", message, { reason });
}

function xml(root: string, fields: Readonly<Record<string, string>>, more = ""): HttpResponse {
  const inner = Object.entries(fields).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return {
    status: 200,
    headers: { "content-type": "application/xml; charset=UTF-8" },
    body: `<?xml version='1.0' encoding='UTF-8'?><${root} xmlns='http://s3.amazonaws.com/doc/2006-03-01/'>${inner.join("")}${more}</${root}>`,
  };
}
