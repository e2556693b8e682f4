import { Readable } from "node:stream";
import type { StorageObject, StorageObjects } from "../platform/links.js";
import type { StorageState } from "./call.js";
import { checkObjectName } from "./names.js";
import type { ObjectRecord } from "./records.js";

/** What other services of the local cloud do with objects. */
export function storageLink({ catalog, objects, blobs }: StorageState): StorageObjects {
  return {
    bucketExists: (bucket) => catalog.findBucket(bucket) !== undefined,
    list: (bucket, prefix) => Array.from(catalog.objects("live", catalog.bucket(bucket), prefix), describe),
    read: (bucket, name) => blobs.readWhole(objects.find(bucket, name).record.blob),
    stream: (bucket, name) => blobs.lazyRead(objects.find(bucket, name).record.blob),
    write: async (bucket, name, content, contentType) => {
      checkObjectName(name);
      objects.checkInsert(bucket, name, {});
      const blob = await blobs.write(content instanceof Uint8Array ? content : Readable.from(content));
      return describe(await objects.insert(bucket, name, { content: blob, fields: { contentType } }, {}));
    },
  };
}

const describe = ({ name, size, generation, fields }: ObjectRecord): StorageObject => ({
  name,
  size,
  generation,
  contentType: fields.contentType,
});
