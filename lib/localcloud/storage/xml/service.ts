import { CloudError } from "../../platform/errors.js";
import type { HttpRequest, HttpResponse } from "../../platform/service.js";
import type { Call, StorageState } from "../call.js";
import { checkConditions, readConditions } from "../conditions.js";
import { forbidden, GCP_INSTEAD, notSupported } from "../errors.js";
import { listObjects } from "../listing.js";
import type { BucketRecord, ObjectRecord } from "../records.js";
import { etagOf } from "../resources.js";
import { timestamp } from "../times.js";
import { download } from "../transfer/download.js";
import { type Announced, announce, finish } from "../transfer/newObject.js";
import { bytesOf, type Uploads } from "../transfer/uploads.js";
import { escapeXml, xmlError } from "./errors.js";
import { isForm, uploadForm } from "./formUpload.js";
import type { MultipartUploads } from "./multipart.js";
import { checkSignature, isSigned } from "./signature.js";

const PUBLIC_ROLES =
  /^roles\/storage\.(admin|objectAdmin|objectUser|objectViewer|legacyObjectReader|legacyObjectOwner)$/;

/**
 * The part of the XML API that signed URLs, public links and forms lead to: objects are got, put and deleted, a bucket
 * is listed and takes what a form brings (docs.cloud.google.com/storage/docs/xml-api/overview).
 */
export class XmlService {
  readonly #state: StorageState;
  readonly #uploads: Uploads;
  readonly #multipart: MultipartUploads;

  constructor(state: StorageState, uploads: Uploads, multipart: MultipartUploads) {
    this.#state = state;
    this.#uploads = uploads;
    this.#multipart = multipart;
  }

  /** Whatever goes wrong is an answer too. */
  async handle(request: HttpRequest): Promise<HttpResponse> {
    try {
      return await this.#answer(request);
    } catch (thrown) {
      return xmlError(CloudError.from(thrown));
    }
  }

  async #answer(request: HttpRequest): Promise<HttpResponse> {
    const { bucketName, name } = placeOf(request.path);
    const { catalog, objects, clock } = this.#state;
    const { query, method } = request;
    if (query.get("upload_id") !== null) return this.#uploads.handle(request, bucketName);
    if (name === "" && isForm(request)) {
      const put = (headers: HttpRequest["headers"], bucket: string, key: string): Call =>
        putCall({ headers, origin: request.origin }, bucket, key);
      return uploadForm(request, bucketName, put, this.#state);
    }
    const bucket = catalog.bucket(bucketName);
    const trusted = isSigned(query) || request.headers.authorization !== undefined;
    if (isSigned(query)) checkSignature(query, clock.now());
    if (name !== "" && (query.has("uploadId") || (query.has("uploads") && method === "POST"))) {
      if (!trusted) throw denied("storage.objects.create", "object");
      return query.has("uploadId")
        ? this.#multipart.handle(request, bucketName, name)
        : this.#multipart.begin(this.#announce(request, bucketName, name));
    }
    for (const unserved of ["uploads", "partNumber", "acl", "cors", "lifecycle", "versioning", "tagging"]) {
      if (query.has(unserved)) throw notSupported(`The XML API's parameter '${unserved}'`, GCP_INSTEAD);
    }
    if (name === "") {
      if (method !== "GET") throw notSupported(`${method} of a bucket through the XML API`, GCP_INSTEAD);
      if (!trusted) throw denied("storage.objects.list", "bucket");
      return this.#list(request, bucketName);
    }
    switch (method) {
      case "GET":
      case "HEAD": {
        const { record } = objects.find(bucketName, name, query.get("generation"));
        if (!trusted && !isPublic(record, bucket)) throw denied("storage.objects.get", "object");
        checkConditions(headerConditions(request), record);
        return (await download(this.#state, record, bucket, request.headers, method === "GET")).response;
      }
      case "DELETE":
        if (!trusted) throw denied("storage.objects.delete", "object");
        await objects.remove(bucketName, name, query.get("generation"), headerConditions(request));
        return { status: 204 };
      case "PUT":
      case "POST":
        if (!trusted) throw denied("storage.objects.create", "object");
        return this.#put(request, bucketName, name);
      default:
        throw notSupported(`${method} through the XML API`, GCP_INSTEAD);
    }
  }

  #announce(request: HttpRequest, bucket: string, name: string): Announced {
    return {
      ...announce(putCall(request, bucket, name), this.#state, request.headers["content-type"]),
      conditions: headerConditions(request),
    };
  }

  async #put(request: HttpRequest, bucket: string, name: string): Promise<HttpResponse> {
    if (request.headers["x-goog-copy-source"]) throw notSupported("A copy through the XML API", GCP_INSTEAD);
    const announced = this.#announce(request, bucket, name);
    if (request.headers["x-goog-resumable"] === "start") {
      return this.#uploads.open(request, announced, `/${bucket}/${encodeURIComponent(name)}`);
    }
    if (request.method === "POST") throw notSupported("POST of an object through the XML API", GCP_INSTEAD);
    const record = await finish(this.#state, announced, await this.#state.blobs.write(bytesOf(request)));
    return {
      status: 200,
      headers: {
        etag: `"${etagOf(record)}"`,
        "x-goog-generation": record.generation,
        "x-goog-metageneration": "1",
        "x-goog-hash": `crc32c=${record.crc32c},md5=${record.md5Hash}`,
        "x-goog-stored-content-length": String(record.size),
      },
    };
  }

  #list({ query, headers, origin }: HttpRequest, bucket: string): HttpResponse {
    const renamed: readonly (readonly [string, string])[] = [
      ["prefix", "prefix"],
      ["delimiter", "delimiter"],
      ["max-keys", "maxResults"],
      ["continuation-token", "pageToken"],
      ["start-after", "startOffset"],
    ];
    const asked = new URLSearchParams();
    for (const [xml, json] of renamed) asked.set(json, query.get(xml) ?? "");
    const call: Call = { params: { bucket }, query: asked, headers, body: {}, origin };
    const records: ObjectRecord[] = [];
    const page = listObjects(call, this.#state, (record) => {
      records.push(record);
      return record;
    }) as { readonly prefixes?: readonly string[]; readonly nextPageToken?: string };
    const contents = records.map(
      (record) =>
        `<Contents><Key>${escapeXml(record.name)}</Key><Generation>${record.generation}</Generation><MetaGeneration>${record.metageneration}</MetaGeneration><LastModified>${timestamp(record.updated)}</LastModified><ETag>"${etagOf(record)}"</ETag><Size>${record.size}</Size></Contents>`,
    );
    const prefixes = (page.prefixes ?? []).map(
      (prefix) => `<CommonPrefixes><Prefix>${escapeXml(prefix)}</Prefix></CommonPrefixes>`,
    );
    const next =
      page.nextPageToken === undefined ? "" : `<NextContinuationToken>${page.nextPageToken}</NextContinuationToken>`;
    return {
      status: 200,
      headers: { "content-type": "application/xml; charset=UTF-8" },
      body: `<?xml version='1.0' encoding='UTF-8'?><ListBucketResult xmlns='http://doc.s3.amazonaws.com/2006-03-01'><Name>${bucket}</Name><Prefix>${escapeXml(query.get("prefix") ?? "")}</Prefix><IsTruncated>${next !== ""}</IsTruncated>${next}${contents.join("")}${prefixes.join("")}</ListBucketResult>`,
    };
  }
}

