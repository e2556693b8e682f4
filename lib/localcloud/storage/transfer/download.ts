import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { RawAnswer, type StorageState } from "../call.js";
import { checkKey, keyOf } from "../customerKeys.js";
import { objectNotFound, rangeNotSatisfiable } from "../errors.js";
import type { BucketRecord, ObjectRecord } from "../records.js";
import { etagOf } from "../resources.js";

type Headers = Readonly<Record<string, string>>;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The bytes of an object, or of a part, as `alt=media` and the XML API give them (contracts 5.4). */
export async function download(
  { blobs }: StorageState,
  record: ObjectRecord,
  bucket: BucketRecord,
  headers: Headers,
  withBody = true,
): Promise<RawAnswer> {
  checkKey(record, keyOf(headers));
  const { fields, size } = record;
  const zipped = fields.contentEncoding === "gzip";
  const unzip =
    zipped && !/\bgzip\b|\*/.test(headers["accept-encoding"] ?? "") && !/no-transform/.test(fields.cacheControl ?? "");
  const range = unzip ? undefined : rangeOf(headers.range, size);
  const common: Record<string, string> = {
    ...describe(record, bucket),
    ...(range ? {} : { "x-goog-hash": hashes(record) }),
  };
  const length = range ? range.end - range.start + 1 : size;
  if (unzip) common.warning = "214 UploadServer gunzipped";
  else {
    common["content-length"] = String(length);
    if (fields.contentEncoding) common["content-encoding"] = fields.contentEncoding;
  }
  if (range) common["content-range"] = `bytes ${range.start}-${range.end}/${size}`;
  const status = range ? 206 : 200;
  if (!withBody || (length === 0 && !unzip)) return new RawAnswer({ status, headers: common, body: "" });
  let stream: Readable;
  try {
    stream = await blobs.read(record.blob, range);
  } catch {
    throw objectNotFound(record.bucket, record.name);
  }
  // A failure half way breaks the connection: the caller sees that bytes are missing.
  if (unzip) stream = pipeline(stream, createGunzip(), () => undefined);
  return new RawAnswer({ status, headers: common, stream });
}

function hashes({ crc32c, md5Hash }: ObjectRecord): string {
  return `crc32c=${crc32c}${md5Hash === undefined ? "" : `,md5=${md5Hash}`}`;
}

function describe(record: ObjectRecord, bucket: BucketRecord): Record<string, string> {
  const { fields, size } = record;
  const isPublic =
    record.acl.some(({ entity }) => entity === "allUsers") &&
    !bucket.fields.iamConfiguration?.uniformBucketLevelAccess?.enabled;
  return {
    "content-type": fields.contentType ?? "application/octet-stream",
    "cache-control": fields.cacheControl ?? (isPublic ? "public, max-age=3600" : "private, max-age=0"),
    ...(fields.contentDisposition ? { "content-disposition": fields.contentDisposition } : {}),
    ...(fields.contentLanguage ? { "content-language": fields.contentLanguage } : {}),
    "accept-ranges": "bytes",
    etag: etagOf(record),
    "last-modified": new Date(record.updated).toUTCString(),
    "x-goog-generation": record.generation,
    "x-goog-metageneration": String(record.metageneration),
    "x-goog-storage-class": fields.storageClass ?? "STANDARD",
    "x-goog-stored-content-encoding": fields.contentEncoding ?? "identity",
    "x-goog-stored-content-length": String(size),
  };
}

/** What a Range header asks for; undefined: all of it (also where the header is no range). @throws CloudError 416 */
function rangeOf(header: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const [first, last] = [match[1] ?? "", match[2] ?? ""];
  if (first === "") {
    if (Number(last) === 0 || size === 0) throw rangeNotSatisfiable();
    return { start: Math.max(0, size - Number(last)), end: size - 1 };
  }
  const start = Number(first);
  const end = last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== "" && Number(last) < start) return undefined;
  if (start >= size) throw rangeNotSatisfiable();
  return { start, end };
}
