import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { storageClient } from "./clients.js";
import type { Connections } from "./connections.js";
import { ActivateError, fromService, statusOf } from "./errors.js";
import type { Json } from "./value.js";

/** A Cloud Storage bucket. */
export interface Bucket {
  readonly name: string;
  /** `gs://NAME` */
  readonly uri: string;
  /** Upper case, such as "EUROPE-WEST1". */
  readonly location: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface BucketOptions {
  /** Default: the configured bucket. */
  readonly name?: string;
  /** Default: the configured region. */
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** An object of a bucket. */
export interface StoredObject {
  /** `gs://BUCKET/NAME` */
  readonly uri: string;
  /** Path below the folder that was listed; of a single object its whole name. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly updatedAt: number;
  readonly contentType: string;
  /** Rises with every write of the name. */
  readonly generation: string;
}

export interface UploadOptions {
  /** Default: by the name's ending, else application/octet-stream. */
  readonly contentType?: string;
  /** Refuse (CONFLICT) instead of replacing what is there. Default false. */
  readonly onlyIfAbsent?: boolean;
}

/** Objects that are sent or fetched at the same time. */
const AT_ONCE = 8;
/** Content up to this goes in one request; longer content in a session that survives a broken connection. */
const ONE_REQUEST_BYTES_MAX = 5 * 1024 * 1024;

/**
 * Buckets and objects by their `gs://` addresses. A folder is what stands before a slash in objects' names: its address
 * ends in one. Every call may be repeated with the same outcome, so the client repeats what failed for a passing reason.
 */
export class CloudStorage {
  readonly #connections: Connections;

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /**
   * The bucket, made where it is missing: private to the project, access by roles only, and without soft deletion, which
   * would charge a week of storage for every artifact that a rerun replaces.
   * @throws ActivateError CONFLICT when the name belongs to somebody else
   */
  async ensureBucket(options: BucketOptions = {}): Promise<Bucket & { readonly created: boolean }> {
    const { config } = this.#connections;
    const { name = config.bucket, location = config.region, labels = {} } = options;
    const found = await this.findBucket(name);
    if (found) return { ...found, created: false };
    const client = await storageClient(this.#connections);
    try {
      const [bucket] = await client.createBucket(name, {
        location,
        labels: { ...labels },
        iamConfiguration: { uniformBucketLevelAccess: { enabled: true }, publicAccessPrevention: "enforced" },
        softDeletePolicy: { retentionDurationSeconds: 0 },
      });
      return { ...bucketOf(name, bucket.metadata), created: true };
    } catch (thrown) {
      const error = failure(thrown, `Create bucket ${name}`);
      if (error.status !== "ALREADY_EXISTS") throw error;
      const made = await this.findBucket(name);
      if (made) return { ...made, created: false };
      throw new ActivateError(
        "CONFLICT",
        `Bucket ${name} belongs to another project: names are shared by all users of Cloud Storage. Choose another one by ACTIVATE_BUCKET.`,
        error.status,
        { cause: thrown },
      );
    }
  }

  /** Undefined when there is no such bucket, or it is somebody else's. */
  async findBucket(name: string = this.#connections.config.bucket): Promise<Bucket | undefined> {
    const client = await storageClient(this.#connections);
    try {
      const [metadata] = await client.bucket(name).getMetadata();
      return bucketOf(name, metadata);
    } catch (thrown) {
      const error = failure(thrown, `Look for bucket ${name}`);
      if (error.status === "NOT_FOUND" || error.status === "PERMISSION_DENIED") return undefined;
      throw error;
    }
  }

  /** Removes a bucket with all that is in it. False when there is none. */
  async removeBucket(name: string = this.#connections.config.bucket): Promise<boolean> {
    if (!(await this.findBucket(name))) return false;
    const bucket = (await storageClient(this.#connections)).bucket(name);
    return attempt(`Remove bucket ${name}`, async () => {
      await bucket.deleteFiles({ force: true, versions: true });
      await bucket.delete({ ignoreNotFound: true });
      return true;
    });
  }

  /**
   * Makes an object of content, or of a file's.
   * @param uri `gs://BUCKET/NAME`
   * @throws ActivateError CONFLICT by `onlyIfAbsent`, NOT_FOUND when there is no such bucket
   */
  async upload(
    uri: string,
    content: Uint8Array | string | { readonly file: string },
    options: UploadOptions = {},
  ): Promise<StoredObject> {
    const { bucket, name } = objectAddress(uri);
    const file = (await storageClient(this.#connections)).bucket(bucket).file(name);
    const { contentType, onlyIfAbsent } = options;
    const settings = {
      ...(contentType === undefined ? {} : { contentType, metadata: { contentType } }),
      ...(onlyIfAbsent ? { preconditionOpts: { ifGenerationMatch: 0 } } : {}),
      validation: "crc32c" as const,
    };
    try {
      if (typeof content === "string" || content instanceof Uint8Array) {
        const bytes = Buffer.from(content);
        await file.save(bytes, { ...settings, resumable: bytes.length > ONE_REQUEST_BYTES_MAX });
      } else {
        const { size } = await stat(content.file);
        const into = file.createWriteStream({ ...settings, resumable: size > ONE_REQUEST_BYTES_MAX });
        await pipeline(createReadStream(content.file), into);
      }
      const [metadata] = await file.getMetadata();
      return objectOf(uri, name, metadata);
    } catch (thrown) {
      const error = failure(thrown, `Upload ${uri}`);
      if (onlyIfAbsent && error.status === "FAILED_PRECONDITION") {
        throw new ActivateError("CONFLICT", `${uri} is there already.`, error.status, { cause: thrown });
      }
      throw error;
    }
  }

  /** Uploads all files of a folder and of those below it. @param uri `gs://BUCKET/FOLDER/` */
  async uploadFolder(folder: string, uri: string): Promise<readonly StoredObject[]> {
    const base = folderAddress(uri);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return atOnce(files.sort(), (file) => {
      const path = relative(folder, file).split(sep).join("/");
      return this.upload(`gs://${base.bucket}/${base.name}${path}`, { file });
    });
  }

  /** The whole object. @throws ActivateError NOT_FOUND */
  async download(uri: string): Promise<Buffer> {
    const { bucket, name } = objectAddress(uri);
    const file = (await storageClient(this.#connections)).bucket(bucket).file(name);
    return attempt(`Download ${uri}`, async () => (await file.download())[0]);
  }

  /** The object as text (UTF-8). @throws ActivateError NOT_FOUND */
  async read(uri: string): Promise<string> {
    return (await this.download(uri)).toString("utf8");
  }

  /** @throws ActivateError NOT_FOUND, INVALID_ARGUMENT when it is no JSON */
  async readJson<Value = Json>(uri: string): Promise<Value> {
    const text = await this.read(uri);
    try {
      return JSON.parse(text) as Value;
    } catch (cause) {
      throw new ActivateError("INVALID_ARGUMENT", `${uri} is no JSON: ${String(cause)}`, undefined, { cause });
    }
  }

  writeJson(uri: string, value: unknown, options: UploadOptions = {}): Promise<StoredObject> {
    const text = `${JSON.stringify(value, undefined, 2)}\n`;
    return this.upload(uri, text, { contentType: "application/json", ...options });
  }

  /** Downloads all objects below a folder's address into a folder, which is made where it is missing. */
  async downloadFolder(uri: string, folder: string): Promise<readonly StoredObject[]> {
    const { bucket } = folderAddress(uri);
    const objects = (await this.list(uri)).filter(({ path }) => path !== "" && !path.endsWith("/"));
    const client = await storageClient(this.#connections);
    return atOnce(objects, async (object) => {
      const target = join(folder, ...object.path.split("/"));
      if (relative(folder, target).startsWith("..")) {
        throw new ActivateError("INVALID_ARGUMENT", `${object.uri} would be written outside of ${folder}.`);
      }
      await mkdir(dirname(target), { recursive: true });
      const { name } = objectAddress(object.uri);
      return attempt(`Download ${object.uri}`, async () => {
        await pipeline(client.bucket(bucket).file(name).createReadStream(), createWriteStream(target));
        return object;
      });
    });
  }

  /** All objects below a folder's address, in name order. @throws ActivateError NOT_FOUND when there is no such bucket */
  async list(uri: string): Promise<readonly StoredObject[]> {
    const { bucket, name: prefix } = folderAddress(uri);
    const client = await storageClient(this.#connections);
    return attempt(`List ${uri}`, async () => {
      const [files] = await client.bucket(bucket).getFiles({ prefix });
      return files.map(({ name, metadata }) => objectOf(`gs://${bucket}/${name}`, name.slice(prefix.length), metadata));
    });
  }

  /** Is there such an object? */
  async exists(uri: string): Promise<boolean> {
    const { bucket, name } = objectAddress(uri);
    const file = (await storageClient(this.#connections)).bucket(bucket).file(name);
    return attempt(`Look for ${uri}`, async () => (await file.exists())[0]);
  }

  /** Removes an object, or with a folder's address all that is below it; what is missing is no error. */
  async remove(uri: string): Promise<void> {
    const { bucket, name } = addressOf(uri);
    const place = (await storageClient(this.#connections)).bucket(bucket);
    if (name !== "" && !name.endsWith("/")) {
      await attempt(`Remove ${uri}`, () => place.file(name).delete({ ignoreNotFound: true }));
      return;
    }
    const objects = await this.list(uri);
    await atOnce(objects, (object) =>
      attempt(`Remove ${object.uri}`, () =>
        place.file(objectAddress(object.uri).name).delete({ ignoreNotFound: true }),
      ),
    );
  }
}

interface ObjectAddress {
  readonly bucket: string;
  readonly name: string;
}

function addressOf(uri: string): ObjectAddress {
  const match = /^gs:\/\/([^/]+)(?:\/(.*))?$/s.exec(uri);
  if (!match?.[1]) {
    throw new ActivateError("INVALID_ARGUMENT", `${uri} is no address in Cloud Storage: write gs://BUCKET/NAME.`);
  }
  return { bucket: match[1], name: match[2] ?? "" };
}

function objectAddress(uri: string): ObjectAddress {
  const address = addressOf(uri);
  if (address.name === "") {
    throw new ActivateError("INVALID_ARGUMENT", `${uri} names a bucket: an object is written gs://BUCKET/NAME.`);
  }
  return address;
}

/** `gs://BUCKET` and `gs://BUCKET/FOLDER/`; a missing slash is added, so that `runs/1` does not take `runs/10` along. */
function folderAddress(uri: string): ObjectAddress {
  const { bucket, name } = addressOf(uri);
  return { bucket, name: name === "" || name.endsWith("/") ? name : `${name}/` };
}

interface BucketMetadata {
  readonly location?: string;
  readonly labels?: Readonly<Record<string, string | null>>;
}

function bucketOf(name: string, { location = "", labels = {} }: BucketMetadata): Bucket {
  const kept = Object.entries(labels).flatMap(([key, value]) => (value === null ? [] : [[key, value] as const]));
  return { name, uri: `gs://${name}`, location, labels: Object.fromEntries(kept) };
}

interface ObjectMetadata {
  readonly size?: string | number;
  readonly updated?: string;
  readonly contentType?: string;
  readonly generation?: string | number;
}

function objectOf(uri: string, path: string, metadata: ObjectMetadata): StoredObject {
  return {
    uri,
    path,
    size: Number(metadata.size ?? 0),
    updatedAt: Date.parse(metadata.updated ?? ""),
    contentType: metadata.contentType ?? "application/octet-stream",
    generation: String(metadata.generation ?? ""),
  };
}

async function attempt<Result>(what: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (thrown) {
    throw failure(thrown, what);
  }
}

/**
 * Whatever the client threw: an ApiError with a numeric code, a GaxiosError whose status is in its response, or the bare
 * object of an error's body (contracts 5.3).
 */
function failure(thrown: unknown, what: string): ActivateError {
  if (thrown instanceof ActivateError) return thrown;
  const { code, message, response } = thrown as {
    readonly code?: unknown;
    readonly message?: string;
    readonly response?: { readonly status?: number; readonly data?: unknown };
  };
  if (code !== undefined && statusOf(thrown) !== "UNKNOWN" && thrown instanceof Error) return fromService(thrown, what);
  const status = Number(code ?? response?.status);
  const text = wordsOf(response?.data) ?? message ?? String(thrown);
  if (Number.isNaN(status)) {
    const unreachable = typeof code === "string" && /^E[A-Z]+$/.test(code);
    return new ActivateError(unreachable ? "UNAVAILABLE" : "REFUSED", `${what}: ${text}`, undefined, { cause: thrown });
  }
  return fromService(Object.assign(new Error(text, { cause: thrown }), { code: status }), what);
}

function wordsOf(data: unknown): string | undefined {
  if (typeof data === "string" && data !== "") {
    try {
      return wordsOf(JSON.parse(data)) ?? data;
    } catch {
      return data;
    }
  }
  if (typeof data !== "object" || data === null) return undefined;
  const { error } = data as { readonly error?: { readonly message?: string } };
  return error?.message;
}

/** Runs a task for each item, a few at a time; answers in the order of the items. */
async function atOnce<Item, Result>(
  items: readonly Item[],
  task: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await task(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return results;
}