/** A PUT's headers as the JSON API's metadata. */
function putCall({ headers, origin }: Pick<HttpRequest, "headers" | "origin">, bucket: string, name: string): Call {
  const metadata = Object.fromEntries(
    Object.entries(headers).flatMap(([key, value]) =>
      key.startsWith("x-goog-meta-") ? [[key.slice("x-goog-meta-".length), value]] : [],
    ),
  );
  const given = (field: string, header: string) => (headers[header] === undefined ? {} : { [field]: headers[header] });
  const query = new URLSearchParams({ name });
  // "publicRead" is written "public-read" here.
  const acl = headers["x-goog-acl"]?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  if (acl) query.set("predefinedAcl", acl);
  return {
    params: { bucket },
    query,
    headers,
    origin,
    body: {
      ...given("cacheControl", "cache-control"),
      ...given("contentDisposition", "content-disposition"),
      ...given("contentLanguage", "content-language"),
      ...given("storageClass", "x-goog-storage-class"),
      ...given("md5Hash", "content-md5"),
      ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    },
  };
}

function headerConditions({ headers }: HttpRequest) {
  const query = new URLSearchParams();
  const copy = (header: string, name: string): void => {
    const value = headers[header];
    if (value !== undefined) query.set(name, value);
  };
  copy("x-goog-if-generation-match", "ifGenerationMatch");
  copy("x-goog-if-metageneration-match", "ifMetagenerationMatch");
  return readConditions(query);
}

export function isPublic({ acl }: ObjectRecord, { fields, policy }: BucketRecord): boolean {
  const access = fields.iamConfiguration;
  if (access?.publicAccessPrevention === "enforced") return false;
  const byPolicy = policy.bindings.some(
    ({ role, members, condition }) => !condition && members.includes("allUsers") && PUBLIC_ROLES.test(role),
  );
  return byPolicy || (!access?.uniformBucketLevelAccess?.enabled && acl.some(({ entity }) => entity === "allUsers"));
}

function denied(permission: string, what: string): CloudError {
  return forbidden(
    `Anonymous caller does not have ${permission} access to the Google Cloud Storage ${what}. Permission '${permission}' denied on resource (or it may not exist).`,
  );
}

/** `/bucket/folder/object`: slashes of the object's name may stand as they are. */
export function placeOf(path: string): { readonly bucketName: string; readonly name: string } {
  const [, bucketName = "", name = ""] = /^\/([^/]+)(?:\/(.*))?$/s.exec(path) ?? [];
  return { bucketName, name: decodeURIComponent(name) };
}
