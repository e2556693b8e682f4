import { CloudError } from "../platform/errors.js";
import { invalid } from "./errors.js";

/** Cloud Storage as BigQuery's thread reaches it: the service itself lives on the main thread. */
export interface RemoteObjects {
  bucketExists(bucket: string): Promise<boolean>;
  list(bucket: string, prefix: string): Promise<readonly { readonly name: string; readonly size: number }[]>;
  /** @throws CloudError NOT_FOUND */
  read(bucket: string, name: string): Promise<Uint8Array>;
  write(bucket: string, name: string, content: Uint8Array, contentType: string): Promise<void>;
}

interface ObjectUri {
  readonly bucket: string;
  readonly name: string;
}

/** `gs://BUCKET/NAME`, in which one asterisk may stand for any text. @throws CloudError invalid */
export function parseUri(uri: string): ObjectUri {
  const match = /^gs:\/\/([^/*]+)\/(.+)$/s.exec(uri);
  if (!match?.[1] || !match[2]) throw invalid(`Source URI must be a Google Cloud Storage location: ${uri}`);
  if (match[2].split("*").length > 2) throw invalid(`Only one wildcard character is allowed in a URI: ${uri}`);
  return { bucket: match[1], name: match[2] };
}

/** The objects that a load's URIs name, in the order of the URIs and of names. @throws CloudError notFound */
export async function resolveUris(objects: RemoteObjects, uris: readonly string[]): Promise<readonly ObjectUri[]> {
  const found: ObjectUri[] = [];
  for (const uri of uris) {
    const { bucket, name } = parseUri(uri);
    const [prefix = "", suffix] = name.split("*");
    const named = (await objects.bucketExists(bucket)) ? await objects.list(bucket, prefix) : [];
    const matching = named.filter((object) =>
      suffix === undefined
        ? object.name === name
        : object.name.endsWith(suffix) && object.name.length >= prefix.length + suffix.length,
    );
    if (matching.length === 0) {
      throw new CloudError("NOT_FOUND", `Not found: ${suffix === undefined ? "URI" : "Uris"} ${uri}`, {
        reason: "notFound",
      });
    }
    found.push(...matching.map((object) => ({ bucket, name: object.name })));
  }
  return found;
}

/** The file of that number: the asterisk becomes twelve digits (cloud.google.com/bigquery/docs/exporting-data#exporting_data_into_one_or_more_files). */
export function shardOf(uri: string, number: number): ObjectUri {
  const { bucket, name } = parseUri(uri);
  return { bucket, name: name.replace("*", String(number).padStart(12, "0")) };
}
